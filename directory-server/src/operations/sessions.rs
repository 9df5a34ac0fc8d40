//! The streams that are open now, so that a newer one of the same agency ends the older.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use referral_core::id::AgencyId;
use tokio_util::sync::CancellationToken;

/// Open sessions by agency, and when each agency was last heard from.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<HashMap<AgencyId, Live>>);

#[derive(Debug)]
struct Live {
    session: u64,
    end: CancellationToken,
    last_heard: Timestamp,
}

impl Sessions {
    /// Begins a session; the one before it is told to end. The token tells when this one must.
    pub(super) fn begin(
        &self,
        agency: &AgencyId,
        session: u64,
        now: Timestamp,
    ) -> CancellationToken {
        let end = CancellationToken::new();
        let live = Live {
            session,
            end: end.clone(),
            last_heard: now,
        };
        let mut sessions = self.lock();
        match sessions.get(agency) {
            Some(newer) if newer.session > session => end.cancel(),
            _ => {
                if let Some(before) = sessions.insert(agency.clone(), live) {
                    before.end.cancel();
                }
            }
        }
        end
    }

    /// Notes that the agency was heard from.
    pub(super) fn heard(&self, agency: &AgencyId, now: Timestamp) {
        if let Some(live) = self.lock().get_mut(agency) {
            live.last_heard = live.last_heard.max(now);
        }
    }

    /// When the agency was last heard from, since the directory started.
    pub(super) fn last_heard(&self, agency: &AgencyId) -> Option<Timestamp> {
        self.lock().get(agency).map(|live| live.last_heard)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AgencyId, Live>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_session_ends_the_older_and_never_the_reverse() {
        let sessions = Sessions::default();
        let agency = AgencyId::parse("harbor").unwrap();

        let first = sessions.begin(&agency, 1, Timestamp::UNIX_EPOCH);
        let second = sessions.begin(&agency, 2, Timestamp::UNIX_EPOCH);
        let late = sessions.begin(&agency, 1, Timestamp::UNIX_EPOCH);

        assert!(first.is_cancelled());
        assert!(late.is_cancelled());
        assert!(!second.is_cancelled());
    }
}
