//! The one thread that appends: judge, append, sync, show to searches, answer. In that order.
//!
//! [`Recorder`] does it, one group of submissions at a time, on any storage and with anything downstream: a
//! thread in the directory, a step of simulated time in a simulation.

mod members;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use referral_core::federation::Epoch;
use referral_core::id::AgencyId;
use referral_journal::{AppendError, Entry, Journal, Storage};
use tokio::sync::{mpsc, oneshot};
use tracing::{error, warn};

use super::about::{About, Alarm};
use super::fact::{Fact, Membership};
use super::heads::{Decided, Heads, Undo};
use super::judge;
use super::notice::CLONED;
use super::settled::Settled;
use super::submission::{
    ActRefused, Granted, Hello, JoinRefused, NotWritten, OperatorAct, Outcome, SessionEnd,
    Submission, Welcome,
};
use crate::store::room::Space;

/// Most submissions that share one fsync.
const GROUP: usize = 256;
/// Most bytes that share one fsync: well under the journal's own limit for a batch.
const GROUP_BYTES: usize = 4 << 20;

/// Facts that have become durable together.
#[derive(Debug)]
pub struct Applied {
    /// The journal index of the last one.
    pub last_index: u64,
    /// When they were received.
    pub received_at: Timestamp,
    /// The facts, in order.
    pub decided: Vec<Decided>,
}

/// What follows the journal: searches, the store, the index.
pub trait Downstream {
    /// What room there is for more.
    fn space(&mut self) -> Space;

    /// Takes what has become durable, before anybody is told of it. False when nothing more can be taken.
    fn take(&mut self, applied: Applied) -> bool;
}

/// Judges submissions, makes what it decides durable, and answers.
pub struct Recorder<S: Storage, D> {
    journal: Journal<S>,
    heads: Arc<RwLock<Heads>>,
    settled: Settled,
    downstream: D,
    generation: u64,
    last_received: Timestamp,
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

impl<S: Storage, D: Downstream> Recorder<S, D> {
    /// A recorder that goes on after what is in `journal`.
    ///
    /// * `heads` — folded from all of the journal.
    /// * `generation` — the directory's.
    /// * `last_received` — the time of the last journal record.
    pub fn new(
        journal: Journal<S>,
        heads: Arc<RwLock<Heads>>,
        downstream: D,
        generation: u64,
        last_received: Timestamp,
    ) -> Self {
        let settled = Settled::of(&heads.read().unwrap_or_else(PoisonError::into_inner));
        Self {
            journal,
            heads,
            settled,
            downstream,
            generation,
            last_received,
        }
    }

    /// What of its heads is durable.
    #[must_use]
    pub fn settled(&self) -> Settled {
        self.settled.clone()
    }

    /// Takes a group of submissions: `first`, and as many of `more` as share one fsync. Each is answered
    /// once its effects are durable. False when the process cannot go on.
    ///
    /// * `now` — the directory's clock.
    pub fn record(
        &mut self,
        first: Submission,
        mut more: impl FnMut() -> Option<Submission>,
        now: Timestamp,
    ) -> bool {
        let space = self.downstream.space();
        let mut pending = Pending::new(self.receipt_time(now));
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
            next = if full { None } else { more() };
        }
        self.write(pending)
    }

    /// Serves submissions until every handle is gone: true; or until the process cannot go on: false.
    pub(super) fn run(
        mut self,
        mut submissions: mpsc::Receiver<Submission>,
        now: impl Fn() -> Timestamp,
    ) -> bool {
        while let Some(first) = submissions.blocking_recv() {
            if !self.record(first, || submissions.try_recv().ok(), now()) {
                return false;
            }
        }
        true
    }

