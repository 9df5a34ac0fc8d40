//! An agency's end: daemon and command line.
