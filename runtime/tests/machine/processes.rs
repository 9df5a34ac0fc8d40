//! What takes a process of its own: locks, signals and limits. Each test starts this test program again.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use referral_runtime::config::environment;
use referral_runtime::data_dir::DataDir;
use referral_runtime::shutdown::{Tasks, survive_file_size_limit};

/// Set in the process a test starts: the directory it works in.
const CHILD: &str = "REFERRAL_TEST_CHILD";

/// Starts this program again to run one of its tests, by way of a shell line that ends in `"$@"`.
fn start(test: &str, directory: &Path, shell: &str) -> Child {
    Command::new("sh")
        .args(["-c", shell, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture"])
        .arg(format!("processes::{test}"))
        .env(CHILD, directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Reads what the child prints until it says this.
fn heard(child: &mut Child, said: &str) -> bool {
    let Some(output) = child.stdout.as_mut() else {
        return false;
    };
    let lines = BufReader::new(output).lines();
    lines.map_while(Result::ok).any(|line| line.contains(said))
}

fn ended(mut child: Child) -> Option<ExitStatus> {
    drop(child.stdin.take());
    child.wait().ok()
}

#[test]
fn a_data_directory_is_held_by_one_process_and_free_when_it_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = start(
        "child_holds_a_data_directory",
        directory.path(),
        r#"exec "$@""#,
    );
    assert!(heard(&mut child, "holding"));

    let while_held = DataDir::open(directory.path());
    child.kill().unwrap();
    child.wait().unwrap();

    let refused = while_held.unwrap_err().to_string();
    assert!(
        refused.contains(&format!("process {}", child.id())),
        "{refused}"
    );
    assert!(DataDir::open(directory.path()).is_ok());
}

#[test]
#[ignore = "started by another test"]
fn child_holds_a_data_directory() {
    let _held = DataDir::open(&directory_of_child()).unwrap();
    println!("holding");
    io::stdin().read_line(&mut String::new()).unwrap();
}

#[test]
fn a_write_past_the_file_size_limit_is_an_error_and_not_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let limited = r#"ulimit -f 8; exec "$@""#;

    let survivor = start("child_survives_the_limit", directory.path(), limited);
    let unprepared = start("child_meets_the_limit", directory.path(), limited);

    assert!(ended(survivor).unwrap().success());
    assert!(!ended(unprepared).unwrap().success());
}

#[tokio::test]
#[ignore = "started by another test"]
async fn child_survives_the_limit() {
    survive_file_size_limit().unwrap();

    let refused = write_too_much(&directory_of_child()).unwrap_err();

    assert_eq!(refused.kind(), io::ErrorKind::FileTooLarge);
}

#[test]
#[ignore = "started by another test"]
fn child_meets_the_limit() {
    let _killed_here = write_too_much(&directory_of_child());
}

fn write_too_much(directory: &Path) -> io::Result<()> {
    let path = directory.join(std::process::id().to_string());
    File::create(path)?.write_all(&vec![0; 64 * 1024])
}

fn directory_of_child() -> PathBuf {
    environment(CHILD).unwrap().into()
}

#[test]
fn a_process_told_to_stop_drains_and_ends_well() {
    for signal in ["TERM", "INT"] {
        let directory = tempfile::tempdir().unwrap();
        let mut child = start("child_waits_for_a_signal", directory.path(), r#"exec "$@""#);
        assert!(heard(&mut child, "waiting"));

        let sent = Command::new("sh")
            .args(["-c", &format!("kill -{signal} {}", child.id())])
            .status();

        assert!(sent.unwrap().success());
        assert!(ended(child).unwrap().success(), "{signal}");
    }
}

#[tokio::test]
#[ignore = "started by another test"]
async fn child_waits_for_a_signal() {
    let tasks = Tasks::new();
    let token = tasks.token();
    tasks.spawn("worker", async move { token.cancelled().await });
    // Runs once the line below has begun to wait: this runtime has one thread.
    tasks.spawn("announcement", async { println!("waiting") });
    tasks.wait().await.unwrap();
    tasks.drain(Duration::from_secs(10)).await.unwrap();
}
