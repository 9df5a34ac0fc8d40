//! The writer: one batch, one write, one fsync, all or nothing.

use std::error::Error;
use std::io;
use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::archive::{Archive, Span};
use crate::error::{AppendError, JournalError};
use crate::format::{FrameHeader, SEGMENT_HEADER, Tag, batch_bytes, encode_batch};
use crate::reader::Reader;
use crate::record::{Entry, Options, Recovered};
use crate::recovery::{self, Active};
use crate::segment::Segment;
use crate::storage::{File, Storage};

/// An open journal: the only writer of its segments.
///
/// Appending blocks until the disk has the batch. From async code, give the journal a thread of its own
/// and let it gather what waits into one batch: the cost of an append is its fsync.
#[derive(Debug)]
pub struct Journal<S: Storage> {
    storage: S,
    options: Options,
    state: State<S::File>,
    next_index: u64,
    /// The next segment may lie there already: nothing is appended to this one any more.
    rolling: bool,
    /// The records that are durable and not dropped; readers go no further.
    span: Arc<Span>,
}

#[derive(Debug)]
enum State<F> {
    Usable(Active<F>),
    Poisoned(String),
}

impl<S: Storage> Journal<S> {
    /// Opens the journal in `storage`, or begins one there.
    ///
    /// Every record is verified. A torn tail is cut and reported; a crash in the middle of that does no
    /// harm.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] when something that was durable is gone or changed,
    /// [`JournalError::StaleGeneration`] when a later generation wrote here, [`JournalError::Io`].
    pub fn open(storage: S, options: Options) -> Result<(Self, Recovered), JournalError> {
        let (active, recovered) = recovery::recover(&storage, options)?;
        let mut journal = Self {
            storage,
            options,
            state: State::Usable(active),
            next_index: recovered.last_index + 1,
            rolling: false,
            span: Arc::new(Span::new(recovered.first_index, recovered.last_index)),
        };
        journal.mark_committed();
        Ok((journal, recovered))
    }

