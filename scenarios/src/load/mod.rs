//! How much a directory carries: publishers at full speed, thousands of nodes that are just there, all of them
//! coming back at once, and those who want it to stop.
//!
//! ```text
//! cargo build --release --locked -p directory-server -p agency-node
//! cargo run --release --locked -p referral-scenarios --features load --bin load -- nodes
//! ```
//!
//! The directory is the program itself, as it is shipped. Nodes are light: a task each with its own keys,
//! certificate, log and TLS connection, and no journal ([`member`]); [`first`] and [`rebuild`] run whole nodes. It
//! refuses to judge: it prints what it measured.

mod attacks;
pub mod first;
#[path = "../../../directory-server/tests/directory/hardening/floods.rs"]
mod floods;
mod log;
mod member;
mod nodes;
mod rate;
mod rebuild;
mod server;
mod stream;
mod times;
mod whole;

use std::time::Instant;

pub use attacks::{Attacks, attacks};
pub use nodes::{Nodes, herd, hold};
pub use rate::{Pace, Rate, What, rate};
pub use rebuild::rebuild;
pub use server::Place;

/// The moment, for measuring how long something takes.
#[expect(clippy::disallowed_methods, reason = "measuring is all this does")]
fn now() -> Instant {
    Instant::now()
}
