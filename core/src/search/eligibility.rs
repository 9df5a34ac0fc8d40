//! Whether a service's rules let in the client a search speaks of.
//!
//! [`fit`] puts all given circumstances together, [`fit_of`] answers for one, [`asks`] lists what a
//! caseworker has to ask. Nothing here is a verdict: it is what the provider says of itself.

use crate::catalog::{Effect, Field, Rule, Values};
use crate::geo::CountryCode;
use crate::search::{Circumstance, Circumstances, Custody, Immigration, WorkPermit};
use crate::text::Name;

/// How well something fits; greater is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fit {
    /// The service says that it does not.
    No,
    /// The provider has to decide.
    Decides,
    /// The service does not say.
    NotStated,
    /// It does; also where nothing was asked.
    Fits,
}

/// The worst fit across the circumstances given, those that the service excludes left aside.
#[must_use]
pub fn fit(rules: &[Rule], given: Circumstances) -> Fit {
    let each = given.given().map(|which| fit_of(rules, given, which));
    each.filter(|fit| *fit != Fit::No)
        .min()
        .unwrap_or(Fit::Fits)
}

/// How the rules on one circumstance judge it; [`Fit::Fits`] when the search does not give it.
///
/// Rules that allow are a union; rules that deny come after them. A rule in words, one that the
/// provider may set aside, and a value that no program can compare are the provider's to decide; one
/// that denies only what the client is not says nothing.
#[must_use]
pub fn fit_of(rules: &[Rule], given: Circumstances, which: Circumstance) -> Fit {
    if !given.gives(which) {
        return Fit::Fits;
    }
    let field = which.field();
    let about = || rules.iter().filter(|rule| rule.field == field);
    if about().next().is_none() {
        return Fit::NotStated;
    }
    let of = |effect| about().filter(move |rule| rule.effect == effect);
    let allowed = of(Effect::Allow).map(|rule| allows(rule, given, which));
    let denied = of(Effect::Deny).map(|rule| denies(rule, given, which));
    let allowed = allowed.max().unwrap_or(Fit::Fits);
    denied.fold(allowed, Fit::min)
}

/// How the condition of an area judges the search; `None` when it asks for what the search does not
/// give.
#[must_use]
pub fn condition(rule: &Rule, given: Circumstances) -> Option<Fit> {
    let which = Circumstance::of(&rule.field).filter(|which| given.gives(*which))?;
    Some(fit_of(std::slice::from_ref(rule), given, which))
}

/// What the rules are about that the search does not give, in the order of the rules, each once.
#[must_use]
pub fn asks(rules: &[Rule], given: Circumstances) -> Vec<&Field> {
    let mut asks = Vec::new();
    for Rule { field, .. } in rules {
        let known = Circumstance::of(field).is_some_and(|which| given.gives(which));
        if !known && !asks.contains(&field) {
            asks.push(field);
        }
    }
    asks
}

fn allows(rule: &Rule, given: Circumstances, which: Circumstance) -> Fit {
    match compare(&rule.values, given, which) {
        _ if rule.discretionary => Fit::Decides,
        Compared::Same => Fit::Fits,
        Compared::Unclear => Fit::Decides,
        Compared::Other => Fit::No,
    }
}

fn denies(rule: &Rule, given: Circumstances, which: Circumstance) -> Fit {
    match compare(&rule.values, given, which) {
        Compared::Other => Fit::Fits,
        Compared::Same if !rule.discretionary => Fit::No,
        Compared::Same | Compared::Unclear => Fit::Decides,
    }
}

/// Whether a rule's values describe the client; of several values the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Compared {
    /// They do not.
    Other,
    /// No program can tell.
    Unclear,
    /// They do.
    Same,
}

fn compare(values: &Values, given: Circumstances, which: Circumstance) -> Compared {
    match values {
        Values::Words(_) => Compared::Unclear,
        Values::Range { minimum, maximum } => {
            let age = given.age.filter(|_| which == Circumstance::Age);
            age.map_or(Compared::Unclear, |age| {
                let above = minimum.is_none_or(|least| least <= age.years());
                let below = maximum.is_none_or(|most| age.years() <= most);
                same_if(above && below)
            })
        }
        Values::AnyOf(values) => {
            let each = values.iter().map(|value| compare_one(value, given, which));
            each.max().unwrap_or(Compared::Unclear)
        }
    }
}

