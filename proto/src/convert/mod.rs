//! Wire to domain and back: the one place where a message becomes a value that can be trusted.
//!
//! Outward every domain value has a `From<&Value> for v1::Message`. Inward everything is read by
//! `reading.rs`, which collects every fault of a message, each with the path of its field: start at
//! `TryFrom<v1::Record>` in `record.rs`, [`capacity::report`], [`federation::header`] or
//! [`search::query`] or [`search::bundle`]. An empty string is "not stated". Vocabulary codes and language tags that this
//! version does not know are kept; numbers of enums that it does not know are refused.
//! Nothing here looks a thing up: whether a ZIP or a record exists is others' to say.

pub mod capacity;
pub mod coverage;
pub mod federation;
pub mod feedback;
pub mod limits;
pub mod search;
pub mod time;
pub mod twice;

mod area;
mod capacity_words;
mod contact;
mod eligibility;
mod language;
mod location;
mod organization;
mod provenance;
mod reading;
mod record;
mod schedule;
mod search_words;
mod service;
mod text;
mod violations;

pub use reading::Unspecified;
pub use violations::{ERROR_DOMAIN, Violation, Violations};
