//! Losses: a disk that is gone, data that somebody altered, a limit that no file may pass. What was acknowledged comes
//! back, nothing more and nothing less, and what differs is said.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::copies::{changes, copy, world};
use crate::journal::removals;
use crate::mirror::Mirror;
use crate::processes::{Directory, Node, Started, eventually, program};

/// How many changes are made between two looks.
const CHANGES: usize = 30;
/// Exit code: the disk failed.
const STORAGE_FAILED: i32 = 75;
/// By how much a file may grow where growing is limited. Unit: bytes.
const GROWTH: u64 = 16 << 10;

/// A process that is started in another way than usual, ended when dropped.
struct Unusual(Child);

impl Unusual {
    fn start(command: &mut Command, home: &Path) -> Self {
        let log = home.join("unusual.log");
        let log = File::options().append(true).create(true).open(log);
        Self(
            command
                .stderr(log.expect("a log"))
                .spawn()
                .expect("the program starts"),
        )
    }

    /// A directory: waits until it serves.
    fn directory(command: &mut Command, home: &Path) -> Self {
        let mut directory = Self::start(command.stdout(Stdio::piped()), home);
        let stdout = directory.0.stdout.take().expect("its output");
        let lines = BufReader::new(stdout).lines().take(2);
        assert_eq!(lines.count(), 2, "it says where it listens");
        directory
    }

    /// The code with which it has ended by itself.
    fn code(&mut self) -> Option<i32> {
        self.0.try_wait().expect("a child")?.code()
    }

    /// It runs, or says that the disk failed.
    fn has_failed_at_most_on_storage(&mut self, home: &Path) {
        let log = fs::read_to_string(home.join("unusual.log")).unwrap_or_default();
        let code = self.code();
        assert!(
            code.is_none_or(|code| code == STORAGE_FAILED),
            "{code:?}: {log}"
        );
    }
}

impl Drop for Unusual {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _ended = self.0.wait();
    }
}

fn ran(command: &mut Command) -> Output {
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{output:?}");
    output
}

#[tokio::test]
async fn a_directory_of_which_only_the_authority_is_left_gets_back_everything_and_nothing_more() {
    let mut world = world(5).await;
    let before = world.shown().await;
    world.directory.process.kill();
    let data = world.directory.data();
    let kept = data.with_extension("ca");
    copy(&data.join("ca"), &kept);
    fs::remove_dir_all(&data).expect("it is there");
    fs::create_dir(&data).expect("a folder");
    copy(&kept, &data.join("ca"));

    let mut serve = world.directory.serve();
    let rebuilding = Unusual::directory(serve.arg("--rebuild"), world.path());
    world.settle_anew().await;

    assert_eq!(world.shown().await, before);
    assert_eq!(removals(&data), 0, "nothing is taken away");
    let mut end = program("directory-server", world.path(), "");
    ran(end.arg("end-rebuild").arg("--data").arg(&data));
    drop(rebuilding);
    assert_eq!(world.directory.start(""), Started::Serves);
    assert_eq!(world.shown().await, before);
    changes(&mut world).await;
}

#[tokio::test]
async fn an_agency_whose_node_is_gone_joins_again_and_takes_over_what_it_signed() {
    let mut world = world(6).await;
    let before = world.shown().await;
    let removed = removals(&world.directory.data());
    let lost = &mut world.agencies[0].node;
    lost.process.kill();
    fs::remove_dir_all(lost.data()).expect("it is there");
    let again = world
        .directory
        .agency(&["enrol", "harbor", "--again", "--json"]);
    let again: Value = serde_json::from_slice(&again.stdout).expect("an answer");
    let token = again["token"].as_str().expect("a token");
    let elsewhere = world.path().join("elsewhere");
    fs::create_dir(&elsewhere).expect("a folder");
    let mut node = Node::new(&elsewhere, "harbor");

    assert!(node.join(world.directory.federation(), token, ""), "joined");
    assert_eq!(node.start("").await, Started::Serves);
    world.agencies[0].node = node;
    world.settle_anew().await;

    assert_eq!(world.shown().await, before);
    let after = removals(&world.directory.data());
    assert_eq!(after, removed, "nothing is taken away");
    changes(&mut world).await;
}

/// Where a directory serves everybody.
fn public(directory: &Directory) -> String {
    let serve = directory.serve();
    let mut arguments = serve.get_args();
    arguments.find(|argument| *argument == "--public-listen");
    let address = arguments.next().and_then(|address| address.to_str());
    address.expect("an address").to_owned()
}

