//! The national directory: agencies publish to it, caseworkers search it.
//!
//! Start at [`serve::Server::start`], which opens a data directory and listens. What the directory does is
//! in [`operations`]; [`rpc`], [`web`] and [`commands`] only carry values in and out; [`ledger`] is the
//! write path and [`store`] what is folded from it; [`tally`] counts searches. Walk-throughs: `docs/ARCHITECTURE.md`.

#[macro_use]
mod failpoint;

pub mod commands;
pub mod config;
pub mod ledger;
pub mod operations;
pub mod rpc;
pub mod serve;
pub mod store;
pub mod tally;
pub mod web;
