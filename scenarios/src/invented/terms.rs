//! On what terms services are given: fees, access, credentials, eligibility, papers. Shares are
//! assumptions throughout; no source counts them.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use rand::RngExt;
use referral_core::catalog::{
    Attribute, CostOption, Credential, Effect, Field, RequiredDocument, Rule, Values,
};
use referral_core::text::Text;
use referral_core::vocabulary::Code;

use super::dice::{Dice, chance, one_of, weighted};
use super::nationality;
use super::offering::{Offering, Setting};
use super::words::{code, name, text};

/// What a service charges: code, share, and the fee in hundredths of a dollar where there is one.
const FEES: [(f64, (&str, u64)); 4] = [
    (0.62, ("fee:free", 0)),
    (0.14, ("fee:low", 7_500)),
    (0.20, ("fee:slide", 0)),
    (0.04, ("fee:std", 40_000)),
];
/// Who works on cases before a court, and before the agency only.
const BEFORE_COURTS: [(f64, &str); 4] = [
    (0.76, "cred:atty"),
    (0.10, "cred:rep-f"),
    (0.08, "cred:clin"),
    (0.06, "cred:pb"),
];
const BEFORE_THE_AGENCY: [(f64, &str); 3] = [
    (0.55, "cred:atty"),
    (0.15, "cred:rep-f"),
    (0.30, "cred:rep-p"),
];
/// Case types only those of [`BEFORE_COURTS`] take; federal courts are for lawyers.
pub(crate) const COURT_CASES: [&str; 6] = [
    "lc:asy-def",
    "lc:rem-def",
    "lc:wh-cat",
    "lc:bond",
    "lc:bia",
    "lc:mto",
];
/// Accredited representatives are so for three years; some forget to say that they were renewed.
const ACCREDITED_DAYS: i32 = 1_095;
const LAPSED: f64 = 0.04;

const DOCUMENTS: [&str; 6] = [
    "Any paper received from immigration",
    "Notice to appear, if there is one",
    "Proof of address",
    "Identity document of any country",
    "Medical records",
    "Birth certificates of children",
];

/// Everything a service says about its terms.
#[derive(Debug)]
pub(crate) struct Terms {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) credentials: Vec<Credential>,
    pub(crate) eligibility: Vec<Rule>,
    pub(crate) costs: Vec<CostOption>,
    pub(crate) fees: Text,
    pub(crate) documents: Vec<RequiredDocument>,
}

/// The terms of a service that could be given today.
pub(crate) fn draw(offering: &Offering, today: Date, dice: &mut Dice) -> Terms {
    let (fee, hundredths) = *weighted(dice, &FEES);
    let mut attributes: Vec<Attribute> = offering
        .codes
        .iter()
        .map(|code| Attribute {
            value: value(code.as_str(), today, dice),
            code: code.clone(),
            label: None,
        })
        .collect();
    attributes.push(plain(fee));
    attributes.extend(access(offering, dice).into_iter().map(plain));
    if fee == "fee:slide" && chance(dice, 0.5) {
        let percent = one_of(dice, &["150", "200", "250", "300"]);
        attributes.push(valued("fee:inc", percent));
    }
    if offering.has("dom:leg") && chance(dice, 0.5) {
        attributes.push(plain("fee:gov-no"));
    }
    let documents = one_of(dice, &[0_usize, 0, 1, 2]);
    let documents = DOCUMENTS
        .iter()
        .skip(dice.random_range(0..4))
        .take(*documents);
    Terms {
        attributes,
        credentials: credentials(offering, today, dice),
        eligibility: eligibility(offering, dice),
        costs: cost(hundredths),
        fees: text(words_for(fee)),
        documents: documents
            .map(|document| RequiredDocument {
                document: text(document),
                url: None,
            })
            .collect(),
    }
}

/// A code without a value.
pub(crate) fn plain(of: &str) -> Attribute {
    Attribute {
        code: code(of),
        value: None,
        label: None,
    }
}

fn valued(of: &str, value: &str) -> Attribute {
    Attribute {
        value: Some(text(value)),
        ..plain(of)
    }
}

/// How clients come in touch.
fn access(offering: &Offering, dice: &mut Dice) -> Vec<&'static str> {
    let mut access = match offering.setting {
        Setting::Office | Setting::Confidential | Setting::Abroad => vec!["acc:inper"],
        Setting::Remote => vec!["acc:phone"],
        Setting::Either => vec!["acc:inper", "acc:phone", "acc:video"],
    };
    if !offering.has("acc:line") {
        access.push(*weighted(
            dice,
            &[(0.55, "acc:appt"), (0.25, "acc:walk"), (0.2, "acc:form")],
        ));
    }
    if !offering.has("acc:agency") {
        access.push(*weighted(dice, &[(0.8, "acc:self"), (0.2, "acc:agency")]));
    }
    if offering.has("dom:leg") && chance(dice, 0.4) {
        access.push("acc:confl");
    }
    access
}

