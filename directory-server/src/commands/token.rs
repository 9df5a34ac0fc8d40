//! `directory-server token ...`: tokens for programs that act for an account.

use std::time::Duration;

use clap::{Args, Subcommand};
use referral_proto::v1;
use referral_proto::v1::people_admin_service_server::PeopleAdminService;
use referral_runtime::stdout::print;
use referral_runtime::table::{lines, table};

use super::DataArg;
use super::desk::{Desk, ask};

#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Make a token: prints it this once
    Make(Make),
    /// End a token at once
    Revoke(Revoke),
    /// Every token
    List(List),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Programs send it as: authorization: Bearer TOKEN\n\nExample:\n  directory-server token make p-0123456789abcdef --scopes search,feed \\\n      --days 90 --data ./directory"
)]
pub(super) struct Make {
    /// The account it acts for
    #[arg(value_name = "ACCOUNT")]
    account: String,
    /// What it is good for: search, feed, coverage, feedback
    #[arg(long, value_delimiter = ',', required = true)]
    scopes: Vec<String>,
    /// For how many days
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u64).range(1..=366))]
    days: u64,
    #[command(flatten)]
    data: DataArg,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server token revoke t-0123456789abcdef --data ./directory"
)]
pub(super) struct Revoke {
    /// The token's id, as `token list` shows it
    #[arg(value_name = "TOKEN-ID")]
    token: String,
    #[command(flatten)]
    data: DataArg,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  directory-server token list --data ./directory")]
pub(super) struct List {
    #[command(flatten)]
    data: DataArg,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl Token {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let data = match &self {
            Self::Make(make) => &make.data.data,
            Self::Revoke(revoke) => &revoke.data.data,
            Self::List(list) => &list.data.data,
        };
        let mut desk = Desk::of(data).await?;
        let done = self.at(&mut desk).await;
        desk.close().await?;
        print(&done?)
    }

    async fn at(self, desk: &mut Desk) -> anyhow::Result<String> {
        match self {
            Self::Make(make) => {
                let good_for = Duration::from_hours(24 * make.days);
                let request = v1::MakeTokenRequest {
                    account_id: make.account,
                    scopes: make.scopes,
                    good_for: good_for.try_into().ok(),
                };
                let token = ask!(*desk, make_token, request)?;
                if make.json {
                    let document =
                        serde_json::json!({ "id": token.token_id, "token": token.token });
                    return Ok(format!("{document}\n"));
                }
                Ok(format!("{}\n{}\n", token.token_id, token.token))
            }
            Self::Revoke(revoke) => {
                let request = v1::RevokeTokenRequest {
                    token_id: revoke.token.clone(),
                };
                ask!(*desk, revoke_token, request)?;
                Ok(format!("{} is ended\n", revoke.token))
            }
            Self::List(list) => {
                let answer = ask!(*desk, list_tokens, v1::ListTokensRequest {})?;
                if list.json {
                    let name = "referral.v1.ListTokensResponse";
                    let document = referral_proto::json::to_json(name, &answer)?;
                    return Ok(format!("{document}\n"));
                }
                Ok(listed(&answer.tokens))
            }
        }
    }
}

fn listed(tokens: &[v1::ApiToken]) -> String {
    let mut rows = table(&["token", "account", "scopes", "until", "state"]);
    for token in tokens {
        let until = token.expires_at.as_ref().map(ToString::to_string);
        rows.add_row([
            token.token_id.clone(),
            token.account_id.clone(),
            token.scopes.join(","),
            until.unwrap_or_default(),
            if token.revoked { "revoked" } else { "" }.to_owned(),
        ]);
    }
    lines(&rows, 0)
}
