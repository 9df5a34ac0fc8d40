//! What became of referrals, as caseworkers say it: how far "open" can be relied on.
//!
//! An [`Outcome`] is all that is said: no client, no words. Outcomes of a week that is over become [`Votes`], one for each
//! organization, and [`Figure::of`] makes of some weeks of votes what search ranks by and people are told. A [`Table`]
//! is what the task force gets of a week. Who may say an outcome is in [`crate::policy`], what a figure weighs in a search
//! in [`crate::search`]. Nothing here knows a person. Reasons: `docs/decisions/0017-feedback.md`.

mod figure;
mod outcome;
mod table;
#[cfg(test)]
mod tests;
mod votes;

pub use figure::{Figure, HALF_LIFE, KEPT, LEAST_VOTES, PRIOR, Precision};
pub use outcome::{Outcome, Outcomes};
pub use table::{Place, Said, Table};
pub use votes::{Closed, Votes};
