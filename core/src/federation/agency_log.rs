//! The directory's copy of one agency's log: what may be appended to it, and what it becomes.
//!
//! Every rule is a decision and a fold, because the disk stands between them (R1): a decision looks at the
//! log and names the [`Entry`] to be made durable; [`AgencyLog::fold`] takes a durable entry in. Together they
//! are one step of the protocol. Nothing here knows what an operation says.

use std::collections::VecDeque;

use super::{Chain, Epoch, Position, Verdict};
use crate::capacity::Order;
use crate::id::Hash;

/// A random number that a node makes at every start.
pub type Boot = [u8; 16];

/// The directory's copy of one agency's log: its tip, and who may append to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyLog {
    /// The chain of its operations in the current epoch.
    pub chain: Chain,
    /// The current session; 0 before the first.
    pub session: u64,
    /// The session that the current epoch was granted in; 0: it came with the certificate.
    pub granted_in: u64,
    /// The greatest capacity counter recorded in the current epoch.
    pub cseq: u64,
    /// The hash of the report with this counter; `None`: it was refused, or there is none.
    pub last_report: Option<Hash>,
    /// Starts of the agency's nodes in the order in which they first said hello, the current one last, at
    /// most [`AgencyLog::BOOTS`].
    pub boots: VecDeque<Boot>,
    /// Hashes of the last operations of the epoch, newest last, at most [`AgencyLog::REMEMBERED`].
    pub recent: VecDeque<Hash>,
}

/// One change of an [`AgencyLog`], to be made durable before anybody is told of it (R1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A session began.
    Session {
        /// Its number.
        number: u64,
        /// The start of the node it is with.
        boot: Boot,
    },
    /// A new epoch was granted; it is empty (R6).
    Epoch {
        /// The session it was granted in.
        session: u64,
        /// The epoch.
        epoch: Epoch,
    },
    /// An operation with this hash was applied, or refused for good (R10).
    Operation(Hash),
    /// A report with this counter was recorded, or refused for good.
    Report {
        /// Its counter.
        cseq: u64,
        /// The hash of its exact bytes; `None`: it was refused.
        hash: Option<Hash>,
    },
}

/// Whether something of a log that is already known came again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appends {
    /// It is next.
    Next,
    /// It was recorded before: acknowledge again (R3).
    Seen,
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ended {
    /// Another session of the agency has begun (R4).
    Superseded,
    /// The operation belongs to another epoch (R2).
    WrongEpoch,
    /// Operations between are missing (R3).
    Gap,
    /// Two histories (R3).
    Fork,
}

impl AgencyLog {
    /// How many starts of nodes are remembered, to tell a copied node from a restarted one (R8).
    pub const BOOTS: usize = 32;
    /// How many operations back a resent one can still be told from a forged one.
    pub const REMEMBERED: usize = 2_048;

    /// The log of an agency whose node has just joined.
    #[must_use]
    pub fn new(epoch: Epoch) -> Self {
        Self {
            chain: Chain::start(epoch),
            session: 0,
            granted_in: 0,
            cseq: 0,
            last_report: None,
            boots: VecDeque::new(),
            recent: VecDeque::new(),
        }
    }

    /// The log after the agency's node has joined again, with keys that are new: it begins a new epoch, and no
    /// session with the old keys is current any more (R2, R4).
    #[must_use]
    pub fn rejoined(&self, epoch: Epoch) -> Self {
        Self {
            session: self.session + 1,
            boots: self.boots.clone(),
            ..Self::new(epoch)
        }
    }

    /// A session begins: any older one is over (R4).
    #[must_use]
    pub fn hello(&self, boot: Boot) -> Entry {
        Entry::Session {
            number: self.session + 1,
            boot,
        }
    }

    /// Whether a hello of this start of a node proves that two nodes are alive: it spoke before, and another one
    /// since then. One process cannot return to an earlier start (R8).
    #[must_use]
    pub fn proves_a_clone(&self, boot: Boot) -> bool {
        self.boots.back() != Some(&boot) && self.boots.contains(&boot)
    }

    /// A new epoch for a session: greater than every epoch of this log (R6). `None`: the session has its epoch
    /// already, and the answer was lost. It need not know the node's own epoch: what this log has forgotten was
    /// granted in an earlier generation.
    ///
    /// * `generation` — the directory's.
    ///
    /// # Errors
    /// [`Ended::Superseded`] for any but the current session; [`Ended::WrongEpoch`] when there is no greater one.
    pub fn new_epoch(&self, session: u64, generation: u64) -> Result<Option<Entry>, Ended> {
        self.is_current(session)?;
        if self.granted_in == session {
            return Ok(None);
        }
        let number = self.chain.epoch.number.checked_add(1);
        let number = number.ok_or(Ended::WrongEpoch)?;
        Ok(Some(Entry::Epoch {
            session,
            epoch: Epoch { generation, number },
        }))
    }

    /// Whether an operation at `position` may be appended (R2, R3).
    ///
    /// # Errors
    /// [`Ended`] when the session cannot go on.
    pub fn operation(&self, session: u64, position: &Position) -> Result<Appends, Ended> {
        self.is_current(session)?;
        match self.chain.judge(position) {
            Verdict::Next => Ok(Appends::Next),
            Verdict::Seen if self.recorded(position.seq, position.hash) == Some(false) => {
                Err(Ended::Fork)
            }
            Verdict::Seen => Ok(Appends::Seen),
            Verdict::Gap => Err(Ended::Gap),
            Verdict::WrongEpoch => Err(Ended::WrongEpoch),
            Verdict::Fork => Err(Ended::Fork),
        }
    }

