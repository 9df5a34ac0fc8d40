//! What the node's journal holds: entries of a few kinds, as small protobuf messages of their own.
//!
//! Those that a comparison with the directory makes are in `comparing.rs`.
//! Field numbers and kind numbers never change their meaning. Text that came from the directory is
//! made harmless here, on its way in, so that everything after may print it.

use std::collections::BTreeMap;

use prost::Message;
use referral_core::id::{Kind, LocalId};
use referral_proto::v1;

pub(crate) use referral_runtime::causes::harmless;

use super::comparing::{Adopted, Conflicting, Foreign, Found, Granted, Resolved};
use super::summary::Stands;

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A signed listing operation was queued.
    Operation(Queued),
    /// A signed capacity report was queued.
    Report(Queued),
    /// The directory said where its copy of the log stands when a session began.
    Resumed {
        /// The directory's generation.
        generation: u64,
        /// Operations applied or refused.
        applied: u64,
    },
    /// The directory acknowledged.
    Acknowledged(Acknowledged),
    /// The directory, or this node, has something to say to the agency's people.
    Notice(Notice),
    /// The directory granted a new epoch.
    Granted(Granted),
    /// The directory holds another operation of a record than was believed.
    Found(Found),
    /// The directory's operation of a record was taken over.
    Adopted(Adopted),
    /// This node's version of a record goes to a person.
    Conflicting(Conflicting),
    /// The directory holds an operation that this node's key did not sign.
    Foreign(Foreign),
    /// A person has decided a conflict.
    Resolved(Resolved),
    /// An import mentions a record that came from another one before, or takes that one's place.
    Sourced(Sourced),
    /// The node signs with another key from now on.
    KeyChanged(KeyChanged),
    /// A part of all that the journal says up to here.
    Stands(Box<Stands>),
}

/// Signed bytes that wait to be acknowledged.
#[derive(Clone, PartialEq, Message)]
pub struct Queued {
    /// The exact bytes.
    #[prost(bytes = "vec", tag = "1")]
    pub bytes: Vec<u8>,
    /// The listing key's signature over them, 64 bytes.
    #[prost(bytes = "vec", tag = "2")]
    pub signature: Vec<u8>,
    /// The import it came from; empty: none.
    #[prost(string, tag = "3")]
    pub source: String,
    /// The journal index of the first entry of the set that it belongs to. A set counts whole or not.
    #[prost(uint64, tag = "4")]
    pub set: u64,
    /// True on the last entry of its set.
    #[prost(bool, tag = "5")]
    pub completes: bool,
    /// Of a report that came from an import: the hash of what that said, 32 bytes; empty: none.
    #[prost(bytes = "vec", tag = "6")]
    pub said: Vec<u8>,
    /// Of something made again in a new epoch: since when it waits. Unit: microseconds since
    /// 1970-01-01T00:00:00Z; 0: since it was queued.
    #[prost(int64, tag = "7")]
    pub since_us: i64,
}

/// Which import a record belongs to from now on. Nothing else of it changes.
#[derive(Clone, PartialEq, Message)]
pub struct Sourced {
    /// The set's first entry.
    #[prost(uint64, tag = "1")]
    pub set: u64,
    /// True on the set's last entry.
    #[prost(bool, tag = "2")]
    pub completes: bool,
    /// What the record is: a `RecordKind`.
    #[prost(int32, tag = "3")]
    pub kind: i32,
    /// Its id.
    #[prost(string, tag = "4")]
    pub local_id: String,
    /// What the publisher calls the file.
    #[prost(string, tag = "5")]
    pub source: String,
}

/// The node joined again with new keys. What the earlier key signed is signed again in the next epoch.
#[derive(Clone, PartialEq, Message)]
pub struct KeyChanged {
    /// The public half of the key that signed until now, 32 bytes.
    #[prost(bytes = "vec", tag = "1")]
    pub earlier: Vec<u8>,
}

/// What the directory acknowledged. Cumulative.
#[derive(Clone, PartialEq, Message)]
pub struct Acknowledged {
    /// Operations 1..=`applied` are applied or refused.
    #[prost(uint64, tag = "1")]
    pub applied: u64,
    /// Reports up to this counter are recorded or refused.
    #[prost(uint64, tag = "2")]
    pub capacity_applied: u64,
    /// Those of them that were refused.
    #[prost(message, repeated, tag = "3")]
    pub refusals: Vec<Refusal>,
}

/// An operation or report that was refused for good.
#[derive(Clone, PartialEq, Message)]
pub struct Refusal {
    /// The operation's sequence number; 0: a report.
    #[prost(uint64, tag = "1")]
    pub seq: u64,
    /// The report's counter; 0: an operation.
    #[prost(uint64, tag = "2")]
    pub cseq: u64,
    /// A stable name for the reason.
    #[prost(string, tag = "3")]
    pub code: String,
    /// The field at fault; empty: the whole.
    #[prost(string, tag = "4")]
    pub field: String,
    /// One plain sentence.
    #[prost(string, tag = "5")]
    pub text: String,
}

