//! The agency node, from its laws to its command line, against a small directory over real mutual TLS.

#![expect(
    clippy::unwrap_used,
    reason = "a step that cannot be made fails the test"
)]

mod affirming;
mod bombs;
mod commands;
mod compacting;
mod conversing;
mod deciding;
mod digests;
mod fake;
mod importing;
mod inviting;
mod joining;
mod mail_server;
mod model;
mod outbox_laws;
mod page;
mod publishing;
mod reconciling;
mod rejoining;
mod reminding;
mod renewing;
mod sample;
mod slow_links;
mod verifying;
mod wrong_input;
