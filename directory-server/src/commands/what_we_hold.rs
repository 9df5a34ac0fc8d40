//! `directory-server what-we-hold`: everything held about an agency or a name.

use std::fmt::Write as _;

use clap::Args;
use referral_proto::v1;
use referral_proto::v1::people_admin_service_server::PeopleAdminService;
use referral_runtime::stdout::print;

use super::DataArg;
use super::desk::{Desk, ask};

/// Everything the directory holds about an agency, a person or any words. Searches are not held, so they are
/// never in it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  directory-server what-we-hold harbor-house --data ./directory\n  directory-server what-we-hold \"Ana Morales\" --data ./directory"
)]
pub(super) struct WhatWeHold {
    /// An agency's id, what somebody signs in with, or any words
    #[arg(value_name = "AGENCY|NAME")]
    about: String,
    #[command(flatten)]
    data: DataArg,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl WhatWeHold {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let mut desk = Desk::of(&self.data.data).await?;
        let request = v1::WhatWeHoldRequest { about: self.about };
        let answer = ask!(desk, what_we_hold, request);
        desk.close().await?;
        let answer = answer?;
        if self.json {
            let name = "referral.v1.WhatWeHoldResponse";
            return print(&format!(
                "{}\n",
                referral_proto::json::to_json(name, &answer)?
            ));
        }
        let mut text = String::new();
        for thing in &answer.things {
            let _infallible = writeln!(text, "{:<8} {}", thing.place, thing.what);
        }
        if text.is_empty() {
            text.push_str("nothing is held\n");
        }
        print(&text)
    }
}
