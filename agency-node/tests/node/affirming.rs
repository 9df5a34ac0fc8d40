//! Saying again what is still so, so that no listing that stays true grows old (R13).

use std::sync::Arc;
use std::time::Duration;

use agency_node::operations::{Affirm, AgeingCounts, Change, Node, WithdrawError};
use jiff::{SignedDuration, Timestamp};
use referral_core::id::LocalId;
use referral_runtime::clock::{Clock, ManualClock, SystemClock};
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

#[tokio::test(flavor = "multi_thread")]
async fn status_says_what_nobody_published_again_for_150_days_and_how_searches_show_it() {
    let fake = Fake::start().await;
    let (data, clock, node) = node(&fake).await;
    clock.advance(149 * DAY);
    assert_eq!(node.status().ageing, AgeingCounts::default());

    clock.advance(DAY);
    let asked = node.status().ageing;
    clock.advance(30 * DAY);
    let old = node.status().ageing;
    node.affirm(&Affirm::Services(vec![LocalId::parse("s0").unwrap()]))
        .unwrap();
    clock.advance(185 * DAY);
    let archived = node.status().ageing;

    let old_at = "2026-11-29T15:00:00Z".parse().ok();
    assert_eq!(
        (asked.services, asked.old, asked.next_old_at),
        (3, 0, old_at)
    );
    assert_eq!((old.services, old.old, old.next_old_at), (3, 3, None));
    assert_eq!(
        (archived.services, archived.old, archived.archived),
        (3, 1, 2)
    );
    drop((node, data));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_tells_the_command_what_grows_old() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let long_ago: Timestamp = SystemClock::new().now() - SignedDuration::from_hours(24 * 200);
    let node = Node::open(data.path(), Arc::new(ManualClock::new(long_ago))).unwrap();
    node.import(&import(records(2))).unwrap();
    drop(node);
    let running = Running::start(data.path());
    running.acknowledged().await;

    let status = agency_node(&["status"], data.path()).await;
    let json = agency_node(&["status", "--json"], data.path()).await.json();

    let line = "2 services have not been published again for 150 days; searches show 2 as old: \
                `agency-node affirm` says what is still true";
    assert!(status.out.contains(line), "{}", status.out);
    assert_eq!(
        (&json["ageing"]["services"], &json["ageing"]["old"]),
        (&2.into(), &2.into())
    );
    running.stop().await;
}
