//! The line that says a state: words, colour and icon, how many places, how old that is.
//!
//! The same line is on the page and in what the page is sent while it is open, so that one can take the other's place.

use askama::Template;
use jiff::Timestamp;
use referral_core::capacity::State;

use super::moment;
use super::result::capitalised;
use crate::operations::{CapacityWords, OfferView, WatchedOffer};
use crate::{say, tell};

/// `state.html`.
#[derive(Template)]
#[template(path = "state.html")]
pub(super) struct StateLine {
    /// The state's stable name, for its colour and icon.
    class: &'static str,
    pub(super) words: String,
    /// Words before the age, the time of the report, its age, and words after it.
    pub(super) report: Option<(String, String, String, String)>,
    /// When that was, in the time of the place: for paper.
    there: String,
    /// What is known where there is no report.
    pub(super) details: String,
    call_first: bool,
    /// What it is known by while the page is open.
    pub(super) live: String,
}

impl StateLine {
    /// The line of an offer.
    pub(super) fn of(
        watched: WatchedOffer,
        state: State,
        words: &CapacityWords,
        observed_at: Option<Timestamp>,
        time_zone: Option<&str>,
    ) -> Self {
        let there = observed_at.map(|at| moment::there(at, &moment::zone(time_zone)));
        Self {
            there: there.unwrap_or_default(),
            class: state.as_str(),
            words: capitalised(&words.state),
            report: observed_at.and_then(|at| report(words, at.to_string())),
            details: words.details.join(", "),
            call_first: words.call_first,
            live: watched.to_string(),
        }
    }

    /// The line of what is not listed any more, or not for them.
    pub(super) fn gone(watched: WatchedOffer) -> Self {
        Self {
            class: State::Unknown.as_str(),
            words: say("state-gone"),
            report: None,
            there: String::new(),
            details: say("state-gone-what"),
            call_first: false,
            live: watched.to_string(),
        }
    }
}

impl From<&OfferView> for StateLine {
    fn from(offer: &OfferView) -> Self {
        Self::of(
            offer.watched,
            offer.state,
            &offer.capacity,
            offer.observed_at,
            offer.place.as_ref().and_then(|place| place.time_zone),
        )
    }
}

/// "4 of 12 beds, confirmed" *20 minutes ago*; "last report" *2 days ago* "said open".
fn report(words: &CapacityWords, at: String) -> Option<(String, String, String, String)> {
    let age = words.age.clone()?;
    let said = words.details.join(", ");
    let details = [("details", said.as_str().into())];
    if words.call_first {
        let rest = format!(" {}", tell("report-said", &details));
        Some((say("last-report"), at, age, rest))
    } else if words.details.is_empty() {
        Some((say("confirmed"), at, age, String::new()))
    } else {
        Some((tell("details-confirmed", &details), at, age, String::new()))
    }
}
