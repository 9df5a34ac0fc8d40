//! Opening a journal: verify every record, cut a torn tail, refuse everything else that is wrong.
//!
//! Recovery may itself be cut short at any step: it only ever repeats what it did.

use crate::archive::finish_drop;
use crate::error::JournalError;
use crate::format::{FRAME_HEADER, FrameHeader, SEGMENT_HEADER, Tag, segment_name};
use crate::record::{Options, Recovered, TornTail};
use crate::segment::{self, Frame, Segment, failed};
use crate::storage::{File, Storage};

/// The segment that is appended to, and where.
#[derive(Debug)]
pub(crate) struct Active<F> {
    pub(crate) segment: Segment<F>,
    /// Where the next batch goes. Unit: bytes from the start of the segment.
    pub(crate) end: u64,
}

/// Verifies the journal in `storage`, or begins one.
pub(crate) fn recover<S: Storage>(
    storage: &S,
    options: Options,
) -> Result<(Active<S::File>, Recovered), JournalError> {
    let first_index = segment::markers(storage)?.pop().unwrap_or(1);
    finish_drop(storage, first_index)?;
    let mut recovered = Recovered {
        first_index,
        last_index: first_index.saturating_sub(1),
        last_generation: 0,
        created: false,
        torn_tail: None,
    };
    let mut segments = segment::list(storage)?;
    drop_unfinished_segment(storage, &mut segments, &mut recovered)?;
    let Some((&last, earlier)) = segments.split_last() else {
        if first_index != 1 {
            let name = segment_name(first_index);
            return Err(damaged(&name, 0, "the segment is missing"));
        }
        recovered.created = recovered.torn_tail.is_none();
        let segment = Segment::create(storage, 1).map_err(failed("create", &segment_name(1)))?;
        return Ok((
            Active {
                segment,
                end: SEGMENT_HEADER,
            },
            recovered,
        ));
    };
    let mut unsealed = None;
    for (position, &first) in earlier.iter().enumerate() {
        let (segment, scan) = verify_next(storage, first, &mut recovered)?;
        scan.leads_to(segments[position + 1], &segment)?;
        unsealed = scan.sealed.is_none().then_some((segment, scan));
    }
    let (segment, scan) = verify_next(storage, last, &mut recovered)?;
    if recovered.last_generation > options.generation {
        return Err(JournalError::StaleGeneration {
            found: recovered.last_generation,
            offered: options.generation,
        });
    }
    let active = make_appendable(storage, segment, &scan, &mut recovered)?;
    // Only now is the last segment sure to be there after a crash, as a seal before it promises.
    if let Some((mut segment, scan)) = unsealed {
        failpoint!("journal.open.pre_seal");
        segment
            .seal(scan.end, last, scan.generation)
            .map_err(failed("seal", &segment.name()))?;
    }
    Ok((active, recovered))
}

/// Opens the segment again after a failure and cuts it back to `end`, where record `next_index` goes.
pub(crate) fn reopen<S: Storage>(
    storage: &S,
    first_index: u64,
    end: u64,
    next_index: u64,
) -> Result<Active<S::File>, JournalError> {
    let name = segment_name(first_index);
    let mut segment = open(storage, first_index)?;
    segment.file.truncate(end).map_err(failed("cut", &name))?;
    segment.file.sync().map_err(failed("sync", &name))?;
    let scan = Scan::of(&segment, first_index, 0)?;
    if scan.end != end || scan.next_index != next_index {
        return Err(damaged(&name, scan.end, "an acknowledged batch is gone"));
    }
    Ok(Active { segment, end })
}

/// A last segment whose creation was cut short holds nothing: away with it.
fn drop_unfinished_segment<S: Storage>(
    storage: &S,
    segments: &mut Vec<u64>,
    recovered: &mut Recovered,
) -> Result<(), JournalError> {
    let Some(&last) = segments.last() else {
        return Ok(());
    };
    let name = segment_name(last);
    let file = storage.open(&name).map_err(failed("open", &name))?;
    let length = file.length().map_err(failed("read", &name))?;
    if length > SEGMENT_HEADER || Segment::open(storage, last)?.is_some() {
        return Ok(());
    }
    failpoint!("journal.open.unfinished");
    storage.remove(&name).map_err(failed("remove", &name))?;
    storage.sync_directory().map_err(failed("sync", "*"))?;
    segments.pop();
    if length > 0 {
        recovered.torn_tail = Some(TornTail {
            segment: name,
            offset: 0,
            bytes: length,
        });
    }
    Ok(())
}

/// Verifies the segment that must hold the record after the last one recovered.
fn verify_next<S: Storage>(
    storage: &S,
    first: u64,
    recovered: &mut Recovered,
) -> Result<(Segment<S::File>, Scan), JournalError> {
    let expected = recovered.last_index + 1;
    if first != expected {
        return Err(damaged(
            &segment_name(expected),
            0,
            "the segment is missing",
        ));
    }
    let segment = open(storage, first)?;
    let scan = Scan::of(&segment, expected, recovered.last_generation)?;
    recovered.last_index = scan.next_index - 1;
    recovered.last_generation = scan.generation;
    Ok((segment, scan))
}

fn open<S: Storage>(storage: &S, first_index: u64) -> Result<Segment<S::File>, JournalError> {
    Segment::open(storage, first_index)?.ok_or_else(|| {
        damaged(
            &segment_name(first_index),
            0,
            "the segment header does not verify",
        )
    })
}

