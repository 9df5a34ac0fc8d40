//! A reader of the change feed: a replica that believes nothing, behind a stream that ends anywhere.
//!
//! What the feed says of a fact is decided in the directory and tested there; here the feed is the journal as far as
//! it is shown, and what must hold is that nothing a reader was told is ever gone but by a restore, and that
//! wherever it resumes it ends with what the directory holds (R17).

use std::collections::BTreeMap;

use directory_server::ledger::{Fact, SignedBytes};
use jiff::Timestamp;
use referral_core::federation::{PublicKey, Purpose, Signature, operation_hash, verify};
use referral_core::id::{AgencyId, Hash, Kind, RecordKey};
use referral_proto::convert::time;
use referral_proto::replica::{InvalidFeed, Replica};
use referral_proto::v1;
use referral_proto::v1::feed_entry::Entry;
use referral_proto::v1::watch_response::Message;

use super::house::{Folded, House};
use super::truth::{Broken, broken};
use super::world::{AGENCIES, agency};

/// Reads the feed, and stops anywhere.
#[derive(Debug, Default)]
pub(super) struct Reader {
    replica: Replica,
    /// How far it has read on its stream; `None`: it has none.
    at: Option<(u64, u64)>,
    /// How often it turned away from a directory that named other keys than it knew.
    pub(super) refused: u64,
}

/// The keys of each agency, the current one last.
type Keys = BTreeMap<AgencyId, Vec<PublicKey>>;

impl Reader {
    /// Its stream breaks.
    pub(super) fn hang_up(&mut self) {
        self.at = None;
    }

    /// Reads what there is, at most `most` facts of the journal; a bookmark follows where it is `marked`.
    pub(super) fn read(&mut self, house: &House, most: usize, marked: bool) -> Result<(), Broken> {
        let since = self.at.unwrap_or_else(|| {
            let since = self.replica.resume();
            (since.generation, since.since_index)
        });
        let generation = house.generation;
        if since.0 > generation {
            return broken("R17: the directory is older than one that was seen");
        }
        let snapshot = since.0 < generation || since.1 == 0;
        let (mut messages, mut upto) = (Vec::new(), since.1);
        let keys = keys(house);
        if snapshot {
            let Some(at) = house.map().map(|map| map.look(|folded| folded.upto)) else {
                return Ok(());
            };
            upto = at;
            messages.extend(snapshot_of(house, &keys, upto));
        } else {
            let facts = house.facts_after(upto)?;
            for (index, received_at, fact) in facts.into_iter().take(most) {
                messages.extend(change(&keys, index, received_at, fact));
                upto = index;
            }
        }
        if marked || snapshot {
            messages.push(Message::Bookmark(v1::Bookmark {
                generation,
                index: upto,
            }));
        }
        self.take(messages, (generation, upto))
    }

    fn take(&mut self, messages: Vec<Message>, upto: (u64, u64)) -> Result<(), Broken> {
        let mut replica = self.replica.clone();
        for message in messages {
            let message = Some(message);
            match replica.take(v1::WatchResponse { message }) {
                Ok(()) => {}
                // A directory that was set back to before a change of keys: nothing of that is believed.
                Err(InvalidFeed::OtherKey) => {
                    self.refused += 1;
                    self.hang_up();
                    return Ok(());
                }
                Err(invalid) => return broken(format!("R17: {invalid}")),
            }
        }
        self.replica = replica;
        self.at = Some(upto);
        Ok(())
    }

    /// At the end it holds what the directory does.
    pub(super) fn agrees(&mut self, house: &House) -> Result<(), Broken> {
        let refused = self.refused;
        self.read(house, usize::MAX, true)?;
        if self.refused > refused {
            // Somebody has looked, and lets it begin again.
            *self = Self::default();
        }
        self.read(house, usize::MAX, true)?;
        let held = house.map().map(|map| map.look(|folded| held(folded)));
        let shown = self.replica.listings().into_iter();
        let shown = shown.filter(|(key, _)| key.kind == Kind::Service);
        let shown = shown.map(|(key, signed)| (key, operation_hash(&signed.bytes)));
        let shown: BTreeMap<RecordKey, Hash> = shown.collect();
        if held.as_ref() == Some(&shown) {
            Ok(())
        } else {
            broken(format!(
                "R17: a reader has {shown:?} and the directory {held:?}"
            ))
        }
    }
}

