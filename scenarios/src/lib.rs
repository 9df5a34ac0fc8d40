//! Synthetic national network, demo and whole-federation tests; never shipped.
//!
//! [`network`] makes agencies and what they publish; [`demo`] starts a directory and a node for each of
//! them and lets their capacities change; `bench` (a feature) compares the index with other engines.

#[cfg(feature = "bench")]
pub mod bench;
pub mod demo;
mod invented;
pub mod national;
pub mod network;
