//! A node and a directory that were restored, copied or lost: they come together again over real mutual TLS.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use agency_node::operations::{Node, OpenError};
use agency_node::outbox::Conflict;
use referral_core::id::Hash;
use referral_proto::v1;
use referral_runtime::clock::SystemClock;
use tempfile::TempDir;

use crate::fake::{Fake, State};
use crate::sample::{Running, beds, import, open, records, service, service_name};

pub(crate) fn check(state: &State) {
    assert_eq!(state.broken, Vec::<String>::new());
}

fn copy(from: &Path) -> TempDir {
    let to = tempfile::tempdir().unwrap();
    copy_into(from, to.path());
    to
}

fn copy_into(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&place).unwrap();
            copy_into(&entry.path(), &place);
        } else if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), place).unwrap();
        }
    }
}

pub(crate) fn name_at(state: &State, id: &str) -> String {
    let record = state.records[&service_name(id)].record.clone().unwrap();
    match record.record.unwrap() {
        v1::record::Record::Service(service) => service.name,
        _ => unreachable!("a service"),
    }
}

pub(crate) fn conflicts(node: &Running) -> Vec<Conflict> {
    node.node
        .read(|outbox| outbox.conflicts().values().cloned().collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_restored_from_a_backup_is_healed_and_capacity_keeps_its_age() {
    let mut fake = Fake::start().await;
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(300));
    node.acknowledged().await;
    let backup = fake.state().backup();
    let mut changed = records(320);
    changed[2] = service("s0", "Service 0, changed", "org", &["loc"]);
    node.import(changed);
    node.node.withdraw(&service_name("s5")).unwrap();
    node.node.set_capacity(vec![beds("s7", 4)]).unwrap();
    node.acknowledged().await;
    let observed_at = fake.state().reports[0].observed_at;

    fake.stop().await;
    fake.state().restore(backup);
    fake.state().reports.clear();
    fake.restart().await;
    fake.until("everything again", |state| state.live() == 321)
        .await;
    node.acknowledged().await;

    node.stop().await;
    let state = fake.state();
    check(&state);
    assert_eq!(name_at(&state, "s0"), "Service 0, changed");
    assert!(state.records[&service_name("s5")].record.is_none());
    assert_eq!(state.reports.len(), 1);
    assert_eq!(state.reports[0].observed_at, observed_at);
    assert_eq!(state.chain.applied, 22, "only what the directory lacks");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_lost_everything_gets_everything_in_order_of_reference() {
    let mut fake = Fake::start().await;
    let data = fake.join().await;
    let empty = fake.state().backup();
    let node = Running::start(data.path());
    node.import(records(50));
    node.node.withdraw(&service_name("s3")).unwrap();
    node.acknowledged().await;

    fake.stop().await;
    fake.state().restore(empty);
    fake.restart().await;
    fake.until("everything again", |state| state.live() == 51)
        .await;
    node.acknowledged().await;

    assert_eq!(node.node.status().rejections, []);
    node.stop().await;
    check(&fake.state());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_restored_from_an_old_copy_takes_over_what_it_forgot() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(3));
    node.acknowledged().await;
    node.stop().await;
    let old = copy(data.path());
    let node = Running::start(data.path());
    let mut changed = records(5);
    changed[2] = service("s0", "Service 0, changed", "org", &["loc"]);
    node.import(changed);
    node.acknowledged().await;
    node.stop().await;

    let node = Running::start(old.path());
    node.in_epoch(2).await;
    node.acknowledged().await;
    node.import(vec![service("s0", "Service 0, again", "org", &["loc"])]);
    node.acknowledged().await;

    assert_eq!(node.node.status().services, 5);
    assert_eq!(conflicts(&node), []);
    assert_eq!(node.node.status().rejections, []);
    node.stop().await;
    let state = fake.state();
    check(&state);
    assert_eq!((state.live(), state.fetched), (7, 3));
    assert_eq!(name_at(&state, "s0"), "Service 0, again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_restored_from_an_old_copy_never_brings_an_older_report_back() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(3));
    let first = vec![beds("s0", 9), beds("s1", 9)];
    node.node.set_capacity(first).unwrap();
    node.acknowledged().await;
    node.stop().await;
    let old = copy(data.path());
    let node = Running::start(data.path());
    let later = vec![beds("s0", 1), beds("s1", 1), beds("s2", 1)];
    node.node.set_capacity(later).unwrap();
    node.acknowledged().await;
    node.stop().await;
    // Somebody reports at the old copy, before it has spoken with the directory.
    open(old.path()).set_capacity(vec![beds("s1", 5)]).unwrap();

    let node = Running::start(old.path());
    node.in_epoch(2).await;
    node.acknowledged().await;

    node.stop().await;
    let mut state = fake.state();
    check(&state);
    let after = state.reports.split_off(5);
    let said = after.iter().map(|report| {
        let available = report.counts[0].available.unwrap();
        (report.service_id.as_str(), available)
    });
    assert_eq!(said.collect::<Vec<_>>(), [("s0", 1), ("s1", 5), ("s2", 1)]);
}

/// A node whose log and the directory's copy hold versions of `s0` that were made in ignorance of each other.
pub(crate) async fn disputed(fake: &Fake) -> TempDir {
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(2));
    node.acknowledged().await;
    node.stop().await;
    let other = copy(data.path());
    let node = Running::start(data.path());
    node.import(vec![service("s0", "Theirs", "org", &["loc"])]);
    node.acknowledged().await;
    node.stop().await;
    open(other.path())
        .import(&import(vec![service("s0", "Ours", "org", &["loc"])]))
        .unwrap();
    other
}

#[tokio::test(flavor = "multi_thread")]
async fn two_versions_made_in_ignorance_are_both_kept_and_the_directorys_stays() {
    let fake = Fake::start().await;
    let other = disputed(&fake).await;

    let node = Running::start(other.path());
    node.in_epoch(2).await;
    node.acknowledged().await;

    let kept = conflicts(&node);
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].name, service_name("s0"));
    assert!(format!("{:?}", kept[0].record()).contains("Ours"));
    assert_eq!(name_at(&fake.state(), "s0"), "Theirs");
    node.stop().await;
    let node = Running::start(other.path());
    assert_eq!(conflicts(&node), kept, "a restart finds it again");
    node.stop().await;
    check(&fake.state());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_versions_that_say_the_same_are_no_conflict_and_the_next_knows_both() {
    let fake = Fake::start().await;
    let data = disputed(&fake).await;
    open(data.path())
        .import(&import(vec![service("s0", "Theirs", "org", &["loc"])]))
        .unwrap();
    let theirs = fake.state().records[&service_name("s0")].hash;

    let node = Running::start(data.path());
    node.in_epoch(2).await;
    node.acknowledged().await;

    assert_eq!(conflicts(&node), []);
    node.stop().await;
    let state = fake.state();
    check(&state);
    let held = &state.records[&service_name("s0")];
    assert_eq!(name_at(&state, "s0"), "Theirs");
    // The first version, the directory's, and the two that were made here.
    assert!(held.ancestors.contains(&theirs.as_bytes().to_vec()));
    assert_eq!((held.ancestors.len(), state.chain.applied), (4, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_lost_its_journal_takes_everything_over() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(120));
    node.node.withdraw(&service_name("s9")).unwrap();
    node.acknowledged().await;
    node.stop().await;
    fs::remove_dir_all(data.path().join("journal")).unwrap();
    Node::begin(data.path()).unwrap();

    let node = Running::start(data.path());
    node.in_epoch(2).await;
    node.acknowledged().await;
    let unchanged = node.import(records(9));

    assert_eq!(node.node.status().services, 119);
    assert_eq!(
        unchanged.count(agency_node::operations::Change::Unchanged),
        11
    );
    node.stop().await;
    let state = fake.state();
    check(&state);
    assert_eq!((state.live(), state.chain.applied), (121, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_never_starts_empty_by_itself() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let clock = || Arc::new(SystemClock::new());
    drop(Node::open(data.path(), clock()).unwrap());
    fs::remove_dir_all(data.path().join("journal")).unwrap();

    let refused = Node::open(data.path(), clock()).unwrap_err();

    assert!(matches!(refused, OpenError::NoJournal { .. }), "{refused}");
    assert!(refused.to_string().contains("run --new"), "{refused}");
    Node::begin(data.path()).unwrap();
    assert!(Node::open(data.path(), clock()).is_ok());
    let again = Node::begin(data.path()).unwrap_err();
    assert!(matches!(again, OpenError::HasJournal { .. }), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_lost_with_its_keys_signs_everything_again() {
    let mut fake = Fake::start().await;
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(60));
    node.node.withdraw(&service_name("s9")).unwrap();
    node.acknowledged().await;
    node.stop().await;
    drop(data);
    fake.stop().await;
    fake.state().invite_again();
    fake.restart().await;

    let data = fake.join().await;
    let node = Running::start(data.path());
    fake.until("everything signed again", |state| state.chain.applied == 61)
        .await;
    node.acknowledged().await;

    assert_eq!(node.node.status().services, 59);
    assert_eq!(node.node.status().rejections, []);
    node.stop().await;
    let state = fake.state();
    check(&state);
    assert_eq!(state.live(), 61);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_key_signed_is_not_taken_over_and_not_overwritten() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(3));
    node.acknowledged().await;
    node.stop().await;
    fs::remove_dir_all(data.path().join("journal")).unwrap();
    Node::begin(data.path()).unwrap();
    fake.fault(|faults| faults.forge.extend(["s1".to_owned()]));

    let node = Running::start(data.path());
    node.in_epoch(2).await;
    node.acknowledged().await;
    node.import(vec![service("s1", "Service 1, mine", "org", &["loc"])]);
    node.acknowledged().await;

    let unsigned = node
        .node
        .read(|outbox| outbox.unsigned().keys().cloned().collect::<Vec<_>>());
    assert_eq!(unsigned, [service_name("s1")]);
    assert_eq!(
        node.node.status().rejections[0].refusal.code,
        "base_mismatch"
    );
    node.stop().await;
    let state = fake.state();
    check(&state);
    assert_eq!(name_at(&state, "s1"), "Service 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_and_a_report_that_nobody_can_read_any_more_keep_no_node_out() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(3));
    node.acknowledged().await;
    node.node.set_capacity(vec![beds("s2", 4)]).unwrap();
    node.acknowledged().await;
    node.stop().await;
    fs::remove_dir_all(data.path().join("journal")).unwrap();
    Node::begin(data.path()).unwrap();
    fake.fault(|faults| faults.garble.extend(["s1".to_owned()]));
    for report in fake.state().standing.values_mut() {
        report.bytes = vec![0xff];
    }

    let node = Running::start(data.path());
    node.in_epoch(2).await;
    node.acknowledged().await;
    node.import(vec![service("s0", "Service 0, changed", "org", &["loc"])]);
    node.acknowledged().await;

    let unsigned = node
        .node
        .read(|outbox| outbox.unsigned().keys().cloned().collect::<Vec<_>>());
    assert_eq!(unsigned, [service_name("s1")]);
    node.stop().await;
    let state = fake.state();
    check(&state);
    assert_eq!(name_at(&state, "s0"), "Service 0, changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_with_another_history_begins_an_epoch_and_nothing_is_sent_twice() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(1));
    node.acknowledged().await;
    node.stop().await;
    fake.fault(|faults| faults.other_head = Some(Hash::of(&[b"another history"])));

    let node = Running::start(data.path());
    node.in_epoch(2).await;
    node.acknowledged().await;

    node.stop().await;
    let state = fake.state();
    check(&state);
    assert_eq!((state.live(), state.chain.applied), (3, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_directory_is_told_nothing_and_tried_again() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    fake.fault(|faults| faults.other_generation = Some(4));
    let node = Running::start(data.path());
    node.import(records(1));

    node.problem("answers as generation 4, and this node has seen 5")
        .await;
    assert_eq!(fake.state().chain.applied, 0);
    fake.fault(|faults| faults.other_generation = None);
    node.acknowledged().await;

    node.stop().await;
    assert_eq!(fake.state().live(), 3);
}
