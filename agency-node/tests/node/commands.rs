//! The command line, as real processes: help, exit codes, output, and wrong input.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::fake::Fake;
use crate::sample::{Running, import, open, records, service};

/// Exit codes of the issue.
pub(crate) const DONE: i32 = 0;
pub(crate) const FAILED: i32 = 1;
pub(crate) const USAGE: i32 = 2;
pub(crate) const BAD_CONFIGURATION: i32 = 64;
pub(crate) const REFUSED: i32 = 65;
pub(crate) const UNREACHABLE: i32 = 69;

/// What a command said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The one JSON document on standard output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }

    /// Checks the exit code, and that one line on standard error says all of this.
    pub(crate) fn failed(&self, code: i32, says: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.out, "", "a failure says nothing on standard output");
        let last = self.err.lines().last().unwrap_or_default();
        for part in says {
            assert!(self.err.contains(part), "does not say {part:?}: {last}");
        }
    }
}

pub(crate) async fn agency_node(arguments: &[&str], data: &Path) -> Said {
    with_input(arguments, data, "").await
}

async fn with_input(arguments: &[&str], data: &Path, input: &str) -> Said {
    let mut command = Command::cargo_bin("agency-node").unwrap();
    command
        .args(arguments)
        .arg("--data")
        .arg(data)
        .write_stdin(input);
    spawn_blocking(move || Said::of(command.output().unwrap()))
        .await
        .unwrap()
}

/// A node that has joined and publishes one organization, one location and the services.
pub(crate) async fn node_with(fake: &Fake, services: usize) -> TempDir {
    let data = fake.join().await;
    let node = open(data.path());
    node.import(&import(records(services))).unwrap();
    data
}

pub(crate) fn file(directory: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = directory.path().join(name);
    fs::File::create(&path)
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    path
}

