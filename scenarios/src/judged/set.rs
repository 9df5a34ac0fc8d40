//! The judged searches: what was typed, what is needed, and whom a careful caseworker would call.
//!
//! They are read from the files in `scenarios/judged`; `README.md` there says how judgements are made.
//! Of the real directories the files hold ids only: a search for a name or telephone number says whose.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use referral_core::capacity::{Availability, InvalidState};
use referral_core::catalog::Listing;
use referral_core::id::{AgencyId, InvalidId, Kind, LocalId, RecordKey};
use referral_core::search::Query;
use serde::Deserialize;

use super::{Collection, DEPTH, Grade};

/// One file: searches of one collection.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgedSet {
    /// What is searched.
    pub collection: CollectionName,
    /// The collection they were judged on, see [`Collection::fingerprint`]; not given where ids are the
    /// publisher's own and so cannot come to mean another service.
    pub fingerprint: Option<String>,
    /// The searches.
    pub query: Vec<Judged>,
}

/// What is searched.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum CollectionName {
    /// The real directories.
    Real,
    /// The synthetic network.
    Network,
}

/// What is tried by a search.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
pub enum SearchKind {
    /// A name as published.
    Name,
    /// A telephone number.
    Phone,
    /// Everyday words.
    Words,
    /// Words with a mistake in them.
    Spelling,
    /// A need near a place.
    Need,
    /// A need and a language.
    Language,
    /// A place to be served.
    Area,
    /// A whole state.
    Statewide,
    /// A confidential place, known by its county only.
    Confidential,
    /// Help that comes by phone, video or message.
    Remote,
    /// More states of capacity than open.
    Availability,
}

/// One search with its judgements.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    /// A short name for it.
    pub id: String,
    /// What it tries.
    pub kind: SearchKind,
    /// The words.
    pub text: Option<Words>,
    /// Vocabulary codes, separated by commas.
    #[serde(default)]
    pub need: String,
    /// A place to be near.
    #[serde(default)]
    pub near: String,
    /// How far around it. Unit: miles. 0: as far as a search goes that does not say.
    #[serde(default)]
    pub radius_miles: f64,
    /// A place to be served.
    #[serde(default)]
    pub serves: String,
    /// Language tags.
    #[serde(default)]
    pub languages: Vec<String>,
    /// Which states of capacity: open, waitlist, unconfirmed, any. Empty: open.
    #[serde(default)]
    pub availability: String,
    /// What the client needs, and what makes a result good.
    pub wants: String,
    /// Services to call first, `agency/service`.
    #[serde(default)]
    pub first: Vec<String>,
    /// Good ones.
    #[serde(default)]
    pub good: Vec<String>,
    /// Those worth a call.
    #[serde(default)]
    pub worth: Vec<String>,
}

/// What was typed: words, or something that a listing says of itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Words {
    /// These words.
    Typed(String),
    /// What the listing of a service says.
    Of(Said),
}

/// Something that a listing says of itself; holds the service, `agency/service`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// The service's name.
    NameOf(String),
    /// Its organization's name.
    OrganizationOf(String),
    /// Its first telephone number, as published.
    PhoneOf(String),
    /// The same, digits only.
    DigitsOf(String),
}