/// What `agency-node verify` finds: its exit code and what it says.
fn verified(node: &Node) -> (Option<i32>, Value) {
    let verified = node.command("verify --json", "").output();
    let verified = verified.expect("the program starts");
    let said = serde_json::from_slice(&verified.stdout);
    (verified.status.code(), said.expect("an answer"))
}

// What is read as anybody reads it needs a thread while the command is waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_finds_what_everybody_else_is_shown_otherwise() {
    let mut world = world(7).await;
    let (code, fine) = verified(&world.agencies[0].node);
    assert_eq!(
        (code, &fine["differences"]),
        (Some(0), &Value::Array(vec![]))
    );
    assert_eq!(fine["public_problem"], "");
    assert_eq!(fine["public_records"], fine["records"]);

    // Somebody stands between the directory and everybody else.
    let mirror = Mirror::of(&public(&world.directory)).await;
    let id = world.versions().await[0].1.clone();
    world.directory.process.kill();
    let config = world.path().join("public.toml");
    let address = format!("[sign_in]\naddress = \"http://{}\"\n", mirror.address);
    fs::write(&config, address).expect("a configuration");
    let mut serve = world.directory.serve();
    let _serving = Unusual::directory(serve.arg("--config").arg(config), world.path());
    world.connected(0, true).await;
    mirror.alter(&id);

    let (code, found) = verified(&world.agencies[0].node);

    assert_eq!(code, Some(1), "{found}");
    let differences = found["differences"].as_array().expect("a list");
    assert_eq!(differences.len(), 1, "{found}");
    assert_eq!(differences[0]["id"], id.as_str());
    assert_eq!(differences[0]["code"], "public_altered");
    let text = differences[0]["text"].as_str().expect("words");
    assert!(text.ends_with("service.name"), "{text}");
}

/// The same program where no file may grow larger than the largest of a folder is now, and a little more.
fn limited(command: &Command, folder: &Path) -> Command {
    let bytes = largest(folder) + GROWTH;
    let mut limited = Command::new("prlimit");
    limited
        .arg(format!("--fsize={bytes}"))
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    for (name, value) in command.get_envs() {
        limited.envs(value.map(|value| (name, value)));
    }
    limited
}

/// The size of the largest file in a folder.
fn largest(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).expect("a folder");
    let sizes = entries.map(|entry| {
        let entry = entry.expect("an entry");
        let about = entry.metadata().expect("a file");
        if about.is_dir() {
            largest(&entry.path())
        } else {
            about.len()
        }
    });
    sizes.max().unwrap_or(0)
}

#[tokio::test]
async fn a_directory_whose_files_may_not_grow_loses_nothing() {
    let mut world = world(8).await;
    world.directory.process.kill();
    let data = world.directory.data();
    let mut serve = limited(&world.directory.serve(), &data);
    let mut directory = Unusual::directory(&mut serve, world.path());
    eventually("it cannot go on", async || {
        for _ in 0..CHANGES {
            world.try_change(0).await;
        }
        let status = world.agencies[0].node.status().await?;
        let refused = status.problem.contains("cannot write just now");
        (directory.code().is_some() || refused).then_some(())
    })
    .await;
    directory.has_failed_at_most_on_storage(world.path());
    drop(directory);
    world.check_journal().await;

    assert_eq!(world.directory.start(""), Started::Serves);

    world.check_shown().await;
    world.settle().await;
}

#[tokio::test]
async fn a_node_whose_files_may_not_grow_refuses_and_keeps_what_it_promised() {
    let mut world = world(9).await;
    world.agencies[0].node.process.kill();
    let node = &world.agencies[0].node;
    let (mut run, data) = (node.command("run", ""), node.data());
    run.arg("--config")
        .arg(world.path().join("agency-node.toml"));
    let mut node = Unusual::start(&mut limited(&run, &data), world.path());
    world.connected(0, true).await;
    eventually("it refuses or ends", async || {
        let taken = world.try_change(0).await;
        (!taken || node.code().is_some()).then_some(())
    })
    .await;
    node.has_failed_at_most_on_storage(world.path());
    drop(node);

    assert_eq!(world.agencies[0].node.start("").await, Started::Serves);

    world.agencies[0].hear().await.expect("a status");
    world.settle().await;
}
