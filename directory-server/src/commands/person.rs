//! `directory-server person ...`: letting people in and out.

use clap::{Args, Subcommand};
use referral_proto::v1;
use referral_proto::v1::people_admin_service_server::PeopleAdminService;
use referral_runtime::stdout::print;
use referral_runtime::table::{lines, table};
use serde_json::json;

use super::DataArg;
use super::desk::{Desk, ask};

#[derive(Debug, Subcommand)]
pub(super) enum Person {
    /// Make an account: prints a link on which they set their password, good once and for 72 hours
    Invite(Invite),
    /// Invite somebody again who forgot their password; their sessions end
    Again(Account),
    /// Give somebody another role
    Role(ChangeRole),
    /// End an account at once, with its sessions and tokens
    Revoke(Account),
    /// Every account
    List(List),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server person invite ana@example.org --role caseworker \\\n      --data ./directory"
)]
pub(super) struct Invite {
    /// What they will sign in with; for an OpenID provider their e-mail address there
    #[arg(value_name = "NAME")]
    name: String,
    /// caseworker, specialist, task-force, agency-staff or operator
    #[arg(long)]
    role: String,
    /// The agency they work for
    #[arg(long, value_name = "AGENCY-ID", default_value = "")]
    agency: String,
    #[command(flatten)]
    data: DataArg,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server person revoke p-0123456789abcdef --data ./directory"
)]
pub(super) struct Account {
    /// The account, as `person list` shows it
    #[arg(value_name = "ACCOUNT")]
    account: String,
    #[command(flatten)]
    data: DataArg,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server person role p-0123456789abcdef specialist \\\n      --data ./directory"
)]
pub(super) struct ChangeRole {
    /// The account, as `person list` shows it
    #[arg(value_name = "ACCOUNT")]
    account: String,
    /// caseworker, specialist, task-force, agency-staff or operator
    #[arg(value_name = "ROLE")]
    role: String,
    #[command(flatten)]
    data: DataArg,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  directory-server person list --data ./directory")]
pub(super) struct List {
    #[command(flatten)]
    data: DataArg,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl Person {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let mut desk = Desk::of(self.data()).await?;
        let done = self.at(&mut desk).await;
        desk.close().await?;
        print(&done?)
    }

    fn data(&self) -> &std::path::Path {
        match self {
            Self::Invite(invite) => &invite.data.data,
            Self::Again(account) | Self::Revoke(account) => &account.data.data,
            Self::Role(change) => &change.data.data,
            Self::List(list) => &list.data.data,
        }
    }

    async fn at(self, desk: &mut Desk) -> anyhow::Result<String> {
        match self {
            Self::Invite(invite) => {
                let request = v1::InvitePersonRequest {
                    sign_in_name: invite.name,
                    role: invite.role,
                    agency_id: invite.agency,
                    again: String::new(),
                };
                let invited = ask!(*desk, invite_person, request)?;
                Ok(invitation(&invited, invite.json))
            }
            Self::Again(account) => {
                let request = v1::InvitePersonRequest {
                    again: account.account,
                    ..v1::InvitePersonRequest::default()
                };
                let invited = ask!(*desk, invite_person, request)?;
                Ok(invitation(&invited, false))
            }
            Self::Role(change) => {
                let request = v1::ChangeRoleRequest {
                    account_id: change.account.clone(),
                    role: change.role.clone(),
                };
                ask!(*desk, change_role, request)?;
                Ok(format!("{} is {} now\n", change.account, change.role))
            }
            Self::Revoke(account) => {
                let request = v1::RevokePersonRequest {
                    account_id: account.account.clone(),
                };
                ask!(*desk, revoke_person, request)?;
                Ok(format!(
                    "{} is ended, with its sessions and tokens\n",
                    account.account
                ))
            }
            Self::List(list) => {
                let answer = ask!(*desk, list_persons, v1::ListPersonsRequest {})?;
                if list.json {
                    let name = "referral.v1.ListPersonsResponse";
                    let document = referral_proto::json::to_json(name, &answer)?;
                    return Ok(format!("{document}\n"));
                }
                Ok(listed(&answer.persons))
            }
        }
    }
}

fn invitation(invited: &v1::InvitePersonResponse, as_json: bool) -> String {
    if as_json {
        let document = json!({
            "account": invited.account_id,
            "invitation": invited.invitation,
            "link": invited.link,
        });
        format!("{document}\n")
    } else {
        format!("{}\n{}\n", invited.account_id, invited.link)
    }
}

fn listed(persons: &[v1::Person]) -> String {
    let mut rows = table(&["account", "name", "role", "agency", "state", "sessions"]);
    for person in persons {
        rows.add_row([
            person.account_id.clone(),
            person.sign_in_name.clone(),
            person.role.clone(),
            person.agency_id.clone(),
            person.state.clone(),
            person.sessions.to_string(),
        ]);
    }
    lines(&rows, 0)
}
