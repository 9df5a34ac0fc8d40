//! Bringing a node's log and the directory's copy together: go on, or begin an epoch and compare (R5, R7).

use super::{Ancestry, Chain, Epoch};
use crate::id::Hash;

/// Where the directory's copy of an agency's log stands, as it says in its welcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The directory's generation.
    pub generation: u64,
    /// The epoch of its copy.
    pub epoch: Epoch,
    /// Operations applied or refused.
    pub applied: u64,
    /// The head after them.
    pub head: Hash,
    /// The greatest capacity counter recorded.
    pub capacity_applied: u64,
    /// The hash of the report with this counter; `None`: it was refused, or there is none.
    pub capacity_hash: Option<Hash>,
    /// Records it holds of the agency, withdrawn and deleted ones too.
    pub records: u64,
}

/// Where a node's own log stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own {
    /// The greatest directory generation it has seen.
    pub generation_seen: u64,
    /// The chain after every operation it has made.
    pub tip: Chain,
    /// The head of its chain after as many operations as the directory has applied; `None`: it has not got
    /// that many, or that is longer ago than it remembers.
    pub head_at_applied: Option<Hash>,
    /// The last capacity counter it has given out.
    pub last_cseq: u64,
    /// The hash of its own report with the counter the directory has recorded last; `None`: it has none, or that
    /// is longer ago than it remembers.
    pub report_at_applied: Option<Hash>,
    /// Records it knows, withdrawn and deleted ones too.
    pub records: u64,
}

/// How a session goes on after the welcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resume {
    /// The directory's copy is a beginning of the node's log: send what follows.
    GoOn,
    /// It is not: one of them was restored, copied, or lost something. Ask for a new epoch.
    NewEpoch,
}

/// The directory is older than one this node has spoken with: a copy of it was started, or its restore
/// did not begin a new generation. Nothing is said to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the directory answers as generation {offered}, and this node has seen {seen}: it may be an old copy; ask its operator"
)]
pub struct OldDirectory {
    /// What it says.
    pub offered: u64,
    /// What was seen.
    pub seen: u64,
}

/// What a node does after the directory's welcome (R5).
///
/// # Errors
/// [`OldDirectory`] when its generation is below one that was seen.
pub fn resume(own: &Own, theirs: &Standing) -> Result<Resume, OldDirectory> {
    if theirs.generation < own.generation_seen {
        return Err(OldDirectory {
            offered: theirs.generation,
            seen: own.generation_seen,
        });
    }
    let same_history = theirs.generation == own.generation_seen
        && theirs.epoch == own.tip.epoch
        && theirs.applied <= own.tip.applied
        && own.head_at_applied == Some(theirs.head)
        && theirs.capacity_applied <= own.last_cseq
        && theirs
            .capacity_hash
            .is_none_or(|last| own.report_at_applied == Some(last))
        && !has_lost_everything(own, theirs);
    Ok(if same_history {
        Resume::GoOn
    } else {
        Resume::NewEpoch
    })
}

/// A node that has lost its disk and joined again has an empty log, like one that is new.
fn has_lost_everything(own: &Own, theirs: &Standing) -> bool {
    own.records == 0 && theirs.records > 0
}

/// Where a record stands at the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tip {
    /// The hash of its current operation; a withdrawal or deletion too.
    pub hash: Hash,
    /// False when it is withdrawn or deleted.
    pub live: bool,
    /// Earlier operations that the author of the current one knew.
    pub ancestors: Ancestry,
}

/// What a node does about a record of which it holds something, in a new epoch (R7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reconciled {
    /// Both hold the same operation: nothing.
    Same,
    /// The node's version was made knowing the directory's, or the directory has none: make it again, based
    /// on what the directory holds.
    Remake,
    /// The directory's version was made knowing the node's: take it over.
    FastForward,
    /// Neither was made knowing the other: the directory's stays live, and the node's goes to a person.
    Conflict,
}

