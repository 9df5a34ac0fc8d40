//! Synthetic national network, demo and whole-federation tests; never shipped.
//!
//! [`network`] makes agencies and what they publish; [`demo`] starts a directory and a node for each of
//! them and lets their capacities change. [`judged`] says how good the order of search results is.

pub mod demo;
pub mod judged;
pub mod network;