fn compare_one(value: &Name, given: Circumstances, which: Circumstance) -> Compared {
    let value = value.as_str().trim();
    if value.eq_ignore_ascii_case("any") {
        return Compared::Same;
    }
    let compared = match which {
        Circumstance::Custody => given.custody.map(|asked| custody(value, asked)),
        Circumstance::Age => given.age.map(|age| known(value.parse().ok(), &age.years())),
        Circumstance::Immigration => given
            .immigration
            .map(|asked| known(Immigration::parse(value).ok(), &asked)),
        Circumstance::Nationality => given
            .nationality
            .map(|asked| known(CountryCode::parse(value).ok(), &asked)),
        Circumstance::WorkPermit => given
            .work_permit
            .map(|asked| known(WorkPermit::parse(value).ok(), &asked)),
    };
    compared.unwrap_or(Compared::Unclear)
}

fn known<T: PartialEq>(stated: Option<T>, asked: &T) -> Compared {
    stated.map_or(Compared::Unclear, |stated| same_if(stated == *asked))
}

fn same_if(same: bool) -> Compared {
    if same {
        Compared::Same
    } else {
        Compared::Other
    }
}

/// Codes of class `cust`, with or without the class. People at certain facilities only are for the
/// provider to tell; people in alternatives to detention and people released are not in custody.
fn custody(value: &str, asked: Custody) -> Compared {
    let code = value.strip_prefix("cust:").unwrap_or(value);
    match (code, asked) {
        ("det" | "det-any" | "det-rem", Custody::Detained)
        | ("nondet", Custody::NotDetained | Custody::Alternatives | Custody::Released)
        | ("orr", Custody::FederalShelter)
        | ("atd", Custody::Alternatives)
        | ("rel", Custody::Released) => Compared::Same,
        ("det-fac", Custody::Detained) => Compared::Unclear,
        ("det" | "det-any" | "det-rem" | "det-fac" | "nondet" | "orr" | "atd" | "rel", _) => {
            Compared::Other
        }
        _ => Compared::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::search::Age;
    use crate::search::testing::{any_circumstances, any_rule};

    fn rule(field: Field, effect: Effect, values: &[&str]) -> Rule {
        let values = values.iter().map(|value| Name::parse(value).unwrap());
        Rule {
            field,
            effect,
            values: Values::AnyOf(values.collect()),
            discretionary: false,
        }
    }

    fn held(custody: Custody) -> Circumstances {
        Circumstances {
            custody: Some(custody),
            ..Circumstances::default()
        }
    }

    fn from(country: &str) -> Circumstances {
        Circumstances {
            nationality: CountryCode::parse(country).ok(),
            ..Circumstances::default()
        }
    }

    #[test]
    fn each_custody_code_takes_those_it_names() {
        use Custody::{Alternatives, Detained, FederalShelter, NotDetained, Released};
        for (code, fits, decides) in [
            (
                "nondet",
                &[NotDetained, Alternatives, Released][..],
                &[][..],
            ),
            ("det-any", &[Detained], &[]),
            ("det-rem", &[Detained], &[]),
            ("det-fac", &[], &[Detained]),
            ("orr", &[FederalShelter], &[]),
            ("atd", &[Alternatives], &[]),
            ("rel", &[Released], &[]),
            ("any", &Custody::ALL, &[]),
        ] {
            let rules = [rule(Field::Custody, Effect::Allow, &[code])];
            for asked in Custody::ALL {
                let expected = if fits.contains(&asked) {
                    Fit::Fits
                } else if decides.contains(&asked) {
                    Fit::Decides
                } else {
                    Fit::No
                };
                let found = fit_of(&rules, held(asked), Circumstance::Custody);
                assert_eq!(found, expected, "{code} {}", asked.as_str());
            }
        }
    }

    #[test]
    fn an_age_is_inside_its_bounds() {
        let rules = [Rule {
            values: Values::Range {
                minimum: Some(18),
                maximum: Some(24),
            },
            ..rule(Field::Age, Effect::Allow, &[])
        }];
        for (years, expected) in [
            (17, Fit::No),
            (18, Fit::Fits),
            (24, Fit::Fits),
            (25, Fit::No),
        ] {
            let given = Circumstances {
                age: Age::new(years).ok(),
                ..Circumstances::default()
            };
            assert_eq!(
                fit_of(&rules, given, Circumstance::Age),
                expected,
                "{years}"
            );
        }
    }

    #[test]
    fn what_no_program_can_compare_is_for_the_provider_to_decide() {
        let nationality = |values: &[&str]| [rule(Field::Nationality, Effect::Allow, values)];
        let of = |rules: &[Rule]| fit_of(rules, from("HN"), Circumstance::Nationality);

        assert_eq!(of(&nationality(&["Central America"])), Fit::Decides);
        assert_eq!(of(&nationality(&["Central America", "HN"])), Fit::Fits);
        assert_eq!(of(&nationality(&["VE"])), Fit::No);
        assert_eq!(of(&[]), Fit::NotStated);
    }

    #[test]
    fn a_rule_the_provider_may_set_aside_excludes_nobody() {
        let lenient = |effect, country| {
            [Rule {
                discretionary: true,
                ..rule(Field::Nationality, effect, &[country])
            }]
        };
        let of = |rules: &[Rule]| fit_of(rules, from("HN"), Circumstance::Nationality);

        assert_eq!(of(&lenient(Effect::Allow, "VE")), Fit::Decides);
        assert_eq!(of(&lenient(Effect::Deny, "HN")), Fit::Decides);
        assert_eq!(of(&lenient(Effect::Deny, "VE")), Fit::Fits);
    }

    #[test]
    fn rules_on_what_was_not_given_are_asked_about_once() {
        let rules = [
            rule(Field::Income, Effect::Allow, &["low"]),
            rule(Field::Nationality, Effect::Allow, &["HN"]),
            rule(Field::Income, Effect::Deny, &["high"]),
        ];

        assert_eq!(asks(&rules, from("HN")), [&Field::Income]);
    }

    proptest! {
        #[test]
        fn a_denial_beats_every_allowance(
            rules in vec(any_rule(), 0..5), given in any_circumstances()
        ) {
            for which in given.given() {
                let mut denied = rules.clone();
                denied.push(rule(which.field(), Effect::Deny, &["any"]));

                prop_assert_eq!(fit_of(&denied, given, which), Fit::No);
            }
        }

        #[test]
        fn a_further_allowance_lets_more_in_and_a_further_denial_fewer(
            rules in vec(any_rule(), 1..5), more in any_rule(), given in any_circumstances()
        ) {
            let further: Vec<Rule> = rules.iter().cloned().chain([more.clone()]).collect();
            for which in given.given() {
                let same = |rule: &&Rule| rule.field == which.field() && rule.effect == more.effect;
                let (before, after) = (fit_of(&rules, given, which), fit_of(&further, given, which));
                if rules.iter().any(|rule| same(&rule)) {
                    match more.effect {
                        Effect::Allow => prop_assert!(before <= after),
                        Effect::Deny => prop_assert!(before >= after),
                    }
                }
            }
        }

        #[test]
        fn a_fact_that_is_missing_changes_nothing(
            rules in vec(any_rule(), 0..5), given in any_circumstances()
        ) {
            for which in given.given() {
                let fewer = given.without(which);

                prop_assert_eq!(fit_of(&rules, fewer, which), Fit::Fits);
                for other in fewer.given() {
                    prop_assert_eq!(fit_of(&rules, fewer, other), fit_of(&rules, given, other));
                }
            }
        }

        #[test]
        fn the_worst_fact_decides(rules in vec(any_rule(), 0..5), given in any_circumstances()) {
            let each: Vec<Fit> = given.given().map(|which| fit_of(&rules, given, which)).collect();
            if !each.contains(&Fit::No) {
                prop_assert_eq!(fit(&rules, given), each.into_iter().min().unwrap_or(Fit::Fits));
            }
        }
    }
}
