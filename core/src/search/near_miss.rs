//! What would help where little is found: one change of the search, and what it would give.
//!
//! A [`Change`] made to a search ([`Change::apply`]) is another search; a [`NearMiss`] promises that
//! search's total. [`helps`] tells which changes would let an offer in that fails, from its
//! verdict, so that one pass over the services is enough.

use jiff::civil::Date;

use crate::capacity::{Availability, State};
use crate::geo::Kilometres;
use crate::search::judging::speaks;
use crate::search::place::{Why, reach};
use crate::search::request::WIDEST_KM;
use crate::search::{
    Access, Circumstance, Circumstances, Facts, Fit, Near, OfferFacts, Request, Test, Tests,
    Verdict, fit, rank,
};
use crate::vocabulary::Code;

/// One change of a search that lets more services in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Change {
    /// Also services that answer after screening, keep a list or open later.
    Waitlist,
    /// Only services whose capacity nobody has confirmed lately: call first.
    Unconfirmed,
    /// As far as this many miles, 1 to 310.
    WidenTo(u16),
    /// Also with an interpreter by phone.
    Interpreter,
    /// In any language.
    AnyLanguage,
    /// Also by phone, video or message.
    Remote,
    /// Also in person.
    InPerson,
    /// Also where a neighbouring county is served.
    Neighbours,
    /// At any fee.
    AnyFee,
    /// Without this fact about the client: the provider may not take them.
    Without(Circumstance),
    /// Without this term.
    WithoutTerm(Code),
}

/// One change, what it would give, and the best of it.
#[derive(Clone, Debug, PartialEq)]
pub struct NearMiss<Hit> {
    /// The change.
    pub change: Change,
    /// The total of the changed search, 1 or more.
    pub count: usize,
    /// The best service that the change adds. For [`Change::Unconfirmed`], whose search is another
    /// one, the best of that search.
    pub best: Hit,
}

/// What keeps a search from finding anything open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// Services answer, but are full, keep a list or have not confirmed.
    Capacity,
    /// Services answer elsewhere.
    Area,
    /// Services do not take this client, at this fee, in this way or on these terms.
    Eligibility,
    /// Services answer in other languages.
    Language,
}

impl Change {
    /// A stable name for this kind of change.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Waitlist => "waitlist",
            Self::Unconfirmed => "unconfirmed",
            Self::WidenTo(_) => "widen_to",
            Self::Interpreter => "interpreter",
            Self::AnyLanguage => "any_language",
            Self::Remote => "remote",
            Self::InPerson => "in_person",
            Self::Neighbours => "neighbours",
            Self::AnyFee => "any_fee",
            Self::Without(_) => "without",
            Self::WithoutTerm(_) => "without_term",
        }
    }

    /// The search with this change made. It begins at its first page.
    #[must_use]
    pub fn apply(&self, request: &Request) -> Request {
        let mut changed = request.clone();
        changed.shown.clear();
        match self {
            Self::Waitlist => changed.availability = Availability::Waitlist,
            Self::Unconfirmed => changed.availability = Availability::Unconfirmed,
            Self::WidenTo(miles) => widen(&mut changed.near, *miles),
            Self::Interpreter => changed.interpreter = true,
            Self::AnyLanguage => changed.languages.clear(),
            Self::Remote | Self::InPerson => changed.access = Access::Any,
            Self::Neighbours => changed.neighbours = true,
            Self::AnyFee => changed.fee = None,
            Self::Without(which) => changed.circumstances = changed.circumstances.without(*which),
            Self::WithoutTerm(code) => drop_term(&mut changed, code),
        }
        changed
    }

    /// What relaxing this is a sign of.
    #[must_use]
    pub fn cause(&self) -> Cause {
        match self {
            Self::Waitlist | Self::Unconfirmed => Cause::Capacity,
            Self::WidenTo(_) | Self::Neighbours => Cause::Area,
            Self::Interpreter | Self::AnyLanguage => Cause::Language,
            Self::Remote
            | Self::InPerson
            | Self::AnyFee
            | Self::Without(_)
            | Self::WithoutTerm(_) => Cause::Eligibility,
        }
    }
}

fn widen(near: &mut Option<Near>, miles: u16) {
    if let (Some(near), Ok(radius)) = (near, Kilometres::from_miles(f64::from(miles))) {
        near.radius = radius;
    }
}

fn drop_term(changed: &mut Request, code: &Code) {
    let Some(need) = &mut changed.need else {
        return;
    };
    need.all_of.retain(|term| term != code);
    if need.all_of.is_empty() && need.any_of.is_empty() {
        changed.need = None;
    }
}

/// Puts near misses in order: the smallest change first ([`rank::burden`]), equal ones as [`Change`]
/// lists them.
pub fn sort<Hit>(near_misses: &mut [NearMiss<Hit>], request: &Request) {
    let radius = request.near.as_ref().map(|near| near.radius);
    near_misses.sort_by(|a, b| {
        let burden = |miss: &NearMiss<Hit>| rank::burden(&miss.change, radius);
        burden(a)
            .total_cmp(&burden(b))
            .then_with(|| a.change.cmp(&b.change))
    });
}

