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
const DONE: i32 = 0;
const FAILED: i32 = 1;
const USAGE: i32 = 2;
const BAD_CONFIGURATION: i32 = 64;
const REFUSED: i32 = 65;
const UNREACHABLE: i32 = 69;

/// What a command said and how it ended.
#[derive(Debug)]
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The one JSON document on standard output.
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }

    /// Checks the exit code, and that one line on standard error says all of this.
    fn failed(&self, code: i32, says: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.out, "", "a failure says nothing on standard output");
        let last = self.err.lines().last().unwrap_or_default();
        for part in says {
            assert!(self.err.contains(part), "does not say {part:?}: {last}");
        }
    }
}

async fn agency_node(arguments: &[&str], data: &Path) -> Said {
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
async fn node_with(fake: &Fake, services: usize) -> TempDir {
    let data = fake.join().await;
    let node = open(data.path());
    node.import(&import(records(services))).unwrap();
    data
}

fn file(directory: &TempDir, name: &str, text: &str) -> PathBuf {
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
        "capacity import",
        "publish",
        "run",
        "status",
        "withdraw",
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

#[tokio::test]
async fn a_command_line_that_makes_no_sense_is_usage() {
    let data = tempfile::tempdir().unwrap();
    for (arguments, says) in [
        (vec!["frobnicate"], "frobnicate"),
        (
            vec!["capacity", "set", "s0", "opened"],
            "a state is open, limited",
        ),
        (
            vec!["capacity", "set", "s0", "stale"],
            "a state is open, limited",
        ),
        (vec!["capacity", "set", "s 0", "open"], "a record id is"),
        (
            vec!["capacity", "set", "s0", "open", "--available", "-1"],
            "-1",
        ),
        (
            vec!["capacity", "set", "s0", "open", "--available", "many"],
            "many",
        ),
        (
            vec!["capacity", "set", "s0", "open", "--unit", "kilogram"],
            "a unit is one of client",
        ),
        (
            vec!["capacity", "set", "s0", "open", "--ttl", "forever"],
            "1 minute to 30 days",
        ),
        (
            vec!["capacity", "set", "s0", "open", "--ttl", "400d"],
            "1 minute to 30 days",
        ),
        (
            vec!["capacity", "set", "s0", "paused", "--reopens", "2026-13-45"],
            "as in 2026-09-01",
        ),
        (
            vec!["capacity", "set", "s0", "paused", "--reopens", "tomorrow"],
            "as in 2026-09-01",
        ),
        (
            vec!["capacity", "set", "s0", "paused", "--reopens", "1999-01-01"],
            "is in the past",
        ),
        (
            vec!["capacity", "set", "s0", "open", "--reopens", "2099-01-01"],
            "goes with the states",
        ),
        (vec!["join", "http://a:1", "--token", "x"], "https only"),
        (
            vec!["join", "https://127.0.0.1:1", "--token", "x"],
            "no whole join token",
        ),
    ] {
        let said = agency_node(&arguments, data.path()).await;

        said.failed(USAGE, &[says]);
    }
    assert_eq!(
        fs::read_dir(data.path()).unwrap().count(),
        0,
        "nothing was created"
    );
}

#[tokio::test]
async fn a_data_directory_that_has_not_joined_is_named_and_not_created() {
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("node");
    for arguments in [
        vec!["status"],
        vec!["run"],
        vec!["publish"],
        vec!["withdraw", "s0"],
        vec!["capacity", "set", "s0", "open"],
        vec!["import", "hsds", "services.json"],
    ] {
        let said = agency_node(&arguments, &data).await;

        let place = data.display().to_string();
        said.failed(
            BAD_CONFIGURATION,
            &[&place, "has not joined a directory", "agency-node join"],
        );
    }
    assert!(!data.exists());
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
    again.failed(FAILED, &["has joined", "harbor", "another data directory"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_is_down_is_unreachable_and_nothing_is_lost() {
    let mut fake = Fake::start().await;
    let data = node_with(&fake, 2).await;
    let fresh = tempfile::tempdir().unwrap();
    fake.stop().await;
    let (url, token) = (fake.address().to_string(), fake.token.reveal());

    let join = agency_node(&["join", &url, "--token", &token], fresh.path()).await;
    let publish = agency_node(&["publish"], data.path()).await;
    let set = agency_node(&["capacity", "set", "s0", "open", "--wait"], data.path()).await;

    join.failed(UNREACHABLE, &["cannot join", &url, "check the address"]);
    publish.failed(UNREACHABLE, &["stays queued", &url]);
    set.failed(UNREACHABLE, &["stays queued", &url]);
    fake.restart().await;
    let published = agency_node(&["publish", "--json"], data.path()).await;
    assert_eq!(published.json()["operations"], 4, "{published:?}");
    let state = fake.state();
    assert_eq!((state.live(), state.reports.len()), (4, 1));
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
async fn numbers_that_cannot_be_true_and_unknown_names_are_refused() {
    let fake = Fake::start().await;
    let data = node_with(&fake, 2).await;
    for daemon in [false, true] {
        let running = daemon.then(|| Running::start(data.path()));
        for (arguments, says) in [
            (
                vec!["set", "s0", "open", "--available", "12", "--maximum", "10"],
                "places available",
            ),
            (
                vec!["set", "s0", "open", "--available", "0"],
                "say waitlist, paused or closed",
            ),
            (vec!["set", "s00", "open"], "did you mean s0"),
            (
                vec!["set", "s0", "open", "--location", "moon"],
                "it is offered at loc",
            ),
        ] {
            let arguments = [vec!["capacity"], arguments].concat();
            let said = agency_node(&arguments, data.path()).await;

            said.failed(REFUSED, &[says]);
        }
        let unknown = agency_node(&["withdraw", "s00"], data.path()).await;
        unknown.failed(REFUSED, &["no service s00", "did you mean s0"]);
        if let Some(running) = running {
            running.stop().await;
        }
    }
    assert_eq!(
        open(data.path()).progress().borrow().reported,
        0,
        "nothing was queued"
    );
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
    let mut rows: Vec<_> = report["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["row"].as_str().unwrap(), row["field"].as_str().unwrap()))
        .collect();
    rows.sort_unstable();
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
async fn a_table_that_is_none_is_refused_whole() {
    let fake = Fake::start().await;
    let data = node_with(&fake, 1).await;
    let folder = tempfile::tempdir().unwrap();
    let page = file(
        &folder,
        "page.csv",
        "<!DOCTYPE html><html><body>Log in</body></html>",
    );
    let utf16 = folder.path().join("utf16.csv");
    fs::write(&utf16, [0xff, 0xfe, b's', 0, b'e', 0]).unwrap();

    for (path, says) in [
        (page, "no column service_id"),
        (utf16, "CSV UTF-8"),
        (folder.path().join("absent.csv"), "cannot read"),
    ] {
        let path = path.to_str().unwrap();
        let said = agency_node(&["capacity", "import", path], data.path()).await;

        said.failed(REFUSED, &[path, says]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_in_use_is_named_with_its_holder() {
    let fake = Fake::start().await;
    let data = node_with(&fake, 1).await;
    let running = Running::start(data.path());

    let second = agency_node(&["run"], data.path()).await;

    assert_eq!(second.code, FAILED);
    let holder = format!("in use by process {}", std::process::id());
    assert!(second.err.contains(&holder), "{}", second.err);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_makes_no_sense_is_named_with_its_line() {
    let fake = Fake::start().await;
    let data = node_with(&fake, 1).await;
    let folder = tempfile::tempdir().unwrap();
    let config = file(
        &folder,
        "agency-node.toml",
        "[publish]\nwellcome = \"1s\"\n",
    );

    let said = agency_node(&["run", "--config", config.to_str().unwrap()], data.path()).await;

    said.failed(
        BAD_CONFIGURATION,
        &["agency-node.toml:2", "publish.wellcome"],
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
async fn a_full_disk_is_named_and_half_of_nothing_is_queued() {
    let fake = Fake::start().await;
    let data = node_with(&fake, 2).await;
    let before = *open(data.path()).progress().borrow();
    let program = assert_cmd::cargo::cargo_bin("agency-node");
    // Files may not grow beyond 8 blocks of 512 or 1,024 bytes: the disk is full for the journal.
    let script = format!(
        "ulimit -f 1; exec {} capacity import {} --data {}",
        program.display(),
        file(&data, "many.csv", &many(400)).display(),
        data.path().display()
    );

    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &script]).stdin(Stdio::null());
    let said = spawn_blocking(move || Said::of(shell.output().unwrap()))
        .await
        .unwrap();

    said.failed(
        FAILED,
        &["nothing was queued", "no space left for the journal"],
    );
    assert_eq!(*open(data.path()).progress().borrow(), before);
    let after = agency_node(&["capacity", "set", "s0", "open"], data.path()).await;
    assert_eq!(after.code, DONE, "it heals when there is space: {after:?}");
}

fn many(rows: usize) -> String {
    let rows = (0..rows).map(|n| format!("s{},open,bed,{n},1000\n", n % 2).replace(",0,", ",1,"));
    "service_id,state,unit,available,maximum\n".to_owned() + &rows.collect::<String>()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = file(&folder, "file", "not a directory");
    let fake = Fake::start().await;
    let (url, token) = (fake.address().to_string(), fake.token.reveal());

    let under_a_file = agency_node(&["join", &url, "--token", &token], &blocked.join("n")).await;
    let read_only = agency_node(&["join", &url, "--token", &token], Path::new("/proc/node")).await;

    under_a_file.failed(FAILED, &["file/n"]);
    read_only.failed(FAILED, &["/proc/node"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn importing_a_file_that_is_not_there_is_refused_whole() {
    let fake = Fake::start().await;
    let data = node_with(&fake, 1).await;

    let said = agency_node(&["import", "hsds", "/nowhere/services.json"], data.path()).await;

    said.failed(
        REFUSED,
        &["/nowhere/services.json", "nothing of it is taken"],
    );
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
