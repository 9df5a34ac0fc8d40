//! A node: its real ledger on a simulated disk, and its side of a stream.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use agency_node::operations::Verification;
use agency_node::outbox::{Ledger, Progress};
use agency_node::publisher::{Conversation, Moment, SessionError, Timing};
use jiff::Timestamp;
use prost::Message;
use referral_core::federation::{Epoch, ListingKey, PublicKey, operation_hash};
use referral_core::id::{AgencyId, Hash, Kind, LocalId, RecordName};
use referral_journal::MemoryStorage;
use referral_journal::storage::Crash;
use referral_proto::v1;

use super::truth::{Broken, Knowledge, Truth, Value};

/// How long a node waits.
const TIMING: Timing = Timing {
    welcome: Duration::from_secs(10),
    acknowledgement: Duration::from_secs(30),
    beat: Duration::from_secs(30),
    silence: Duration::from_secs(40),
};

/// How much longer than twice what it says a node's journal may be. Unit: bytes.
const HISTORY: u64 = 2 << 10;

/// A node of an agency, and what is on its disk.
#[derive(Debug)]
pub(super) struct Office {
    pub(super) agency: AgencyId,
    seed: [u8; 32],
    /// The first epoch of its log, from its certificate.
    epoch: Epoch,
    disk: MemoryStorage,
    /// What people at this disk know.
    pub(super) knows: Knowledge,
    backups: Vec<(MemoryStorage, Knowledge)>,
    running: Option<Ledger<MemoryStorage>>,
    /// What people asked for last, when the disk failed.
    unsure: BTreeMap<RecordName, Value>,
    boot: [u8; 16],
    pub(super) talk: Option<Talk>,
    /// How far its clock is ahead of the true time.
    pub(super) ahead: jiff::SignedDuration,
}

/// What hearing a message led to.
pub(super) enum After {
    /// The conversation goes on.
    GoesOn,
    /// The conversation is over.
    Over(Why),
    /// The process cannot go on.
    Dead,
}

/// Why a conversation is over.
pub(super) enum Why {
    /// The directory knows no node with these keys.
    NotAMember,
    /// Anything else: say hello again.
    Other,
}

/// Its side of a stream.
#[derive(Debug)]
pub(super) struct Talk {
    pub(super) stream: usize,
    pub(super) conversation: Conversation,
}

impl Office {
    pub(super) fn new(agency: AgencyId, seed: [u8; 32], epoch: Epoch) -> Self {
        Self {
            agency,
            seed,
            epoch,
            disk: MemoryStorage::default(),
            knows: Knowledge::default(),
            backups: Vec::new(),
            running: None,
            unsure: BTreeMap::new(),
            boot: [0; 16],
            talk: None,
            ahead: jiff::SignedDuration::ZERO,
        }
    }

    /// The same machine once more: a copy of its disk, its keys and its clock.
    pub(super) fn copy(&self) -> Self {
        Self {
            agency: self.agency.clone(),
            seed: self.seed,
            epoch: self.epoch,
            disk: self.disk.copy(),
            knows: self.knows.clone(),
            backups: Vec::new(),
            running: None,
            unsure: BTreeMap::new(),
            boot: [0; 16],
            talk: None,
            ahead: self.ahead,
        }
    }

    /// What its keys are made of.
    pub(super) fn seed(&self) -> [u8; 32] {
        self.seed
    }

    pub(super) fn public_key(&self) -> PublicKey {
        ListingKey::from_seed(&self.seed).public()
    }

    /// The hash of the TLS key in its certificate.
    pub(super) fn tls_key(&self) -> Hash {
        Hash::of(&[b"tls", &self.seed])
    }

    pub(super) fn ledger(&self) -> Option<&Ledger<MemoryStorage>> {
        self.running.as_ref()
    }

    pub(super) fn disk(&self) -> &MemoryStorage {
        &self.disk
    }

    /// Starts on what is on the disk.
    pub(super) fn start(&mut self, boot: [u8; 16], truth: &mut Truth) -> Result<(), Broken> {
        let key = ListingKey::from_seed(&self.seed);
        let opened = Ledger::open(self.disk.clone(), self.agency.clone(), self.epoch, key);
        let (ledger, _) = opened.map_err(|error| {
            Broken(format!(
                "a node's journal does not open: {error}: {:?}",
                std::error::Error::source(&error)
            ))
        })?;
        // Within a walk it is made shorter many times.
        self.running = Some(ledger.with_history_of(HISTORY));
        self.boot = boot;
        let unsure = std::mem::take(&mut self.unsure);
        self.learn(truth, &unsure);
        Ok(())
    }

