//! `agency-node config`: what the configuration file comes to, and whether it can be used.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use referral_runtime::config::load;
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::settings::settings;
use serde_json::json;

use super::output::{lines, print, print_json, table};
use crate::Config;
use crate::mail::Mailer;

/// What the configuration file comes to, and whether it can be used
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  agency-node config print --config agency-node.toml")]
pub(super) enum ConfigCommand {
    Print(Print),
    Check(Check),
}

/// Print every key with its value and where that comes from
///
/// A key that is not set and has no default is not printed.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  agency-node config print --config agency-node.toml")]
pub(super) struct Print {
    /// The configuration file; without one, the defaults
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Say whether the configuration can be used, without starting anything
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  agency-node config check --config agency-node.toml")]
pub(super) struct Check {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl ConfigCommand {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Self::Print(print) => print.run()?,
            Self::Check(check) => check.run()?,
        }
        Ok(Exit::Done)
    }
}

impl Print {
    fn run(self) -> anyhow::Result<()> {
        let settings = settings::<Config>(self.config.as_deref());
        let settings = settings.exit(Exit::BadConfiguration)?;
        if self.json {
            let settings = settings.iter().map(|setting| {
                let (key, value) = (&setting.key, &setting.value);
                json!({"key": key, "value": value, "origin": setting.origin.to_string()})
            });
            return print_json(&json!({"settings": settings.collect::<Vec<_>>()}));
        }
        let mut table = table(&["KEY", "VALUE", "FROM"]);
        for setting in &settings {
            let origin = setting.origin.to_string();
            table.add_row([&setting.key, &setting.value, &origin]);
        }
        print(&lines(&table))
    }
}

impl Check {
    fn run(self) -> anyhow::Result<()> {
        let config: Config = load(Some(&self.config)).exit(Exit::BadConfiguration)?;
        if let Some(mail) = &config.mail {
            Mailer::new(mail).exit(Exit::BadConfiguration)?;
        }
        print(&format!("{} can be used\n", self.config.display()))
    }
}
