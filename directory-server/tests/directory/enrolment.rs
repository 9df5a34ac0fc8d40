//! Letting agencies in: a token is good once, for one node, for a day.

use std::time::Duration;

use referral_core::federation::Purpose;
use referral_runtime::tls::{JoinToken, NewKey};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::members::alarms;
use crate::support::agency::apply;
use crate::support::{Agency, Applicant, House};

/// The one text for every token that lets nobody in: it must not tell which tokens exist.
const REFUSED: &str =
    "the join token is wrong, used or expired: ask the directory's operator for a new one";

fn reason(status: &Status) -> String {
    let details = status.get_details_error_info();
    details.map(|info| info.reason).unwrap_or_default()
}

#[tokio::test]
async fn a_token_lets_one_node_in_and_its_certificate_opens_the_stream() {
    let house = House::new().await;

    let agency = Agency::join(&house, "harbor").await;

    assert_eq!(agency.id.as_str(), "harbor");
    let overview = house.directory.agencies();
    assert_eq!((overview.len(), overview[0].joined), (1, true));
    agency.stream(&house).await;
    house.stop().await;
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again_to_the_same_keys_even_after_a_restart() {
    let house = House::new().await;
    let token = house.invite("harbor").await;
    let node = Applicant::new(1);
    let first = node.join(&house, &token).await.unwrap();

    let again = node.join(&house, &token).await.unwrap();
    let house = house.again().await;
    house.clock.advance(Duration::from_hours(25));
    let later = node.join(&house, &token).await.unwrap();

    assert_eq!(first, again);
    assert_eq!(first, later);
}

#[tokio::test]
async fn every_token_that_is_no_longer_or_never_was_good_is_refused_with_one_text() {
    let house = House::new().await;
    let used = house.invite("harbor").await;
    let first = Applicant::new(1);
    first.join(&house, &used).await.unwrap();
    let replaced = house.invite("beacon").await;
    house.invite("beacon").await;
    let expired = house.invite("pier").await;
    let unknown = JoinToken::generate(expired.authority()).unwrap();
    house.clock.advance(Duration::from_hours(24));

    for (what, token) in [
        ("used by another node", used),
        ("replaced by a newer one", replaced),
        ("expired", expired),
        ("unknown", unknown),
    ] {
        let refused = Applicant::new(9).join(&house, &token).await.unwrap_err();

        let said = (refused.code(), refused.message(), reason(&refused));
        let expected = (Code::PermissionDenied, REFUSED, "TOKEN_REFUSED".to_owned());
        assert_eq!(said, expected, "{what}");
    }
}

#[tokio::test]
async fn a_token_is_good_for_the_whole_of_its_day() {
    let house = House::new().await;
    let token = house.invite("harbor").await;
    house
        .clock
        .advance(Duration::from_hours(24) - Duration::from_secs(1));

    assert!(Applicant::new(1).join(&house, &token).await.is_ok());
}

#[tokio::test]
async fn other_keys_with_a_used_token_are_refused_one_by_one() {
    let house = House::new().await;
    let token = house.invite("harbor").await;
    let node = Applicant::new(1);
    node.join(&house, &token).await.unwrap();
    let other_listing_key = {
        let mut application = node.application(&token);
        let other = Applicant::new(2).listing_key;
        let proof = other.sign(Purpose::Listing, &application.certificate_request);
        application.listing_key = other.public().as_bytes().to_vec();
        application.listing_key_proof = proof.as_bytes().to_vec();
        application
    };
    let other_tls_key = {
        let mut application = node.application(&token);
        application.certificate_request = NewKey::generate().unwrap().request().unwrap();
        let proof = node
            .listing_key
            .sign(Purpose::Listing, &application.certificate_request);
        application.listing_key_proof = proof.as_bytes().to_vec();
        application
    };

    for application in [other_listing_key, other_tls_key] {
        let refused = apply(&house, application).await.unwrap_err();

        assert_eq!(refused.message(), REFUSED);
    }
    assert_eq!(alarms(&house, "harbor"), ["token_used_again"]);
}

#[tokio::test]
async fn an_application_that_cannot_be_read_names_what_is_wrong_and_uses_nothing_up() {
    let house = House::new().await;
    let token = house.invite("harbor").await;
    let node = Applicant::new(1);
    let good = node.application(&token);
    let with = |change: fn(&mut referral_proto::v1::EnrolRequest)| {
        let mut application = good.clone();
        change(&mut application);
        application
    };
    let cases = [
        ("token:", with(|a| a.token.truncate(31))),
        ("listing_key:", with(|a| a.listing_key = vec![0; 32])),
        ("listing_key:", with(|a| a.listing_key.clear())),
        (
            "listing_key_proof:",
            with(|a| a.listing_key_proof.truncate(63)),
        ),
        ("proof does not fit", with(|a| a.listing_key_proof[0] ^= 1)),
        (
            "certificate request",
            with(|a| a.certificate_request = vec![0x30; 64]),
        ),
        (
            "certificate request",
            with(|a| a.certificate_request.clear()),
        ),
        (
            "certificate request",
            with(|a| a.certificate_request = vec![0; 70_000]),
        ),
    ];
    for (named, application) in cases {
        let refused = apply(&house, application).await.unwrap_err();

        assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
        assert!(refused.message().contains(named), "{named}: {refused}");
    }
    assert!(apply(&house, good).await.is_ok());
}

#[tokio::test]
async fn keys_of_another_agency_are_refused() {
    let house = House::new().await;
    let node = Applicant::new(1);
    let harbor = house.invite("harbor").await;
    node.join(&house, &harbor).await.unwrap();
    let beacon = house.invite("beacon").await;

    let refused = node.join(&house, &beacon).await.unwrap_err();

    assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
    assert_eq!(reason(&refused), "KEY_IN_USE");
    assert_eq!(alarms(&house, "beacon"), ["key_in_use"]);
    assert!(Applicant::new(2).join(&house, &beacon).await.is_ok());
}

#[tokio::test]
async fn an_agency_whose_node_has_joined_is_not_invited_again() {
    let house = House::new().await;
    Agency::join(&house, "harbor").await;

    let refused = house
        .directory
        .enrol(&house.operator, "harbor", "Harbor")
        .await
        .unwrap_err();

    let text = refused.to_string();
    assert!(text.contains("has joined already"), "{text}");
    assert!(text.contains("an agency id of its own"), "{text}");
}

#[tokio::test]
async fn an_agency_with_a_bad_id_or_name_is_not_invited() {
    let house = House::new().await;

    for (id, name) in [
        ("Harbor", "Harbor"),
        ("", "Harbor"),
        ("x", "Harbor"),
        ("../harbor", "Harbor"),
        (&"x".repeat(41), "Harbor"),
        ("harbor", ""),
        ("harbor", "two\nlines"),
        ("harbor", &"x".repeat(301)),
    ] {
        assert!(
            house
                .directory
                .enrol(&house.operator, id, name)
                .await
                .is_err(),
            "{id} {name}"
        );
    }
    assert_eq!(house.directory.agencies(), []);
}
