//! Records in the store, who refers to them, and the join that makes a listing.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use referral_core::catalog::{Listing, Location, Place, Record, Service};
use referral_core::federation::{Change, Header};
use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};
use referral_core::policy::{Clearance, SeenListing};

use super::{Store, StoreError, StoredRecord, codec, keys};
use crate::ledger::SignedBytes;

/// Changes of one batch, folded over what is stored: a batch may change one record several times.
#[derive(Debug, Default)]
pub(super) struct Changes {
    records: BTreeMap<String, Vec<u8>>,
    references: BTreeMap<RecordKey, Vec<RecordKey>>,
    edits: BTreeMap<String, bool>,
}

impl Changes {
    /// Folds one change.
    pub(super) fn record(
        &mut self,
        store: &Store,
        header: &Header,
        change: &Change,
        signed: &SignedBytes,
        received_at: Timestamp,
    ) -> Result<(), StoreError> {
        let agency = header.agency.clone();
        let key = RecordKey {
            agency,
            kind: change.kind,
            id: change.id.clone(),
        };
        let before = match self.references.remove(&key) {
            Some(references) => references,
            None => store
                .record(&key)?
                .and_then(|stored| stored.record)
                .map_or_else(Vec::new, |record| references(&key, &record)),
        };
        let after = change
            .record
            .as_ref()
            .map(|record| references(&key, record))
            .unwrap_or_default();
        for target in before {
            self.edits.insert(keys::reference(&target, &key), false);
        }
        for target in &after {
            self.edits.insert(keys::reference(target, &key), true);
        }
        self.references.insert(key.clone(), after);
        self.records
            .insert(keys::record(&key), codec::record(signed, received_at));
        Ok(())
    }

    /// Adds who refers to what to a batch; gives the records.
    pub(super) fn into_batch(self, batch: &mut sled::Batch) -> BTreeMap<String, Vec<u8>> {
        for (key, present) in self.edits {
            if present {
                batch.insert(key.into_bytes(), &[]);
            } else {
                batch.remove(key.into_bytes());
            }
        }
        self.records
    }
}

