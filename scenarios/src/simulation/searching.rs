//! What is found: the real store and index behind the directory's journal, which follow it late, and after a death are
//! behind or gone (I12).
//!
//! It draws from a number of its own: a walk in which somebody searches is the same as without.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fs, io};

use directory_server::ledger::{Applied, Decided, Downstream, Fact, Following, Settled};
use directory_server::operations::{BEHIND, index_behind};
use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::Availability;
use referral_core::id::{AgencyId, Kind, LocalId, RecordKey, RecordName};
use referral_core::policy::Clearance;
use referral_core::search::{QueryText, Request};
use referral_index::Hit;
use referral_journal::{Archive, MemoryStorage};
use referral_proto::v1;
use referral_runtime::clock::{Clock, ManualClock};
use tempfile::TempDir;

use super::chance::Chance;
use super::house::{Folded, available};
use super::mutant::Mutant;
use super::office::value_in;
use super::truth::{Broken, Value, broken};

/// The most that a search gives.
const MOST: u32 = 200;
/// Longer than searches may be behind without saying so.
const LONGER: SignedDuration = SignedDuration::from_secs(2);

/// Searches of the directory. A clone speaks of the same.
#[derive(Clone, Debug)]
pub(super) struct Searches(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    chance: Chance,
    mutant: Mutant,
    clock: Arc<ManualClock>,
    /// What is on the disk of what can be made anew.
    data: TempDir,
    /// `None`: the directory is down.
    following: Option<Following>,
    /// When each record last changed, by what has elapsed.
    changed: BTreeMap<(AgencyId, RecordName), Duration>,
    /// What a mutant shows later.
    late: Option<Applied>,
    looked: u64,
}

impl Searches {
    pub(super) fn new(seed: u64, now: Timestamp, mutant: Mutant) -> Result<Self, Broken> {
        Ok(Self(Arc::new(Mutex::new(Inner {
            chance: Chance::new(seed),
            mutant,
            clock: Arc::new(ManualClock::new(now)),
            data: tempfile::tempdir().map_err(|error| failed(&error))?,
            following: None,
            changed: BTreeMap::new(),
            late: None,
            looked: 0,
        }))))
    }

    /// The directory starts: what is on the disk is brought up to the end of its journal.
    pub(super) fn start(
        &self,
        journal: &Archive<MemoryStorage>,
        generation: u64,
    ) -> Result<(), Broken> {
        let inner = &mut *self.lock();
        let clock = Arc::clone(&inner.clock) as Arc<dyn Clock>;
        let following = Following::open(inner.data.path(), journal, generation, clock);
        inner.following = Some(following.map_err(|error| failed(&error))?);
        Ok(())
    }

    /// What is shown goes by this.
    pub(super) fn goes_by(&self, settled: Settled) {
        if let Some(following) = &mut self.lock().following {
            following.goes_by(settled);
        }
    }

    /// The directory died. What was not made searchable is behind then; what is on the disk may be lost.
    pub(super) fn die(&self) {
        let inner = &mut *self.lock();
        inner.following = None;
        inner.late = None;
        let lost: &[&str] = match inner.chance.below(8) {
            0 => &["index"],
            1 => &["store"],
            2 => &["index", "store", "history"],
            _ => &[],
        };
        for folder in lost {
            remove(&inner.data.path().join(folder));
        }
    }

    /// The directory has another journal: nothing that was made of the one before is of use.
    pub(super) fn begin_anew(&self) {
        let inner = &mut *self.lock();
        for folder in ["index", "index-members", "store", "history"] {
            remove(&inner.data.path().join(folder));
        }
    }

    /// It is so late now.
    pub(super) fn at(&self, now: Timestamp) {
        let clock = &self.lock().clock;
        let passed = Duration::try_from(now.duration_since(clock.now()));
        clock.advance(passed.unwrap_or_default());
    }

    /// What was accepted is found a little later, or somebody looks.
    pub(super) fn step(&self, folded: &mut Folded) -> Result<(), Broken> {
        let inner = &mut *self.lock();
        match inner.chance.below(100) {
            0..8 => inner.fold_one().map(drop),
            8..11 => inner.make_searchable(),
            11..14 => {
                while inner.fold_one()? {}
                inner.make_searchable()
            }
            14..20 => inner.look(folded),
            _ => Ok(()),
        }
    }

    /// It has caught up: exactly what the directory lists is found.
    pub(super) fn agrees(&self, folded: &mut Folded) -> Result<(), Broken> {
        let inner = &mut *self.lock();
        while inner.fold_one()? {}
        inner.make_searchable()?;
        inner.clock.advance(LONGER.unsigned_abs());
        let behind = inner.following.as_ref().map(Following::behind);
        if behind != Some(None) {
            return broken(format!("I12: it has caught up and is behind: {behind:?}"));
        }
        inner.look(folded)
    }

    /// How often somebody looked.
    pub(super) fn looked(&self) -> u64 {
        self.lock().looked
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is durable, before anybody is told of it.
    pub(super) fn take(&self, applied: Applied) -> bool {
        let inner = &mut *self.lock();
        let now = inner.clock.elapsed();
        for Decided { fact, .. } in &applied.decided {
            if let Fact::Operation(header, change, _) = fact {
                let name = RecordName {
                    kind: change.kind,
                    id: change.id.clone(),
                };
                inner.changed.insert((header.agency.clone(), name), now);
            }
        }
        let shown = match inner.mutant {
            Mutant::BatchNotFolded if inner.chance.in_thousand(100) => None,
            Mutant::ShownLater => inner.late.replace(applied),
            _ => Some(applied),
        };
        match (shown, &mut inner.following) {
            (Some(applied), Some(following)) => following.take(applied),
            _ => true,
        }
    }
}

impl Inner {
    fn fold_one(&mut self) -> Result<bool, Broken> {
        let folded = self.following.as_mut().map_or(Ok(false), Following::fold);
        folded.map_err(|error| failed(&error))
    }

