//! SIGKILL at named points and at random moments, in recovery too, of directory, nodes and the joining of
//! agencies.
//!
//! A round picks a failpoint. Its process is first killed at a random moment while agencies publish, then
//! lives until it ends itself at the point, then may end itself up to two times more while it recovers.
//! Whenever the directory is dead its journal is read; whenever it serves again, its first answer is
//! compared with what was acknowledged; when all live again, everything arrives as it was wished.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rustix::process::{Signal, kill_process};
use tokio::time::{Instant, sleep};

use crate::copies::copy;
use crate::keeping;
use crate::plan::{Blow, Blows, Victim, points};
use crate::processes::{Node, Process, Started, eventually, pid};
use crate::world::World;

/// Kills of every run of the tests.
const KILLS: u64 = 250;
/// Kills of one directory and its nodes, before new ones begin.
const WORLD: u64 = 250;
/// How long a process may take to come to the point where it is to end.
const REACH: Duration = Duration::from_secs(5);

/// What has happened.
#[derive(Default)]
struct Tally {
    at_points: BTreeMap<String, u64>,
    random: u64,
    recovering: u64,
    missed: Vec<&'static str>,
}

#[tokio::test]
async fn what_was_acknowledged_survives_sigkill_at_every_point_and_moment() {
    let kills = number("FAULTS_KILLS").unwrap_or(KILLS);
    let seed = number("FAULTS_SEED").unwrap_or(1);
    eprintln!("{kills} kills, FAULTS_SEED={seed}");
    let mut dice = StdRng::seed_from_u64(seed);
    let (mut tally, mut blows) = (Tally::default(), Blows::new());
    while tally.kills() < kills {
        let mut world = World::new(StdRng::seed_from_u64(dice.random()));
        for agency in ["harbor", "lighthouse"] {
            world.join(agency).await;
        }
        let until = (tally.kills() + WORLD).min(kills);
        while tally.kills() < until {
            let blow = blows.next(&mut dice);
            if matches!(blow.victim, Victim::Backup | Victim::Restore) {
                tally.random += keeping::command(&mut world, &blow).await;
            } else if blow.snapshotting {
                tally.random += keeping::snapshot(&mut world, &blow).await;
            } else if blow.victim == Victim::Rejoin {
                rejoin(&mut world, &blow, &mut tally).await;
            } else if blow.joining {
                join(&mut world, &blow, &mut tally).await;
            } else if blow.reconciling {
                reconcile(&mut world, &blow, &mut tally).await;
            } else {
                strike(&mut world, &blow, &mut tally).await;
            }
            world.settle().await;
            tally.read(&world);
        }
        tally.close();
    }
    tally.print();
    let never: Vec<_> = points()
        .filter(|point| !tally.at_points.contains_key(*point))
        .collect();
    assert_eq!(never, [""; 0], "no process has ended at these points");
}

/// One round about a running process.
async fn strike(world: &mut World, blow: &Blow, tally: &mut Tally) {
    let victim = match blow.victim {
        Victim::Directory => None,
        _ => Some(world.dice.random_range(0..world.agencies.len())),
    };
    let moment = Duration::from_millis(world.dice.random_range(0..120));
    let pulled = pull_plug(process(world, victim).id(), moment);
    tokio::join!(pulled, change_until_death(world, victim, REACH));
    kill(world, victim).await;
    tally.random += 1;
    if start(world, victim, &blow.load).await == Started::Serves {
        let reached = change_until_death(world, victim, REACH).await;
        if !reached {
            tally.missed.push(blow.point);
            tally.random += 1;
        }
    }
    for plan in &blow.starts {
        kill(world, victim).await;
        if start(world, victim, plan).await == Started::Serves {
            tally.random += 1;
        } else {
            tally.recovering += 1;
        }
    }
    kill(world, victim).await;
    assert_eq!(start(world, victim, "").await, Started::Serves);
}

/// One round about two logs that do not fit: a node is put back to an old copy of its data, and adopts what the
/// directory has.
async fn reconcile(world: &mut World, blow: &Blow, tally: &mut Tally) {
    let at = world.dice.random_range(0..world.agencies.len());
    let data = world.agencies[at].node.data();
    let old = data.with_extension("old");
    kill(world, Some(at)).await;
    copy(&data, &old);
    assert_eq!(start(world, Some(at), "").await, Started::Serves);
    for _ in 0..5 {
        world.change_listing(at).await;
    }
    world.settle().await;
    kill(world, Some(at)).await;
    tally.random += 2;
    fs::remove_dir_all(&data).expect("it is there");
    fs::rename(&old, &data).expect("a copy");
    let victim = (blow.victim == Victim::Node).then_some(at);
    if victim.is_none() {
        kill(world, None).await;
        tally.random += 1;
        assert_eq!(world.directory.start(&blow.load), Started::Serves);
    }
    world.agencies[at].forget();
    let plan = if victim.is_some() { &blow.load } else { "" };
    world.agencies[at].node.start(plan).await;
    let died = async || process(world, victim).has_died().then_some(());
    eventually("it ends where the logs are brought together", died).await;
    for plan in &blow.starts {
        if start(world, victim, plan).await == Started::Serves {
            tally.random += 1;
        } else {
            tally.recovering += 1;
        }
        process(world, victim).kill();
    }
    match victim {
        Some(_) => assert_eq!(world.agencies[at].node.start("").await, Started::Serves),
        None => assert_eq!(world.directory.start(""), Started::Serves),
    }
    world.settle_anew().await;
}