impl Store {
    /// A record, withdrawn ones too.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn record(&self, key: &RecordKey) -> Result<Option<StoredRecord>, StoreError> {
        let Some(value) = self.records.get(keys::record(key).as_bytes())? else {
            return Ok(None);
        };
        codec::read_record(&value)
            .map(Some)
            .ok_or(StoreError::Damaged("record"))
    }

    /// Every service that is not withdrawn.
    pub(crate) fn services(
        &self,
    ) -> impl Iterator<Item = Result<(RecordKey, Service), StoreError>> {
        live_services(self.records.scan(&keys::records(Kind::Service)))
    }

    /// The agencies that have published a service, withdrawn ones too.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn publishers(&self) -> Result<Vec<AgencyId>, StoreError> {
        let of = |key: &[u8]| {
            let key = keys::read_record(key).ok_or(StoreError::Damaged("record"))?;
            Ok(key.agency)
        };
        let all = keys::records(Kind::Service);
        let after = |agency: &AgencyId| keys::after_records_of(Kind::Service, agency);
        self.agencies_under(all.as_bytes(), of, after)
    }

    /// Every service of an agency that is not withdrawn, with its organization and locations; none where it is
    /// incomplete. What several refer to is read once.
    pub(crate) fn listings_of(
        &self,
        agency: &AgencyId,
    ) -> impl Iterator<Item = Result<(RecordKey, Option<Listing>), StoreError>> {
        let mut read: HashMap<RecordKey, Option<Record>> = HashMap::new();
        let mut once = move |key: &RecordKey| {
            if let Some(record) = read.get(key) {
                return Ok(record.clone());
            }
            let record = self.live(key)?;
            read.insert(key.clone(), record.clone());
            Ok(record)
        };
        let services = self.records.scan(&keys::records_of(Kind::Service, agency));
        live_services(services).map(move |service| {
            let (key, service) = service?;
            let listing = joined(&key.agency, service, &mut once)?;
            Ok((key, listing))
        })
    }

    /// The records of one kind that refer to `key`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn referrers(&self, key: &RecordKey, kind: Kind) -> Result<Vec<RecordKey>, StoreError> {
        self.each_referrer(key, kind).collect()
    }

    /// The same, one by one.
    pub(crate) fn each_referrer(
        &self,
        key: &RecordKey,
        kind: Kind,
    ) -> impl Iterator<Item = Result<RecordKey, StoreError>> + Send + use<> {
        let scan = self.tree.scan_prefix(keys::referrers_of_kind(key, kind));
        scan.map(|entry| keys::read_referrer(&entry?.0).ok_or(StoreError::Damaged("reference")))
    }

    /// A service with its organization and locations, all of it; `None` when it is withdrawn or incomplete. Nobody
    /// is shown this: see [`Store::shown`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn listing(&self, key: &RecordKey) -> Result<Option<Listing>, StoreError> {
        let said = self.listing_said(key)?;
        Ok(said.map(|(listing, _)| listing))
    }

    /// The same, with when the directory received what the service's record says now.
    pub(super) fn listing_said(
        &self,
        key: &RecordKey,
    ) -> Result<Option<(Listing, Timestamp)>, StoreError> {
        let Some(stored) = self.record(key)? else {
            return Ok(None);
        };
        let Some(Record::Service(service)) = stored.record else {
            return Ok(None);
        };
        let listing = self.joined(&key.agency, *service)?;
        Ok(listing.map(|listing| (listing, stored.received_at)))
    }

    /// A version of a service with its organization and locations as they are; `None` where it is incomplete.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn joined(
        &self,
        agency: &AgencyId,
        service: Service,
    ) -> Result<Option<Listing>, StoreError> {
        joined(agency, service, &mut |key| self.live(key))
    }

    /// Where the organization of a listing is found, as far as those know who see the listing. Read only for
    /// services that need it: those that state no location.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn organization_places(&self, listing: &SeenListing) -> Result<Vec<Place>, StoreError> {
        if !listing.service.offers.is_empty() {
            return Ok(Vec::new());
        }
        let organization = RecordKey {
            agency: listing.agency.clone(),
            kind: Kind::Organization,
            id: listing.organization.id.clone(),
        };
        let mut places = Vec::new();
        for key in self.referrers(&organization, Kind::Location)? {
            if let Some(Record::Location(location)) = self.live(&key)?
                && listing.clearance().sees(location.tier)
                && self.is_place_seen(&key, listing.clearance())?
            {
                places.push(location.place);
            }
        }
        Ok(places)
    }

    /// False for a location where all that is offered is for others.
    fn is_place_seen(
        &self,
        location: &RecordKey,
        clearance: Clearance,
    ) -> Result<bool, StoreError> {
        let mut offered = false;
        for service in self.referrers(location, Kind::Service)? {
            offered = true;
            if let Some(Record::Service(service)) = self.live(&service)?
                && clearance.sees(service.tier)
            {
                return Ok(true);
            }
        }
        Ok(!offered)
    }

    /// The organization a location belongs to, where it names one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn organization_of(&self, location: &RecordKey) -> Result<Option<RecordKey>, StoreError> {
        let Some(Record::Location(record)) = self.live(location)? else {
            return Ok(None);
        };
        let Location { organization, .. } = *record;
        Ok(organization.map(|id| RecordKey {
            agency: location.agency.clone(),
            kind: Kind::Organization,
            id,
        }))
    }

    fn live(&self, key: &RecordKey) -> Result<Option<Record>, StoreError> {
        Ok(self.record(key)?.and_then(|stored| stored.record))
    }
}

fn live_services(
    scan: impl Iterator<Item = Result<(sled::IVec, Vec<u8>), StoreError>>,
) -> impl Iterator<Item = Result<(RecordKey, Service), StoreError>> {
    scan.filter_map(|entry| {
        let (key, value) = match entry {
            Ok(entry) => entry,
            Err(error) => return Some(Err(error)),
        };
        match (keys::read_record(&key), codec::read_record(&value)) {
            (Some(key), Some(stored)) => match stored.record? {
                Record::Service(service) => Some(Ok((key, *service))),
                _ => Some(Err(StoreError::Damaged("record"))),
            },
            _ => Some(Err(StoreError::Damaged("record"))),
        }
    })
}

fn joined(
    agency: &AgencyId,
    service: Service,
    live: &mut impl FnMut(&RecordKey) -> Result<Option<Record>, StoreError>,
) -> Result<Option<Listing>, StoreError> {
    let beside = |kind, id: &LocalId| RecordKey {
        agency: agency.clone(),
        kind,
        id: id.clone(),
    };
    let organization = beside(Kind::Organization, &service.organization);
    let Some(Record::Organization(organization)) = live(&organization)? else {
        return Ok(None);
    };
    let mut locations = Vec::new();
    for offer in &service.offers {
        if let Some(Record::Location(location)) = live(&beside(Kind::Location, &offer.location))? {
            locations.push(*location);
        }
    }
    Ok(Some(Listing {
        agency: agency.clone(),
        service,
        organization: *organization,
        locations,
    }))
}

fn references(key: &RecordKey, record: &Record) -> Vec<RecordKey> {
    let to = record.references().into_iter();
    to.map(|(kind, id)| RecordKey {
        agency: key.agency.clone(),
        kind,
        id: id.clone(),
    })
    .collect()
}
