//! What validation needs to know, in memory: the tip of each agency's log and of each record.
//!
//! [`Heads::apply`] folds a fact; it is the same function at start-up and in the running writer.
//! [`Undo`] takes back what was folded when the journal could not be written.

use std::collections::{HashMap, VecDeque};

use jiff::Timestamp;
use referral_core::capacity::{Held, Ttl, ttl_for};
use referral_core::catalog::Record;
use referral_core::federation::{Chain, Change, Header};
use referral_core::id::{AgencyId, Hash, RecordKey};

use super::fact::{Fact, Invitation, Membership, Refusal};
use super::judge;

/// How many operations back a resent one can still be told from a forged one.
const REMEMBERED: usize = 2_048;
/// How many refusals are kept to be told again when an acknowledgement was lost: twice what a node
/// may have sent and not yet seen acknowledged.
const UNTOLD: usize = 4_096;

/// The tip of everything.
#[derive(Debug, Default)]
pub struct Heads {
    agencies: HashMap<AgencyId, AgencyHead>,
    records: HashMap<u128, RecordHead>,
}

/// The tip of one agency's log.
#[derive(Clone, Debug)]
pub struct AgencyHead {
    /// The name people know it by.
    pub name: String,
    /// The token its node may join with.
    pub invitation: Invitation,
    /// Its keys and certificate, once its node has joined.
    pub membership: Option<Membership>,
    /// The number of its current session; 0 before the first.
    pub session: u64,
    /// Its log's tip, once its node has joined.
    pub chain: Option<Chain>,
    /// The greatest capacity counter in the current epoch.
    pub cseq: u64,
    /// Records it publishes.
    pub records: u32,
    pub(super) recent: VecDeque<Hash>,
    pub(super) refused: VecDeque<Told>,
}

/// A refusal the node has to be told: sequence number (0 for a report), counter (0 for an
/// operation), why.
pub type Told = (u64, u64, Refusal);

/// The tip of one record.
#[derive(Clone, Debug)]
pub(super) struct RecordHead {
    /// Its current operation; a withdrawal too.
    pub(super) hash: Hash,
    /// False once withdrawn.
    pub(super) live: bool,
    /// How many live records refer to it.
    pub(super) referrers: u32,
    /// How long capacity of this service is believed.
    pub(super) ttl: Ttl,
    references: Box<[u128]>,
}

/// A fact, and the capacity it puts in force.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    pub(crate) fact: Fact,
    pub(crate) held: Option<Held>,
}

