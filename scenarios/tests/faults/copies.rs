//! Old and second copies: a directory restored from a backup, a node restored from an old copy, two nodes
//! started from one copy. Nothing is deleted or silently overwritten, and a person is told.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use referral_proto::v1;

use crate::catalog::{organization, service, version};
use crate::journal::{histories, recorded};
use crate::processes::{Node, Started, eventually, program};
use crate::world::{World, import};

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

/// How often both of two copies are told of a change.
const ROUNDS: u32 = 8;
/// How long a node that may be stopped is given to have it acknowledged.
const WHILE: Duration = Duration::from_secs(3);

/// What one of two copies was asked for, and what it said of it.
struct Copied<'a> {
    node: &'a Node,
    /// The version of its first change; no other copy has one like it.
    first: u32,
    /// Versions that it said are acknowledged.
    acknowledged: BTreeSet<u32>,
    /// Versions of its own that it shows to a person, since the directory holds another.
    disputed: BTreeSet<u32>,
}

impl<'a> Copied<'a> {
    fn new(node: &'a Node, first: u32) -> Self {
        Self {
            node,
            first,
            acknowledged: BTreeSet::new(),
            disputed: BTreeSet::new(),
        }
    }

    /// Asks for another version of a service, and waits for a while until it is acknowledged.
    async fn edit(&mut self, round: u32) {
        let version = self.first + round;
        let id = format!("s{}", round % 2);
        let mut client = self.node.client().await.expect("the node lives");
        let records = vec![organization(), service(&id, version)];
        let asked = client.import(tokio_stream::iter(import(records))).await;
        asked.expect("the node takes it");
        let acknowledged = within(WHILE, async || {
            let status = self.node.status().await?;
            (status.connected && status.acknowledged == status.queued).then_some(())
        })
        .await;
        self.disputes().await;
        if acknowledged.is_some() && !self.disputed.contains(&version) {
            self.acknowledged.insert(version);
        }
    }

    /// Asks what waits for a person.
    async fn disputes(&mut self) {
        let mut client = self.node.client().await.expect("the node lives");
        let asked = client.list_conflicts(v1::ListConflictsRequest {}).await;
        let conflicts = asked.expect("the node answers").into_inner().conflicts;
        let ours = conflicts.into_iter().filter_map(|one| one.ours);
        self.disputed.extend(ours.filter_map(|ours| version(&ours)));
    }
}

/// The same as [`eventually_within`] of what need not happen.
async fn within<T>(time: Duration, mut done: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let deadline = tokio::time::Instant::now() + time;
    while tokio::time::Instant::now() < deadline {
        if let Some(done) = done().await {
            return Some(done);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    None
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
    let first = &world.agencies[0].node;
    let (mut one, mut other) = (Copied::new(first, 1_001), Copied::new(&second, 2_001));

    // Both publish versions of the same two services. The third proof stops them: the operator lets them go on.
    for round in 0..ROUNDS {
        tokio::join!(one.edit(round), other.edit(round));
        let readmit = ["readmit", "harbor"];
        assert!(world.directory.agency(&readmit).status.success());
    }
    eventually("the operator is told", async || {
        let log = world.directory.log();
        log.contains("two nodes").then_some(())
    })
    .await;
    one.disputes().await;
    other.disputes().await;
    let told = [one, other].map(|of| (of.acknowledged, of.disputed));
    second.process.kill();
    world.agencies[0].settled().await;
    let shown = world.shown().await;

    // One number, one operation: the journal says so, epoch by epoch.
    world.directory.process.kill();
    assert!(recorded(&world.directory.data())["harbor"] > 0);
    let histories = histories(&world.directory.data(), "harbor");
    let taken: BTreeSet<u32> = histories
        .values()
        .flatten()
        .filter_map(|one| one.version)
        .collect();
    let disputed: BTreeSet<u32> = told
        .iter()
        .flat_map(|(_, disputed)| disputed.clone())
        .collect();
    for (acknowledged, _) in &told {
        assert!(!acknowledged.is_empty(), "both were heard: {told:?}");
        let lost: Vec<&u32> = acknowledged
            .iter()
            .filter(|version| !taken.contains(version) && !disputed.contains(version))
            .collect();
        assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
    }
    for (id, history) in &histories {
        // Nothing is overwritten by who did not know it.
        for (before, after) in history.iter().zip(&history[1..]) {
            assert!(
                after.knew.contains(&before.hash),
                "{id}: {before:?}, then {after:?}"
            );
        }
        let last = history.last().and_then(|last| last.version);
        let key = ("harbor".to_owned(), id.clone());
        assert_eq!(shown.get(&key).map(|(version, _)| *version), last, "{id}");
    }
}
