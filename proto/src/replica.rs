//! A reader of the change feed that believes nothing: it checks every signature and every order, and keeps
//! what it was told.
//!
//! [`Replica::take`] folds one message. Of two operations on a record the one with the greater (epoch,
//! sequence number) counts, of two reports the one with the greater (epoch, counter), so that hearing
//! something twice changes nothing. Of the same operation what was heard last counts: that it is shown, or not. Nothing here knows a network or a clock.

use std::collections::BTreeMap;

use prost::Message as _;
use referral_core::catalog::{Record, Tier};
use referral_core::federation::{Change, Epoch, Header, PublicKey, Purpose, Signature, verify};
use referral_core::id::{AgencyId, Hash, Kind, LocalId, RecordKey};

use crate::convert::federation;
use crate::v1;
use crate::v1::feed_entry::Entry;
use crate::v1::watch_response::Message;

/// Why the feed is not believed. Nothing of the message counts then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFeed {
    /// A message, operation or report cannot be read.
    #[error("a {0} in the change feed cannot be read")]
    Malformed(&'static str),
    /// A signature does not fit.
    #[error("something in the change feed is not signed with its agency's key")]
    Signature,
    /// An agency has another key than before.
    #[error("the change feed gives an agency another listing key than before")]
    OtherKey,
    /// What is signed by one agency is said to be another's.
    #[error("the change feed gives one agency's record to another")]
    OtherAgency,
    /// The directory is older than one that was seen.
    #[error("the change feed is of generation {now} and generation {seen} was seen before")]
    Generation {
        /// Seen before.
        seen: u64,
        /// Of the message.
        now: u64,
    },
    /// Indexes fall, or pass a bookmark.
    #[error("the change feed is out of order: index {index} after {after}")]
    Order {
        /// Of the message.
        index: u64,
        /// What came before it.
        after: u64,
    },
}

impl InvalidFeed {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed(_) => "feed_malformed",
            Self::Signature => "feed_signature",
            Self::OtherKey => "feed_other_key",
            Self::OtherAgency => "feed_other_agency",
            Self::Generation { .. } => "feed_generation",
            Self::Order { .. } => "feed_order",
        }
    }
}

/// The place of an operation or report in its agency's log.
type Version = (Epoch, u64);

/// What the feed says of one agency.
#[derive(Clone, Debug, Default, PartialEq)]
struct Known {
    name: String,
    unverified: bool,
    /// In the order in which they came.
    keys: Vec<PublicKey>,
}

/// What the feed says of one record.
#[derive(Clone, Debug, PartialEq)]
struct Held {
    version: Version,
    /// Of the operation.
    hash: Hash,
    /// `None` once withdrawn, or public no longer.
    live: Option<(Record, v1::Signed)>,
}

/// A capacity report as the feed says it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reported {
    version: Version,
    /// What the agency signed.
    pub signed: v1::Signed,
    /// When the directory received it.
    pub received_at: Option<prost_types::Timestamp>,
    /// How long it is believed, in seconds from when it was observed.
    pub ttl_s: u32,
}

/// What a capacity report is about: agency, service, location.
pub type About = (AgencyId, LocalId, Option<LocalId>);

/// What was read of a feed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replica {
    generation: u64,
    /// The last bookmark.
    marked: u64,
    /// The greatest index heard of.
    heard: u64,
    agencies: BTreeMap<AgencyId, Known>,
    records: BTreeMap<RecordKey, Held>,
    /// Which record stands by an operation of this hash.
    by_operation: BTreeMap<Hash, RecordKey>,
    reports: BTreeMap<About, Reported>,
}

impl Replica {
    /// Where to watch from when a stream begins: from the last bookmark; all zero before the first.
    pub fn resume(&mut self) -> v1::WatchRequest {
        self.heard = self.marked;
        v1::WatchRequest {
            generation: self.generation,
            since_index: self.marked,
        }
    }

