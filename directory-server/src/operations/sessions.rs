//! The streams that are open now, so that a newer one of the same agency ends the older.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use referral_core::id::{AgencyId, Hash};
use tokio::sync::{Mutex as Turn, mpsc};
use tokio_util::sync::CancellationToken;

/// Notices that may wait for a stream; more are dropped: they are told again when a session begins.
const WAITING: usize = 16;

/// What an agency's people should know: stable name, sentence, record.
type Notice = (&'static str, String, String);

/// Open sessions by agency, and when each agency was last heard from.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<HashMap<AgencyId, Live>>);

#[derive(Debug)]
struct Live {
    session: u64,
    end: CancellationToken,
    notices: mpsc::Sender<Notice>,
    last_heard: Timestamp,
    /// The root of the digest of the agency's records after the operation with this head.
    root: Option<(Hash, Hash)>,
}

/// Notices for one stream, as they come up.
#[derive(Clone, Debug)]
pub struct Notices(Arc<Turn<mpsc::Receiver<Notice>>>);

impl Notices {
    /// Waits for the next one; for ever when the session is over.
    pub async fn next(&self) -> Notice {
        match self.0.lock().await.recv().await {
            Some(notice) => notice,
            None => std::future::pending().await,
        }
    }
}

impl Sessions {
    /// Begins a session; the one before it is told to end. The token tells when this one must, and the other
    /// brings what its people should know.
    pub(super) fn begin(
        &self,
        agency: &AgencyId,
        session: u64,
        now: Timestamp,
    ) -> (CancellationToken, Notices) {
        let end = CancellationToken::new();
        let (notices, coming) = mpsc::channel(WAITING);
        let live = Live {
            session,
            end: end.clone(),
            notices,
            last_heard: now,
            root: None,
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
        (end, Notices(Arc::new(Turn::new(coming))))
    }

    /// Tells the people of an agency something, if a stream of it is open.
    pub(super) fn tell(&self, agency: &AgencyId, notice: Notice) {
        if let Some(live) = self.lock().get(agency) {
            let _told_again_at_hello = live.notices.try_send(notice);
        }
    }

    /// The root of the digest of an agency's records after the operation with this head, if it was noted.
    pub(super) fn root_at(&self, agency: &AgencyId, head: Hash) -> Option<Hash> {
        let sessions = self.lock();
        let (at, root) = sessions.get(agency)?.root?;
        (at == head).then_some(root)
    }

    /// Notes the root of the digest of an agency's records after the operation with this head.
    pub(super) fn note_root(&self, agency: &AgencyId, head: Hash, root: Hash) {
        if let Some(live) = self.lock().get_mut(agency) {
            live.root = Some((head, root));
        }
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

        let (first, _) = sessions.begin(&agency, 1, Timestamp::UNIX_EPOCH);
        let (second, _) = sessions.begin(&agency, 2, Timestamp::UNIX_EPOCH);
        let (late, _) = sessions.begin(&agency, 1, Timestamp::UNIX_EPOCH);

        assert!(first.is_cancelled());
        assert!(late.is_cancelled());
        assert!(!second.is_cancelled());
    }
}
