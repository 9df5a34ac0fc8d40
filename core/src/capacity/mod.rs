//! Live capacity: how many places a service has free, and whose number to believe.
//!
//! [`Report`] is what an agency says; [`Report::parse`] is its only constructor, so a `Report` in hand is
//! valid. [`Held`] is a report as the directory received it: its age and time to live are fixed there,
//! and [`Held::state_at`] is what a caseworker sees. Order is a counter ([`Order`]), never a clock.
//! Nothing here reads a clock or does I/O: callers pass `now`. Story: docs/ARCHITECTURE.md, walk-through (a).

mod believed;
mod effective;
mod held;
mod report;
mod state;
mod ttl;

pub use believed::Believed;
pub use effective::effective;
pub use held::{Held, Order};
pub use report::{Count, Draft, InvalidReport, Report, Source, Unit, WaitBand};
pub use state::{Availability, InvalidState, State, Stated};
pub use ttl::{Ttl, ttl_for};
