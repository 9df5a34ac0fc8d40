//! One open segment: its frames, read and verified, and what it takes to create or end one.

use std::io;

use crate::error::JournalError;
use crate::format::{
    FRAME_HEADER, FrameHeader, MAX_BATCH_BYTES, SEGMENT_HEADER, SegmentHeader, Tag, first_index_of,
    first_marked_by, segment_name,
};
use crate::storage::{File, Storage};

/// An open segment whose header verified.
#[derive(Debug)]
pub(crate) struct Segment<F> {
    pub(crate) file: F,
    pub(crate) first_index: u64,
    pub(crate) salt: u64,
}

/// What stands at an offset of a segment.
pub(crate) enum Frame {
    /// A frame that verified, and its body.
    Whole(FrameHeader, Vec<u8>),
    /// Exactly the end of the file.
    End,
    /// Bytes that do not verify.
    Broken,
}

impl<F: File> Segment<F> {
    /// Creates an empty segment, durably.
    pub(crate) fn create<S: Storage<File = F>>(storage: &S, first_index: u64) -> io::Result<Self> {
        let header = SegmentHeader {
            first_index,
            salt: storage.nonce(),
        };
        let mut file = storage.create(&segment_name(first_index))?;
        failpoint!("journal.roll.named");
        file.write_at(0, &header.encode())?;
        file.sync()?;
        storage.sync_directory()?;
        Ok(Self {
            file,
            first_index,
            salt: header.salt,
        })
    }

    /// Opens a segment. `None` when its header does not verify.
    pub(crate) fn open<S: Storage<File = F>>(
        storage: &S,
        first_index: u64,
    ) -> Result<Option<Self>, JournalError> {
        let name = segment_name(first_index);
        let file = storage.open(&name).map_err(failed("open", &name))?;
        let bytes = read(&file, 0, SEGMENT_HEADER).map_err(failed("read", &name))?;
        Ok(SegmentHeader::decode(&bytes)
            .filter(|header| header.first_index == first_index)
            .map(|header| Self {
                file,
                first_index,
                salt: header.salt,
            }))
    }

    pub(crate) fn name(&self) -> String {
        segment_name(self.first_index)
    }

    pub(crate) fn length(&self) -> Result<u64, JournalError> {
        self.file.length().map_err(failed("read", &self.name()))
    }

    /// Up to `length` bytes from `offset` on; fewer only at the end of the file.
    pub(crate) fn bytes(&self, offset: u64, length: u64) -> Result<Vec<u8>, JournalError> {
        read(&self.file, offset, length).map_err(failed("read", &self.name()))
    }

    /// The frame header at `offset`, if one verifies there. The body is not looked at.
    pub(crate) fn header_at(&self, offset: u64) -> Result<Option<FrameHeader>, JournalError> {
        let bytes = self.bytes(offset, FRAME_HEADER as u64)?;
        Ok(FrameHeader::decode(&bytes, self.salt))
    }

    pub(crate) fn frame_at(&self, offset: u64) -> Result<Frame, JournalError> {
        let bytes = self.bytes(offset, FRAME_HEADER as u64)?;
        if bytes.is_empty() {
            return Ok(Frame::End);
        }
        let Some(header) = FrameHeader::decode(&bytes, self.salt) else {
            return Ok(Frame::Broken);
        };
        let length = u64::from(header.body_bytes).min(MAX_BATCH_BYTES);
        let body = self.bytes(offset + FRAME_HEADER as u64, length)?;
        if body.len() as u64 == u64::from(header.body_bytes) && header.verifies(&body, self.salt) {
            Ok(Frame::Whole(header, body))
        } else {
            Ok(Frame::Broken)
        }
    }

    /// Ends the segment at `offset`, durably: the next one begins with record `next_index`.
    pub(crate) fn seal(&mut self, offset: u64, next_index: u64, generation: u64) -> io::Result<()> {
        let seal = FrameHeader::mark(Tag::Sealed, next_index, generation, self.salt);
        self.file.write_at(offset, &seal.encode(self.salt))?;
        failpoint!("journal.roll.sealing");
        self.file.truncate(offset + FRAME_HEADER as u64)?;
        self.file.sync()
    }
}

/// The first indexes of all segments, in order. Other files are not looked at.
pub(crate) fn list<S: Storage>(storage: &S) -> Result<Vec<u64>, JournalError> {
    numbers(storage, first_index_of)
}

/// The indexes that a file says the journal begins with, in order: the last counts.
pub(crate) fn markers<S: Storage>(storage: &S) -> Result<Vec<u64>, JournalError> {
    numbers(storage, first_marked_by)
}

fn numbers<S: Storage>(
    storage: &S,
    number: fn(&str) -> Option<u64>,
) -> Result<Vec<u64>, JournalError> {
    let names = storage.list().map_err(failed("list", "*"))?;
    let mut numbers: Vec<u64> = names.iter().filter_map(|name| number(name)).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// Turns a storage's error into one that names what was tried on which segment.
pub(crate) fn failed(
    action: &'static str,
    segment: &str,
) -> impl FnOnce(io::Error) -> JournalError {
    let segment = segment.to_owned();
    move |source| JournalError::Io {
        action,
        segment,
        source,
    }
}

fn read<F: File>(file: &F, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    let count = file.read_at(offset, &mut bytes)?;
    bytes.truncate(count);
    Ok(bytes)
}
