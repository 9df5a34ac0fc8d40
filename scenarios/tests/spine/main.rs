//! The whole path on real processes: an agency's own file, its node, the directory, a search.

#![expect(
    clippy::expect_used,
    reason = "a step that cannot be made fails the test"
)]

mod agency_file;
mod canary;
mod capacity;
mod kills;
#[path = "../harness/network.rs"]
mod network;
mod real_data;
mod rebuild;
#[path = "../../../directory-server/tests/directory/support/routes.rs"]
mod routes;
