//! Counting searches, and those that end with nothing open, without a person in them.
//!
//! A [`Cell`] says what is kept of a search: what was needed, the county, the ISO week. [`Cell::of`] decides
//! whether a search is counted at all. [`Counts`] says how the searches of a cell ended. Words, circumstances,
//! languages and who asked are never kept; searches for what could mark a person are not counted.
//! Counts leave the directory in two ways that agree with each other: [`Counts::published`] tells cell by cell what
//! is none or 11 and more, and a [`Frozen`] week adds sums of the small cells, chosen so that none of them can be
//! worked out. What agencies say of referrals is told by [`told_of_agencies`] alone.

mod cell;
mod counts;
mod feedback;
mod frozen;
mod pooling;
mod week;

#[cfg(test)]
mod tests;

pub use cell::{Cell, Topic};
pub use counts::{Counts, Ending, Published};
pub use feedback::told_of_agencies;
pub use frozen::{Frozen, NotOver, Pool, PoolPlace, Told, TopicTable, Within};
pub use week::{InvalidWeek, Week};
