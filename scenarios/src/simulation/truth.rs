//! What really happened, kept beside the federation and never told to it; and what must hold.
//!
//! A *value* is one thing a person once wanted a record to be. The truth knows which values a person who made
//! another one could see; so that "overwritten in ignorance" does not depend on what the federation remembers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use referral_core::federation::{Epoch, Position};
use referral_core::id::{AgencyId, Hash, RecordName};

/// One thing a person wanted a record to be; 0 is nothing.
pub(super) type Value = u64;

/// An invariant that does not hold, by its name in the protocol.
#[derive(Debug)]
pub struct Broken(pub(super) String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Broken {}

pub(super) fn broken<T>(what: impl Into<String>) -> Result<T, Broken> {
    Err(Broken(what.into()))
}

/// What people at one disk know of one agency's records.
#[derive(Clone, Debug, Default)]
pub(super) struct Knowledge {
    pub(super) of: BTreeMap<RecordName, BTreeSet<Value>>,
    /// Operations of which this disk holds a copy.
    pub(super) copies: BTreeSet<Hash>,
}

/// Where the log of each agency ends: its epoch, and how many operations it has there.
pub(super) type Ends = BTreeMap<AgencyId, (Epoch, u64)>;

/// Everything that happened.
#[derive(Debug, Default)]
pub(super) struct Truth {
    values: u64,
    /// What each operation made its record.
    value_of: BTreeMap<Hash, (RecordName, Value)>,
    /// For each value: the values that were known where it was made, or made again.
    known_to: BTreeMap<Value, BTreeSet<Value>>,
    /// Removals that a person asked for.
    removals: BTreeSet<Value>,
    /// What the directory said is durable.
    acknowledged: BTreeMap<(AgencyId, Epoch, u64), Hash>,
    refused: BTreeSet<Hash>,
    destroyed: BTreeSet<Hash>,
    /// For each capacity report, by the places it says are available: the reports about the same thing that its
    /// author could see.
    reports: BTreeMap<u32, BTreeSet<u32>>,
    /// Where operations stand that the directory took.
    taken: BTreeMap<Hash, (AgencyId, Position)>,
    /// Where the log of each agency ends.
    logs: Ends,
    /// Epochs in which nothing may be taken any more: the directory was set back.
    retired: BTreeMap<AgencyId, Epoch>,
    /// Operations the directory was made to forget.
    forgotten: BTreeSet<Hash>,
    /// Agencies that may not publish.
    stopped: BTreeSet<AgencyId>,
    /// So little was agreed with agencies that what a directory took, and lost in a restore or was made to forget, may
    /// be refused when it is said once more, or what was made of it since: others have taken its place.
    little_agreed: bool,
}

impl Truth {
    /// Nothing happened yet.
    ///
    /// * `little_agreed` — with agencies.
    pub(super) fn new(little_agreed: bool) -> Self {
        Self {
            little_agreed,
            ..Self::default()
        }
    }

    /// A person wants something new.
    pub(super) fn wish(&mut self, removes: bool) -> Value {
        self.values += 1;
        if removes {
            self.removals.insert(self.values);
        }
        self.values
    }

    /// An operation was made where `known` was known.
    pub(super) fn made(
        &mut self,
        hash: Hash,
        name: &RecordName,
        value: Value,
        known: &BTreeSet<Value>,
    ) {
        self.value_of.insert(hash, (name.clone(), value));
        self.known_to.entry(value).or_default().extend(known);
    }

    /// A person reports capacity who sees the report `before`. Gives how many places are available: a number
    /// that no other report has.
    pub(super) fn report(&mut self, before: Option<u32>) -> u32 {
        let mut known = before.and_then(|before| self.reports.get(&before)).cloned();
        known.get_or_insert_default().extend(before);
        let next = u32::try_from(self.reports.len() + 1).unwrap_or(u32::MAX);
        self.reports.insert(next, known.unwrap_or_default());
        next
    }

    /// The directory takes a report in place of another.
    pub(super) fn reported(&self, before: Option<u32>, after: Option<u32>) -> Result<(), Broken> {
        let knew = before.and_then(|before| self.reports.get(&before));
        if after.is_some_and(|after| knew.is_some_and(|knew| knew.contains(&after))) {
            return broken("I19: a report takes the place of one that was made knowing it");
        }
        Ok(())
    }

    /// Whether a value is a removal.
    pub(super) fn removes(&self, value: Value) -> bool {
        self.removals.contains(&value)
    }

    /// Whose operation the directory took, and where it stands.
    pub(super) fn position(&self, hash: &Hash) -> Option<(&AgencyId, Position)> {
        let (agency, position) = self.taken.get(hash)?;
        Some((agency, *position))
    }

    /// What an operation made its record.
    pub(super) fn value(&self, hash: &Hash) -> Option<Value> {
        Some(self.value_of.get(hash)?.1)
    }

    /// What is known where this value is seen.
    pub(super) fn known_with(&self, value: Value) -> BTreeSet<Value> {
        let mut known = self.known_to.get(&value).cloned().unwrap_or_default();
        known.insert(value);
        known
    }

    /// These agencies may not publish from now on, and no other.
    pub(super) fn are_stopped(&mut self, stopped: BTreeSet<AgencyId>) {
        self.stopped = stopped;
    }

    pub(super) fn is_stopped(&self, agency: &AgencyId) -> bool {
        self.stopped.contains(agency)
    }

    /// The directory decides the fate of the next operation of a log.
    pub(super) fn decided(&mut self, agency: &AgencyId, position: Position) -> Result<(), Broken> {
        if self.is_stopped(agency) {
            return broken(format!("I18: {agency} may not publish, and does"));
        }
        let (epoch, seq) = (position.epoch, position.seq);
        self.taken.insert(position.hash, (agency.clone(), position));
        let ended = self.logs.insert(agency.clone(), (epoch, seq));
        let set_back = self
            .retired
            .get(agency)
            .is_some_and(|retired| *retired >= epoch);
        if set_back || ended.is_some_and(|ended| ended.0 > epoch) {
            return broken(format!("I3: {agency} goes back to epoch {epoch}"));
        }
        let next = ended
            .filter(|ended| ended.0 == epoch)
            .map_or(1, |ended| ended.1 + 1);
        if seq != next {
            return broken(format!(
                "I4: {agency}: {seq} of epoch {epoch} comes where {next} is due"
            ));
        }
        Ok(())
    }

    /// The directory was started again: no log ends before where it ended.
    pub(super) fn stands(&mut self, ends: Ends) -> Result<(), Broken> {
        let shorter = self
            .logs
            .iter()
            .find(|(agency, ended)| ends.get(*agency) < Some(*ended));
        if let Some((agency, _)) = shorter {
            return broken(format!("I3: the log of {agency} has lost its end"));
        }
        self.logs = ends;
        Ok(())
    }

    /// The directory was set back to an older copy of itself.
    pub(super) fn is_set_back(&mut self, ends: Ends) {
        for (agency, (epoch, _)) in std::mem::replace(&mut self.logs, ends) {
            let retired = self.retired.entry(agency).or_insert(epoch);
            *retired = epoch.max(*retired);
        }
    }

    /// The directory was made to forget an operation.
    pub(super) fn forgets(&mut self, hash: Hash) {
        self.forgotten.insert(hash);
    }

    /// The directory takes an operation in place of another.
    pub(super) fn replaced(
        &self,
        hash: Hash,
        before: Option<Hash>,
        live: bool,
    ) -> Result<(), Broken> {
        let Some((name, value)) = self.value_of.get(&hash) else {
            return broken("I2: the directory took an operation that nobody made");
        };
        if !live && !self.removals.contains(value) {
            return broken(format!("I11: {name} is removed and nobody asked for it"));
        }
        let Some(before) = before.and_then(|before| self.value(&before)) else {
            return Ok(());
        };
        if before == *value || self.known_with(*value).contains(&before) {
            Ok(())
        } else {
            broken(format!("I19: {name} is overwritten in ignorance"))
        }
    }

    /// The directory said that an operation is durable.
    pub(super) fn acknowledge(
        &mut self,
        agency: &AgencyId,
        epoch: Epoch,
        seq: u64,
        hash: Hash,
    ) -> Result<(), Broken> {
        let before = self.acknowledged.insert((agency.clone(), epoch, seq), hash);
        if before.is_some_and(|before| before != hash) {
            return broken(format!(
                "I8: two operations are acknowledged as {epoch} {seq}"
            ));
        }
        Ok(())
    }

    pub(super) fn refuse(&mut self, hash: Hash) {
        self.refused.insert(hash);
    }

    pub(super) fn acknowledgements(&self) -> usize {
        self.acknowledged.len()
    }

    pub(super) fn destructions(&self) -> usize {
        self.destroyed.len()
    }

    /// Acknowledged operations of which no disk holds a copy are lost to the disks, not to the protocol.
    pub(super) fn look_for_destroyed(&mut self, copies: &[&BTreeSet<Hash>]) {
        let gone = self.acknowledged.values();
        let gone = gone.filter(|hash| !copies.iter().any(|copy| copy.contains(hash)));
        self.destroyed.extend(gone);
    }

    /// Whether every acknowledged operation of an agency is the current one of its record, was known to whoever made
    /// the current one, waits for a person, was refused for good, or was destroyed (I1).
    pub(super) fn nothing_is_lost(
        &self,
        agency: &AgencyId,
        current: &BTreeMap<RecordName, Hash>,
        conflicts: &BTreeSet<Hash>,
    ) -> Result<(), Broken> {
        let of_agency = self
            .acknowledged
            .iter()
            .filter(|((of, ..), _)| of == agency);
        for ((_, epoch, seq), hash) in of_agency {
            if self.refused.contains(hash) || self.destroyed.contains(hash) {
                continue;
            }
            let Some((name, value)) = self.value_of.get(hash) else {
                return broken("I2: an operation that nobody made is acknowledged");
            };
            let knows = |later: &Hash| {
                self.value(later)
                    .is_some_and(|later| self.known_with(later).contains(value))
            };
            let set_back = self
                .retired
                .get(agency)
                .is_some_and(|retired| retired >= epoch);
            let lost = set_back || self.forgotten.contains(hash);
            let refused_again = || self.little_agreed && lost && self.refused.iter().any(knows);
            let held = current.get(name).is_some_and(knows) || refused_again();
            if !held && !conflicts.iter().any(knows) {
                return broken(format!(
                    "I1: {agency}: operation {seq} of epoch {epoch} on {name} is missing"
                ));
            }
        }
        Ok(())
    }
}
