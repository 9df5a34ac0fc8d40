//! Power cuts: everything on a disk that was not synced may be gone, in any order, and torn.
//!
//! The directory and every node have a disk of their own ([`crate::lossy`]). While agencies publish, some of them lose
//! power, and again while they recover. Then the journal is read, the first answer is compared with what was
//! acknowledged, the audit log with what it was, and everything arrives as it was wished.
//!
//! ```text
//! POWER_CUTS=200 POWER_SEED=1 cargo test --locked -p referral-scenarios --features failpoints --test faults power
//! ```
//!
//! prints the seed of every round; a round that failed is run alone, with the rounds before it, by the same seed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use referral_proto::v1;
use tempfile::TempDir;
use tokio::time::Instant;

use crate::catalog::{organization, service};
use crate::journal::is_dropped;
use crate::kills::number;
use crate::lossy::{LossyDisk, Lost};
use crate::plan::{Victim, recovering};
use crate::processes::{Node, Started, eventually_within, program};
use crate::world::{World, import};

/// Cuts of every run of the tests.
const CUTS: u64 = 6;
/// Cuts of one directory and its nodes, before new ones begin.
const WORLD: u64 = 40;
/// For how long agencies publish before a cut, at most. Unit: milliseconds.
const LOAD: u64 = 700;
/// How often the power fails again while somebody recovers, at most.
const DEPTH: usize = 2;
/// In one of so many rounds a backup is taken, in one an agency joins, in one a node gets new keys.
const SELDOM: u32 = 6;
/// Most agencies.
const MOST: usize = 5;
/// The disk of the directory, by its folder.
pub(crate) const DIRECTORY: &str = "directory";
/// The disk of the backups.
const KEPT: &str = "kept";
/// Cuts of a directory with many listings at every run of the tests.
const CUTS_OF_MANY: u64 = 2;
/// How many listings: the store and the index write several of their files.
const MANY: u32 = 1_500;
/// How many are imported in one message.
const MESSAGE: usize = 100;
/// How long a description is. Unit: characters.
const LONG: usize = 2_000;
/// How long it may take until that many are acknowledged, or looked up.
const LONGEST: Duration = Duration::from_mins(3);

/// Everything one test runs, each machine on a disk of its own.
pub(crate) struct Machines {
    pub(crate) world: World,
    pub(crate) disks: BTreeMap<String, LossyDisk>,
    /// What the audit log came to last: it goes on from there.
    audited: Option<String>,
    backups: u32,
}

/// What has happened.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    cuts: u64,
    recovering: u64,
    /// Of what was not synced: how much there was, and how much is gone or torn.
    lost: Lost,
    acknowledged: u64,
    backups: u32,
    stores: usize,
}

impl Machines {
    /// A directory with two agencies; `None`: not permitted here.
    pub(crate) async fn new(seed: u64) -> Option<Self> {
        let home = TempDir::new().expect("a temporary directory");
        let mut disks = BTreeMap::new();
        for name in [DIRECTORY, KEPT] {
            disks.insert(name.to_owned(), LossyDisk::mount(&home.path().join(name))?);
        }
        let world = World::at(home, StdRng::seed_from_u64(seed));
        let mut machines = Self {
            world,
            disks,
            audited: None,
            backups: 0,
        };
        for agency in ["harbor", "lighthouse"] {
            machines.plug_in(agency);
            machines.world.join(agency).await;
        }
        Some(machines)
    }

    /// Gives a node a disk.
    fn plug_in(&mut self, agency: &str) {
        let disk = LossyDisk::mount(&self.world.path().join(agency));
        let disk = disk.expect("disks were mounted before");
        self.disks.insert(agency.to_owned(), disk);
    }

    /// The directory's disk.
    pub(crate) fn disk(&self) -> &LossyDisk {
        &self.disks[DIRECTORY]
    }

