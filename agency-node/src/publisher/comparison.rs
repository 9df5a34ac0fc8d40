//! Asking the directory what it holds, step by step: a new epoch where one is needed, the tips of records,
//! the signed operations of those that have to be taken over (R5 to R7, R15).

use std::collections::{BTreeMap, BTreeSet};

use prost::Message;
use referral_core::federation::{
    Epoch, PublicKey, Purpose, Signature, Tip, operation_hash, verify,
};
use referral_core::id::{Hash, LocalId};
use referral_proto::convert::federation;
use referral_proto::v1;
use referral_proto::v1::publish_request::Message as Up;

use super::SessionError;
use crate::catalog::RecordName;

use crate::outbox::comparing::name as read_name;
use crate::outbox::{Fetched, Outbox, ReportKey, Scope, Theirs, read_word, report_key};

/// The most records, or services, that are asked for in one message.
const FETCH: usize = 500;
/// The most records a directory can hold of one agency.
const RECORDS: usize = 1_000_000;

/// What the directory holds, as far as it was asked.
#[derive(Debug)]
pub(super) struct Comparison {
    why: Why,
    step: Step,
    theirs: Theirs,
    /// Records whose signed operations are still to be asked for.
    unfetched: Vec<RecordName>,
    /// The operations whose fate the node knew when it began.
    told: u64,
    /// Keys that this agency used before, as the directory says.
    earlier_keys: Vec<PublicKey>,
    /// Those of them whose records are taken over: this node's own, or all where it has nothing of its own and
    /// cannot know better.
    trusted_keys: Vec<PublicKey>,
}

/// Why it is asked.
#[derive(Debug)]
enum Why {
    /// The two logs do not fit: they begin a new epoch.
    Apart,
    /// They begin it.
    Decide(Scope),
    /// What the directory serves is looked at, and nothing follows from it.
    Look,
}

/// What comes next.
#[derive(Debug)]
enum Step {
    AskEpoch,
    AwaitEpoch,
    AskTips,
    AwaitTips,
    AskReports,
    AwaitReports,
    AskFetch,
    AwaitFetch {
        asked: BTreeSet<RecordName>,
        /// Operations that may still come: one for each record asked for.
        room: usize,
    },
    Done,
}

/// How a comparison ended.
#[derive(Debug)]
pub(super) enum Compared {
    /// Not yet.
    NotYet,
    /// All is known that has to be.
    Known(Scope, Theirs),
    /// This is what the directory serves, when the node knew the fate of so many operations.
    Seen(Theirs, u64),
    /// Too much has happened meanwhile: the next beat tells whether anything still differs.
    Stale,
}

impl Comparison {
    /// All, in a new epoch.
    pub(super) fn in_new_epoch() -> Self {
        Self::new(Why::Apart, Step::AskEpoch, 0)
    }

    /// The records of these buckets.
    ///
    /// * `told` — the operations whose fate the node knows.
    pub(super) fn of_buckets(bits: u32, buckets: BTreeSet<u32>, told: u64) -> Self {
        let scope = Scope::Buckets { bits, buckets };
        Self::new(Why::Decide(scope), Step::AskTips, told)
    }

    /// The reports that still wait with these counters.
    pub(super) fn of_reports(passed: BTreeMap<u64, ReportKey>) -> Self {
        Self::new(Why::Decide(Scope::Reports(passed)), Step::AskReports, 0)
    }

    /// Whether it is about reports alone: the logs of listings fit.
    pub(super) fn is_of_reports(&self) -> bool {
        matches!(self.why, Why::Decide(Scope::Reports(_)))
    }

    /// All, only to look at.
    ///
    /// * `told` — the operations whose fate the node knows.
    pub(super) fn to_look(told: u64) -> Self {
        Self::new(Why::Look, Step::AskTips, told)
    }

    fn new(why: Why, step: Step, told: u64) -> Self {
        Self {
            why,
            step,
            theirs: Theirs::default(),
            unfetched: Vec::new(),
            told,
            earlier_keys: Vec::new(),
            trusted_keys: Vec::new(),
        }
    }

    /// Whether something is to be asked.
    pub(super) fn has_question(&self) -> bool {
        matches!(
            self.step,
            Step::AskEpoch | Step::AskTips | Step::AskReports | Step::AskFetch
        )
    }

    /// Whether an answer is owed.
    pub(super) fn is_waiting(&self) -> bool {
        matches!(
            self.step,
            Step::AwaitEpoch | Step::AwaitTips | Step::AwaitReports | Step::AwaitFetch { .. }
        )
    }

    /// The next question.
    pub(super) fn next(&mut self) -> Option<Up> {
        match self.step {
            Step::AskEpoch => {
                self.step = Step::AwaitEpoch;
                Some(Up::NewEpoch(v1::EpochRequest {}))
            }
            Step::AskTips => {
                self.step = Step::AwaitTips;
                Some(Up::Tips(self.which()))
            }
            Step::AskReports => {
                self.step = Step::AwaitReports;
                Some(Up::Reports(self.about()))
            }
            Step::AskFetch => Some(self.fetch()),
            Step::AwaitEpoch
            | Step::AwaitTips
            | Step::AwaitReports
            | Step::AwaitFetch { .. }
            | Step::Done => None,
        }
    }

