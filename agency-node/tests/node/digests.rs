//! Digests and verification: what differs without anybody having noticed is found, and named or made again.

use std::path::Path;
use std::time::Duration;

use crate::commands::{DONE, FAILED, agency_node};
use crate::fake::Fake;
use crate::reconciling::{check, conflicts, name_at};
use crate::sample::{Running, records, service, service_name};

/// A node that beats all the time.
fn beating(data_dir: &Path) -> Running {
    Running::configured(data_dir, |publish| {
        publish.beat = Duration::from_millis(20);
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn beats_of_a_node_that_agrees_ask_for_nothing() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let node = beating(data.path());
    node.import(records(100));
    node.node.withdraw(&service_name("s4")).unwrap();
    node.acknowledged().await;
    let before = fake.state().beats.0;

    fake.until("some beats", |state| state.beats.0 > before + 5)
        .await;

    node.stop().await;
    let state = fake.state();
    check(&state);
    assert_eq!((state.beats.1, state.chain.epoch.number), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_directory_lost_unnoticed_is_found_by_its_digest_and_made_again() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let node = beating(data.path());
    node.import(records(300));
    node.acknowledged().await;

    fake.state().records.remove(&service_name("s7"));
    fake.until("the record again", |state| state.live() == 302)
        .await;
    let beats = fake.state().beats.0;
    fake.until("some beats", |state| state.beats.0 > beats + 5)
        .await;
    node.acknowledged().await;

    node.stop().await;
    let state = fake.state();
    check(&state);
    assert_eq!((state.chain.applied, state.chain.epoch.number), (303, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_version_that_a_directory_fell_back_to_is_replaced_by_the_newer_one() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let node = beating(data.path());
    node.import(records(5));
    node.acknowledged().await;
    let held = fake.state().records[&service_name("s1")].clone();
    node.import(vec![service("s1", "Service 1, changed", "org", &["loc"])]);
    node.acknowledged().await;

    fake.state().records.insert(service_name("s1"), held);
    fake.until("the newer version again", |state| {
        name_at(state, "s1") == "Service 1, changed"
    })
    .await;
    node.acknowledged().await;

    assert_eq!(conflicts(&node), []);
    node.stop().await;
    check(&fake.state());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_answers_no_beat_is_left_in_time() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    fake.fault(|faults| faults.deaf_to_beats = true);
    let node = Running::configured(data.path(), |publish| {
        publish.beat = Duration::from_millis(20);
        publish.silence = Duration::from_millis(50);
    });

    node.problem("was silent for").await;

    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_directory_shows_is_verified_with_and_without_the_daemon() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(120));
    node.acknowledged().await;
    let older = fake.state().records[&service_name("s1")].clone();
    node.import(vec![service("s1", "Service 1, changed", "org", &["loc"])]);
    let fine = agency_node(&["verify"], data.path()).await;

    // An insider alters what is shown.
    fake.state().records.insert(service_name("s1"), older);
    fake.state().records.remove(&service_name("s2"));
    fake.fault(|faults| {
        faults.forge.insert("s3".to_owned());
        faults.garble.insert("s4".to_owned());
    });
    let found = agency_node(&["verify", "--json"], data.path()).await;
    let status = agency_node(&["status"], data.path()).await;
    node.stop().await;
    let alone = agency_node(&["verify", "--json"], data.path()).await;

    assert_eq!(fine.code, DONE, "{fine:?}");
    assert!(fine.out.contains("122 records as published"), "{fine:?}");
    assert_eq!((found.code, alone.code), (FAILED, FAILED));
    for said in [found.json(), alone.json()] {
        let differences = said["differences"].as_array().unwrap();
        let named: Vec<_> = differences
            .iter()
            .map(|one| (one["id"].as_str().unwrap(), one["code"].as_str().unwrap()))
            .collect();
        assert_eq!(
            named,
            [
                ("s1", "altered"),
                ("s2", "missing"),
                ("s3", "not_ours"),
                ("s4", "not_ours")
            ]
        );
        let text = differences[0]["text"].as_str().unwrap();
        assert!(text.contains("service.name"), "{text}");
    }
    assert!(status.out.contains("4 of 122 records differ"), "{status:?}");
    check(&fake.state());
}
