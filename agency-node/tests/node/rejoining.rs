//! Joining again with new keys: what was published is signed again, and nothing that is here is lost.

use std::fs;
use std::sync::Arc;

use agency_node::identity::{self, JoinError, Joined, Keys, Membership};
use prost::Message;
use referral_core::federation::{Chain, Epoch, Purpose, Signature, verify};
use referral_proto::v1;
use referral_runtime::clock::SystemClock;
use referral_runtime::data_dir::DataDir;
use tempfile::TempDir;

use crate::fake::{Fake, State};
use crate::reconciling::{check, name_at};
use crate::sample::{Running, beds, import, open, records, service, service_name};

async fn again(fake: &Fake, data: &TempDir) -> Result<Membership, JoinError> {
    let held = DataDir::open(data.path()).unwrap();
    let clock = Arc::new(SystemClock::new());
    identity::join_again(fake.address(), &fake.token, &held, clock).await
}

/// A node with 60 services, stopped; the operator lets it join again.
async fn invited_again() -> (Fake, TempDir) {
    let mut fake = Fake::start().await;
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(60));
    node.node.withdraw(&service_name("s9")).unwrap();
    node.node.set_capacity(vec![beds("s1", 4)]).unwrap();
    node.acknowledged().await;
    node.stop().await;
    fake.stop().await;
    fake.state().invite_again();
    fake.restart().await;
    (fake, data)
}

/// Starts the node: the directory grants the epoch of this number and has everything then.
async fn come_to_rest(data: &TempDir, epoch: u64) -> Running {
    let node = Running::start(data.path());
    node.in_epoch(epoch).await;
    node.acknowledged().await;
    node
}

