//! `agency-node join`: from a one-time token to a membership.

use std::io::Read;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use referral_runtime::clock::Clock;
use referral_runtime::data_dir::DataDir;
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::progress::Working;
use referral_runtime::tls::{Address, JoinToken};
use serde_json::json;

use super::output::{print, print_json};
use super::{Data, exit};
use crate::identity::{self, FORMAT, IdentityError, JoinError, Membership};

/// The longest text that is read as a token. Unit: bytes.
const LONGEST_TOKEN: u64 = 4096;

/// Join a directory with the one-time token its operator gave you
#[derive(Args, Debug)]
#[command(after_help = EXAMPLE)]
pub(super) struct Join {
    /// The directory's address, https://HOST:PORT; the port is 7443 where it is left out
    #[arg(value_name = "URL")]
    url: String,
    /// The token; `-` reads it from standard input, so that it stays out of the shell's history
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    token: String,
    #[command(flatten)]
    data: Data,
    /// This node has joined before: let it join again with new keys. What is here stays, and is signed again
    #[arg(long)]
    again: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

const EXAMPLE: &str = "\
Examples:
  agency-node join https://directory.example --token - --data ./node < token
  agency-node join https://example.org --again --token - --data ./node < token

When the answer was lost, join again with the same token: the keys are kept.";

impl Join {
    pub(super) async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        let address = Address::parse(&self.url)
            .with_context(|| format!("cannot join {}", self.url))
            .exit(Exit::Usage)?;
        let directory = &self.data.directory;
        let membership = Membership::load(directory)?;
        if self.again && membership.is_none() {
            let data_dir = directory.clone();
            return Err(IdentityError::NotJoined { data_dir }).exit(Exit::BadConfiguration);
        }
        if let Some(membership) = membership.filter(|_| !self.again) {
            return Err(JoinError::AlreadyJoined {
                agency: membership.agency,
                directory: membership.directory.to_string(),
            }
            .into());
        }
        let token = JoinToken::parse(&self.token()?)
            .context("cannot join")
            .exit(Exit::Usage)?;
        let data_dir = DataDir::open(directory)?;
        data_dir.claim(FORMAT)?;
        let working = Working::on("joining");
        let joined = if self.again {
            identity::join_again(address, &token, &data_dir, clock).await
        } else {
            identity::join(address, &token, &data_dir, clock).await
        };
        drop(working);
        let code = joined.as_ref().err().map_or(Exit::Done, exit::of_join);
        let membership = joined.context("cannot join").exit(code)?;
        self.print(&membership)?;
        Ok(Exit::Done)
    }

    fn token(&self) -> anyhow::Result<String> {
        if self.token != "-" {
            return Ok(self.token.clone());
        }
        let mut text = String::new();
        std::io::stdin()
            .take(LONGEST_TOKEN)
            .read_to_string(&mut text)
            .context("cannot read the token from standard input")?;
        Ok(text)
    }

    fn print(&self, membership: &Membership) -> anyhow::Result<()> {
        let Membership {
            agency,
            agency_name,
            directory,
            ..
        } = membership;
        if self.json {
            return print_json(&json!({
                "agency": agency.as_str(),
                "name": agency_name,
                "directory": directory.to_string(),
            }));
        }
        let data = self.data.directory.display();
        let next = if self.again {
            format!("agency-node run --data {data}: what was published is signed again")
        } else {
            format!(
                "agency-node import hsds PATH --data {data}, then agency-node run --data {data}"
            )
        };
        print(&format!(
            "joined {directory} as agency {agency} ({agency_name})\nnext: {next}\n"
        ))
    }
}
