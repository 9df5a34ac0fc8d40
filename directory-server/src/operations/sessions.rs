//! The streams that are open now, so that a newer one of the same agency ends the older; and when each agency
//! was last heard from.
//!
//! What was last heard outlives the process: see `heard.rs`. Everything said of it is information for people.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use jiff::Timestamp;
use referral_core::federation::{Contact, contact, silent_since};
use referral_core::id::{AgencyId, Hash};
use tokio::sync::{Mutex as Turn, mpsc};
use tokio_util::sync::CancellationToken;

use crate::ledger::Notice;

/// Notices that may wait for a stream; more are dropped: they are told again when a session begins.
const WAITING: usize = 16;

/// Open sessions by agency, and when each agency was last heard from.
#[derive(Debug)]
pub(super) struct Sessions {
    started: Timestamp,
    agencies: Mutex<HashMap<AgencyId, Agency>>,
}

/// One agency whose node has joined.
#[derive(Debug, Default)]
struct Agency {
    live: Option<Live>,
    heard: Option<Timestamp>,
}

#[derive(Debug)]
struct Live {
    session: u64,
    end: CancellationToken,
    open: Weak<Open>,
    notices: mpsc::Sender<Notice>,
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

/// Held for as long as a session's stream is open.
#[derive(Debug)]
pub(super) struct Open;

impl Sessions {
    /// No sessions yet.
    ///
    /// * `joined` — the agencies whose nodes have joined.
    /// * `heard` — when they were last heard from before the directory started, as far as known.
    /// * `started` — when it started.
    pub(super) fn new(
        joined: impl Iterator<Item = AgencyId>,
        heard: &BTreeMap<AgencyId, Timestamp>,
        started: Timestamp,
    ) -> Self {
        let agencies = joined.map(|agency| {
            let heard = heard.get(&agency).copied();
            (agency, Agency { live: None, heard })
        });
        Self {
            started,
            agencies: Mutex::new(agencies.collect()),
        }
    }

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
            root: None,
            open: Weak::new(),
        };
        let mut agencies = self.lock();
        let known = agencies.entry(agency.clone()).or_default();
        match &known.live {
            Some(newer) if newer.session > session => end.cancel(),
            _ => {
                if let Some(before) = known.live.replace(live) {
                    before.end.cancel();
                }
                known.hear(now);
            }
        }
        (end, Notices(Arc::new(Turn::new(coming))))
    }

    /// Ends the open stream of an agency.
    pub(super) fn end(&self, agency: &AgencyId) {
        if let Some(live) = self
            .lock()
            .get(agency)
            .and_then(|known| known.live.as_ref())
        {
            live.end.cancel();
        }
    }

    /// Tells the people of an agency something, if a stream of it is open.
    pub(super) fn tell(&self, agency: &AgencyId, notice: Notice) {
        if let Some(live) = self
            .lock()
            .get(agency)
            .and_then(|known| known.live.as_ref())
        {
            let _told_again_at_hello = live.notices.try_send(notice);
        }
    }

    /// The root of the digest of an agency's records after the operation with this head, if it was noted.
    pub(super) fn root_at(&self, agency: &AgencyId, head: Hash) -> Option<Hash> {
        let agencies = self.lock();
        let (at, root) = agencies.get(agency)?.live.as_ref()?.root?;
        (at == head).then_some(root)
    }

    /// Notes the root of the digest of an agency's records after the operation with this head.
    pub(super) fn note_root(&self, agency: &AgencyId, head: Hash, root: Hash) {
        let mut agencies = self.lock();
        let live = agencies
            .get_mut(agency)
            .and_then(|known| known.live.as_mut());
        if let Some(live) = live {
            live.root = Some((head, root));
        }
    }

    /// What the stream of a session holds while it is open.
    pub(super) fn open(&self, agency: &AgencyId, session: u64) -> Arc<Open> {
        let open = Arc::new(Open);
        let mut agencies = self.lock();
        let live = agencies
            .get_mut(agency)
            .and_then(|known| known.live.as_mut());
        if let Some(live) = live.filter(|live| live.session == session) {
            live.open = Arc::downgrade(&open);
        }
        open
    }

    /// Notes that the agency was heard from.
    pub(super) fn heard(&self, agency: &AgencyId, now: Timestamp) {
        self.lock().entry(agency.clone()).or_default().hear(now);
    }

    /// Whether the agency's stream is open.
    pub(super) fn is_connected(&self, agency: &AgencyId) -> bool {
        let agencies = self.lock();
        let live = agencies.get(agency).and_then(|known| known.live.as_ref());
        live.is_some_and(|live| live.open.strong_count() > 0)
    }

    /// When the agency was last heard from.
    pub(super) fn last_heard(&self, agency: &AgencyId) -> Option<Timestamp> {
        self.lock().get(agency)?.heard
    }

    /// When every agency was last heard from, as far as known.
    pub(super) fn all_heard(&self) -> BTreeMap<AgencyId, Timestamp> {
        let agencies = self.lock();
        let heard = agencies
            .iter()
            .filter_map(|(agency, known)| Some((agency.clone(), known.heard?)));
        heard.collect()
    }

    /// Since when an agency that has joined is silent; `None` while it is not.
    pub(super) fn silent_since(&self, agency: &AgencyId, now: Timestamp) -> Option<Timestamp> {
        let agencies = self.lock();
        silent_since(agencies.get(agency)?.heard, self.started, now)
    }

    /// How the contact with all agencies is.
    pub(super) fn contact(&self, now: Timestamp) -> Contact {
        let agencies = self.lock();
        contact(
            agencies.values().map(|known| known.heard),
            self.started,
            now,
        )
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AgencyId, Agency>> {
        self.agencies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Agency {
    fn hear(&mut self, now: Timestamp) {
        self.heard = Some(self.heard.map_or(now, |before| before.max(now)));
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn sessions() -> Sessions {
        Sessions::new(std::iter::empty(), &BTreeMap::new(), Timestamp::UNIX_EPOCH)
    }

    fn harbor() -> AgencyId {
        AgencyId::parse("harbor").unwrap()
    }

    #[test]
    fn a_newer_session_ends_the_older_and_never_the_reverse() {
        let (sessions, agency) = (sessions(), harbor());

        let (first, _) = sessions.begin(&agency, 1, Timestamp::UNIX_EPOCH);
        let (second, _) = sessions.begin(&agency, 2, Timestamp::UNIX_EPOCH);
        let (late, _) = sessions.begin(&agency, 1, Timestamp::UNIX_EPOCH);

        assert!(first.is_cancelled());
        assert!(late.is_cancelled());
        assert!(!second.is_cancelled());
    }

    #[test]
    fn an_agency_is_connected_for_as_long_as_the_stream_of_its_newest_session_is_open() {
        let (sessions, agency) = (sessions(), harbor());
        sessions.begin(&agency, 1, Timestamp::UNIX_EPOCH);
        let first = sessions.open(&agency, 1);
        sessions.begin(&agency, 2, Timestamp::UNIX_EPOCH);
        let second = sessions.open(&agency, 2);
        let late = sessions.open(&agency, 1);

        drop((first, late));
        assert!(sessions.is_connected(&agency));

        drop(second);
        assert!(!sessions.is_connected(&agency));
    }

    #[test]
    fn what_was_heard_before_a_restart_is_remembered_until_something_is_heard() {
        let before = Timestamp::UNIX_EPOCH;
        let started = before + SignedDuration::from_hours(1);
        let heard = BTreeMap::from([(harbor(), before)]);
        let sessions = Sessions::new(std::iter::once(harbor()), &heard, started);
        let now = started + SignedDuration::from_mins(2);
        assert_eq!(sessions.silent_since(&harbor(), now), Some(before));

        sessions.heard(&harbor(), now);

        assert_eq!(sessions.silent_since(&harbor(), now), None);
        assert_eq!(sessions.last_heard(&harbor()), Some(now));
    }
}