/// Decides between a node's version of a record and the directory's (R7). By what their authors knew, never
/// by a number or a time: copies of one node give the same number to different operations. A record that
/// only the directory holds is taken over as it is: nothing is ever removed because somebody lacks it.
///
/// * `own` — the node's last operation of the record.
/// * `seen` — what the node has written or adopted of it.
/// * `theirs` — what the directory holds; `None`: nothing.
#[must_use]
pub fn reconcile(own: Hash, seen: &Ancestry, theirs: Option<&Tip>) -> Reconciled {
    let Some(theirs) = theirs else {
        return Reconciled::Remake;
    };
    if theirs.hash == own {
        Reconciled::Same
    } else if seen.contains(&theirs.hash) {
        Reconciled::Remake
    } else if theirs.ancestors.contains(&own) {
        Reconciled::FastForward
    } else {
        Reconciled::Conflict
    }
}

/// What a node has seen of a record after it was reconciled with the directory's version (R7).
pub fn learn(seen: &mut Ancestry, theirs: &Tip) {
    seen.add_older(&theirs.ancestors);
    if !seen.contains(&theirs.hash) {
        seen.add(theirs.hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(name: &str) -> Hash {
        Hash::of(&[name.as_bytes()])
    }

    fn seen(names: &[&str]) -> Ancestry {
        names.iter().map(|name| hash(name)).collect()
    }

    fn tip(name: &str, ancestors: &[&str]) -> Tip {
        Tip {
            hash: hash(name),
            live: true,
            ancestors: seen(ancestors),
        }
    }

    #[test]
    fn what_was_made_knowing_the_other_wins_and_ignorance_is_shown() {
        let decide = |own: &str, known: &[&str], theirs: &Tip| {
            reconcile(hash(own), &seen(known), Some(theirs))
        };

        assert_eq!(decide("a", &["a"], &tip("a", &[])), Reconciled::Same);
        assert_eq!(decide("b", &["a", "b"], &tip("a", &[])), Reconciled::Remake);
        assert_eq!(
            decide("a", &["a"], &tip("b", &["a"])),
            Reconciled::FastForward
        );
        assert_eq!(
            decide("c", &["a", "c"], &tip("b", &["a"])),
            Reconciled::Conflict
        );
        assert_eq!(
            reconcile(hash("a"), &seen(&["a"]), None),
            Reconciled::Remake
        );
    }

    const EPOCH: Epoch = Epoch {
        generation: 7,
        number: 2,
    };

    fn own() -> Own {
        let tip = Chain::start(EPOCH).followed_by(hash("a"));
        Own {
            generation_seen: 7,
            tip,
            head_at_applied: Some(tip.head),
            last_cseq: 3,
            report_at_applied: Some(hash("report")),
            records: 1,
        }
    }

    fn standing() -> Standing {
        Standing {
            generation: 7,
            epoch: EPOCH,
            applied: 1,
            head: own().tip.head,
            capacity_applied: 3,
            capacity_hash: Some(hash("report")),
            records: 1,
        }
    }

    #[test]
    fn a_session_goes_on_only_after_a_beginning_of_the_same_history() {
        assert_eq!(resume(&own(), &standing()), Ok(Resume::GoOn));
        let changes: [fn(&mut Standing); 6] = [
            |theirs| theirs.generation = 8,
            |theirs| theirs.epoch.number = 3,
            |theirs| theirs.applied = 2,
            |theirs| theirs.head = hash("another"),
            |theirs| theirs.capacity_applied = 4,
            |theirs| theirs.capacity_hash = Some(hash("another report")),
        ];
        for change in changes {
            let mut theirs = standing();
            change(&mut theirs);
            assert_eq!(resume(&own(), &theirs), Ok(Resume::NewEpoch), "{theirs:?}");
        }
    }

    #[test]
    fn a_node_that_lost_its_disk_asks_what_it_published() {
        let tip = Chain::start(EPOCH);
        let lost = Own {
            tip,
            head_at_applied: Some(tip.head),
            records: 0,
            ..own()
        };
        let theirs = |records| Standing {
            applied: 0,
            head: tip.head,
            records,
            ..standing()
        };
        assert_eq!(resume(&lost, &theirs(0)), Ok(Resume::GoOn));
        assert_eq!(resume(&lost, &theirs(5)), Ok(Resume::NewEpoch));
    }

    #[test]
    fn a_directory_that_is_older_than_one_seen_is_not_spoken_with() {
        let theirs = Standing {
            generation: 6,
            ..standing()
        };
        let refused = OldDirectory {
            offered: 6,
            seen: 7,
        };
        assert_eq!(resume(&own(), &theirs), Err(refused));
    }
}
