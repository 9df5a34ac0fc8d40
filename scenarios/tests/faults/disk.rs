//! Disks that are full or read-only. Needs the right to mount; skipped, loudly, without it.

use std::path::{Path, PathBuf};
use std::process::Command;

use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::processes::{Directory, Started, eventually};
use crate::world::World;

/// A file system in memory, unmounted when dropped.
struct Disk(PathBuf);

impl Disk {
    /// Mounts one of so many MiB. `None`, said loudly: not permitted here.
    fn mount(place: &Path, mebibytes: u32) -> Option<Self> {
        std::fs::create_dir_all(place).expect("a folder");
        let size = format!("size={mebibytes}m,mode=0700");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(place)
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(place.to_owned()));
        }
        eprintln!("SKIPPED: mounting a small disk needs root");
        None
    }

    /// Makes it read-only, once nothing on it is open for writing: the authority's process ends by itself, a moment
    /// after the directory that was killed.
    async fn make_read_only(&self) {
        eventually("the disk is read-only", async || {
            self.remount("ro").then_some(())
        })
        .await;
    }

    fn make_writable(&self) {
        assert!(self.remount("rw"), "the disk is writable again");
    }

    /// False: it is in use.
    fn remount(&self, options: &str) -> bool {
        let changed = Command::new("mount")
            .args(["-o", &format!("remount,{options}")])
            .arg(&self.0)
            .output();
        changed.expect("mount").status.success()
    }

    /// Fills it but for so many KiB.
    fn fill(&self, leave: u64) {
        let free = || {
            let disk = rustix::fs::statvfs(&self.0).expect("a disk");
            disk.f_bavail * disk.f_frsize / 1024
        };
        let size = free().saturating_sub(leave) * 1024;
        let size = usize::try_from(size).expect("a small disk");
        std::fs::write(self.0.join("ballast"), vec![0; size]).expect("room for ballast");
    }

    fn free(&self) {
        std::fs::remove_file(self.0.join("ballast")).expect("ballast");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

#[tokio::test]
async fn a_full_disk_of_the_directory_stops_listings_first_and_loses_nothing() {
    let home = tempfile::TempDir::new().expect("a temporary directory");
    let Some(disk) = Disk::mount(&home.path().join("directory"), 64) else {
        return;
    };
    let mut world = World::at(home, StdRng::seed_from_u64(1));
    world.join("harbor").await;
    world.settle().await;

    // Less than the eighth that is kept from listings, more than what capacity may use.
    disk.fill(6 << 10);
    for _ in 0..10 {
        world.change().await;
    }
    world.refuses_listings(0).await;
    world.takes_reports(0).await;
    // Less than what capacity needs.
    disk.free();
    disk.fill(64);
    for _ in 0..10 {
        world.change().await;
    }
    world.check_shown().await;
    world.directory.process.kill();
    world.check_journal().await;
    disk.free();
    assert_eq!(world.directory.start(""), Started::Serves);

    world.settle().await;
}

#[tokio::test]
async fn a_directory_with_room_again_goes_on_by_itself() {
    let home = tempfile::TempDir::new().expect("a temporary directory");
    let Some(disk) = Disk::mount(&home.path().join("directory"), 64) else {
        return;
    };
    let mut world = World::at(home, StdRng::seed_from_u64(2));
    world.join("harbor").await;
    world.settle().await;
    for leave in [6 << 10, 3 << 10, 64, 0] {
        disk.fill(leave);
        for _ in 0..10 {
            world.change().await;
        }
        world.check_shown().await;

        disk.free();

        world.settle().await;
    }
}

#[tokio::test]
async fn a_directory_on_a_read_only_disk_says_so_and_has_everything_afterwards() {
    let home = tempfile::TempDir::new().expect("a temporary directory");
    let Some(disk) = Disk::mount(&home.path().join("directory"), 64) else {
        return;
    };
    let mut world = World::at(home, StdRng::seed_from_u64(3));
    world.join("harbor").await;
    world.settle().await;
    world.directory.process.kill();
    disk.make_read_only().await;

    let said = refused(&world.directory);

    assert!(said.contains("Read-only file system"), "{said}");
    for _ in 0..10 {
        world.change().await;
    }
    disk.make_writable();
    assert_eq!(world.directory.start(""), Started::Serves);
    world.check_shown().await;
    world.settle().await;
}

/// What a directory says that cannot start.
fn refused(directory: &Directory) -> String {
    let output = directory.serve().output().expect("the program starts");
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn a_full_disk_of_a_node_refuses_edits_and_keeps_what_it_promised() {
    let home = tempfile::TempDir::new().expect("a temporary directory");
    let Some(disk) = Disk::mount(&home.path().join("harbor"), 16) else {
        return;
    };
    let mut world = World::at(home, StdRng::seed_from_u64(4));
    world.join("harbor").await;
    world.settle().await;

    disk.fill(0);
    let mut refused = 0;
    for _ in 0..50 {
        refused += u32::from(!world.try_change(0).await);
    }
    assert!(refused > 0, "nothing was refused on a full disk");
    let node = &mut world.agencies[0].node;
    node.process.kill();
    disk.free();
    assert_eq!(node.start("").await, Started::Serves);

    world.agencies[0].hear().await.expect("a status");
    world.settle().await;
}
