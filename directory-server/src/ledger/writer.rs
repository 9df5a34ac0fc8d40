//! The one thread that appends: judge, append, sync, show to searches, answer. In that order.

use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use referral_core::id::{AgencyId, RecordKey};
use referral_index::Index;
use referral_journal::{AppendError, Entry, Journal, Storage};
use referral_runtime::clock::Clock;
use tokio::sync::{mpsc, oneshot};
use tracing::{error, warn};

use super::applier::Applied;
use super::fact::Fact;
use super::handover::Handover;
use super::heads::{Decided, Heads, Undo};
use super::judge::{self, Ruling};
use super::submission::{FenceCause, Hello, NotWritten, Outcome, SessionEnd, Submission, Welcome};
use super::withdrawn::Withdrawn;
use crate::store::room::{Room, Space};

/// Most submissions that share one fsync.
const GROUP: usize = 256;
/// Most bytes that share one fsync: well under the journal's own limit for a batch.
const GROUP_BYTES: usize = 4 << 20;

pub(super) struct Writer<S: Storage> {
    pub(super) journal: Journal<S>,
    pub(super) heads: Arc<RwLock<Heads>>,
    pub(super) index: Arc<Index>,
    pub(super) withdrawn: Arc<Withdrawn>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) room: Room,
    pub(super) applier: Handover,
    pub(super) last_received: Timestamp,
}

/// What is decided and not yet durable.
struct Pending {
    received_at: Timestamp,
    decided: Vec<Decided>,
    bytes: usize,
    encoded: Vec<(u8, Vec<u8>)>,
    undo: Undo,
    answers: Vec<Answer>,
}

/// Called with the result of the append, once it is known.
type Answer = Box<dyn FnOnce(Result<(), NotWritten>) + Send>;

impl<S: Storage> Writer<S> {
    /// Serves submissions until every handle is gone.
    pub(super) fn run(mut self, mut submissions: mpsc::Receiver<Submission>) {
        while let Some(first) = submissions.blocking_recv() {
            let received_at = self.receipt_time();
            let space = self.space();
            let mut pending = Pending::new(received_at);
            let mut next = Some(first);
            let mut taken = 0;
            while let Some(submission) = next {
                if submission.needs() <= space {
                    self.judge(submission, &mut pending);
                } else {
                    submission.refuse(NotWritten::Full);
                }
                taken += 1;
                let full = taken >= GROUP || pending.bytes >= GROUP_BYTES;
                next = if full {
                    None
                } else {
                    submissions.try_recv().ok()
                };
            }
            if !self.write(pending) {
                break;
            }
        }
    }

    /// What room there is for more: none while the applier cannot go on.
    fn space(&mut self) -> Space {
        if self.applier.held_up() {
            Space::None
        } else {
            self.room.space()
        }
    }

    /// The directory's time, never falling and never the same twice (R12).
    fn receipt_time(&mut self) -> Timestamp {
        let least = self
            .last_received
            .saturating_add(jiff::SignedDuration::from_micros(1));
        self.last_received = self.clock.now().max(least.unwrap_or(self.last_received));
        self.last_received
    }

    /// Appends what is pending, shows it to searches, answers. False when the process cannot go on.
    fn write(&mut self, pending: Pending) -> bool {
        let Pending {
            received_at,
            decided,
            encoded,
            undo,
            answers,
            ..
        } = pending;
        if decided.is_empty() {
            answer_all(answers);
            return true;
        }
        let entries: Vec<Entry<'_>> = encoded
            .iter()
            .map(|(kind, bytes)| Entry {
                received_at_us: received_at.as_microsecond(),
                kind: *kind,
                bytes,
            })
            .collect();
        failpoint!("batch.judged");
        match self.journal.append(&entries) {
            Ok(indexes) => {
                failpoint!("ack.pre_show");
                self.show(&decided, *indexes.end());
                let applied = Applied {
                    last_index: *indexes.end(),
                    received_at,
                    decided,
                };
                let folding = self.applier.give(applied);
                failpoint!("ack.pre_send");
                answer_all(answers);
                if !folding {
                    error!(
                        "the applier has stopped: restart the directory to bring its store forward"
                    );
                }
                folding
            }
            Err(reason) => {
                warn!(error.type = reason.code(), "the journal was not written: {reason}");
                self.write_heads().take_back(undo);
                let reason = Arc::new(reason);
                for answer in answers {
                    answer(Err(NotWritten::Journal(Arc::clone(&reason))));
                }
                !matches!(*reason, AppendError::Poisoned { .. })
            }
        }
    }

