//! `agency-node doctor`: whether the node has what it needs here. It changes nothing.

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;
use referral_runtime::clock::Clock;
use referral_runtime::config::load;
use referral_runtime::doctor::{self, Asked, Finding, Findings};
use referral_runtime::exit::Exit;
use referral_runtime::progress::Working;

use super::Data;
use super::output::{instant, print, since};
use crate::Config;
use crate::control::Handle;
use crate::identity::{Joined, SECRETS};
use crate::mail::Mailer;
use crate::operations::Status;

/// Files and connections that a node may need at once.
const FILES: u64 = 1024;

/// Say whether the node has what it needs: configuration, disk, keys, the directory
#[derive(Args, Debug)]
#[command(after_help = EXAMPLE)]
pub(super) struct Doctor {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    asked: Asked,
}

const EXAMPLE: &str = "\
Example:
  agency-node doctor --data ./node --config agency-node.toml

It changes nothing. Exit code 1: something is ill.";

impl Doctor {
    pub(super) async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        let working = Working::on("looking");
        let data = &self.data.directory;
        let mut findings = Findings::default();
        findings.add(configuration(self.asked.config.as_deref()));
        findings.add(doctor::data_directory(data));
        if data.is_dir() {
            findings.add(doctor::room(data));
            let secrets = SECRETS.map(|file| data.join(file));
            findings.add(doctor::secrets(&secrets));
            membership(data, &clock, &mut findings).await;
        }
        findings.add(doctor::open_files(FILES));
        drop(working);
        print(&findings.say(self.asked.json)?)?;
        Ok(findings.exit())
    }
}

fn configuration(file: Option<&Path>) -> Finding {
    const CHECK: &str = "configuration";
    let advice = "agency-node config print shows every key";
    let config: Config = match load(file) {
        Ok(config) => config,
        Err(error) => return Finding::ill(CHECK, error.to_string(), advice),
    };
    match config.mail.as_ref().map(Mailer::new) {
        Some(Err(error)) => Finding::ill(CHECK, error.to_string(), advice),
        Some(Ok(_)) => Finding::well(CHECK, "can be used"),
        None => Finding::care(
            CHECK,
            "can be used; nobody is reminded by mail before capacity goes stale",
            "set [mail]",
        ),
    }
}

/// What is to be looked at once the node has joined: its certificate, and its daemon or the way to the directory.
async fn membership(data: &Path, clock: &Arc<dyn Clock>, findings: &mut Findings) {
    const CHECK: &str = "membership";
    let joined = match Joined::load(data) {
        Ok(joined) => joined,
        Err(error) => return findings.add(Finding::ill(CHECK, error.to_string(), "")),
    };
    let membership = &joined.membership;
    let found = format!("{} at {}", membership.agency, membership.directory);
    findings.add(Finding::well(CHECK, found));
    findings.add(certificate(membership.certificate_expires, clock.now()));
    let asked = match Handle::running(data).await {
        Ok(Some(daemon)) => daemon.status().await.map(Some),
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    match asked {
        Ok(Some(status)) => running(&status, clock.now(), findings),
        Ok(None) => {
            let advice = "agency-node run, or publish from a nightly job";
            let found = "none runs: nothing is published by itself";
            findings.add(Finding::care("daemon", found, advice));
            findings.add(way(&joined, clock).await);
        }
        Err(error) => {
            let advice = "stop it and start it again";
            findings.add(Finding::ill("daemon", error.to_string(), advice));
        }
    }
}

fn certificate(expires: Timestamp, now: Timestamp) -> Finding {
    const CHECK: &str = "certificate";
    let until = instant(expires);
    if expires > now {
        return Finding::well(CHECK, format!("good until {until}"));
    }
    // A lid that was closed for weeks is no failure: it is renewed by the listing key.
    let advice = "the next connection renews it by the listing key; check this machine's clock";
    Finding::care(CHECK, format!("was good until {until}"), advice)
}

/// What the daemon says of itself.
fn running(status: &Status, now: Timestamp, findings: &mut Findings) {
    findings.add(Finding::well("daemon", "runs"));
    let link = &status.link;
    findings.add(if link.connected {
        Finding::well("directory", "connected")
    } else {
        let advice = "what is queued stays queued and is sent by itself";
        let problem = if link.problem.is_empty() {
            "not connected yet"
        } else {
            &link.problem
        };
        Finding::ill("directory", problem, advice)
    });
    findings.add(match status.pending_since {
        None => Finding::well("queue", "the directory has acknowledged everything"),
        Some(at) => {
            let found = format!("something waits since {}", since(at, now));
            Finding::care("queue", found, "agency-node status says what")
        }
    });
    let open = status.rejections.len() + status.conflicts + status.deletions_held;
    findings.add(if open == 0 {
        Finding::well("decisions", "nothing was refused, nothing waits for you")
    } else {
        let found = format!("{open} records were refused or wait for a decision");
        Finding::care("decisions", found, "agency-node status names them")
    });
}

/// Whether the directory can be reached from here.
async fn way(joined: &Joined, clock: &Arc<dyn Clock>) -> Finding {
    const CHECK: &str = "directory";
    let dialer = match joined.dialer(Arc::clone(clock)) {
        Ok(dialer) => dialer,
        Err(error) => return Finding::ill(CHECK, error.to_string(), "join again"),
    };
    match dialer.connect().await {
        Ok(_) => Finding::well(CHECK, "answers, and is the one this node joined"),
        Err(error) => Finding::ill(CHECK, error.to_string(), ""),
    }
}
