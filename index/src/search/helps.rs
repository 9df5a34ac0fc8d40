//! Which changes of a search would let in an offer that fails, told from its rows.
//! `core::search::helps` says what each change is.

use referral_core::capacity::{Availability, State};
use referral_core::geo::Kilometres;
use referral_core::search::{Change, Facts, Fit, Test, Tests, Verdict, fit, helps};

use crate::live::Seen;
use crate::part::{Ordinal, Part, Service};
use crate::search::judge::{Judge, Judged};
use crate::search::place::Whose;
use crate::search::tally::Gain;

/// The widest radius there is, as [`referral_core::search::Request::check`] has it.
pub(crate) const WIDEST_KM: f64 = 500.0;

impl Judge<'_> {
    /// Calls `each` with every change that would let an offer of `service` in, and the fit it would then have.
    /// Wider radii are looked for elsewhere.
    pub(crate) fn helps(
        &self,
        part: &Part,
        service: &Service,
        ordinal: Ordinal,
        (judged, seen): (&Judged, Seen),
        each: &mut dyn FnMut(Gain, Fit),
    ) {
        let failed = judged.failed;
        if failed.is_empty() || failed.contains(Test::Need) || failed.contains(Test::Also) {
            return;
        }
        let request = self.asked.request;
        let offer = part.offer(ordinal);
        if failed.len() == 1 {
            self.single(service, judged, seen.state, &mut |gain| {
                each(gain, judged.fit);
            });
            let beyond = Whose::Changed(request.circumstances, true);
            if failed.contains(Test::Area)
                && !request.neighbours
                && self.places.area(self.asked, part, ordinal, offer, beyond)
            {
                each(Gain::Neighbours, judged.fit);
            }
        }
        for which in request.circumstances.given() {
            if !failed.without(which.into()).without(Test::Area).is_empty() {
                continue;
            }
            let given = request.circumstances.without(which);
            let changed = Whose::Changed(given, request.neighbours);
            let serves = !failed.contains(Test::Area)
                || self.places.area(self.asked, part, ordinal, offer, changed);
            if serves {
                let rules = self.asked.sets.rules.at(service.rules as usize);
                let fit = fit(rules.map_or(&[], |rules| rules), given);
                each(Gain::Without(which), fit.min(self.asked.need_fit(service)));
            }
        }
    }

    /// The same for a service that rows cannot hold.
    pub(crate) fn helps_odd(
        &self,
        facts: &Facts,
        nth: u16,
        verdict: &Verdict,
        seen: Seen,
        each: &mut dyn FnMut(Gain, Fit),
    ) {
        let Some(offer) = facts.offers.get(usize::from(nth)) else {
            return;
        };
        let asked = self.asked;
        for (change, fit) in helps(
            asked.request,
            facts,
            offer,
            seen.state,
            verdict,
            asked.today,
        ) {
            if let Some(gain) = self.gain_of(&change) {
                each(gain, fit);
            }
        }
    }

    /// The changes that help where exactly one test fails, circumstances and areas aside.
    fn single(&self, service: &Service, judged: &Judged, state: State, each: &mut dyn FnMut(Gain)) {
        let request = self.asked.request;
        let failed = |test| judged.failed == Tests::only(test);
        if failed(Test::Availability) {
            capacity(request.availability, state)
                .into_iter()
                .for_each(each);
        } else if failed(Test::Language) {
            if !request.interpreter && self.speaks(service, true) {
                each(Gain::Interpreter);
            }
            each(Gain::AnyLanguage);
        } else if failed(Test::Terms) {
            let terms = request.need.as_ref().map_or(0, |need| need.all_of.len());
            let at = judged.missing_terms.trailing_zeros() as usize;
            if judged.missing_terms.is_power_of_two() && at < terms {
                each(Gain::WithoutTerm(at));
            }
        } else if failed(Test::Access) {
            each(Gain::Access);
        } else if failed(Test::Fee) {
            each(Gain::AnyFee);
        }
    }

    /// What a change is called here.
    fn gain_of(&self, change: &Change) -> Option<Gain> {
        Some(match change {
            Change::Waitlist => Gain::Waitlist,
            Change::Unconfirmed => Gain::Unconfirmed,
            Change::WidenTo(miles) => Gain::WidenTo(*miles),
            Change::Interpreter => Gain::Interpreter,
            Change::AnyLanguage => Gain::AnyLanguage,
            Change::Remote | Change::InPerson => Gain::Access,
            Change::Neighbours => Gain::Neighbours,
            Change::AnyFee => Gain::AnyFee,
            Change::Without(which) => Gain::Without(*which),
            Change::WithoutTerm(code) => {
                let mut terms = self.asked.request.need.iter().flat_map(|need| &need.all_of);
                Gain::WithoutTerm(terms.position(|term| term == code)?)
            }
        })
    }
}

fn capacity(asked: Availability, state: State) -> Option<Gain> {
    let may_wait = asked == Availability::Open && Availability::Waitlist.includes(state);
    let may_call = matches!(asked, Availability::Open | Availability::Waitlist)
        && Availability::Unconfirmed.includes(state);
    if may_wait {
        Some(Gain::Waitlist)
    } else {
        may_call.then_some(Gain::Unconfirmed)
    }
}

/// A distance as a whole number of miles, rounded up, as `core::search` has it; `None` beyond the widest
/// radius.
pub(crate) fn whole_miles(distance: Kilometres) -> Option<u16> {
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
