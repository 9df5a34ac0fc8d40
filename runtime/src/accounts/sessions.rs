//! Who is signed in: in memory alone, so that nothing of it is in a backup and a restart ends all of it.

use std::collections::HashMap;
use std::time::Duration;

use referral_core::id::Hash;

/// A session ends when nothing was asked in it for so long, where nothing else is said.
const IDLE: Duration = Duration::from_mins(15);
/// A session ends so long after its beginning, whatever is asked.
const LONGEST: Duration = Duration::from_hours(12);
/// For so long after it a sign-in is fresh.
const FRESH: Duration = Duration::from_mins(10);
/// Most sessions at once; the one idle for longest goes first.
const MOST: usize = 20_000;

/// The sessions there are, by the hash of their secret.
#[derive(Debug)]
pub struct Sessions {
    known: HashMap<Hash, Session>,
    idle: Duration,
}

#[derive(Clone, Debug)]
struct Session {
    account: String,
    since: Duration,
    seen: Duration,
}

impl Session {
    fn is_over(&self, idle: Duration, now: Duration) -> bool {
        now.saturating_sub(self.seen) >= idle || now.saturating_sub(self.since) >= LONGEST
    }
}

impl Default for Sessions {
    fn default() -> Self {
        Self::idle_for(IDLE)
    }
}

impl Sessions {
    /// No sessions yet; each will end when nothing was asked in it for this long.
    #[must_use]
    pub fn idle_for(idle: Duration) -> Self {
        Self {
            known: HashMap::new(),
            idle,
        }
    }

    /// From now on sessions end when nothing was asked in them for this long.
    pub fn set_idle(&mut self, idle: Duration) {
        self.idle = idle;
    }

    /// Begins a session.
    pub fn begin(&mut self, secret: Hash, account: &str, now: Duration) {
        let idle = self.idle;
        self.known.retain(|_, session| !session.is_over(idle, now));
        if self.known.len() >= MOST {
            let oldest = self.known.iter().min_by_key(|(_, session)| session.seen);
            if let Some(oldest) = oldest.map(|(secret, _)| *secret) {
                self.known.remove(&oldest);
            }
        }
        let session = Session {
            account: account.to_owned(),
            since: now,
            seen: now,
        };
        self.known.insert(secret, session);
    }

    /// The account of a session that goes on, and whether its sign-in is fresh.
    pub fn seen(&mut self, secret: &Hash, now: Duration) -> Option<(String, bool)> {
        let session = self.known.get_mut(secret)?;
        if session.is_over(self.idle, now) {
            self.known.remove(secret);
            return None;
        }
        session.seen = now;
        let fresh = now.saturating_sub(session.since) < FRESH;
        Some((session.account.clone(), fresh))
    }

    /// The account of a session that goes on. Asking so is no use of it: it ends as if nothing was asked.
    #[must_use]
    pub fn unseen(&self, secret: &Hash, now: Duration) -> Option<String> {
        let session = self.known.get(secret)?;
        (!session.is_over(self.idle, now)).then(|| session.account.clone())
    }

    /// Ends a session.
    pub fn end(&mut self, secret: &Hash) {
        self.known.remove(secret);
    }

    /// Ends every session of an account; says how many.
    pub fn end_all_of(&mut self, account: &str) -> usize {
        let before = self.known.len();
        self.known.retain(|_, session| session.account != account);
        before - self.known.len()
    }

    /// How many sessions an account has.
    #[must_use]
    pub fn count_of(&self, account: &str, now: Duration) -> usize {
        let mut sessions = self.known.values();
        let of =
            |session: &&Session| session.account == account && !session.is_over(self.idle, now);
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

        assert!(sessions.unseen(&secret(1), minutes(14)).is_some());

        assert!(sessions.unseen(&secret(1), minutes(15)).is_none());
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
