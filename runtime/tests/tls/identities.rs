//! Who is let in, as whom, and what the others are told.

use std::sync::Arc;

use referral_runtime::clock::{Clock, ManualClock};
use referral_runtime::tls::{self, Address, Dialer, Fingerprint, Trust};

use crate::directory::{
    DAY, Directory, client_identity, noon, server_identity, stranger, who_am_i,
};

#[tokio::test]
async fn an_agency_is_known_by_its_certificate() {
    let directory = Directory::start().await;
    let identity = client_identity(&directory.authority, "harbor-house");

    let who = directory.ask(&directory.trust(), Some(&identity)).await;

    assert_eq!(who.unwrap(), "harbor-house");
}

#[tokio::test]
async fn without_a_certificate_a_caller_is_heard_as_nobody() {
    let directory = Directory::start().await;

    let who = directory.ask(&directory.trust(), None).await;

    assert_eq!(who.unwrap(), "nobody: client_certificate_required");
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused_when_connecting() {
    let directory = Directory::start().await;
    let identity = client_identity(&stranger(), "harbor-house");

    let refused = directory
        .ask(&directory.trust(), Some(&identity))
        .await
        .unwrap_err();

    assert_eq!(refused.code(), "certificate_refused");
    assert!(
        refused
            .to_string()
            .contains("refuses this node's certificate")
    );
}

#[tokio::test]
async fn the_servers_own_certificate_is_no_agencys() {
    let directory = Directory::start().await;
    let server = server_identity(&directory.authority, noon());

    let refused = directory.ask(&directory.trust(), Some(&server)).await;

    assert_eq!(refused.unwrap_err().code(), "certificate_refused");
}

#[tokio::test]
async fn an_expired_client_certificate_is_refused() {
    let directory = Directory::start().await;
    let identity = client_identity(&directory.authority, "harbor-house");
    directory.clock.advance(2 * DAY);

    let refused = directory.ask(&directory.trust(), Some(&identity)).await;

    assert_eq!(refused.unwrap_err().code(), "certificate_refused");
}

#[tokio::test]
async fn a_server_of_another_authority_is_not_trusted() {
    let directory = Directory::start().await;
    let other = Trust::Authority(stranger().certificate().clone());

    let refused = directory.ask(&other, None).await.unwrap_err();

    assert_eq!(refused.code(), "other_authority");
}

#[tokio::test]
async fn the_fingerprint_of_the_authority_is_enough_to_know_the_directory() {
    let directory = Directory::start().await;
    let pin = Trust::Fingerprint(directory.authority.fingerprint());

    let who = directory.ask(&pin, None).await;

    assert_eq!(who.unwrap(), "nobody: client_certificate_required");
}

#[tokio::test]
async fn the_fingerprint_of_another_authority_refuses_the_directory() {
    let directory = Directory::start().await;
    let pin = Trust::Fingerprint(stranger().fingerprint());

    let refused = directory.ask(&pin, None).await.unwrap_err();

    assert_eq!(refused.code(), "other_authority");
}

#[tokio::test]
async fn showing_the_right_authority_without_being_certified_by_it_is_not_enough() {
    let directory = Directory::start().await;
    let impostor = server_identity(&stranger(), noon());
    let leaf = impostor.chain()[0].clone();
    let authority = directory.authority.certificate().clone();
    let shown = impostor.with_chain(vec![leaf, authority.clone()]);
    let config = tls::federation(&shown, &authority, directory.clock.clone());
    directory.config.store(Arc::new(config.unwrap()));
    let pin = Trust::Fingerprint(directory.authority.fingerprint());

    let refused = directory.ask(&pin, None).await.unwrap_err();

    assert_eq!(refused.code(), "other_authority");
}

#[tokio::test]
async fn a_pinned_leaf_is_not_a_pinned_authority() {
    let directory = Directory::start().await;
    let leaf = server_identity(&directory.authority, noon()).chain()[0].clone();

    let pin = Trust::Fingerprint(Fingerprint::of(&leaf));

    let refused = directory.ask(&pin, None).await.unwrap_err();

    assert_eq!(refused.code(), "other_authority");
}

#[tokio::test]
async fn a_wrong_clock_is_told_with_both_times() {
    let directory = Directory::start().await;
    let behind = ManualClock::new("2020-01-01T00:00:00Z".parse().unwrap());
    let dialer = Dialer::new(
        directory.address(),
        &directory.trust(),
        None,
        Arc::new(behind),
    );

    let refused = dialer.unwrap().connect().await.unwrap_err();

    let message = refused.to_string();
    assert_eq!(refused.code(), "certificate_not_valid_now");
    assert!(message.contains("2020-01-01T00:00:00Z"), "{message}");
    assert!(message.contains("2026-06-01T11:55:00Z"), "{message}");
}

#[tokio::test]
async fn a_name_the_certificate_does_not_have_is_told() {
    let directory = Directory::start().await;
    let only_localhost = directory
        .authority
        .issue_server(&["localhost".to_owned()], DAY, noon())
        .unwrap();
    let config = tls::federation(
        &only_localhost,
        directory.authority.certificate(),
        directory.clock.clone(),
    );
    directory.config.store(Arc::new(config.unwrap()));
    let by_number = Address::parse(&format!("127.0.0.1:{}", directory.socket.port())).unwrap();
    let dialer = Dialer::new(by_number, &directory.trust(), None, directory.clock.clone());

    let refused = dialer.unwrap().connect().await.unwrap_err();

    assert_eq!(refused.code(), "certificate_for_other_name");
}

#[tokio::test]
async fn a_renewed_server_certificate_serves_new_connections_without_a_restart() {
    let directory = Directory::start().await;
    directory.clock.advance(40 * DAY);
    let trust = directory.trust();
    let expired = directory.ask(&trust, None).await.unwrap_err();

    let renewed = server_identity(&directory.authority, directory.clock.now());
    let config = tls::federation(
        &renewed,
        directory.authority.certificate(),
        directory.clock.clone(),
    );
    directory.config.store(Arc::new(config.unwrap()));

    assert_eq!(expired.code(), "certificate_not_valid_now");
    assert!(directory.ask(&trust, None).await.is_ok());
}

#[tokio::test]
async fn a_lazy_channel_says_why_a_call_failed() {
    let directory = Directory::start().await;
    let other = Trust::Authority(stranger().certificate().clone());

    let failed = who_am_i(&mut directory.dialer(&other, None).lazy()).await;

    let failed = failed.unwrap_err();
    let why = tls::ConnectFailure::behind(&failed).unwrap();
    assert_eq!(why.code(), "other_authority");
}
