//! Bringing everything that is folded from the journal up to its end, once, at the start.

use std::collections::{BTreeSet, HashSet};
use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use jiff::Timestamp;
use referral_core::id::{AgencyId, Kind, RecordKey};
use referral_journal::{Archive, Storage};
use tracing::warn;

use super::applier::{Applier, ApplyError, changed};
use super::fact::Fact;
use super::heads::{Decided, Heads, Undo};
use super::judge;
use super::open::OpenError;
use super::snapshot::{self, Folder, Snapshot};
use super::warm::{Warm, touches};
use super::writer::Applied;

/// Journal records folded into the store at once.
const CHUNK: usize = 250;

pub(super) struct Replayed {
    pub(super) heads: Heads,
    /// They came from the tips beside the snapshot.
    pub(super) from_tips: bool,
    /// Records that changed after what the index has seen.
    pub(super) changed: BTreeSet<RecordKey>,
    /// Agencies of which what is listed or shown may have changed after the rows were kept.
    pub(super) touched: HashSet<AgencyId>,
    pub(super) last_received: Timestamp,
}

/// Takes the snapshot and the journal after it in: heads are folded from all of that, store and history from
/// where they stopped.
///
/// * `indexed` — what the words of the index have reached.
/// * `kept` — what the rows were kept at, where there are any.
pub(super) fn replay<S: Storage>(
    journal: &Archive<S>,
    (snapshots, snapshot): (&Folder, Option<&Snapshot>),
    applier: &Applier,
    (indexed, kept): (Option<u64>, Option<u64>),
) -> Result<Replayed, OpenError> {
    // Without its history, a journal that is whole is folded from its beginning.
    let whole = journal.first_index() == 1;
    let snapshot =
        snapshot.filter(|snapshot| !whole || applier.chronicle.reached() >= snapshot.index);
    let (heads, last_received, from_tips) = match snapshot {
        None => (Heads::default(), Timestamp::UNIX_EPOCH, false),
        Some(snapshot) => take_in(snapshots, snapshot, applier)?,
    };
    let in_snapshot = snapshot.map_or(0, |snapshot| snapshot.index);
    let folded = applier.store.folded().min(applier.chronicle.reached());
    let mut replayed = Replayed {
        heads,
        from_tips,
        changed: BTreeSet::new(),
        touched: HashSet::new(),
        last_received,
    };
    let (mut chunk, mut generation) = (Chunk::default(), 0);
    let mut undo = Undo::default();
    let indexed = indexed.unwrap_or(in_snapshot);
    let kept = kept.unwrap_or(indexed);
    for record in journal.read_from(kept.min(indexed).min(in_snapshot) + 1)? {
        let record = record?;
        let received_at =
            Timestamp::from_microsecond(record.received_at_us).unwrap_or(replayed.last_received);
        let fact = Fact::decode(record.kind, &record.bytes)?;
        if record.index > indexed {
            replayed.changed.extend(changed(&fact));
        }
        if record.index > kept {
            replayed.touched.extend(touches(&fact).cloned());
        }
        if record.index <= in_snapshot {
            continue;
        }
        replayed.last_received = received_at;
        if record.index.is_multiple_of(CHUNK as u64) {
            // Nothing is ever taken back here; kept for a while, it spares copies of what was before.
            undo = Undo::default();
        }
        let decided = replayed.heads.decide(fact, received_at, &mut undo);
        if record.index <= folded {
            continue;
        }
        if chunk.facts >= CHUNK || generation != record.generation {
            chunk.fold(applier)?;
        }
        if generation != record.generation {
            generation = record.generation;
            if record.index > applier.chronicle.reached() {
                applier.chronicle.begin_generation(generation, received_at);
            }
        }
        chunk.add(record.index, received_at, decided);
    }
    chunk.fold(applier)?;
    Ok(replayed)
}

/// Records of the journal that are folded into store and history at once.
#[derive(Default)]
struct Chunk {
    facts: usize,
    /// Those that were received at one moment together, in order.
    applied: Vec<Applied>,
}

