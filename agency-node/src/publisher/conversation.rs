//! The node's side of one session, without a clock, a network or a disk of its own.
//!
//! Begin with [`Conversation::new`]; say [`Conversation::hello`]; from then on give every message that
//! comes to [`Conversation::hear`], send whatever [`Conversation::next`] has to say, and call
//! [`Conversation::tick`] at [`Conversation::deadline`]. A session that ended is never continued: make a new
//! conversation. What it hears is in the journal of the [`Ledger`] when `hear` returns.

use std::time::Duration;

use jiff::Timestamp;
use referral_core::federation::{Resume, Standing, resume};
use referral_core::id::Hash;
use referral_journal::Storage;
use referral_proto::v1::publish_request::Message as Up;
use referral_proto::v1::publish_response::Message as Down;
use referral_proto::{convert, v1};

use super::SessionError;
use super::comparison::{Compared, Comparison};
use super::cursor::Cursor;
use super::heard::{Heard, fenced};
use crate::outbox::{Ledger, Outbox, Progress, Scope, Theirs};

/// A moment: what the wall clock shows, and what has elapsed since some fixed moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The time of day, for what is written down.
    pub wall: Timestamp,
    /// For deadlines: never falls.
    pub elapsed: Duration,
}

/// How long a conversation waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// For the answer to hello.
    pub welcome: Duration,
    /// For an acknowledgement that is owed.
    pub acknowledgement: Duration,
}

/// One session, from hello to its end.
#[derive(Debug)]
pub struct Conversation {
    boot: [u8; 16],
    timing: Timing,
    phase: Phase,
    /// The session's number; 0: the directory has not said welcome.
    session: u64,
    /// Since when something is owed by the directory, if it is.
    owed_since: Duration,
}

#[derive(Debug)]
enum Phase {
    /// Nothing was heard.
    Greeting,
    /// What the directory holds is compared with this log before anything is sent; then the cursor is used,
    /// or one for a new epoch.
    Comparing(Comparison, Cursor),
    /// Both talk.
    Open(Cursor),
}

impl Conversation {
    /// A conversation that has not begun.
    ///
    /// * `boot` — random, new at every start of the process.
    #[must_use]
    pub fn new(boot: [u8; 16], timing: Timing) -> Self {
        Self {
            boot,
            timing,
            phase: Phase::Greeting,
            session: 0,
            owed_since: Duration::ZERO,
        }
    }

    /// The first message: where the node's log stands.
    pub fn hello(&mut self, outbox: &Outbox, now: Moment) -> Up {
        self.owed_since = now.elapsed;
        let tip = outbox.tip();
        Up::Hello(v1::PublishHello {
            generation_seen: outbox.generation_seen(),
            epoch: Some(tip.epoch.into()),
            seq: tip.applied,
            head: tip.head.as_bytes().to_vec(),
            boot: self.boot.to_vec(),
            user_agent: concat!("agency-node/", env!("CARGO_PKG_VERSION")).to_owned(),
            acknowledged: outbox.told(),
            capacity_acknowledged: outbox.reports().settled(),
        })
    }

    /// The number of the session; `None`: the directory has not said welcome.
    #[must_use]
    pub fn session(&self) -> Option<u64> {
        (self.session > 0).then_some(self.session)
    }