/// Cuts the torn tail off the last segment and makes sure that what is left is durable.
fn make_appendable<S: Storage>(
    storage: &S,
    mut segment: Segment<S::File>,
    scan: &Scan,
    recovered: &mut Recovered,
) -> Result<Active<S::File>, JournalError> {
    let name = segment.name();
    if let Some(next) = scan.sealed {
        return Err(damaged(&segment_name(next), 0, "the segment is missing"));
    }
    if scan.garbage > 0 {
        recovered.torn_tail = Some(TornTail {
            segment: name.clone(),
            offset: scan.end,
            bytes: scan.garbage,
        });
    }
    failpoint!("journal.open.verified");
    if scan.garbage > 0 || !scan.committed {
        failpoint!("journal.open.pre_cut");
        // A sync that failed before a restart may have left the last batch in the cache only: without
        // a committed mark it is written once more, so that this sync has it to write.
        let from = scan.last_batch.unwrap_or(0);
        let again = segment.bytes(from, scan.end - from)?;
        segment
            .file
            .truncate(scan.end)
            .map_err(failed("cut", &name))?;
        failpoint!("journal.open.cut");
        segment
            .file
            .write_at(from, &again)
            .map_err(failed("write", &name))?;
        failpoint!("journal.open.rewritten");
        segment.file.sync().map_err(failed("sync", &name))?;
        storage.sync_directory().map_err(failed("sync", "*"))?;
    }
    Ok(Active {
        segment,
        end: scan.end,
    })
}

/// What verifying one segment from its first frame on found.
#[derive(Debug)]
struct Scan {
    /// Where the last whole batch ends. Unit: bytes.
    end: u64,
    /// Where the last whole batch begins, if there is one. Unit: bytes.
    last_batch: Option<u64>,
    /// The index of the record that would come next.
    next_index: u64,
    /// The generation of the last record.
    generation: u64,
    /// The last batch is known to have been synced.
    committed: bool,
    /// The segment was ended, and the next one begins with this record.
    sealed: Option<u64>,
    /// How many bytes after all that do not verify.
    garbage: u64,
}

impl Scan {
    fn of<F: File>(
        segment: &Segment<F>,
        next_index: u64,
        generation: u64,
    ) -> Result<Self, JournalError> {
        let mut scan = Self {
            end: SEGMENT_HEADER,
            last_batch: None,
            next_index,
            generation,
            committed: false,
            sealed: None,
            garbage: 0,
        };
        let mut at = scan.end;
        while let Frame::Whole(header, body) = segment.frame_at(at)? {
            if let Some(what) = scan.contradiction(&header, &body) {
                return Err(damaged(&segment.name(), at, what));
            }
            let start = at;
            at += (FRAME_HEADER + body.len()) as u64;
            match header.tag {
                Tag::Batch => scan.pass_batch(&header, start, at),
                Tag::Committed => scan.committed = true,
                Tag::Sealed => scan.sealed = Some(header.index),
            }
        }
        scan.garbage = segment.length()?.saturating_sub(at);
        if scan.garbage > 0 && has_frame_after(segment, at, scan.garbage)? {
            return Err(damaged(
                &segment.name(),
                at,
                "a batch does not verify, and whole ones follow it",
            ));
        }
        Ok(scan)
    }

    fn pass_batch(&mut self, header: &FrameHeader, start: u64, end: u64) {
        self.last_batch = Some(start);
        self.end = end;
        self.next_index = header.index + u64::from(header.count);
        self.generation = header.generation;
    }

    /// Why this frame cannot stand here, though its checksums verify.
    fn contradiction(&self, header: &FrameHeader, body: &[u8]) -> Option<&'static str> {
        let expected = match header.tag {
            Tag::Committed => self.next_index - 1,
            Tag::Batch | Tag::Sealed => self.next_index,
        };
        if self.committed || self.sealed.is_some() {
            Some("a frame follows the end of the segment")
        } else if header.index != expected {
            Some("records are missing before this one")
        } else if header.generation < self.generation {
            Some("the generation falls")
        } else if header.tag == Tag::Batch && header.records(body).is_none_or(|r| r.is_empty()) {
            Some("a batch is not what its header says")
        } else {
            None
        }
    }

    /// Whether the segment that begins with record `next` can follow this one.
    fn leads_to<F: File>(&self, next: u64, segment: &Segment<F>) -> Result<(), JournalError> {
        if next == self.next_index {
            return Ok(());
        }
        if self.garbage > 0 {
            return Err(damaged(
                &segment.name(),
                self.end,
                "a batch does not verify",
            ));
        }
        Err(damaged(
            &segment_name(self.next_index),
            0,
            "the segment is missing",
        ))
    }
}

/// Whether a frame header verifies anywhere after the broken one at `offset`.
fn has_frame_after<F: File>(
    segment: &Segment<F>,
    offset: u64,
    length: u64,
) -> Result<bool, JournalError> {
    let tail = segment.bytes(offset, length)?;
    let mut places = 1..tail.len();
    Ok(places.any(|at| FrameHeader::decode(&tail[at..], segment.salt).is_some()))
}

fn damaged(segment: &str, offset: u64, what: &'static str) -> JournalError {
    JournalError::Damaged {
        segment: segment.to_owned(),
        offset,
        what,
    }
}
