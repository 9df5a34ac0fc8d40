//! What validation needs to know, in memory: the tip of each agency's log and of each record.
//!
//! [`Heads::apply`] folds a fact; it is the same function at start-up and in the running writer.
//! [`Undo`] takes back what was folded when the journal could not be written.

mod age;
mod agency;
mod early;
mod held;
mod lengths;
mod record;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use referral_core::capacity::Held;
use referral_core::catalog::Category;
use referral_core::federation::digest::{bits_for, bucket_of};
use referral_core::federation::{Change, Digest, Entry, Header, Tip, operation_hash};
use referral_core::id::{AgencyId, Hash, Kind, RecordKey, RecordName};
use referral_core::lookalike;

use super::fact::{Fact, Invitation};
use super::judge;
use crate::table::{Place, Table};

pub use agency::{AgencyHead, Told};
use early::{Early, Subject, Waiting};
pub use lengths::Length;
pub(super) use record::{Look, RecordHead, StoredHead, hash_of};

/// The tip of everything.
#[derive(Debug, Default)]
pub struct Heads {
    agencies: HashMap<AgencyId, AgencyHead>,
    records: Table<RecordHead>,
    /// The records of each agency, withdrawn ones too, in the order in which they came.
    of_agency: HashMap<AgencyId, Vec<Place>>,
    /// Organizations by what their names look like.
    looks: HashMap<u64, Vec<u128>>,
    /// Reports that came before what they are about.
    early: Early,
}

/// A fact, and the capacity it puts in force.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The fact.
    pub fact: Fact,
    /// The capacity, with age and time to live fixed at receipt; `None`: it reports none.
    pub held: Option<Held>,
}

/// What was there before facts were folded.
#[derive(Debug, Default)]
pub(super) struct Undo {
    agencies: HashMap<AgencyId, Option<AgencyHead>>,
    records: HashMap<u128, Option<RecordHead>>,
    early: HashMap<(AgencyId, Subject), Option<Waiting>>,
}

impl Heads {
    /// One agency.
    #[must_use]
    pub fn agency(&self, agency: &AgencyId) -> Option<&AgencyHead> {
        self.agencies.get(agency)
    }

    /// Every agency, in no order.
    pub fn agencies(&self) -> impl Iterator<Item = (&AgencyId, &AgencyHead)> {
        self.agencies.iter()
    }

    /// The agency that was given this token.
    #[must_use]
    pub fn invited(&self, token_hash: Hash) -> Option<&AgencyHead> {
        self.agencies
            .values()
            .find(|agency| agency.invitation.token_hash == token_hash)
    }

    pub(super) fn record(&self, key: &RecordKey) -> Option<&RecordHead> {
        self.records.get(key.public_id().as_u128())
    }

    /// How many records an agency has, withdrawn and deleted ones too.
    #[must_use]
    pub fn known_records(&self, agency: &AgencyId) -> usize {
        self.of_agency.get(agency).map_or(0, Vec::len)
    }

