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
