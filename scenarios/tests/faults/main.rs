//! Real processes under faults: what was acknowledged is there, whatever happens to them.
//!
//! Needs programs with failpoints: `./test` builds them so. `kills.rs` ends processes with SIGKILL at named
//! points and at random moments; the other files each bring one fault of the world.
//!
//! ```text
//! FAULTS_KILLS=2000 cargo test --locked -p referral-scenarios --features failpoints --test faults kills
//! ```
//!
//! after `cargo build --locked --workspace --features referral-scenarios/failpoints --bins` is the full run.

#![expect(
    clippy::expect_used,
    reason = "a step that cannot be made fails the test"
)]

mod catalog;
mod copies;
mod disk;
mod durable;
mod journal;
mod keeping;
mod kills;
mod links;
mod losses;
mod lossy;
mod mirror;
mod network;
mod panics;
mod plan;
mod power;
mod processes;
mod proxy;
#[path = "../../../directory-server/tests/directory/support/routes.rs"]
mod routes;
mod slow;
mod slow_node;
mod sockets;
mod versions;
mod world;
