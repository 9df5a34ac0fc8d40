//! Places: ZIP, city, county, state and country to point, county and polygon, from embedded data.
//!
//! Start at [`gazetteer`], then [`Gazetteer::resolve`] for text somebody typed, or the lookups by part:
//! [`Gazetteer::zip`], [`Gazetteer::city`], [`Gazetteer::county_of`] and their neighbours.
//! [`Gazetteer::plausible`] judges coordinates that came in a feed.
//!
//! It refuses to guess: a name that fits several places is an error that lists them. County outlines
//! are for maps and counts, not for legal boundaries.

mod city;
mod city_area;
mod country;
mod county;
mod data;
mod gazetteer;
mod locality;
mod name;
mod outline;
mod plausible;
mod resolve;
mod spelling;
mod state;
mod unresolved;
mod zip;
mod zone;

pub use city::{City, Confidence};
pub use country::Country;
pub use county::County;
pub use data::Damaged;
pub use gazetteer::{Gazetteer, gazetteer};
pub use outline::Polygon;
pub use plausible::{Fault, Plausibility};
pub use state::State;
pub use unresolved::Unresolved;
pub use zip::ZipPlace;