    /// Whether a report may be recorded: by its counter, never by a time (R11).
    ///
    /// # Errors
    /// [`Ended`] when the session cannot go on.
    pub fn report(&self, session: u64, order: Order) -> Result<Appends, Ended> {
        self.is_current(session)?;
        if order.epoch != self.chain.epoch {
            Err(Ended::WrongEpoch)
        } else if order.cseq <= self.cseq {
            Ok(Appends::Seen)
        } else {
            Ok(Appends::Next)
        }
    }

    /// Whether this session is the current one (R4).
    ///
    /// # Errors
    /// [`Ended::Superseded`] when it is not.
    pub fn is_current(&self, session: u64) -> Result<(), Ended> {
        if session == self.session {
            Ok(())
        } else {
            Err(Ended::Superseded)
        }
    }

    /// Takes a durable entry in.
    pub fn fold(&mut self, entry: Entry) {
        match entry {
            Entry::Session { number, boot } => {
                self.session = number;
                if self.boots.back() != Some(&boot) {
                    self.boots.retain(|earlier| *earlier != boot);
                    self.boots.push_back(boot);
                }
                if self.boots.len() > Self::BOOTS {
                    self.boots.pop_front();
                }
            }
            Entry::Epoch { session, epoch } => {
                self.chain = Chain::start(epoch);
                self.granted_in = session;
                self.cseq = 0;
                self.last_report = None;
                self.recent.clear();
            }
            Entry::Operation(hash) => {
                self.chain = self.chain.followed_by(hash);
                self.recent.push_back(hash);
                if self.recent.len() > Self::REMEMBERED {
                    self.recent.pop_front();
                }
            }
            Entry::Report { cseq, hash } => {
                self.cseq = cseq;
                self.last_report = hash;
            }
        }
    }

    /// Whether `hash` is the operation recorded at `seq`; `None` when that is too long ago to tell.
    fn recorded(&self, seq: u64, hash: Hash) -> Option<bool> {
        let back = usize::try_from(self.chain.applied.checked_sub(seq)?).ok()?;
        let at = self.recent.len().checked_sub(back + 1)?;
        Some(self.recent[at] == hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::federation::operation_hash;

    const FIRST: Epoch = Epoch {
        generation: 7,
        number: 1,
    };

    fn next(log: &AgencyLog, content: &[u8]) -> Position {
        Position {
            epoch: log.chain.epoch,
            seq: log.chain.applied + 1,
            prev_head: log.chain.head,
            hash: operation_hash(content),
        }
    }

    fn open() -> AgencyLog {
        let mut log = AgencyLog::new(FIRST);
        log.fold(log.hello([1; 16]));
        log
    }

    #[test]
    fn an_operation_is_appended_once_and_told_apart_from_a_forged_one() {
        let mut log = open();
        let first = next(&log, b"one");
        assert_eq!(log.operation(1, &first), Ok(Appends::Next));
        log.fold(Entry::Operation(first.hash));

        let forged = Position {
            hash: operation_hash(b"other"),
            ..first
        };
        assert_eq!(log.operation(1, &first), Ok(Appends::Seen));
        assert_eq!(log.operation(1, &forged), Err(Ended::Fork));
    }

    #[test]
    fn an_older_session_appends_nothing() {
        let mut log = open();
        let operation = next(&log, b"one");
        log.fold(log.hello([2; 16]));

        let order = Order {
            epoch: FIRST,
            cseq: 1,
        };
        assert_eq!(log.operation(1, &operation), Err(Ended::Superseded));
        assert_eq!(log.report(1, order), Err(Ended::Superseded));
        assert_eq!(log.new_epoch(1, 7), Err(Ended::Superseded));
    }

    #[test]
    fn a_session_of_before_the_node_joined_again_appends_nothing() {
        let before = open();
        let epoch = Epoch { number: 2, ..FIRST };
        let mut log = before.rejoined(epoch);

        let order = Order { epoch, cseq: 1 };
        let forged = next(&log, b"one");
        assert_eq!(log.new_epoch(1, 7), Err(Ended::Superseded));
        assert_eq!(log.operation(1, &forged), Err(Ended::Superseded));
        assert_eq!(log.report(1, order), Err(Ended::Superseded));

        log.fold(log.hello([2; 16]));
        assert_eq!(log.operation(log.session, &forged), Ok(Appends::Next));
    }

    #[test]
    fn a_new_epoch_is_greater_and_granted_once_a_session() {
        let mut log = open();
        let entry = log.new_epoch(1, 9).unwrap().unwrap();
        let epoch = Epoch {
            generation: 9,
            number: 2,
        };
        assert_eq!(entry, Entry::Epoch { session: 1, epoch });

        log.fold(entry);
        assert_eq!(log.new_epoch(1, 9), Ok(None));
        assert_eq!(log.chain, Chain::start(epoch));
    }

    #[test]
    fn only_a_return_to_an_earlier_start_proves_a_clone() {
        let mut log = open();
        assert!(!log.proves_a_clone([1; 16]));
        assert!(!log.proves_a_clone([2; 16]));
        log.fold(log.hello([2; 16]));
        assert!(log.proves_a_clone([1; 16]));
        assert!(!log.proves_a_clone([2; 16]));
    }

    #[test]
    fn a_report_goes_by_its_counter() {
        let mut log = open();
        let order = |cseq| Order { epoch: FIRST, cseq };
        assert_eq!(log.report(1, order(5)), Ok(Appends::Next));
        log.fold(Entry::Report {
            cseq: 5,
            hash: None,
        });
        assert_eq!(log.report(1, order(5)), Ok(Appends::Seen));
        assert_eq!(log.report(1, order(4)), Ok(Appends::Seen));
        assert_eq!(log.report(1, order(9)), Ok(Appends::Next));
    }
}
