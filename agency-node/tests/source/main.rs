//! From files to records: the readers of HSDS and of spreadsheets, each rule a claim.

#![expect(
    clippy::expect_used,
    reason = "a test that cannot be set up has failed"
)]

mod archives;
mod bad_inputs;
mod confidential;
mod maps;
mod properties;
mod real_data;
mod shapes;
mod support;