    /// Whether operations may be sent: the two logs fit.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open(_))
    }

    /// Takes in what the directory said, in order; acknowledgements that came together are kept with one
    /// write. What was said before the session ended counts.
    ///
    /// # Errors
    /// [`SessionError`]: the session is over.
    pub fn hear<S: Storage>(
        &mut self,
        ledger: &mut Ledger<S>,
        messages: impl IntoIterator<Item = v1::PublishResponse>,
        now: Moment,
    ) -> Result<(), SessionError> {
        self.owed_since = now.elapsed;
        let mut heard = Heard::default();
        let mut messages = messages.into_iter();
        let taken = messages.try_for_each(|message| self.take(ledger, &mut heard, message, now));
        heard.keep(ledger, now.wall)?;
        taken
    }

    /// What is to be sent next; `None`: nothing for now. Capacity goes before listings.
    pub fn next(&mut self, outbox: &Outbox, now: Moment) -> Option<Up> {
        let urgent = self.next_urgent(outbox, now);
        urgent.or_else(|| self.next_operations(outbox, now))
    }

    /// Whether something waits that goes before listings.
    #[must_use]
    pub fn has_urgent(&self, progress: &Progress) -> bool {
        match &self.phase {
            Phase::Greeting => false,
            Phase::Comparing(comparison, _) => comparison.has_question(),
            Phase::Open(cursor) => cursor.has_reports(progress),
        }
    }

    /// Whether listings wait that may be sent now.
    #[must_use]
    pub fn has_operations(&self, progress: &Progress) -> bool {
        match &self.phase {
            Phase::Greeting | Phase::Comparing(..) => false,
            Phase::Open(cursor) => cursor.has_operations(progress),
        }
    }

    /// What is to be sent before any listing.
    pub fn next_urgent(&mut self, outbox: &Outbox, now: Moment) -> Option<Up> {
        self.begin_to_wait(outbox, now);
        match &mut self.phase {
            Phase::Greeting => None,
            Phase::Comparing(comparison, _) => comparison.next(outbox),
            Phase::Open(cursor) => cursor.next_reports(outbox),
        }
    }

    /// The listings to be sent next.
    pub fn next_operations(&mut self, outbox: &Outbox, now: Moment) -> Option<Up> {
        self.begin_to_wait(outbox, now);
        match &mut self.phase {
            Phase::Greeting | Phase::Comparing(..) => None,
            Phase::Open(cursor) => cursor.next_operations(outbox),
        }
    }

    /// When [`Conversation::tick`] is to be called if nothing else happens until then; in the time of
    /// [`Moment::elapsed`]. `None`: nothing is waited for.
    #[must_use]
    pub fn deadline(&self, progress: &Progress) -> Option<Duration> {
        let owed = match &self.phase {
            Phase::Greeting => return Some(self.owed_since + self.timing.welcome),
            Phase::Comparing(comparison, _) => comparison.is_waiting(),
            Phase::Open(cursor) => cursor.is_waiting(progress),
        };
        owed.then(|| self.owed_since + self.timing.acknowledgement)
    }

    /// Time has passed.
    ///
    /// # Errors
    /// [`SessionError`] when the directory owes something for too long: the session is over.
    pub fn tick(&mut self, progress: &Progress, now: Moment) -> Result<(), SessionError> {
        let late = self
            .deadline(progress)
            .is_some_and(|deadline| now.elapsed >= deadline);
        match &self.phase {
            Phase::Greeting if late => Err(SessionError::NoWelcome(self.timing.welcome)),
            Phase::Comparing(..) | Phase::Open(_) if late => {
                let waited = self.timing.acknowledgement;
                Err(SessionError::NoAcknowledgement(waited))
            }
            _ => Ok(()),
        }
    }

    fn take<S: Storage>(
        &mut self,
        ledger: &mut Ledger<S>,
        heard: &mut Heard,
        message: v1::PublishResponse,
        now: Moment,
    ) -> Result<(), SessionError> {
        let outbox = ledger.outbox();
        let compared = match (message.message, &mut self.phase) {
            (Some(Down::Fence(fence)), _) => return Err(fenced(&fence)),
            (Some(Down::Welcome(welcome)), Phase::Greeting) => {
                return self.resume(ledger, &welcome, now);
            }
            (_, Phase::Greeting) => {
                return Err(SessionError::Protocol("its first word was not welcome"));
            }
            (Some(Down::Welcome(_)), _) => {
                return Err(SessionError::Protocol("it said welcome a second time"));
            }
            (Some(Down::Ack(ack)), Phase::Open(cursor)) => {
                cursor.check(&ack)?;
                heard.acknowledge(ack);
                Compared::NotYet
            }
            (Some(Down::Notice(notice)), _) => {
                heard.notices.push(notice);
                Compared::NotYet
            }
            (Some(Down::Grant(grant)), Phase::Comparing(comparison, _)) => {
                comparison.granted(&grant, outbox)?;
                Compared::NotYet
            }
            (Some(Down::Tips(tips)), Phase::Comparing(comparison, _)) => {
                comparison.tips(tips, outbox)?
            }
            (Some(Down::Fetched(fetched)), Phase::Comparing(comparison, _)) => {
                comparison.fetched(fetched, outbox, &ledger.key())?
            }
            (Some(Down::Grant(_) | Down::Tips(_) | Down::Fetched(_) | Down::BeatAck(_)), _) => {
                return Err(SessionError::Protocol("it answered what was not asked"));
            }
            // An acknowledgement of a log that this one does not follow, or a message of a newer version.
            (Some(Down::Ack(_)) | None, _) => Compared::NotYet,
        };
        match compared {
            Compared::NotYet => Ok(()),
            Compared::Nothing => {
                self.open(None);
                Ok(())
            }
            Compared::Known(scope, theirs) => {
                std::mem::take(heard).keep(ledger, now.wall)?;
                self.reconcile(ledger, &scope, &theirs, now)
            }
        }
    }

    /// Finds out whether the two logs fit, and goes on from there (R5).
    fn resume<S: Storage>(
        &mut self,
        ledger: &mut Ledger<S>,
        welcome: &v1::PublishWelcome,
        now: Moment,
    ) -> Result<(), SessionError> {
        let theirs = standing(welcome).ok_or(SessionError::Protocol(
            "its welcome names no epoch or no head",
        ))?;
        if welcome.max_in_flight == 0 || welcome.session == 0 {
            return Err(SessionError::Protocol("its welcome lets nothing be sent"));
        }
        let resume = resume(&ledger.outbox().own(theirs.applied), &theirs)?;
        if resume == Resume::GoOn {
            failpoint!("node.resume.pre_store");
            ledger.resumed(theirs.generation, theirs.applied, now.wall)?;
            failpoint!("node.resume.post_store");
        }
        let reports = ledger.outbox().reports().settled();
        let cursor = Cursor::new(
            theirs.applied,
            reports.max(theirs.capacity_applied),
            welcome.max_in_flight,
        );
        let nothing_applied = theirs.applied == 0 && theirs.capacity_applied == 0;
        self.session = welcome.session;
        self.phase = match resume {
            Resume::NewEpoch => Phase::Comparing(Comparison::in_new_epoch(), cursor),
            Resume::GoOn if nothing_applied && ledger.outbox().is_new() => {
                Phase::Comparing(Comparison::of_new_log(), cursor)
            }
            Resume::GoOn => Phase::Open(cursor),
        };
        Ok(())
    }

    /// Does what follows from a comparison, and lets operations be sent.
    fn reconcile<S: Storage>(
        &mut self,
        ledger: &mut Ledger<S>,
        scope: &Scope,
        theirs: &Theirs,
        now: Moment,
    ) -> Result<(), SessionError> {
        ledger.reconcile(scope, theirs, now.wall)?;
        let restarted = match (&self.phase, scope) {
            (Phase::Comparing(_, cursor), Scope::Epoch(_)) => Some(cursor.restarted()),
            _ => None,
        };
        self.open(restarted);
        Ok(())
    }

    /// Operations may be sent, by the cursor there is or a new one.
    fn open(&mut self, restarted: Option<Cursor>) {
        if let Phase::Comparing(_, cursor) = &self.phase {
            self.phase = Phase::Open(restarted.unwrap_or(*cursor));
        }
    }

    /// The time an acknowledgement is owed counts from the first message that it is owed for.
    fn begin_to_wait(&mut self, outbox: &Outbox, now: Moment) {
        let waits = match &self.phase {
            Phase::Greeting => true,
            Phase::Comparing(comparison, _) => comparison.is_waiting(),
            Phase::Open(cursor) => cursor.is_waiting(&Progress::of(outbox)),
        };
        if !waits {
            self.owed_since = now.elapsed;
        }
    }
}

fn standing(welcome: &v1::PublishWelcome) -> Option<Standing> {
    Some(Standing {
        generation: welcome.generation,
        epoch: convert::federation::epoch(welcome.epoch).ok()?,
        applied: welcome.applied,
        head: Hash::try_from(welcome.head.as_slice()).ok()?,
        capacity_applied: welcome.capacity_applied,
    })
}
