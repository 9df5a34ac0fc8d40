//! What to know about the directory itself while reading an answer. It changes no result, no state and no age.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use referral_core::federation::Contact;
use referral_core::policy::Viewer;

use super::Directory;
use super::budget::LISTINGS_A_DAY;
use crate::{say, tell};

/// Listings that are accepted and not yet searchable for longer than this are told (I12).
pub const BEHIND: Duration = Duration::from_secs(1);

/// An account has seen as many listings that are not for everybody as there are in a day.
pub(super) const BUDGET_SPENT: &str = "budget_spent";

/// Something about the directory that an answer should be read with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// A stable name: `contact_lost`, `just_started`, `rebuilding`, `clock_suspect`, `index_behind`, `budget_spent`.
    pub code: &'static str,
    /// One or two plain sentences.
    pub text: String,
}

/// Agencies in contact whose catalog is still as the backup had it.
#[derive(Debug, Default)]
pub(super) struct Rebuilding(AtomicUsize);

impl Directory {
    /// What to know about the directory at `now`, the gravest first.
    pub(super) fn notices(&self, now: Timestamp) -> Vec<Notice> {
        let rebuilding = self.rebuilding.0.load(Ordering::Relaxed);
        let suspect = self.clock.suspicion().is_some();
        let all = [
            suspect.then(clock_suspect),
            self.is_rebuilding().then(emptied),
            of_contact(self.sessions.contact(now)),
            if self.admits_by_certificate.load(Ordering::Relaxed) {
                Some(from_nothing())
            } else {
                (rebuilding > 0).then(|| of_rebuilding(rebuilding))
            },
            index_behind(self.ledger.behind()),
        ];
        all.into_iter().flatten().collect()
    }

    /// The same for one who asks: also that they see less today.
    pub(super) fn notices_for(&self, viewer: &Viewer, now: Timestamp) -> Vec<Notice> {
        let mut notices = self.notices(now);
        if self.has_spent_its_budget(viewer) {
            notices.push(budget_spent());
        }
        notices
    }

    /// Counts the agencies that the directory hears from and that have not begun a log in its generation: after
    /// a restore they hold what it has lost.
    pub(super) fn count_rebuilding(&self, now: Timestamp) {
        let generation = self.ledger.generation();
        let older = {
            let heads = self.ledger.heads();
            let older = heads.agencies().filter(|(_, head)| {
                head.log
                    .as_ref()
                    .is_some_and(|log| log.chain.epoch.generation < generation)
            });
            older.map(|(agency, _)| agency.clone()).collect::<Vec<_>>()
        };
        let heard = older
            .iter()
            .filter(|agency| self.sessions.silent_since(agency, now).is_none());
        self.rebuilding.0.store(heard.count(), Ordering::Relaxed);
    }
}

fn budget_spent() -> Notice {
    Notice {
        code: BUDGET_SPENT,
        text: tell(
            "notice-budget-spent",
            &[("listings", LISTINGS_A_DAY.into())],
        ),
    }
}

fn emptied() -> Notice {
    Notice {
        code: "directory_rebuilding",
        text: say("notice-emptied"),
    }
}

fn clock_suspect() -> Notice {
    Notice {
        code: "clock_suspect",
        text: say("notice-clock-suspect"),
    }
}

fn of_contact(contact: Contact) -> Option<Notice> {
    match contact {
        Contact::Held => None,
        Contact::Starting { awaited, of } => Some(Notice {
            code: "just_started",
            text: tell(
                "notice-just-started",
                &[("awaited", awaited.into()), ("of", of.into())],
            ),
        }),
        Contact::Lost { silent, of } => Some(Notice {
            code: "contact_lost",
            text: tell(
                "notice-contact-lost",
                &[("silent", silent.into()), ("of", of.into())],
            ),
        }),
    }
}

fn from_nothing() -> Notice {
    Notice {
        code: "rebuilding",
        text: say("notice-from-nothing"),
    }
}

fn of_rebuilding(agencies: usize) -> Notice {
    Notice {
        code: "rebuilding",
        text: tell("notice-rebuilding", &[("agencies", agencies.into())]),
    }
}

/// That searches do not find everything yet; `None`: they find all that was accepted longer ago than is told.
///
/// * `behind` — for how long the oldest change that is accepted and not yet searchable has waited.
#[must_use]
pub fn index_behind(behind: Option<Duration>) -> Option<Notice> {
    let lag = behind.filter(|lag| *lag > BEHIND)?;
    let seconds = lag.as_secs().max(1);
    Some(Notice {
        code: "index_behind",
        text: tell("notice-index-behind", &[("seconds", seconds.into())]),
    })
}