    /// Where the records of an agency stand, withdrawn and deleted ones too (R7).
    ///
    /// * `bits`, `buckets` — only records in these of 2^`bits` buckets (R15); no bucket: all.
    pub fn tips<'a>(
        &'a self,
        agency: &AgencyId,
        bits: u32,
        buckets: &'a [u32],
    ) -> impl Iterator<Item = (&'a RecordName, Tip)> {
        let asked = move |name: &RecordName| {
            let bucket = || u32::try_from(bucket_of(name, bits)).unwrap_or(u32::MAX);
            buckets.is_empty() || buckets.contains(&bucket())
        };
        self.records_of(agency)
            .filter(move |head| asked(&head.name))
            .map(|head| (&head.name, head.tip()))
    }

    /// The digest of an agency's live records (R15).
    #[must_use]
    pub fn digest(&self, agency: &AgencyId) -> Digest {
        let live = || self.records_of(agency).filter(|head| head.live);
        let bits = bits_for(live().count());
        Digest::of(live().map(|head| (&head.name, head.hash)), bits)
    }

    /// How many services of an agency wait for a grant, by category.
    #[must_use]
    pub fn held(&self, agency: &AgencyId) -> Vec<(Category, u32)> {
        let Some(head) = self.agency(agency) else {
            return Vec::new();
        };
        let waits = |category: Category| {
            let waiting = self.records_of(agency);
            let waiting = waiting.filter(|record| record.live && record.needs.contains(category));
            u32::try_from(waiting.count()).unwrap_or(u32::MAX)
        };
        let missing = Category::ALL.into_iter();
        let missing = missing.filter(|category| !head.member.grants.has(*category));
        let counted = missing.map(|category| (category, waits(category)));
        counted.filter(|(_, count)| *count > 0).collect()
    }

    /// Whether the name of an organization can be taken for that of another agency's, or of another agency.
    pub(super) fn poses(&self, agency: &AgencyId, look: Look) -> bool {
        let others = self.looks.get(&look.skeleton).into_iter().flatten();
        let mut others = others.filter_map(|id| self.records.get(*id));
        let own = hash_of(agency.as_str());
        others.any(|other| {
            let is_it = |(theirs, of): (Look, u64)| of != own && look.poses_as(theirs);
            other.live && other.look_at_agency().is_some_and(is_it)
        })
    }

    /// The agency, other than this, whose name can be taken for this one; the same name counts, too.
    #[must_use]
    pub fn agency_named_like(&self, agency: &AgencyId, name: &str) -> Option<&AgencyId> {
        let skeleton = lookalike::skeleton(name);
        let mut others = self.agencies.iter().filter(|(id, _)| *id != agency);
        let same =
            |(_, head): &(&AgencyId, &AgencyHead)| lookalike::skeleton(&head.name) == skeleton;
        others.find(same).map(|(id, _)| id)
    }

    fn records_of(&self, agency: &AgencyId) -> impl Iterator<Item = &RecordHead> {
        let of_agency = self.of_agency.get(agency).into_iter().flatten();
        of_agency.filter_map(|place| self.records.at(*place))
    }

    /// Folds one durable fact received at `received_at`, as at the start.
    pub fn fold(&mut self, fact: Fact, received_at: Timestamp) -> Decided {
        self.decide(fact, received_at, &mut Undo::default())
    }

    /// Folds one fact received at `received_at`, and fixes the age and time to live of a report.
    pub(super) fn decide(
        &mut self,
        fact: Fact,
        received_at: Timestamp,
        undo: &mut Undo,
    ) -> Decided {
        let held = match &fact {
            Fact::Capacity(agency, order, report, _) => {
                let longest = judge::longest_ttl(self, agency, report);
                Some(Held::receive(
                    (**report).clone(),
                    *order,
                    longest,
                    received_at,
                ))
            }
            _ => None,
        };
        self.apply(&fact, received_at, undo);
        Decided { fact, held }
    }

    fn apply(&mut self, fact: &Fact, received_at: Timestamp, undo: &mut Undo) {
        if let Some((agency, bytes)) = fact.weight()
            && let Some(agency) = self.touch(agency, undo)
        {
            agency.spend(bytes, received_at);
        }
        match fact {
            Fact::Invited(invitation) => self.invite(invitation, undo),
            Fact::Joined(membership) => {
                if let Some(agency) = self.touch(&membership.agency, undo) {
                    agency.join(membership);
                }
            }
            Fact::Session(agency, number, boot) => {
                if let Some(agency) = self.touch(agency, undo) {
                    agency.begin_session(*number, *boot, received_at);
                }
            }
            Fact::Epoch(agency, session, epoch) => {
                if let Some(agency) = self.touch(agency, undo) {
                    agency.begin_epoch(*session, *epoch);
                }
            }
            Fact::Operation(header, change, signed) => {
                let operation = (header.position.hash, length(&signed.bytes), received_at);
                self.operate(&header.agency, operation, change, undo);
            }
            Fact::OperationRefused(header, refusal, _) => {
                if let Some(agency) = self.touch(&header.agency, undo) {
                    agency.log(Entry::Operation(header.position.hash));
                    agency.outstanding().refuse_record(refusal);
                    agency.refuse((header.position.seq, 0, refusal.clone()));
                }
            }
            Fact::Capacity(agency, order, report, signed) => {
                if let Some(agency) = self.touch(agency, undo) {
                    agency.log(Entry::Report {
                        cseq: order.cseq,
                        hash: Some(operation_hash(&signed.bytes)),
                    });
                    agency.outstanding().accept_report(report.key().0);
                }
                self.take_report(agency, report.key(), (*order, received_at), undo);
            }
            Fact::CapacityDropped(agency, dropped) => self.drop_reports(agency, dropped, undo),
            Fact::CapacityRefused(agency, order, refusal) => {
                if let Some(agency) = self.touch(agency, undo) {
                    agency.log(Entry::Report {
                        cseq: order.cseq,
                        hash: None,
                    });
                    agency.outstanding().refuse_report(refusal);
                    agency.refuse((0, order.cseq, refusal.clone()));
                }
            }
            Fact::DeletionsAllowed(agency, more) => {
                if let Some(agency) = self.touch(agency, undo) {
                    agency.brake.allow(*more);
                }
            }
            Fact::Readmitted(agency) => {
                let _unknown = self.touch(agency, undo).map(AgencyHead::readmit);
            }
            Fact::About(agency, about) => {
                if let Some(agency) = self.touch(agency, undo) {
                    agency.member.decide(about);
                }
            }
        }
    }

    /// An operation was accepted: its hash and length, and when it was received.
    fn operate(
        &mut self,
        agency: &AgencyId,
        operation: (Hash, u32, Timestamp),
        change: &Change,
        undo: &mut Undo,
    ) {
        if let Some(agency) = self.touch(agency, undo) {
            agency.log(Entry::Operation(operation.0));
            agency.outstanding().accept_record(change.kind, &change.id);
            if change.for_good {
                agency.count_deletion(operation.2);
            }
            agency.member.drop_hold(change.kind, &change.id);
        }
        self.change(agency, operation, change, undo);
        if change.kind == Kind::Service {
            self.offer(agency, &change.id, undo);
        }
    }

    /// Takes over an agency from a snapshot. Its records come after it and are counted then.
    pub(super) fn restore_agency(&mut self, head: AgencyHead) {
        let agency = head.invitation.agency.clone();
        self.agencies.insert(agency, head);
    }

    /// Takes over a record from a snapshot, after those it refers to.
    pub(super) fn restore_record(
        &mut self,
        header: &Header,
        change: &Change,
        (signed, received_at): (&[u8], Timestamp),
    ) {
        let operation = (header.position.hash, length(signed), received_at);
        let key = RecordKey {
            agency: header.agency.clone(),
            kind: change.kind,
            id: change.id.clone(),
        };
        let head = RecordHead::after(&header.agency, operation, change, 0);
        self.restore_head(&header.agency, key.public_id().as_u128(), head);
    }

    /// Takes over the tip of a record, by its public id: each record once, after its agency and after those that it
    /// refers to.
    pub(super) fn restore_head(&mut self, agency: &AgencyId, id: u128, head: RecordHead) {
        for target in &head.references {
            if let Some(target) = self.records.get_mut(*target) {
                target.referrers += 1;
            }
        }
        if let Some(agency) = self.agencies.get_mut(agency) {
            agency.records += u32::from(head.live);
            agency.bytes += u64::from(head.bytes);
            agency.services += u32::from(head.live && head.name.kind == Kind::Service);
        }
        self.look_again(id, None, head.look());
        let place = self.records.put(id, head);
        match self.of_agency.get_mut(agency) {
            Some(records) => records.push(place),
            None => drop(self.of_agency.insert(agency.clone(), vec![place])),
        }
    }

    /// Puts back what was there before.
    pub(super) fn take_back(&mut self, mut undo: Undo) {
        self.take_back_early(&mut undo);
        for (agency, before) in undo.agencies {
            match before {
                Some(head) => self.agencies.insert(agency, head),
                None => self.agencies.remove(&agency),
            };
        }
        let mut never_were = HashSet::new();
        for (record, before) in undo.records {
            let look = |head: Option<&RecordHead>| head.and_then(RecordHead::look);
            let now = look(self.records.get(record));
            self.look_again(record, now, look(before.as_ref()));
            if let Some(head) = before {
                self.records.put(record, head);
            } else {
                never_were.extend(self.records.remove(record));
            }
        }
        if !never_were.is_empty() {
            for records in self.of_agency.values_mut() {
                records.retain(|record| !never_were.contains(record));
            }
        }
    }

    fn invite(&mut self, invitation: &Invitation, undo: &mut Undo) {
        if let Some(agency) = self.touch(&invitation.agency, undo) {
            agency.name.clone_from(&invitation.name);
            agency.invitation = invitation.clone();
            return;
        }
        undo.agencies
            .entry(invitation.agency.clone())
            .or_insert(None);
        let head = AgencyHead::invited(invitation.clone());
        self.agencies.insert(invitation.agency.clone(), head);
    }

    fn change(
        &mut self,
        agency: &AgencyId,
        operation: (Hash, u32, Timestamp),
        change: &Change,
        undo: &mut Undo,
    ) {
        let key = RecordKey {
            agency: agency.clone(),
            kind: change.kind,
            id: change.id.clone(),
        };
        let id = key.public_id().as_u128();
        let before = self.records.get(id).cloned();
        undo.records.entry(id).or_insert_with(|| before.clone());
        let referred = before
            .as_ref()
            .map(|head| head.references.clone())
            .unwrap_or_default();
        for target in &referred {
            self.count_reference(*target, undo, |count| count.saturating_sub(1));
        }
        let referrers = before.as_ref().map_or(0, |head| head.referrers);
        let head = RecordHead::after(agency, operation, change, referrers);
        for target in &head.references {
            self.count_reference(*target, undo, |count| count + 1);
        }
        let was_live = before.as_ref().is_some_and(|head| head.live);
        let length_before = before.as_ref().map_or(0, |head| u64::from(head.bytes));
        if let Some(agency) = self.touch(agency, undo) {
            let (more, less) = (u32::from(head.live), u32::from(was_live));
            agency.records = agency.records + more - less;
            agency.bytes = agency.bytes + u64::from(head.bytes) - length_before;
            if change.kind == Kind::Service {
                agency.services = agency.services + more - less;
            }
        }
        let look = before.as_ref().and_then(RecordHead::look);
        self.look_again(id, look, head.look());
        let place = self.records.put(id, head);
        if before.is_none() {
            let of_agency = self.of_agency.entry(agency.clone()).or_default();
            of_agency.push(place);
        }
    }

    /// The name of an organization looks otherwise.
    fn look_again(&mut self, id: u128, before: Option<Look>, after: Option<Look>) {
        let [before, after] = [before, after].map(|look| look.map(|look| look.skeleton));
        if before == after {
            return;
        }
        if let Some(skeleton) = before
            && let Some(alike) = self.looks.get_mut(&skeleton)
        {
            alike.retain(|other| *other != id);
            if alike.is_empty() {
                self.looks.remove(&skeleton);
            }
        }
        if let Some(skeleton) = after {
            self.looks.entry(skeleton).or_default().push(id);
        }
    }

    fn count_reference(&mut self, target: u128, undo: &mut Undo, count: impl Fn(u32) -> u32) {
        if let Some(head) = self.records.get_mut(target) {
            undo.records
                .entry(target)
                .or_insert_with(|| Some(head.clone()));
            head.referrers = count(head.referrers);
        }
    }

    fn touch(&mut self, agency: &AgencyId, undo: &mut Undo) -> Option<&mut AgencyHead> {
        let head = self.agencies.get_mut(agency)?;
        if !undo.agencies.contains_key(agency) {
            undo.agencies.insert(agency.clone(), Some(head.clone()));
        }
        Some(head)
    }
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
