//! What a caseworker asks, which offers answer it, in what order and why.
//!
//! [`Request`] is the question. [`Facts`] is what matching knows of one service; [`judge`] decides
//! whether an offer answers, [`matches`](fn@matches) collects the [`Reason`]s, [`score`] and [`Order`]
//! put answers in order, [`Facets`] count them, and a [`NearMiss`] says what would help where there are
//! few. [`scan`] does all of it the plain way. These are the meaning of search: an index may be
//! faster, never different.

mod bundle;
mod circumstances;
mod credential;
mod cursor;
mod eligibility;
mod facets;
mod facts;
mod filter;
mod judging;
mod matching;
mod near_miss;
mod need;
mod place;
mod query;
mod rank;
mod reason;
mod refused;
mod request;
mod scanning;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod verdict;

#[cfg(test)]
mod tests;

pub use bundle::{Covers, MOST_NEEDS};
pub use circumstances::{
    Age, Circumstance, Circumstances, Custody, Immigration, InvalidCircumstance, WorkPermit,
};
pub use credential::qualifies;
pub use cursor::{InvalidCursor, cursor_after, fingerprint, resume};
pub use eligibility::{Fit, asks, condition, fit, fit_of};
pub use facets::{
    Counts, FacetValue, Facets, MOST_VALUES, Values, is_spoken, values_of_offer, values_of_service,
};
pub use facts::{Facts, OfferFacts, Site};
pub use filter::{Access, Also, Fee, Filter, InvalidFilter};
pub use judging::{day, judge, judge_offer, judge_service};
pub use matching::{Match, matches};
pub use near_miss::{Cause, Change, NearMiss, blocking_cause, helps, sort};
pub use need::{InvalidNeed, Need};
pub use query::{Chosen, Query};
pub use rank::{
    Candidate, Order, Score, Standing, band, burden, farthest, organization_hash, rotation, score,
    turn,
};
pub use reason::Reason;
pub use refused::Refused;
pub use request::{Beside, InvalidRequest, Near, QueryText, Request};
pub use scanning::{Listed, Scan, ScanHit, scan};
pub use verdict::{Test, Tests, Verdict};
