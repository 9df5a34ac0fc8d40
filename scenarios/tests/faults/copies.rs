//! Old and second copies: a directory restored from a backup, a node restored from an old copy, two nodes
//! started from one copy. Nothing is deleted or silently overwritten, and a person is told.

use std::path::Path;
use std::process::Command;

use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::journal::recorded;
use crate::processes::{Node, Started, eventually, program};
use crate::world::World;

/// How many changes are made between two copies.
const CHANGES: usize = 40;

/// Two agencies that have published and changed things.
pub(crate) async fn world(seed: u64) -> World {
    let mut world = World::new(StdRng::seed_from_u64(seed));
    for agency in ["harbor", "lighthouse"] {
        world.join(agency).await;
    }
    changes(&mut world).await;
    world
}

/// Agencies change things, and all of it arrives.
pub(crate) async fn changes(world: &mut World) {
    for _ in 0..CHANGES {
        world.change().await;
    }
    world.settle().await;
}

/// A copy of a folder and everything in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).output();
    let copied = copied.expect("cp");
    assert!(copied.status.success(), "{copied:?}");
}

#[tokio::test]
async fn a_directory_restored_from_a_backup_gets_everything_back_from_its_nodes() {
    let mut world = world(1).await;
    let backup = world.path().join("backup");
    for round in 0..2 {
        let data = world.directory.data();
        let mut take = program("directory-server", world.path(), "");
        take.arg("backup").arg("--data").arg(&data);
        let taken = take.arg("--to").arg(&backup).output().expect("it starts");
        // The second round restores the same old backup once more.
        assert_eq!(taken.status.success(), round == 0, "{taken:?}");
        changes(&mut world).await;
        world.directory.process.kill();
        let mut restore = program("directory-server", world.path(), "");
        restore.args(["restore", "--replace", "--data"]).arg(&data);
        let aside = data.with_extension("ca");
        copy(&data.join("ca"), &aside);
        let restored = restore.arg("--from").arg(&backup).output();
        let restored = restored.expect("it starts");
        assert!(restored.status.success(), "{restored:?}");
        if !data.join("ca").exists() {
            copy(&aside, &data.join("ca"));
        }
        std::fs::remove_dir_all(aside).expect("a copy");

        assert_eq!(world.directory.start(""), Started::Serves);

        world.settle_anew().await;
    }
    changes(&mut world).await;
}

#[tokio::test]
async fn a_node_restored_from_an_old_copy_takes_nothing_back() {
    let mut world = world(2).await;
    let data = world.agencies[0].node.data();
    let old = data.with_extension("old");
    world.agencies[0].node.process.kill();
    copy(&data, &old);
    assert_eq!(world.agencies[0].node.start("").await, Started::Serves);
    changes(&mut world).await;
    let before = world.versions().await;

    world.agencies[0].node.process.kill();
    std::fs::remove_dir_all(&data).expect("it is there");
    copy(&old, &data);
    assert_eq!(world.agencies[0].node.start("").await, Started::Serves);

    world.agencies[0].settled().await;
    assert_eq!(world.versions().await, before, "every listing stands");
}

#[tokio::test]
async fn two_nodes_of_one_copy_make_one_history_and_are_told_of() {
    let mut world = world(3).await;
    world.agencies[0].node.process.kill();
    let clone = world.path().join("clone");
    std::fs::create_dir_all(&clone).expect("a folder");
    copy(&world.agencies[0].node.data(), &clone.join("harbor"));
    let mut second = Node::new(&clone, "harbor");

    assert_eq!(world.agencies[0].node.start("").await, Started::Serves);
    assert_eq!(second.start("").await, Started::Serves);

    eventually("the operator is told", async || {
        let log = world.directory.log();
        log.contains("two nodes").then_some(())
    })
    .await;
    second.process.kill();
    // One number, one operation: the journal says so, epoch by epoch.
    world.directory.process.kill();
    assert!(recorded(&world.directory.data())["harbor"] > 0);
}
