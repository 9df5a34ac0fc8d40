//! What people decide: conflicts, deletions, restoring, and beginning again.

use std::fs;

use referral_proto::v1;

use crate::commands::{BAD_CONFIGURATION, DONE, REFUSED, USAGE, agency_node};
use crate::fake::Fake;
use crate::reconciling::{check, disputed, name_at};
use crate::sample::{Running, beds, records, service_name};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_the_difference_and_chooses() {
    for (choice, stays) in [("--ours", "Ours"), ("--theirs", "Theirs")] {
        let fake = Fake::start().await;
        let data = disputed(&fake).await;
        let node = Running::start(data.path());
        node.in_epoch(2).await;
        let shown = agency_node(&["status"], data.path()).await;
        let listed = agency_node(&["conflicts", "--json"], data.path()).await;
        let conflict = listed.json()["conflicts"][0].clone();

        let number = conflict["number"].to_string();
        let kept = agency_node(&["conflicts", "keep", &number, choice], data.path()).await;
        node.acknowledged().await;
        fake.until("the choice", |state| name_at(state, "s0") == stays)
            .await;
        let again = agency_node(&["conflicts", "keep", &number, choice], data.path()).await;

        assert!(shown.out.contains("conflicts: 1"), "{}", shown.out);
        assert_eq!((shown.code, listed.code, kept.code), (DONE, DONE, DONE));
        assert_eq!(conflict["id"], "s0");
        let field = &conflict["fields"][0];
        assert_eq!(field["field"], "service.name");
        assert_eq!(
            (field["theirs"].as_str(), field["ours"].as_str()),
            (Some("Theirs"), Some("Ours"))
        );
        assert_eq!(again.code, REFUSED, "{again:?}");
        assert_eq!(node.node.status().rejections, []);
        node.stop().await;
        check(&fake.state());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deletions_that_are_held_wait_for_a_second_person_and_then_go() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(3));
    node.acknowledged().await;
    fake.fault(|faults| faults.hold_deletions = true);

    let unsure = agency_node(&["delete", "s0"], data.path()).await;
    let deleted = agency_node(&["delete", "s0", "s1", "--yes"], data.path()).await;
    node.acknowledged().await;
    let held = agency_node(&["status"], data.path()).await;

    assert_eq!((unsure.code, deleted.code), (USAGE, DONE));
    assert!(
        held.out
            .contains("2 deletions wait for a second person at the directory"),
        "{}",
        held.out
    );
    assert_eq!((fake.state().live(), node.node.status().services), (5, 1));

    fake.fault(|faults| {
        faults.hold_deletions = false;
        faults.notice = Some(v1::Notice {
            code: "deletions_allowed".to_owned(),
            ..Default::default()
        });
    });
    node.node.set_capacity(vec![beds("s2", 1)]).unwrap();
    fake.until("the deletions", |state| state.live() == 3).await;
    node.acknowledged().await;

    let restored = agency_node(&["restore", "s0"], data.path()).await;
    assert_eq!(restored.code, REFUSED, "what was deleted is forgotten");
    assert_eq!(node.node.status().deletions_held, 0);
    node.stop().await;
    check(&fake.state());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_service_is_restored_as_it_was() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(2));
    node.node.withdraw(&service_name("s1")).unwrap();
    node.acknowledged().await;

    let restored = agency_node(&["restore", "s1", "--wait"], data.path()).await;
    let again = agency_node(&["restore", "s1"], data.path()).await;

    assert_eq!(restored.out, "service s1 is published again\n");
    assert_eq!(again.code, REFUSED);
    node.stop().await;
    let state = fake.state();
    check(&state);
    assert_eq!(name_at(&state, "s1"), "Service 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_without_its_journal_names_the_ways_out() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    fs::remove_dir_all(data.path().join("journal")).unwrap();

    let refused = agency_node(&["run"], data.path()).await;

    refused.failed(BAD_CONFIGURATION, &["has no journal", "run --new"]);
}
