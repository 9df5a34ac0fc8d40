//! The bytes of a segment: a header, then frames.
//!
//! ```text
//! segment  = "refjrnl1" | first index u64 | salt u64 | crc32 u32                                 28 bytes
//! frame    = tag [4] | body length u32 | count u32 | index u64 | generation u64
//!            | crc32 of the body u32 | crc32 of the header u32, then the body                    36 bytes +
//! body     = count x { received at i64 (µs) | kind u8 | length u32 | bytes }
//! ```
//!
//! All numbers are little-endian. Three tags: a *batch* holds `count` records from `index` on; a
//! *committed* mark says that the batch with last record `index` was fsynced, and is overwritten by the
//! next batch; a *sealed* mark ends a segment and says that the next one begins with `index`. Every
//! checksum begins with the segment's salt, so that no record's bytes can pose as a frame.

use crate::record::{Entry, Record};

/// The most bytes a batch may take in the journal, headers included: 16 MiB.
pub const MAX_BATCH_BYTES: u64 = 16 << 20;

/// Length of a segment's header. Unit: bytes.
pub(crate) const SEGMENT_HEADER: u64 = 28;
/// Length of a frame's header. Unit: bytes.
pub(crate) const FRAME_HEADER: usize = 36;
/// Length of what precedes a record's bytes. Unit: bytes.
const RECORD_HEADER: usize = 13;
const MAGIC: &[u8; 8] = b"refjrnl1";

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    Batch,
    Committed,
    Sealed,
}

impl Tag {
    const ALL: [Self; 3] = [Self::Batch, Self::Committed, Self::Sealed];

    fn bytes(self) -> [u8; 4] {
        *match self {
            Self::Batch => b"\xf1bat",
            Self::Committed => b"\xf1com",
            Self::Sealed => b"\xf1end",
        }
    }
}

/// The fixed part of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    pub(crate) tag: Tag,
    pub(crate) body_bytes: u32,
    pub(crate) count: u32,
    pub(crate) index: u64,
    pub(crate) generation: u64,
    body_crc: u32,
}

impl FrameHeader {
    /// A mark: a frame without a body.
    pub(crate) fn mark(tag: Tag, index: u64, generation: u64, salt: u64) -> Self {
        Self {
            tag,
            body_bytes: 0,
            count: 0,
            index,
            generation,
            body_crc: checksum(salt, &[]),
        }
    }