    /// Ends what runs on a disk and cuts its power.
    pub(crate) fn cut(&mut self, name: &str, tally: &mut Tally) {
        let directory = &mut self.world.directory;
        if name == DIRECTORY {
            directory.process.kill();
        }
        for agency in &mut self.world.agencies {
            if agency.name == name {
                agency.node.process.kill();
            }
        }
        let seed = self.world.dice.random();
        let disk = self.disks.get_mut(name).expect("a disk");
        let lost = disk.cut(seed);
        if name == DIRECTORY {
            booted(&self.world.directory.data());
        }
        tally.cuts += 1;
        for (all, some) in [
            (&mut tally.lost.writes, lost.writes),
            (&mut tally.lost.names, lost.names),
        ] {
            *all = [all[0] + some[0], all[1] + some[1]];
        }
    }

    /// Starts what runs on a disk, with a plan of where it ends itself.
    async fn start(&mut self, name: &str, plan: &str) -> Started {
        if name == DIRECTORY {
            return self.world.directory.start(plan);
        }
        let mut agencies = self.world.agencies.iter_mut();
        let agency = agencies.find(|agency| agency.name == name);
        agency.expect("an agency").node.start(plan).await
    }

    /// Who loses power together.
    fn victims(&mut self) -> Vec<String> {
        let agencies: Vec<String> = self
            .world
            .agencies
            .iter()
            .map(|agency| agency.name.clone())
            .collect();
        let dice = &mut self.world.dice;
        match dice.random_range(0..4) {
            0 => {
                let one = agencies.choose(dice);
                one.cloned().into_iter().collect()
            }
            1 => {
                let directory = std::iter::once(DIRECTORY.to_owned());
                directory.chain(agencies).collect()
            }
            _ => vec![DIRECTORY.to_owned()],
        }
    }

    /// One round: agencies publish, some machines lose power, and have everything when it is back.
    async fn round(&mut self, tally: &mut Tally) {
        let victims = self.victims();
        let dice = &mut self.world.dice;
        let until = Instant::now() + Duration::from_millis(dice.random_range(0..LOAD));
        while Instant::now() < until {
            self.world.change().await;
        }
        for name in &victims {
            self.cut(name, tally);
        }
        for _ in 0..self.world.dice.random_range(0..=DEPTH) {
            for name in &victims {
                let points = recovering(if name == DIRECTORY {
                    Victim::Directory
                } else {
                    Victim::Node
                });
                let point = points.choose(&mut self.world.dice).expect("some");
                self.start(name, &format!("{point}=kill@1")).await;
                self.cut(name, tally);
                tally.recovering += 1;
            }
        }
        // What was dropped of it stands in the snapshots: then what is shown tells.
        let of_directory = victims.iter().any(|name| name == DIRECTORY);
        if of_directory && !is_dropped(&self.world.directory.data()) {
            self.world.check_journal().await;
        }
        for name in &victims {
            let plan = self.plan(name);
            assert_eq!(self.start(name, plan).await, Started::Serves, "{name}");
            if name == DIRECTORY {
                self.world.check_shown().await;
                self.check_audit();
            }
        }
        for agency in &mut self.world.agencies {
            assert!(agency.hear().await.is_some(), "the node answers");
        }
        self.world.settle().await;
        tally.acknowledged = tally.acknowledged.max(self.world.promised());
    }