/// Ends a process that may have ended itself, and looks at what it left.
async fn kill(world: &mut World, victim: Option<usize>) {
    process(world, victim).kill();
    if victim.is_none() {
        world.check_journal().await;
    }
}

/// Starts a process, and compares what it knows with what was promised.
async fn start(world: &mut World, victim: Option<usize>, plan: &str) -> Started {
    let started = match victim {
        Some(node) => world.agencies[node].node.start(plan).await,
        None => world.directory.start(plan),
    };
    if started == Started::Serves && plan.is_empty() {
        match victim {
            Some(node) => {
                let heard = world.agencies[node].hear().await;
                assert!(heard.is_some(), "the node answers");
            }
            None => world.check_shown().await,
        }
    }
    started
}

/// Agencies change things until the process has died; false when it has not within this time.
async fn change_until_death(world: &mut World, victim: Option<usize>, patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    while Instant::now() < deadline {
        if process(world, victim).has_died() {
            return true;
        }
        world.change().await;
    }
    false
}

/// Ends a process from outside, whatever it is doing then.
async fn pull_plug(process: u32, moment: Duration) {
    sleep(moment).await;
    kill_process(pid(process), Signal::KILL).expect("it ran");
}

fn process(world: &mut World, victim: Option<usize>) -> &mut Process {
    match victim {
        Some(node) => &mut world.agencies[node].node.process,
        None => &mut world.directory.process,
    }
}

/// One round about an agency that joins: whatever ends, the same token lets it in, once.
async fn join(world: &mut World, blow: &Blow, tally: &mut Tally) {
    let name = format!("guest-{}", world.agencies.len());
    let node = Node::new(world.path(), &name);
    let of_directory = blow.victim == Victim::Directory;
    let mut token = None;
    if blow.point != "enrol.invited" {
        token = world.directory.invite(&name);
    }
    if of_directory {
        kill(world, None).await;
        tally.random += 1;
        assert_eq!(start(world, None, &blow.load).await, Started::Serves);
    }
    let at = world.directory.federation().to_owned();
    match &token {
        None => assert_eq!(world.directory.invite(&name), None, "nobody answers"),
        Some(token) => {
            let plan = if of_directory { "" } else { &blow.load };
            let joined = node.join(&at, token, plan);
            assert!(!joined, "nobody answers at {}", blow.point);
        }
    }
    if of_directory {
        for plan in &blow.starts {
            kill(world, None).await;
            if start(world, None, plan).await == Started::Serves {
                tally.random += 1;
            } else {
                tally.recovering += 1;
            }
        }
        kill(world, None).await;
        assert_eq!(start(world, None, "").await, Started::Serves);
    }
    let token = match token {
        Some(token) => token,
        None => world.directory.invite(&name).expect("a token"),
    };
    let joined = node.data().join("membership.json").exists();
    assert!(joined || node.join(&at, &token, ""), "joined");
    world.add(node, &name).await;
}

/// One round about a node that joins again with new keys while something waits: wherever the command ends, it is
/// repeated with the same token, and what waited arrives.
async fn rejoin(world: &mut World, blow: &Blow, tally: &mut Tally) {
    let at = world.dice.random_range(0..world.agencies.len());
    kill(world, None).await;
    world.change_listing(at).await;
    kill(world, Some(at)).await;
    tally.random += 2;
    assert_eq!(start(world, None, "").await, Started::Serves);
    let token = world
        .directory
        .invite_again(&world.agencies[at].node.agency);
    let address = world.directory.federation().to_owned();
    let node = &world.agencies[at].node;
    assert!(
        !node.join_again(&address, &token, &blow.load),
        "it ends there"
    );
    assert!(node.join_again(&address, &token, ""), "joined again");
    world.agencies[at].forget();
    assert_eq!(world.agencies[at].node.start("").await, Started::Serves);
    world.settle_anew().await;
}

impl Tally {
    fn kills(&self) -> u64 {
        self.random + self.at_points.values().sum::<u64>()
    }

    /// Reads at which points processes have ended themselves in this world.
    fn read(&mut self, world: &World) {
        let file = world.path().join("hits");
        let hits = fs::read_to_string(&file).unwrap_or_default();
        for point in hits.lines() {
            *self.at_points.entry(point.to_owned()).or_default() += 1;
        }
        if !hits.is_empty() {
            fs::remove_file(file).expect("the hits are counted");
        }
    }

    fn close(&self) {
        eprintln!("{} kills so far", self.kills());
    }

    fn print(&self) {
        let at_points: u64 = self.at_points.values().sum();
        eprintln!(
            "{} kills: {at_points} at {} named points, {} at random moments; {} of them during recovery",
            self.kills(),
            self.at_points.len(),
            self.random,
            self.recovering
        );
        for (point, count) in &self.at_points {
            eprintln!("{count:6} {point}");
        }
        if !self.missed.is_empty() {
            eprintln!("not reached in time: {:?}", self.missed);
        }
    }
}

/// A number from the environment.
pub(crate) fn number(name: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "the size of a run")]
    let text = std::env::var(name).ok()?;
    Some(text.parse().expect("a number"))
}
