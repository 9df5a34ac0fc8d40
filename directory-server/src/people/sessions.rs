//! Who is signed in: in memory alone, so that nothing of it is in a backup and a restart ends all of it.

use std::collections::HashMap;
use std::time::Duration;

use referral_core::id::Hash;

/// A session ends when nothing was asked in it for so long.
const IDLE: Duration = Duration::from_mins(15);
/// A session ends so long after its beginning, whatever is asked.
const LONGEST: Duration = Duration::from_hours(12);
/// For so long after it a sign-in is fresh.
const FRESH: Duration = Duration::from_mins(10);
/// Most sessions at once; the one idle for longest goes first.
const MOST: usize = 20_000;

/// The sessions there are, by the hash of their secret.
#[derive(Default)]
pub(super) struct Sessions(HashMap<Hash, Session>);

#[derive(Clone)]
struct Session {
    account: String,
    since: Duration,
    seen: Duration,
}

impl Session {
    fn is_over(&self, now: Duration) -> bool {
        now.saturating_sub(self.seen) >= IDLE || now.saturating_sub(self.since) >= LONGEST
    }
}

impl Sessions {
    /// Begins a session.
    pub(super) fn begin(&mut self, secret: Hash, account: &str, now: Duration) {
        self.0.retain(|_, session| !session.is_over(now));
        if self.0.len() >= MOST {
            let oldest = self.0.iter().min_by_key(|(_, session)| session.seen);
            if let Some(oldest) = oldest.map(|(secret, _)| *secret) {
                self.0.remove(&oldest);
            }
        }
        let session = Session {
            account: account.to_owned(),
            since: now,
            seen: now,
        };
        self.0.insert(secret, session);
    }

    /// The account of a session that goes on, and whether its sign-in is fresh.
    pub(super) fn seen(&mut self, secret: &Hash, now: Duration) -> Option<(String, bool)> {
        let session = self.0.get_mut(secret)?;
        if session.is_over(now) {
            self.0.remove(secret);
            return None;
        }
        session.seen = now;
        let fresh = now.saturating_sub(session.since) < FRESH;
        Some((session.account.clone(), fresh))
    }

    /// The account of a session that goes on. Asking so is no use of it: it ends as if nothing was asked.
    pub(super) fn known(&self, secret: &Hash, now: Duration) -> Option<String> {
        let session = self.0.get(secret)?;
        (!session.is_over(now)).then(|| session.account.clone())
    }

    /// Ends a session.
    pub(super) fn end(&mut self, secret: &Hash) {
        self.0.remove(secret);
    }

    /// Ends every session of an account; says how many.
    pub(super) fn end_all_of(&mut self, account: &str) -> usize {
        let before = self.0.len();
        self.0.retain(|_, session| session.account != account);
        before - self.0.len()
    }

    /// How many sessions an account has.
    pub(super) fn count_of(&self, account: &str, now: Duration) -> usize {
        let mut sessions = self.0.values();
        let of = |session: &&Session| session.account == account && !session.is_over(now);
        sessions.by_ref().filter(of).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(number: u8) -> Hash {
        Hash::of(&[&[number]])
    }

    fn minutes(minutes: u64) -> Duration {
        Duration::from_mins(minutes)
    }

    #[test]
    fn what_a_page_asks_by_itself_keeps_no_session_alive() {
        let mut sessions = Sessions::default();
        sessions.begin(secret(1), "p-1", minutes(0));

        assert!(sessions.known(&secret(1), minutes(14)).is_some());

        assert!(sessions.known(&secret(1), minutes(15)).is_none());
    }

    #[test]
    fn a_session_ends_after_a_quarter_of_an_hour_without_a_request() {
        let mut sessions = Sessions::default();
        sessions.begin(secret(1), "p-1", minutes(0));

        assert_eq!(
            sessions.seen(&secret(1), minutes(9)),
            Some(("p-1".into(), true))
        );
        assert_eq!(
            sessions.seen(&secret(1), minutes(23)),
            Some(("p-1".into(), false))
        );
        assert_eq!(sessions.seen(&secret(1), minutes(38)), None);
        assert_eq!(sessions.seen(&secret(1), minutes(38)), None, "it is gone");
    }

    #[test]
    fn a_session_ends_after_half_a_day_however_busy() {
        let mut sessions = Sessions::default();
        sessions.begin(secret(1), "p-1", minutes(0));
        for ten in 1..72 {
            assert!(sessions.seen(&secret(1), minutes(ten * 10)).is_some());
        }

        assert_eq!(sessions.seen(&secret(1), minutes(720)), None);
    }

    #[test]
    fn every_session_of_an_account_can_be_ended_at_once() {
        let mut sessions = Sessions::default();
        for number in 0..4 {
            let account = if number == 3 { "p-2" } else { "p-1" };
            sessions.begin(secret(number), account, minutes(0));
        }

        assert_eq!(sessions.end_all_of("p-1"), 3);
        assert!(sessions.seen(&secret(0), minutes(1)).is_none());
        assert!(sessions.seen(&secret(3), minutes(1)).is_some());
    }
}
