//! The search page in a real browser: what a caseworker sees, types and hears.
//!
//! `./test browser` installs Chromium, its driver and axe-core, and runs these tests. For pictures to look
//! at, in `target/screenshots`:
//!
//! ```text
//! ./test pictures
//! ```
//!
//! `browser` starts Chromium, `site` a directory with listings in it, `listing` says what is in a
//! listing. Nothing here waits for time to pass: every step waits for what the page shows.

#![expect(
    clippy::expect_used,
    reason = "a step that cannot be made fails the test"
)]

mod accessibility;
mod axe;
mod browser;
mod coverage;
mod desk;
mod handout;
mod helping;
mod hostile;
mod house;
mod layout;
mod listing;
#[path = "../harness/network.rs"]
#[expect(
    dead_code,
    reason = "shared with the spine's tests, which use all of it"
)]
mod network;
mod operator;
mod outcome;
mod pictures;
mod results;
#[path = "../../../directory-server/tests/directory/support/routes.rs"]
mod routes;
mod samples;
mod searching;
mod site;
mod tour;
mod trouble;
