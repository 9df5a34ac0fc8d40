//! `directory-server config`: what the configuration file comes to, and whether it can be used.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use referral_runtime::config::load;
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::mail::Mailer;
use referral_runtime::settings::{Setting, settings};
use referral_runtime::stdout::print;
use referral_runtime::table::{lines, table};
use serde_json::json;

use crate::config;

#[derive(Debug, Subcommand)]
pub(super) enum Config {
    /// Print every key with its value and where that comes from
    ///
    /// A key that is not set and has no default is not printed.
    #[command(
        after_help = "Example:\n  directory-server config print --config /etc/directory-server.toml"
    )]
    Print(Print),
    /// Say whether the configuration can be used, without starting anything
    #[command(
        after_help = "Example:\n  directory-server config check --config /etc/directory-server.toml"
    )]
    Check(Check),
}

#[derive(Debug, Args)]
pub(super) struct Print {
    /// The configuration file; without one, the defaults
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl Config {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Print(print) => print.run(),
            Self::Check(check) => check.run(),
        }
    }
}

impl Print {
    fn run(self) -> anyhow::Result<()> {
        let settings = settings::<config::Config>(self.config.as_deref());
        let settings = settings.exit(Exit::BadConfiguration)?;
        if self.json {
            let settings = settings.iter().map(|setting| {
                let (key, value) = (&setting.key, &setting.value);
                json!({"key": key, "value": value, "origin": setting.origin.to_string()})
            });
            let document = json!({"settings": settings.collect::<Vec<_>>()});
            return print(&format!("{document:#}\n"));
        }
        print(&listed(&settings))
    }
}

fn listed(settings: &[Setting]) -> String {
    let mut table = table(&["KEY", "VALUE", "FROM"]);
    for setting in settings {
        let origin = setting.origin.to_string();
        table.add_row([&setting.key, &setting.value, &origin]);
    }
    lines(&table, 0)
}

impl Check {
    fn run(self) -> anyhow::Result<()> {
        let config: config::Config = load(Some(&self.config)).exit(Exit::BadConfiguration)?;
        usable(&config).exit(Exit::BadConfiguration)?;
        print(&format!("{} can be used\n", self.config.display()))
    }
}

/// Whether what a configuration says can be used, beyond its form.
pub(super) fn usable(config: &config::Config) -> anyhow::Result<()> {
    config.alerts.watched()?;
    if let Some(mail) = &config.mail {
        Mailer::new(mail)?;
    }
    Ok(())
}
