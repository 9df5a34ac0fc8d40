//! Text, place and live capacity, searchable.
//!
//! Start at [`Index`]: listings and capacity reports go in, [`Index::search`] answers. `core` decides
//! what an answer is (`search::matches`, `search::score`, `capacity::effective`); everything here only
//! makes it fast. Slow words live in tantivy (`text`), facts in memory (`table`), capacity in a live
//! table that a report changes at once (`live`).
//! The index is a cache: what it loses, the store and the journal give back. It refuses to hold the
//! only copy of anything, and to show services that are not public.

mod document;
mod error;
mod grid;
mod index;
mod live;
mod postings;
mod search;
mod slots;
mod staged;
mod table;
mod text;

pub use document::Document;
pub use error::IndexError;
pub use index::Index;
pub use search::{Answer, Hit};
pub use text::{Question, Word};