    /// Makes `entries` durable as one batch. Returns the indexes they were given, in order.
    ///
    /// # Errors
    /// [`AppendError`]. Unless it is [`AppendError::Poisoned`], nothing of the batch is left behind, not
    /// even after a crash, and the journal can be used on.
    pub fn append(&mut self, entries: &[Entry<'_>]) -> Result<RangeInclusive<u64>, AppendError> {
        if entries.is_empty() {
            return Err(AppendError::Empty);
        }
        self.make_room()?;
        let (first, generation) = (self.next_index, self.options.generation);
        let active = self.usable()?;
        let salt = active.segment.salt;
        let batch = encode_batch(entries, first, generation, salt).ok_or_else(|| {
            AppendError::TooLarge {
                bytes: batch_bytes(entries),
            }
        })?;
        failpoint!("journal.append.pre_write");
        failpoint!("journal.append.torn", {
            let half = &batch[..batch.len() / 2];
            active.segment.file.write_at(active.end, half)
        });
        if let Err(error) = active.segment.file.write_at(active.end, &batch) {
            return Err(self.take_back(error));
        }
        failpoint!("journal.append.post_write");
        if let Err(error) = active.segment.file.sync() {
            return Err(self.reopen(error));
        }
        failpoint!("journal.append.post_sync");
        active.end += batch.len() as u64;
        self.next_index += entries.len() as u64;
        self.span.commit(self.next_index - 1);
        self.mark_committed();
        failpoint!("journal.append.marked");
        Ok(first..=self.next_index - 1)
    }

    /// The index of the last durable record; one less than the first when there is none.
    #[must_use]
    pub fn last_index(&self) -> u64 {
        self.next_index - 1
    }

    /// A handle on what is durable, for other threads: to read it, copy it, drop its oldest part.
    #[must_use]
    pub fn archive(&self) -> Archive<S> {
        Archive::new(self.storage.clone(), Arc::clone(&self.span))
    }

    /// Reads from record `index` on (1 is the first). The reader stands on its own: it goes on while this
    /// journal appends, from any thread, and sees nothing that is not durable.
    ///
    /// # Errors
    /// [`JournalError::NoSuchRecord`] when `index` is 0 or more than one past the last record,
    /// [`JournalError::Dropped`] when the journal no longer goes back so far.
    pub fn read_from(&self, index: u64) -> Result<Reader<S>, JournalError> {
        Reader::open(self.storage.clone(), Arc::clone(&self.span), index)
    }

    /// Has the next record begin a segment, so that [`Archive::drop_before`] can drop everything before it. One that
    /// is empty is that segment already.
    ///
    /// The new one is durable before the old one is sealed, and both before anything is written to it.
    ///
    /// # Errors
    /// [`AppendError`]; the journal can be used on unless it is [`AppendError::Poisoned`].
    pub fn begin_segment(&mut self) -> Result<(), AppendError> {
        let (next, generation) = (self.next_index, self.options.generation);
        let storage = self.storage.clone();
        if self.usable()?.end == SEGMENT_HEADER {
            return Ok(());
        }
        self.rolling = true;
        failpoint!("journal.roll.pre_create");
        let segment = Segment::create(&storage, next)?;
        failpoint!("journal.roll.created");
        let active = self.usable()?;
        if let Err(error) = active.segment.seal(active.end, next, generation) {
            return Err(self.reopen(error));
        }
        failpoint!("journal.roll.sealed");
        self.rolling = false;
        self.state = State::Usable(Active {
            segment,
            end: SEGMENT_HEADER,
        });
        Ok(())
    }

    fn usable(&mut self) -> Result<&mut Active<S::File>, AppendError> {
        match &mut self.state {
            State::Usable(active) => Ok(active),
            State::Poisoned(reason) => Err(AppendError::Poisoned {
                reason: reason.clone(),
            }),
        }
    }

    /// Begins the next segment when this one is full.
    fn make_room(&mut self) -> Result<(), AppendError> {
        let early = failpoint!("journal.roll.early" is on);
        let limit = if early { 0 } else { self.options.segment_bytes };
        let rolling = self.rolling;
        if self.usable()?.end < limit && !rolling {
            return Ok(());
        }
        self.begin_segment()
    }

    /// Undoes a failed write: cut back to the last durable batch, and make the cut durable.
    fn take_back(&mut self, error: io::Error) -> AppendError {
        if let Ok(active) = self.usable() {
            let file = &mut active.segment.file;
            if file.truncate(active.end).is_err() || file.sync().is_err() {
                return self.reopen(error);
            }
            self.mark_committed();
        }
        error.into()
    }

    /// Goes on after a failed sync. What the failed file claims from now on means nothing, so it is closed,
    /// opened again, cut back and verified; if that fails too, the journal is poisoned.
    fn reopen(&mut self, error: io::Error) -> AppendError {
        let (first, end) = match self.usable() {
            Ok(active) => (active.segment.first_index, active.end),
            Err(poisoned) => return poisoned,
        };
        self.state = State::Poisoned(error.to_string());
        match recovery::reopen(&self.storage, first, end, self.next_index) {
            Ok(active) => {
                self.state = State::Usable(active);
                self.mark_committed();
                error.into()
            }
            Err(failure) => {
                let cause = failure.source().map(|cause| format!(": {cause}"));
                let reason = format!("{error}, then {failure}{}", cause.unwrap_or_default());
                self.state = State::Poisoned(reason.clone());
                AppendError::Poisoned { reason }
            }
        }
    }

    /// Says after the last batch that it was synced, so that rot in it is not mistaken for a torn write.
    /// The mark need not be durable, and a mark that cannot be written is only a mark missing.
    fn mark_committed(&mut self) {
        let (last, generation) = (self.next_index - 1, self.options.generation);
        if let State::Usable(active) = &mut self.state
            && active.end > SEGMENT_HEADER
        {
            let salt = active.segment.salt;
            let mark = FrameHeader::mark(Tag::Committed, last, generation, salt).encode(salt);
            let _unneeded = active.segment.file.write_at(active.end, &mark);
        }
    }
}
