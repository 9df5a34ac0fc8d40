//! Taking a snapshot in: the heads always, the store where it is behind.

use jiff::Timestamp;

use super::SnapshotError;
use super::file::Item;
use super::folder::Snapshot;
use crate::history::{Change, Subject};
use crate::ledger::chronicle;
use crate::ledger::fact;
use crate::ledger::heads::Heads;
use crate::ledger::open::OpenError;
use crate::store::{Restored, Store};

/// The heads as of the snapshot's index, and when the last journal record it holds was received.
pub(in crate::ledger) fn heads(snapshot: &Snapshot) -> Result<(Heads, Timestamp), SnapshotError> {
    let mut heads = Heads::default();
    let mut reader = snapshot.read()?;
    while let Some(item) = reader.next()? {
        match item {
            Item::Agency(agency) => {
                let head = agency.read().ok_or_else(|| reader.newer())?;
                heads.restore_agency(head);
            }
            Item::Record(record) => {
                let signed = record.signed();
                let read = signed.and_then(|(signed, received_at)| {
                    let (header, change) = fact::operation(&signed)?;
                    Some((header, change, signed.bytes, received_at))
                });
                let (header, change, bytes, at) = read.ok_or_else(|| reader.newer())?;
                heads.restore_record(&header, &change, (&bytes, at));
            }
            Item::Capacity(capacity) if capacity.was_early(&heads) => {
                let (agency, held, _, at) = capacity.held().ok_or_else(|| reader.newer())?;
                heads.restore_report(&agency, &held, at);
            }
            Item::Capacity(_) => {}
        }
    }
    let received_at = Timestamp::from_microsecond(reader.header.received_at_us);
    let received_at = received_at.map_err(|_| reader.damaged("its time is out of range"))?;
    Ok((heads, received_at))
}

/// What stands in the snapshot, as changes of the history. Reports of an agency come in the order in which it
/// made them: a later one about a whole service ends those about its locations.
pub(in crate::ledger) fn changes(
    snapshot: &Snapshot,
) -> Result<Vec<(Subject, Change)>, SnapshotError> {
    let mut reader = snapshot.read()?;
    let (mut changes, mut reports) = (Vec::new(), Vec::new());
    while let Some(item) = reader.next()? {
        match item {
            Item::Agency(_) => {}
            Item::Record(record) => {
                let listed = record.signed().and_then(|(signed, _)| {
                    let (header, operation) = fact::operation(&signed)?;
                    Some(chronicle::listed(&header, &operation))
                });
                changes.push(listed.ok_or_else(|| reader.newer())?);
            }
            Item::Capacity(capacity) => {
                let (agency, held, ..) = capacity.held().ok_or_else(|| reader.newer())?;
                reports.push((held.order, chronicle::reported(&agency, &held)));
            }
        }
    }
    reports.sort_by_key(|(order, _)| *order);
    changes.extend(reports.into_iter().map(|(_, change)| change));
    Ok(changes)
}

/// Brings a store that is behind the snapshot, or empty, up to it.
pub(in crate::ledger) fn fold_into_store(
    snapshot: &Snapshot,
    store: &Store,
) -> Result<(), OpenError> {
    let mut reader = snapshot.read()?;
    let mut restoring = store.restoring()?;
    while let Some(item) = reader.next()? {
        let restored = match item {
            Item::Agency(_) => continue,
            Item::Record(record) => record.signed().and_then(|(signed, received_at)| {
                let (header, change) = fact::operation(&signed)?;
                Some(Restored::Record(header, change, signed, received_at))
            }),
            Item::Capacity(capacity) => capacity.held().map(|(agency, held, signed, at)| {
                Restored::Capacity(agency, Box::new(held), signed, at)
            }),
        };
        let restored = restored.ok_or_else(|| reader.newer())?;
        restoring.take(restored)?;
    }
    Ok(restoring.finish(snapshot.index)?)
}
