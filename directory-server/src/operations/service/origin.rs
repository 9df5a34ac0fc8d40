//! Where the records of a listing come from: who published them, when, who signed.

use jiff::Timestamp;
use jiff::civil::Date;
use referral_core::catalog::{Place, Provenance};
use referral_core::federation::{PublicKey, Purpose};
use referral_core::id::{Hash, Kind, LocalId, RecordKey};
use referral_core::policy::SeenListing;

use super::Directory;
use crate::store::StoreError;

/// Where one record comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Which record.
    pub of: OriginOf,
    /// When the directory received what it says now.
    pub published_at: Timestamp,
    /// When its publisher's node made the change.
    pub made_at: Timestamp,
    /// The file or system it was read from, as the publisher names it.
    pub source: Option<String>,
    /// The day a person last confirmed it.
    pub checked_on: Option<Date>,
    /// When the publisher says it last changed.
    pub modified_at: Option<Timestamp>,
    /// The first 16 hex digits of the SHA-256 of the key that signed it; none: it cannot be told which.
    pub signed_by: Option<String>,
}

/// Which record of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OriginOf {
    /// The service.
    Service,
    /// Its organization.
    Organization,
    /// A location, by its name where that may be known.
    Location(Option<String>),
}

impl Directory {
    /// Where the records of a listing come from, the service's first.
    pub(super) fn origins_of(&self, listing: &SeenListing) -> Result<Vec<Origin>, StoreError> {
        let (service, organization) = (&listing.service, &listing.organization);
        let mut origins = Vec::new();
        let of_service = (Kind::Service, &service.id, &service.provenance);
        origins.extend(self.origin(listing, OriginOf::Service, of_service)?);
        let of_organization = (
            Kind::Organization,
            &organization.id,
            &organization.provenance,
        );
        origins.extend(self.origin(listing, OriginOf::Organization, of_organization)?);
        for at in &listing.locations {
            // The source of a confidential place may name it.
            let known = match at.place {
                Place::County(_) => &Provenance {
                    source: None,
                    ..at.provenance.clone()
                },
                _ => &at.provenance,
            };
            let name = at.name.as_ref().map(ToString::to_string);
            let of = (Kind::Location, &at.id, known);
            origins.extend(self.origin(listing, OriginOf::Location(name), of)?);
        }
        Ok(origins)
    }

    fn origin(
        &self,
        listing: &SeenListing,
        of: OriginOf,
        (kind, id, provenance): (Kind, &LocalId, &Provenance),
    ) -> Result<Option<Origin>, StoreError> {
        let key = RecordKey {
            agency: listing.agency.clone(),
            kind,
            id: id.clone(),
        };
        let stored = self.store.record(&key)?;
        Ok(stored.map(|stored| {
            let signer = self.key_of(&key.agency, Purpose::Listing, &stored.signed);
            Origin {
                of,
                published_at: stored.received_at,
                made_at: stored.made_at,
                source: provenance.source.as_ref().map(ToString::to_string),
                checked_on: provenance.assured_date,
                modified_at: provenance.last_modified,
                signed_by: signer.map(|key| short(&key)),
            }
        }))
    }
}

/// What people compare a key by.
fn short(key: &PublicKey) -> String {
    let mut digits = Hash::of(&[key.as_bytes()]).to_string();
    digits.truncate(16);
    digits
}