/// The services that are live.
fn held(folded: &Folded) -> BTreeMap<RecordKey, Hash> {
    let records = folded.records.iter();
    let live = records.filter(|((_, name), held)| held.1 && name.kind == Kind::Service);
    let keyed = live.map(|((agency, name), held)| {
        let key = RecordKey {
            agency: agency.clone(),
            kind: name.kind,
            id: name.id.clone(),
        };
        (key, held.0)
    });
    keyed.collect()
}

fn keys(house: &House) -> Keys {
    let of = |agency: AgencyId| {
        let keys = house.heads(|heads| {
            let head = heads.agency(&agency)?;
            let now = head.membership.as_ref()?.listing_key;
            Some(head.earlier_keys.iter().copied().chain([now]).collect())
        });
        Some((agency, keys??))
    };
    (0..AGENCIES).map(agency).filter_map(of).collect()
}

fn member(agency: &AgencyId, keys: &[PublicKey]) -> Entry {
    let (now, earlier) = keys
        .split_last()
        .map_or((Vec::new(), keys), |(now, earlier)| {
            (now.as_bytes().to_vec(), earlier)
        });
    Entry::Agency(v1::FeedAgency {
        agency_id: agency.to_string(),
        name: agency.to_string(),
        unverified: false,
        listing_key: now,
        earlier_listing_keys: earlier.iter().map(|key| key.as_bytes().to_vec()).collect(),
    })
}

fn snapshot_of(house: &House, keys: &Keys, upto: u64) -> Vec<Message> {
    let mut said: Vec<Entry> = keys
        .iter()
        .map(|(agency, keys)| member(agency, keys))
        .collect();
    if let Some(map) = house.map() {
        map.look(|folded| {
            let live = folded.records.iter().filter(|(_, held)| held.1);
            said.extend(live.filter_map(|((agency, _), held)| listing(keys, agency, &held.2)));
            for (agency, in_force) in &folded.capacity {
                let reports = in_force.values();
                said.extend(reports.filter_map(|held| capacity(keys, agency, &held.2)));
            }
        });
    }
    let begin = v1::SnapshotBegin {
        generation: house.generation,
        index: upto,
        ..v1::SnapshotBegin::default()
    };
    let entries = said.into_iter().map(|entry| v1::FeedEntry {
        entry: Some(entry),
        ..v1::FeedEntry::default()
    });
    let entries = v1::FeedEntries {
        entries: entries.collect(),
    };
    vec![Message::Snapshot(begin), Message::Entries(entries)]
}

/// What the feed says of one fact; `None`: nothing.
fn change(keys: &Keys, index: u64, received_at: Timestamp, fact: Fact) -> Option<Message> {
    let entry = match fact {
        Fact::Joined(membership) => {
            let agency = membership.agency;
            Some(member(&agency, keys.get(&agency)?))
        }
        Fact::Operation(header, _, signed) => listing(keys, &header.agency, &signed),
        Fact::Capacity(agency, _, _, signed) => capacity(keys, &agency, &signed),
        _ => None,
    };
    let entry = v1::FeedEntry {
        index,
        received_at: Some(time::to_wire(received_at)),
        beside: false,
        entry: Some(entry?),
    };
    let entries = vec![entry];
    Some(Message::Entries(v1::FeedEntries { entries }))
}

fn listing(keys: &Keys, agency: &AgencyId, signed: &SignedBytes) -> Option<Entry> {
    Some(Entry::Listing(v1::FeedListing {
        agency_id: agency.to_string(),
        listing_key: key_of(keys, agency, Purpose::Listing, signed)?,
        operation: Some(signed.clone().into()),
    }))
}

fn capacity(keys: &Keys, agency: &AgencyId, signed: &SignedBytes) -> Option<Entry> {
    Some(Entry::Capacity(v1::FeedCapacity {
        agency_id: agency.to_string(),
        listing_key: key_of(keys, agency, Purpose::Capacity, signed)?,
        report: Some(signed.clone().into()),
        ttl_s: 0,
    }))
}

/// The key of the agency that signed it.
fn key_of(
    keys: &Keys,
    agency: &AgencyId,
    purpose: Purpose,
    signed: &SignedBytes,
) -> Option<Vec<u8>> {
    let signature = Signature::try_from(signed.signature.as_slice()).ok()?;
    let mut keys = keys.get(agency)?.iter();
    let key = keys.find(|key| verify(key, purpose, &signed.bytes, &signature).is_ok())?;
    Some(key.as_bytes().to_vec())
}
