//! A whole federation in one process: the real log of the directory, the real outboxes and conversations of nodes, on
//! simulated disks, streams and clocks, with everything drawn from one seed.
//!
//! [`Simulation::run`] draws operations and faults in any combination: edits, withdrawals, reports; streams that break or
//! are late, processes that die, power cuts that lose or tear what was not synced, writes and syncs that fail,
//! disks restored from old copies, machines copied, the directory restored from any backup or rebuilt from nothing.
//! Then the faults end, and what must hold whatever happened is checked ([`truth`]). A seed that fails is the
//! whole report: the same seed does the same.

mod chance;
mod faults;
mod healing;
mod house;
mod office;
mod people;
mod stream;
mod talking;
mod truth;
mod world;

pub use truth::Broken;
pub use world::{Simulation, Told};
