//! What to know about the directory itself while reading an answer. It changes no result, no state and no age.

use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp};
use referral_core::federation::Contact;
use referral_core::policy::Viewer;

use super::Directory;
use super::budget::LISTINGS_A_DAY;

/// Listings that are accepted and not yet searchable for longer than this are told (I12).
const BEHIND: SignedDuration = SignedDuration::from_secs(1);

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
            self.ledger
                .behind()
                .and_then(|lag| SignedDuration::try_from(lag).ok())
                .filter(|lag| *lag > BEHIND)
                .map(index_behind),
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
        code: "budget_spent",
        text: format!(
            "You have seen {LISTINGS_A_DAY} listings for caseworkers today, which is the most. Until midnight \
             (UTC) you are shown what everybody sees."
        ),
    }
}

fn emptied() -> Notice {
    Notice {
        code: "directory_rebuilding",
        text: "This directory lost its records and is being filled again by its agencies. Much may be \
               missing: what is not found here may still exist."
            .to_owned(),
    }
}

fn clock_suspect() -> Notice {
    Notice {
        code: "clock_suspect",
        text:
            "The directory’s clock was changed and nobody has checked it yet: how old a number is, \
               and what day it is, may be told wrongly."
                .to_owned(),
    }
}

fn of_contact(contact: Contact) -> Option<Notice> {
    match contact {
        Contact::Held => None,
        Contact::Starting { awaited, of } => Some(Notice {
            code: "just_started",
            text: format!(
                "The directory has just started and waits for {awaited} of {of} agencies to come back: \
                 what they reported meanwhile may be missing for a few minutes."
            ),
        }),
        Contact::Lost { silent, of } => Some(Notice {
            code: "contact_lost",
            text: format!(
                "The directory has lost contact with {silent} of {of} agencies at once. What they said \
                 before is shown with its age; newer reports may be missing, so call first."
            ),
        }),
    }
}

fn from_nothing() -> Notice {
    Notice {
        code: "rebuilding",
        text: "The directory lost its data and its agencies are filling it again: what is not found may \
               only not be there yet."
            .to_owned(),
    }
}

fn of_rebuilding(agencies: usize) -> Notice {
    let agencies = match agencies {
        1 => "1 agency has".to_owned(),
        agencies => format!("{agencies} agencies have"),
    };
    Notice {
        code: "rebuilding",
        text: format!(
            "The directory was restored from a backup and {agencies} not yet sent again what changed \
             since: listings may be missing or old for a few minutes."
        ),
    }
}

fn index_behind(lag: SignedDuration) -> Notice {
    let seconds = lag.as_secs().max(1);
    Notice {
        code: "index_behind",
        text: format!(
            "Listings that agencies changed in the last {seconds} s may not be found yet. Free places \
             are up to date."
        ),
    }
}
