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
use super::beats::Beats;
use super::comparison::{Compared, Comparison};
use super::cursor::Cursor;
use super::heard::{Heard, fenced};
use super::held::Told;
use super::pace::Pace;
use crate::operations::HeldBack;
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
    /// From one beat to the next. 30 s, more or less by a fifth, so that many nodes do not beat at once.
    pub beat: Duration,
    /// For the answer to a beat; without one the connection counts as gone.
    pub silence: Duration,
}

/// One session, from hello to its end.
#[derive(Debug)]
pub struct Conversation {
    boot: [u8; 16],
    timing: Timing,
    phase: Phase,
    /// The session's number; 0: the directory has not said welcome.
    session: u64,
    /// What the directory is asked about its records.
    comparison: Option<Comparison>,
    /// What it serves, when that was asked for.
    seen: Option<(Theirs, u64)>,
    /// Which services it holds back.
    held: Told,
    /// `None`: the directory has not said welcome.
    beats: Option<Beats>,
    /// Since when something is owed by the directory, if it is.
    owed_since: Duration,
}

#[derive(Debug)]
enum Phase {
    /// Nothing was heard.
    Greeting,
    /// What the directory holds is compared with this log before anything is sent.
    Comparing(Cursor),
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
            comparison: None,
            seen: None,
            held: Told::default(),
            beats: None,
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
        let mut heard = Heard::default();
        let mut messages = messages.into_iter();
        let taken = messages.try_for_each(|message| self.take(ledger, &mut heard, message, now));
        heard.keep(ledger, now.wall)?;
        taken
    }

    /// Begins to ask what the directory serves of this agency. False when it has to wait: the logs are being
    /// compared.
    pub fn look(&mut self, outbox: &Outbox) -> bool {
        let free = self.is_open() && self.comparison.is_none();
        if free {
            self.comparison = Some(Comparison::to_look(outbox.told()));
        }
        free
    }

    /// What the directory serves, once it has said all of it, and how many operations' fate the node knew when
    /// it began to ask.
    pub fn seen(&mut self) -> Option<(Theirs, u64)> {
        self.seen.take()
    }

    /// What the directory holds back, where it has said so since this was asked last.
    pub fn held_back(&mut self) -> Option<HeldBack> {
        self.held.news()
    }

    /// What is to be sent next; `None`: nothing for now. Capacity goes before listings.
    pub fn next(&mut self, outbox: &Outbox, now: Moment) -> Option<Up> {
        let urgent = self.next_urgent(outbox, now);
        urgent.or_else(|| self.next_operations(outbox, now))
    }

    /// Whether something waits that goes before listings.
    #[must_use]
    pub fn has_urgent(&self, progress: &Progress) -> bool {
        let question = self.comparison.as_ref();
        let reports = match &self.phase {
            Phase::Open(cursor) => cursor.has_reports(progress),
            Phase::Greeting | Phase::Comparing(_) => false,
        };
        reports
            || question.is_some_and(Comparison::has_question)
            || self.beats.as_ref().is_some_and(Beats::is_due)
    }

    /// Whether listings wait that may be sent now.
    #[must_use]
    pub fn has_operations(&self, progress: &Progress) -> bool {
        match &self.phase {
            Phase::Greeting | Phase::Comparing(_) => false,
            Phase::Open(cursor) => cursor.has_operations(progress),
        }
    }

    /// What is to be sent before any listing: a beat that is due, capacity, questions.
    pub fn next_urgent(&mut self, outbox: &Outbox, now: Moment) -> Option<Up> {
        self.begin_to_wait(outbox, now);
        if let Some(beats) = self.beats.as_mut().filter(|beats| beats.is_due()) {
            return Some(Up::Beat(beats.next(outbox, now)));
        }
        let reports = match &mut self.phase {
            Phase::Greeting | Phase::Comparing(_) => None,
            Phase::Open(cursor) => cursor.next_reports(outbox, now.elapsed),
        };
        reports.or_else(|| self.comparison.as_mut()?.next())
    }

    /// The listings to be sent next.
    pub fn next_operations(&mut self, outbox: &Outbox, now: Moment) -> Option<Up> {
        self.begin_to_wait(outbox, now);
        match &mut self.phase {
            Phase::Greeting | Phase::Comparing(_) => None,
            Phase::Open(cursor) => cursor.next_operations(outbox, now.elapsed),
        }
    }

    /// When [`Conversation::tick`] is to be called if nothing else happens until then; in the time of
    /// [`Moment::elapsed`]. `None`: nothing is waited for. So no wait is without an end (R19).
    #[must_use]
    pub fn deadline(&self, progress: &Progress) -> Option<Duration> {
        let owed = self.is_owed(progress).then(|| self.owed_until());
        let beats = self.beats.as_ref().and_then(Beats::deadline);
        owed.into_iter().chain(beats).min()
    }

    /// Time has passed.
    ///
    /// # Errors
    /// [`SessionError`] when the directory owes something for too long: the session is over.
    pub fn tick(&mut self, progress: &Progress, now: Moment) -> Result<(), SessionError> {
        if self.is_owed(progress) && now.elapsed >= self.owed_until() {
            return Err(match &self.phase {
                Phase::Greeting => SessionError::NoWelcome(self.timing.welcome),
                Phase::Comparing(_) | Phase::Open(_) => {
                    SessionError::NoAcknowledgement(self.timing.acknowledgement)
                }
            });
        }
        self.beats.as_mut().map_or(Ok(()), |beats| beats.tick(now))
    }

    fn is_owed(&self, progress: &Progress) -> bool {
        let answer = self.comparison.as_ref().is_some_and(Comparison::is_waiting);
        answer
            || match &self.phase {
                Phase::Greeting => true,
                Phase::Comparing(_) => false,
                Phase::Open(cursor) => cursor.is_waiting(progress),
            }
    }

    fn owed_until(&self) -> Duration {
        let wait = match &self.phase {
            Phase::Greeting => self.timing.welcome,
            Phase::Comparing(_) | Phase::Open(_) => self.timing.acknowledgement,
        };
        self.owed_since + wait
    }

    fn take<S: Storage>(
        &mut self,
        ledger: &mut Ledger<S>,
        heard: &mut Heard,
        message: v1::PublishResponse,
        now: Moment,
    ) -> Result<(), SessionError> {
        let message = match (message.message, &self.phase) {
            // A message of a newer version: what it says is not for this one.
            (None, _) => return Ok(()),
            (Some(Down::Fence(fence)), _) => return Err(fenced(&fence)),
            (Some(Down::Welcome(welcome)), Phase::Greeting) => {
                return self.resume(ledger, &welcome, now);
            }
            (Some(_), Phase::Greeting) => {
                return Err(SessionError::Protocol("its first word was not welcome"));
            }
            (Some(message), _) => message,
        };
        if let Some(beats) = &mut self.beats {
            beats.heard(now);
        }
        if !matches!(message, Down::Notice(_) | Down::BeatAck(_) | Down::Held(_)) {
            self.owed_since = now.elapsed;
        }
        match message {
            Down::Ack(ack) => self.acknowledged(heard, ack, now),
            Down::Notice(notice) => {
                heard.notices.push(notice);
                Ok(())
            }
            Down::Held(part) => self.held.hear(part),
            Down::BeatAck(answer) => self.beat_answered(ledger.outbox(), &answer),
            Down::Grant(_) | Down::Tips(_) | Down::Reports(_) | Down::Fetched(_) => {
                std::mem::take(heard).keep(ledger, now.wall)?;
                self.answered(ledger, message, now)
            }
            Down::Welcome(_) => Err(SessionError::Protocol("it said welcome a second time")),
            Down::Fence(_) => Ok(()),
        }
    }

    fn acknowledged(
        &mut self,
        heard: &mut Heard,
        ack: v1::PublishAck,
        now: Moment,
    ) -> Result<(), SessionError> {
        let reports_alone = self.is_comparing_reports();
        match &mut self.phase {
            Phase::Open(cursor) => {
                cursor.acknowledged(&ack, now.elapsed)?;
                heard.acknowledge(ack);
            }
            Phase::Comparing(_) if reports_alone => {
                heard.acknowledge(of_operations(ack));
            }
            // Before the logs are compared, it may be of one that this node does not follow.
            Phase::Comparing(_) | Phase::Greeting => {}
        }
        Ok(())
    }

    fn is_comparing_reports(&self) -> bool {
        let comparison = self.comparison.as_ref();
        comparison.is_some_and(Comparison::is_of_reports)
    }

    fn beat_answered(&mut self, outbox: &Outbox, answer: &v1::BeatAck) -> Result<(), SessionError> {
        let Some(beats) = &mut self.beats else {
            return Ok(());
        };
        let differing = beats.differing(answer, outbox)?;
        if let (Some((bits, buckets)), None) = (differing, &self.comparison) {
            self.comparison = Some(Comparison::of_buckets(bits, buckets, outbox.told()));
        }
        Ok(())
    }

    /// The directory answered a question about its records.
    fn answered<S: Storage>(
        &mut self,
        ledger: &mut Ledger<S>,
        message: Down,
        now: Moment,
    ) -> Result<(), SessionError> {
        let unasked = || SessionError::Protocol("it answered what was not asked");
        let comparison = self.comparison.as_mut().ok_or_else(unasked)?;
        let outbox = ledger.outbox();
        let compared = match message {
            Down::Grant(grant) => {
                comparison.granted(&grant, outbox)?;
                Compared::NotYet
            }
            Down::Tips(tips) => comparison.tips(tips, outbox)?,
            Down::Reports(reports) => comparison.reports(reports, outbox, &ledger.key())?,
            Down::Fetched(fetched) => comparison.fetched(fetched, outbox, &ledger.key())?,
            _ => return Err(unasked()),
        };
        match compared {
            Compared::NotYet => return Ok(()),
            Compared::Known(scope, theirs) => {
                ledger.reconcile(&scope, &theirs, now.wall)?;
                if matches!(scope, Scope::Epoch(_))
                    && let Phase::Comparing(cursor) = &mut self.phase
                {
                    cursor.restart();
                }
            }
            Compared::Seen(theirs, told) => self.seen = Some((theirs, told)),
            Compared::Stale => {}
        }
        self.comparison = None;
        if let Phase::Comparing(cursor) = &self.phase {
            self.phase = Phase::Open(cursor.clone());
        }
        Ok(())
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
        let resume = resume(
            &ledger.outbox().own(theirs.applied, theirs.capacity_applied),
            &theirs,
        )?;
        if resume == Resume::GoOn {
            failpoint!("node.resume.pre_store");
            ledger.resumed(&theirs, now.wall)?;
            failpoint!("node.resume.post_store");
        }
        let reports = ledger.outbox().reports().settled();
        let cursor = Cursor::new(
            theirs.applied,
            reports.max(theirs.capacity_applied),
            welcome.max_in_flight,
            Pace::new(self.timing.acknowledgement),
        );
        // A log with nothing behind it does not know what an earlier node of this agency has published or
        // reported: there was one before unless this is the agency's first epoch.
        let had_a_node = welcome.records > 0 || theirs.epoch.number > 1;
        let knows_nothing = had_a_node && ledger.outbox().is_new();
        let apart = resume == Resume::NewEpoch || knows_nothing;
        let passed = ledger.outbox().reports().passed_by(&theirs);
        self.session = welcome.session;
        self.held.begin(welcome);
        self.owed_since = now.elapsed;
        self.beats = Some(Beats::new(&self.timing, now));
        self.comparison = if apart {
            Some(Comparison::in_new_epoch())
        } else {
            (!passed.is_empty()).then(|| Comparison::of_reports(passed))
        };
        self.phase = match &self.comparison {
            Some(_) => Phase::Comparing(cursor),
            None => Phase::Open(cursor),
        };
        Ok(())
    }

    /// The time an acknowledgement is owed counts from the first message that it is owed for.
    fn begin_to_wait(&mut self, outbox: &Outbox, now: Moment) {
        if !self.is_owed(&Progress::of(outbox)) {
            self.owed_since = now.elapsed;
        }
    }
}

/// What it says of operations alone: the counter of reports may have been moved by another copy of this disk.
fn of_operations(mut ack: v1::PublishAck) -> v1::PublishAck {
    ack.capacity_applied = 0;
    ack.rejections.retain(|rejection| rejection.seq > 0);
    ack
}

fn standing(welcome: &v1::PublishWelcome) -> Option<Standing> {
    Some(Standing {
        generation: welcome.generation,
        epoch: convert::federation::epoch(welcome.epoch).ok()?,
        applied: welcome.applied,
        head: Hash::try_from(welcome.head.as_slice()).ok()?,
        capacity_applied: welcome.capacity_applied,
        capacity_hash: Hash::try_from(welcome.capacity_hash.as_slice()).ok(),
        records: welcome.records,
    })
}