impl Chunk {
    fn add(&mut self, index: u64, received_at: Timestamp, decided: Decided) {
        self.facts += 1;
        if let Some(last) = self.applied.last_mut()
            && last.received_at == received_at
        {
            last.last_index = index;
            last.decided.push(decided);
            return;
        }
        self.applied.push(Applied {
            last_index: index,
            received_at,
            decided: vec![decided],
        });
    }

    fn fold(&mut self, applier: &Applier) -> Result<(), OpenError> {
        let Self { applied, .. } = std::mem::take(self);
        let together: Vec<&Applied> = applied.iter().collect();
        Ok(applier.fold_store(&together)?)
    }
}

/// Brings store and history up to a snapshot; gives its heads, the time of its last record, and whether its tips were
/// enough.
fn take_in(
    snapshots: &Folder,
    snapshot: &Snapshot,
    applier: &Applier,
) -> Result<(Heads, Timestamp, bool), OpenError> {
    let of_tips = snapshot::heads_of_tips(snapshots, snapshot);
    let from_tips = of_tips.is_some();
    let (heads, last_received) = of_tips.map_or_else(|| snapshot::heads(snapshot), Ok)?;
    let index = snapshot.index;
    if applier.store.folded() < index {
        snapshot::fold_into_store(snapshot, &applier.store)?;
    }
    if applier.chronicle.reached() < index {
        let all = snapshot::changes(snapshot)?;
        warn!("the history before journal record {index} is lost; it goes on from there");
        let all = all.into_iter();
        applier.chronicle.jump(index, last_received, all);
    }
    Ok((heads, last_received, from_tips))
}

/// Does something with each, several at once: what the start takes longest for is to read every record.
fn each_on_all_cores<T: Sync>(
    all: &[T],
    each: impl Fn(&T) -> Result<(), ApplyError> + Sync,
) -> Result<(), ApplyError> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            each(one)?;
        }
        Ok(())
    };
    thread::scope(|threads| {
        let others: Vec<_> = (1..cores).map(|_| threads.spawn(work)).collect();
        let done = others.into_iter().map(|other| {
            let ended = other.join();
            ended.unwrap_or_else(|panic| resume_unwind(panic))
        });
        std::iter::once_with(work).chain(done).collect()
    })
}

/// Fills the rows of the index: from those that were kept, the others from the store. Its text only where it is missing
/// or behind. Gives of how many agencies the listings were read; `None`: of all.
pub(super) fn fill_index(
    applier: &mut Applier,
    warm: Option<Warm>,
    intact: bool,
    replayed: &Replayed,
    last: u64,
) -> Result<Option<usize>, OpenError> {
    let behind = applier.services_of(&replayed.changed)?;
    let store = Arc::clone(&applier.store);
    let left = warm.and_then(|warm| warm.bring_back(&replayed.touched));
    let fill = |agency: &AgencyId| {
        for service in store.listings_of(agency) {
            match service? {
                (service, Some(listing)) if intact && !behind.contains(&service) => {
                    applier.restore_listing(&listing)?;
                }
                (service, listing) => applier.index_listing(&service, listing)?,
            }
        }
        Ok(())
    };
    let read = left.as_ref().map(BTreeSet::len);
    let agencies = left.map_or_else(|| store.publishers(), |left| Ok(left.into_iter().collect()));
    each_on_all_cores(&agencies?, fill)?;
    for service in &behind {
        if store.listing(service)?.is_none() {
            applier.index_service(service)?;
        }
    }
    report_all(applier, &replayed.heads)?;
    failpoint!("open.index_filled");
    applier.commit_at(last)?;
    Ok(read)
}

/// Shows every report in force. A store that was rebuilt holds those that came before their service as they came: they
/// are shortened to what its codes allow.
fn report_all(applier: &Applier, heads: &Heads) -> Result<(), ApplyError> {
    let store = &applier.store;
    each_on_all_cores(&store.reporters()?, |agency| {
        let mut too_long = BTreeSet::new();
        for held in store.capacities_of(agency) {
            let held = held?;
            if held.ttl > judge::longest_ttl(heads, agency, &held.report) {
                too_long.insert(held.report.said().service.clone());
            }
            applier.report(agency, held);
        }
        for id in too_long {
            applier.shorten_capacities_of(&RecordKey {
                agency: agency.clone(),
                kind: Kind::Service,
                id,
            })?;
        }
        Ok(())
    })
}
