//! Copying a journal to another storage while it is written to.
//!
//! A segment's header is written last, and every segment but the last ends with the promise of the next: as
//! long as anything is missing, the copy does not open.

use crate::archive::{Copied, mark_first};
use crate::error::JournalError;
use crate::format::{
    FRAME_HEADER, FrameHeader, SEGMENT_HEADER, Tag, first_index_of, first_marked_by, segment_name,
};
use crate::record::Options;
use crate::recovery;
use crate::segment::{self, Segment, failed};
use crate::storage::{File, Storage};

/// How much is read and written at once. Unit: bytes.
const CHUNK: u64 = 1 << 20;

/// Copies records `span.0..=span.1` and the rest of the last one's batch, and opens what was copied.
pub(crate) fn copy<S: Storage, T: Storage>(
    from: &S,
    to: &T,
    (first_index, up_to): (u64, u64),
) -> Result<Copied, JournalError> {
    let names = to.list().map_err(failed("list", "*"))?;
    if names.iter().any(|name| is_journal(name)) {
        return Err(JournalError::NotEmpty);
    }
    let mut segments = segment::list(from)?;
    segments.retain(|segment| (first_index..=up_to.max(first_index)).contains(segment));
    let mut bytes = 0;
    for (position, &first) in segments.iter().enumerate() {
        let is_last = position + 1 == segments.len();
        bytes += copy_segment(from, to, first, is_last.then_some(up_to))?;
    }
    if first_index > 1 {
        mark_first(to, first_index)?;
    }
    to.sync_directory().map_err(failed("sync", "*"))?;
    let last_index = verify(to, first_index, up_to)?;
    Ok(Copied {
        first_index,
        last_index,
        bytes,
    })
}

fn is_journal(name: &str) -> bool {
    first_index_of(name).or(first_marked_by(name)).is_some()
}

/// Copies one segment, as far as the batch that holds record `cut` if that is given.
fn copy_segment<S: Storage, T: Storage>(
    from: &S,
    to: &T,
    first: u64,
    cut: Option<u64>,
) -> Result<u64, JournalError> {
    let name = segment_name(first);
    let source = Segment::open(from, first)?.ok_or_else(|| damaged(first, 0))?;
    let (length, mark) = match cut {
        None => (source.length()?, None),
        Some(up_to) => end_of_batch(&source, up_to)?,
    };
    let mut file = to.create(&name).map_err(failed("create", &name))?;
    let mut at = SEGMENT_HEADER;
    while at < length {
        let bytes = source.bytes(at, CHUNK.min(length - at))?;
        if bytes.is_empty() {
            return Err(damaged(first, at));
        }
        file.write_at(at, &bytes).map_err(failed("write", &name))?;
        at += bytes.len() as u64;
    }
    if let Some(mark) = mark {
        let mark = mark.encode(source.salt);
        file.write_at(at, &mark).map_err(failed("write", &name))?;
        at += FRAME_HEADER as u64;
    }
    file.sync().map_err(failed("sync", &name))?;
    let header = source.bytes(0, SEGMENT_HEADER)?;
    file.write_at(0, &header).map_err(failed("write", &name))?;
    file.sync().map_err(failed("sync", &name))?;
    Ok(at)
}

/// Where the batch with record `up_to` ends, and the mark that says that it was synced. The start of the
/// segment and no mark when `up_to` comes before it: there are no records.
fn end_of_batch<F: File>(
    segment: &Segment<F>,
    up_to: u64,
) -> Result<(u64, Option<FrameHeader>), JournalError> {
    let mut at = SEGMENT_HEADER;
    if up_to < segment.first_index {
        return Ok((at, None));
    }
    loop {
        let header = segment.header_at(at)?;
        let batch = header.filter(|header| header.tag == Tag::Batch);
        let batch = batch.ok_or_else(|| damaged(segment.first_index, at))?;
        at += FRAME_HEADER as u64 + u64::from(batch.body_bytes);
        let next = batch.index + u64::from(batch.count);
        if next > up_to {
            let mark = FrameHeader::mark(Tag::Committed, next - 1, batch.generation, segment.salt);
            return Ok((at, Some(mark)));
        }
    }
}

/// Opens the copy; returns its last index.
fn verify<T: Storage>(to: &T, first_index: u64, up_to: u64) -> Result<u64, JournalError> {
    let any_generation = Options {
        generation: u64::MAX,
        ..Options::default()
    };
    let (_, recovered) = recovery::recover(to, any_generation)?;
    let whole = recovered.torn_tail.is_none() && !recovered.created;
    if whole && recovered.first_index == first_index && recovered.last_index >= up_to {
        return Ok(recovered.last_index);
    }
    Err(damaged(first_index, 0))
}

fn damaged(segment: u64, offset: u64) -> JournalError {
    JournalError::Damaged {
        segment: segment_name(segment),
        offset,
        what: "it cannot be copied as it is",
    }
}
