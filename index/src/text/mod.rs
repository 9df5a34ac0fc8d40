//! The words, in tantivy: which services have them, and how well they fit.
//!
//! [`Store`] writes and commits; a [`Snapshot`] is what was committed at one moment and answers searches;
//! [`question`] is what a search asks of it. tantivy's own query language is never used: every character
//! a caseworker types is just itself.

mod docs;
mod query;
mod question;
mod schema;
mod snapshot;
mod statistics;
mod store;
mod ways;

pub use query::LONGER;
pub use question::{Question, Word};
pub(crate) use snapshot::{Among, Fits, Found, Ids, Snapshot};
pub(crate) use store::Store;