/// The value of those codes that carry one.
fn value(code: &str, today: Date, dice: &mut Dice) -> Option<Text> {
    let value = match code {
        "ho:stay" => one_of(dice, &["30", "60", "90", "180"]).to_string(),
        "cm:mon" => one_of(dice, &["12", "18", "24"]).to_string(),
        "cm:ratio" => one_of(dice, &["20", "25", "30"]).to_string(),
        "cm:indep" => "yes".to_owned(),
        "cust:rel" => "30".to_owned(),
        "da:cap" => one_of(dice, &["USD 300", "USD 500", "USD 1,000"]).to_string(),
        "da:until" => later(today, dice.random_range(30..200)).to_string(),
        "rr:mode" => "voluntary".to_owned(),
        "rr:lead" => "14".to_owned(),
        "rr:reint" => "12".to_owned(),
        "vo:skill" => one_of(
            dice,
            &["construction", "care work", "food service", "office work"],
        )
        .to_string(),
        _ => return None,
    };
    Some(text(&value))
}

fn credentials(offering: &Offering, today: Date, dice: &mut Dice) -> Vec<Credential> {
    let of = |which: &str| Credential {
        code: code(which),
        lapses: None,
        value: None,
    };
    if offering.has("dom:mhp") {
        return chance(dice, 0.7)
            .then(|| of("cred:lmh"))
            .into_iter()
            .collect();
    }
    if !offering.has("dom:leg") || offering.has("rep:kyr") {
        return Vec::new();
    }
    let in_court = COURT_CASES.iter().any(|case| offering.has(case));
    let who = if offering.has("lc:fed") {
        "cred:atty"
    } else if in_court {
        *weighted(dice, &BEFORE_COURTS)
    } else {
        *weighted(dice, &BEFORE_THE_AGENCY)
    };
    if !who.starts_with("cred:rep-") {
        return vec![of(who)];
    }
    let days = if chance(dice, LAPSED) {
        -dice.random_range(1..200)
    } else {
        dice.random_range(1..ACCREDITED_DAYS)
    };
    let accredited = Credential {
        lapses: Some(later(today, days)),
        ..of(who)
    };
    vec![accredited, of("cred:ro")]
}

/// The day so many days after `today`, or before it.
pub(crate) fn later(today: Date, days: i32) -> Date {
    let span: Span = days.days();
    today.saturating_add(span)
}

fn eligibility(offering: &Offering, dice: &mut Dice) -> Vec<Rule> {
    let allow = |field: Field, values: Values| Rule {
        field,
        effect: Effect::Allow,
        values,
        discretionary: false,
    };
    let any_of = |values: &[&str]| Values::AnyOf(values.iter().map(|value| name(value)).collect());
    let between = |minimum: Option<u32>, maximum: Option<u32>| Values::Range { minimum, maximum };
    let mut rules = Vec::new();
    if offering.has("ho:youth") || offering.has("lc:sij") {
        rules.push(allow(Field::Age, between(None, Some(21))));
    } else if offering.has("el:one") || offering.has("vo:place") {
        rules.push(allow(Field::Age, between(Some(18), None)));
    }
    if offering.has("vo:post") {
        rules.push(allow(Field::WorkPermit, any_of(&["after"])));
    }
    if offering.has("vo:pre") {
        rules.push(allow(Field::WorkPermit, any_of(&["before"])));
    }
    let codes = offering.codes.iter().map(Code::as_str);
    let custody: Vec<&str> = codes.filter(|code| code.starts_with("cust:")).collect();
    if !custody.is_empty() {
        rules.push(allow(Field::Custody, any_of(&custody)));
    }
    if offering.has("lc:tps") || chance(dice, 0.03) {
        let countries: Vec<String> = (0..3)
            .map(|_| nationality::draw(dice).country().to_string())
            .collect();
        let mut countries: Vec<&str> = countries.iter().map(String::as_str).collect();
        countries.sort_unstable();
        countries.dedup();
        rules.push(allow(Field::Nationality, any_of(&countries)));
    }
    if chance(dice, 0.08) {
        let months = *one_of(dice, &[8, 12, 24, 60]);
        rules.push(allow(
            Field::MonthsSinceArrival,
            between(None, Some(months)),
        ));
    }
    if chance(dice, 0.1) {
        let percent = *one_of(dice, &[125, 150, 200, 250]);
        rules.push(Rule {
            discretionary: true,
            ..allow(Field::Income, between(None, Some(percent)))
        });
    }
    rules
}

fn cost(hundredths: u64) -> Vec<CostOption> {
    if hundredths == 0 {
        return Vec::new();
    }
    vec![CostOption {
        option: None,
        amount_hundredths: Some(hundredths),
        currency: Some(name("USD")),
        amount_description: None,
        valid_from: None,
        valid_to: None,
    }]
}

fn words_for(fee: &str) -> &'static str {
    match fee {
        "fee:low" => "A small fixed charge",
        "fee:slide" => "The charge depends on income",
        "fee:std" => "Usual fees",
        _ => "Free of charge",
    }
}