    /// The directory granted an epoch.
    pub(super) fn granted(
        &mut self,
        grant: &v1::Grant,
        outbox: &Outbox,
    ) -> Result<(), SessionError> {
        if !matches!(self.step, Step::AwaitEpoch) {
            return Err(unasked());
        }
        let epoch = federation::epoch(grant.epoch)
            .map_err(|_| SessionError::Protocol("its grant names no epoch"))?;
        if !is_new(epoch, outbox) {
            return Err(SessionError::Protocol(
                "it granted an epoch that is not new",
            ));
        }
        let keys = grant.earlier_listing_keys.iter();
        let keys = keys.filter_map(|key| PublicKey::try_from(key.as_slice()).ok());
        self.earlier_keys = keys.collect();
        self.trusted_keys = if outbox.is_new() {
            self.earlier_keys.clone()
        } else {
            outbox.former_keys().to_vec()
        };
        self.why = Why::Decide(Scope::Epoch(epoch));
        self.step = Step::AskTips;
        Ok(())
    }

    /// The directory said where records stand.
    pub(super) fn tips(
        &mut self,
        answer: v1::RecordTips,
        outbox: &Outbox,
    ) -> Result<Compared, SessionError> {
        if !matches!(self.step, Step::AwaitTips) {
            return Err(unasked());
        }
        for wire in answer.tips {
            let unreadable = SessionError::Protocol("a tip could not be read");
            let (name, tip) = read_tip(&wire).ok_or(unreadable)?;
            self.theirs.tips.insert(name, tip);
        }
        if self.theirs.tips.len() > RECORDS {
            return Err(SessionError::Protocol("it holds too many records"));
        }
        if !answer.last {
            return Ok(Compared::NotYet);
        }
        if matches!(self.why, Why::Decide(Scope::Epoch(_))) {
            self.step = Step::AskReports;
            return Ok(Compared::NotYet);
        }
        Ok(self.proceed(outbox))
    }

    /// The directory gave the reports in force. Those that cannot be read, or that no key of this agency signed, are
    /// passed over: what the directory serves is looked at by `verify`. One signed with an earlier key may have come
    /// back with a backup, and have been made knowing what this node would say again.
    pub(super) fn reports(
        &mut self,
        answer: v1::StandingReports,
        outbox: &Outbox,
        key: &PublicKey,
    ) -> Result<Compared, SessionError> {
        if !matches!(self.step, Step::AwaitReports) {
            return Err(unasked());
        }
        for signed in answer.reports {
            let Some((operation, word)) = read_word(&signed) else {
                continue;
            };
            let ours = operation.agency_id == outbox.agency().as_str()
                && (is_signed(&signed, Purpose::Capacity, std::slice::from_ref(key))
                    || is_signed(&signed, Purpose::Capacity, &self.earlier_keys));
            if let Some(report) = operation.report.filter(|_| ours) {
                let key = report_key(&report)
                    .ok_or(SessionError::Protocol("a report it gave is about nothing"))?;
                self.theirs.reports.insert(key, (report, word));
            }
        }
        if self.theirs.reports.len() > RECORDS {
            return Err(SessionError::Protocol("it holds too many reports"));
        }
        if !answer.last {
            return Ok(Compared::NotYet);
        }
        Ok(self.proceed(outbox))
    }

    /// The directory gave signed operations. Those that cannot be read, or that are about something else than was
    /// asked for, are passed over, as if they were not given: somebody may have altered them, and whoever did must
    /// neither hide it nor keep this node from the directory.
    pub(super) fn fetched(
        &mut self,
        answer: v1::FetchedRecords,
        outbox: &Outbox,
        key: &PublicKey,
    ) -> Result<Compared, SessionError> {
        let Step::AwaitFetch { asked, room } = &mut self.step else {
            return Err(unasked());
        };
        let too_many = SessionError::Protocol("it gave more records than were asked for");
        *room = room.checked_sub(answer.operations.len()).ok_or(too_many)?;
        for signed in answer.operations {
            let about = about(&signed).filter(|(name, _)| asked.remove(name));
            let Some((name, hash)) = about else {
                continue;
            };
            let tip = self.theirs.tips.get(&name);
            let fetched = if tip.is_some_and(|tip| tip.hash == hash) {
                check(signed, outbox, key, &self.trusted_keys)
            } else {
                Fetched::Unsigned("the directory gave another operation than it said it holds")
            };
            self.theirs.fetched.insert(name, fetched);
        }
        if !answer.last {
            return Ok(Compared::NotYet);
        }
        for name in std::mem::take(asked) {
            let fetched = Fetched::Unsigned("the directory did not give it");
            self.theirs.fetched.insert(name, fetched);
        }
        Ok(self.proceed(outbox))
    }

