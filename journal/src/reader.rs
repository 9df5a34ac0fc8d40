//! Reading a journal in order, to fold it at the start or to follow it while it grows.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::archive::Span;
use crate::error::JournalError;
use crate::format::{FRAME_HEADER, SEGMENT_HEADER, Tag, segment_name};
use crate::record::Record;
use crate::segment::{self, Frame, Segment};
use crate::storage::Storage;

/// Reads records in order, verifying each again.
///
/// As an iterator it yields every durable record from its place on, then `None`; when the journal has grown
/// it yields the new ones. Nothing wakes it: pair it with a signal of your own. After an error it yields no
/// more.
#[derive(Debug)]
pub struct Reader<S: Storage> {
    storage: S,
    span: Arc<Span>,
    next_index: u64,
    place: Option<Place<S::File>>,
    read: VecDeque<Record>,
    failed: bool,
}

/// A frame's place: the next one to read.
#[derive(Debug)]
struct Place<F> {
    segment: Segment<F>,
    offset: u64,
}

impl<S: Storage> Reader<S> {
    pub(crate) fn open(storage: S, span: Arc<Span>, index: u64) -> Result<Self, JournalError> {
        let last_index = span.committed();
        if index == 0 || index > last_index + 1 {
            return Err(JournalError::NoSuchRecord { index, last_index });
        }
        span.check_kept(index)?;
        Ok(Self {
            storage,
            span,
            next_index: index,
            place: None,
            read: VecDeque::new(),
            failed: false,
        })
    }

    /// The index of the next record it will yield.
    #[must_use]
    pub fn next_index(&self) -> u64 {
        self.next_index
    }

    /// The index of the last durable record; 0 when there is none.
    #[must_use]
    pub fn last_index(&self) -> u64 {
        self.span.committed()
    }

    /// Another reader of the same journal, from record `index` on.
    ///
    /// # Errors
    /// [`JournalError::NoSuchRecord`] when `index` is 0 or more than one past the last record,
    /// [`JournalError::Dropped`] when the journal no longer goes back so far.
    pub fn read_from(&self, index: u64) -> Result<Self, JournalError> {
        Self::open(self.storage.clone(), Arc::clone(&self.span), index)
    }

    fn read_batch(&mut self) -> Result<(), JournalError> {
        let mut place = match self.place.take() {
            Some(place) => place,
            None => self.locate()?,
        };
        let batch = match place.batch()? {
            Some(batch) => batch,
            // The batch is durable: when it is not here, this segment has ended before it.
            None if segment::list(&self.storage)?.contains(&self.next_index) => {
                place = Place::start_of(&self.storage, self.next_index)?;
                place.batch()?.ok_or_else(|| place.damaged())?
            }
            None => return Err(place.damaged()),
        };
        self.read = batch
            .into_iter()
            .skip_while(|record| record.index < self.next_index)
            .collect();
        if self.read.front().map(|record| record.index) != Some(self.next_index) {
            return Err(place.damaged());
        }
        self.place = Some(place);
        Ok(())
    }

    /// The place of the batch that holds the next record.
    fn locate(&self) -> Result<Place<S::File>, JournalError> {
        let segments = segment::list(&self.storage)?;
        let begin = segments
            .into_iter()
            .rfind(|first| *first <= self.next_index)
            .unwrap_or(1);
        let mut place = Place::start_of(&self.storage, begin)?;
        while let Some(header) = place.segment.header_at(place.offset)?
            && header.tag == Tag::Batch
            && header.index + u64::from(header.count) <= self.next_index
        {
            place.offset += FRAME_HEADER as u64 + u64::from(header.body_bytes);
        }
        Ok(place)
    }
}

impl<S: Storage> Iterator for Reader<S> {
    type Item = Result<Record, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        if self.read.is_empty() {
            if self.next_index > self.last_index() {
                return None;
            }
            if let Err(error) = self.read_batch() {
                self.failed = true;
                // Whatever was found: what lay here may have been dropped meanwhile.
                return Some(Err(self
                    .span
                    .check_kept(self.next_index)
                    .err()
                    .unwrap_or(error)));
            }
        }
        self.next_index += 1;
        self.read.pop_front().map(Ok)
    }
}

impl<F: crate::storage::File> Place<F> {
    fn start_of<S: Storage<File = F>>(storage: &S, first_index: u64) -> Result<Self, JournalError> {
        let segment =
            Segment::open(storage, first_index)?.ok_or_else(|| JournalError::Damaged {
                segment: segment_name(first_index),
                offset: 0,
                what: "the segment header does not verify",
            })?;
        Ok(Self {
            segment,
            offset: SEGMENT_HEADER,
        })
    }

    /// The records of the batch here, if one begins here, and moves past it.
    fn batch(&mut self) -> Result<Option<Vec<Record>>, JournalError> {
        match self.segment.frame_at(self.offset)? {
            Frame::Whole(header, body) if header.tag == Tag::Batch => {
                self.offset += (FRAME_HEADER + body.len()) as u64;
                Ok(header.records(&body))
            }
            _ => Ok(None),
        }
    }

    fn damaged(&self) -> JournalError {
        JournalError::Damaged {
            segment: self.segment.name(),
            offset: self.offset,
            what: "a batch does not verify",
        }
    }
}
