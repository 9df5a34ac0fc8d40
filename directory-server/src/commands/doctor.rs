//! `directory-server doctor`: whether the directory has what it needs here. It changes nothing.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use referral_proto::v1;
use referral_runtime::clock::{Clock, SystemClock};
use referral_runtime::config::load;
use referral_runtime::doctor::{self, Asked, Finding, Findings};
use referral_runtime::exit::{Exit, WithExit};
use referral_runtime::progress::Working;
use referral_runtime::stdout::print;
use referral_runtime::tls::{Leaf, certificate_from_pem};

use super::{DataArg, config, running};
use crate::audit::{self, Act};
use crate::config::{Config, PublicConfig};
use crate::life::{AUTHORITY, JOURNAL};
use crate::operations::OLD_BACKUP;

/// Files and connections that a directory may need at once: one for each agency, each open page, and its own files.
const FILES: u64 = 16_384;
/// A certificate that is good for less than this has to be replaced soon.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Says whether the directory has what it needs: configuration, disk, keys, certificates, backups, agencies.
#[derive(Debug, Args)]
#[command(
    after_help = "It changes nothing. Exit code 1: something is ill.\n\nExample:\n  directory-server doctor --data ./directory \\\n      --config /etc/directory-server.toml"
)]
pub(super) struct Doctor {
    #[command(flatten)]
    data: DataArg,
    #[command(flatten)]
    asked: Asked,
}

impl Doctor {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let working = Working::on("looking");
        let (data, now) = (self.data.data.as_path(), SystemClock::new().now());
        let mut findings = Findings::default();
        let config = configuration(self.asked.config.as_deref(), &mut findings);
        findings.add(doctor::data_directory(data));
        if data.is_dir() {
            findings.add(doctor::room(data));
            findings.add(doctor::secrets(&files_in(&data.join(AUTHORITY))));
            findings.add(authority(data, now));
            findings.add(log(data));
            if data.join(JOURNAL).is_dir() {
                findings.add(backup(data, now));
            }
            agencies(data, &mut findings).await;
        }
        if let Some(config) = config {
            findings.add(pages(&config.public, now));
        }
        findings.add(doctor::open_files(FILES));
        drop(working);
        print(&findings.say(self.asked.json)?)?;
        match findings.exit() {
            Exit::Done => Ok(()),
            exit => Err(anyhow::anyhow!("something is ill")).exit(exit),
        }
    }
}

fn configuration(file: Option<&Path>, findings: &mut Findings) -> Option<Config> {
    const CHECK: &str = "configuration";
    let usable = load::<Config>(file)
        .map_err(anyhow::Error::from)
        .and_then(|config| config::usable(&config).map(|()| config));
    match usable {
        Ok(config) => {
            findings.add(Finding::well(CHECK, "can be used"));
            Some(config)
        }
        Err(error) => {
            let advice = "directory-server config print shows every key";
            findings.add(Finding::ill(CHECK, format!("{error:#}"), advice));
            None
        }
    }
}

/// The authority: without it no agency can ever come back.
fn authority(data: &Path, now: Timestamp) -> Finding {
    const CHECK: &str = "authority";
    let folder = data.join(AUTHORITY);
    let certificates = files_in(&folder).into_iter();
    let mut certificates = certificates.filter(|path| path.extension().is_some_and(|e| e == "pem"));
    let Some(file) = certificates.next() else {
        let found = "none yet: serve makes it, and nothing else should";
        let advice = "where there was one: directory-server authority import";
        return Finding::care(CHECK, found, advice);
    };
    certificate(
        CHECK,
        &file,
        now,
        "it cannot be replaced: ask for help before then",
    )
}

/// The certificate of the pages.
fn pages(config: &PublicConfig, now: Timestamp) -> Finding {
    const CHECK: &str = "pages";
    match &config.certificate {
        Some(file) => certificate(
            CHECK,
            file,
            now,
            "replace the files; it is read again by itself",
        ),
        None => Finding::care(
            CHECK,
            format!("http on {}: for this machine alone", config.listen),
            "set public.certificate and public.key, or put a proxy with TLS before it",
        ),
    }
}