    /// Lets the very next search see capacity and withdrawals; listings follow with the applier.
    fn show(&self, decided: &[Decided], last_index: u64) {
        for Decided { fact, held } in decided {
            match (fact, held) {
                (Fact::Capacity(agency, ..), Some(held)) => self.index.report(agency, held.clone()),
                (Fact::Operation(header, change, _), _) if change.record.is_none() => {
                    let agency = header.agency.clone();
                    let key = RecordKey {
                        agency,
                        kind: change.kind,
                        id: change.id.clone(),
                    };
                    // In this order: the applier puts first and asks afterwards.
                    self.withdrawn.note(key.clone(), last_index);
                    self.index.remove(&key);
                }
                _ => {}
            }
        }
    }

    fn judge(&self, submission: Submission, pending: &mut Pending) {
        let now = pending.received_at;
        match submission {
            Submission::Invite(invitation, answer) => {
                let ruling = judge::invite(&self.read_heads(), &invitation.agency);
                if let Err(refused) = ruling {
                    let _gone = answer.send(Err(refused));
                    return;
                }
                self.decide(Fact::Invited(invitation), pending);
                pending.answer(answer, |()| Ok(()));
            }
            Submission::Join(membership, answer) => {
                let ruling = judge::join(&self.read_heads(), &membership, now);
                match ruling {
                    Err(refused) => drop(answer.send(Err(refused))),
                    Ok(Some(had)) => pending.answer(answer, |()| Ok(had)),
                    Ok(None) => {
                        self.decide(Fact::Joined((*membership).clone()), pending);
                        pending.answer(answer, |()| Ok(*membership));
                    }
                }
            }
            Submission::Hello(hello, answer) => {
                let ruling = judge::hello(&self.read_heads(), &hello);
                match ruling {
                    Err(end) => drop(answer.send(Err(end))),
                    Ok(fact) => {
                        self.decide(fact, pending);
                        let welcome = self.welcome(&hello, now);
                        pending.answer(answer, |()| welcome);
                    }
                }
            }
            Submission::Operations(agency, session, operations, answer) => {
                let outcome = self.judge_operations(&agency, session, operations, pending);
                pending.answer(answer, |()| outcome);
            }
            Submission::Capacity(agency, session, reports, answer) => {
                let outcome = self.judge_capacity(&agency, session, reports, pending);
                pending.answer(answer, |()| outcome);
            }
        }
    }

    fn judge_operations(
        &self,
        agency: &AgencyId,
        session: u64,
        operations: Vec<super::CheckedOperation>,
        pending: &mut Pending,
    ) -> Result<Outcome, SessionEnd> {
        judge::current(&self.read_heads(), agency, session)?;
        let mut refused = Vec::new();
        for checked in operations {
            let seq = checked.header.position.seq;
            let ruling = judge::operation(&self.read_heads(), agency, checked);
            match ruling {
                Ruling::Seen => {}
                Ruling::End(end) => return Err(end),
                Ruling::Fact(fact) => {
                    if let Fact::OperationRefused(_, refusal, _) = &*fact {
                        refused.push((seq, 0, refusal.clone()));
                    }
                    self.decide(*fact, pending);
                }
            }
        }
        Ok(Outcome {
            refused,
            ..self.standing(agency)
        })
    }

