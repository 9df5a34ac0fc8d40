//! How far the journal is folded, for those who follow it.

use std::sync::{PoisonError, RwLock};

use referral_core::id::AgencyId;
use tokio::sync::watch;

use super::fact::Fact;
use super::writer::Applied;

/// What readers of the journal follow. The applier moves it on.
#[derive(Debug)]
pub(crate) struct Tail {
    folded: watch::Sender<u64>,
    /// Agencies that are members, with a journal index at or after the one they joined with.
    joined: RwLock<Vec<(u64, AgencyId)>>,
}

impl Tail {
    /// The tail of a journal that is folded up to `folded`, with these members.
    pub(super) fn new(folded: u64, members: impl IntoIterator<Item = AgencyId>) -> Self {
        let joined = members.into_iter().map(|agency| (folded, agency)).collect();
        Self {
            folded: watch::Sender::new(folded),
            joined: RwLock::new(joined),
        }
    }

    /// These facts are about to be folded: whoever sees them folded sees their agencies too.
    pub(super) fn folding(&self, applied: &Applied) {
        for decided in &applied.decided {
            if let Fact::Joined(membership) = &decided.fact {
                let joined = (applied.last_index, membership.agency.clone());
                let mut list = self.joined.write().unwrap_or_else(PoisonError::into_inner);
                if !list.contains(&joined) {
                    list.push(joined);
                }
            }
        }
    }

    /// Everything up to this index is folded.
    pub(super) fn folded_to(&self, index: u64) {
        self.folded.send_replace(index);
    }

    /// How far the journal is folded; told when it is folded further. Always the end of a batch.
    pub(crate) fn folded(&self) -> watch::Receiver<u64> {
        self.folded.subscribe()
    }

    /// The agencies that were members at this index, in order of their ids.
    pub(crate) fn members_at(&self, index: u64) -> Vec<AgencyId> {
        let list = self.joined.read().unwrap_or_else(PoisonError::into_inner);
        let members = list.iter().filter(|(joined, _)| *joined <= index);
        let mut members: Vec<AgencyId> = members.map(|(_, agency)| agency.clone()).collect();
        members.sort();
        members.dedup();
        members
    }
}
