//! Wires that go bad and processes that stand still: noticed in time, and nothing is lost or done twice.

use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use rustix::process::{Signal, kill_process};
use tokio::time::Instant;

use crate::journal::recorded;
use crate::processes::{eventually_within, pid};
use crate::proxy::{Proxy, Wire};
use crate::world::World;

/// A peer that is gone without a word is noticed within this time, on both sides.
const NOTICED: Duration = Duration::from_secs(40);
/// How many changes are made while something is wrong.
const CHANGES: usize = 20;
/// How many listings wait for a slow wire: about 80 kB.
const BACKLOG: usize = 100;
/// How long that may take there: twice as long as it has to.
const CARRIED: Duration = Duration::from_secs(90);

fn world() -> World {
    World::new(StdRng::seed_from_u64(1))
}

// The wire needs a thread while a command is waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_acknowledgements_do_nothing_twice() {
    let mut world = world();
    let proxy = Proxy::to(world.directory.federation().to_owned()).await;
    world.join_at("harbor", &proxy.address.to_string()).await;
    world.settle().await;
    for _ in 0..5 {
        proxy.set(Wire::Deaf);
        for _ in 0..CHANGES {
            world.change().await;
        }
        let status = world.agencies[0].hear().await.expect("a status");
        let (queued, told) = (status.queued, status.acknowledged);
        eventually_within(NOTICED, "some are recorded", async || {
            let there = recorded(&world.directory.data()).get("harbor").copied();
            // At most so many are on their way before the node waits for an acknowledgement.
            (there > Some(told)).then_some(())
        })
        .await;
        let status = world.agencies[0].hear().await.expect("a status");
        assert_eq!(status.acknowledged, told, "the node was told nothing");

        proxy.set(Wire::Broken);
        world.connected(0, false).await;
        proxy.set(Wire::Whole);

        world.settle().await;
        let recorded = recorded(&world.directory.data());
        assert_eq!(recorded["harbor"], queued, "recorded once each");
    }
}

// The wire needs a thread while a command is waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wire_that_swallows_everything_is_noticed_on_both_sides() {
    let mut world = world();
    let proxy = Proxy::to(world.directory.federation().to_owned()).await;
    world.join_at("harbor", &proxy.address.to_string()).await;
    world.settle().await;
    world.connected(0, true).await;

    proxy.set(Wire::Black);

    let since = Instant::now();
    world.connected(0, false).await;
    eprintln!(
        "the node noticed after {:.1} s",
        since.elapsed().as_secs_f64()
    );
    world.noticed_by_directory("harbor").await;
    eprintln!("both after {:.1} s", since.elapsed().as_secs_f64());
    assert!(since.elapsed() <= NOTICED);
    for _ in 0..CHANGES {
        world.change().await;
    }
    proxy.set(Wire::Whole);
    world.settle().await;
}

#[tokio::test]
async fn a_directory_that_stands_still_is_noticed_and_gone_on_with() {
    let mut world = world();
    world.join("harbor").await;
    world.settle().await;
    world.connected(0, true).await;
    let directory = pid(world.directory.process.id());

    kill_process(directory, Signal::STOP).expect("it runs");

    let since = Instant::now();
    for _ in 0..CHANGES {
        world.change().await;
    }
    world.connected(0, false).await;
    eprintln!("noticed after {:.1} s", since.elapsed().as_secs_f64());
    assert!(since.elapsed() <= NOTICED);
    kill_process(directory, Signal::CONT).expect("it runs");
    world.settle().await;
}

#[tokio::test]
async fn a_node_that_stands_still_is_noticed_and_goes_on() {
    let mut world = world();
    world.join("harbor").await;
    for _ in 0..CHANGES {
        world.change().await;
    }
    world.settle().await;
    let node = pid(world.agencies[0].node.process.id());

    kill_process(node, Signal::STOP).expect("it runs");

    let since = Instant::now();
    world.noticed_by_directory("harbor").await;
    eprintln!("noticed after {:.1} s", since.elapsed().as_secs_f64());
    assert!(since.elapsed() <= NOTICED);
    world.check_shown().await;
    kill_process(node, Signal::CONT).expect("it runs");
    for _ in 0..CHANGES {
        world.change().await;
    }
    world.settle().await;
}

// The wire needs a thread while a command is waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_waited_goes_over_a_slow_wire_in_one_session() {
    let mut world = world();
    let proxy = Proxy::to(world.directory.federation().to_owned()).await;
    world.join_at("harbor", &proxy.address.to_string()).await;
    world.settle().await;
    proxy.set(Wire::Broken);
    world.connected(0, false).await;
    for _ in 0..BACKLOG {
        world.change_listing(0).await;
    }
    let sessions = |world: &World| {
        world
            .directory
            .log()
            .matches("of agency harbor began")
            .count()
    };
    let before = sessions(&world);

    proxy.set(Wire::Slow);

    let since = Instant::now();
    eventually_within(CARRIED, "it is acknowledged", async || {
        let status = world.agencies[0].node.status().await?;
        (status.acknowledged == status.queued).then_some(())
    })
    .await;
    eprintln!("carried in {:.1} s", since.elapsed().as_secs_f64());
    assert_eq!(sessions(&world), before + 1, "no session was cut off");
    world.settle().await;
}
