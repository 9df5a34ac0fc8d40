//! What follows the journal, one step at a time: in a running directory its two threads do the same.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use referral_journal::{Archive, Storage};
use referral_runtime::clock::Clock;

use super::applier::Applier;
use super::downstream::Searches;
use super::handover::Waiting;
use super::open::{BroughtUp, OpenError, bring_up};
use super::searchable::Searchable;
use super::settled::Settled;
use super::writer::{Applied, Downstream};
use crate::config::JournalConfig;
use crate::store::room::Space;

/// Searches, store and index of a directory whose journal is anywhere. Nothing goes on by itself: whoever has it says
/// when something is folded, and when it is made searchable. To drop it is to end the process.
pub struct Following {
    searches: Searches,
    waiting: Waiting,
    applier: Applier,
}

impl fmt::Debug for Following {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = f.debug_struct("Following");
        told.field("searches", &self.searches)
            .finish_non_exhaustive()
    }
}

impl Following {
    /// Opens what is in `data`, and brings it up to the end of the journal, as the start of a directory does.
    ///
    /// # Errors
    /// [`OpenError`] when it is of another journal, or the disk cannot be used.
    pub fn open<S: Storage>(
        data: &Path,
        journal: &Archive<S>,
        generation: u64,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let config = JournalConfig::default();
        let BroughtUp { mut applier, .. } = bring_up(data, journal, config, generation, &*clock)?;
        applier.clock = clock;
        let (searches, waiting) = Searches::before(&applier, journal.last_index());
        Ok(Self {
            searches,
            waiting,
            applier,
        })
    }

    /// What is shown goes by this from now on: what the recorder of the journal says is durable.
    pub fn goes_by(&mut self, settled: Settled) {
        self.applier.settled = settled;
    }

    /// Folds the next batch that waits; false when none does.
    ///
    /// # Errors
    /// [`OpenError`] when store or index cannot be written.
    pub fn fold(&mut self) -> Result<bool, OpenError> {
        let Some(applied) = self.waiting.next_within(Duration::ZERO) else {
            return Ok(false);
        };
        self.applier.fold(&applied, &mut BTreeSet::new())?;
        Ok(true)
    }

    /// Makes searchable what is folded.
    ///
    /// # Errors
    /// [`OpenError`] when the index cannot be written.
    pub fn make_searchable(&mut self) -> Result<(), OpenError> {
        Ok(self.applier.make_searchable()?)
    }

    /// For how long the oldest change that is durable and not yet searchable has waited; `None`: searches see
    /// everything.
    #[must_use]
    pub fn behind(&self) -> Option<Duration> {
        self.searches.lag.behind(self.applier.clock.elapsed())
    }

    /// What is searched.
    #[must_use]
    pub fn searchable(&self) -> &Searchable {
        &self.applier.searchable
    }
}

impl Downstream for Following {
    fn space(&mut self) -> Space {
        self.searches.space()
    }

    fn take(&mut self, applied: Applied) -> bool {
        self.searches.take(applied)
    }
}
