//! Disks that are slow, stand still or fail: nothing is acknowledged that is not durable, nobody is taken for silent, and
//! searches go on.
//!
//! `SLOW_STALL=60 cargo test --locked -p referral-scenarios --features failpoints --test faults slow` lets the disk stand
//! still for a whole minute.

use std::time::Duration;

use rand::RngExt;
use tokio::time::Instant;

use crate::kills::number;
use crate::power::{DIRECTORY, Machines, Tally};
use crate::processes::{Process, Started, eventually, eventually_within};

/// How long a sync takes on a slow disk.
const SLOW: Duration = Duration::from_millis(1_500);
/// For how long the disk stands still, at every run. Unit: seconds.
const STALL: u64 = 12;
/// How many searches are timed.
const SEARCHES: usize = 150;
/// A search is never so fast that twice its time would be noise.
const NOISE: Duration = Duration::from_millis(40);
/// More memory than a bounded queue of small changes takes. Unit: KiB.
const MORE: u64 = 48 << 10;
/// How long it may take until all that has waited is acknowledged.
const CATCH_UP: Duration = Duration::from_mins(2);
/// Exit code: the disk failed.
const STORAGE_FAILED: i32 = 75;

/// The time that 99 of 100 searches take at most.
async fn slowest(machines: &Machines) -> Duration {
    let mut times = Vec::new();
    for _ in 0..SEARCHES {
        let began = Instant::now();
        machines.world.directory.search().await;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    times[SEARCHES * 99 / 100 - 1]
}

/// How much memory a process holds. Unit: KiB.
fn resident(process: &Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id()));
    let status = status.expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|kib| kib.parse().ok()).expect("a number")
}

/// Whether every node is connected, and none was ever told of as silent.
async fn nobody_is_silent(machines: &Machines) {
    for agency in &machines.world.agencies {
        let status = agency.node.status().await.expect("the node answers");
        assert!(status.connected, "{} is connected", agency.name);
    }
    let answer = machines.world.directory.search().await;
    assert!(!answer.results.is_empty(), "listings are found");
    let stale = referral_proto::v1::CapacityState::Stale;
    let capacities = answer
        .results
        .iter()
        .filter_map(|one| one.capacity.as_ref());
    assert!(capacities.into_iter().all(|one| one.state() != stale));
}

/// Listings and reports are asked for until the nodes hold many that are not acknowledged.
async fn pile_up(machines: &mut Machines) {
    for _ in 0..200 {
        machines.world.change().await;
    }
}

#[tokio::test]
async fn a_slow_disk_slows_publishing_and_nothing_else() {
    let Some(mut machines) = Machines::new(91).await else {
        return;
    };
    machines.world.settle().await;
    let (base, memory) = (
        slowest(&machines).await,
        resident(&machines.world.directory.process),
    );

    machines.disk().delay_syncs(SLOW);
    let began = Instant::now();
    machines.world.change_listing(0).await;
    machines.world.agencies[0].settled().await;
    assert!(
        began.elapsed() >= SLOW,
        "it is acknowledged when it is durable"
    );
    pile_up(&mut machines).await;
    let slow = slowest(&machines).await;

    eprintln!("99 of 100 searches take at most {base:?}, and {slow:?} on a slow disk");
    assert!(slow <= base * 2 + NOISE, "{slow:?} instead of {base:?}");
    nobody_is_silent(&machines).await;
    let now = resident(&machines.world.directory.process);
    assert!(now < memory + MORE, "{now} KiB instead of {memory}");
    // What was acknowledged meanwhile survives, and the rest arrives.
    let mut tally = Tally::default();
    machines.world.hear().await;
    machines.cut(DIRECTORY, &mut tally);
    machines.world.check_journal().await;
    assert_eq!(machines.world.directory.start(""), Started::Serves);
    machines.world.check_shown().await;
    machines.world.settle().await;
}

#[tokio::test]
async fn a_disk_that_stands_still_holds_up_publishing_and_nothing_else() {
    let Some(mut machines) = Machines::new(92).await else {
        return;
    };
    machines.world.settle().await;
    let base = slowest(&machines).await;
    let (promised, memory) = (
        machines.world.promised(),
        resident(&machines.world.directory.process),
    );

    machines.disk().stall(true);
    let until = Instant::now() + Duration::from_secs(number("SLOW_STALL").unwrap_or(STALL));
    pile_up(&mut machines).await;
    let mut slow = Duration::ZERO;
    while Instant::now() < until {
        slow = slow.max(slowest(&machines).await);
        machines.world.hear().await;
        assert_eq!(machines.world.promised(), promised, "nothing is durable");
    }

    eprintln!("99 of 100 searches take at most {base:?}, and {slow:?} while the disk stands still");
    assert!(slow <= base * 2 + NOISE, "{slow:?} instead of {base:?}");
    let now = resident(&machines.world.directory.process);
    assert!(now < memory + MORE, "{now} KiB instead of {memory}");
    machines.disk().stall(false);
    eventually_within(CATCH_UP, "everybody is connected", async || {
        for agency in &machines.world.agencies {
            agency.node.status().await?.connected.then_some(())?;
        }
        Some(())
    })
    .await;
    nobody_is_silent(&machines).await;
    machines.world.settle().await;
}

/// What fails on a disk that fails.
#[derive(Clone, Copy, Debug)]
enum Fails {
    Syncs,
    Writes,
}

#[tokio::test]
async fn what_was_acknowledged_survives_syncs_and_writes_that_fail() {
    let Some(mut machines) = Machines::new(93).await else {
        return;
    };
    let (mut tally, mut endings) = (Tally::default(), 0);
    for round in 0..number("POWER_FAILURES").unwrap_or(8) {
        let fails = if round % 2 == 0 {
            Fails::Syncs
        } else {
            Fails::Writes
        };
        let count = machines.world.dice.random_range(1..4);
        let disk = machines.disk();
        match fails {
            Fails::Syncs => disk.fail_syncs(count),
            Fails::Writes => disk.fail_writes(count),
        }
        // Either it goes on with files that it has opened and verified again, or it says that the disk failed.
        let ended = eventually("it has met the failure", async || {
            machines.world.change().await;
            let ended = machines.world.directory.process.ended();
            let met = ended.is_some() || machines.disk().has_failed();
            met.then_some(ended)
        })
        .await;
        assert!(
            ended.is_none_or(|code| code == STORAGE_FAILED),
            "{fails:?}: it ended with {ended:?}: {}",
            machines.world.directory.log()
        );
        endings += usize::from(ended.is_some());
        for _ in 0..20 {
            machines.world.change().await;
        }
        machines.world.hear().await;
        machines.world.directory.process.ended();
        machines.cut(DIRECTORY, &mut tally);
        machines.world.check_journal().await;
        assert_eq!(machines.world.directory.start(""), Started::Serves);
        machines.world.check_shown().await;
        machines.world.settle().await;
    }
    eprintln!("{tally:?}; it ended itself {endings} times");
}
