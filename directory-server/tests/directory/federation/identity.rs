//! Who may say what: the certificate names the agency, the listing key signs, and neither is enough alone.

use prost::Message;
use referral_core::federation::{ListingKey, Purpose};
use referral_core::id::Kind;
use referral_proto::v1;
use referral_proto::v1::FenceReason;
use referral_proto::v1::federation_service_client::FederationServiceClient;
use referral_runtime::tls::{Identity, NewKey};
use tonic::Code;
use tonic_types::StatusExt;

use crate::support::agency::same;
use crate::support::records::{open, organization, service};
use crate::support::{Agency, House, Stream};

/// Two agencies; the first has published a service that is open.
async fn two(house: &House) -> (Agency, Agency) {
    let mut harbor = Agency::join(house, "harbor").await;
    let mut stream = harbor.stream(house).await;
    stream.accepted(harbor.publish(organization("org"))).await;
    stream
        .accepted(harbor.publish(service("legal", "Legal Clinic")))
        .await;
    let report = harbor.report(open("legal", 4));
    stream.reports(vec![report]).await;
    house.until_found("Legal Clinic").await;
    (harbor, Agency::join(house, "intruder").await)
}

/// The agency of that name as the intruder can make it up: the intruder's key, the other's name and log.
fn mask(harbor: &Agency, intruder: &Agency) -> Agency {
    let mut masked = harbor.copy();
    masked.listing_key = intruder.copy().listing_key;
    masked.identity = same(&intruder.identity);
    masked
}

async fn harbor_is_untouched(house: &House, harbor: &Agency) {
    let answer = house.ask(v1::SearchRequest::default()).await.unwrap();
    let names: Vec<_> = answer
        .results
        .iter()
        .map(|result| result.name.as_str())
        .collect();
    assert_eq!(names, ["Legal Clinic"]);
    assert_eq!(answer.results[0].agency_id, "harbor");
    let counts = &answer.results[0].capacity.as_ref().unwrap().counts;
    assert_eq!(counts[0].available, Some(4));
    let overview = house.directory.agencies();
    let applied: Vec<_> = overview.iter().map(|agency| agency.applied).collect();
    assert_eq!(applied, [2, 0]);
    assert_eq!(harbor.chain.applied, 2);
}

#[tokio::test]
async fn operations_in_another_agencys_name_end_the_session_and_touch_nothing() {
    let house = House::new().await;
    let (harbor, intruder) = two(&house).await;
    let mut masked = mask(&harbor, &intruder);
    let attempts = [
        masked.publish(service("legal", "Hijacked")),
        masked.publish(service("new", "Hijacked")),
        masked.withdraw(Kind::Service, "legal"),
    ];
    for attempt in attempts {
        let mut stream = intruder.stream(&house).await;

        stream.send(vec![attempt]).await;

        assert_eq!(stream.fence().await, FenceReason::BadSignature);
    }
    harbor_is_untouched(&house, &harbor).await;
}

#[tokio::test]
async fn operations_another_agency_signed_are_worthless_in_other_hands() {
    let house = House::new().await;
    let (mut harbor, intruder) = two(&house).await;
    let untouched = harbor.copy();
    let overheard = harbor.withdraw(Kind::Service, "legal");
    let mut stream = intruder.stream(&house).await;

    stream.send(vec![overheard]).await;

    assert_eq!(stream.fence().await, FenceReason::BadSignature);
    harbor_is_untouched(&house, &untouched).await;
}

#[tokio::test]
async fn reports_in_another_agencys_name_end_the_session_and_touch_nothing() {
    let house = House::new().await;
    let (mut harbor, intruder) = two(&house).await;
    let mut masked = mask(&harbor, &intruder);
    let made_up = masked.report(open("legal", 0));
    let overheard = harbor.report(open("legal", 11));
    for attempt in [made_up, overheard] {
        let mut stream = intruder.stream(&house).await;

        stream
            .say(v1::publish_request::Message::Capacity(v1::CapacityBatch {
                reports: vec![attempt],
            }))
            .await;

        assert_eq!(stream.fence().await, FenceReason::BadSignature);
    }
    harbor_is_untouched(&house, &harbor).await;
}

#[tokio::test]
async fn the_same_ids_at_two_agencies_are_two_records() {
    let house = House::new().await;
    let (_, mut other) = two(&house).await;
    let mut stream = other.stream(&house).await;
    stream.accepted(other.publish(organization("org"))).await;
    stream
        .accepted(other.publish(service("legal", "Another Clinic")))
        .await;
    house.until_found("Another Clinic").await;

    stream
        .accepted(other.withdraw(Kind::Service, "legal"))
        .await;

    assert_eq!(house.names(""), ["Legal Clinic"]);
}

