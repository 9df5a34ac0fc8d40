//! What a running directory opens to the network, traced call by call. Needs strace and the right to trace; skipped,
//! loudly, without them.

use std::fs;
use std::path::Path;
use std::process::Command;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tempfile::TempDir;

use crate::panics::ask;
use crate::processes::{Node, eventually, program, traced};
use crate::routes::routes;
use crate::world::World;

/// How many changes are made.
const CHANGES: usize = 20;

/// The lines of a trace about sockets of the internet.
fn of_the_internet(trace: &Path, call: &str) -> Vec<String> {
    let text = fs::read_to_string(trace).expect("a trace");
    let lines = text.lines().filter(|line| line.contains(call));
    lines
        .filter(|line| line.contains("AF_INET"))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn a_directory_listens_on_two_ports_and_connects_to_nobody() {
    let home = TempDir::new().expect("a temporary directory");
    let probe = traced(&Command::new("true"), &home.path().join("probe")).status();
    if !probe.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: tracing a process needs strace and the right to");
        return;
    }
    let trace = home.path().join("trace");
    let mut world = World::traced(home, StdRng::seed_from_u64(3));
    for agency in ["harbor", "shore"] {
        let node = Node::new(world.path(), agency);
        world.let_in(node).await;
    }
    for _ in 0..CHANGES {
        world.change().await;
    }
    world.settle().await;
    for path in routes("directory-server/src/web") {
        for method in ["GET", "POST"] {
            ask(world.directory.public(), method, &path, false).await;
        }
    }
    let mut backup = program("directory-server", world.path(), "");
    backup
        .arg("backup")
        .arg("--to")
        .arg(world.path().join("kept"));
    backup.arg("--data").arg(world.directory.data());
    assert!(backup.status().expect("a backup").success());

    // A call stands in the trace once it has returned.
    let bound = eventually("both ports are traced", async || {
        let bound = of_the_internet(&trace, "bind(");
        (bound.len() >= 2).then_some(bound)
    })
    .await;
    assert_eq!(bound.len(), 2, "{bound:#?}");
    for call in ["connect(", "sendto(", "sendmsg("] {
        let calls = of_the_internet(&trace, call);
        assert!(calls.is_empty(), "{calls:#?}");
    }
    let joining = world.path().join("joining");
    let join = Node::new(world.path(), "third").command("join", "");
    let mut join = traced(&join, &joining);
    join.args([&format!("https://{}", world.directory.federation())]);
    join.args([
        "--token",
        &world.directory.invite("third").expect("a token"),
    ]);
    assert!(join.output().expect("the program starts").status.success());
    assert!(
        !of_the_internet(&joining, "connect(").is_empty(),
        "the check itself sees who connects"
    );
}
