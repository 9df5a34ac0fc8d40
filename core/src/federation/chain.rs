//! The hash chain of one agency's operations within one epoch.

use std::fmt;

use crate::id::Hash;

/// A stretch of an agency's log, granted by the directory and never reused. Ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Epoch {
    /// The directory's generation: greater after every restore.
    pub generation: u64,
    /// The number of the epoch within it, from 1.
    pub number: u64,
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.generation, self.number)
    }
}

/// The tip of a chain: how many operations it has and what they hash to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The epoch it belongs to.
    pub epoch: Epoch,
    /// Operations applied or durably rejected so far; sequence numbers are 1..=`applied`.
    pub applied: u64,
    /// The hash over all of them.
    pub head: Hash,
}

/// Where an operation claims to belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Its epoch.
    pub epoch: Epoch,
    /// Its sequence number in the epoch, from 1.
    pub seq: u64,
    /// The head of the chain before it.
    pub prev_head: Hash,
    /// The hash of its exact bytes, from [`operation_hash`].
    pub hash: Hash,
}

/// What the directory does with an operation, before it looks at what the operation says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the next one (R2).
    Next,
    /// It may have been applied before: acknowledge again if its hash is the one on record (R3).
    Seen,
    /// Operations between are missing; answer with how far the chain is (R3).
    Gap,
    /// It belongs to another epoch (R2).
    WrongEpoch,
    /// It follows another history: the chains have diverged (R3).
    Fork,
}

impl Chain {
    /// The empty chain of an epoch (R6).
    #[must_use]
    pub fn start(epoch: Epoch) -> Self {
        let head = Hash::of(&[
            b"rdx-epoch/1",
            &epoch.generation.to_be_bytes(),
            &epoch.number.to_be_bytes(),
        ]);
        Self {
            epoch,
            applied: 0,
            head,
        }
    }

    /// Whether an operation at `position` may follow this chain (R2, R3).
    #[must_use]
    pub fn judge(&self, position: &Position) -> Verdict {
        if position.epoch != self.epoch {
            Verdict::WrongEpoch
        } else if position.seq <= self.applied {
            Verdict::Seen
        } else if position.seq != self.applied + 1 {
            Verdict::Gap
        } else if position.prev_head != self.head {
            Verdict::Fork
        } else {
            Verdict::Next
        }
    }

    /// The chain after an operation with this hash.
    #[must_use]
    pub fn followed_by(&self, operation: Hash) -> Self {
        Self {
            epoch: self.epoch,
            applied: self.applied + 1,
            head: Hash::of(&[self.head.as_bytes(), operation.as_bytes()]),
        }
    }
}

/// The hash of an operation's exact bytes: SHA-256("rdx-op/1" ‖ bytes).
#[must_use]
pub fn operation_hash(bytes: &[u8]) -> Hash {
    Hash::of(&[b"rdx-op/1", bytes])
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPOCH: Epoch = Epoch {
        generation: 7,
        number: 1,
    };

    fn position(seq: u64, prev_head: Hash) -> Position {
        Position {
            epoch: EPOCH,
            seq,
            prev_head,
            hash: operation_hash(b"op"),
        }
    }

    #[test]
    fn only_the_next_operation_of_the_same_history_follows() {
        let empty = Chain::start(EPOCH);
        let one = empty.followed_by(operation_hash(b"one"));

        assert_eq!(one.judge(&position(2, one.head)), Verdict::Next);
        assert_eq!(one.judge(&position(1, empty.head)), Verdict::Seen);
        assert_eq!(one.judge(&position(3, one.head)), Verdict::Gap);
        assert_eq!(one.judge(&position(2, empty.head)), Verdict::Fork);
        assert_eq!(one.judge(&position(u64::MAX, one.head)), Verdict::Gap);
        let later = Position {
            epoch: Epoch {
                generation: 8,
                number: 1,
            },
            ..position(2, one.head)
        };
        assert_eq!(one.judge(&later), Verdict::WrongEpoch);
    }

    #[test]
    fn different_histories_have_different_heads() {
        let start = Chain::start(EPOCH);
        let (a, b) = (operation_hash(b"a"), operation_hash(b"b"));

        assert_ne!(
            start.followed_by(a).followed_by(b),
            start.followed_by(b).followed_by(a)
        );
        assert_ne!(
            start.head,
            Chain::start(Epoch {
                generation: 7,
                number: 2
            })
            .head
        );
    }
}
