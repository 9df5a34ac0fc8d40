//! Invented parts of which synthetic networks are put together: places, names, terms, languages,
//! capacity, and the dice they are drawn with.
//!
//! [`dice`] is where everything random comes from; [`offering`] is the catalogue of services that could
//! exist and [`service`] makes one of them at a place of [`geography`]. Who publishes what is for the
//! networks to say: [`crate::network`] and [`crate::national`].
//!
//! Places are real (the gazetteer's); names, streets, telephones and addresses on the web reach nobody.
//! Figures are measured where a source is named beside them, all others are marked as assumptions.

pub(crate) mod area;
pub(crate) mod borderlands;
pub(crate) mod contact;
pub(crate) mod description;
pub(crate) mod dice;
pub(crate) mod geography;
mod kind;
pub(crate) mod language;
pub(crate) mod location;
pub(crate) mod names;
pub(crate) mod nationality;
pub(crate) mod offering;
pub(crate) mod offices;
pub(crate) mod organization;
pub(crate) mod plan;
pub(crate) mod reports;
mod schedule;
pub(crate) mod service;
pub(crate) mod terms;
pub(crate) mod words;

pub use kind::{ServiceKind, Situation};
