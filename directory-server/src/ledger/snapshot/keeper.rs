//! The thread that makes snapshots and lets go of the journal behind them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use referral_journal::{Archive, FileStorage};
use referral_runtime::clock::Clock;
use referral_runtime::panics::catch_blocking;
use tokio::sync::oneshot;
use tracing::{info, warn};

use super::folder::{Folder, Snapshot};
use super::{SnapshotError, make, tips};
use crate::config::JournalConfig;
use crate::ledger::chronicle::Chronicle;
use crate::ledger::open::Beginning;
use crate::ledger::searchable::Searchable;
use crate::ledger::warm;
use crate::store::room::{Room, Space};

/// How often it looks whether another snapshot is due.
const LOOK: Duration = Duration::from_mins(1);
/// A snapshot is made at least so often while anything is written.
const AT_LEAST: SignedDuration = SignedDuration::from_hours(24);
/// When the directory stops, what would be a tenth of the way to the next snapshot is worth one.
const WORTH_AT_END: u64 = 10;

/// What the thread is told.
#[derive(Debug)]
pub(in crate::ledger) enum Message {
    /// Make one now; answers with the journal index it stands for.
    Make(oneshot::Sender<Result<u64, SnapshotError>>),
    /// Nothing is written any more: end.
    Stop,
}

/// Makes snapshots of one directory.
pub(in crate::ledger) struct Keeper {
    pub(in crate::ledger) folder: Folder,
    pub(in crate::ledger) archive: Archive<FileStorage>,
    pub(in crate::ledger) chronicle: Chronicle,
    pub(in crate::ledger) room: Room,
    pub(in crate::ledger) clock: Arc<dyn Clock>,
    pub(in crate::ledger) config: JournalConfig,
    /// What this start could use of what lay beside snapshot and index.
    pub(in crate::ledger) beginning: Beginning,
    /// The newest snapshot there was at the start; 0: none.
    pub(in crate::ledger) began_with: u64,
    /// What rows are kept of.
    pub(in crate::ledger) searchable: Arc<Searchable>,
    /// Set when the directory stops: a snapshot that is being made is given up.
    pub(in crate::ledger) stopping: Arc<AtomicBool>,
}

impl Keeper {
    /// Looks after the snapshots until it is told to stop.
    pub(in crate::ledger) fn run(self, messages: &Receiver<Message>) {
        let began = self.clock.now();
        let mut wait = Duration::ZERO;
        let mut looked_beside = false;
        loop {
            match messages.recv_timeout(wait) {
                Ok(Message::Make(answer)) => {
                    if let Ok(made) = catch_blocking(|| self.make(&self.stopping)) {
                        let _gone = answer.send(made);
                    }
                }
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => {
                    self.end();
                    return;
                }
                Err(RecvTimeoutError::Timeout) => {
                    // The next look is another.
                    let _told_by_its_place = catch_blocking(|| self.look(began));
                    if !looked_beside {
                        looked_beside = true;
                        let _told_too = catch_blocking(|| self.renew());
                    }
                }
            }
            wait = LOOK;
        }
    }

    fn look(&self, began: Timestamp) {
        let due = self.newest().map(|newest| {
            let since = newest.map_or(began, |(_, received_at)| received_at);
            let waiting = self.waiting(newest);
            let long_ago = self.clock.now().duration_since(since) >= AT_LEAST;
            waiting >= self.config.snapshot_records.max(1) || (waiting > 0 && long_ago)
        });
        self.report(due.and_then(|due| {
            if due {
                self.make(&self.stopping)
            } else {
                Ok(0)
            }
        }));
    }

    /// Makes anew, once, what a start could not use: it takes the next one as long.
    fn renew(&self) {
        let renewed = self.folder.all().and_then(|all| {
            let Some(newest) = all.last() else {
                return Ok(());
            };
            if !self.beginning.from_tips && !self.has_new_tips(newest) {
                make::renew_tips(&self.folder, &self.stopping)?;
            }
            if self.beginning.read.is_none() {
                self.keep_rows();
            }
            Ok(())
        });
        self.report(renewed.map(|()| 0));
    }