/// What was there before facts were folded.
#[derive(Debug, Default)]
pub(super) struct Undo {
    agencies: HashMap<AgencyId, Option<AgencyHead>>,
    records: HashMap<u128, Option<RecordHead>>,
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
        self.records.get(&key.public_id().as_u128())
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
        self.apply(&fact, undo);
        Decided { fact, held }
    }

    fn apply(&mut self, fact: &Fact, undo: &mut Undo) {
        match fact {
            Fact::Invited(invitation) => self.invite(invitation, undo),
            Fact::Joined(membership) => {
                if let Some(agency) = self.touch(&membership.agency, undo) {
                    agency.membership = Some(membership.clone());
                    agency.chain = Some(Chain::start(membership.epoch));
                    agency.cseq = 0;
                    agency.recent.clear();
                    agency.refused.clear();
                }
            }
            Fact::Session(agency, session, _) => {
                if let Some(agency) = self.touch(agency, undo) {
                    agency.session = *session;
                }
            }
            Fact::Operation(header, change, _) => {
                self.advance(&header.agency, header.position.hash, undo);
                self.change(&header.agency, header.position.hash, change, undo);
            }
            Fact::OperationRefused(header, refusal, _) => {
                self.advance(&header.agency, header.position.hash, undo);
                if let Some(agency) = self.touch(&header.agency, undo) {
                    agency.refuse((header.position.seq, 0, refusal.clone()));
                }
            }
            Fact::Capacity(agency, order, _, _) => {
                if let Some(agency) = self.touch(agency, undo) {
                    agency.cseq = order.cseq;
                }
            }
            Fact::CapacityRefused(agency, order, refusal) => {
                if let Some(agency) = self.touch(agency, undo) {
                    agency.cseq = order.cseq;
                    agency.refuse((0, order.cseq, refusal.clone()));
                }
            }
        }
    }

    /// Takes over an agency from a snapshot. Its records come after it and are counted then.
    pub(super) fn restore_agency(&mut self, head: AgencyHead) {
        let agency = head.invitation.agency.clone();
        self.agencies.insert(agency, head);
    }

    /// Takes over a record from a snapshot, after those it refers to.
    pub(super) fn restore_record(&mut self, header: &Header, change: &Change, undo: &mut Undo) {
        self.change(&header.agency, header.position.hash, change, undo);
    }

    /// Puts back what was there before.
    pub(super) fn take_back(&mut self, undo: Undo) {
        for (agency, before) in undo.agencies {
            match before {
                Some(head) => self.agencies.insert(agency, head),
                None => self.agencies.remove(&agency),
            };
        }
        for (record, before) in undo.records {
            match before {
                Some(head) => self.records.insert(record, head),
                None => self.records.remove(&record),
            };
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
        let head = AgencyHead {
            name: invitation.name.clone(),
            invitation: invitation.clone(),
            membership: None,
            session: 0,
            chain: None,
            cseq: 0,
            records: 0,
            recent: VecDeque::new(),
            refused: VecDeque::new(),
        };
        self.agencies.insert(invitation.agency.clone(), head);
    }

    fn advance(&mut self, agency: &AgencyId, operation: Hash, undo: &mut Undo) {
        let Some(agency) = self.touch(agency, undo) else {
            return;
        };
        agency.chain = agency.chain.map(|chain| chain.followed_by(operation));
        agency.recent.push_back(operation);
        if agency.recent.len() > REMEMBERED {
            agency.recent.pop_front();
        }
    }

    fn change(&mut self, agency: &AgencyId, hash: Hash, change: &Change, undo: &mut Undo) {
        let key = RecordKey {
            agency: agency.clone(),
            kind: change.kind,
            id: change.id.clone(),
        };
        let id = key.public_id().as_u128();
        let before = self.records.get(&id).cloned();
        undo.records.entry(id).or_insert_with(|| before.clone());
        let referred = before
            .as_ref()
            .map(|head| head.references.clone())
            .unwrap_or_default();
        for target in &referred {
            self.count_reference(*target, undo, |count| count.saturating_sub(1));
        }
        let head = RecordHead {
            hash,
            live: change.record.is_some(),
            referrers: before.as_ref().map_or(0, |head| head.referrers),
            ttl: change.record.as_ref().map_or(Ttl::LONGEST, ttl_of),
            references: references(agency, change),
        };
        for target in &head.references {
            self.count_reference(*target, undo, |count| count + 1);
        }
        let was_live = before.is_some_and(|head| head.live);
        if let Some(agency) = self.touch(agency, undo) {
            agency.records = agency.records + u32::from(head.live) - u32::from(was_live);
        }
        self.records.insert(id, head);
    }

    fn count_reference(&mut self, target: u128, undo: &mut Undo, count: impl Fn(u32) -> u32) {
        if let Some(head) = self.records.get_mut(&target) {
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

impl AgencyHead {
    /// The refusals after these two positions, oldest first.
    #[must_use]
    pub fn refused_after(&self, seq: u64, cseq: u64) -> Vec<Told> {
        let after = |told: &&Told| told.0 > seq || told.1 > cseq;
        self.refused.iter().filter(after).cloned().collect()
    }

    fn refuse(&mut self, told: Told) {
        self.refused.push_back(told);
        if self.refused.len() > UNTOLD {
            self.refused.pop_front();
        }
    }

    /// Whether `hash` is the operation recorded at `seq`; `None` when that is too long ago to tell.
    #[must_use]
    pub fn recorded(&self, seq: u64, hash: Hash) -> Option<bool> {
        let applied = self.chain?.applied;
        let back = usize::try_from(applied.checked_sub(seq)?).ok()?;
        let at = self.recent.len().checked_sub(back + 1)?;
        Some(self.recent[at] == hash)
    }
}

fn references(agency: &AgencyId, change: &Change) -> Box<[u128]> {
    let Some(record) = &change.record else {
        return Box::default();
    };
    let mut ids: Vec<u128> = record
        .references()
        .into_iter()
        .map(|(kind, id)| RecordKey {
            agency: agency.clone(),
            kind,
            id: id.clone(),
        })
        .map(|key| key.public_id().as_u128())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into()
}

fn ttl_of(record: &Record) -> Ttl {
    match record {
        Record::Service(service) => ttl_for(service.attributes.iter().map(|a| &a.code), None),
        _ => Ttl::LONGEST,
    }
}
