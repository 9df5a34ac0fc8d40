//! What would help where little is found: near misses in words.

use referral_core::capacity::{Held, State, WaitBand};
use referral_core::geo::Kilometres;
use referral_core::id::PublicId;
use referral_core::search::{Change, Circumstance};

use super::called::meaning;
use super::words::{self, CapacityWords};
use crate::{say, tell};

/// One change of a search, and what it would give.
#[derive(Debug)]
pub struct Help {
    /// The change.
    pub change: Change,
    /// The change in a few words, e.g. `"Within 112 miles"`.
    pub text: String,
    /// What to know of it, e.g. `"2 to 6 weeks"`.
    pub note: Option<String>,
    /// The total of the changed search, 1 or more.
    pub count: usize,
    /// The best service it adds.
    pub best: Best,
}

/// The best service a change adds.
#[derive(Debug)]
pub struct Best {
    /// Its public id.
    pub id: PublicId,
    /// Its name.
    pub name: String,
    /// The organization that offers it.
    pub organization: String,
    /// The state of its best offer.
    pub state: State,
    /// How long people wait there.
    pub wait_band: Option<WaitBand>,
    /// State, places and age in a few words.
    pub capacity: CapacityWords,
    /// Distance from the place searched near, where it may be known.
    pub distance: Option<Kilometres>,
}

impl Help {
    /// The words for a change that gives `count` services.
    pub(super) fn of(change: Change, count: usize, best: Best) -> Self {
        Self {
            text: text(&change),
            note: note(&change, &best),
            change,
            count,
            best,
        }
    }

    /// All of it in a line: `"With a waiting list: 7 (2 to 6 weeks)"`.
    #[must_use]
    pub fn line(&self) -> String {
        let Self {
            text, note, count, ..
        } = self;
        let mut said = vec![("text", text.as_str().into()), ("count", (*count).into())];
        match note {
            Some(note) => {
                said.push(("note", note.as_str().into()));
                tell("change-line-note", &said)
            }
            None => tell("change-line", &said),
        }
    }
}

/// How long people wait at a service, where it keeps a list.
pub(super) fn wait_band(state: State, held: Option<&Held>) -> Option<WaitBand> {
    let band = held?.report.said().wait_band;
    band.filter(|_| state == State::Waitlist)
}

fn text(change: &Change) -> String {
    match change {
        Change::Waitlist => say("change-waitlist"),
        Change::Unconfirmed => say("change-unconfirmed"),
        Change::WidenTo(miles) => tell("change-widen", &[("miles", (*miles).into())]),
        Change::Interpreter => say("change-interpreter"),
        Change::AnyLanguage => say("change-any-language"),
        Change::Remote => say("change-remote"),
        Change::InPerson => say("change-in-person"),
        Change::Neighbours => say("change-neighbours"),
        Change::AnyFee => say("change-any-fee"),
        Change::Without(which) => tell("change-without", &[("what", circumstance(*which).into())]),
        Change::WithoutTerm(code) => tell("change-without-term", &[("term", meaning(code).into())]),
    }
}

fn note(change: &Change, best: &Best) -> Option<String> {
    match change {
        Change::Waitlist => best.wait_band.map(words::weeks),
        Change::Neighbours => Some(say("change-note-neighbours")),
        Change::Without(_) => Some(say("change-note-without")),
        _ => None,
    }
}

/// A circumstance as people say it.
fn circumstance(which: Circumstance) -> String {
    match which {
        Circumstance::Custody => say("about-custody"),
        Circumstance::Age => say("about-age"),
        Circumstance::Immigration => say("about-immigration"),
        Circumstance::Nationality => say("about-nationality"),
        Circumstance::WorkPermit => say("about-work-permit"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(wait_band: Option<WaitBand>) -> Best {
        Best {
            id: PublicId::from_u128(1),
            name: "Clinic".to_owned(),
            organization: "Aid".to_owned(),
            state: State::Waitlist,
            wait_band,
            capacity: CapacityWords::of(
                State::Unknown,
                None,
                false,
                None,
                jiff::Timestamp::UNIX_EPOCH,
            ),
            distance: None,
        }
    }

    #[test]
    fn a_change_says_what_it_gives_in_one_line() {
        let line = |change, count, band| Help::of(change, count, best(band)).line();
        let weeks = Some(WaitBand::TwoToSixWeeks);

        assert_eq!(
            line(Change::Waitlist, 7, weeks),
            "With a waiting list: 7 (2 to 6 weeks)"
        );
        assert_eq!(line(Change::Waitlist, 7, None), "With a waiting list: 7");
        assert_eq!(line(Change::WidenTo(112), 2, None), "Within 112 miles: 2");
        assert_eq!(
            line(Change::Unconfirmed, 12, weeks),
            "Not confirmed, call first: 12"
        );
        assert_eq!(
            line(Change::Without(Circumstance::Age), 1, None),
            "Leaving out age: 1 (the provider may say no)"
        );
    }
}
