//! All that is known of one record, as a summary of the journal keeps it.
//!
//! Field numbers never change their meaning.

use std::sync::Arc;

use jiff::Timestamp;
use prost::Message;
use referral_core::federation::Ancestry;
use referral_core::id::Hash;

use super::{Held, Kept, Listed, Made, Undecided};

/// A [`Listed`] in bytes.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct StoredListed {
    #[prost(bytes = "vec", optional, tag = "1")]
    payload: Option<Vec<u8>>,
    #[prost(bool, tag = "2")]
    for_good: bool,
    #[prost(string, tag = "3")]
    title: String,
    #[prost(string, optional, tag = "4")]
    source: Option<String>,
    #[prost(message, optional, tag = "5")]
    said_at: Option<Moment>,
    #[prost(message, optional, tag = "6")]
    kept: Option<StoredKept>,
    #[prost(message, optional, tag = "7")]
    last: Option<StoredMade>,
    #[prost(message, repeated, tag = "8")]
    undecided: Vec<StoredUndecided>,
    #[prost(message, optional, tag = "9")]
    accepted: Option<StoredHeld>,
    #[prost(message, optional, tag = "10")]
    published: Option<StoredPublished>,
    /// 32 bytes each, oldest first.
    #[prost(bytes = "vec", tag = "11")]
    seen: Vec<u8>,
}

/// A time, to the nanosecond.
#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct Moment {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanoseconds: i32,
}

#[derive(Clone, PartialEq, Message)]
struct StoredKept {
    #[prost(bytes = "vec", tag = "1")]
    payload: Vec<u8>,
    #[prost(message, optional, tag = "2")]
    since: Option<Moment>,
}

#[derive(Clone, PartialEq, Message)]
struct StoredMade {
    #[prost(uint64, tag = "1")]
    seq: u64,
    #[prost(bytes = "vec", tag = "2")]
    hash: Vec<u8>,
    /// Empty: none.
    #[prost(bytes = "vec", tag = "3")]
    base: Vec<u8>,
    #[prost(bool, tag = "4")]
    live: bool,
}

#[derive(Clone, PartialEq, Message)]
struct StoredUndecided {
    #[prost(message, optional, tag = "1")]
    made: Option<StoredMade>,
    #[prost(bytes = "vec", optional, tag = "2")]
    payload: Option<Vec<u8>>,
}

/// The operation that the directory holds.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct StoredHeld {
    #[prost(bytes = "vec", tag = "1")]
    hash: Vec<u8>,
    #[prost(bool, tag = "2")]
    live: bool,
}

#[derive(Clone, PartialEq, Message)]
struct StoredPublished {
    #[prost(bytes = "vec", tag = "1")]
    hash: Vec<u8>,
    /// Absent: what is wanted now.
    #[prost(bytes = "vec", optional, tag = "2")]
    payload: Option<Vec<u8>>,
}

impl StoredListed {
    pub(crate) fn of(listed: &Listed) -> Self {
        Self {
            payload: vec_of(listed.payload.as_ref()),
            for_good: listed.for_good,
            title: listed.title.clone(),
            source: listed.source.as_deref().map(str::to_owned),
            said_at: listed.said_at.map(Moment::of),
            kept: listed.kept.as_ref().map(|kept| StoredKept {
                payload: kept.payload.to_vec(),
                since: Some(Moment::of(kept.since)),
            }),
            last: listed.last.map(StoredMade::of),
            undecided: listed.undecided.iter().map(StoredUndecided::of).collect(),
            accepted: listed.accepted.map(StoredHeld::of),
            published: listed.published.as_ref().map(|(hash, payload)| {
                let differs = listed.payload.as_ref() != Some(payload);
                StoredPublished {
                    hash: hash.as_bytes().to_vec(),
                    payload: differs.then(|| payload.to_vec()),
                }
            }),
            seen: listed
                .seen
                .iter()
                .flat_map(|hash| *hash.as_bytes())
                .collect(),
        }
    }

    /// The record; `None` when it cannot be read.
    pub(crate) fn read(self) -> Option<Listed> {
        let payload: Option<Arc<[u8]>> = self.payload.map(Into::into);
        let published = match self.published {
            None => None,
            Some(one) => {
                let content = one.payload.map(Into::into).or_else(|| payload.clone());
                Some((hash(&one.hash)?, content?))
            }
        };
        let kept = match self.kept {
            None => None,
            Some(kept) => Some(Kept {
                payload: kept.payload.into(),
                since: kept.since?.read()?,
            }),
        };
        let undecided = self.undecided.into_iter().map(StoredUndecided::read);
        Some(Listed {
            payload,
            for_good: self.for_good,
            title: self.title,
            source: self.source.map(Into::into),
            said_at: read(self.said_at, Moment::read)?,
            kept,
            last: read(self.last, StoredMade::read)?,
            undecided: undecided.collect::<Option<_>>()?,
            accepted: read(self.accepted, StoredHeld::read)?,
            published,
            seen: hashes(&self.seen)?.into_iter().collect::<Ancestry>(),
        })
    }
}

impl Moment {
    pub(crate) fn of(at: Timestamp) -> Self {
        Self {
            seconds: at.as_second(),
            nanoseconds: at.subsec_nanosecond(),
        }
    }

    /// The time; `None` when it is none.
    pub(crate) fn read(self) -> Option<Timestamp> {
        Timestamp::new(self.seconds, self.nanoseconds).ok()
    }
}

impl StoredMade {
    fn of(made: Made) -> Self {
        let base = made.base.map(|base| base.as_bytes().to_vec());
        Self {
            seq: made.seq,
            hash: made.hash.as_bytes().to_vec(),
            base: base.unwrap_or_default(),
            live: made.live,
        }
    }

    fn read(self) -> Option<Made> {
        let base = Some(self.base).filter(|base| !base.is_empty());
        Some(Made {
            seq: self.seq,
            hash: hash(&self.hash)?,
            base: read(base, |base| hash(&base))?,
            live: self.live,
        })
    }
}

impl StoredUndecided {
    fn of(one: &Undecided) -> Self {
        Self {
            made: Some(StoredMade::of(one.made)),
            payload: vec_of(one.payload.as_ref()),
        }
    }

    fn read(self) -> Option<Undecided> {
        Some(Undecided {
            made: self.made?.read()?,
            payload: self.payload.map(Into::into),
        })
    }
}

impl StoredHeld {
    pub(crate) fn of(held: Held) -> Self {
        Self {
            hash: held.hash.as_bytes().to_vec(),
            live: held.live,
        }
    }

    /// What the directory holds; `None` when it cannot be read.
    pub(crate) fn read(self) -> Option<Held> {
        Some(Held {
            hash: hash(&self.hash)?,
            live: self.live,
        })
    }
}

/// What may be absent, and has to be readable where it is there: `None` when it is not.
#[expect(
    clippy::option_option,
    reason = "absent is something else than unreadable"
)]
pub(crate) fn read<S, T>(
    stored: Option<S>,
    read: impl FnOnce(S) -> Option<T>,
) -> Option<Option<T>> {
    match stored {
        None => Some(None),
        Some(stored) => read(stored).map(Some),
    }
}

/// Hashes of 32 bytes each; `None` when there is a rest.
fn hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    bytes.chunks(32).map(hash).collect()
}

fn hash(bytes: &[u8]) -> Option<Hash> {
    Hash::try_from(bytes).ok()
}

fn vec_of(bytes: Option<&Arc<[u8]>>) -> Option<Vec<u8>> {
    bytes.map(|bytes| bytes.to_vec())
}
