//! The same services and the same searches in this index, in PostgreSQL with PostGIS and in Lucene.
//!
//! Start at [`run`]. Every engine is given the same flat rows ([`offer`]) and asked the same questions
//! ([`question`]) in turn, so that whatever else the machine does disturbs all of them alike. Answers are
//! compared first: a fast wrong answer counts for nothing.
//!
//! It refuses to judge: it prints what it measured.

pub mod answer;
pub mod clock;
mod contest;
pub mod coverage;
pub mod dictionary;
pub mod directory;
pub mod engine;
pub mod figures;
mod fill;
pub mod lucene;
mod machine;
pub mod offer;
pub mod peer;
pub mod postgresql;
pub mod question;
mod reference;
mod table;
pub mod tokens;
pub mod weights;

pub use contest::{Options, run};
