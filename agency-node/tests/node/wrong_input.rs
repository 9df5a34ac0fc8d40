//! Wrong input on the command line: each names the thing, the place and what to do, and half of nothing
//! is done.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use tokio::task::spawn_blocking;

use crate::commands::{
    BAD_CONFIGURATION, DONE, FAILED, REFUSED, Said, UNREACHABLE, USAGE, agency_node, file,
    node_with,
};
use crate::fake::Fake;
use crate::sample::{Running, open};

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
                vec!["set", "shelter", "open"],
                "the id that its file gives it",
            ),
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
        (page, "is a web page"),
        (utf16, "CSV UTF-8"),
        (folder.path().join("absent.csv"), "cannot read"),
    ] {
        let path = path.to_str().unwrap();
        let said = agency_node(&["capacity", "import", path], data.path()).await;

        said.failed(REFUSED, &[path, says]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_of_which_every_row_is_refused_is_refused_whole_and_names_the_rows() {
    let fake = Fake::start().await;
    let data = node_with(&fake, 1).await;
    let folder = tempfile::tempdir().unwrap();
    let table = file(
        &folder,
        "capacity.csv",
        "service_id,state\ns9,open\ns8,ajar\n",
    );
    let services = file(
        &folder,
        "services.json",
        r#"[{"id": "s7", "status": "active"}]"#,
    );

    for (command, path, rows) in [
        (&["capacity", "import"][..], table, &["2", "3"][..]),
        (&["import", "hsds"], services, &["/0"]),
    ] {
        let arguments = [command, &[path.to_str().unwrap(), "--json"]].concat();
        let said = agency_node(&arguments, data.path()).await;

        assert_eq!(said.code, REFUSED, "{said:?}");
        let report = said.json();
        let refused = report["refused"].as_array().unwrap().iter();
        let refused: Vec<_> = refused.map(|row| row["row"].as_str().unwrap()).collect();
        assert_eq!(refused, rows);
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

fn many(rows: usize) -> String {
    let rows = (0..rows).map(|n| format!("s{},open,bed,{n},1000\n", n % 2).replace(",0,", ",1,"));
    "service_id,state,unit,available,maximum\n".to_owned() + &rows.collect::<String>()
}
