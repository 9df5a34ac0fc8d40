//! Which codes a service's credentials allow it to act on.
//!
//! Work before the immigration court, the Board and the federal courts is for people with a licence
//! or a full accreditation; a credential counts until the last day it is good for.

use jiff::civil::Date;

use crate::search::Fit;
use crate::vocabulary::Code;

/// Case types before the immigration court and the Board, and who may take them.
const COURT: [&str; 6] = [
    "lc:asy-def",
    "lc:rem-def",
    "lc:wh-cat",
    "lc:bond",
    "lc:bia",
    "lc:mto",
];
const COURT_CREDENTIALS: [&str; 5] = [
    "cred:atty",
    "cred:rep-f",
    "cred:clin",
    "cred:pb",
    "cred:eoir",
];

/// Cases before a federal court, and who may take them.
const FEDERAL: &str = "lc:fed";
const FEDERAL_CREDENTIALS: [&str; 3] = ["cred:atty", "cred:clin", "cred:pb"];

/// Credentials of people who represent clients. Stating one of these and none that counts is a *no*;
/// stating none of these is silence. Recognised organisations (`cred:ro`), peers and clinicians
/// represent nobody.
const REPRESENTATIVES: [&str; 6] = [
    "cred:atty",
    "cred:rep-f",
    "cred:clin",
    "cred:pb",
    "cred:eoir",
    "cred:rep-p",
];

/// Whether `credentials` allow acting on `code` on the day `today`: *fits*, *no*, or, for case types
/// before a court where no representative is stated, *decides*.
///
/// * `credentials` — codes of class `cred`, each with the last day it is good for.
///
/// A credential's own code counts while one of that code is good.
#[must_use]
pub fn qualifies(code: &Code, credentials: &[(Code, Option<Date>)], today: Date) -> Fit {
    judge(code, credentials, |lapses| {
        lapses.is_none_or(|last| today <= last)
    })
}

/// False for codes that no day makes good: the wrong credentials are stated.
pub(crate) fn may_ever_qualify(code: &Code, credentials: &[(Code, Option<Date>)]) -> bool {
    judge(code, credentials, |_| true) != Fit::No
}

fn judge(
    code: &Code,
    credentials: &[(Code, Option<Date>)],
    is_good: impl Fn(Option<Date>) -> bool,
) -> Fit {
    if code.class() == "cred" {
        let own = || credentials.iter().filter(|(held, _)| held == code);
        let lapsed = own().next().is_some() && !own().any(|(_, lapses)| is_good(*lapses));
        return if lapsed { Fit::No } else { Fit::Fits };
    }
    let enough: &[&str] = match code.as_str() {
        FEDERAL => &FEDERAL_CREDENTIALS,
        court if COURT.contains(&court) => &COURT_CREDENTIALS,
        _ => return Fit::Fits,
    };
    let counts =
        |(held, lapses): &(Code, Option<Date>)| enough.contains(&held.as_str()) && is_good(*lapses);
    let represents = |(held, _): &(Code, Option<Date>)| REPRESENTATIVES.contains(&held.as_str());
    if credentials.iter().any(counts) {
        Fit::Fits
    } else if credentials.iter().any(represents) {
        Fit::No
    } else {
        Fit::Decides
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 5, 1);

    fn code(text: &str) -> Code {
        Code::parse(text).unwrap()
    }

    fn judged(need: &str, held: &[(&str, Option<Date>)]) -> Fit {
        let held: Vec<_> = held
            .iter()
            .map(|(name, lapses)| (code(name), *lapses))
            .collect();
        qualifies(&code(need), &held, TODAY)
    }

    #[test]
    fn a_partial_accreditation_never_takes_a_court_case() {
        for need in COURT.iter().chain([&FEDERAL]) {
            let alone = [("cred:rep-p", None)];
            let recognised = [("cred:rep-p", None), ("cred:ro", None)];

            assert_eq!(judged(need, &alone), Fit::No, "{need}");
            assert_eq!(judged(need, &recognised), Fit::No, "{need}");
        }
        assert_eq!(judged("lc:asy-aff", &[("cred:rep-p", None)]), Fit::Fits);
    }

    #[test]
    fn a_credential_counts_through_its_last_day() {
        let yesterday = Some(date(2026, 4, 30));

        assert_eq!(judged("lc:bond", &[("cred:atty", Some(TODAY))]), Fit::Fits);
        assert_eq!(judged("lc:bond", &[("cred:atty", yesterday)]), Fit::No);
        assert_eq!(judged("cred:atty", &[("cred:atty", yesterday)]), Fit::No);
        let renewed = [("cred:atty", yesterday), ("cred:atty", None)];
        assert_eq!(judged("lc:bond", &renewed), Fit::Fits);
        assert_eq!(judged("cred:atty", &renewed), Fit::Fits);
    }

    #[test]
    fn silence_about_representatives_is_for_the_provider_to_settle() {
        assert_eq!(judged("lc:bond", &[]), Fit::Decides);
        let nobody = [("cred:ro", None), ("cred:lmh", None)];
        assert_eq!(judged("lc:bond", &nobody), Fit::Decides);
    }

    #[test]
    fn a_federal_court_wants_a_lawyer() {
        assert_eq!(judged("lc:fed", &[("cred:rep-f", None)]), Fit::No);
        assert_eq!(judged("lc:fed", &[("cred:clin", None)]), Fit::Fits);
    }

    proptest! {
        #[test]
        fn time_only_takes_away(
            held in vec((0..REPRESENTATIVES.len(), option::of(-5_i64..5)), 0..4),
            need in 0..COURT.len(),
        ) {
            let day = |offset: i64| TODAY.saturating_add(offset.days());
            let held: Vec<_> = held
                .into_iter()
                .map(|(at, lapses)| (code(REPRESENTATIVES[at]), lapses.map(day)))
                .collect();
            let on = |offset| qualifies(&code(COURT[need]), &held, day(offset));

            for offset in -6..6 {
                prop_assert!(on(offset + 1) <= on(offset));
            }
        }
    }
}
