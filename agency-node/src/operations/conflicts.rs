//! Versions between which a person has to choose, and the choice.

use jiff::Timestamp;
use referral_proto::v1;

use super::Node;
use crate::catalog::{Listed, RecordName};
use crate::outbox::{Conflict, NotQueued, Outbox};

/// Two versions of a record: neither was made knowing the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Dispute {
    /// Its number.
    pub number: u64,
    /// The record.
    pub name: RecordName,
    /// The record's name for people; empty where it has none.
    pub title: String,
    /// When it was found.
    pub found_at: Timestamp,
    /// What the directory shows; `None`: the record is withdrawn or deleted there, or this node's key did not
    /// sign it.
    pub theirs: Option<v1::Record>,
    /// What was here; `None`: the record was withdrawn or deleted.
    pub ours: Option<v1::Record>,
}

/// Why a conflict was not decided.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// There is none of this number.
    #[error("there is no conflict {0}; `agency-node conflicts` lists them")]
    Unknown(u64),
    /// The journal could not be written.
    #[error(transparent)]
    NotQueued(#[from] NotQueued),
}

impl DecideError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "conflict_unknown",
            Self::NotQueued(error) => error.code(),
        }
    }
}

impl Node {
    /// The versions between which a person has to choose, in the order in which they were found.
    #[must_use]
    pub fn disputes(&self) -> Vec<Dispute> {
        self.read(|outbox| {
            let conflicts = outbox.conflicts().iter();
            let disputes = conflicts.map(|(number, conflict)| dispute(outbox, *number, conflict));
            disputes.collect()
        })
    }

    /// Does what a person has chosen.
    ///
    /// * `ours` — publish the version that was here, in place of the directory's; otherwise forget it.
    ///
    /// # Errors
    /// [`DecideError`]; the conflict stays then.
    pub fn decide(&self, number: u64, ours: bool) -> Result<(), DecideError> {
        let now = self.clock().now();
        let decided = self.change(|ledger| ledger.decide(number, ours, now))?;
        if decided {
            Ok(())
        } else {
            Err(DecideError::Unknown(number))
        }
    }
}

fn dispute(outbox: &Outbox, number: u64, conflict: &Conflict) -> Dispute {
    let listed = outbox.catalog().get(&conflict.name);
    let is_ours = !outbox.unsigned().contains_key(&conflict.name);
    let title = listed.map(|listed| listed.title.clone());
    Dispute {
        number,
        name: conflict.name.clone(),
        title: title.unwrap_or_default(),
        found_at: conflict.found_at,
        theirs: listed.filter(|_| is_ours).and_then(Listed::record),
        ours: conflict.record(),
    }
}
