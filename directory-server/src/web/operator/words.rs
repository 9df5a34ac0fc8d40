//! How the pages of operators say things.

use jiff::{SignedDuration, Timestamp};
use referral_core::catalog::Category;

use crate::ledger::{Space, Standing};
use crate::operations::{AgencyOverview, Health, OLD_BACKUP, ago};

/// How long before their end grants and certificates are shown as about to lapse.
pub(super) const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A moment, for a machine and for people.
pub(super) struct Moment {
    pub(super) at: String,
    pub(super) words: String,
}

impl Moment {
    /// Something that was.
    pub(super) fn past(at: Timestamp, now: Timestamp) -> Self {
        Self {
            at: format!("{at:.0}"),
            words: ago(at, now),
        }
    }

    /// The day on which something ends.
    pub(super) fn day(at: Timestamp) -> Self {
        Self {
            at: format!("{at:.0}"),
            words: at.strftime("%Y-%m-%d").to_string(),
        }
    }
}

/// A category in words.
pub(super) fn category(category: Category) -> String {
    match category {
        Category::Legal => crate::say("operator-category-legal"),
        Category::Shelter => crate::say("operator-category-shelter"),
        Category::Medical => crate::say("operator-category-medical"),
    }
}

/// How an agency stands: the class of its mark, and words.
pub(super) fn state(of: &AgencyOverview) -> (&'static str, String) {
    match of.standing {
        Standing::Banned => ("closed", crate::say("operator-banned")),
        Standing::Evicted => ("closed", crate::say("operator-evicted")),
        Standing::Suspended => ("paused", crate::say("operator-suspended")),
        Standing::Active if of.suspended => ("paused", crate::say("operator-two-nodes")),
        Standing::Active if !of.joined => ("unknown", crate::say("operator-invited")),
        Standing::Active if of.connected => ("open", crate::say("operator-connected")),
        Standing::Active if of.silent => ("stale", crate::say("operator-silent")),
        Standing::Active => ("stale", crate::say("operator-not-connected")),
    }
}

/// What is wrong with the directory itself; empty: nothing.
pub(super) fn troubles(health: &Health, now: Timestamp) -> Vec<String> {
    let mut troubles = Vec::new();
    if health.clock.is_some() {
        troubles.push(crate::say("operator-clock"));
    }
    if let Some(behind) = health.behind {
        let values = [("seconds", behind.as_secs().into())];
        troubles.push(crate::tell("operator-behind", &values));
    }
    match health.space {
        Space::Plenty => {}
        Space::Reserved => troubles.push(crate::say("operator-space-reserved")),
        Space::Folding | Space::None => troubles.push(crate::say("operator-space-none")),
    }
    if health.rebuilding {
        troubles.push(crate::say("operator-rebuilding"));
    }
    match health.backup {
        None => troubles.push(crate::say("operator-no-backup")),
        Some(at) if now.duration_since(at) > OLD_BACKUP => {
            let values = [("ago", ago(at, now).into())];
            troubles.push(crate::tell("operator-old-backup", &values));
        }
        Some(_) => {}
    }
    troubles
}
