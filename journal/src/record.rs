//! What goes into the journal and what comes out of it.

/// One thing to append. The journal gives it its index and generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// When it was received. Unit: microseconds since 1970-01-01T00:00:00Z.
    pub received_at_us: i64,
    /// What the bytes mean: a number of the caller's own.
    pub kind: u8,
    /// The exact bytes. At most [`crate::MAX_BATCH_BYTES`] in a batch, headers included.
    pub bytes: &'a [u8],
}

/// One thing that was appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The generation of the journal's owner that wrote it. Never falls from one record to the next.
    pub generation: u64,
    /// Its place in the journal: 1, 2, 3 and so on, without a gap.
    pub index: u64,
    /// When it was received. Unit: microseconds since 1970-01-01T00:00:00Z.
    pub received_at_us: i64,
    /// What the bytes mean: a number of the caller's own.
    pub kind: u8,
    /// The exact bytes.
    pub bytes: Vec<u8>,
}

/// How a journal is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// A segment that has reached this size is closed and the next one begun. Unit: bytes.
    /// Default: 64 MiB.
    pub segment_bytes: u64,
    /// The generation of what will be appended. Not below the last recorded one. Default: 1.
    pub generation: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            generation: 1,
        }
    }
}

/// What opening a journal found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The index of the first record that is kept; 1 when none were dropped.
    pub first_index: u64,
    /// The index of the last record; one less than the first when there is none.
    pub last_index: u64,
    /// The generation of the last record; 0 when there is none.
    pub last_generation: u64,
    /// Whether there was no journal before. A caller that expected one must not go on.
    pub created: bool,
    /// The unfinished write that was cut off the end, if there was one. It was never acknowledged.
    pub torn_tail: Option<TornTail>,
}

/// Bytes at the end of the last segment that were no whole batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// The segment's file name.
    pub segment: String,
    /// Where the tail began. Unit: bytes from the start of the segment.
    pub offset: u64,
    /// How much was cut. Unit: bytes.
    pub bytes: u64,
}
