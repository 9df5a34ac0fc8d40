//! Synthetic national network, demo and whole-federation tests; never shipped.
//!
//! [`network`] makes agencies and what they publish, [`national`] a whole country's services and what is
//! asked of them; [`demo`] starts a directory and a node for each agency and lets their capacities
//! change. [`judged`] says how good the order of search results is; `bench` (a feature) compares the
//! index with other engines.

pub mod anything;
pub mod approval;
#[cfg(feature = "bench")]
pub mod bench;
pub mod demo;
mod invented;
pub mod judged;
#[cfg(feature = "load")]
pub mod load;
pub mod national;
pub mod network;
pub mod simulation;
