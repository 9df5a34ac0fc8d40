//! The command line: one verb per intention.

mod agency;
mod audit;
mod authority;
mod backup;
mod clock;
mod codes;
mod config;
mod coverage;
mod demand;
mod desk;
mod doctor;
mod end_rebuild;
mod outcomes;
mod pack;
mod person;
mod restore;
mod search;
mod searches;
mod serve;
mod token;
mod watch;
mod what_we_hold;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use referral_proto::v1::directory_admin_service_client::DirectoryAdminServiceClient;
use referral_runtime::cli::{Completions, Man};
use referral_runtime::exit::{Exit, report};
use referral_runtime::local::{self, LocalError};
use tonic::transport::Channel;

/// The national referral directory.
#[derive(Debug, Parser)]
#[command(
    name = "directory-server",
    version,
    after_help = "Example:\n  directory-server serve --data /var/lib/referral-directory"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the directory
    Serve(serve::Serve),
    /// Let agencies in, and see which there are
    #[command(
        subcommand,
        after_help = "Example:\n  directory-server agency enrol harbor-house --name \"Harbor House\" \\\n      --data ./directory"
    )]
    Agency(agency::Agency),
    /// Let people in and out, and see which there are
    #[command(
        subcommand,
        after_help = "Example:\n  directory-server person invite ana@example.org --role caseworker \\\n      --data ./directory"
    )]
    Person(person::Person),
    /// Tokens for programs that act for an account
    #[command(
        subcommand,
        after_help = "Example:\n  directory-server token make p-0123456789abcdef --scopes search \\\n      --data ./directory"
    )]
    Token(token::Token),
    /// What was done and by whom
    #[command(
        subcommand,
        after_help = "Example:\n  directory-server audit verify --data ./directory"
    )]
    Audit(audit::Audit),
    /// Everything held about an agency or a name
    WhatWeHold(what_we_hold::WhatWeHold),
    /// Keep the authority's key in a safe place, and put it back
    #[command(
        subcommand,
        after_help = "Example:\n  directory-server authority export --data ./directory \\\n      --to /safe/authority.pem"
    )]
    Authority(authority::Authority),
    /// Say that the machine's clock is right, after it had jumped
    #[command(
        subcommand,
        after_help = "Example:\n  directory-server clock confirm --data ./directory"
    )]
    Clock(clock::Clock),
    /// Copy what must not be lost, while the directory runs
    Backup(backup::Backup),
    /// Put a backup back, as a new generation
    Restore(restore::Restore),
    /// Say that the agencies are back after serve --rebuild
    EndRebuild(end_rebuild::EndRebuild),
    /// Find services
    Search(search::Search),
    /// The codes of needs, with what they mean
    Codes(codes::Codes),
    /// Print what is accepted, as it is accepted: the public change feed
    Watch(watch::Watch),
    /// Write the offline pack of an area
    Pack(pack::Pack),
    /// How referrals went, as published
    Outcomes(outcomes::Outcomes),
    /// How many searches there were, and how many ended with nothing open
    Searches(searches::Searches),
    /// Where people can be helped, where not, and what would change it
    #[command(subcommand)]
    Coverage(Box<coverage::Coverage>),
    /// Tables of who may need help where
    #[command(
        subcommand,
        after_help = "Example:\n  directory-server demand load pending.csv --name \"Pending cases\" \\\n      --date 2026-09-30 --source \"EOIR, by county\" --licence \"public domain\" \\\n      --data ./directory"
    )]
    Demand(demand::Demand),
    /// Say whether the directory has what it needs: configuration, disk, keys, backups, agencies
    Doctor(doctor::Doctor),
    /// What the configuration file comes to, and whether it can be used
    #[command(
        subcommand,
        after_help = "Example:\n  directory-server config check --config /etc/directory-server.toml"
    )]
    Config(config::Config),
    /// Print a script that completes commands in a shell
    #[command(
        after_help = "Example:\n  directory-server completions bash \\\n      > /etc/bash_completion.d/directory-server"
    )]
    Completions(Completions),
    /// Write the manual, a page for each command
    #[command(after_help = "Example:\n  directory-server man /usr/local/share/man/man1")]
    Man(Man),
}

/// The data directory, for every command that needs one.
#[derive(Clone, Debug, clap::Args)]
struct DataArg {
    /// The directory's data directory
    #[arg(long, value_name = "DIR", env = "REFERRAL_DIRECTORY_DATA")]
    data: PathBuf,
}

/// Parses the arguments, does what they say, and tells how it ended.
#[must_use]
pub fn main() -> ExitCode {
    referral_runtime::tls::install_crypto();
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return report("directory-server", &error.into()),
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve(serve) => serve.run().await,
            Command::Agency(agency) => agency.run().await,
            Command::Person(person) => person.run().await,
            Command::Token(token) => token.run().await,
            Command::Audit(audit) => audit.run(),
            Command::WhatWeHold(what) => what.run().await,
            Command::Authority(authority) => authority.run().await,
            Command::Clock(clock) => clock.run().await,
            Command::Backup(backup) => backup.run().await,
            Command::Restore(restore) => restore.run(),
            Command::EndRebuild(end) => end.run().await,
            Command::Search(search) => search.run().await,
            Command::Codes(codes) => codes.run(),
            Command::Watch(watch) => watch.run().await,
            Command::Pack(pack) => pack.run().await,
            Command::Outcomes(outcomes) => outcomes.run(),
            Command::Searches(searches) => searches.run(),
            Command::Coverage(coverage) => coverage.run().await,
            Command::Demand(demand) => demand.run().await,
            Command::Doctor(doctor) => doctor.run().await,
            Command::Config(config) => config.run(),
            Command::Completions(completions) => completions.run(Cli::command()),
            Command::Man(man) => man.run(Cli::command()),
        }
    });
    match done {
        Ok(()) => Exit::Done.into(),
        Err(error) => report("directory-server", &error),
    }
}

/// A client of the running directory; `None` when none runs.
async fn running(data: &Path) -> anyhow::Result<Option<DirectoryAdminServiceClient<Channel>>> {
    match local::connect(data).await {
        Ok(channel) => Ok(Some(DirectoryAdminServiceClient::new(channel))),
        Err(LocalError::NotRunning { .. }) => Ok(None),
        Err(error) => Err(error.into()),
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
            let page = format!("directory-server-{}.1", name.replace(' ', "-"));
            assert!(folder.path().join(&page).exists(), "{page}");
            let word = name.rsplit(' ').next().unwrap_or_default();
            assert!(script.contains(word), "{name}");
        }
    }
}