/// Why the judged searches cannot be used. All are mistakes in the files.
#[derive(Debug, thiserror::Error)]
pub enum InvalidSet {
    /// A file cannot be read.
    #[error("{0} cannot be read")]
    File(PathBuf, #[source] io::Error),
    /// A file is not what it should be.
    #[error("{0} is not a set of judged searches")]
    Shape(PathBuf, #[source] Box<toml::de::Error>),
    /// A service is not written `agency/service`.
    #[error("{0}: a service is written agency/service")]
    Service(String),
    /// A part of such a name is no id.
    #[error("{0}: no id of an agency and a service")]
    Id(String, #[source] InvalidId),
    /// A service has two grades.
    #[error("{0}: {1} is judged twice")]
    Twice(String, String),
    /// An unknown availability.
    #[error("{0}: availability")]
    Availability(String, #[source] InvalidState),
    /// The network is another one than was judged.
    #[error(
        "the collection is {0}, judged was {1}: look at every judgement again, then write the new name"
    )]
    OtherCollection(String, String),
    /// The collection has no such service, or its listing does not say what is asked for.
    #[error("{0}: {1} is not in the collection, or does not say that of itself")]
    Missing(String, String),
}

impl JudgedSet {
    /// The sets in the files of `folder`, in the order of their names.
    ///
    /// # Errors
    /// [`InvalidSet::File`] and [`InvalidSet::Shape`].
    pub fn read_all(folder: &Path) -> Result<Vec<Self>, InvalidSet> {
        let unreadable = |e| InvalidSet::File(folder.to_owned(), e);
        let mut files: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            files.push(entry.map_err(unreadable)?.path());
        }
        files.retain(|file| file.extension().is_some_and(|named| named == "toml"));
        files.sort();
        files.iter().map(|file| Self::read(file)).collect()
    }

    /// That the judgements are about `collection`: every service is in it, once a search, and the
    /// fingerprint, where there is one, is its own.
    ///
    /// # Errors
    /// [`InvalidSet`], for the first that is wrong.
    pub fn check(&self, collection: &Collection) -> Result<(), InvalidSet> {
        if let Some(judged) = &self.fingerprint {
            let found = collection.fingerprint();
            if found != *judged {
                return Err(InvalidSet::OtherCollection(found, judged.clone()));
            }
        }
        for judged in &self.query {
            for (service, _) in judged.grades()? {
                if collection.listing(&service).is_none() {
                    let named = format!("{}/{}", service.agency, service.id);
                    return Err(InvalidSet::Missing(judged.id.clone(), named));
                }
            }
        }
        Ok(())
    }

    fn read(file: &Path) -> Result<Self, InvalidSet> {
        let text = fs::read_to_string(file).map_err(|e| InvalidSet::File(file.to_owned(), e))?;
        toml::from_str(&text).map_err(|e| InvalidSet::Shape(file.to_owned(), Box::new(e)))
    }
}

impl Judged {
    /// The services judged, each with its grade.
    ///
    /// # Errors
    /// [`InvalidSet`] for a malformed name and for a service named twice.
    pub fn grades(&self) -> Result<Vec<(RecordKey, Grade)>, InvalidSet> {
        let lists = [
            (&self.first, Grade::First),
            (&self.good, Grade::Good),
            (&self.worth, Grade::Worth),
        ];
        let mut seen = BTreeSet::new();
        let mut grades = Vec::new();
        for (services, grade) in lists {
            for service in services {
                if !seen.insert(service) {
                    return Err(InvalidSet::Twice(self.id.clone(), service.clone()));
                }
                grades.push((service_key(service)?, grade));
            }
        }
        Ok(grades)
    }

    /// The search as it is typed, asking for one page of [`DEPTH`].
    ///
    /// # Errors
    /// [`InvalidSet::Availability`], and [`InvalidSet::Missing`] for a name or number of a service that
    /// `collection` does not have.
    pub fn query(&self, collection: &Collection) -> Result<Query, InvalidSet> {
        let availability = match self.availability.as_str() {
            "" => Availability::Open,
            named => Availability::parse(named)
                .map_err(|e| InvalidSet::Availability(self.id.clone(), e))?,
        };
        Ok(Query {
            need: self.need.clone(),
            text: self.words(collection)?,
            near: self.near.clone(),
            radius_miles: self.radius_miles,
            serves: self.serves.clone(),
            languages: self.languages.clone(),
            availability,
            limit: u32::try_from(DEPTH).unwrap_or(u32::MAX),
            ..Query::default()
        })
    }

    fn words(&self, collection: &Collection) -> Result<String, InvalidSet> {
        let said = match &self.text {
            None => return Ok(String::new()),
            Some(Words::Typed(words)) => return Ok(words.clone()),
            Some(Words::Of(said)) => said,
        };
        let service = said.service();
        let listing = collection.listing(&service_key(service)?);
        let words = listing.and_then(|listing| said.words(listing));
        words.ok_or_else(|| InvalidSet::Missing(self.id.clone(), service.to_owned()))
    }
}

impl Said {
    fn service(&self) -> &str {
        match self {
            Self::NameOf(service)
            | Self::OrganizationOf(service)
            | Self::PhoneOf(service)
            | Self::DigitsOf(service) => service,
        }
    }

    fn words(&self, listing: &Listing) -> Option<String> {
        let phones = listing.service.phones.iter();
        let mut phones = phones.chain(&listing.organization.phones);
        let mut phone = || Some(phones.next()?.number.as_str().to_owned());
        match self {
            Self::NameOf(_) => Some(listing.service.name.as_str().to_owned()),
            Self::OrganizationOf(_) => Some(listing.organization.name.as_str().to_owned()),
            Self::PhoneOf(_) => phone(),
            Self::DigitsOf(_) => {
                let digits = |number: String| number.chars().filter(char::is_ascii_digit).collect();
                phone().map(digits)
            }
        }
    }
}

/// Reads `agency/service`.
fn service_key(written: &str) -> Result<RecordKey, InvalidSet> {
    let invalid = |e| InvalidSet::Id(written.to_owned(), e);
    let (agency, service) = written
        .split_once('/')
        .ok_or_else(|| InvalidSet::Service(written.to_owned()))?;
    Ok(RecordKey {
        agency: AgencyId::parse(agency).map_err(invalid)?,
        kind: Kind::Service,
        id: LocalId::parse(service).map_err(invalid)?,
    })
}