    /// How a machine lives until the next cut: a directory may make snapshots and drop its journal, and a node may begin
    /// a segment of its own for every entry, or make its journal short after each.
    fn plan(&mut self, name: &str) -> &'static str {
        let world = &mut self.world;
        if name != DIRECTORY {
            let plans = ["", "journal.roll.early=on", "node.compact.early=on"];
            return plans[world.dice.random_range(0..plans.len())];
        }
        world.directory.snapshots = world.dice.random();
        world.directory.drops = world.directory.snapshots && world.dice.random();
        if world.directory.drops {
            "journal.roll.early=on"
        } else {
            ""
        }
    }

    /// The audit log goes on from what was there before the cut.
    fn check_audit(&mut self) {
        let mut verify = program("directory-server", self.world.path(), "");
        verify.args(["audit", "verify", "--data"]);
        verify.arg(self.world.directory.data());
        if let Some(since) = &self.audited {
            verify.args(["--since", since]);
        }
        let said = succeeded(&verify.output().expect("it starts"));
        let checkpoint = said.split_whitespace().find(|word| {
            let parts = word.split_once(':');
            parts.is_some_and(|(number, hash)| number.parse::<u64>().is_ok() && hash.len() == 64)
        });
        self.audited = Some(checkpoint.expect("a checkpoint").to_owned());
    }

    /// A backup that was taken is whole after its disk lost power.
    fn keep_backup(&mut self, tally: &mut Tally) {
        self.backups += 1;
        tally.backups += 1;
        let kept = self.world.path().join(KEPT).join(self.backups.to_string());
        let mut take = program("directory-server", self.world.path(), "");
        take.arg("backup")
            .arg("--data")
            .arg(self.world.directory.data());
        succeeded(&take.arg("--to").arg(&kept).output().expect("it starts"));
        self.cut(KEPT, tally);
        let new = self.world.path().join("elsewhere");
        let mut restore = program("directory-server", self.world.path(), "");
        restore
            .args(["restore", "--data"])
            .arg(&new)
            .arg("--from")
            .arg(&kept);
        succeeded(&restore.output().expect("it starts"));
        std::fs::remove_dir_all(new).expect("a directory");
    }

    /// An agency is invited and joins, and whoever said so loses power right after it.
    async fn let_in(&mut self, tally: &mut Tally) {
        let name = format!("guest-{}", self.world.agencies.len());
        self.plug_in(&name);
        let token = self.world.directory.invite(&name).expect("a token");
        self.cut(DIRECTORY, tally);
        assert_eq!(self.start(DIRECTORY, "").await, Started::Serves);
        let node = Node::new(self.world.path(), &name);
        let at = self.world.directory.federation().to_owned();
        assert!(node.join(&at, &token, ""), "joined");
        for machine in [DIRECTORY, name.as_str()] {
            self.cut(machine, tally);
        }
        assert_eq!(self.start(DIRECTORY, "").await, Started::Serves);
        self.world.check_shown().await;
        self.check_audit();
        self.world.add(node, &name).await;
        self.world.settle().await;
    }

    /// A node gets new keys, and whoever said so loses power right after it.
    async fn change_keys(&mut self, tally: &mut Tally) {
        let at = self.world.dice.random_range(0..self.world.agencies.len());
        let name = self.world.agencies[at].name.clone();
        self.world.agencies[at].node.process.kill();
        let token = self.world.directory.invite_again(&name);
        self.cut(DIRECTORY, tally);
        assert_eq!(self.start(DIRECTORY, "").await, Started::Serves);
        let address = self.world.directory.federation().to_owned();
        let node = &self.world.agencies[at].node;
        assert!(node.join_again(&address, &token, ""), "joined again");
        self.cut(&name, tally);
        self.world.agencies[at].forget();
        assert_eq!(self.start(&name, "").await, Started::Serves);
        self.world.settle_anew().await;
    }

    fn log(&self) -> PathBuf {
        self.world.path().join("directory.log")
    }
}

impl Drop for Machines {
    /// Nothing runs on a disk that is taken away, and what is in the folders is removed after that.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.log()).unwrap_or_default();
            let last: Vec<&str> = log.lines().rev().take(40).collect();
            let last: Vec<&str> = last.into_iter().rev().collect();
            eprintln!("the directory said last:\n{}", last.join("\n"));
        } else {
            self.world.directory.process.kill();
            for agency in &mut self.world.agencies {
                agency.node.process.kill();
            }
        }
        self.disks.clear();
    }
}

/// The machine was started again: the mark by which the store knows that is another one's now.
fn booted(data: &Path) {
    let mark = data.join("store/boot");
    if std::fs::read(&mark).is_ok_and(|mark| mark != b"closed") {
        std::fs::write(mark, "an earlier boot").expect("room");
    }
}

