//! Counting searches, and those that end with nothing open, without a person in them.
//!
//! A [`Cell`] says what is kept of a search: what was needed, the county, the ISO week. [`Cell::of`] decides
//! whether a search is counted at all. [`Counts`] says how the searches of a cell ended. Words, circumstances,
//! languages and who asked are never kept; searches for what could mark a person are not counted.
//! [`Counts::published`] is the only way in which counts leave the directory.

mod cell;
mod counts;
mod week;

pub use cell::{Cell, Topic};
pub use counts::{Counts, Ending, Published};
pub use week::{InvalidWeek, Week};
