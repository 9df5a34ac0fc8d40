//! Services that nobody has published again for long: the one rule that the page, `status` and letters go by (R13).

use jiff::Timestamp;
use referral_core::catalog::age::{ARCHIVED_AFTER, ASKED_AFTER, OLD_AFTER};
use referral_core::id::{Kind, LocalId, RecordName};

use super::Node;
use crate::catalog::{Catalog, Listed};

/// How searches show a service of its age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Age {
    /// As any other.
    Young,
    /// With a caution.
    Old,
    /// Not at all.
    Archived,
}

/// A service that somebody should look over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsaid {
    /// Its id.
    pub service: LocalId,
    /// Its name.
    pub title: String,
    /// When what it says was queued; `None`: not known, long ago.
    pub said_at: Option<Timestamp>,
}

/// How many services somebody should look over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgeingCounts {
    /// All of them.
    pub services: usize,
    /// Those of them that searches show as old.
    pub old: usize,
    /// Those of them that searches do not find any more.
    pub archived: usize,
    /// When searches show the next one as old.
    pub next_old_at: Option<Timestamp>,
}

impl Age {
    /// The age of what was said then; `None`: that is not known.
    #[must_use]
    pub fn of(said_at: Option<Timestamp>, now: Timestamp) -> Self {
        let passed = said_at.map(|at| now.duration_since(at));
        match passed {
            Some(passed) if passed < OLD_AFTER => Self::Young,
            Some(passed) if passed < ARCHIVED_AFTER => Self::Old,
            Some(_) => Self::Archived,
            None => Self::Old,
        }
    }
}

impl AgeingCounts {
    fn of<'a>(unsaid: impl Iterator<Item = &'a Listed>, now: Timestamp) -> Self {
        let mut counts = Self::default();
        for listed in unsaid {
            counts.services += 1;
            match Age::of(listed.said_at(), now) {
                Age::Young => {
                    let next = counts
                        .next_old_at
                        .into_iter()
                        .chain(old_at(listed.said_at()));
                    counts.next_old_at = next.min();
                }
                Age::Old => counts.old += 1,
                Age::Archived => counts.archived += 1,
            }
        }
        counts
    }
}

impl Node {
    /// The services that nobody has published again for 150 days, the oldest first.
    #[must_use]
    pub fn unsaid(&self) -> Vec<Unsaid> {
        let now = self.clock().now();
        self.read(|outbox| {
            let unsaid = unsaid(outbox.catalog(), now);
            let mut unsaid: Vec<_> = unsaid
                .map(|(name, listed)| Unsaid {
                    service: name.id.clone(),
                    title: listed.title.clone(),
                    said_at: listed.said_at(),
                })
                .collect();
            unsaid.sort_by(|a, b| (a.said_at, &a.service).cmp(&(b.said_at, &b.service)));
            unsaid
        })
    }
}

/// The services that nobody has published again for 150 days.
pub(super) fn unsaid(
    catalog: &Catalog,
    now: Timestamp,
) -> impl Iterator<Item = (&RecordName, &Listed)> {
    catalog.iter().filter(move |(name, listed)| {
        name.kind == Kind::Service && listed.is_unsaid_for(ASKED_AFTER, now)
    })
}

/// How many they are.
pub(super) fn count(catalog: &Catalog, now: Timestamp) -> AgeingCounts {
    AgeingCounts::of(unsaid(catalog, now).map(|(_, listed)| listed), now)
}

/// From when on searches show as old what was said then.
pub(super) fn old_at(said_at: Option<Timestamp>) -> Option<Timestamp> {
    said_at?.checked_add(OLD_AFTER).ok()
}
