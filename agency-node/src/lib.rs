//! An agency's end of the referral federation: daemon and command line.

pub mod catalog;
pub mod outbox;
pub mod source;
