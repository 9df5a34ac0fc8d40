//! How good is the order of search results? Searches whose best answers a person has judged, and the
//! number that says how near an index comes to them.
//!
//! Start at [`run`]. [`JudgedSet`] are the searches with their judgements, read from
//! `scenarios/judged`; [`Collection`] is what they search: the three real directories, where these are
//! at hand, or a synthetic network; [`Ndcg`] is the number. `engine.rs` is the only file that knows the
//! index.
//!
//! A change of weights or words that makes the mean fall has made the search worse for somebody whose
//! need is written down there. The judgements are never fitted to what the index shows first. Nothing
//! here asserts a figure: `cargo run -p referral-scenarios --example judged` prints it.

mod all;
mod capacity;
mod collection;
mod engine;
mod gain;
mod run;
mod set;

use jiff::Timestamp;

pub use all::all;
pub use collection::{Collection, CollectionError, Published};
pub use engine::{filled, ranked};
pub use gain::{DEPTH, Grade, Ndcg, NothingJudged};
pub use run::{JudgedError, Measured, run};
pub use set::{CollectionName, InvalidSet, Judged, JudgedSet, Said, SearchKind, Words};

/// The moment of every judged search: 1 May 2026, noon UTC. The network and all reports are of this
/// moment too.
pub const JUDGED_AT: Timestamp = Timestamp::constant(1_777_636_800, 0);
