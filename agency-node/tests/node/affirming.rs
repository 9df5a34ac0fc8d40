//! Saying again what is still so, so that no listing that stays true grows old (R13).

use std::sync::Arc;
use std::time::Duration;

use agency_node::operations::{Affirm, Change, Node, WithdrawError};
use jiff::Timestamp;
use referral_core::id::LocalId;
use referral_runtime::clock::ManualClock;
use tempfile::TempDir;

use crate::commands::{DONE, REFUSED, agency_node};
use crate::fake::Fake;
use crate::sample::{Running, import, records};

const DAY: Duration = Duration::from_hours(24);

/// A node with three services, an organization and a location, all imported now.
async fn node(fake: &Fake) -> (TempDir, Arc<ManualClock>, Node) {
    let data = fake.join().await;
    let morning: Timestamp = "2026-06-02T15:00:00Z".parse().unwrap();
    let clock = Arc::new(ManualClock::new(morning));
    let node = Node::open(data.path(), clock.clone()).unwrap();
    node.import(&import(records(3))).unwrap();
    (data, clock, node)
}

fn queued(node: &Node) -> u64 {
    node.status().queued
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_says_again_what_is_the_same_and_was_said_long_ago() {
    let fake = Fake::start().await;
    let (data, clock, node) = node(&fake).await;

    clock.advance(89 * DAY);
    node.import(&import(records(3))).unwrap();
    assert_eq!(queued(&node), 5, "nothing is said again yet");
    clock.advance(DAY);
    let plan = node.import(&import(records(2))).unwrap();

    // Two of three services are still in the file, and what they refer to does not grow old.
    assert_eq!(queued(&node), 7);
    assert_eq!(plan.count(Change::Unchanged), 4);
    node.import(&import(records(2))).unwrap();
    assert_eq!(queued(&node), 7, "once in 90 days");
    drop(node);
    let node = Node::open(data.path(), clock.clone()).unwrap();
    node.import(&import(records(2))).unwrap();
    assert_eq!(queued(&node), 7, "after a restart, too");
    clock.advance(90 * DAY);
    let trial = agency_node::operations::Import {
        dry_run: true,
        ..import(records(2))
    };
    node.import(&trial).unwrap();
    assert_eq!(queued(&node), 7, "a trial says nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_by_hand_is_affirmed_by_name_or_all_that_grows_old() {
    let fake = Fake::start().await;
    let (_data, clock, node) = node(&fake).await;
    let one = LocalId::parse("s1").unwrap();

    assert_eq!(node.affirm(&Affirm::Ageing).unwrap(), (0, 0));
    clock.advance(50 * DAY);
    let named = Affirm::Services(vec![one.clone(), one.clone()]);
    assert_eq!(node.affirm(&named).unwrap(), (1, 6));
    clock.advance(40 * DAY);
    assert_eq!(node.affirm(&Affirm::Ageing).unwrap(), (2, 8), "all but s1");

    let nobodys = LocalId::parse("s9").unwrap();
    let unknown = node.affirm(&Affirm::Services(vec![one, nobodys]));
    assert!(matches!(unknown, Err(WithdrawError::Unknown { .. })));
    assert_eq!(queued(&node), 8, "none of them");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_directory_takes_what_is_affirmed_from_a_command_with_a_daemon_and_without() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(2));
    node.acknowledged().await;

    let said = agency_node(&["affirm", "s0", "--wait"], data.path()).await;
    assert_eq!(
        (said.code, said.out.as_str()),
        (DONE, "published again: 1 service\n"),
        "{said:?}"
    );
    let said = agency_node(&["affirm", "--all"], data.path()).await;
    assert_eq!(said.out, "nothing was last said more than 90 days ago\n");
    node.stop().await;
    let said = agency_node(&["affirm", "s0", "s1", "--wait"], data.path()).await;
    assert_eq!(said.code, DONE, "{said:?}");

    assert_eq!(fake.state().chain.applied, 7);
    let said = agency_node(&["affirm", "s7"], data.path()).await;
    said.failed(REFUSED, &["publishes no service s7"]);
}
