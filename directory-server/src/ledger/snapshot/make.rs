//! Making the next snapshot: the newest one and the journal after it, folded by a reader of its own.
//!
//! What the journal adds is held in memory, the rest passes through: old and new are merged in their common
//! order. A long journal is folded in several rounds.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use referral_core::id::RecordKey;
use referral_journal::{Archive, Storage};
use tracing::warn;

use super::file::{Item, Reader, Summary, Writer};
use super::folder::{Folder, Snapshot};
use super::item::{Agency, Capacity, CapacityOrder, Header, Record, RecordOrder};
use super::{SnapshotError, restore, tips};
use crate::ledger::applier::changed;
use crate::ledger::fact::Fact;
use crate::ledger::heads::{Decided, Heads, Undo};

/// How much of the journal one round folds. Unit: bytes.
pub(super) const ROUND: u64 = 64 << 20;

/// What the journal says after a snapshot.
#[derive(Default)]
struct Tail {
    records: BTreeMap<RecordOrder, Record>,
    /// Those that were dropped: none.
    capacities: BTreeMap<CapacityOrder, Option<Capacity>>,
}

/// Folds the journal into a snapshot of its record `up_to`, in rounds of about `round` bytes. `None`: the
/// newest one stands for that already.
pub(super) fn make<S: Storage>(
    folder: &Folder,
    archive: &Archive<S>,
    (up_to, round): (u64, u64),
    stop: &AtomicBool,
) -> Result<Option<Snapshot>, SnapshotError> {
    let mut newest = folder.newest_of(archive)?;
    let (mut heads, mut at) = match &newest {
        None => (Heads::default(), Header::default()),
        Some(snapshot) => (restore::heads(snapshot)?.0, snapshot.read()?.header),
    };
    let mut made = None;
    while at.index < up_to {
        let tail = Tail::read(archive, &mut heads, &mut at, (up_to, round), stop)?;
        let written = write(folder, newest.as_ref(), &heads, tail, at, stop);
        let finished = written.and_then(|written| folder.finish(&written));
        let Ok(snapshot) = &finished else {
            folder.remove_aside()?;
            return finished.map(Some);
        };
        newest = Some(snapshot.clone());
        made.clone_from(&newest);
    }
    if let Some(made) = &made {
        write_tips(folder, made, &heads, stop);
    }
    Ok(made)
}

/// Makes the tips of the newest snapshot anew.
pub(super) fn renew_tips(folder: &Folder, stop: &AtomicBool) -> Result<(), SnapshotError> {
    if let Some(newest) = folder.newest()? {
        write_tips(folder, &newest, &restore::heads(&newest)?.0, stop);
    }
    Ok(())
}

/// A snapshot without tips is as good: the next start takes longer.
fn write_tips(folder: &Folder, snapshot: &Snapshot, heads: &Heads, stop: &AtomicBool) {
    match tips::write(folder, snapshot, heads, stop) {
        Ok(()) | Err(SnapshotError::Stopped) => {}
        Err(error) => {
            warn!(error.type = error.code(), "the tips of a snapshot were not written: {error}");
        }
    }
}

impl Tail {
    /// Folds the journal after `at` into `heads`, moves `at`, and keeps what a snapshot holds of it.
    fn read<S: Storage>(
        archive: &Archive<S>,
        heads: &mut Heads,
        at: &mut Header,
        (up_to, round): (u64, u64),
        stop: &AtomicBool,
    ) -> Result<Self, SnapshotError> {
        let (mut tail, mut undo, mut bytes) = (Self::default(), Undo::default(), 0);
        for record in archive.read_from(at.index + 1)? {
            let record = record?;
            go_on(stop)?;
            *at = Header::of(&record);
            let received_at = Timestamp::from_microsecond(record.received_at_us);
            let received_at = received_at.unwrap_or(Timestamp::UNIX_EPOCH);
            let fact = Fact::decode(record.kind, &record.bytes)?;
            tail.take(&heads.decide(fact, received_at, &mut undo), received_at);
            bytes += record.bytes.len() as u64;
            if record.index >= up_to || bytes >= round {
                break;
            }
            if record.index.is_multiple_of(1_000) {
                undo = Undo::default();
            }
        }
        Ok(tail)
    }

