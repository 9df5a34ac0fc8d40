//! What is searched: the real directories, read by the project's own importer, or the synthetic network.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use agency_node::source::{Input, SourceError, read};
use jiff::Timestamp;
use referral_core::capacity::{Draft, Held, InvalidReport, Order, Report, ttl_for};
use referral_core::catalog::{Listing, Location, Organization, Place, Record, Service};
use referral_core::federation::Epoch;
use referral_core::id::{AgencyId, Hash, InvalidId, LocalId, RecordKey};
use referral_gazetteer::gazetteer;

use super::capacity;
use crate::network::{Branch, Network, Plan, seeded};

/// Services of the judged network: as many as the immigrant-serving network has.
const NETWORK_SERVICES: u32 = 10_000;
/// Which network it is.
const NETWORK_SEED: u64 = 1;

/// Listings that can be searched, and what was reported of their capacity.
#[derive(Debug, Default)]
pub struct Collection {
    /// The listings.
    pub published: Vec<Published>,
    /// The reports, each with its agency.
    pub reports: Vec<(AgencyId, Held)>,
}

/// A listing, and where its organization is found when it states no location itself.
#[derive(Debug)]
pub struct Published {
    /// The listing.
    pub listing: Listing,
    /// As for `Facts::of`.
    pub organization_places: Vec<Place>,
}

/// Why a collection cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum CollectionError {
    /// A file of the real data cannot be read.
    #[error("the real data cannot be read")]
    Source(#[from] SourceError),
    /// A name of a publisher is none.
    #[error("a publisher's id is not allowed")]
    Agency(#[from] InvalidId),
    /// A report that core refuses.
    #[error("a capacity report is refused")]
    Report(#[from] InvalidReport),
}

impl Collection {
    /// The three real directories under `data`, imported with the maps under `maps`. Their capacity is
    /// assumed: see the file `capacity.rs` beside this one.
    ///
    /// # Errors
    /// [`CollectionError::Source`] when a file is missing or cannot be read.
    pub fn real(data: &Path, maps: &Path, now: Timestamp) -> Result<Self, CollectionError> {
        let csv = |folder: &str, map: &str| Input::Csv {
            files: vec![data.join(folder)],
            map: maps.join(map),
        };
        let examples = data.join("hsds-3.1-examples/examples");
        let mut collection = Self::default();
        for (agency, input) in [
            ("baltimore", csv("baltimore-community", "baltimore.toml")),
            (
                "florida",
                csv("florida-legal-aid", "florida-legal-aid.toml"),
            ),
            ("hsds-json", Input::Hsds(examples.join("service_full.json"))),
            ("hsds-tabular", Input::Hsds(examples.join("csv"))),
        ] {
            let agency = AgencyId::parse(agency)?;
            let imported = read(&input, &agency, gazetteer(), now, &mut |_| ())?;
            let published = joined(&agency, imported.converted.records);
            for Published { listing, .. } in &published {
                if let Some(draft) = capacity::assumed(listing, now) {
                    let held = received(draft, &listing.service, now)?;
                    collection.reports.push((agency.clone(), held));
                }
            }
            collection.published.extend(published);
        }
        Ok(collection)
    }

    /// The real directories, looked for in `REFERRAL_DATA`, else beside the workspace; `None`, after a
    /// line on standard error, where they are not.
    ///
    /// # Errors
    /// As [`Collection::real`].
    pub fn real_if_present(now: Timestamp) -> Result<Option<Self>, CollectionError> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one way to tell tests where the real data is"
        )]
        let told = std::env::var("REFERRAL_DATA").ok().map(PathBuf::from);
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let data = told.unwrap_or_else(|| here.join("../../shared/data"));
        if !data.is_dir() {
            eprintln!("SKIPPED: no real data; set REFERRAL_DATA to its directory");
            return Ok(None);
        }
        Self::real(&data, &here.join("../agency-node/maps"), now).map(Some)
    }

    /// The synthetic network of 10,000 services, as full as it says itself.
    ///
    /// # Errors
    /// [`CollectionError::Report`]; the network makes no such report.
    pub fn network(now: Timestamp) -> Result<Self, CollectionError> {
        let plan = Plan::services(NETWORK_SERVICES);
        let network = Network::new(&plan, now, &mut seeded(NETWORK_SEED));
        let mut collection = Self::default();
        for agency in network.agencies() {
            for mut branch in network.branches(agency) {
                let drafts = std::mem::take(&mut branch.reports);
                for draft in drafts {
                    let of = |service: &&Service| service.id == draft.service;
                    if let Some(service) = branch.services.iter().find(of) {
                        let held = received(draft.clone(), service, now)?;
                        collection.reports.push((agency.id.clone(), held));
                    }
                }
                let records = Branch::into_records(branch).collect();
                collection.published.extend(joined(&agency.id, records));
            }
        }
        Ok(collection)
    }

    /// The listing of a service.
    #[must_use]
    pub fn listing(&self, service: &RecordKey) -> Option<&Listing> {
        let mut listings = self.published.iter().map(|published| &published.listing);
        listings
            .find(|listing| listing.service.id == service.id && listing.agency == service.agency)
    }

    /// A short name for what the collection holds: other names, codes or ids of services give another
    /// one, and then judgements have to be looked at again.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut lines: Vec<String> = self.published.iter().map(line).collect();
        lines.sort();
        let mut print = Hash::of(&[lines.concat().as_bytes()]).to_string();
        print.truncate(16);
        print
    }
}