fn certificate(check: &'static str, file: &Path, now: Timestamp, advice: &str) -> Finding {
    let shown = file.display();
    let read = fs::read(file).map_err(|error| format!("{shown} cannot be read: {error}"));
    let leaf = read.and_then(|pem| {
        let leaf = certificate_from_pem(&pem).ok();
        let leaf = leaf.and_then(|certificate| Leaf::of(&certificate));
        leaf.ok_or_else(|| format!("{shown} holds no certificate"))
    });
    match leaf {
        Err(found) => Finding::ill(check, found, advice),
        Ok(leaf) if leaf.not_after <= now => Finding::ill(
            check,
            format!("was good until {:.0}", leaf.not_after),
            advice,
        ),
        Ok(leaf) if leaf.not_after.duration_since(now) < SOON => {
            Finding::care(check, format!("good until {:.0}", leaf.not_after), advice)
        }
        Ok(leaf) => Finding::well(check, format!("good until {:.0}", leaf.not_after)),
    }
}

/// Whether nobody wrote the audit log anew.
fn log(data: &Path) -> Finding {
    const CHECK: &str = "audit log";
    match audit::verify(data, None) {
        Ok(_) => Finding::well(CHECK, "is whole"),
        Err(error) => Finding::ill(CHECK, error.to_string(), "keep a copy before anything else"),
    }
}

/// When a backup was last taken.
fn backup(data: &Path, now: Timestamp) -> Finding {
    const CHECK: &str = "backup";
    let advice = "directory-server backup, every night";
    let entries = match audit::read(data) {
        Ok(entries) => entries,
        Err(error) => return Finding::ill(CHECK, format!("not known: {error}"), advice),
    };
    let taken = entries.iter().rev();
    let mut taken = taken.filter(|entry| entry.act == Act::BackupTaken.as_str());
    match taken.next() {
        None => Finding::care(CHECK, "none was ever taken", advice),
        Some(last) if now.duration_since(last.at) > OLD_BACKUP => {
            Finding::care(CHECK, format!("the last was taken {:.0}", last.at), advice)
        }
        Some(last) => Finding::well(CHECK, format!("the last was taken {:.0}", last.at)),
    }
}

/// Whether the directory runs, and who of its agencies is heard.
async fn agencies(data: &Path, findings: &mut Findings) {
    const CHECK: &str = "directory";
    let mut client = match running(data).await {
        Ok(Some(client)) => client,
        Ok(None) => {
            let found = "does not run";
            return findings.add(Finding::care(CHECK, found, "directory-server serve"));
        }
        Err(error) => return findings.add(Finding::ill(CHECK, format!("{error:#}"), "")),
    };
    let listed = match client.list_agencies(v1::ListAgenciesRequest {}).await {
        Ok(listed) => listed.into_inner().agencies,
        Err(status) => {
            let advice = "stop it and start it again";
            return findings.add(Finding::ill(CHECK, status.message(), advice));
        }
    };
    findings.add(Finding::well(CHECK, "runs and answers"));
    let joined = listed.iter().filter(|agency| agency.joined).count();
    let silent = listed.iter().filter(|agency| agency.silent).count();
    let alarmed = listed.iter().filter(|a| !a.alarms.is_empty()).count();
    let found = format!("{joined} have joined, {silent} are silent, {alarmed} to be looked at");
    findings.add(if silent + alarmed == 0 {
        Finding::well("agencies", found)
    } else {
        Finding::care(
            "agencies",
            found,
            "directory-server agency status names them",
        )
    });
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use referral_runtime::doctor::Verdict;
    use referral_runtime::tls::{Authority, TrustDomain};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_authority_is_looked_at_without_making_one() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join(AUTHORITY);
        let now = at("2026-05-20T08:00:00Z");
        assert_eq!(authority(data.path(), now).verdict, Verdict::Care);
        assert!(!folder.exists());
        fs::create_dir(&folder).unwrap();
        let domain = TrustDomain::parse("referral.internal").unwrap();
        Authority::open(&folder, &domain, now).unwrap();

        let (fresh, old) = (
            authority(data.path(), now),
            authority(data.path(), at("2099-01-01T00:00:00Z")),
        );

        assert_eq!((fresh.verdict, old.verdict), (Verdict::Well, Verdict::Ill));
        assert_eq!(doctor::secrets(&files_in(&folder)).verdict, Verdict::Well);
    }

    #[test]
    fn a_file_that_is_no_certificate_is_named() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("pages.pem");
        fs::write(&file, "no certificate").unwrap();

        let found = certificate("pages", &file, at("2026-05-20T08:00:00Z"), "");

        assert_eq!(found.verdict, Verdict::Ill);
        assert!(found.found.contains("pages.pem"), "{found:?}");
    }
}
