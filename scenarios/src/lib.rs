//! Synthetic national network, demo and whole-federation tests; never shipped.
//!
//! [`network`] makes agencies and what they publish; the demo (`src/bin/demo.rs`) starts a directory and
//! a node for each of them.

pub mod network;