/// What keeps a search from finding anything open: services that answer without being open, else the
/// cause of the change that would give most, of equals the first of [`Cause`]. `None` when nothing
/// open is missing, and when no single change would help.
///
/// * `total`, `open` — services that match, and those of them that take referrals now.
#[must_use]
pub fn blocking_cause<Hit>(
    total: usize,
    open: usize,
    near_misses: &[NearMiss<Hit>],
) -> Option<Cause> {
    if open > 0 {
        return None;
    }
    if total > 0 {
        return Some(Cause::Capacity);
    }
    let each = near_misses
        .iter()
        .map(|miss| (miss.count, std::cmp::Reverse(miss.change.cause())));
    each.max().map(|(_, cause)| cause.0)
}

/// The changes that would each let in an offer that fails, with the fit the offer would then have;
/// none for an offer that passes.
///
/// An offer is let in by a change when all it fails is what the change relaxes.
#[must_use]
pub fn helps(
    request: &Request,
    facts: &Facts,
    offer: &OfferFacts,
    state: State,
    verdict: &Verdict,
    today: Date,
) -> Vec<(Change, Fit)> {
    let mut found = Vec::new();
    let failed = verdict.failed;
    if failed.is_empty() || failed.contains(Test::Need) || failed.contains(Test::Also) {
        return found;
    }
    if failed.len() == 1 {
        let each = single(request, facts, state, verdict).into_iter();
        found.extend(each.map(|change| (change, verdict.fit)));
        if failed.contains(Test::Area) && !request.neighbours {
            let beyond = reach(
                request,
                offer,
                request.circumstances,
                true,
                &mut Why::Silent,
            );
            found.extend(beyond.area.then_some((Change::Neighbours, verdict.fit)));
        }
    }
    let rest = |which: Circumstance| failed.without(which.into()).without(Test::Area);
    for which in request.circumstances.given() {
        if rest(which).is_empty() {
            found.extend(without(request, facts, offer, failed, which, today));
        }
    }
    found
}

/// The changes that help where exactly one test fails, circumstances and areas aside.
fn single(request: &Request, facts: &Facts, state: State, verdict: &Verdict) -> Vec<Change> {
    let failed = |test| verdict.failed == Tests::only(test);
    if failed(Test::Availability) {
        return capacity(request.availability, state).into_iter().collect();
    }
    if failed(Test::Language) {
        let by_phone = !request.interpreter && speaks(&request.languages, true, facts);
        let mut changes = vec![Change::AnyLanguage];
        changes.extend(by_phone.then_some(Change::Interpreter));
        return changes;
    }
    let one = if failed(Test::Terms) {
        missing_term(request, verdict)
    } else if failed(Test::Distance) {
        verdict.distance.and_then(whole_miles).map(Change::WidenTo)
    } else if failed(Test::Access) {
        Some(match request.access {
            Access::Remote => Change::InPerson,
            Access::Any | Access::InPerson => Change::Remote,
        })
    } else if failed(Test::Fee) {
        Some(Change::AnyFee)
    } else {
        None
    };
    one.into_iter().collect()
}

fn capacity(asked: Availability, state: State) -> Option<Change> {
    let may_wait = asked == Availability::Open && Availability::Waitlist.includes(state);
    let may_call = matches!(asked, Availability::Open | Availability::Waitlist)
        && Availability::Unconfirmed.includes(state);
    if may_wait {
        Some(Change::Waitlist)
    } else {
        may_call.then_some(Change::Unconfirmed)
    }
}

fn missing_term(request: &Request, verdict: &Verdict) -> Option<Change> {
    let terms = &request.need.as_ref()?.all_of;
    let at = usize::try_from(verdict.missing_terms.trailing_zeros()).ok()?;
    let one = verdict.missing_terms.is_power_of_two();
    terms
        .get(at)
        .filter(|_| one)
        .cloned()
        .map(Change::WithoutTerm)
}

/// Without a fact its test is not made, and an area with a condition on it may apply.
fn without(
    request: &Request,
    facts: &Facts,
    offer: &OfferFacts,
    failed: Tests,
    which: Circumstance,
    today: Date,
) -> Option<(Change, Fit)> {
    let given: Circumstances = request.circumstances.without(which);
    let silent = &mut Why::Silent;
    let serves = !failed.contains(Test::Area)
        || reach(request, offer, given, request.neighbours, silent).area;
    let fit = fit(&facts.rules, given).min(
        request
            .need
            .as_ref()
            .map_or(Fit::Fits, |need| need.fit(facts, today)),
    );
    serves.then_some((Change::Without(which), fit))
}

/// A distance as a whole number of miles, rounded up; `None` beyond the widest radius.
fn whole_miles(distance: Kilometres) -> Option<u16> {
    let least = distance.miles().ceil().max(1.0);
    let reaches = |miles: &f64| {
        Kilometres::from_miles(*miles)
            .is_ok_and(|radius| distance <= radius && radius.get() <= WIDEST_KM)
    };
    let miles = [least, least + 1.0].into_iter().find(reaches)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number from 1 to 310"
    )]
    Some(miles as u16)
}