    /// Dies, by a kill or a power cut.
    pub(super) fn die(&mut self, crash: Crash) {
        self.running = None;
        self.talk = None;
        self.disk.crash(crash);
    }

    /// Somebody copies its disk away.
    pub(super) fn back_up(&mut self) {
        self.backups.push((self.disk.copy(), self.knows.clone()));
    }

    /// How many copies there are.
    pub(super) fn copies(&self) -> usize {
        self.backups.len()
    }

    /// It signs with other keys from now on. Copies of before are not used any more: their keys are worthless.
    pub(super) fn take_keys(&mut self, seed: [u8; 32]) {
        self.seed = seed;
        self.backups.clear();
        self.running = None;
        self.talk = None;
    }

    /// Nobody puts an old copy back any more.
    pub(super) fn forget_copies(&mut self) {
        self.backups.clear();
    }

    /// An old copy takes the place of its disk.
    pub(super) fn restore(&mut self, copy: usize) {
        let (disk, knows) = &self.backups[copy];
        self.disk = disk.copy();
        self.knows = knows.clone();
        self.unsure.clear();
        self.running = None;
        self.talk = None;
    }

    /// Its disk is gone, and it joins again with new keys.
    pub(super) fn begin_again(&mut self, seed: [u8; 32], epoch: Epoch) {
        self.disk = MemoryStorage::default();
        self.unsure.clear();
        self.backups.clear();
        self.knows = Knowledge::default();
        self.running = None;
        self.talk = None;
        self.seed = seed;
        self.epoch = epoch;
    }

    /// What its clock shows.
    pub(super) fn moment(&self, now: Timestamp) -> Moment {
        let since = now.as_microsecond().unsigned_abs();
        Moment {
            wall: now.saturating_add(self.ahead).unwrap_or(now),
            elapsed: Duration::from_micros(since),
        }
    }

    /// Does something to its ledger that people asked for. False when its process died of it.
    pub(super) fn act(
        &mut self,
        truth: &mut Truth,
        wishes: &BTreeMap<RecordName, Value>,
        act: impl FnOnce(&mut Ledger<MemoryStorage>) -> Result<(), agency_node::outbox::NotQueued>,
    ) -> bool {
        let Some(ledger) = self.running.as_mut() else {
            return true;
        };
        let done = act(ledger);
        self.learn(truth, wishes);
        if done.is_err() {
            // It may be on the disk all the same.
            self.unsure = wishes.clone();
        }
        !done.is_err_and(|error| error.is_final())
    }

    /// Begins a conversation; its first message.
    pub(super) fn hello(
        &mut self,
        stream: usize,
        now: Timestamp,
    ) -> Option<v1::publish_request::Message> {
        let moment = self.moment(now);
        let ledger = self.running.as_ref()?;
        let mut conversation = Conversation::new(self.boot, TIMING);
        let hello = conversation.hello(ledger.outbox(), moment);
        self.talk = Some(Talk {
            stream,
            conversation,
        });
        Some(hello)
    }

    /// Time has passed; false when it waits for nothing any more.
    pub(super) fn tick(&mut self, now: Timestamp) -> bool {
        let moment = self.moment(now);
        let (Some(ledger), Some(talk)) = (&self.running, &mut self.talk) else {
            return true;
        };
        let progress = Progress::of(ledger.outbox());
        talk.conversation.tick(&progress, moment).is_ok()
    }

    /// Whether it has said all it has to say, and waits for nothing.
    pub(super) fn is_at_rest(&self) -> bool {
        let (Some(ledger), Some(talk)) = (&self.running, &self.talk) else {
            return false;
        };
        talk.conversation.is_open() && ledger.outbox().waiting_since().is_none()
    }

    /// Begins to look at what the directory serves; false when it compares something already.
    pub(super) fn look(&mut self) -> bool {
        let (Some(ledger), Some(talk)) = (&self.running, &mut self.talk) else {
            return false;
        };
        talk.conversation.look(ledger.outbox())
    }

    /// What the directory serves, compared with what was published here; `None`: not all was said.
    pub(super) fn looked(&mut self, now: Timestamp) -> Option<Verification> {
        let (ledger, talk) = (self.running.as_ref()?, self.talk.as_mut()?);
        let (theirs, told) = talk.conversation.seen()?;
        Some(Verification::of(ledger.outbox(), &theirs, told, now))
    }

