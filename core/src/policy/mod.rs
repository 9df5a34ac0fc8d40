//! Who may do what, who may see what: one table, and everything not in it is denied.
//!
//! Start at [`policy`]. A [`Viewer`] is who asks; [`What`] is what is asked for: an [`Operation`] of the
//! directory, or a field of a listing that has a [`Tier`](crate::catalog::Tier). [`SeenListing`] is a listing
//! as far as a [`Clearance`] goes: pages, answers, the index and exports are made of nothing else.
//! Nothing here knows passwords, sessions or certificates: who somebody is was found out before.

mod clearance;
mod decide;
mod operation;
mod role;
mod seen;
#[cfg(test)]
mod tests;
mod viewer;

pub use clearance::Clearance;
pub use decide::{Decision, What, policy};
pub use operation::{Operation, Scope};
pub use role::Role;
pub use seen::{Handed, SeenListing};
pub use viewer::{AccountId, InvalidAccountId, Viewer};
