//! Programs of two versions: beside each other, one after the other on the same data, and back.
//!
//! ```text
//! ./test versions REVISION
//! ```
//!
//! builds the programs of an earlier revision and runs this; without it (`VERSIONS_EARLIER`, the folder of those programs)
//! nothing of this is tested.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tempfile::TempDir;

use crate::processes::{Directory, Node, Started};
use crate::world::World;

/// How many changes are made between two looks.
const CHANGES: usize = 12;
/// Has a node make its journal short whenever it writes.
const COMPACTS: &str = "node.compact.early=on";

/// The folder of the earlier programs; `None`, loudly, when there is none.
fn earlier() -> Option<PathBuf> {
    let folder = std::env::var_os("VERSIONS_EARLIER");
    if folder.is_none() {
        eprintln!("SKIPPED: there are no earlier programs; `./test versions REVISION` builds them");
    }
    folder.map(PathBuf::from)
}

/// A directory and one agency, with the programs of these versions; what the agency publishes has arrived.
async fn world(seed: u64, directory: Option<&PathBuf>, node: Option<&PathBuf>) -> World {
    let home = TempDir::new().expect("a temporary directory");
    let mut here = Directory::new(home.path());
    here.version = directory.cloned();
    let mut harbor = Node::new(home.path(), "harbor");
    harbor.version = node.cloned();
    let mut world = World::of(home, here, StdRng::seed_from_u64(seed));
    world.let_in(harbor).await;
    change(&mut world).await;
    world
}

/// Changes are made, arrive and are shown.
async fn change(world: &mut World) {
    for _ in 0..CHANGES {
        world.change().await;
    }
    world.settle().await;
}

/// The node ends, and goes on with the program of this version.
async fn run_node(world: &mut World, version: Option<&PathBuf>, plan: &str) {
    let node = &mut world.agencies[0].node;
    node.process.kill();
    node.version = version.cloned();
    assert_eq!(node.start(plan).await, Started::Serves);
}

/// The directory ends, and goes on with the program of this version.
async fn run_directory(world: &mut World, version: Option<&PathBuf>) {
    world.directory.process.kill();
    world.directory.version = version.cloned();
    let started = world.directory.start("");
    assert_eq!(started, Started::Serves, "{}", world.directory.log());
    world.check_shown().await;
}

/// Every file of a folder that holds data, with its content.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.is_file() && !path.ends_with("lock") {
            let content = fs::read(&path).expect("a file");
            found.insert(path, content);
        }
    }
    found
}

#[tokio::test]
async fn an_earlier_node_publishes_to_this_directory() {
    let Some(earlier) = earlier() else { return };
    let mut world = world(1, None, Some(&earlier)).await;

    run_directory(&mut world, None).await;

    change(&mut world).await;
}

#[tokio::test]
async fn this_node_publishes_to_an_earlier_directory() {
    let Some(earlier) = earlier() else { return };
    let mut world = world(2, Some(&earlier), None).await;

    run_directory(&mut world, Some(&earlier)).await;

    change(&mut world).await;
}

#[tokio::test]
async fn an_upgrade_of_both_keeps_everything_whoever_comes_first() {
    let Some(earlier) = earlier() else { return };
    for node_first in [true, false] {
        let mut world = world(3, Some(&earlier), Some(&earlier)).await;
        if node_first {
            run_node(&mut world, None, "").await;
            change(&mut world).await;
            run_directory(&mut world, None).await;
        } else {
            run_directory(&mut world, None).await;
            change(&mut world).await;
            run_node(&mut world, None, COMPACTS).await;
        }
        change(&mut world).await;
    }
}

#[tokio::test]
async fn an_earlier_directory_goes_on_with_what_this_one_wrote_or_refuses_it() {
    let Some(earlier) = earlier() else { return };
    let mut world = world(4, Some(&earlier), None).await;
    run_directory(&mut world, None).await;
    change(&mut world).await;

    // Whether it goes on is the earlier program's to say; this is what is promised here: nothing is lost either way.
    world.directory.process.kill();
    world.check_journal().await;
    world.directory.version = Some(earlier.clone());
    if world.directory.start_or_refuse() {
        eprintln!("the earlier directory goes on with what this one wrote");
        world.check_shown().await;
        change(&mut world).await;
    } else {
        eprintln!(
            "the earlier directory refuses what this one wrote: {}",
            world.directory.log()
        );
    }
    run_directory(&mut world, None).await;
    change(&mut world).await;
}

#[tokio::test]
async fn an_earlier_node_goes_on_with_a_journal_that_was_never_made_short() {
    let Some(earlier) = earlier() else { return };
    let mut world = world(5, None, None).await;

    run_node(&mut world, Some(&earlier), "").await;

    change(&mut world).await;
    run_node(&mut world, None, "").await;
    change(&mut world).await;
}

/// The earlier program's start with these data.
fn start(node: &Node, version: &Path) -> Output {
    let mut again = Node::new(node.data().parent().expect("a folder"), &node.agency);
    again.version = Some(version.to_owned());
    let mut command = again.command("run", "");
    command.output().expect("the program starts")
}

#[tokio::test]
async fn an_earlier_node_refuses_a_short_journal_changes_nothing_and_this_one_goes_on() {
    let Some(earlier) = earlier() else { return };
    let mut world = world(6, None, None).await;
    run_node(&mut world, None, COMPACTS).await;
    change(&mut world).await;
    let node = &mut world.agencies[0].node;
    node.process.kill();
    let before = files(&node.data());

    let refused = start(node, &earlier);

    let said = String::from_utf8_lossy(&refused.stderr);
    eprintln!(
        "the earlier node refuses with {:?}: {said}",
        refused.status.code()
    );
    assert!(!refused.status.success());
    assert!(said.contains("journal"), "{said}");
    assert_eq!(files(&node.data()), before, "nothing is changed");
    assert_eq!(node.start("").await, Started::Serves);
    change(&mut world).await;
}
