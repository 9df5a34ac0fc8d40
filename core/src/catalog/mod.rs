//! What an agency publishes: organizations, locations and services, in the nouns of HSDS 3.1.
//!
//! [`Organization`], [`Location`] and [`Service`] are the three kinds of record; a [`Record`] is one of
//! them. A service is offered at locations ([`Offer`], HSDS `service_at_location`). [`Listing`] is a
//! service joined with its organization and locations: what search finds and pages show.
//! Every value here is valid by construction: parts are parsed by their own types.

pub mod age;
mod area;
mod category;
mod contact;
mod eligibility;
mod language;
mod language_name;
mod listing;
mod location;
mod organization;
mod provenance;
mod schedule;
mod service;
mod tiers;

pub use area::{Area, Cover, ServiceArea};
pub use category::{Category, InvalidCategory, needed};
pub use contact::{Contact, EmailAddress, InvalidContact, Phone, PhoneNumber, WebUrl};
pub use eligibility::{Effect, Field, Rule, Values};
pub use language::{InvalidLanguage, Language, LanguageMode, LanguageTag};
pub use language_name::english_name;
pub use listing::{Listing, Record};
pub use location::{Accessibility, Address, Basis, Location, Place};
pub use organization::{Funding, Organization, OrganizationIdentifier, Program};
pub use provenance::{Provenance, Tier};
pub use schedule::{Frequency, Schedule};
pub use service::{Attribute, CostOption, Credential, Offer, RequiredDocument, Service};
pub use tiers::{Part, Tiers};
