//! `agency-node person`: letting people in to the agency's own page, and out.

use std::sync::Arc;

use clap::{Args, Subcommand};
use referral_core::id::LocalId;
use referral_runtime::accounts::SignInName;
use referral_runtime::clock::Clock;
use referral_runtime::exit::Exit;
use serde_json::json;

use super::Data;
use super::exit::coded;
use super::output::{instant, lines, print, print_json, table};
use crate::control::{Handle, Invitation};
use crate::people::{AccountView, Person};

/// Let people in to the agency's own page, and out
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(super) enum PersonCommand {
    Invite(Invite),
    List(List),
    #[command(alias = "remove")]
    Revoke(Revoke),
}

const EXAMPLES: &str = "\
Example:
  agency-node person invite ana@harbor.example --data ./node
  agency-node person list --data ./node
  agency-node person revoke ana@harbor.example --data ./node";

/// Make an account: prints a link on which they set their password, good once and for 72 hours
#[derive(Args, Debug)]
#[command(after_help = INVITE_EXAMPLE)]
pub(super) struct Invite {
    /// What they will sign in with
    #[arg(value_name = "NAME", value_parser = SignInName::parse)]
    name: SignInName,
    /// The organization that the account is limited to; without it: everything on this node
    #[arg(long, value_name = "ID", value_parser = LocalId::parse)]
    organization: Option<LocalId>,
    #[command(flatten)]
    data: Data,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

const INVITE_EXAMPLE: &str = "\
Example:
  agency-node person invite ana@harbor.example --data ./node
  agency-node person invite ben@pantry.example \\
      --organization food-pantry --data ./node

Of who forgot their password the account is revoked, and they are invited again.";

/// Every account
#[derive(Args, Debug)]
#[command(after_help = LIST_EXAMPLE)]
pub(super) struct List {
    #[command(flatten)]
    data: Data,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

const LIST_EXAMPLE: &str = "\
Example:
  agency-node person list --data ./node";

/// End an account with its sessions, at once
#[derive(Args, Debug)]
#[command(after_help = REVOKE_EXAMPLE)]
pub(super) struct Revoke {
    /// What they sign in with
    #[arg(value_name = "NAME", value_parser = SignInName::parse)]
    name: SignInName,
    #[command(flatten)]
    data: Data,
}

const REVOKE_EXAMPLE: &str = "\
Example:
  agency-node person revoke ana@harbor.example --data ./node";

impl PersonCommand {
    pub(super) async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        match self {
            Self::Invite(invite) => invite.run(clock).await,
            Self::List(list) => list.run(clock).await,
            Self::Revoke(revoke) => revoke.run(clock).await,
        }
    }
}

impl Invite {
    async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        let handle = coded(Handle::open(&self.data.directory, &clock).await)?;
        let person = Person {
            name: self.name,
            organization: self.organization,
        };
        let invited = coded(handle.invite(person).await)?;
        if self.json {
            print_json(&json!({ "invitation": invited.secret, "link": invited.link }))?;
        } else {
            print(&told(&invited))?;
        }
        Ok(Exit::Done)
    }
}

fn told(invited: &Invitation) -> String {
    match &invited.link {
        Some(link) => format!("{link}\n"),
        None => format!(
            "{}\nthe daemon serves no page now: put [page] into its configuration, start it, and open its address \
             with /welcome?invitation= and this\n",
            invited.secret
        ),
    }
}

impl List {
    async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        let handle = coded(Handle::open(&self.data.directory, &clock).await)?;
        let accounts = coded(handle.accounts().await)?;
        if self.json {
            let accounts: Vec<_> = accounts.iter().map(document).collect();
            print_json(&json!({ "persons": accounts }))?;
        } else {
            print(&text(&accounts))?;
        }
        Ok(Exit::Done)
    }
}

fn document(account: &AccountView) -> serde_json::Value {
    json!({
        "name": account.person.name.as_str(),
        "organization": account.person.organization.as_ref().map(LocalId::as_str),
        "joined": account.joined,
        "since": instant(account.since),
        "sessions": account.sessions,
    })
}

fn text(accounts: &[AccountView]) -> String {
    if accounts.is_empty() {
        return "nobody has an account; `agency-node person invite` makes one\n".to_owned();
    }
    let mut rows = table(&["name", "organization", "state", "sessions"]);
    for account in accounts {
        let organization = account.person.organization.as_ref();
        rows.add_row([
            account.person.name.as_str().to_owned(),
            organization.map_or_else(|| "all".to_owned(), ToString::to_string),
            if account.joined { "active" } else { "invited" }.to_owned(),
            account.sessions.to_string(),
        ]);
    }
    lines(&rows)
}

impl Revoke {
    async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        let handle = coded(Handle::open(&self.data.directory, &clock).await)?;
        coded(handle.remove(self.name.clone()).await)?;
        print(&format!(
            "{} is revoked and signed out\n",
            self.name.as_str()
        ))?;
        Ok(Exit::Done)
    }
}