    pub(crate) fn encode(&self, salt: u64) -> [u8; FRAME_HEADER] {
        let mut bytes = [0; FRAME_HEADER];
        bytes[..4].copy_from_slice(&self.tag.bytes());
        bytes[4..8].copy_from_slice(&self.body_bytes.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.count.to_le_bytes());
        bytes[12..20].copy_from_slice(&self.index.to_le_bytes());
        bytes[20..28].copy_from_slice(&self.generation.to_le_bytes());
        bytes[28..32].copy_from_slice(&self.body_crc.to_le_bytes());
        let crc = checksum(salt, &bytes[..32]);
        bytes[32..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The header at the start of `bytes`, if one verifies there.
    pub(crate) fn decode(bytes: &[u8], salt: u64) -> Option<Self> {
        let bytes = bytes.first_chunk::<FRAME_HEADER>()?;
        let tag = Tag::ALL
            .into_iter()
            .find(|tag| bytes.starts_with(&tag.bytes()))?;
        if checksum(salt, &bytes[..32]) != u32_at(bytes, 32)? {
            return None;
        }
        Some(Self {
            tag,
            body_bytes: u32_at(bytes, 4)?,
            count: u32_at(bytes, 8)?,
            index: u64_at(bytes, 12)?,
            generation: u64_at(bytes, 20)?,
            body_crc: u32_at(bytes, 28)?,
        })
    }

    pub(crate) fn verifies(&self, body: &[u8], salt: u64) -> bool {
        checksum(salt, body) == self.body_crc
    }

    /// The records of a batch whose body verified; `None` when the body is not what the header says.
    pub(crate) fn records(&self, body: &[u8]) -> Option<Vec<Record>> {
        let mut records = Vec::new();
        let mut rest = body;
        for index in (self.index..).take(usize::try_from(self.count).ok()?) {
            let (header, after) = rest.split_first_chunk::<RECORD_HEADER>()?;
            let length = usize::try_from(u32_at(header, 9)?).ok()?;
            let bytes = after.get(..length)?.to_vec();
            rest = &after[length..];
            records.push(Record {
                generation: self.generation,
                index,
                received_at_us: i64::from_le_bytes(*header.first_chunk()?),
                kind: header[8],
                bytes,
            });
        }
        rest.is_empty().then_some(records)
    }
}

/// How many bytes a batch of these entries takes.
pub(crate) fn batch_bytes(entries: &[Entry<'_>]) -> u64 {
    let bodies: u64 = entries
        .iter()
        .map(|entry| (RECORD_HEADER + entry.bytes.len()) as u64)
        .sum();
    FRAME_HEADER as u64 + bodies
}

/// The whole frame of a batch. `None` when it is longer than [`MAX_BATCH_BYTES`].
pub(crate) fn encode_batch(
    entries: &[Entry<'_>],
    index: u64,
    generation: u64,
    salt: u64,
) -> Option<Vec<u8>> {
    let total = batch_bytes(entries);
    if total > MAX_BATCH_BYTES {
        return None;
    }
    let mut frame = Vec::with_capacity(usize::try_from(total).ok()?);
    frame.resize(FRAME_HEADER, 0);
    for entry in entries {
        frame.extend(entry.received_at_us.to_le_bytes());
        frame.push(entry.kind);
        frame.extend(u32::try_from(entry.bytes.len()).ok()?.to_le_bytes());
        frame.extend(entry.bytes);
    }
    let (header, body) = frame.split_at_mut(FRAME_HEADER);
    let fixed = FrameHeader {
        tag: Tag::Batch,
        body_bytes: u32::try_from(body.len()).ok()?,
        count: u32::try_from(entries.len()).ok()?,
        index,
        generation,
        body_crc: checksum(salt, body),
    };
    header.copy_from_slice(&fixed.encode(salt));
    Some(frame)
}

/// The fixed start of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    pub(crate) first_index: u64,
    pub(crate) salt: u64,
}

impl SegmentHeader {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(self.first_index.to_le_bytes());
        bytes.extend(self.salt.to_le_bytes());
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// The header at the start of `bytes`, if one verifies there.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let header = Self {
            first_index: u64_at(bytes, 8)?,
            salt: u64_at(bytes, 16)?,
        };
        bytes.starts_with(&header.encode()).then_some(header)
    }
}

/// The file name of the segment that begins with record `first_index`.
pub(crate) fn segment_name(first_index: u64) -> String {
    format!("{first_index:020}.journal")
}

/// The first index a segment's file name states; `None` for a name that is no segment's.
pub(crate) fn first_index_of(name: &str) -> Option<u64> {
    let first_index = name.strip_suffix(".journal")?.parse().ok()?;
    (segment_name(first_index) == name).then_some(first_index)
}

/// The name of the empty file that says that the journal begins with record `first_index`, because what
/// came before was dropped. Where there are several, the greatest counts.
pub(crate) fn first_name(first_index: u64) -> String {
    format!("{first_index:020}.first")
}

/// The first index that the name of such a file states; `None` for other names.
pub(crate) fn first_marked_by(name: &str) -> Option<u64> {
    let first_index = name.strip_suffix(".first")?.parse().ok()?;
    (first_name(first_index) == name).then_some(first_index)
}

fn checksum(salt: u64, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&salt.to_le_bytes());
    hasher.update(bytes);
    hasher.finalize()
}

fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    let field = bytes.get(offset..)?.first_chunk()?;
    Some(u32::from_le_bytes(*field))
}

fn u64_at(bytes: &[u8], offset: usize) -> Option<u64> {
    let field = bytes.get(offset..)?.first_chunk()?;
    Some(u64::from_le_bytes(*field))
}
