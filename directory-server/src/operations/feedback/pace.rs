//! How many outcomes one account says in an hour.

use std::collections::HashMap;
use std::time::Duration;

use referral_core::policy::AccountId;

/// Taps at once, and how soon another one is given back.
const MOST: (u32, Duration) = (60, Duration::from_mins(1));
/// Accounts that are remembered; more at once are refused.
const ACCOUNTS: usize = 50_000;

/// What each account has spent, in memory alone.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// When all that was spent will have been given back.
    until: HashMap<AccountId, Duration>,
}

impl Pace {
    /// Counts a tap; false: it is one too many.
    ///
    /// * `now` — time since the start.
    pub(super) fn allows(&mut self, account: &AccountId, now: Duration) -> bool {
        let (most, each) = MOST;
        if self.until.len() >= ACCOUNTS {
            self.until.retain(|_, until| *until > now);
        }
        let known = self.until.get(account).copied();
        let spent = known.unwrap_or(now).max(now);
        let full = known.is_none() && self.until.len() >= ACCOUNTS;
        if full || spent.saturating_sub(now) > each * (most - 1) {
            return false;
        }
        self.until.insert(account.clone(), spent + each);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_at_once_and_one_a_minute_after_that() {
        let mut pace = Pace::default();
        let (ana, ben) = (AccountId::of(1), AccountId::of(2));
        let taken = (0..100).filter(|_| pace.allows(&ana, Duration::ZERO));
        assert_eq!(taken.count(), 60);
        assert!(pace.allows(&ben, Duration::ZERO));

        assert!(pace.allows(&ana, Duration::from_secs(61)));
        assert!(!pace.allows(&ana, Duration::from_secs(62)));
    }
}
