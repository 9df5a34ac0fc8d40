//! Synthetic national network, demo and whole-federation tests; never shipped.
