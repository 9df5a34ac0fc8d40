//! An agency's end: daemon and command line.

pub mod source;
