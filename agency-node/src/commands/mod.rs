//! The command line: parse, ask the node, print, and say by the exit code how it went.
//!
//! Each command has a file of its own. What a command has to say goes to standard output (with `--json`
//! one JSON document and nothing else); logs, progress and failures go to standard error.

mod affirm;
mod capacity;
mod capacity_file;
mod config;
mod confirm;
mod conflicts;
mod delete;
mod doctor;
mod exit;
mod import;
mod join;
mod mail;
mod output;
mod person;
mod publish;
mod remind;
mod report;
mod restore;
mod run;
mod status;
mod typed;
mod verify;
mod withdraw;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, CommandFactory, Parser, Subcommand};
use referral_runtime::cli::{Completions, Man};
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::exit::{Exit, WithExit, report};
use referral_runtime::shutdown::survive_file_size_limit;
use referral_runtime::telemetry::{self, LogConfig};

/// The program's name in its messages.
const NAME: &str = "agency-node";

/// An agency's end of the referral federation: takes in what an agency has on file, and publishes it and
/// its capacity to the directory.
#[derive(Debug, Parser)]
#[command(name = NAME, version, after_help = EXAMPLES, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Example: join a directory, take in a file, publish:
  agency-node join https://directory.example --token - --data ./node < token
  agency-node import hsds services.json --data ./node
  agency-node run --data ./node";

#[derive(Debug, Subcommand)]
enum Command {
    Join(join::Join),
    #[command(subcommand)]
    Import(import::ImportCommand),
    #[command(subcommand)]
    Capacity(capacity::CapacityCommand),
    #[command(subcommand)]
    Mail(mail::MailCommand),
    #[command(subcommand)]
    Person(person::PersonCommand),
    Publish(publish::Publish),
    Run(run::Run),
    Status(status::StatusCommand),
    Withdraw(withdraw::Withdraw),
    Restore(restore::Restore),
    Affirm(affirm::AffirmCommand),
    Delete(delete::Delete),
    Conflicts(conflicts::Conflicts),
    Verify(verify::Verify),
    Doctor(doctor::Doctor),
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Print a script that completes commands in a shell
    #[command(
        after_help = "Example:\n  agency-node completions bash > /etc/bash_completion.d/agency-node"
    )]
    Completions(Completions),
    /// Write the manual, a page for each command
    #[command(after_help = "Example:\n  agency-node man /usr/local/share/man/man1")]
    Man(Man),
}

/// Where the node is.
#[derive(Args, Clone, Debug)]
struct Data {
    /// The node's data directory
    #[arg(long = "data", value_name = "DIR", env = "AGENCY_NODE_DATA")]
    directory: PathBuf,
}

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return report(NAME, &anyhow::Error::new(error)),
    };
    match runtime.block_on(run(cli.command)) {
        Ok(exit) => exit.into(),
        Err(error) => report(NAME, &error),
    }
}

async fn run(command: Command) -> anyhow::Result<Exit> {
    survive_file_size_limit().context("cannot listen for signals")?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    if let Command::Run(run) = command {
        return run.run(clock).await;
    }
    // A command is for people: its logs are what went wrong and nothing else.
    let log = LogConfig {
        filter: "warn".to_owned(),
        ..LogConfig::default()
    };
    telemetry::init(&log).exit(Exit::BadConfiguration)?;
    match command {
        Command::Join(join) => join.run(clock).await,
        Command::Import(import) => import.run(clock).await,
        Command::Capacity(capacity) => capacity.run(clock).await,
        Command::Mail(mail) => mail.run(clock).await,
        Command::Person(person) => person.run(clock).await,
        Command::Publish(publish) => publish.run(clock).await,
        Command::Status(status) => status.run(clock).await,
        Command::Withdraw(withdraw) => withdraw.run(clock).await,
        Command::Restore(restore) => restore.run(clock).await,
        Command::Affirm(affirm) => affirm.run(clock).await,
        Command::Delete(delete) => delete.run(clock).await,
        Command::Conflicts(conflicts) => conflicts.run(clock).await,
        Command::Verify(verify) => verify.run(clock).await,
        Command::Doctor(doctor) => doctor.run(clock).await,
        Command::Config(config) => config.run(),
        Command::Completions(completions) => completions.run(Cli::command()).map(|()| Exit::Done),
        Command::Man(man) => man.run(Cli::command()).map(|()| Exit::Done),
        Command::Run(run) => run.run(clock).await,
    }
}

#[cfg(test)]
mod tests {
    use referral_runtime::cli;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_says_what_it_does_with_an_example_that_fits_a_terminal() {
        assert_eq!(cli::faults(&Cli::command()), Vec::<String>::new());
    }

    #[test]
    fn completions_and_manual_have_every_command() {
        let folder = tempfile::tempdir().unwrap();
        let script = cli::completions(Cli::command(), cli::Shell::Bash);

        cli::manual(Cli::command(), folder.path()).unwrap();

        for name in cli::names(&Cli::command()) {
            let page = format!("agency-node-{}.1", name.replace(' ', "-"));
            assert!(folder.path().join(&page).exists(), "{page}");
            let word = name.rsplit(' ').next().unwrap_or_default();
            assert!(script.contains(word), "{name}");
        }
    }
}
