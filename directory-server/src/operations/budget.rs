//! How many listings that are not for everybody one account sees in a day: against taking them all.
//!
//! [`Directory::may_show`] is asked for every listing before somebody gets it, at every door: results and what
//! would help, pages of services, signed records, parts that are asked for. What everybody may see is not
//! counted, nor what somebody's own agency lists. One listing counts once a day, however often it is seen. Who has
//! seen as many as there are in a day sees until midnight (UTC) what everybody sees, and what they saw that day.
//!
//! Held in memory alone, as hashes under a key of this process: what somebody looked at is on no disk. A restart
//! begins the day anew.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use referral_core::id::RecordKey;
use referral_core::policy::{AccountId, Clearance, Decision, SeenListing, Viewer, What, policy};
use tracing::warn;

use super::Directory;

/// The most listings not for everybody that one account sees in a day. Five accounts see 2,500: of 100,000 such
/// listings less than 5 %. A caseworker who looks at three hundred results a day stays well below it.
pub const LISTINGS_A_DAY: usize = 500;

/// What each account saw today.
#[derive(Debug, Default)]
pub(super) struct Budgets {
    key: RandomState,
    today: Mutex<Today>,
}

#[derive(Debug, Default)]
struct Today {
    day: Option<Date>,
    seen: HashMap<AccountId, HashSet<u64>>,
}

impl Budgets {
    /// Whether an account may see this listing today, or has; it counts from now on.
    fn take(&self, account: &AccountId, listing: &RecordKey, now: Timestamp) -> bool {
        let listing = self.key.hash_one(listing);
        let mut today = self.today(now);
        let seen = today.seen.entry(account.clone()).or_default();
        if seen.contains(&listing) {
            return true;
        }
        if seen.len() >= LISTINGS_A_DAY {
            return false;
        }
        seen.insert(listing);
        if seen.len() == LISTINGS_A_DAY {
            warn!(
                referral.account.id = %account,
                error.type = "budget_spent",
                "account {account} has seen {LISTINGS_A_DAY} listings for caseworkers today and sees no more until \
                 midnight: is somebody copying the directory?"
            );
        }
        true
    }

    /// Whether an account has seen as many as there are in a day.
    fn is_spent(&self, account: &AccountId, now: Timestamp) -> bool {
        let today = self.today(now);
        let seen = today.seen.get(account);
        seen.is_some_and(|seen| seen.len() >= LISTINGS_A_DAY)
    }

    fn today(&self, now: Timestamp) -> MutexGuard<'_, Today> {
        let day = now.to_zoned(TimeZone::UTC).date();
        let mut today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that goes back gives nobody a second day.
        if today.day.is_none_or(|before| before < day) {
            *today = Today {
                day: Some(day),
                seen: HashMap::new(),
            };
        }
        today
    }
}

impl Directory {
    /// Whether `viewer` may see this listing, made for their clearance, within today's budget; it counts then.
    pub(super) fn may_show(&self, viewer: &Viewer, key: &RecordKey, listing: &SeenListing) -> bool {
        listing.clearance() == Clearance::Public
            || !listing.is_seen_differently()
            || self.may_take(viewer, key)
    }

    /// Whether `viewer` may see a listing that is not for everybody, within today's budget; it counts then.
    pub(super) fn may_take(&self, viewer: &Viewer, key: &RecordKey) -> bool {
        let is_own = policy(viewer, What::Held(&key.agency)) == Decision::Allow;
        let account = viewer.account.as_ref();
        is_own || account.is_none_or(|account| self.budgets.take(account, key, self.now()))
    }

    /// How far somebody sees today: to the public, once their budget is spent.
    pub(super) fn clearance_today(&self, viewer: &Viewer) -> Clearance {
        if self.has_spent_its_budget(viewer) {
            Clearance::Public
        } else {
            self.searchable.clearance_of(viewer.clearance())
        }
    }

    /// Whether somebody has seen as many listings that are not for everybody as there are in a day.
    #[must_use]
    pub fn has_spent_its_budget(&self, viewer: &Viewer) -> bool {
        let account = viewer.account.as_ref();
        account.is_some_and(|account| self.budgets.is_spent(account, self.now()))
    }
}

#[cfg(test)]
mod tests {
    use referral_core::id::{AgencyId, Kind, LocalId};

    use super::*;

    fn listing(number: usize) -> RecordKey {
        RecordKey {
            agency: AgencyId::parse("harbor").unwrap(),
            kind: Kind::Service,
            id: LocalId::parse(&format!("s{number}")).unwrap(),
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_account_sees_so_many_listings_a_day_and_those_again() {
        let (budgets, ana) = (Budgets::default(), AccountId::of(1));
        let noon = at("2026-06-01T12:00:00Z");
        let took = (0..2_000).filter(|number| budgets.take(&ana, &listing(*number), noon));

        assert_eq!(took.count(), LISTINGS_A_DAY);
        assert!(budgets.is_spent(&ana, noon));
        assert!(budgets.take(&ana, &listing(0), noon), "seen today");
        assert!(budgets.take(&AccountId::of(2), &listing(1_999), noon));
    }

    #[test]
    fn a_new_day_begins_at_midnight_and_no_clock_that_goes_back_begins_one() {
        let (budgets, ana) = (Budgets::default(), AccountId::of(1));
        let spend = |now| {
            (0..LISTINGS_A_DAY).for_each(|number| {
                budgets.take(&ana, &listing(number), now);
            });
        };
        spend(at("2026-06-01T23:59:59Z"));
        assert!(!budgets.take(&ana, &listing(9_999), at("2026-05-31T12:00:00Z")));

        assert!(budgets.take(&ana, &listing(9_999), at("2026-06-02T00:00:00Z")));
    }

    #[test]
    fn five_accounts_see_less_than_a_twentieth_of_a_hundred_thousand_listings_in_a_day() {
        let budgets = Budgets::default();
        let now = at("2026-06-01T12:00:00Z");
        let got: HashSet<usize> = (0..100_000)
            .filter(|number| {
                // Each listing is tried by whichever account still gets it.
                (0..5).any(|bot| budgets.take(&AccountId::of(bot), &listing(*number), now))
            })
            .collect();

        assert_eq!(got.len(), 5 * LISTINGS_A_DAY);
        assert!(got.len() * 20 < 100_000);
    }
}
