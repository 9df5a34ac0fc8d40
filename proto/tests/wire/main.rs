//! The wire as a whole: what goes out comes back, what is wrong is named, what is there is explained.
//!
//! `strategies` makes values of the domain that fill every field; the other files are the claims.

mod bad_bytes;
mod bad_capacity;
mod bad_operations;
mod bad_records;
mod bad_searches;
mod bad_texts;
mod descriptors;
mod json;
mod limits;
mod round_trip;
mod samples;
mod strategies;
