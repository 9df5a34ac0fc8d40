//! The tip of one agency: who it is, where its log stands, what it was refused.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use referral_core::federation::{
    AgencyLog, Allowance, Boot, Brake, Entry, Epoch, PublicKey, Spent,
};

use super::super::about::Member;
use super::super::fact::{Invitation, Membership, Refusal};
use super::super::outstanding::{Outstanding, OutstandingRefusal};

/// How many refusals are kept to be told again when an acknowledgement was lost: twice what a node
/// may have sent and not yet seen acknowledged.
const UNTOLD: usize = 4_096;
/// So many proofs of a copied node within an hour suspend the agency (R8).
const CLONES: usize = 3;
/// The hour.
const CLONES_WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// A refusal the node has to be told: sequence number (0 for a report), counter (0 for an
/// operation), why.
pub type Told = (u64, u64, Refusal);

/// The tip of one agency.
#[derive(Clone, Debug)]
pub struct AgencyHead {
    /// The name people know it by.
    pub name: String,
    /// The token its node may join with.
    pub invitation: Invitation,
    /// Its keys and certificate, once its node has joined.
    pub membership: Option<Membership>,
    /// The listing keys of nodes that had joined before and lost their data, oldest first.
    pub earlier_keys: Vec<PublicKey>,
    /// Its log, once its node has joined.
    pub log: Option<AgencyLog>,
    /// Records it publishes.
    pub records: u32,
    /// Services it publishes.
    pub services: u32,
    /// How much the operations take by which its records stand, withdrawn ones too. Unit: bytes.
    pub bytes: u64,
    /// What it deleted lately.
    pub brake: Brake,
    /// What was written for it lately.
    pub spent: Spent,
    /// What was decided about it as a member.
    pub member: Member,
    pub(in crate::ledger) clones: VecDeque<Timestamp>,
    pub(in crate::ledger) refused: VecDeque<Told>,
    pub(in crate::ledger) outstanding: Arc<Outstanding>,
}

impl AgencyHead {
    /// An agency that was let in and whose node has not joined.
    pub(super) fn invited(invitation: Invitation) -> Self {
        Self {
            name: invitation.name.clone(),
            invitation,
            membership: None,
            earlier_keys: Vec::new(),
            log: None,
            records: 0,
            services: 0,
            bytes: 0,
            brake: Brake::default(),
            spent: Spent::default(),
            member: Member::default(),
            clones: VecDeque::new(),
            refused: VecDeque::new(),
            outstanding: Arc::default(),
        }
    }

    /// Whether its node was found to exist twice within the hour before `now`.
    #[must_use]
    pub fn cloned_within_the_hour(&self, now: Timestamp) -> bool {
        self.clones.back().is_some_and(|at| is_recent(*at, now))
    }

    /// How much may be written for it.
    #[must_use]
    pub fn allowance(&self) -> Allowance {
        Allowance::of(self.member.most_bytes(), self.services, self.bytes)
    }

    /// What was written for it and has not run out, and the most that is written at once. Unit: bytes.
    #[must_use]
    pub fn written(&self, now: Timestamp) -> (u64, u64) {
        let allowance = self.allowance();
        (self.spent.by(allowance, now).bytes, allowance.most)
    }

    /// Something was written for it.
    pub(super) fn spend(&mut self, bytes: u64, at: Timestamp) {
        self.spent = self.spent.and(bytes, self.allowance(), at);
    }

    /// The refusals after these two positions, oldest first.
    #[must_use]
    pub fn refused_after(&self, seq: u64, cseq: u64) -> Vec<Told> {
        let after = |told: &&Told| told.0 > seq || told.1 > cseq;
        self.refused.iter().filter(after).cloned().collect()
    }

    /// Operations and reports that were refused and that nothing later has replaced, at most 4,096.
    #[must_use]
    pub fn outstanding_refusals(&self) -> usize {
        self.outstanding.count()
    }

    /// They themselves, at most so many.
    #[must_use]
    pub fn outstanding_first(&self, most: usize) -> Vec<OutstandingRefusal> {
        self.outstanding.all().take(most).collect()
    }

    pub(super) fn outstanding(&mut self) -> &mut Outstanding {
        Arc::make_mut(&mut self.outstanding)
    }

    /// Takes a durable entry into its log.
    pub(super) fn log(&mut self, entry: Entry) {
        if let Some(log) = &mut self.log {
            log.fold(entry);
        }
    }

    /// A deletion was let through.
    pub(super) fn count_deletion(&mut self, at: Timestamp) {
        let live = usize::try_from(self.records).unwrap_or(usize::MAX);
        self.brake.count(at, live);
    }

    /// Its node joined, or joined again with new keys.
    pub(super) fn join(&mut self, membership: &Membership) {
        let log = match &self.log {
            Some(before) => before.rejoined(membership.epoch),
            None => AgencyLog::new(membership.epoch),
        };
        self.log = Some(log);
        self.member.join(&membership.certificate);
        let before = self.membership.replace(membership.clone());
        let before = before.map(|before| before.listing_key);
        self.earlier_keys
            .extend(before.filter(|key| *key != membership.listing_key));
        self.forget_refusals();
    }

    /// A start of its node said hello, and a session began.
    pub(super) fn begin_session(&mut self, number: u64, boot: Boot, at: Timestamp) {
        self.look_for_a_clone(boot, at);
        self.log(Entry::Session { number, boot });
    }

    /// A new epoch began: what was refused in the old one is of no use any more.
    pub(super) fn begin_epoch(&mut self, session: u64, epoch: Epoch) {
        self.forget_refusals();
        self.log(Entry::Epoch { session, epoch });
    }

    fn look_for_a_clone(&mut self, boot: Boot, at: Timestamp) {
        if !self
            .log
            .as_ref()
            .is_some_and(|log| log.proves_a_clone(boot))
        {
            return;
        }
        self.clones.retain(|earlier| is_recent(*earlier, at));
        self.clones.push_back(at);
        self.member.cloned |= self.clones.len() >= CLONES;
    }

    /// The operator has looked: its node may publish again.
    pub(super) fn readmit(&mut self) {
        self.clones.clear();
        self.member.readmit();
    }

    fn forget_refusals(&mut self) {
        self.refused.clear();
        self.outstanding = Arc::default();
    }

    pub(super) fn refuse(&mut self, told: Told) {
        self.refused.push_back(told);
        if self.refused.len() > UNTOLD {
            self.refused.pop_front();
        }
    }
}

fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) < CLONES_WITHIN
}
