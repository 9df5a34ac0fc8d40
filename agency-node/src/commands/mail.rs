//! `agency-node mail`: whether reminders can be sent.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use referral_runtime::clock::Clock;
use referral_runtime::config;
use referral_runtime::exit::{Exit, WithExit};

use super::Data;
use super::output::print;
use crate::Config;
use crate::identity::{IdentityError, Membership};
use crate::mail::{Mailer, NotSent};
use crate::reminder::Letter;

/// Reminders by mail before capacity goes stale
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLE)]
pub(super) enum MailCommand {
    Test(Test),
}

const EXAMPLE: &str = "\
Example:
  agency-node mail test --config agency-node.toml --data ./node";

/// Send a mail now, the way reminders are sent
#[derive(Args, Debug)]
#[command(after_help = TEST_EXAMPLE)]
pub(super) struct Test {
    #[command(flatten)]
    data: Data,
    /// Configuration file (TOML) with a section `[mail]`
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

const TEST_EXAMPLE: &str = "\
Example:
  agency-node mail test --config agency-node.toml --data ./node

agency-node.toml:
  [mail]
  smtp = \"smtps://node%40harbor.example@mail.harbor.example:465\"
  password_file = \"/etc/agency-node/mail-password\"
  from = \"Harbor House node <node@harbor.example>\"
  to = [\"intake@harbor.example\"]
  time_zone = \"America/Chicago\"";

impl MailCommand {
    pub(super) async fn run(self, _clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        match self {
            Self::Test(test) => test.run().await,
        }
    }
}

impl Test {
    async fn run(self) -> anyhow::Result<Exit> {
        let config: Config = config::load(Some(&self.config)).exit(Exit::BadConfiguration)?;
        let Some(mail) = &config.mail else {
            let file = self.config.display();
            return Err(anyhow!(
                "{file} has no section [mail]: no reminders are sent"
            ))
            .exit(Exit::BadConfiguration);
        };
        let mailer = Mailer::new(mail).exit(Exit::BadConfiguration)?;
        let data_dir = &self.data.directory;
        let membership = Membership::load(data_dir)?
            .ok_or_else(|| IdentityError::NotJoined {
                data_dir: data_dir.clone(),
            })
            .exit(Exit::BadConfiguration)?;
        let letter = Letter {
            subject: format!("Test from the referral node of {}", membership.agency_name),
            body: "Reminders reach you: before what you reported goes stale, a mail like this one says so.\n"
                .to_owned(),
        };
        mailer.send(&letter).await.map_err(coded)?;
        let (server, recipients) = (mailer.server(), mailer.recipients());
        print(&format!(
            "{server} has taken a test mail to {recipients} address{}\n",
            if recipients == 1 { "" } else { "es" }
        ))?;
        Ok(Exit::Done)
    }
}

fn coded(failure: NotSent) -> anyhow::Error {
    let exit = match &failure {
        NotSent::Password { .. } => Exit::BadConfiguration,
        failure if failure.is_unreachable() => Exit::Unreachable,
        _ => Exit::Failed,
    };
    match Err::<(), _>(failure).exit(exit) {
        Err(error) => error,
        Ok(()) => anyhow!("not sent"),
    }
}
