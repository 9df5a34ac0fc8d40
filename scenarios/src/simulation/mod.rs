//! A whole federation in one process: the real log of the directory, the real outboxes and conversations of nodes, on
//! simulated disks, streams and clocks, with everything drawn from one seed.
//!
//! [`Simulation::run`] draws operations and faults in any combination: edits, withdrawals, reports, imports of files
//! that lack things; streams that break or
//! are late, processes that die, power cuts that lose or tear what was not synced, writes and syncs that fail,
//! disks restored from old copies or lost, machines copied, new keys, the directory restored from any backup or quietly
//! forgetting an operation, clocks that are wrong, agencies that are stopped; beside them a reader of the feed.
//! Then the faults end, and what must hold whatever happened is checked ([`truth`]): I1 to I11, I13 and I18 to I20 of
//! the protocol as far as they speak of what is simulated here. I12 and I17 do not: nothing is searched here, and no bound
//! of the real parts is reached in so few steps. A seed that fails is the whole report: the same seed does
//! the same.

mod chance;
mod faults;
mod healing;
mod house;
mod office;
mod people;
mod reader;
mod stream;
mod talking;
mod truth;
mod world;

pub use truth::Broken;
pub use world::{Simulation, Told};