fn all_signed_by(state: &State, keys: &Keys) -> bool {
    let key = keys.listing_key().public();
    let mut live = state.records.values().filter(|held| held.record.is_some());
    live.all(|held| {
        let signature = Signature::try_from(held.signed.signature.as_slice()).unwrap();
        verify(&key, Purpose::Listing, &held.signed.bytes, &signature).is_ok()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn with_new_keys_everything_is_signed_again_and_what_waited_arrives() {
    let (fake, data) = invited_again().await;
    let before = Keys::load(data.path()).unwrap().unwrap();
    let changed = service("s1", "Service 1, changed offline", "org", &["loc"]);
    open(data.path()).import(&import(vec![changed])).unwrap();

    again(&fake, &data).await.unwrap();

    let keys = Keys::load(data.path()).unwrap().unwrap();
    assert_ne!(keys, before);
    let node = Running::start(data.path());
    fake.until("everything signed again", |state| {
        all_signed_by(state, &keys)
    })
    .await;
    node.acknowledged().await;
    assert_eq!(node.node.status().services, 59);
    assert_eq!(node.node.status().rejections, []);
    assert_eq!(node.node.read(|outbox| outbox.conflicts().len()), 0);
    node.stop().await;
    let state = fake.state();
    check(&state);
    assert_eq!(state.live(), 61);
    assert_eq!(name_at(&state, "s1"), "Service 1, changed offline");
    let signed_with = |signed: &v1::Signed| {
        let signature = Signature::try_from(signed.signature.as_slice()).unwrap();
        let key = keys.listing_key().public();
        verify(&key, Purpose::Capacity, &signed.bytes, &signature).is_ok()
    };
    assert!(state.standing.values().all(signed_with));
}

#[tokio::test(flavor = "multi_thread")]
async fn once_all_is_signed_again_a_further_epoch_signs_nothing_more() {
    let (mut fake, data) = invited_again().await;
    again(&fake, &data).await.unwrap();
    let node = come_to_rest(&data, 3).await;
    node.stop().await;
    let backup = fake.state().backup();
    fake.stop().await;
    fake.state().restore(backup);
    fake.restart().await;

    let node = come_to_rest(&data, 4).await;

    node.stop().await;
    assert_eq!(fake.state().chain.applied, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_behind_a_refused_wish_is_signed_again_too() {
    let mut fake = Fake::start().await;
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(3));
    node.acknowledged().await;
    fake.fault(|faults| faults.refuse.extend(["s1".to_owned()]));
    node.import(vec![service("s1", "Nobody takes this", "org", &["loc"])]);
    node.acknowledged().await;
    node.stop().await;
    fake.stop().await;
    fake.state().invite_again();
    // The wish is refused for what it says; what stands is not.
    fake.fault(|faults| {
        faults.refuse.clear();
        faults.refuse_names.extend(["Nobody takes this".to_owned()]);
    });
    fake.restart().await;

    again(&fake, &data).await.unwrap();

    let keys = Keys::load(data.path()).unwrap().unwrap();
    let node = come_to_rest(&data, 3).await;
    assert_eq!(node.node.status().rejections.len(), 1);
    node.stop().await;
    let state = fake.state();
    check(&state);
    assert_eq!(name_at(&state, "s1"), "Service 1");
    assert!(all_signed_by(&state, &keys));
}

/// What was signed again never came to the directory, which was set back meanwhile: it is signed again once more.
#[tokio::test(flavor = "multi_thread")]
async fn keys_are_changed_only_once_the_directory_has_told_of_it() {
    let mut fake = Fake::start().await;
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(3));
    node.acknowledged().await;
    fake.fault(|faults| faults.refuse_names.extend(["Nobody takes this".to_owned()]));
    node.import(vec![service("s1", "Nobody takes this", "org", &["loc"])]);
    node.acknowledged().await;
    let backup = fake.state().backup();
    node.stop().await;
    fake.stop().await;
    fake.state().invite_again();
    fake.restart().await;
    again(&fake, &data).await.unwrap();
    fake.fault(|faults| faults.silent = true);
    let node = Running::start(data.path());
    node.in_epoch(3).await;
    node.stop().await;
    fake.stop().await;
    fake.fault(|faults| faults.silent = false);
    fake.state().restore(backup);
    fake.restart().await;

    let node = come_to_rest(&data, 2).await;

    node.stop().await;
    let state = fake.state();
    check(&state);
    let keys = Keys::load(data.path()).unwrap().unwrap();
    assert!(all_signed_by(&state, &keys));
}

/// An agency lost its machine and joined again with new keys, its directory being an old backup then; a newer backup
/// brings a report back that the earlier key had signed. It is compared, not passed over: it is the later word.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_an_earlier_key_that_comes_back_with_a_backup_is_compared() {
    let mut fake = Fake::start().await;
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(3));
    node.node.set_capacity(vec![beds("s1", 4)]).unwrap();
    node.acknowledged().await;
    let old = fake.state().backup();
    node.node.set_capacity(vec![beds("s1", 3)]).unwrap();
    node.acknowledged().await;
    let newer = fake.state().backup();
    node.stop().await;
    drop(data);
    fake.stop().await;
    fake.state().restore(old);
    fake.state().invite_again();
    fake.restart().await;
    let data = fake.join().await;
    let node = come_to_rest(&data, 3).await;
    node.stop().await;
    fake.stop().await;
    fake.state().restore(newer);
    fake.restart().await;

    let node = come_to_rest(&data, 2).await;

    node.stop().await;
    let state = fake.state();
    check(&state);
    let standing = &state.standing[&("s1".to_owned(), String::new())];
    let said = v1::CapacityOperation::decode(standing.bytes.as_slice()).unwrap();
    let available = said.report.unwrap().counts[0].available;
    assert_eq!(available, Some(3), "the later word stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_leaves_the_node_who_it_was_and_is_asked_for_again() {
    let (fake, data) = invited_again().await;
    let before = Keys::load(data.path()).unwrap();
    fake.fault(|faults| faults.lose_join = true);

    let lost = again(&fake, &data).await.unwrap_err();

    assert!(lost.is_unreachable(), "{lost}");
    assert_eq!(Keys::load(data.path()).unwrap(), before);
    again(&fake, &data).await.unwrap();
    assert_ne!(Keys::load(data.path()).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_of_the_new_identity_that_was_cut_short_is_finished_at_the_next_start() {
    let (fake, data) = invited_again().await;
    again(&fake, &data).await.unwrap();
    let keys = Keys::load(data.path()).unwrap().unwrap();
    // As it is when only the first file had come to its place.
    for file in ["tls.csr", "tls.key", "membership.json"] {
        let (here, next) = (data.path().join(file), data.path().join("next").join(file));
        fs::rename(here, next).unwrap();
    }
    fs::write(
        data.path().join("membership.json"),
        membership_of_before(&data),
    )
    .unwrap();

    let node = Running::start(data.path());
    node.acknowledged().await;

    node.stop().await;
    assert_eq!(Keys::load(data.path()).unwrap(), Some(keys));
    assert!(!data.path().join("next/membership.json").exists());
    check(&fake.state());
}

/// Whatever it says, the new one takes its place.
fn membership_of_before(data: &TempDir) -> Vec<u8> {
    fs::read(data.path().join("next/membership.json")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_with_another_authority_gets_everything() {
    let old = Fake::start().await;
    let data = old.join().await;
    let node = Running::start(data.path());
    node.import(records(60));
    node.acknowledged().await;
    node.stop().await;
    drop(old);
    let new = Fake::start().await;
    let begun = Epoch {
        generation: 9,
        number: 1,
    };
    new.state().generation = begun.generation;
    new.state().chain = Chain::start(begun);

    again(&new, &data).await.unwrap();

    let node = come_to_rest(&data, 2).await;
    node.stop().await;
    let state = new.state();
    check(&state);
    assert_eq!(state.live(), 62);
}

#[tokio::test]
async fn who_has_not_joined_does_not_join_again() {
    let fake = Fake::start().await;
    let data = tempfile::tempdir().unwrap();

    let refused = again(&fake, &data).await.unwrap_err();

    assert_eq!(refused.code(), "not_joined");
    assert!(Joined::load(data.path()).is_err());
}

#[tokio::test]
async fn a_token_of_another_agency_changes_nothing() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let joined = fs::read_to_string(data.path().join("membership.json")).unwrap();
    let other = joined.replace("\"harbor\"", "\"beacon\"");
    fs::write(data.path().join("membership.json"), &other).unwrap();
    let keys = Keys::load(data.path()).unwrap();
    fake.state().invite_again();

    let refused = again(&fake, &data).await.unwrap_err();

    assert_eq!(refused.code(), "other_agency", "{refused}");
    let next = Keys::load(&data.path().join("next")).unwrap();
    assert_eq!(next, None, "the next try has keys of its own");
    assert_eq!(Keys::load(data.path()).unwrap(), keys);
    assert_eq!(
        fs::read_to_string(data.path().join("membership.json")).unwrap(),
        other
    );
}