    fn proceed(&mut self, outbox: &Outbox) -> Compared {
        if self.unfetched.is_empty() {
            // Asked again at the end: the node may have changed a record meanwhile.
            self.unfetched = self.wanted(outbox);
        }
        if !self.unfetched.is_empty() {
            self.step = Step::AskFetch;
            return Compared::NotYet;
        }
        self.step = Step::Done;
        let theirs = std::mem::take(&mut self.theirs);
        match &self.why {
            Why::Decide(Scope::Buckets { .. }) if outbox.told() != self.told => Compared::Stale,
            Why::Decide(scope) => Compared::Known(scope.clone(), theirs),
            Why::Look => Compared::Seen(theirs, self.told),
            Why::Apart => Compared::NotYet,
        }
    }

    /// The records whose signed operations are to be asked for.
    fn wanted(&self, outbox: &Outbox) -> Vec<RecordName> {
        match &self.why {
            Why::Decide(scope) => outbox.to_fetch(scope, &self.theirs),
            Why::Look => {
                let live = self.theirs.tips.iter().filter(|(_, tip)| tip.live);
                let live = live.map(|(name, _)| name);
                let unknown = live.filter(|name| !self.theirs.fetched.contains_key(name));
                unknown.cloned().collect()
            }
            Why::Apart => Vec::new(),
        }
    }

    fn which(&self) -> v1::TipsRequest {
        match &self.why {
            Why::Decide(Scope::Buckets { bits, buckets }) => v1::TipsRequest {
                bits: *bits,
                buckets: buckets.iter().copied().collect(),
            },
            Why::Apart | Why::Look | Why::Decide(_) => v1::TipsRequest::default(),
        }
    }

    /// The services whose reports are asked for: all where too many would have to be named.
    fn about(&self) -> v1::ReportsRequest {
        let services: BTreeSet<&LocalId> = match &self.why {
            Why::Decide(Scope::Reports(passed)) => {
                passed.values().map(|key| &key.service).collect()
            }
            Why::Apart | Why::Look | Why::Decide(_) => BTreeSet::new(),
        };
        let service_ids = match services.len() {
            0..=FETCH => services.into_iter().map(LocalId::to_string).collect(),
            _ => Vec::new(),
        };
        v1::ReportsRequest { service_ids }
    }

    fn fetch(&mut self) -> Up {
        let first = self.unfetched.len().saturating_sub(FETCH);
        let wanted = self.unfetched.split_off(first);
        let records = wanted.iter().map(|name| v1::RecordName {
            kind: v1::RecordKind::from(name.kind).into(),
            local_id: name.id.to_string(),
        });
        let records = records.collect();
        self.step = Step::AwaitFetch {
            room: wanted.len(),
            asked: wanted.into_iter().collect(),
        };
        Up::Fetch(v1::FetchRequest { records })
    }
}

/// An epoch must be greater than the one before, and its generation not below any that was seen.
fn is_new(epoch: Epoch, outbox: &Outbox) -> bool {
    epoch > outbox.tip().epoch && epoch.generation >= outbox.generation_seen()
}

fn read_tip(wire: &v1::RecordTip) -> Option<(RecordName, Tip)> {
    let record = wire.record.as_ref()?;
    let tip = Tip {
        hash: federation::hash(&wire.hash).ok()?,
        live: wire.live,
        ancestors: federation::ancestry(&wire.ancestors).ok()?,
    };
    Some((read_name(record.kind, &record.local_id)?, tip))
}

fn about(signed: &v1::Signed) -> Option<(RecordName, Hash)> {
    let operation = v1::Operation::decode(signed.bytes.as_slice()).ok()?;
    let name = read_name(operation.record_kind, &operation.local_id)?;
    Some((name, operation_hash(&signed.bytes)))
}

fn check(
    signed: v1::Signed,
    outbox: &Outbox,
    key: &PublicKey,
    earlier_keys: &[PublicKey],
) -> Fetched {
    let signed_by = |keys: &[PublicKey]| is_signed(&signed, Purpose::Listing, keys);
    let operation = v1::Operation::decode(signed.bytes.as_slice());
    let agency = outbox.agency().as_str();
    if operation.is_ok_and(|operation| operation.agency_id != agency) {
        Fetched::Unsigned("it was signed for another agency")
    } else if signed_by(std::slice::from_ref(key)) {
        Fetched::Ours(signed)
    } else if signed_by(earlier_keys) {
        Fetched::Earlier(signed)
    } else {
        Fetched::Unsigned("this node's key did not sign it")
    }
}

/// Whether one of these keys signed it.
fn is_signed(signed: &v1::Signed, purpose: Purpose, keys: &[PublicKey]) -> bool {
    let signature = Signature::try_from(signed.signature.as_slice());
    signature.is_ok_and(|signature| {
        let mut keys = keys.iter();
        keys.any(|key| verify(key, purpose, &signed.bytes, &signature).is_ok())
    })
}

fn unasked() -> SessionError {
    SessionError::Protocol("it answered what was not asked")
}
