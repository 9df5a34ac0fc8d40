//! What searches read: an index for everybody, and one for caseworkers where something is for them alone.
//!
//! Each is made of listings as its readers see them, so that what they may not see is in none of its files,
//! and neither order, distance, facets, counts nor near misses can tell of it. The second is made when the
//! first listing is published that caseworkers see differently; without one, they search the first.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use referral_core::capacity::Held;
use referral_core::catalog::Tier;
use referral_core::feedback::Precision;
use referral_core::id::{AgencyId, PublicId, RecordKey};
use referral_core::policy::Clearance;
use referral_index::{Index, IndexError};

use super::fact::Dropped;
use super::open::OpenError;

/// The folder of the index for everybody.
const PUBLIC: &str = "index";
/// The folder of the index for caseworkers.
pub(crate) const MEMBERS: &str = "index-members";

/// The indexes of a directory.
#[derive(Debug)]
pub struct Searchable {
    public: Arc<Index>,
    members: RwLock<Option<Arc<Index>>>,
    /// The index for caseworkers holds everything.
    complete: AtomicBool,
    /// How far each service's "open" can be relied on, where that is known.
    reliance: RwLock<Arc<HashMap<PublicId, Precision>>>,
    folder: PathBuf,
}

impl Searchable {
    /// Opens the indexes in `data`; also gives the journal cursor from which all of them can be brought
    /// forward. `None`: they are empty.
    ///
    /// * `first` — the first record that the journal still holds.
    pub(super) fn open(data: &Path, first: u64) -> Result<(Self, Option<u64>), OpenError> {
        let (public, members) = (data.join(PUBLIC), data.join(MEMBERS));
        let opened = if members.exists() {
            open_both(&public, &members, first)?
        } else {
            None
        };
        let (public, members, cursor) = if let Some((public, members, cursor)) = opened {
            (public, Some(members), Some(cursor))
        } else {
            remove(&members)?;
            let (public, cursor) = open_one(&public, Tier::Public, first)?;
            (public, None, cursor)
        };
        let searchable = Self {
            public: Arc::new(public),
            complete: AtomicBool::new(members.is_some()),
            members: RwLock::new(members.map(Arc::new)),
            reliance: RwLock::default(),
            folder: data.to_owned(),
        };
        Ok((searchable, cursor))
    }

    /// What people of this clearance search.
    #[must_use]
    pub fn index_for(&self, clearance: Clearance) -> Arc<Index> {
        let members = self
            .members()
            .filter(|_| clearance == Clearance::Member && self.complete.load(Ordering::Acquire));
        members.unwrap_or_else(|| Arc::clone(&self.public))
    }

    /// For whom [`Searchable::index_for`] gives an index made of listings as they see them.
    #[must_use]
    pub fn clearance_of(&self, clearance: Clearance) -> Clearance {
        if self.complete.load(Ordering::Acquire) {
            clearance
        } else {
            Clearance::Public
        }
    }

    /// Every index there is, with those it is for.
    pub(super) fn each(&self) -> impl Iterator<Item = (Clearance, Arc<Index>)> {
        let public = (Clearance::Public, Arc::clone(&self.public));
        let members = self.members().map(|index| (Clearance::Member, index));
        std::iter::once(public).chain(members)
    }

    /// The index for caseworkers.
    pub(super) fn members(&self) -> Option<Arc<Index>> {
        let members = self.members.read().unwrap_or_else(PoisonError::into_inner);
        members.clone()
    }

    /// Begins the index for caseworkers. From now on everything that changes goes there too; it is searched
    /// once [`Searchable::members_are_complete`] was said.
    pub(super) fn begin_members(&self) -> Result<Arc<Index>, IndexError> {
        let (index, _) = Index::open_up_to(&self.folder.join(MEMBERS), Tier::Member)?;
        let index = Arc::new(index);
        let reliance = self.reliance.read();
        index.rely_on(Arc::clone(
            &reliance.unwrap_or_else(PoisonError::into_inner),
        ));
        let mut members = self.members.write().unwrap_or_else(PoisonError::into_inner);
        *members = Some(Arc::clone(&index));
        Ok(index)
    }

    /// Lets caseworkers search their index.
    pub(super) fn members_are_complete(&self) {
        self.complete.store(true, Ordering::Release);
    }

    /// Hides a service from the very next search.
    pub(super) fn remove(&self, service: &RecordKey) {
        self.each().for_each(|(_, index)| index.remove(service));
    }

    /// Shows a report to the very next search.
    pub(super) fn report(&self, agency: &AgencyId, held: &Held) {
        self.each()
            .for_each(|(_, index)| index.report(agency, held));
    }

    /// Forgets a report unless there is a newer one.
    pub(super) fn drop_report(&self, agency: &AgencyId, dropped: &Dropped) {
        let Dropped {
            service,
            location,
            order,
        } = dropped;
        for (_, index) in self.each() {
            index.drop_report(agency, (service, location.as_ref()), *order);
        }
    }

    /// Ranks by how far each service's "open" can be relied on, from the very next search on.
    pub(crate) fn rely_on(&self, precisions: HashMap<PublicId, Precision>) {
        let precisions = Arc::new(precisions);
        let reliance = self.reliance.write();
        *reliance.unwrap_or_else(PoisonError::into_inner) = Arc::clone(&precisions);
        for (_, index) in self.each() {
            index.rely_on(Arc::clone(&precisions));
        }
    }

    /// Makes everything searchable and durable as of this place in the journal.
    pub(super) fn commit(&self, cursor: u64) -> Result<(), IndexError> {
        for (_, index) in self.each() {
            index.commit(cursor)?;
        }
        Ok(())
    }
}

/// Both indexes and the smaller of their cursors; `None`: one is lost, and both are removed.
fn open_both(
    public: &Path,
    members: &Path,
    first: u64,
) -> Result<Option<(Index, Index, u64)>, OpenError> {
    let opened = open_one(public, Tier::Public, first)?;
    let beside = open_one(members, Tier::Member, first)?;
    if let ((public, Some(one)), (members, Some(other))) = (opened, beside) {
        return Ok(Some((public, members, one.min(other))));
    }
    remove(public)?;
    remove(members)?;
    Ok(None)
}

/// An index that is behind what the journal still holds cannot be brought forward: it is made anew.
fn open_one(folder: &Path, tier: Tier, first: u64) -> Result<(Index, Option<u64>), OpenError> {
    let (index, indexed) = Index::open_up_to(folder, tier)?;
    if indexed.is_none_or(|indexed| indexed + 1 >= first) {
        return Ok((index, indexed));
    }
    drop(index);
    remove(folder)?;
    Ok(Index::open_up_to(folder, tier)?)
}

/// Removes every index in `data`: they are made anew when it is opened.
pub(super) fn remove_all(data: &Path) -> Result<(), OpenError> {
    remove(&data.join(PUBLIC))?;
    remove(&data.join(MEMBERS))
}

fn remove(folder: &Path) -> Result<(), OpenError> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(OpenError::OldIndex(error))
        }
        _ => Ok(()),
    }
}
