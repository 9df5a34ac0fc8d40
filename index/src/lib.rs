//! Text, place and live capacity, searchable.
//!
//! Start at [`Index`]: listings and capacity reports go in, [`Index::search`] answers. `core` decides
//! what an answer is (`core::search::scan` is the plain way to the same one); everything here only
//! makes it fast. Slow words live in tantivy (`text`), facts in rows and bit sets in memory (`part`),
//! capacity in cells that a report changes at once (`live`); `search` puts them together.
//! The index is a cache: what it loses, the store and the journal give back. It refuses to hold the
//! only copy of anything, and to show services that are not public.

mod chunks;
mod document;
mod error;
mod folding;
mod generation;
mod index;
mod kept;
mod live;
mod pairs;
mod part;
mod search;
mod slots;
mod staged;
mod state;
mod supply;
mod text;

pub use document::Document;
pub use error::IndexError;
pub use index::Index;
pub use kept::{Aside, Kept};
pub use search::{Answer, Hit, MayGoOn, Stopped};
pub use text::{LONGER, Question, Word};
