//! A whole federation in one process: the real log of the directory, the real outboxes and conversations of nodes, on
//! simulated disks, streams and clocks, with everything drawn from one seed.
//!
//! [`Simulation::run`] draws operations and faults in any combination: edits, withdrawals, reports, imports of files
//! that lack things; streams that break or
//! are late, processes that die, power cuts that lose or tear what was not synced, writes and syncs that fail,
//! disks restored from old copies or lost, machines copied, new keys, the directory restored from any backup or quietly
//! forgetting an operation, clocks that are wrong, agencies that are stopped; beside them a reader of the feed.
//! Then the faults end, and what must hold whatever happened is checked ([`truth`]): I1 to I13 and I17 to I20 of
//! the protocol as far as they speak of what is simulated here. A seed that fails is the whole report: the same seed
//! does the same.
//!
//! Two things are not in every seed. In every twelfth the real store and the real index follow the directory's journal,
//! a drawn while behind it, and after a death are behind or gone; somebody searches at drawn moments, and what is found
//! is compared with what was acknowledged ([`searching`], I12). They are on a real disk and take longer than all the
//! rest. In every fourth little was agreed with the agencies, few operations may be on their way, and nodes start, edit
//! and report in bursts; after each step nothing is longer than it may be, and a test asks that every bound that is
//! looked at was reached ([`pressing`], I17). Bounds of memory, files and tasks, of bytes that wait for the index, of what
//! is remembered of 2,048 operations and more, and the budget of 17 MiB are too far for so few steps: they have tests of
//! their own. [`Mutant`] removes one rule at a time, and the walk has to notice.

mod chance;
mod faults;
mod healing;
mod house;
mod mutant;
mod office;
mod people;
mod pressing;
mod reader;
mod searching;
mod stream;
mod talking;
mod truth;
mod world;

pub use mutant::Mutant;
pub use truth::Broken;
pub use world::{Simulation, Told};