    /// What it has to say next.
    pub(super) fn next(&mut self, now: Timestamp) -> Option<v1::publish_request::Message> {
        let moment = self.moment(now);
        let (ledger, talk) = (self.running.as_ref()?, self.talk.as_mut()?);
        talk.conversation.next(ledger.outbox(), moment)
    }

    /// Hears a message.
    pub(super) fn hear(
        &mut self,
        message: v1::PublishResponse,
        now: Timestamp,
        truth: &mut Truth,
    ) -> After {
        let moment = self.moment(now);
        let (Some(ledger), Some(talk)) = (self.running.as_mut(), self.talk.as_mut()) else {
            return After::Over(Why::Other);
        };
        let heard = talk.conversation.hear(ledger, [message], moment);
        self.learn(truth, &BTreeMap::new());
        match heard {
            Ok(()) => After::GoesOn,
            Err(SessionError::NotQueued(error)) if error.is_final() => After::Dead,
            // The directory does not know these keys: it says so without a reason of its own.
            Err(SessionError::Fenced {
                reason: v1::FenceReason::Unspecified,
                ..
            }) => After::Over(Why::NotAMember),
            Err(_) => After::Over(Why::Other),
        }
    }

    /// Tells the truth which operations are new here, and people here what they can see now.
    ///
    /// * `wishes` — what people asked for just now: operations of these records are theirs.
    fn learn(&mut self, truth: &mut Truth, wishes: &BTreeMap<RecordName, Value>) {
        let Some(ledger) = self.running.as_ref() else {
            return;
        };
        let outbox = ledger.outbox();
        let mut made = Vec::new();
        for signed in outbox.operations_after(outbox.settled().applied) {
            let hash = operation_hash(&signed.bytes);
            if truth.value(&hash).is_none()
                && let Ok(operation) = v1::Operation::decode(signed.bytes.as_slice())
                && let Some(name) = name_of(&operation)
            {
                made.push((name, hash, operation));
            }
            self.knows.copies.insert(hash);
        }
        for (name, hash, operation) in made {
            let said = operation.record.as_ref().and_then(value_in);
            let base = Hash::try_from(operation.base_hash.as_slice()).ok();
            let mut known = self.knows.of.get(&name).cloned().unwrap_or_default();
            let value = match (wishes.get(&name), operation.record.is_some()) {
                (Some(wish), _) => Some(*wish),
                (None, true) => said,
                (None, false) => known
                    .iter()
                    .rev()
                    .find(|value| truth.removes(**value))
                    .copied(),
            };
            // Two removals say the same: the later one is made knowing the earlier.
            let base = base.and_then(|base| truth.value(&base));
            if let (Some(value), Some(base)) = (value, base)
                && truth.removes(value)
                && truth.removes(base)
            {
                known.extend(truth.known_with(base));
            }
            if let Some(value) = value {
                // What somebody else made first is seen here too, with all that was known there.
                let all = truth.known_with(value);
                truth.made(hash, &name, value, &known);
                self.knows.of.entry(name).or_default().extend(all);
            }
        }
        for (name, listed) in outbox.catalog().iter() {
            let Some(hash) = listed.base() else { continue };
            self.knows.copies.insert(hash);
            if let Some(value) = truth.value(&hash) {
                let known = self.knows.of.entry(name.clone()).or_default();
                if !known.contains(&value) {
                    known.extend(truth.known_with(value));
                }
            }
        }
    }

    /// The operations of ours that wait for a person.
    pub(super) fn conflicts(&self) -> BTreeSet<Hash> {
        let ledger = self.running.as_ref();
        ledger.map(conflicting).unwrap_or_default()
    }
}

fn conflicting(ledger: &Ledger<MemoryStorage>) -> BTreeSet<Hash> {
    let conflicts = ledger.outbox().conflicts().iter();
    conflicts.map(|(_, conflict)| conflict.ours).collect()
}

fn name_of(operation: &v1::Operation) -> Option<RecordName> {
    let kind = v1::RecordKind::try_from(operation.record_kind).ok()?;
    Some(RecordName {
        kind: Kind::try_from(kind).ok()?,
        id: LocalId::parse(&operation.local_id).ok()?,
    })
}

/// The value that is written in a record's name.
pub(super) fn value_in(record: &v1::Record) -> Option<Value> {
    let name = match record.record.as_ref()? {
        v1::record::Record::Organization(organization) => &organization.name,
        v1::record::Record::Service(service) => &service.name,
        v1::record::Record::Location(location) => &location.name,
    };
    name.strip_prefix("v")?.parse().ok()
}