/// What a command says that must succeed.
fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Rounds of one directory and its nodes, as the seed has them, for so many cuts. `None`: not permitted here.
async fn rounds(seed: u64, cuts: u64) -> Option<Tally> {
    let mut tally = Tally::default();
    let mut machines = Machines::new(seed).await?;
    while tally.cuts < cuts {
        let dice = &mut machines.world.dice;
        match dice.random_range(0..SELDOM) {
            0 => machines.keep_backup(&mut tally),
            1 if machines.world.agencies.len() < MOST => machines.let_in(&mut tally).await,
            2 => machines.change_keys(&mut tally).await,
            _ => {}
        }
        machines.round(&mut tally).await;
    }
    let log = machines.world.directory.log();
    tally.stores = log.matches("rebuilt from the journal").count();
    assert!(!log.contains("history_damaged"), "{log}");
    Some(tally)
}

#[tokio::test]
async fn what_was_acknowledged_survives_power_cuts_of_everybody() {
    let cuts = number("POWER_CUTS").unwrap_or(CUTS);
    let first = number("POWER_SEED").unwrap_or(1);
    let (mut done, mut acknowledged) = (0, 0);
    for seed in first.. {
        if done >= cuts {
            break;
        }
        eprintln!("POWER_SEED={seed}");
        let Some(tally) = rounds(seed, WORLD.min(cuts - done)).await else {
            return;
        };
        eprintln!("{tally:?}");
        done += tally.cuts;
        acknowledged += tally.acknowledged;
    }
    eprintln!("{done} cuts, {acknowledged} operations and reports acknowledged, none lost");
}

/// A service with a long description, in this version.
fn long(at: u32, version: u32) -> v1::Record {
    let mut record = service(&format!("long-{at}"), version);
    if let Some(v1::record::Record::Service(service)) = &mut record.record {
        let words = format!("version {version} of listing {at} ");
        service.description = words.repeat(LONG / words.len());
    }
    record
}

/// Imports a version of every listing, and waits until all of it is acknowledged.
async fn publish_many(node: &Node, version: u32) {
    let mut records = vec![organization()];
    records.extend((0..MANY).map(|at| long(at, version)));
    let mut messages = import(Vec::new());
    messages.truncate(1);
    for some in records.chunks(MESSAGE) {
        messages.extend(import(some.to_vec()).pop());
    }
    let mut client = node.client().await.expect("the node lives");
    let asked = client.import(tokio_stream::iter(messages)).await;
    asked.expect("the node takes it");
    eventually_within(LONGEST, "all of it is acknowledged", async || {
        let status = node.status().await?;
        assert_eq!(status.rejections, [], "nothing is refused");
        (status.connected && status.acknowledged == status.queued).then_some(())
    })
    .await;
}

/// What a node finds of everything it has published, at the directory and as anybody reads it.
async fn verified(node: &Node) {
    eventually_within(
        LONGEST,
        "the directory shows what is published",
        async || {
            let said = node.command("verify --json", "").output();
            let said: serde_json::Value = serde_json::from_slice(&said.ok()?.stdout).ok()?;
            let all = said["public_records"] == said["records"] && said["public_problem"] == "";
            (all && said["differences"].as_array()?.is_empty()).then_some(())
        },
    )
    .await;
}

// What is read as anybody reads it needs a thread while the command is waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn store_and_index_of_many_listings_that_lost_power_never_change_an_answer() {
    let cuts = number("POWER_CUTS").unwrap_or(CUTS_OF_MANY);
    let seed = number("POWER_SEED").unwrap_or(1);
    eprintln!("POWER_SEED={seed}");
    let Some(mut machines) = Machines::new(seed).await else {
        return;
    };
    let mut tally = Tally::default();
    for version in 1..=u32::try_from(cuts).expect("a few") {
        publish_many(&machines.world.agencies[0].node, version).await;

        machines.cut(DIRECTORY, &mut tally);

        assert_eq!(machines.start(DIRECTORY, "").await, Started::Serves);
        let node = &machines.world.agencies[0].node;
        verified(node).await;
    }
    let log = machines.world.directory.log();
    tally.stores = log.matches("rebuilt from the journal").count();
    eprintln!("{tally:?}");
}