/// Something the agency's people should know.
#[derive(Clone, PartialEq, Message)]
pub struct Notice {
    /// A stable name.
    #[prost(string, tag = "1")]
    pub code: String,
    /// One plain sentence.
    #[prost(string, tag = "2")]
    pub text: String,
    /// The record it is about; empty: none.
    #[prost(string, tag = "3")]
    pub local_id: String,
    /// When it was said. Unit: microseconds since 1970-01-01T00:00:00Z.
    #[prost(int64, tag = "4")]
    pub at_us: i64,
    /// What the sentence names: the place in the words of the code, and what stands there.
    #[prost(btree_map = "string, string", tag = "5")]
    pub values: BTreeMap<String, String>,
}

#[derive(Clone, PartialEq, Message)]
struct Resumed {
    #[prost(uint64, tag = "1")]
    generation: u64,
    #[prost(uint64, tag = "2")]
    applied: u64,
}

/// A journal entry that this version cannot read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// A kind of a newer version.
    #[error("it is of the unknown kind {0}: run the version that wrote it")]
    Kind(u8),
    /// No message of that kind.
    #[error("it holds no message")]
    Message(#[from] prost::DecodeError),
}

/// Most values of a notice that are kept.
const VALUES: usize = 8;

const OPERATION: u8 = 1;
const REPORT: u8 = 2;
const RESUMED: u8 = 3;
const ACKNOWLEDGED: u8 = 4;
const NOTICE: u8 = 5;
const GRANTED: u8 = 6;
const FOUND: u8 = 7;
const ADOPTED: u8 = 8;
const CONFLICTING: u8 = 9;
const FOREIGN: u8 = 10;
const RESOLVED: u8 = 11;
const SOURCED: u8 = 12;
const KEY_CHANGED: u8 = 13;
const STANDS: u8 = 14;

impl Entry {
    /// The entry as journal kind and bytes.
    #[must_use]
    pub fn encode(&self) -> (u8, Vec<u8>) {
        match self {
            Self::Operation(queued) => (OPERATION, queued.encode_to_vec()),
            Self::Report(queued) => (REPORT, queued.encode_to_vec()),
            Self::Resumed {
                generation,
                applied,
            } => {
                let stored = Resumed {
                    generation: *generation,
                    applied: *applied,
                };
                (RESUMED, stored.encode_to_vec())
            }
            Self::Acknowledged(acknowledged) => (ACKNOWLEDGED, acknowledged.encode_to_vec()),
            Self::Notice(notice) => (NOTICE, notice.encode_to_vec()),
            Self::Granted(granted) => (GRANTED, granted.encode_to_vec()),
            Self::Found(found) => (FOUND, found.encode_to_vec()),
            Self::Adopted(adopted) => (ADOPTED, adopted.encode_to_vec()),
            Self::Conflicting(conflicting) => (CONFLICTING, conflicting.encode_to_vec()),
            Self::Foreign(foreign) => (FOREIGN, foreign.encode_to_vec()),
            Self::Resolved(resolved) => (RESOLVED, resolved.encode_to_vec()),
            Self::Sourced(sourced) => (SOURCED, sourced.encode_to_vec()),
            Self::KeyChanged(changed) => (KEY_CHANGED, changed.encode_to_vec()),
            Self::Stands(part) => (STANDS, part.encode_to_vec()),
        }
    }

    /// Reads a journal record.
    ///
    /// # Errors
    /// [`Unreadable`] for kinds and contents this version does not know.
    pub fn decode(kind: u8, bytes: &[u8]) -> Result<Self, Unreadable> {
        Ok(match kind {
            OPERATION => Self::Operation(Queued::decode(bytes)?),
            REPORT => Self::Report(Queued::decode(bytes)?),
            RESUMED => {
                let Resumed {
                    generation,
                    applied,
                } = Resumed::decode(bytes)?;
                Self::Resumed {
                    generation,
                    applied,
                }
            }
            ACKNOWLEDGED => Self::Acknowledged(Acknowledged::decode(bytes)?),
            NOTICE => Self::Notice(Notice::decode(bytes)?),
            GRANTED => Self::Granted(Granted::decode(bytes)?),
            FOUND => Self::Found(Found::decode(bytes)?),
            ADOPTED => Self::Adopted(Adopted::decode(bytes)?),
            CONFLICTING => Self::Conflicting(Conflicting::decode(bytes)?),
            FOREIGN => Self::Foreign(Foreign::decode(bytes)?),
            RESOLVED => Self::Resolved(Resolved::decode(bytes)?),
            SOURCED => Self::Sourced(Sourced::decode(bytes)?),
            KEY_CHANGED => Self::KeyChanged(KeyChanged::decode(bytes)?),
            STANDS => Self::Stands(Box::new(Stands::decode(bytes)?)),
            _ => return Err(Unreadable::Kind(kind)),
        })
    }