    /// The directory's time, never falling and never the same twice (R12).
    fn receipt_time(&mut self, now: Timestamp) -> Timestamp {
        let least = self
            .last_received
            .saturating_add(SignedDuration::from_micros(1));
        self.last_received = now.max(least.unwrap_or(self.last_received));
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
                // Nothing is judged meanwhile: the heads hold what is durable and no more.
                self.settled.take(&decided, &self.read_heads());
                let folding = self.downstream.take(Applied {
                    last_index: *indexes.end(),
                    received_at,
                    decided,
                });
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

    fn judge(&self, submission: Submission, pending: &mut Pending) {
        match submission {
            Submission::Invite(invitation, again, answer) => {
                let ruling = judge::invite(&self.read_heads(), &invitation.agency, again);
                if ruling.is_ok() {
                    self.decide(Fact::Invited(invitation), pending);
                }
                pending.answer(answer, |()| ruling);
            }
            Submission::Issue(membership, serial, answer) => {
                let ruling = self.judge_issue(&membership, serial, pending);
                pending.answer(answer, |()| ruling);
            }
            Submission::Renew(renewal, answer) => {
                let ruling = self.judge_renewal(&renewal, pending);
                pending.answer(answer, |()| ruling);
            }
            Submission::Renewed(agency, serial, certificate, answer) => {
                let ruling = self.judge_renewed(&agency, serial, certificate, pending);
                pending.answer(answer, |()| ruling);
            }
            Submission::Grant(agency, category, said, answer) => {
                let ruling = self.judge_grant(agency, category, said, pending);
                pending.answer(answer, move |()| ruling);
            }
            Submission::Revoke(agency, category, by, why, answer) => {
                let ruling = self.judge_revocation(agency, category, by, why, pending);
                pending.answer(answer, |()| ruling);
            }
            Submission::Lapse(answer) => {
                self.lapse(pending);
                pending.answer(answer, Ok);
            }
            Submission::Join(membership, answer) => self.judge_join(*membership, answer, pending),
            Submission::Hello(hello, answer) => {
                let welcome = self.judge_hello(&hello, pending);
                pending.answer(answer, |()| welcome);
            }
            Submission::NewEpoch(agency, session, answer) => {
                let granted = self.judge_new_epoch(&agency, session, pending);
                pending.answer(answer, move |()| granted);
            }
            Submission::Operator(act, answer) => {
                let recorded = self.judge_operator(act, pending);
                pending.answer(answer, |()| recorded);
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

    fn judge_join(
        &self,
        mut asked: Membership,
        answer: oneshot::Sender<Result<Membership, JoinRefused>>,
        pending: &mut Pending,
    ) {
        let ruling = judge::join(&self.read_heads(), &asked, pending.received_at);
        match ruling {
            Err(refused) => drop(answer.send(Err(refused))),
            Ok(Some(had)) => pending.answer(answer, |()| Ok(had)),
            Ok(None) => {
                asked.epoch = self.first_epoch(&asked.agency);
                self.decide(Fact::Joined(asked.clone()), pending);
                pending.answer(answer, |()| Ok(asked));
            }
        }
    }

    /// The epoch a node begins with that joins now: after every one its agency had.
    fn first_epoch(&self, agency: &AgencyId) -> Epoch {
        let heads = self.read_heads();
        let log = heads.agency(agency).and_then(|head| head.log.as_ref());
        let number = log.map_or(0, |log| log.chain.epoch.number);
        Epoch {
            generation: self.generation,
            number: number.saturating_add(1),
        }
    }

    fn judge_hello(&self, hello: &Hello, pending: &mut Pending) -> Result<Welcome, SessionEnd> {
        let begun = judge::hello(&self.read_heads(), hello, pending.received_at)?;
        let shown = judge::shown(&self.read_heads(), hello)?;
        if let Some(shown) = shown {
            self.decide(shown, pending);
        }
        let (agency, now) = (&hello.agency, pending.received_at);
        judge::may_publish(&self.read_heads(), agency, now)?;
        let cloned = judge::proves_a_clone(&self.read_heads(), hello);
        self.decide(begun, pending);
        if cloned {
            let alarm = Alarm {
                code: CLONED.to_owned(),
                at: now,
            };
            self.decide_about(agency.clone(), About::Alarm(alarm), pending);
            // The third proof suspends the agency, and this session with it.
            judge::may_publish(&self.read_heads(), agency, now)?;
        }
        self.welcome(hello, now)
    }

    fn judge_new_epoch(
        &self,
        agency: &AgencyId,
        session: u64,
        pending: &mut Pending,
    ) -> Result<Granted, SessionEnd> {
        judge::may_publish(&self.read_heads(), agency, pending.received_at)?;
        let granted = judge::new_epoch(&self.read_heads(), agency, session, self.generation)?;
        if let Some(fact) = granted {
            self.decide(fact, pending);
        }
        let heads = self.read_heads();
        Ok(Granted {
            epoch: judge::log(&heads, agency)?.chain.epoch,
            records: heads.known_records(agency) as u64,
            earlier_keys: heads
                .agency(agency)
                .map_or_else(Vec::new, |head| head.earlier_keys.clone()),
        })
    }

    fn judge_operator(&self, act: OperatorAct, pending: &mut Pending) -> Result<(), ActRefused> {
        let (agency, fact) = match act {
            OperatorAct::AllowDeletions(agency, more) => {
                (agency.clone(), Fact::DeletionsAllowed(agency, more))
            }
            OperatorAct::Readmit(agency) => (agency.clone(), Fact::Readmitted(agency)),
            OperatorAct::SetStanding(agency, standing, by, why) => {
                let about = About::Standing(standing, by, why);
                (agency.clone(), Fact::About(agency, Box::new(about)))
            }
            OperatorAct::SetQuota(agency, services) => {
                let about = Box::new(About::Quota(services));
                (agency.clone(), Fact::About(agency, about))
            }
            OperatorAct::ClearName(agency, skeleton, by) => {
                let about = About::NameCleared(skeleton, by);
                (agency.clone(), Fact::About(agency, Box::new(about)))
            }
            OperatorAct::Alarm(agency, code) => {
                let about = About::Alarm(Alarm {
                    code: code.to_owned(),
                    at: pending.received_at,
                });
                (agency.clone(), Fact::About(agency, Box::new(about)))
            }
        };
        {
            let heads = self.read_heads();
            let head = heads.agency(&agency).ok_or(ActRefused::Unknown)?;
            if let Fact::About(_, about) = &fact
                && let About::Alarm(alarm) = &**about
                && !head.member.alarms.is_news(&alarm.code, alarm.at)
            {
                return Ok(());
            }
        }
        self.decide(fact, pending);
        Ok(())
    }

    fn judge_operations(
        &self,
        agency: &AgencyId,
        session: u64,
        operations: Vec<super::CheckedOperation>,
        pending: &mut Pending,
    ) -> Result<Outcome, SessionEnd> {
        let now = pending.received_at;
        judge::may_publish(&self.read_heads(), agency, now)?;
        let (mut refused, mut notices) = (Vec::new(), Vec::new());
        for checked in operations {
            let seq = checked.header.position.seq;
            let decided = judge::operation(&self.read_heads(), agency, session, now, checked)?;
            let Some(fact) = decided else { continue };
            match &fact {
                Fact::OperationRefused(_, refusal, _) => refused.push((seq, 0, refusal.clone())),
                Fact::Operation(_, change, _) => {
                    let change = change.clone();
                    self.decide(fact, pending);
                    notices.extend(self.judge_name(agency, &change, pending));
                    continue;
                }
                _ => {}
            }
            self.decide(fact, pending);
        }
        Ok(Outcome {
            refused,
            notices,
            ..self.standing(agency)?
        })
    }

    fn judge_capacity(
        &self,
        agency: &AgencyId,
        session: u64,
        reports: Vec<super::CheckedCapacity>,
        pending: &mut Pending,
    ) -> Result<Outcome, SessionEnd> {
        let now = pending.received_at;
        judge::may_publish(&self.read_heads(), agency, now)?;
        let (mut refused, mut notices) = (Vec::new(), Vec::new());
        for checked in reports {
            let cseq = checked.order.cseq;
            let decided = judge::capacity(&self.read_heads(), agency, session, now, checked)?;
            let Some(fact) = decided else { continue };
            match &fact {
                Fact::CapacityRefused(_, _, refusal) => refused.push((0, cseq, refusal.clone())),
                Fact::Capacity(_, _, report, _) => {
                    let longest = judge::longest_ttl(&self.read_heads(), agency, report);
                    notices.extend(judge::notices(report, longest, pending.received_at));
                }
                _ => {}
            }
            self.decide(fact, pending);
        }
        Ok(Outcome {
            refused,
            notices,
            ..self.standing(agency)?
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

    fn standing(&self, agency: &AgencyId) -> Result<Outcome, SessionEnd> {
        let heads = self.read_heads();
        let log = judge::log(&heads, agency)?;
        Ok(Outcome {
            applied: log.chain.applied,
            cseq: log.cseq,
            ..Outcome::default()
        })
    }

    fn welcome(&self, hello: &Hello, now: Timestamp) -> Result<Welcome, SessionEnd> {
        let heads = self.read_heads();
        let log = judge::log(&heads, &hello.agency)?;
        let head = heads.agency(&hello.agency);
        // What was refused in another epoch has nothing to do with the node's log.
        let told = head.filter(|_| hello.epoch == log.chain.epoch);
        let refused =
            told.map(|head| head.refused_after(hello.acknowledged, hello.capacity_acknowledged));
        Ok(Welcome {
            session: log.session,
            epoch: log.chain.epoch,
            applied: log.chain.applied,
            head: log.chain.head,
            cseq: log.cseq,
            last_report: log.last_report,
            refused: refused.unwrap_or_default(),
            now,
            records: heads.known_records(&hello.agency) as u64,
            notices: head.map_or_else(Vec::new, |head| judge::welcome_notices(&heads, head, now)),
        })
    }

    fn read_heads(&self) -> std::sync::RwLockReadGuard<'_, Heads> {
        self.heads.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_heads(&self) -> std::sync::RwLockWriteGuard<'_, Heads> {
        self.heads.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Storage, D> fmt::Debug for Recorder<S, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("last_received", &self.last_received)
            .finish_non_exhaustive()
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
        Self::of(super::FenceCause::Storage)
    }
}
