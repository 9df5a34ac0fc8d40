//! Whom services take beyond what their codes say: rules on immigration situation, age, nationality,
//! custody, gender and work permit, some for the provider to decide, some in words only. Shares are
//! assumptions throughout; no source counts them.

use rand::RngExt;
use referral_core::catalog::{Area, Effect, Field, Rule, Service, ServiceArea, Values};
use referral_core::geo::StateCode;

use crate::invented::dice::{Dice, chance, pick, weighted};
use crate::invented::nationality;
use crate::invented::words::{code, name, text};

/// Rules that the provider may set aside in a single case.
const DISCRETIONARY: f64 = 0.15;
/// Services that say in words whom they take.
const IN_WORDS: f64 = 0.3;
/// Services with one more area that applies on a condition.
const CONDITIONAL_AREA: f64 = 0.03;

/// Immigration situations, in the vocabulary's words (`el:stat`).
const SITUATIONS: [&str; 7] = [
    "asylum seeker",
    "parolee",
    "asylee",
    "refugee",
    "special visa",
    "trafficking-certified",
    "none",
];
const WORDS: [&str; 8] = [
    "Case by case after a screening interview.",
    "Must live in the county and have a low income.",
    "Adults 18 and over; children with a parent or guardian.",
    "Anyone in need. No one is turned away.",
    "Immigrants regardless of status.",
    "Solo para residentes del condado con bajos ingresos.",
    "Priority to families with children under five.",
    "People with a pending asylum application or a notice to appear.",
];

/// Adds rules to a service; `immigrants`: whether it is for them first of all.
pub(super) fn add(
    service: &mut Service,
    immigrants: bool,
    state: Option<StateCode>,
    dice: &mut Dice,
) {
    let stated = |service: &Service, field: &Field| {
        service.eligibility.iter().any(|rule| rule.field == *field)
    };
    let drawn = [
        immigration(immigrants, dice),
        age(dice),
        nationality(dice),
        custody(immigrants, dice),
        work_permit(immigrants, dice),
        other(dice),
    ];
    for rule in drawn.into_iter().flatten() {
        if !stated(service, &rule.field) {
            service.eligibility.push(rule);
        }
    }
    if chance(dice, IN_WORDS) {
        service.eligibility_description = Some(text(pick(dice, &WORDS)));
    }
    if let Some(state) = state.filter(|_| chance(dice, CONDITIONAL_AREA))
        && !service.areas.is_empty()
    {
        service.areas.push(conditional(state, dice));
    }
}

fn immigration(immigrants: bool, dice: &mut Dice) -> Option<Rule> {
    let share = if immigrants { 0.2 } else { 0.05 };
    if !chance(dice, share) {
        return None;
    }
    Some(match weighted(dice, &[(0.75, 0), (0.1, 1), (0.15, 2)]) {
        0 => {
            let first = dice.random_range(0..SITUATIONS.len() - 1);
            let number = dice.random_range(1..=3);
            let around = SITUATIONS.iter().cycle().skip(first).take(number);
            rule(Field::Immigration, Effect::Allow, any_of(around), dice)
        }
        1 => rule(Field::Immigration, Effect::Deny, any_of(&["none"]), dice),
        _ => in_words(Field::Immigration, "Depends on status; ask the intake desk"),
    })
}

fn age(dice: &mut Dice) -> Option<Rule> {
    let (minimum, maximum) = match weighted(
        dice,
        &[(0.85, 0), (0.07, 1), (0.03, 2), (0.03, 3), (0.02, 4)],
    ) {
        0 => return None,
        1 => (Some(18), None),
        2 => (Some(60), None),
        3 => (None, Some(17)),
        _ => (Some(14), Some(24)),
    };
    let range = Values::Range { minimum, maximum };
    Some(rule(Field::Age, Effect::Allow, range, dice))
}

fn nationality(dice: &mut Dice) -> Option<Rule> {
    if !chance(dice, 0.02) {
        return None;
    }
    let effect = *weighted(dice, &[(0.7, Effect::Allow), (0.3, Effect::Deny)]);
    let country = nationality::draw(dice).country();
    let values = any_of(&[country.as_str()]);
    Some(rule(Field::Nationality, effect, values, dice))
}

fn custody(immigrants: bool, dice: &mut Dice) -> Option<Rule> {
    let share = if immigrants { 0.06 } else { 0.02 };
    chance(dice, share).then(|| {
        let values = any_of(&["cust:det-any", "cust:det-fac"]);
        rule(Field::Custody, Effect::Deny, values, dice)
    })
}

fn work_permit(immigrants: bool, dice: &mut Dice) -> Option<Rule> {
    let share = if immigrants { 0.02 } else { 0.01 };
    chance(dice, share).then(|| {
        let when = pick(dice, &["before", "after", "any"]);
        rule(Field::WorkPermit, Effect::Allow, any_of(&[when]), dice)
    })
}

fn other(dice: &mut Dice) -> Option<Rule> {
    Some(
        match weighted(dice, &[(0.93, 0), (0.03, 1), (0.02, 2), (0.02, 3)]) {
            0 => return None,
            1 => rule(Field::Gender, Effect::Allow, any_of(&["women"]), dice),
            2 => in_words(
                Field::Other(code("el:merit")),
                "Only after a positive merits screening",
            ),
            _ => rule(
                Field::Other(code("el:crim")),
                Effect::Deny,
                any_of(&["yes"]),
                dice,
            ),
        },
    )
}

fn conditional(state: StateCode, dice: &mut Dice) -> ServiceArea {
    let (condition, called) = match pick(dice, &[0, 1, 2]) {
        0 => {
            let children = Values::Range {
                minimum: None,
                maximum: Some(20),
            };
            (
                rule(Field::Age, Effect::Allow, children, dice),
                "young people anywhere in the state",
            )
        }
        1 => (
            rule(Field::Custody, Effect::Allow, any_of(&["cust:orr"]), dice),
            "children in federal shelters of the state",
        ),
        _ => (
            rule(
                Field::Immigration,
                Effect::Allow,
                any_of(&["refugee"]),
                dice,
            ),
            "refugees anywhere in the state",
        ),
    };
    ServiceArea {
        area: Area::State(state),
        condition: Some(condition),
        name: Some(name(called)),
    }
}

fn rule(field: Field, effect: Effect, values: Values, dice: &mut Dice) -> Rule {
    Rule {
        field,
        effect,
        values,
        discretionary: chance(dice, DISCRETIONARY),
    }
}

fn in_words(field: Field, words: &str) -> Rule {
    Rule {
        field,
        effect: Effect::Allow,
        values: Values::Words(text(words)),
        discretionary: false,
    }
}

fn any_of<'a>(values: impl IntoIterator<Item = &'a &'a str>) -> Values {
    Values::AnyOf(values.into_iter().map(|value| name(value)).collect())
}
