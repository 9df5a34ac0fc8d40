//! SIGKILL while a backup is taken, put back, a snapshot made, or the journal behind it dropped.
//!
//! Each round is one of those of `kills.rs`. Whatever the command or the directory leaves, the same command run
//! again succeeds, and everything that was acknowledged is shown again.

use std::path::{Path, PathBuf};
use std::process::Output;

use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::copies::copy;
use crate::plan::{Blow, Victim};
use crate::processes::{Started, eventually, program};
use crate::world::World;

/// How many changes are made between two looks.
const CHANGES: usize = 6;

/// One round about a command that takes or restores a backup. Gives how many processes were killed from outside.
pub(crate) async fn command(world: &mut World, blow: &Blow) -> u64 {
    let backup = world.path().join("kept");
    world.directory.process.kill();
    world.check_journal().await;
    if blow.victim == Victim::Backup {
        take_again(world, blow, &backup);
    } else {
        put_back_again(world, blow, &backup).await;
    }
    std::fs::remove_dir_all(&backup).expect("a backup");
    assert_eq!(world.directory.start(""), Started::Serves);
    if blow.victim == Victim::Backup {
        world.check_shown().await;
    } else {
        for agency in &mut world.agencies {
            agency.forget();
        }
        world.settle_anew().await;
    }
    1
}

/// A backup that was killed is none, unless it has its name: then it is whole.
fn take_again(world: &World, blow: &Blow, backup: &Path) {
    ends_itself(&take(world, backup, &blow.load));
    assert_eq!(backup.exists(), blow.point == "backup.named");
    if !backup.exists() {
        let again = take(world, backup, "");
        assert!(again.status.success(), "{again:?}");
    }
    let new = world.path().join("elsewhere");
    let restored = put_back(world, backup, &new, "");
    assert!(restored.status.success(), "{restored:?}");
    std::fs::remove_dir_all(new).expect("a directory");
}

/// A restore that was killed is finished by the same command.
async fn put_back_again(world: &mut World, blow: &Blow, backup: &Path) {
    let taken = take(world, backup, "");
    assert!(taken.status.success(), "{taken:?}");
    assert_eq!(world.directory.start(""), Started::Serves);
    for _ in 0..CHANGES {
        world.change().await;
    }
    world.settle().await;
    world.directory.process.kill();
    let data = world.directory.data();
    let authority = data.with_extension("ca");
    copy(&data.join("ca"), &authority);
    ends_itself(&put_back(world, backup, &data, &blow.load));
    let again = put_back(world, backup, &data, "");
    assert!(again.status.success(), "{again:?}");
    if !data.join("ca").exists() {
        copy(&authority, &data.join("ca"));
    }
    std::fs::remove_dir_all(authority).expect("a copy");
}

fn take(world: &World, to: &Path, plan: &str) -> Output {
    let mut take = program("directory-server", world.path(), plan);
    take.arg("backup").arg("--data").arg(world.directory.data());
    take.arg("--to").arg(to).output().expect("it starts")
}

fn put_back(world: &World, from: &Path, data: &PathBuf, plan: &str) -> Output {
    let mut restore = program("directory-server", world.path(), plan);
    restore.args(["restore", "--replace", "--data"]).arg(data);
    restore.arg("--from").arg(from).output().expect("it starts")
}

fn ends_itself(output: &Output) {
    use std::os::unix::process::ExitStatusExt;
    assert_eq!(output.status.signal(), Some(9), "{output:?}");
}

/// One round about a directory that makes a snapshot as soon as it starts.
pub(crate) async fn snapshot(world: &mut World, blow: &Blow) -> u64 {
    world.change().await;
    world.settle().await;
    world.directory.process.kill();
    world.check_journal().await;
    world.directory.snapshots = true;
    world.directory.start(&blow.load);
    let directory = &mut world.directory;
    let died = async || directory.process.has_died().then_some(());
    eventually("it ends where it makes a snapshot", died).await;
    world.directory.snapshots = false;
    world.check_journal().await;
    assert_eq!(world.directory.start(""), Started::Serves);
    world.check_shown().await;
    1
}

#[tokio::test]
async fn a_journal_is_dropped_behind_a_snapshot_whole_or_not_at_all() {
    let mut world = World::new(StdRng::seed_from_u64(4));
    world.join("harbor").await;
    world.directory.snapshots = true;
    world.directory.drops = true;
    for point in ["journal.drop.pre_mark", "journal.drop.marked"] {
        let plan = format!("{point}=kill@1;journal.roll.early=on");
        for plan in ["journal.roll.early=on", "journal.roll.early=on", &plan] {
            for _ in 0..CHANGES {
                world.change().await;
            }
            world.settle().await;
            world.directory.process.kill();
            world.directory.start(plan);
        }
        let directory = &mut world.directory;
        let died = async || directory.process.has_died().then_some(());
        eventually("it ends where it drops", died).await;

        assert_eq!(world.directory.start(""), Started::Serves);

        world.check_shown().await;
        world.settle().await;
    }
}
