//! The one thread that folds the journal into the store and the index, in order.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use referral_core::capacity::{Held, ttl_for};
use referral_core::catalog::{Listing, Place};
use referral_core::id::{AgencyId, Kind, RecordKey};
use referral_core::places::Places;
use referral_core::policy::Clearance;
use referral_index::{Index, IndexError};
use referral_runtime::background::stand_back;
use referral_runtime::clock::{Clock, SystemClock};
use tracing::error;

use super::chronicle::Chronicle;
use super::fact::Fact;
use super::handover::{HeldUp, Waiting};
use super::heads::Decided;
use super::held::{only, turn};
use super::lag::Lag;
use super::searchable::Searchable;
use super::settled::Settled;
use super::tail::Tail;
use super::withdrawn::Withdrawn;
use super::writer::Applied;
use crate::store::room::Space;
use crate::store::{Store, StoreError};

/// Most listings that wait for an index commit while more keep coming.
const UNCOMMITTED: usize = 8_000;
/// How long they wait for it at most, while more keep coming.
const LONGEST: Duration = Duration::from_millis(500);
/// Least time between two commits: each costs the same, however little it holds.
const PACE: Duration = Duration::from_millis(50);
/// How long to wait before a failed disk is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Why the applier stopped. The journal holds everything: a restart brings the store forward.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApplyError {
    #[error("the store could not be written")]
    Store(#[from] StoreError),
    #[error("the index could not be written")]
    Index(#[from] IndexError),
}

pub(super) struct Applier {
    pub(super) store: Arc<Store>,
    pub(super) searchable: Arc<Searchable>,
    pub(super) withdrawn: Arc<Withdrawn>,
    pub(super) held_up: HeldUp,
    pub(super) tail: Arc<Tail>,
    pub(super) lag: Lag,
    pub(super) chronicle: Chronicle,
    pub(super) clock: Arc<dyn Clock>,
    /// What is durable, which may be ahead of what is folded here: each fact that changes what is held comes by
    /// here, too.
    pub(super) settled: Settled,
    pub(super) generation: u64,
    map: &'static (dyn Places + Send + Sync),
    stopping: Arc<AtomicBool>,
    /// Held while the index for caseworkers is made.
    beginning: Mutex<()>,
    uncommitted: usize,
    last_index: u64,
}

impl Applier {
    /// * `generation` — the directory's: reports of an earlier one are from before a restore.
    pub(super) fn new(
        store: Arc<Store>,
        searchable: Arc<Searchable>,
        chronicle: Chronicle,
        generation: u64,
    ) -> Self {
        Self {
            chronicle,
            clock: Arc::new(SystemClock::new()),
            settled: Settled::default(),
            store,
            searchable,
            withdrawn: Arc::default(),
            held_up: HeldUp::default(),
            tail: Arc::new(Tail::new(0, [])),
            lag: Lag::default(),
            generation,
            map: referral_gazetteer::gazetteer(),
            stopping: Arc::default(),
            beginning: Mutex::default(),
            uncommitted: 0,
            last_index: 0,
        }
    }

    /// Folds what the writer hands over until the writer is gone. A disk that is full or fails holds
    /// it up, and with it the writer; when the disk can be written again it goes on. False when that has no prospect.
    pub(super) fn run(mut self, facts: &Waiting) -> bool {
        stand_back();
        let mut committed = None;
        while let Some(first) = facts.next() {
            let begun = self.clock.elapsed();
            let mut next = Some(first);
            while let Some(applied) = next {
                let mut services = BTreeSet::new();
                if !self.insist(|applier| applier.fold(&applied, &mut services)) {
                    return false;
                }
                next = self.more(facts, begun, committed);
            }
            // Capacity and sessions change nothing in the index, and need no room.
            if self.uncommitted > 0 {
                if !self.insist(Self::commit) {
                    return false;
                }
                committed = Some(self.clock.elapsed());
            }
            self.lag.searchable(self.last_index);
        }
        true
    }

    /// What else comes into the same commit: what waits, and what comes before the next one may be.
    ///
    /// * `begun`, `committed` — when the first of them came, and when the last commit was; the clock's elapsed
    ///   time.
    fn more(
        &self,
        facts: &Waiting,
        begun: Duration,
        committed: Option<Duration>,
    ) -> Option<Applied> {
        let now = self.clock.elapsed();
        if self.uncommitted >= UNCOMMITTED || now.saturating_sub(begun) >= LONGEST {
            return None;
        }
        let since = committed.map_or(PACE, |committed| now.saturating_sub(committed));
        facts.next_within(PACE.saturating_sub(since))
    }

    /// Does a step once there is room for it, and again and again while the index cannot be written;
    /// false when that has no prospect. Every step may be repeated: folding the same facts twice
    /// changes nothing.
    fn insist(&mut self, mut step: impl FnMut(&mut Self) -> Result<(), ApplyError>) -> bool {
        loop {
            if self.store.room().space() == Space::None {
                error!(error.type = "storage_full", "the disk is full: free some space");
            } else {
                match step(self) {
                    Ok(()) => {
                        self.held_up.set(false);
                        return true;
                    }
                    Err(failed) => {
                        error!(error.type = "apply", "the journal cannot be folded: {failed}");
                        if matches!(failed, ApplyError::Store(_)) {
                            return false;
                        }
                    }
                }
            }
            self.held_up.set(true);
            if self.stopping.load(Ordering::Relaxed) {
                return false;
            }
            std::thread::park_timeout(RETRY);
        }
    }

    /// Folds facts into the store, then tells the index which services changed with them. `services`
    /// gathers those: a location shows in the services of the organization it belongs to, before and
    /// after.
    pub(super) fn fold(
        &mut self,
        applied: &Applied,
        services: &mut BTreeSet<RecordKey>,
    ) -> Result<(), ApplyError> {
        let changed = applied
            .decided
            .iter()
            .filter_map(|decided| changed(&decided.fact));
        let changed: BTreeSet<RecordKey> = changed.collect();
        services.extend(self.services_of(&changed)?);
        self.tail.folding(applied);
        failpoint!("store.pre_fold");
        self.fold_store(&[applied])?;
        failpoint!("store.post_fold");
        self.last_index = applied.last_index;
        self.report_to_members(applied);
        self.drop_reports(applied);
        services.extend(self.services_of(&changed)?);
        let held_anew = self.services_held_anew(applied)?;
        services.extend(held_anew.iter().cloned());
        for service in &*services {
            self.index_service(service)?;
            self.uncommitted += 1;
        }
        // What is found again shows what was reported meanwhile.
        for service in &held_anew {
            for reported in self.store.reports_of(service)? {
                self.report(&service.agency, reported.held);
            }
        }
        self.withdrawn.folded(applied.last_index);
        self.tail.folded_to(applied.last_index);
        Ok(())
    }

    /// Reports that came while the index for caseworkers began: newer ones there stay.
    fn report_to_members(&self, applied: &Applied) {
        let Some(members) = self.searchable.members() else {
            return;
        };
        for decided in &applied.decided {
            if let (Fact::Capacity(agency, ..), Some(held)) = (&decided.fact, &decided.held) {
                let held = held.clone().in_generation(self.generation);
                members.report(agency, &held);
            }
        }
    }

    /// Reports that are held no longer: a newer one about the same stays.
    fn drop_reports(&self, applied: &Applied) {
        for decided in &applied.decided {
            if let Fact::CapacityDropped(agency, dropped) = &decided.fact {
                for one in dropped {
                    self.searchable.drop_report(agency, one);
                }
            }
        }
    }

    /// Set when the directory stops: a failing disk is then no longer waited for.
    pub(super) fn stopping(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stopping)
    }

    /// Folds facts into store and history alone.
    pub(super) fn fold_store(&self, together: &[&Applied]) -> Result<(), ApplyError> {
        // At the start one of the two may be behind the other, and neither may go back.
        let folded = self.store.folded();
        let known = together.partition_point(|applied| applied.last_index <= folded);
        self.store.fold(&together[known..])?;
        for applied in together {
            self.chronicle.take(applied);
        }
        Ok(())
    }

    /// The services of agencies about which something was decided that may change what is found of them.
    fn services_held_anew(&self, applied: &Applied) -> Result<Vec<RecordKey>, ApplyError> {
        let (mut agencies, mut services) = (BTreeSet::<AgencyId>::new(), Vec::new());
        for Decided { fact, .. } in &applied.decided {
            match (turn(fact), only(fact)) {
                (Some(_), Some(some)) => services.extend(some),
                (Some((agency, _)), None) => drop(agencies.insert(agency.clone())),
                (None, _) => {}
            }
        }
        for agency in agencies {
            for service in self.store.keys_of(&agency, Kind::Service) {
                services.push(service?);
            }
        }
        Ok(services)
    }

    /// Whether a listing is stored and not found.
    fn is_held(&self, listing: &Listing) -> bool {
        let held = self.settled.hold(&listing.agency, &listing.service);
        held.is_some()
    }

    /// The services among `changed`, and those that show an organization or location among them.
    pub(super) fn services_of(
        &self,
        changed: &BTreeSet<RecordKey>,
    ) -> Result<BTreeSet<RecordKey>, ApplyError> {
        let mut services = BTreeSet::new();
        for key in changed {
            if key.kind == Kind::Service {
                services.insert(key.clone());
                continue;
            }
            services.extend(self.store.referrers(key, Kind::Service)?);
            // A location of an organization stands in for its services that state none.
            if key.kind == Kind::Location
                && let Some(organization) = self.store.organization_of(key)?
            {
                services.extend(self.store.referrers(&organization, Kind::Service)?);
            }
        }
        Ok(services)
    }

    pub(super) fn index_service(&self, service: &RecordKey) -> Result<(), ApplyError> {
        self.index_listing(service, self.store.listing(service)?)
    }

    /// Makes a service searchable as it is; `None`: it is withdrawn or incomplete.
    pub(super) fn index_listing(
        &self,
        service: &RecordKey,
        listing: Option<Listing>,
    ) -> Result<(), ApplyError> {
        let Some(listing) = listing else {
            self.searchable.remove(service);
            return Ok(());
        };
        self.begin_members_for(&listing)?;
        failpoint!("index.pre_add");
        for (clearance, index) in self.searchable.each() {
            self.show(&listing, clearance, &index, Index::put)?;
        }
        failpoint!("index.post_add");
        if self.withdrawn.after(service, self.last_index) {
            self.searchable.remove(service);
        }
        self.shorten_capacities(&listing)
    }

    /// Gives an index a listing as its readers see it.
    fn show(
        &self,
        listing: &Listing,
        clearance: Clearance,
        index: &Index,
        put: impl FnOnce(&Index, &Listing, &[Place]) -> Result<(), IndexError>,
    ) -> Result<(), ApplyError> {
        let key = listing.key();
        let seen = listing.clone().seen_by(clearance, self.map);
        let Some(seen) = seen.filter(|_| !self.is_held(listing)) else {
            index.remove(&key);
            return Ok(());
        };
        let places = self.store.organization_places(&seen)?;
        Ok(put(index, &seen, &places)?)
    }

    /// Makes the index for caseworkers where they see this listing differently and there is none, of all there is.
    /// While that goes on they search the other.
    fn begin_members_for(&self, listing: &Listing) -> Result<(), ApplyError> {
        if !listing.is_seen_differently() || self.searchable.members().is_some() {
            return Ok(());
        }
        let _one_at_a_time = self
            .beginning
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if self.searchable.members().is_some() {
            return Ok(());
        }
        let members = self.searchable.begin_members()?;
        for agency in self.store.publishers()? {
            for service in self.store.listings_of(&agency) {
                if let (_, Some(listing)) = service? {
                    self.show(&listing, Clearance::Member, &members, Index::put)?;
                }
            }
        }
        for capacity in self.store.capacities() {
            let (agency, held) = capacity?;
            members.report(&agency, &held.in_generation(self.generation));
        }
        members.commit(self.last_index)?;
        self.searchable.members_are_complete();
        Ok(())
    }

    /// The same of a service by its name, where it can be found.
    pub(super) fn shorten_capacities_of(&self, service: &RecordKey) -> Result<(), ApplyError> {
        let listing = self.store.listing(service)?;
        listing.map_or(Ok(()), |listing| self.shorten_capacities(&listing))
    }

    /// Reports that came before their service are believed for as long as its codes allow.
    fn shorten_capacities(&self, listing: &Listing) -> Result<(), ApplyError> {
        let codes = listing
            .service
            .attributes
            .iter()
            .map(|attribute| &attribute.code);
        let longest = ttl_for(codes, None);
        for held in self.store.shorten_capacities(&listing.key(), longest)? {
            self.report(&listing.agency, held);
        }
        Ok(())
    }

    /// Shows a stored report to searches.
    pub(super) fn report(&self, agency: &AgencyId, held: Held) {
        let held = held.in_generation(self.generation);
        self.searchable.report(agency, &held);
    }

    /// Fills the rows of a service whose words are in the index already.
    pub(super) fn restore_listing(&self, listing: &Listing) -> Result<(), ApplyError> {
        // It may not have been made before the directory was last ended.
        self.begin_members_for(listing)?;
        for (clearance, index) in self.searchable.each() {
            self.show(listing, clearance, &index, |index, listing, places| {
                index.restore(listing, places);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Commits the index as of this journal index.
    pub(super) fn commit_at(&mut self, last_index: u64) -> Result<(), ApplyError> {
        self.last_index = last_index;
        self.commit()
    }

    /// Makes what is folded searchable, once.
    pub(super) fn make_searchable(&mut self) -> Result<(), ApplyError> {
        if self.uncommitted > 0 {
            self.commit()?;
        }
        self.lag.searchable(self.last_index);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), ApplyError> {
        failpoint!("index.pre_commit");
        self.searchable.commit(self.last_index)?;
        failpoint!("index.post_commit");
        self.uncommitted = 0;
        Ok(())
    }
}

/// The record a fact changes.
pub(super) fn changed(fact: &Fact) -> Option<RecordKey> {
    let Fact::Operation(header, change, _) = fact else {
        return None;
    };
    let agency = header.agency.clone();
    Some(RecordKey {
        agency,
        kind: change.kind,
        id: change.id.clone(),
    })
}