/// What a judgement of a listing rests on, less its long texts.
fn line(published: &Published) -> String {
    let Published { listing, .. } = published;
    let codes = listing.service.attributes.iter();
    let codes: Vec<&str> = codes.map(|attribute| attribute.code.as_str()).collect();
    format!(
        "{}/{}\t{}\t{}\n",
        listing.agency,
        listing.service.id,
        listing.service.name,
        codes.join(",")
    )
}

/// A report as a directory would hold it that received it at `now`.
fn received(draft: Draft, service: &Service, now: Timestamp) -> Result<Held, InvalidReport> {
    let unit = draft.counts.first().map(|count| count.unit);
    let codes = service.attributes.iter().map(|attribute| &attribute.code);
    let longest = ttl_for(codes, unit);
    let epoch = Epoch {
        generation: 1,
        number: 1,
    };
    let order = Order { epoch, cseq: 1 };
    Ok(Held::receive(
        Report::parse(draft, now)?,
        order,
        longest,
        now,
    ))
}

/// The services among an agency's records, each with what it refers to. One whose organization is not
/// there is left out, as a directory does.
fn joined(agency: &AgencyId, records: Vec<Record>) -> Vec<Published> {
    let mut organizations: HashMap<LocalId, Organization> = HashMap::new();
    let mut locations: HashMap<LocalId, Location> = HashMap::new();
    let mut services: Vec<Service> = Vec::new();
    for record in records {
        match record {
            Record::Organization(one) => drop(organizations.insert(one.id.clone(), *one)),
            Record::Location(one) => drop(locations.insert(one.id.clone(), *one)),
            Record::Service(one) => services.push(*one),
        }
    }
    let mut places: HashMap<LocalId, Vec<(LocalId, Place)>> = HashMap::new();
    for location in locations.values() {
        if let Some(organization) = &location.organization {
            let of = places.entry(organization.clone()).or_default();
            of.push((location.id.clone(), location.place.clone()));
        }
    }
    for of in places.values_mut() {
        of.sort_by(|a, b| a.0.cmp(&b.0));
    }
    let listing = |service: Service| {
        let organization = organizations.get(&service.organization)?.clone();
        let at = service.offers.iter();
        let at = at.filter_map(|offer| locations.get(&offer.location).cloned());
        let organization_places = if service.offers.is_empty() {
            let of = places.get(&organization.id).into_iter().flatten();
            of.map(|(_, place)| place.clone()).collect()
        } else {
            Vec::new()
        };
        let listing = Listing {
            agency: agency.clone(),
            locations: at.collect(),
            organization,
            service,
        };
        Some(Published {
            listing,
            organization_places,
        })
    };
    services.into_iter().filter_map(listing).collect()
}