    fn judge_capacity(
        &self,
        agency: &AgencyId,
        session: u64,
        reports: Vec<super::CheckedCapacity>,
        pending: &mut Pending,
    ) -> Result<Outcome, SessionEnd> {
        judge::current(&self.read_heads(), agency, session)?;
        let (mut refused, mut notices) = (Vec::new(), Vec::new());
        for checked in reports {
            let cseq = checked.order.cseq;
            let ruling = judge::capacity(&self.read_heads(), agency, checked);
            match ruling {
                Ruling::Seen => {}
                Ruling::End(end) => return Err(end),
                Ruling::Fact(fact) => {
                    match &*fact {
                        Fact::CapacityRefused(_, _, refusal) => {
                            refused.push((0, cseq, refusal.clone()));
                        }
                        Fact::Capacity(_, _, report, _) => {
                            let longest = judge::longest_ttl(&self.read_heads(), agency, report);
                            notices.extend(judge::notices(report, longest, pending.received_at));
                        }
                        _ => {}
                    }
                    self.decide(*fact, pending);
                }
            }
        }
        Ok(Outcome {
            refused,
            notices,
            ..self.standing(agency)
        })
    }

    /// Takes a fact into the heads, so that what follows is judged with it.
    fn decide(&self, fact: Fact, pending: &mut Pending) {
        let (kind, bytes) = fact.encode();
        pending.bytes += bytes.len();
        pending.encoded.push((kind, bytes));
        let decided = self
            .write_heads()
            .decide(fact, pending.received_at, &mut pending.undo);
        pending.decided.push(decided);
    }

    fn standing(&self, agency: &AgencyId) -> Outcome {
        let heads = self.read_heads();
        let head = heads.agency(agency);
        let applied = head
            .and_then(|head| head.chain)
            .map_or(0, |chain| chain.applied);
        Outcome {
            applied,
            cseq: head.map_or(0, |head| head.cseq),
            ..Outcome::default()
        }
    }

    fn welcome(&self, hello: &Hello, now: Timestamp) -> Result<Welcome, SessionEnd> {
        let not_member = SessionEnd {
            cause: FenceCause::NotMember,
            text: "this agency has not joined the directory",
        };
        let heads = self.read_heads();
        let head = heads.agency(&hello.agency).ok_or(not_member)?;
        let chain = head.chain.ok_or(not_member)?;
        Ok(Welcome {
            session: head.session,
            epoch: chain.epoch,
            applied: chain.applied,
            head: chain.head,
            cseq: head.cseq,
            refused: head.refused_after(hello.acknowledged, hello.capacity_acknowledged),
            now,
        })
    }

    fn read_heads(&self) -> std::sync::RwLockReadGuard<'_, Heads> {
        self.heads.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_heads(&self) -> std::sync::RwLockWriteGuard<'_, Heads> {
        self.heads.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending {
    fn new(received_at: Timestamp) -> Self {
        Self {
            received_at,
            decided: Vec::new(),
            bytes: 0,
            encoded: Vec::new(),
            undo: Undo::default(),
            answers: Vec::new(),
        }
    }

    /// Answers with `ready` once everything pending is durable, or with why it is not.
    fn answer<T, E>(
        &mut self,
        answer: oneshot::Sender<Result<T, E>>,
        ready: impl FnOnce(()) -> Result<T, E> + Send + 'static,
    ) where
        T: Send + 'static,
        E: From<NotWritten> + Send + 'static,
    {
        self.answers.push(Box::new(move |written| {
            let _gone = answer.send(match written {
                Ok(()) => ready(()),
                Err(reason) => Err(E::from(reason)),
            });
        }));
    }
}

fn answer_all(answers: Vec<Answer>) {
    for answer in answers {
        answer(Ok(()));
    }
}

impl From<NotWritten> for SessionEnd {
    fn from(_: NotWritten) -> Self {
        Self {
            cause: FenceCause::Storage,
            text: "the directory cannot write just now; nothing was lost: send again later",
        }
    }
}
