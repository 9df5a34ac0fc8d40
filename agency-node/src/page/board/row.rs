//! One service as the page shows it.

use jiff::Timestamp;
use referral_core::capacity::{Order, State, Stated};

use super::super::{reason, say, tell, words};
use crate::operations::desk::{Row, Sent};

/// One service as the page shows it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says whether one button or mark is there"
)]
pub(in crate::page) struct RowView {
    /// Its name on the page.
    pub(in crate::page) id: String,
    pub(in crate::page) title: String,
    pub(in crate::page) place: Option<String>,
    /// The state's stable name, for its colour and icon.
    pub(in crate::page) state: &'static str,
    pub(in crate::page) words: String,
    pub(in crate::page) places: Option<String>,
    /// How many people wait.
    pub(in crate::page) waiting: Option<String>,
    /// When it takes people again, where that was said.
    pub(in crate::page) reopens: Option<(String, String)>,
    /// What was said before it went stale.
    pub(in crate::page) before: Option<String>,
    /// When it was said, and how long ago that is.
    pub(in crate::page) said: Option<(String, String)>,
    /// When it goes stale, the same in words.
    pub(in crate::page) stale: Option<(String, String)>,
    pub(in crate::page) is_due: bool,
    /// The sign of how far it has come, and the words.
    pub(in crate::page) sent: Option<(&'static str, String)>,
    pub(in crate::page) service: String,
    pub(in crate::page) location: String,
    pub(in crate::page) seen: String,
    /// States to tap: value, label, whether it is so now.
    pub(in crate::page) taps: [(&'static str, String, bool); 3],
    pub(in crate::page) can_more: bool,
    pub(in crate::page) can_less: bool,
    pub(in crate::page) can_same: bool,
    pub(in crate::page) free: String,
    pub(in crate::page) all: Option<u32>,
    pub(in crate::page) fault: Option<String>,
    /// Whether the number that was typed is at fault.
    pub(in crate::page) is_number_wrong: bool,
}

impl RowView {
    /// * `at` — its number in the list.
    /// * `wrong` — why the change just tried was refused, and the number where one was typed.
    pub(in crate::page) fn of(
        row: &Row,
        at: usize,
        wrong: Option<(&str, Option<&str>)>,
        now: Timestamp,
    ) -> Self {
        let said = row
            .said
            .as_ref()
            .filter(|said| said.state != Stated::Unknown);
        let count = said.and_then(|said| said.counts.first());
        let (free, all) = (
            count.and_then(|count| count.available),
            count.and_then(|count| count.maximum),
        );
        let is = |state| said.is_some_and(|said| said.state == state);
        let full = said.is_some_and(words::is_full);
        let gone_stale = row.state == State::Stale;
        let free_words = said.and_then(words::places);
        let typed = wrong.and_then(|(_, typed)| typed.map(str::to_owned));
        Self {
            id: format!("r{at}"),
            title: row.title.clone(),
            place: row.location.clone(),
            state: row.state.as_str(),
            words: words::state(row.state, said),
            places: free_words.filter(|_| !gone_stale),
            waiting: said.and_then(words::waiting).filter(|_| !gone_stale),
            reopens: said.and_then(words::reopens),
            before: said.filter(|_| gone_stale).map(|said| {
                let state = words::state(State::from(said.state), Some(said));
                let values = [("state", state.to_lowercase().into())];
                tell("said-before", &values)
            }),
            said: said.map(|said| {
                let at = said.observed_at;
                (at.to_string(), words::ago(at, now))
            }),
            stale: row
                .stale_at
                .map(|at| (at.to_string(), words::stale(at, now))),
            is_due: row.is_due,
            sent: sent(row, now),
            service: row.about.service.to_string(),
            location: row
                .about
                .location
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            seen: row.order.map_or_else(String::new, seen),
            taps: [
                (
                    "open",
                    say("tap-open"),
                    is(Stated::Open) || is(Stated::Limited),
                ),
                ("waitlist", say("tap-waitlist"), is(Stated::Waitlist)),
                ("full", say("tap-full"), full),
            ],
            can_more: free.is_some_and(|free| all.is_none_or(|all| free < all)),
            can_less: free.is_some_and(|free| free > 0),
            can_same: said.is_some(),
            is_number_wrong: typed.is_some(),
            free: typed.unwrap_or_else(|| free.map_or_else(String::new, |free| free.to_string())),
            all,
            fault: wrong.map(|(text, _)| text.to_owned()),
        }
    }

    /// Whether somebody who types these words means it.
    pub(in crate::page) fn is_like(&self, words: &str) -> bool {
        let text = format!(
            "{} {} {}",
            self.title,
            self.place.as_deref().unwrap_or_default(),
            self.service
        );
        let text = text.to_lowercase();
        let mut words = words.split_whitespace();
        words.all(|word| text.contains(&word.to_lowercase()))
    }
}

/// What a form says its page showed.
fn seen(order: Order) -> String {
    let Order { epoch, cseq } = order;
    format!("{}.{}.{cseq}", epoch.generation, epoch.number)
}

fn sent(row: &Row, now: Timestamp) -> Option<(&'static str, String)> {
    Some(match (&row.sent, row.held) {
        (Sent::Acknowledged | Sent::Nothing, Some(why)) => ("held", reason::held(why)),
        (sent, _) => return sent_alone(sent, now),
    })
}

fn sent_alone(sent: &Sent, now: Timestamp) -> Option<(&'static str, String)> {
    Some(match sent {
        Sent::Nothing => return None,
        Sent::Acknowledged => ("has", say("sent-has")),
        Sent::Waits { since } => {
            let time = words::span(*since, now);
            ("waits", tell("sent-waits", &[("time", time.into())]))
        }
        Sent::Refused(refusal) => {
            let why = reason::refused(refusal);
            ("refused", tell("sent-refused", &[("why", why.into())]))
        }
    })
}
