//! The heart of the referral directory: types, rules and maths.
//!
//! Everything here is a value or a pure function of values: no I/O, no clock, no async. Callers pass
//! `now`. Start at [`catalog`] (what agencies publish), [`capacity`] (how many places are free) and
//! [`search`] (what a caseworker asks and why an answer is in its place). [`tally`] counts searches without
//! anybody in them, [`feedback`] what became of referrals, and [`coverage`] says where nobody can help.
//! Walk-throughs: `docs/ARCHITECTURE.md`.

pub mod capacity;
pub mod catalog;
pub mod confidential;
pub mod coverage;
pub mod federation;
pub mod feedback;
pub mod geo;
pub mod hsds;
pub mod id;
pub mod lookalike;
pub mod places;
pub mod policy;
pub mod search;
pub mod tally;
pub mod text;
pub mod unfit;
pub mod vocabulary;