#[tokio::test]
async fn a_signature_that_does_not_fit_ends_the_session() {
    let house = House::new().await;
    let (mut harbor, _) = two(&house).await;
    let operation = harbor
        .draft_of(service("food", "Food Pantry"))
        .encode_to_vec();
    let good = harbor.sign_for(Purpose::Listing, operation.clone());
    let stranger = ListingKey::from_seed(&[200; 32]);
    let by_stranger = v1::Signed {
        signature: stranger
            .sign(Purpose::Listing, &operation)
            .as_bytes()
            .to_vec(),
        bytes: operation.clone(),
    };
    let changed = |change: fn(&mut v1::Signed)| {
        let mut signed = good.clone();
        change(&mut signed);
        signed
    };
    let attempts = [
        ("of a stranger", by_stranger),
        ("for reports", harbor.sign_for(Purpose::Capacity, operation)),
        ("one bit off", changed(|signed| signed.signature[10] ^= 1)),
        (
            "a scalar out of range",
            changed(|signed| signed.signature[63] |= 0xf0),
        ),
        ("too short", changed(|signed| signed.signature.truncate(63))),
        ("absent", changed(|signed| signed.signature.clear())),
        ("of zeros", changed(|signed| signed.signature.fill(0))),
    ];
    for (what, attempt) in attempts {
        let mut stream = harbor.stream(&house).await;

        stream.send(vec![attempt]).await;

        assert_eq!(stream.fence().await, FenceReason::BadSignature, "{what}");
    }
    let mut stream = harbor.stream(&house).await;
    stream
        .accepted(harbor.publish(service("food", "Food Pantry")))
        .await;
}

#[tokio::test]
async fn a_report_signed_as_a_listing_ends_the_session() {
    let house = House::new().await;
    let (mut harbor, _) = two(&house).await;
    let report = harbor.report(open("legal", 9));
    let resigned = harbor.sign_for(Purpose::Listing, report.bytes);
    let mut stream = harbor.stream(&house).await;

    stream
        .say(v1::publish_request::Message::Capacity(v1::CapacityBatch {
            reports: vec![resigned],
        }))
        .await;

    assert_eq!(stream.fence().await, FenceReason::BadSignature);
}

#[tokio::test]
async fn without_a_certificate_there_is_no_stream() {
    let house = House::new().await;

    let refused = Stream::open(house.connect(None).await).await;

    let status = refused.err().unwrap();
    assert_eq!(status.code(), Code::Unauthenticated, "{status}");
    let info = status.get_details_error_info().unwrap();
    assert_eq!(info.domain, "referral-directory");
}

#[tokio::test]
async fn a_header_that_names_an_agency_does_not_matter() {
    let house = House::new().await;
    let (_, intruder) = two(&house).await;
    let channel = house.connect(Some(&intruder.identity)).await;
    let mut client =
        FederationServiceClient::with_interceptor(channel, |mut request: tonic::Request<()>| {
            for name in ["agency", "agency-id", "x-agency-id", "referral-agency-id"] {
                request
                    .metadata_mut()
                    .insert(name, "harbor".parse().unwrap());
            }
            Ok(request)
        });
    let hello = v1::PublishRequest {
        message: Some(v1::publish_request::Message::Hello(intruder.hello())),
    };

    let mut down = client
        .publish(tokio_stream::once(hello))
        .await
        .unwrap()
        .into_inner();

    let welcome = down.message().await.unwrap().unwrap().message;
    let Some(v1::publish_response::Message::Welcome(welcome)) = welcome else {
        panic!("no welcome but {welcome:?}");
    };
    assert_eq!(welcome.applied, 0, "that is another agency's log");
}

#[tokio::test]
async fn a_certificate_for_another_key_than_the_one_that_joined_opens_no_session() {
    let house = House::new().await;
    let (harbor, _) = two(&house).await;
    let stranger = other_key(&house, "harbor");
    let mut stream = Stream::open(house.connect(Some(&stranger)).await)
        .await
        .unwrap();

    stream
        .say(v1::publish_request::Message::Hello(harbor.hello()))
        .await;

    let fence = stream.fenced().await;
    assert_eq!(fence.reason(), FenceReason::Unspecified);
    assert!(
        fence.text.contains("join the directory again"),
        "{}",
        fence.text
    );
}

#[tokio::test]
async fn a_certificate_of_an_agency_that_never_joined_opens_no_session() {
    let house = House::new().await;
    let (harbor, _) = two(&house).await;
    let stranger = other_key(&house, "nobody");
    let mut stream = Stream::open(house.connect(Some(&stranger)).await)
        .await
        .unwrap();

    stream
        .say(v1::publish_request::Message::Hello(harbor.hello()))
        .await;

    assert_eq!(stream.fence().await, FenceReason::Unspecified);
}

/// A certificate that the directory's own authority issued, for a key that never joined.
fn other_key(house: &House, agency: &str) -> Identity {
    house.issue(agency, &NewKey::generate().unwrap())
}