    /// Folds one message.
    ///
    /// # Errors
    /// [`InvalidFeed`]; the replica must not be used any further then.
    pub fn take(&mut self, response: v1::WatchResponse) -> Result<(), InvalidFeed> {
        match response.message.ok_or(InvalidFeed::Malformed("message"))? {
            Message::Snapshot(begin) => {
                self.same_or_later(begin.generation)?;
                // Keys stay: a directory that was set back does not get to change them.
                *self = Self {
                    generation: begin.generation,
                    heard: begin.index,
                    agencies: std::mem::take(&mut self.agencies),
                    ..Self::default()
                };
                Ok(())
            }
            Message::Entries(entries) => entries
                .entries
                .into_iter()
                .try_for_each(|entry| self.entry(entry)),
            Message::Bookmark(mark) => {
                self.same_or_later(mark.generation)?;
                let after = self.heard.max(self.marked);
                if mark.generation != self.generation || mark.index < after {
                    let index = mark.index;
                    return Err(InvalidFeed::Order { index, after });
                }
                self.marked = mark.index;
                Ok(())
            }
        }
    }

    /// The names of the agencies that are members.
    pub fn agencies(&self) -> impl Iterator<Item = (&AgencyId, &str)> {
        let agencies = self.agencies.iter();
        agencies.map(|(agency, known)| (agency, known.name.as_str()))
    }

    /// Whether an agency may not list at present, so that what it listed carries a caution.
    #[must_use]
    pub fn is_unverified(&self, agency: &AgencyId) -> bool {
        self.agencies
            .get(agency)
            .is_some_and(|known| known.unverified)
    }

    /// The services that anybody may see and what they refer to, as their agencies signed it.
    #[must_use]
    pub fn listings(&self) -> BTreeMap<RecordKey, v1::Signed> {
        let mut listings = BTreeMap::new();
        for (key, record, signed) in self.public_services() {
            listings.insert(key.clone(), signed.clone());
            for (kind, id) in record.references() {
                let beside = RecordKey {
                    agency: key.agency.clone(),
                    kind,
                    id: id.clone(),
                };
                if let Some((_, signed)) = self.live(&beside) {
                    listings.insert(beside, signed.clone());
                }
            }
        }
        listings
    }

    /// The capacity reports about services that anybody may see.
    #[must_use]
    pub fn reports(&self) -> BTreeMap<About, Reported> {
        let is_public = |about: &About| {
            let service = RecordKey {
                agency: about.0.clone(),
                kind: Kind::Service,
                id: about.1.clone(),
            };
            self.live(&service).is_some()
        };
        let reports = self.reports.iter().filter(|(about, _)| is_public(about));
        reports
            .map(|(about, reported)| (about.clone(), reported.clone()))
            .collect()
    }

    fn public_services(&self) -> impl Iterator<Item = (&RecordKey, &Record, &v1::Signed)> {
        self.records.iter().filter_map(|(key, held)| {
            let (record, signed) = held.live.as_ref()?;
            let service =
                matches!(record, Record::Service(service) if service.tier == Tier::Public);
            service.then_some((key, record, signed))
        })
    }

    fn live(&self, key: &RecordKey) -> Option<&(Record, v1::Signed)> {
        self.records.get(key)?.live.as_ref()
    }

    fn same_or_later(&self, now: u64) -> Result<(), InvalidFeed> {
        let seen = self.generation;
        if now < seen {
            return Err(InvalidFeed::Generation { seen, now });
        }
        Ok(())
    }

    fn entry(&mut self, entry: v1::FeedEntry) -> Result<(), InvalidFeed> {
        let v1::FeedEntry {
            index,
            received_at,
            entry,
            ..
        } = entry;
        // 0 is of a snapshot, which comes before everything else.
        if index != 0 {
            if index < self.heard || index <= self.marked {
                let after = self.heard.max(self.marked);
                return Err(InvalidFeed::Order { index, after });
            }
            self.heard = index;
        }
        match entry.ok_or(InvalidFeed::Malformed("entry"))? {
            Entry::Agency(agency) => self.agency(agency),
            Entry::Listing(listing) => self.listing(listing),
            Entry::Capacity(capacity) => self.capacity(capacity, received_at),
            Entry::Gone(gone) => self.gone(&gone),
        }
    }

    fn agency(&mut self, said: v1::FeedAgency) -> Result<(), InvalidFeed> {
        let id = agency_id(&said.agency_id)?;
        let keys = said.earlier_listing_keys.iter().chain([&said.listing_key]);
        let keys: Vec<PublicKey> = keys.map(|key| public_key(key)).collect::<Result<_, _>>()?;
        let known = self.agencies.entry(id).or_default();
        known.name = said.name;
        known.unverified = said.unverified;
        // A directory that lost everything knows the last key only, and takes nothing back by that.
        if keys.starts_with(&known.keys) {
            known.keys = keys;
        } else if !known.keys.ends_with(&keys) {
            return Err(InvalidFeed::OtherKey);
        }
        Ok(())
    }

