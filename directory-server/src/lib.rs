//! The national directory: agencies publish to it, caseworkers search it.
//!
//! Start at [`serve::Server::start`], which opens a data directory and listens. What the directory does is
//! in [`operations`]; [`rpc`], [`web`] and [`commands`] only carry values in and out; [`ledger`] is the
//! write path and [`store`] what is folded from it; [`tally`] counts searches; [`people`] says who
//! somebody is and [`audit`] what they did; [`life`] and [`backup`] see to it
//! that none of it is lost. Walk-throughs: `docs/ARCHITECTURE.md`.

#[macro_use]
mod failpoint;

pub mod audit;
pub mod backup;
pub mod commands;
pub mod config;
pub mod demand;
pub mod export;
pub mod history;
pub mod ledger;
pub mod life;
pub mod operations;
pub mod people;
mod program;
pub mod rpc;
mod sealed;
pub mod serve;
pub mod store;
mod table;
pub mod tally;
mod texts;
pub mod watching;
pub mod web;

// Templates say their texts by these names.
pub(crate) use texts::{say, tell};