    fn take(&mut self, decided: &Decided, received_at: Timestamp) {
        match &decided.fact {
            Fact::Operation(_, _, signed) => {
                if let Some(key) = changed(&decided.fact) {
                    let record = Record::of(&key, signed, received_at);
                    let RecordKey { agency, kind, id } = key;
                    self.records.insert((kind, agency, id), record);
                }
            }
            Fact::Capacity(agency, _, _, signed) => {
                if let Some(held) = &decided.held {
                    let capacity = Capacity::of(agency, held, signed, received_at);
                    self.capacities.insert(capacity.order(), Some(capacity));
                }
            }
            Fact::CapacityDropped(agency, dropped) => {
                let dropped = dropped
                    .iter()
                    .map(|one| (Capacity::named(agency, one), None));
                self.capacities.extend(dropped);
            }
            _ => {}
        }
    }

    /// Writes what comes before a record of the older snapshot, and that record unless it has changed.
    fn records_up_to(&mut self, old: &Record, writer: &mut Writer) -> Result<bool, SnapshotError> {
        let Some(order) = old.order() else {
            return Ok(false);
        };
        while let Some(first) = self.records.first_entry() {
            if *first.key() > order {
                break;
            }
            let is_it = *first.key() == order;
            writer.record(first.get())?;
            first.remove();
            if is_it {
                return Ok(true);
            }
        }
        writer.record(old)?;
        Ok(true)
    }

    fn capacities_up_to(
        &mut self,
        old: Capacity,
        heads: &Heads,
        writer: &mut Writer,
    ) -> Result<(), SnapshotError> {
        let order = old.order();
        while let Some(first) = self.capacities.first_entry() {
            if *first.key() > order {
                break;
            }
            let is_it = *first.key() == order;
            if let Some(capacity) = first.remove() {
                writer.capacity(&capacity.known_to(heads))?;
            }
            if is_it {
                return Ok(());
            }
        }
        writer.capacity(&old.known_to(heads))
    }

    fn rest_of_records(&mut self, writer: &mut Writer) -> Result<(), SnapshotError> {
        for record in std::mem::take(&mut self.records).values() {
            writer.record(record)?;
        }
        Ok(())
    }
}

fn write(
    folder: &Folder,
    older: Option<&Snapshot>,
    heads: &Heads,
    mut tail: Tail,
    header: Header,
    stop: &AtomicBool,
) -> Result<Summary, SnapshotError> {
    let mut writer = folder.begin(header)?;
    let mut agencies: Vec<_> = heads.agencies().collect();
    agencies.sort_unstable_by_key(|(agency, _)| *agency);
    for (_, head) in agencies {
        writer.agency(&Agency::of(head))?;
    }
    if let Some(older) = older {
        merge(older.read()?, &mut tail, heads, &mut writer, stop)?;
    }
    tail.rest_of_records(&mut writer)?;
    for capacity in tail.capacities.into_values().flatten() {
        writer.capacity(&capacity.known_to(heads))?;
    }
    writer.finish()
}

fn merge(
    mut older: Reader,
    tail: &mut Tail,
    heads: &Heads,
    writer: &mut Writer,
    stop: &AtomicBool,
) -> Result<(), SnapshotError> {
    while let Some(item) = older.next()? {
        go_on(stop)?;
        match item {
            Item::Agency(_) => {}
            Item::Record(record) => {
                if !tail.records_up_to(&record, writer)? {
                    return Err(older.damaged("a record's name is unreadable"));
                }
            }
            Item::Capacity(capacity) => {
                tail.rest_of_records(writer)?;
                tail.capacities_up_to(capacity, heads, writer)?;
            }
        }
    }
    Ok(())
}

pub(super) fn go_on(stop: &AtomicBool) -> Result<(), SnapshotError> {
    if stop.load(Ordering::Relaxed) {
        return Err(SnapshotError::Stopped);
    }
    Ok(())
}