    fn listing(&mut self, said: v1::FeedListing) -> Result<(), InvalidFeed> {
        let agency = agency_id(&said.agency_id)?;
        let signed = said.operation.ok_or(InvalidFeed::Malformed("operation"))?;
        self.signed_by(&agency, &said.listing_key, Purpose::Listing, &signed)?;
        let (header, change) =
            operation(&signed.bytes).ok_or(InvalidFeed::Malformed("operation"))?;
        if header.agency != agency {
            return Err(InvalidFeed::OtherAgency);
        }
        let version = (header.position.epoch, header.position.seq);
        let key = RecordKey {
            agency,
            kind: change.kind,
            id: change.id,
        };
        // The same again: it was gone and is shown again.
        let newer = |held: &Held| held.version <= version;
        if self.records.get(&key).is_none_or(newer) {
            let live = change.record.map(|record| (record, signed));
            let hash = header.position.hash;
            let held = Held {
                version,
                hash,
                live,
            };
            if let Some(before) = self.records.insert(key.clone(), held) {
                self.by_operation.remove(&before.hash);
            }
            self.by_operation.insert(hash, key);
        }
        Ok(())
    }

    fn gone(&mut self, said: &v1::FeedGone) -> Result<(), InvalidFeed> {
        let malformed = InvalidFeed::Malformed("record that is gone");
        let hash = Hash::try_from(said.operation_hash.as_slice()).map_err(|_| malformed)?;
        let key = self.by_operation.get(&hash);
        if let Some(held) = key.and_then(|key| self.records.get_mut(key)) {
            held.live = None;
        }
        Ok(())
    }

    fn capacity(
        &mut self,
        said: v1::FeedCapacity,
        received_at: Option<prost_types::Timestamp>,
    ) -> Result<(), InvalidFeed> {
        let agency = agency_id(&said.agency_id)?;
        let malformed = InvalidFeed::Malformed("report");
        let signed = said.report.ok_or(malformed)?;
        self.signed_by(&agency, &said.listing_key, Purpose::Capacity, &signed)?;
        let wire = v1::CapacityOperation::decode(signed.bytes.as_slice()).map_err(|_| malformed)?;
        let (author, order) = federation::capacity_header(&wire).map_err(|_| malformed)?;
        if author != agency {
            return Err(InvalidFeed::OtherAgency);
        }
        let report = wire.report.ok_or(malformed)?;
        let service = LocalId::parse(&report.service_id).map_err(|_| malformed)?;
        let location = match report.location_id.as_str() {
            "" => None,
            id => Some(LocalId::parse(id).map_err(|_| malformed)?),
        };
        let version = (order.epoch, order.cseq);
        let about = (agency, service, location);
        let newer = |held: &Reported| held.version <= version;
        if self.reports.get(&about).is_none_or(newer) {
            let reported = Reported {
                version,
                signed,
                received_at,
                ttl_s: said.ttl_s,
            };
            self.reports.insert(about, reported);
        }
        Ok(())
    }

    /// Checks a signature with a key the agency is known by.
    fn signed_by(
        &mut self,
        agency: &AgencyId,
        key: &[u8],
        purpose: Purpose,
        signed: &v1::Signed,
    ) -> Result<(), InvalidFeed> {
        let key = public_key(key)?;
        match self.agencies.get(agency) {
            Some(known) if !known.keys.contains(&key) => return Err(InvalidFeed::OtherKey),
            Some(_) => {}
            None => return Err(InvalidFeed::OtherAgency),
        }
        let signature = Signature::try_from(signed.signature.as_slice());
        let signature = signature.map_err(|_| InvalidFeed::Signature)?;
        verify(&key, purpose, &signed.bytes, &signature).map_err(|_| InvalidFeed::Signature)
    }
}

fn operation(bytes: &[u8]) -> Option<(Header, Change)> {
    let wire = v1::Operation::decode(bytes).ok()?;
    let header = federation::header(&wire, bytes).ok()?;
    Some((header, federation::change(wire).ok()?))
}

fn agency_id(text: &str) -> Result<AgencyId, InvalidFeed> {
    AgencyId::parse(text).map_err(|_| InvalidFeed::Malformed("agency"))
}

fn public_key(bytes: &[u8]) -> Result<PublicKey, InvalidFeed> {
    PublicKey::try_from(bytes).map_err(|_| InvalidFeed::Malformed("key"))
}
