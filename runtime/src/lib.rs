//! What every process needs: config, mutual TLS, telemetry, clock, shutdown.
//!
//! Start at a program's `main`: [`tls::install_crypto`], then [`config::load`], [`telemetry::init`],
//! [`data_dir::DataDir::open`], [`shutdown::Tasks`], and at the end [`exit::report`]. Nothing here knows
//! what the programs do.

pub mod accounts;
pub mod background;
pub mod causes;
pub mod census;
pub mod cli;
pub mod clock;
pub mod config;
mod control_frames;
pub mod data_dir;
pub mod doctor;
pub mod exit;
pub mod guarded;
pub mod listen;
pub mod local;
pub mod mail;
pub mod open_files;
pub mod paint;
pub mod panics;
pub mod progress;
pub mod settings;
pub mod shutdown;
pub mod stdout;
pub mod table;
pub mod telemetry;
pub mod texts;
pub mod tls;
pub mod watched_clock;
pub mod web;