    fn make_searchable(&mut self) -> Result<(), Broken> {
        let following = self.following.as_mut();
        let made = following.map_or(Ok(()), Following::make_searchable);
        made.map_err(|error| failed(&error))
    }

    /// Somebody searches: what was withdrawn is not found, what is reported is shown as it is, and all that was
    /// accepted more than a second ago is found as it is now, or the answer says that it is behind.
    fn look(&mut self, folded: &Folded) -> Result<(), Broken> {
        let Some(following) = &self.following else {
            return Ok(());
        };
        self.looked += 1;
        let told = index_behind(following.behind()).is_some();
        let told = told && self.mutant != Mutant::BehindNotTold;
        let found = self.search(following, None)?;
        let known = folded.records.iter();
        let services = known.filter(|((_, name), _)| name.kind == Kind::Service);
        let mut listed = BTreeSet::new();
        for ((agency, name), (_, live, signed)) in services {
            let key = RecordKey {
                agency: agency.clone(),
                kind: Kind::Service,
                id: name.id.clone(),
            };
            let hit = found.get(&key);
            if hit.is_some() && !live {
                return broken(format!("I12: {name} of {agency} is withdrawn and found"));
            }
            listed.insert(key.clone());
            if let Some(hit) = hit {
                shows_what_is_reported(folded, &key, hit)?;
            }
            let said = record_of(&signed.bytes);
            let organization = said.as_ref().and_then(organization_of);
            let beside = organization.map(|id| {
                let name = RecordName {
                    kind: Kind::Organization,
                    id,
                };
                (agency.clone(), name)
            });
            let whole = beside.as_ref().and_then(|beside| {
                let (_, live, signed) = folded.records.get(beside)?;
                live.then(|| record_of(&signed.bytes)).flatten()
            });
            let own = (agency.clone(), name.clone());
            let just_now = [Some(&own), beside.as_ref()].into_iter().flatten();
            if told || just_now.into_iter().any(|one| self.has_just_changed(one)) {
                continue;
            }
            let Some(whole) = whole.filter(|_| *live) else {
                if hit.is_some() {
                    return broken(format!("I12: {name} of {agency} is incomplete and found"));
                }
                continue;
            };
            for value in [said, Some(whole)].iter().flatten().filter_map(value_in) {
                if hit.is_none() || !self.search(following, Some(value))?.contains_key(&key) {
                    return broken(format!(
                        "I12: {name} of {agency} says {value}, which is not found; found: {}",
                        hit.is_some()
                    ));
                }
            }
        }
        match found.keys().find(|key| !listed.contains(*key)) {
            Some(key) => broken(format!("I12: {key:?} is found and nobody published it")),
            None => Ok(()),
        }
    }

    /// Whether it changed so lately that it need not be found yet.
    fn has_just_changed(&self, record: &(AgencyId, RecordName)) -> bool {
        let since = |at: &Duration| self.clock.elapsed().saturating_sub(*at) <= BEHIND;
        self.changed.get(record).is_some_and(since)
    }

    /// What is found, of everything or of this word.
    fn search(
        &self,
        following: &Following,
        value: Option<Value>,
    ) -> Result<BTreeMap<RecordKey, Hit>, Broken> {
        let text = value.map(|value| QueryText::parse(&format!("v{value}")));
        let text = text.transpose().map_err(|error| failed(&error))?;
        let request = Request {
            text: text.flatten(),
            availability: Availability::Any,
            limit: MOST,
            ..Request::any()
        };
        let index = following.searchable().index_for(Clearance::Public);
        let answer = index.search(&request, self.clock.now());
        let hits = answer.map_err(|error| failed(&error))?.hits;
        Ok(hits.into_iter().map(|hit| (hit.key.clone(), hit)).collect())
    }
}

/// A report is shown before it is acknowledged: nothing older is shown.
fn shows_what_is_reported(folded: &Folded, key: &RecordKey, hit: &Hit) -> Result<(), Broken> {
    let in_force = folded.capacity.get(&key.agency);
    let in_force = in_force.and_then(|of| of.get(&(key.id.clone(), None)));
    let shown = hit.held.as_ref().map(|held| available(held));
    let reported = in_force.map(|(held, ..)| available(held));
    if shown.is_none() || shown == reported {
        return Ok(());
    }
    broken(format!(
        "I12: {} of {} reports {reported:?} and shows {shown:?}",
        key.id, key.agency
    ))
}

fn record_of(signed: &[u8]) -> Option<v1::Record> {
    let operation: v1::Operation = prost::Message::decode(signed).ok()?;
    operation.record
}

fn organization_of(service: &v1::Record) -> Option<LocalId> {
    match service.record.as_ref()? {
        v1::record::Record::Service(service) => LocalId::parse(&service.organization_id).ok(),
        _ => None,
    }
}

fn remove(folder: &Path) {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            unreachable!("a folder of our own is not removed: {error}")
        }
        _ => {}
    }
}

fn failed(what: &dyn std::error::Error) -> Broken {
    let why = what.source().map(ToString::to_string).unwrap_or_default();
    Broken(format!("nothing can be searched: {what}: {why}"))
}
