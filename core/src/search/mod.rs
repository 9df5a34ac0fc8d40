//! What a caseworker asks, which offers answer it, in what order and why.
//!
//! [`Request`] is the question. [`Facts`] is what matching knows of one service; [`matches`](fn@matches) decides
//! whether an offer answers and collects [`Reason`]s; [`score`] puts answers in order. These are the
//! meaning of search: an index may be faster, never different.

mod facts;
mod matching;
mod need;
mod query;
mod rank;
mod reason;
mod request;

pub use facts::{Facts, OfferFacts, Site};
pub use matching::{Match, matches};
pub use need::{InvalidNeed, Need};
pub use query::{Query, Refused};
pub use rank::{Candidate, Score, score};
pub use reason::Reason;
pub use request::{InvalidRequest, Near, QueryText, Request};
