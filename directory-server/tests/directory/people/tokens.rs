//! Tokens of programs: good for their scopes, until they end.

use jiff::SignedDuration;
use referral_core::policy::{Role, Scope, Viewer};
use referral_proto::v1;
use referral_proto::v1::coverage_service_client::CoverageServiceClient;
use referral_proto::v1::watch_service_client::WatchServiceClient;
use tonic::{Code, Request};

use super::{ask_with, person, token};
use crate::support::House;
use crate::support::http::request;

fn anything() -> v1::SearchRequest {
    v1::SearchRequest::default()
}

fn with<T>(message: T, token: Option<&str>) -> Request<T> {
    let mut request = Request::new(message);
    if let Some(token) = token {
        let header = format!("Bearer {token}").parse().unwrap();
        request.metadata_mut().insert("authorization", header);
    }
    request
}

#[tokio::test]
async fn a_token_is_good_until_it_expires_or_is_revoked_or_its_account_is() {
    let house = House::new().await;
    let ana = person(&house, "ana", Role::Caseworker).await;
    let operator = Viewer::at_the_machine();
    let (first, one) = token(&house, &ana.id, &[Scope::Search]).await;
    let (_, two) = token(&house, &ana.id, &[Scope::Search]).await;
    assert!(ask_with(&house, &one, anything()).await.is_ok());

    house
        .directory
        .revoke_token(&operator, &first)
        .await
        .unwrap();
    let revoked = ask_with(&house, &one, anything()).await.unwrap_err();
    assert!(ask_with(&house, &two, anything()).await.is_ok());
    house.clock.advance(std::time::Duration::from_secs(3_601));
    let expired = ask_with(&house, &two, anything()).await.unwrap_err();
    let (_, three) = token(&house, &ana.id, &[Scope::Search]).await;
    assert!(ask_with(&house, &three, anything()).await.is_ok());
    house
        .directory
        .revoke_person(&operator, &ana.id)
        .await
        .unwrap();
    let ended = ask_with(&house, &three, anything()).await.unwrap_err();

    for refused in [revoked, expired, ended] {
        assert_eq!(refused.code(), Code::Unauthenticated);
        assert_eq!(
            refused.message(),
            "this token is not good: it is mistyped, too old or revoked"
        );
    }
}

#[tokio::test]
async fn a_token_without_the_scope_is_refused_and_anybody_is_not() {
    let house = House::new().await;
    let ana = person(&house, "ana", Role::Caseworker).await;
    let (_, feed) = token(&house, &ana.id, &[Scope::Feed]).await;
    let (_, search) = token(&house, &ana.id, &[Scope::Search]).await;
    let (_, coverage) = token(&house, &ana.id, &[Scope::Coverage]).await;
    let watch = async |token: Option<&str>| {
        let mut client = WatchServiceClient::new(house.visit().await);
        let asked = with(v1::WatchRequest::default(), token);
        client.watch(asked).await.map(|_| ())
    };

    let report = async |token: Option<&str>| {
        let client = CoverageServiceClient::new(house.visit().await);
        let mut client = client.max_decoding_message_size(64 << 20);
        let asked = with(v1::GetCoverageRequest::default(), token);
        client.get_coverage(asked).await.map(|_| ())
    };

    let tables = async |token: Option<&str>| {
        let mut client = CoverageServiceClient::new(house.visit().await);
        let asked = with(v1::ListDemandRequest {}, token);
        client.list_demand(asked).await.map(|_| ())
    };

    let refused = ask_with(&house, &feed, anything()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    assert_eq!(
        report(Some(&search)).await.unwrap_err().code(),
        Code::PermissionDenied
    );
    assert_eq!(
        tables(Some(&search)).await.unwrap_err().code(),
        Code::PermissionDenied
    );
    assert!(tables(Some(&coverage)).await.is_ok());
    assert!(tables(None).await.is_ok());
    assert!(report(Some(&coverage)).await.is_ok());
    assert!(report(None).await.is_ok());
    assert_eq!(
        watch(Some(&search)).await.unwrap_err().code(),
        Code::PermissionDenied
    );
    assert!(watch(Some(&feed)).await.is_ok());
    assert!(watch(None).await.is_ok());
    assert!(house.ask(anything()).await.is_ok());
}

#[tokio::test]
async fn what_is_no_token_is_refused_whatever_it_is() {
    let house = House::new().await;
    let ana = person(&house, "ana", Role::Caseworker).await;
    let session = ana.session.reveal();
    let unknown = format!("token1_{}", "A".repeat(43));
    for wrong in ["", "token1_", &unknown, &session, &"x".repeat(5_000)] {
        let refused = ask_with(&house, wrong, anything()).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated, "{wrong:.20}");
        assert!(
            wrong.is_empty() || !refused.message().contains(wrong),
            "echoed"
        );

        let header = format!("Bearer {wrong}");
        let headers = [("authorization", header.as_str())];
        let answer = request(house.public, "GET", "/", &headers, b"").await;
        assert_eq!(answer.status, 401, "{wrong:.20}");
    }
}

#[tokio::test]
async fn secrets_are_in_no_file_of_the_directory() {
    let house = House::new().await;
    let ana = person(&house, "ana", Role::Caseworker).await;
    let (_, token) = token(&house, &ana.id, &[Scope::Search]).await;
    let secrets = [token, ana.session.reveal(), super::PASSWORD.to_owned()];
    let stopped = house.stop().await;

    for file in crate::support::files(stopped.data.path()) {
        let bytes = std::fs::read(&file).unwrap();
        for secret in &secrets {
            let found = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!found, "a secret is in {}", file.display());
        }
    }
}

#[tokio::test]
async fn only_operators_who_signed_in_lately_manage_people() {
    let house = House::new().await;
    let ana = person(&house, "ana", Role::Caseworker).await;
    for role in Role::ALL {
        for fresh in [true, false] {
            let viewer = Viewer {
                role,
                fresh,
                ..Viewer::default()
            };
            let may = role == Role::Operator && fresh;
            let directory = &house.directory;
            assert_eq!(directory.persons(&viewer).is_ok(), may, "{role}");
            assert_eq!(directory.tokens(&viewer).is_ok(), may, "{role}");
            let hour = SignedDuration::from_hours(1);
            let made = directory.make_token(&viewer, &ana.id, &[Scope::Search], hour);
            assert_eq!(made.await.is_ok(), may, "{role}");
            let changed = directory.change_role(&viewer, &ana.id, Role::Specialist);
            assert_eq!(changed.await.is_ok(), may, "{role}");
        }
    }
}
