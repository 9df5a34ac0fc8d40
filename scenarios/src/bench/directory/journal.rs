//! The journal of a directory to which every service was published, written without a federation.
//!
//! It holds operations and capacity reports as the federation leaves them, and no memberships: nobody
//! goes on publishing. Signatures are empty: they are checked when operations come in, not when the
//! journal is read.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use directory_server::ledger::{Fact, SignedBytes};
use jiff::Timestamp;
use prost::Message;
use referral_core::capacity::{Draft, Held, Order, Report};
use referral_core::catalog::{Location, Place, Provenance, Record, Tier};
use referral_core::federation::{
    Ancestry, Chain, Change, Earlier, Epoch, Header, Position, operation_hash,
};
use referral_core::id::{AgencyId, LocalId, RecordKey};
use referral_core::text::Text;
use referral_journal::{Entry, FileStorage, Journal, Options};
use referral_proto::convert::federation::{capacity_operation, operation};

use crate::national::Published;

/// Bytes that are appended together.
const BATCH_BYTES: usize = 4 << 20;
/// The epoch of every agency.
pub(super) const EPOCH: Epoch = Epoch {
    generation: 1,
    number: 1,
};

/// A journal in the making.
#[derive(Debug)]
pub(super) struct Writer {
    journal: Journal<FileStorage>,
    now: Timestamp,
    chains: HashMap<AgencyId, Chain>,
    /// Organizations, locations and offices that are in it, by their public ids.
    known: HashSet<u128>,
    waiting: Vec<Waiting>,
    bytes: usize,
}

/// A record of the journal that is not written yet.
#[derive(Debug)]
struct Waiting {
    received_at: Timestamp,
    kind: u8,
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty journal in `dir`, which exists.
    pub(super) fn new(dir: &Path, now: Timestamp) -> anyhow::Result<Self> {
        let options = Options {
            generation: 1,
            ..Options::default()
        };
        let (journal, _) = Journal::open(FileStorage::new(dir), options)?;
        Ok(Self {
            journal,
            now,
            chains: HashMap::new(),
            known: HashSet::new(),
            waiting: Vec::new(),
            bytes: 0,
        })
    }

    /// Publishes a service with what it refers to, and the reports about it.
    pub(super) fn put(&mut self, one: &Published) -> anyhow::Result<()> {
        let listing = &one.listing;
        let agency = &listing.agency;
        self.once(
            agency,
            Record::Organization(Box::new(listing.organization.clone())),
        );
        for location in &listing.locations {
            self.once(agency, Record::Location(Box::new(location.clone())));
        }
        for (number, place) in (1..).zip(&one.places) {
            let office = office(&listing.organization.id, number, place)?;
            self.once(agency, Record::Location(Box::new(office)));
        }
        self.publish(agency, Record::Service(Box::new(listing.service.clone())));
        for held in &one.held {
            self.report(agency, draft(held), held.order, self.now)?;
        }
        Ok(())
    }

    /// Reports capacity, received at `at`; `order` is after that of every report of the agency before.
    pub(super) fn report(
        &mut self,
        agency: &AgencyId,
        draft: Draft,
        order: Order,
        at: Timestamp,
    ) -> anyhow::Result<()> {
        let report = Report::parse(draft, at)?;
        let said = capacity_operation(agency, order, &report, &Earlier::default());
        let signed = signed(said.encode_to_vec());
        let report = Box::new(report);
        self.wait(&Fact::Capacity(agency.clone(), order, report, signed), at);
        if self.bytes > BATCH_BYTES {
            self.append()?;
        }
        Ok(())
    }

    /// Writes what waits.
    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        self.append()
    }

    fn once(&mut self, agency: &AgencyId, record: Record) {
        let key = RecordKey {
            agency: agency.clone(),
            kind: record.kind(),
            id: record.id().clone(),
        };
        if self.known.insert(key.public_id().as_u128()) {
            self.publish(agency, record);
        }
    }

    fn publish(&mut self, agency: &AgencyId, record: Record) {
        let chain = self.chains.entry(agency.clone());
        let chain = chain.or_insert_with(|| Chain::start(EPOCH));
        let change = Change {
            kind: record.kind(),
            id: record.id().clone(),
            base: None,
            made_at: self.now,
            record: Some(record),
            for_good: false,
            ancestors: Ancestry::default(),
        };
        let bytes = operation(agency, chain, &change).encode_to_vec();
        let header = Header {
            agency: agency.clone(),
            position: Position {
                epoch: EPOCH,
                seq: chain.applied + 1,
                prev_head: chain.head,
                hash: operation_hash(&bytes),
            },
        };
        *chain = chain.followed_by(header.position.hash);
        let fact = Fact::Operation(header, Box::new(change), signed(bytes));
        self.wait(&fact, self.now);
    }

    fn wait(&mut self, fact: &Fact, received_at: Timestamp) {
        let (kind, bytes) = fact.encode();
        self.bytes += bytes.len();
        self.waiting.push(Waiting {
            received_at,
            kind,
            bytes,
        });
    }

    fn append(&mut self) -> anyhow::Result<()> {
        let entries: Vec<Entry<'_>> = self
            .waiting
            .iter()
            .map(|one| Entry {
                received_at_us: one.received_at.as_microsecond(),
                kind: one.kind,
                bytes: &one.bytes,
            })
            .collect();
        if !entries.is_empty() {
            self.journal.append(&entries)?;
        }
        self.waiting.clear();
        self.bytes = 0;
        Ok(())
    }
}

/// What was said in a report. One without numbers does not say its unit, which the directory would go by.
#[must_use]
pub fn draft(held: &Held) -> Draft {
    Draft {
        ttl: Some(held.ttl),
        ..held.report.said().clone()
    }
}

fn signed(bytes: Vec<u8>) -> SignedBytes {
    SignedBytes {
        bytes,
        signature: vec![0; 64],
    }
}

/// A place of an organization at which none of its services is offered.
fn office(organization: &LocalId, number: u32, place: &Place) -> anyhow::Result<Location> {
    let id = format!("office-{number}-of-{organization}");
    Ok(Location {
        id: LocalId::from_source(&id),
        source_id: Text::parse(&id)?,
        organization: Some(organization.clone()),
        name: None,
        alternate_name: None,
        description: None,
        transportation: None,
        url: None,
        place: place.clone(),
        phones: Vec::new(),
        languages: Vec::new(),
        schedules: Vec::new(),
        tier: Tier::Public,
        accessibility: Vec::new(),
        contacts: Vec::new(),
        provenance: Provenance::default(),
    })
}