    /// Whether tips were written since the start: with a snapshot that is newer than the start's.
    fn has_new_tips(&self, newest: &Snapshot) -> bool {
        newest.index > self.began_with && tips::fit(&self.folder, newest)
    }

    /// Without them the next start takes longer.
    fn keep_rows(&self) {
        if let Err(error) = warm::keep(&self.searchable, &self.archive) {
            warn!(error.type = "index_rows", "the rows of the search index were not kept: {error}");
        }
    }

    /// One more at the end, so that the next start has less to fold.
    fn end(&self) {
        let worth = (self.config.snapshot_records / WORTH_AT_END).max(1);
        let never = AtomicBool::new(false);
        let newest = self.newest();
        let due = newest.map(|newest| self.waiting(newest) >= worth);
        self.report(due.and_then(|due| if due { self.make(&never) } else { Ok(0) }));
    }

    fn report(&self, made: Result<u64, SnapshotError>) {
        match made {
            Ok(_) | Err(SnapshotError::Stopped) => {}
            Err(error) => {
                let folder = self.folder.path().display();
                warn!(error.type = error.code(), "no snapshot was made in {folder}, it is tried again: {error}");
            }
        }
    }

    /// The index of the newest snapshot, and when the last record in it was received.
    fn newest(&self) -> Result<Option<(u64, Timestamp)>, SnapshotError> {
        let Some(newest) = self.folder.all()?.pop() else {
            return Ok(None);
        };
        let received_at = newest.read()?.header.received_at_us;
        let received_at = Timestamp::from_microsecond(received_at).unwrap_or(Timestamp::UNIX_EPOCH);
        Ok(Some((newest.index, received_at)))
    }

    /// Journal records that are in no snapshot.
    fn waiting(&self, newest: Option<(u64, Timestamp)>) -> u64 {
        let index = newest.map_or(0, |(index, _)| index);
        self.archive.last_index().saturating_sub(index)
    }

    /// Makes one of the journal as it is now, then lets go of what is behind the one before it.
    fn make(&self, stop: &AtomicBool) -> Result<u64, SnapshotError> {
        self.check_room()?;
        // Never beyond the history: what it lost in a crash is folded from the journal after the snapshot.
        let history = self.chronicle.sync().ok_or(SnapshotError::NoHistory)?;
        let up_to = (self.archive.last_index().min(history), make::ROUND);
        let made = make::make(&self.folder, &self.archive, up_to, stop)?;
        if let Some(made) = made {
            let index = made.index;
            info!(
                referral.journal.index = index,
                "a snapshot of journal record {index} was made"
            );
            self.keep_rows();
            self.let_go()?;
        }
        Ok(up_to.0)
    }

    fn check_room(&self) -> Result<(), SnapshotError> {
        let newest = self.folder.all()?.pop();
        let length = newest.map_or(Ok(0), |newest| newest.length())?;
        // The next is about as long as the newest, and what the journal adds is small beside it.
        if self.room.space_after(length) < Space::Plenty {
            return Err(SnapshotError::NoRoom);
        }
        Ok(())
    }

    /// Drops the journal's segments that are older than they have to be kept and behind a snapshot that
    /// can serve without the newest (R16). What is withdrawn stays known: each snapshot takes it on.
    fn let_go(&self) -> Result<(), SnapshotError> {
        let kept = SignedDuration::try_from(self.config.keep).unwrap_or(SignedDuration::MAX);
        let Ok(before) = self.clock.now().checked_sub(kept) else {
            return Ok(());
        };
        let mut begin = self.archive.first_index();
        for segment in self.archive.segments()? {
            let first = self.archive.read_from(segment)?.next().transpose()?;
            if first.is_some_and(|first| first.received_at_us <= before.as_microsecond()) {
                begin = segment;
            }
        }
        if begin == self.archive.first_index() {
            return Ok(());
        }
        if let Some(fallback) = self.folder.fallback()? {
            let first = self.archive.drop_before(begin.min(fallback + 1))?;
            info!(
                referral.journal.first = first,
                "the journal begins with record {first} now"
            );
        }
        Ok(())
    }
}