#[test]
fn every_command_has_help_with_an_example() {
    for command in [
        "",
        "join",
        "import",
        "import hsds",
        "import csv",
        "capacity",
        "capacity set",
        "capacity confirm",
        "capacity import",
        "mail",
        "mail test",
        "publish",
        "run",
        "status",
        "withdraw",
        "restore",
        "delete",
        "conflicts",
        "conflicts keep",
        "verify",
    ] {
        let mut help = Command::cargo_bin("agency-node").unwrap();
        let help = help
            .args(command.split_whitespace())
            .arg("--help")
            .output()
            .unwrap();
        let said = Said::of(help);

        assert_eq!(said.code, DONE, "{command}");
        assert!(said.out.contains("Example"), "{command}: {}", said.out);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_joins_with_a_token_from_standard_input() {
    let fake = Fake::start().await;
    let data = tempfile::tempdir().unwrap();
    let (url, token) = (
        fake.address().to_string(),
        format!("{}\n", fake.token.reveal()),
    );

    let joined = with_input(
        &["join", &url, "--token", "-", "--json"],
        data.path(),
        &token,
    )
    .await;

    assert_eq!(joined.code, DONE, "{joined:?}");
    assert_eq!(joined.json()["agency"], "harbor");
    assert!(!joined.err.contains(fake.token.reveal().as_str()));

    let again = with_input(&["join", &url, "--token", "-"], data.path(), &token).await;
    again.failed(FAILED, &["has joined", "harbor", "--again"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn capacity_is_queued_without_a_daemon_and_says_so() {
    let fake = Fake::start().await;
    let data = node_with(&fake, 2).await;
    let set = [
        "capacity",
        "set",
        "s0",
        "limited",
        "--unit",
        "bed",
        "--available",
        "2",
    ];

    let queued = agency_node(&set, data.path()).await;

    assert_eq!(queued.code, DONE, "{queued:?}");
    assert!(
        queued.out.contains("is queued; the daemon is not running"),
        "{queued:?}"
    );
    assert_eq!(fake.state().sessions, 0);

    let waited = agency_node(&[&set[..], &["--wait"]].concat(), data.path()).await;
    assert_eq!(
        (waited.code, waited.out.as_str()),
        (DONE, "capacity of s0 is published\n")
    );
    let status = agency_node(&["status", "--json"], data.path()).await.json();
    assert_eq!(status["capacity"][0]["counts"][0]["available"], 2);
    assert_eq!(
        (&status["running"], &status["pending_since"]),
        (&false.into(), &Value::Null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_use_the_daemon_that_runs() {
    let fake = Fake::start().await;
    let data = node_with(&fake, 2).await;
    let daemon = Running::start(data.path());

    let set = agency_node(&["capacity", "set", "s0", "open", "--wait"], data.path()).await;
    let withdrawn = agency_node(&["withdraw", "s1", "--wait"], data.path()).await;
    let published = agency_node(&["publish"], data.path()).await;
    let status = agency_node(&["status", "--json"], data.path()).await.json();

    assert_eq!(
        (set.code, set.out.as_str()),
        (DONE, "capacity of s0 is published\n")
    );
    assert_eq!(
        (withdrawn.code, withdrawn.out.as_str()),
        (DONE, "service s1 is withdrawn\n")
    );
    assert_eq!(published.code, DONE, "{published:?}");
    assert_eq!(
        (&status["running"], &status["connected"]),
        (&true.into(), &true.into())
    );
    assert_eq!(status["services"], 1);
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_to_live_longer_than_allowed_is_shortened_and_told() {
    let fake = Fake::start().await;
    let data = node_with(&fake, 1).await;
    let set = ["capacity", "set", "s0", "open", "--ttl", "7d"];

    let alone = agency_node(&set, data.path()).await;
    let running = Running::start(data.path());
    let with_daemon = agency_node(&set, data.path()).await;
    running.stop().await;

    assert!(alone.out.contains("24 hours"), "{alone:?}");
    assert!(with_daemon.out.contains("24 hours"), "{with_daemon:?}");
    let status = agency_node(&["status", "--json"], data.path()).await.json();
    assert_eq!(status["capacity"][0]["ttl_seconds"], 86_400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_capacity_names_its_bad_rows_and_queues_the_rest() {
    let fake = Fake::start().await;
    let data = node_with(&fake, 3).await;
    let folder = tempfile::tempdir().unwrap();
    let table = file(
        &folder,
        "capacity.csv",
        "service_id,state,unit,available,maximum\n\
         s0,open,bed,2,10\n\
         s1,open,bed,12,10\n\
         s9,closed,,,\n\
         s2,ajar,,,\n",
    );
    let table = table.to_str().unwrap();

    let said = agency_node(&["capacity", "import", table, "--json"], data.path()).await;
    let strict = agency_node(&["capacity", "import", table, "--strict"], data.path()).await;

    let report = said.json();
    let rows: Vec<_> = report["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["row"].as_str().unwrap(), row["field"].as_str().unwrap()))
        .collect();
    assert_eq!((said.code, &report["queued"]), (DONE, &1.into()));
    assert_eq!(
        rows,
        [("3", "available"), ("4", "service_id"), ("5", "state")]
    );
    assert_eq!(strict.code, REFUSED);
    assert!(
        strict.out.contains("capacity.csv:5 state: a state is"),
        "{}",
        strict.out
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn status_names_what_the_directory_refused() {
    let fake = Fake::start().await;
    let data = node_with(&fake, 2).await;
    fake.fault(|faults| faults.refuse.extend(["s1".to_owned()]));

    let published = agency_node(&["publish"], data.path()).await;
    let status = agency_node(&["status"], data.path()).await;
    let json = agency_node(&["status", "--json"], data.path()).await.json();

    assert!(published.out.contains("1 refused"), "{published:?}");
    assert!(
        status.out.contains("refused by the directory: 1"),
        "{}",
        status.out
    );
    assert!(status.out.contains("refused: not_wanted"), "{}", status.out);
    assert_eq!(json["rejections"][0]["id"], "s1");
    assert_eq!(json["rejections"][0]["code"], "not_wanted");
}

#[tokio::test(flavor = "multi_thread")]
async fn output_that_nobody_reads_to_its_end_is_no_failure() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let many = (0..2_000).map(|n| service(&format!("s{n}"), "Service", "org", &["loc"]));
    let all = records(0).into_iter().chain(many).collect();
    let node = open(data.path());
    node.import(&import(all)).unwrap();
    drop(node);
    let program = assert_cmd::cargo::cargo_bin("agency-node");
    let script = format!(
        "{} status --data {} | head -c 1",
        program.display(),
        data.path().display()
    );

    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &script]);
    let said = spawn_blocking(move || Said::of(shell.output().unwrap()))
        .await
        .unwrap();

    assert_eq!((said.code, said.err.as_str()), (DONE, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_at_the_same_time_wait_for_each_other() {
    let fake = Fake::start().await;
    let data = node_with(&fake, 1).await;
    let program = assert_cmd::cargo::cargo_bin("agency-node");
    let set = |available: u32| {
        let mut set = std::process::Command::new(&program);
        set.args([
            "capacity",
            "set",
            "s0",
            "open",
            "--available",
            &available.to_string(),
        ]);
        set.arg("--data")
            .arg(data.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };

    let started: Vec<_> = (1..=8).map(set).collect();
    let ended = spawn_blocking(|| {
        started
            .into_iter()
            .map(|mut one| one.wait().unwrap().code())
    });
    let codes: Vec<_> = ended.await.unwrap().collect();

    assert_eq!(codes, [Some(DONE); 8]);
    assert_eq!(open(data.path()).progress().borrow().reported, 8);
}

/// What `doctor` says of each check.
fn verdicts(said: &Said) -> Vec<(String, String)> {
    let found = said.json();
    let findings = found["findings"].as_array().unwrap().iter();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .map(|one| (word(&one["check"]), word(&one["verdict"])))
        .collect()
}

fn is(found: &[(String, String)], check: &str, verdict: &str) {
    let found = found.iter().find(|(name, _)| name == check);
    assert_eq!(
        found.map(|(_, verdict)| verdict.as_str()),
        Some(verdict),
        "{check}"
    );
}

#[tokio::test]
async fn the_doctor_finds_a_node_that_has_not_joined() {
    let data = TempDir::new().unwrap();

    let said = agency_node(&["doctor", "--json"], data.path()).await;

    assert_eq!(said.code, FAILED);
    is(&verdicts(&said), "membership", "ill");
    assert_eq!(
        fs::read_dir(data.path()).unwrap().count(),
        0,
        "a doctor makes nothing"
    );
}

#[tokio::test]
async fn the_doctor_says_whether_the_daemon_and_the_directory_are_there() {
    let mut fake = Fake::start().await;
    let data = node_with(&fake, 1).await;

    let alone = agency_node(&["doctor", "--json"], data.path()).await;
    let daemon = Running::start(data.path());
    let published = agency_node(&["publish"], data.path()).await;
    let with_daemon = agency_node(&["doctor", "--json"], data.path()).await;
    daemon.stop().await;
    fake.stop().await;
    let cut_off = agency_node(&["doctor", "--json"], data.path()).await;

    let found = verdicts(&alone);
    assert_eq!(alone.code, DONE, "{alone:?}");
    is(&found, "daemon", "care");
    is(&found, "directory", "well");
    assert_eq!(
        (published.code, with_daemon.code),
        (DONE, DONE),
        "{with_daemon:?}"
    );
    for check in [
        "secrets",
        "membership",
        "certificate",
        "daemon",
        "directory",
        "queue",
    ] {
        is(&verdicts(&with_daemon), check, "well");
    }
    assert_eq!(cut_off.code, FAILED, "{cut_off:?}");
    is(&verdicts(&cut_off), "directory", "ill");
}
