//! Joining a directory: once, with the right directory, and again when the answer was lost.

use std::fs;

use crate::fake::Fake;
use agency_node::identity::{JoinError, Joined, Keys};
use referral_runtime::tls::{Fingerprint, JoinToken};

#[tokio::test]
async fn a_node_that_joined_knows_who_it_is() {
    let fake = Fake::start().await;

    let data = fake.join().await;

    let joined = Joined::load(data.path()).unwrap();
    assert_eq!(joined.membership.agency.as_str(), "harbor");
    assert_eq!(joined.membership.agency_name, "Harbor House");
    assert_eq!(joined.membership.directory, fake.address());
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_with_the_same_keys() {
    let fake = Fake::start().await;
    fake.fault(|faults| faults.lose_join = true);
    let data = tempfile::tempdir().unwrap();

    let lost = fake.join_in(data.path()).await.unwrap_err();
    let keys = Keys::load(data.path()).unwrap();
    let joined = fake.join_in(data.path()).await;

    assert!(lost.is_unreachable(), "{lost}");
    assert!(joined.is_ok(), "{joined:?}");
    assert_eq!(Keys::load(data.path()).unwrap(), keys);
}

#[tokio::test]
async fn a_node_joins_once() {
    let fake = Fake::start().await;
    let data = fake.join().await;

    let refused = fake.join_in(data.path()).await.unwrap_err();

    assert!(
        matches!(refused, JoinError::AlreadyJoined { .. }),
        "{refused}"
    );
    assert!(refused.to_string().contains("harbor"), "{refused}");
}

#[tokio::test]
async fn a_used_token_lets_no_second_node_in() {
    let fake = Fake::start().await;
    let _first = fake.join().await;
    let data = tempfile::tempdir().unwrap();

    let refused = fake.join_in(data.path()).await.unwrap_err();

    assert!(
        refused.to_string().contains("the join token is used"),
        "{refused}"
    );
    assert!(Joined::load(data.path()).is_err());
}

#[tokio::test]
async fn the_secret_is_not_given_to_another_directory() {
    let mut fake = Fake::start().await;
    let other = Fingerprint::try_from([7; 32].as_slice()).unwrap();
    fake.token = JoinToken::generate(other).unwrap();
    let data = tempfile::tempdir().unwrap();

    let refused = fake.join_in(data.path()).await.unwrap_err();

    assert_eq!(refused.code(), "other_authority", "{refused}");
}

#[tokio::test]
async fn a_directory_that_is_down_is_named() {
    let mut fake = Fake::start().await;
    fake.stop().await;
    let data = tempfile::tempdir().unwrap();

    let refused = fake.join_in(data.path()).await.unwrap_err();

    assert!(refused.is_unreachable());
    assert!(
        refused.to_string().contains(&fake.address().to_string()),
        "{refused}"
    );
}

#[tokio::test]
async fn a_data_directory_with_keys_and_no_membership_has_not_joined() {
    let data = tempfile::tempdir().unwrap();
    Keys::load_or_make(data.path()).unwrap();

    let refused = Joined::load(data.path()).unwrap_err();

    assert_eq!(refused.code(), "not_joined");
    assert!(
        refused.to_string().contains("agency-node join"),
        "{refused}"
    );
    fs::read(data.path().join("tls.key")).unwrap();
}