    /// The set that it belongs to, and whether it is the last of it; `None`: it stands alone.
    #[must_use]
    pub fn place(&self) -> Option<(u64, bool)> {
        match self {
            Self::Operation(one) | Self::Report(one) => Some((one.set, one.completes)),
            Self::Granted(one) => Some((one.set, one.completes)),
            Self::Found(one) => Some((one.set, one.completes)),
            Self::Adopted(one) => Some((one.set, one.completes)),
            Self::Conflicting(one) => Some((one.set, one.completes)),
            Self::Foreign(one) => Some((one.set, one.completes)),
            Self::Resolved(one) => Some((one.set, one.completes)),
            Self::Sourced(one) => Some((one.set, one.completes)),
            Self::Stands(one) => Some((one.set, one.completes)),
            Self::Resumed { .. }
            | Self::Acknowledged(_)
            | Self::Notice(_)
            | Self::KeyChanged(_) => None,
        }
    }

    /// Gives it its place in a set.
    pub(super) fn put(&mut self, in_set: u64, is_last: bool) {
        let (set, completes) = match self {
            Self::Operation(one) | Self::Report(one) => (&mut one.set, &mut one.completes),
            Self::Granted(one) => (&mut one.set, &mut one.completes),
            Self::Found(one) => (&mut one.set, &mut one.completes),
            Self::Adopted(one) => (&mut one.set, &mut one.completes),
            Self::Conflicting(one) => (&mut one.set, &mut one.completes),
            Self::Foreign(one) => (&mut one.set, &mut one.completes),
            Self::Resolved(one) => (&mut one.set, &mut one.completes),
            Self::Sourced(one) => (&mut one.set, &mut one.completes),
            Self::Stands(one) => (&mut one.set, &mut one.completes),
            Self::Resumed { .. }
            | Self::Acknowledged(_)
            | Self::Notice(_)
            | Self::KeyChanged(_) => return,
        };
        (*set, *completes) = (in_set, is_last);
    }
}

impl Queued {
    /// The bytes and signature as they travel.
    #[must_use]
    pub fn signed(&self) -> v1::Signed {
        v1::Signed {
            bytes: self.bytes.clone(),
            signature: self.signature.clone(),
        }
    }
}

impl From<v1::Rejection> for Refusal {
    fn from(wire: v1::Rejection) -> Self {
        Self {
            seq: wire.seq,
            cseq: wire.cseq,
            code: harmless(&wire.code, 64),
            field: harmless(&wire.field, 200),
            text: harmless(&wire.text, 1_000),
        }
    }
}

impl Notice {
    /// A notice from the directory.
    ///
    /// * `now_us` — when it came, for one that says no time. Unit: microseconds since 1970.
    #[must_use]
    pub fn from_wire(wire: &v1::Notice, now_us: i64) -> Self {
        let at = wire.at.as_ref().and_then(|at| {
            let seconds = at.seconds.checked_mul(1_000_000)?;
            seconds.checked_add(i64::from(at.nanos) / 1_000)
        });
        let values = wire.values.iter();
        let values = values.map(|(place, value)| (harmless(place, 64), harmless(value, 200)));
        Self {
            code: harmless(&wire.code, 64),
            text: harmless(&wire.text, 1_000),
            local_id: LocalId::parse(&wire.local_id)
                .map(|id| id.to_string())
                .unwrap_or_default(),
            at_us: at.unwrap_or(now_us),
            values: values.take(VALUES).collect(),
        }
    }
}

/// The kind that a number of the wire means; `None`: none.
#[must_use]
pub fn kind_from_wire(number: i32) -> Option<Kind> {
    Kind::try_from(v1::RecordKind::try_from(number).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_comes_back_as_it_went() {
        let queued = Queued {
            bytes: vec![1],
            signature: vec![2],
            set: 7,
            ..Queued::default()
        };
        for entry in [
            Entry::Operation(queued.clone()),
            Entry::Report(queued),
            Entry::Resumed {
                generation: 3,
                applied: 4,
            },
            Entry::Acknowledged(Acknowledged {
                applied: 5,
                ..Acknowledged::default()
            }),
            Entry::Notice(Notice {
                code: "clock_ahead".to_owned(),
                ..Notice::default()
            }),
            Entry::Sourced(Sourced {
                source: "december.json".to_owned(),
                ..Sourced::default()
            }),
            Entry::KeyChanged(KeyChanged { earlier: vec![6] }),
        ] {
            let (kind, bytes) = entry.encode();
            assert_eq!(Entry::decode(kind, &bytes).unwrap(), entry);
        }
    }

    #[test]
    fn a_notice_keeps_few_values_and_nothing_that_moves_a_cursor() {
        let values = (0..20).map(|at| (format!("place-{at:02}"), "\u{1b}[31m4".to_owned()));
        let wire = v1::Notice {
            values: values.collect(),
            ..v1::Notice::default()
        };

        let notice = Notice::from_wire(&wire, 0);

        assert_eq!(notice.values.len(), VALUES);
        assert!(notice.values.values().all(|value| value == "[31m4"));
    }

    #[test]
    fn an_entry_of_a_newer_version_is_refused() {
        assert!(matches!(Entry::decode(99, &[]), Err(Unreadable::Kind(99))));
    }
}
