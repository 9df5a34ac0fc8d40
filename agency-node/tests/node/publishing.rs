//! Publishing to a directory over real mutual TLS: in order, once, whatever breaks.

use std::time::Duration;

use crate::fake::{Fake, State};
use crate::sample::{Running, beds, organization, records, service, service_name};
use agency_node::operations::{Change, Rejection, Status};
use referral_proto::v1::{FenceReason, Notice};

fn check(state: &State) {
    assert_eq!(state.broken, Vec::<String>::new());
}

fn refused(status: &Status) -> Vec<(String, String)> {
    let name = |rejection: &Rejection| (rejection.id.to_string(), rejection.refusal.code.clone());
    status.rejections.iter().map(name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_imported_and_set_arrives_signed_and_in_order() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let node = Running::start(data.path());

    node.import(records(1_200));
    node.node.set_capacity(vec![beds("s7", 4)]).unwrap();
    node.acknowledged().await;

    let status = node.node.status();
    assert!(status.link.connected);
    assert_eq!(
        (status.queued, status.acknowledged, status.pending_since),
        (1_202, 1_202, None)
    );
    node.stop().await;
    let state = fake.state();
    check(&state);
    assert_eq!(
        (state.live(), state.reports.len(), state.sessions),
        (1_202, 1, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_record_holds_up_nothing_and_is_named_until_it_is_corrected() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    fake.fault(|faults| faults.refuse.extend(["s1".to_owned()]));
    let node = Running::start(data.path());

    node.import(records(5));
    node.acknowledged().await;

    assert_eq!(
        refused(&node.node.status()),
        [("s1".to_owned(), "not_wanted".to_owned())]
    );
    assert_eq!(fake.state().live(), 6);

    fake.fault(|faults| faults.refuse.clear());
    let mut corrected = records(5);
    corrected[3] = service("s1", "Service 1, corrected", "org", &["loc"]);
    node.import(corrected);
    node.acknowledged().await;

    assert_eq!(refused(&node.node.status()), []);
    assert_eq!(fake.state().live(), 7);
    node.stop().await;
    check(&fake.state());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_refers_to_a_refused_record_follows_once_that_is_corrected() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    fake.fault(|faults| faults.refuse.extend(["org".to_owned()]));
    let node = Running::start(data.path());
    node.import(records(3));
    node.acknowledged().await;
    assert_eq!(refused(&node.node.status()).len(), 5);

    fake.fault(|faults| faults.refuse.clear());
    let mut corrected = records(3);
    corrected[0] = organization("org", "Organization, corrected");
    let plan = node.import(corrected);
    node.acknowledged().await;
    fake.until("everything", |state| state.live() == 5).await;
    node.acknowledged().await;

    assert_eq!(plan.count(Change::Changed), 1);
    assert_eq!(refused(&node.node.status()), []);
    node.stop().await;
    check(&fake.state());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_report_is_named_and_the_next_one_takes_its_place() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(2));
    node.acknowledged().await;
    fake.fault(|faults| faults.refuse.extend(["s1".to_owned()]));

    node.node
        .set_capacity(vec![beds("s0", 1), beds("s1", 2)])
        .unwrap();
    node.acknowledged().await;

    let status = node.node.status();
    assert_eq!(
        refused(&status),
        [("s1".to_owned(), "not_wanted".to_owned())]
    );
    assert_eq!(status.rejections[0].refusal.cseq, 2);

    fake.fault(|faults| faults.refuse.clear());
    node.node.set_capacity(vec![beds("s1", 3)]).unwrap();
    node.acknowledged().await;

    assert_eq!(refused(&node.node.status()), []);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_lost_in_a_batch_loses_and_repeats_nothing() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    fake.fault(|faults| {
        faults.hang_up_at = Some(40);
        faults.refuse.extend(["s20".to_owned()]);
    });
    let node = Running::start(data.path());

    node.import(records(100));
    node.acknowledged().await;

    assert_eq!(
        refused(&node.node.status()),
        [("s20".to_owned(), "not_wanted".to_owned())]
    );
    node.stop().await;
    let state = fake.state();
    check(&state);
    assert_eq!(
        (state.chain.applied, state.live(), state.sessions),
        (102, 101, 2)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fenced_node_comes_back_and_goes_on() {
    for reason in [
        FenceReason::Gap,
        FenceReason::Storage,
        FenceReason::Draining,
        FenceReason::Superseded,
        FenceReason::Fork,
        FenceReason::WrongEpoch,
        FenceReason::Budget,
    ] {
        let fake = Fake::start().await;
        let data = fake.join().await;
        fake.fault(|faults| faults.fence_at = Some((5, reason)));
        let node = Running::start(data.path());

        node.import(records(10));
        node.acknowledged().await;

        node.stop().await;
        let state = fake.state();
        check(&state);
        assert_eq!((state.live(), state.sessions), (12, 2), "{reason:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_bad_signature_nothing_is_sent_and_the_status_says_why() {
    let reason = FenceReason::BadSignature;
    let fake = Fake::start().await;
    let data = fake.join().await;
    fake.fault(|faults| faults.fence_at = Some((1, reason)));
    let node = Running::start(data.path());
    node.import(records(1));

    node.problem("publishing has stopped").await;

    let status = node.node.status();
    assert!(
        status.link.problem.contains(reason.as_str_name()),
        "{}",
        status.link.problem
    );
    assert_eq!((status.link.connected, status.acknowledged), (false, 0));
    node.stop().await;
    assert_eq!(fake.state().sessions, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_node_goes_on_where_it_stopped() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    fake.fault(|faults| (faults.silent, faults.max_in_flight) = (true, 30));
    let node = Running::start(data.path());
    node.import(records(100));
    fake.until("a first part", |state| state.chain.applied == 30)
        .await;
    node.stop().await;

    fake.fault(|faults| faults.silent = false);
    let node = Running::start(data.path());
    node.acknowledged().await;

    assert_eq!(node.node.status().acknowledged, 102);
    node.stop().await;
    let state = fake.state();
    check(&state);
    assert_eq!((state.chain.applied, state.live()), (102, 102));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_waits_for_a_directory_that_is_down() {
    let mut fake = Fake::start().await;
    let data = fake.join().await;
    fake.stop().await;
    let node = Running::start(data.path());
    node.import(records(3));
    node.problem("cannot reach").await;

    fake.restart().await;
    node.acknowledged().await;

    assert_eq!(node.node.status().link.problem, "");
    node.stop().await;
    assert_eq!(fake.state().live(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn capacity_does_not_wait_for_listings_and_listings_wait_for_acknowledgements() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    fake.fault(|faults| (faults.silent, faults.max_in_flight) = (true, 10));
    let node = Running::start(data.path());
    node.import(records(500));
    fake.until("as many as may be in flight", |state| {
        state.chain.applied == 10
    })
    .await;

    node.node.set_capacity(vec![beds("s0", 4)]).unwrap();
    fake.until("the report", |state| state.cseq == 1).await;

    assert_eq!(fake.state().chain.applied, 10);
    fake.fault(|faults| faults.silent = false);
    node.node.set_capacity(vec![beds("s0", 5)]).unwrap();
    node.acknowledged().await;
    node.stop().await;
    let state = fake.state();
    check(&state);
    assert_eq!((state.live(), state.most_in_flight), (502, 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_last_word_about_a_service_is_sent() {
    let mut fake = Fake::start().await;
    let data = fake.join().await;
    fake.stop().await;
    let node = Running::start(data.path());
    node.import(records(1));
    for available in 1..=5 {
        node.node.set_capacity(vec![beds("s0", available)]).unwrap();
    }

    fake.restart().await;
    node.acknowledged().await;

    node.stop().await;
    let state = fake.state();
    let available: Vec<_> = state
        .reports
        .iter()
        .map(|r| r.counts[0].available)
        .collect();
    assert_eq!((available, state.cseq), (vec![Some(5)], 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_acknowledges_nothing_is_left_in_time() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    fake.fault(|faults| faults.silent = true);
    let node = Running::with(data.path(), Duration::from_millis(200));

    node.import(records(1));
    node.problem("acknowledged nothing").await;
    fake.fault(|faults| faults.silent = false);
    node.acknowledged().await;

    node.stop().await;
    check(&fake.state());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_of_what_was_not_sent_is_no_acknowledgement() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    fake.fault(|faults| faults.acknowledge_beyond = 7);
    let node = Running::start(data.path());

    node.import(records(1));
    node.problem("does not keep to the protocol").await;

    assert_eq!(node.node.status().acknowledged, 0);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_reach_the_agencys_people_and_survive_a_restart() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let notice = Notice {
        code: "clock_ahead".to_owned(),
        text: "this node's clock \u{1b}[31mruns ahead".to_owned(),
        ..Default::default()
    };
    fake.fault(|faults| faults.notice = Some(notice));
    let node = Running::start(data.path());
    node.import(records(1));
    node.acknowledged().await;
    node.stop().await;

    let node = Running::start(data.path());
    let notices = node.node.status().notices;

    assert_eq!(notices[0].code, "clock_ahead");
    assert_eq!(notices[0].text, "this node's clock  [31mruns ahead");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_service_is_gone_and_comes_back_with_the_next_import() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(2));
    node.node.withdraw(&service_name("s1")).unwrap();
    node.acknowledged().await;
    assert_eq!(fake.state().live(), 3);

    node.import(records(2));
    node.acknowledged().await;

    assert_eq!(refused(&node.node.status()), []);
    node.stop().await;
    assert_eq!(fake.state().live(), 4);
    check(&fake.state());
}
