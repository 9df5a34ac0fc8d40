//! Signed records on demand.

use prost::Message as _;
use referral_core::catalog::{Record, Tier};
use referral_core::federation::{PublicKey, Purpose, Signature, verify};
use referral_core::id::Kind;
use referral_proto::v1;
use referral_proto::v1::catalog_service_client::CatalogServiceClient;
use tonic::{Code, Status};

use crate::support::records::{
    location, offered, open, organization, plain_service, service, text,
};
use crate::support::{Agency, House};

fn name(kind: v1::RecordKind, local_id: &str) -> v1::RecordName {
    v1::RecordName {
        kind: kind.into(),
        local_id: local_id.to_owned(),
    }
}

async fn ask(
    house: &House,
    agency: &str,
    records: Vec<v1::RecordName>,
) -> Result<v1::GetSignedResponse, Status> {
    let request = v1::GetSignedRequest {
        agency_id: agency.to_owned(),
        records,
    };
    let mut client = CatalogServiceClient::new(house.visit().await);
    let answer = client.get_signed(request).await;
    answer.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn every_reader_gets_what_is_served_as_its_agency_signed_it() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let organization = agency.publish(organization("org"));
    let first = agency.publish(service("first", "First Service"));
    let second = agency.publish(service("second", "Second Service"));
    let withdrawal = agency.withdraw(Kind::Service, "second");
    let all = vec![organization.clone(), first.clone(), second, withdrawal];
    stream.operations(all).await;
    let report = agency.report(open("first", 4));
    stream.reports(vec![report.clone()]).await;
    super::folded(&house).await;

    let asked = vec![
        name(v1::RecordKind::Service, "first"),
        name(v1::RecordKind::Service, "second"),
        name(v1::RecordKind::Organization, "org"),
        name(v1::RecordKind::Location, "never"),
    ];
    let answer = ask(&house, "harbor", asked.clone()).await.unwrap();

    let names: Vec<_> = answer
        .records
        .iter()
        .map(|r| r.name.clone().unwrap())
        .collect();
    assert_eq!(names, asked);
    let operations: Vec<_> = answer.records.iter().map(|r| r.operation.clone()).collect();
    assert_eq!(operations, [Some(first), None, Some(organization), None]);
    assert_eq!(answer.records[0].reports[0].report, Some(report));
    assert_eq!(answer.records[0].reports[0].ttl_s, 24 * 3_600, "beds");
    let key = PublicKey::try_from(answer.listing_key.as_slice()).unwrap();
    for signed in operations.into_iter().flatten() {
        let signature = Signature::try_from(signed.signature.as_slice()).unwrap();
        assert_eq!(
            verify(&key, Purpose::Listing, &signed.bytes, &signature),
            Ok(())
        );
    }
}

#[tokio::test]
async fn a_service_for_a_few_and_where_it_is_are_not_told_to_everybody() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let Record::Service(mut few) = offered("few", "For a Few", &["hidden"]) else {
        panic!("no service")
    };
    few.tier = Tier::Ask;
    let batch = vec![
        agency.publish(organization("org")),
        agency.publish(location("hidden", "Dilley", 28.67, -99.17)),
        agency.publish(Record::Service(few)),
    ];
    assert_eq!(stream.operations(batch).await.rejections, []);
    super::folded(&house).await;

    let asked = vec![
        name(v1::RecordKind::Service, "few"),
        name(v1::RecordKind::Location, "hidden"),
    ];
    let answer = ask(&house, "harbor", asked).await.unwrap();

    assert!(
        answer
            .records
            .iter()
            .all(|record| record.operation.is_none())
    );
}

#[tokio::test]
async fn an_answer_that_would_be_too_large_ends_early_and_is_asked_for_again() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    stream.accepted(agency.publish(organization("org"))).await;
    let bulky = |number: u32| {
        let mut service = plain_service(&format!("bulky-{number}"), "Bulky Service");
        let words = (0..1_500).map(|word| format!("{number}x{word}"));
        service.description = Some(text(&words.collect::<Vec<_>>().join(" ")));
        Record::Service(Box::new(service))
    };
    for from in (0..200).step_by(50) {
        let batch = (from..from + 50).map(|number| agency.publish(bulky(number)));
        assert_eq!(stream.operations(batch.collect()).await.rejections, []);
    }
    super::folded(&house).await;
    let mut asked: Vec<_> = (0..200)
        .map(|number| name(v1::RecordKind::Service, &format!("bulky-{number}")))
        .collect();

    let mut answers = 0;
    while !asked.is_empty() {
        let answer = ask(&house, "harbor", asked.clone()).await.unwrap();
        assert!(!answer.records.is_empty());
        assert!(answer.encoded_len() < 2 << 20);
        assert!(
            answer
                .records
                .iter()
                .all(|record| record.operation.is_some())
        );
        asked.drain(..answer.records.len());
        answers += 1;
    }

    assert!(answers > 1);
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    let house = House::new().await;
    Agency::join(&house, "harbor").await;
    house.invite("beacon").await;
    let one = || vec![name(v1::RecordKind::Service, "first")];
    let many = vec![name(v1::RecordKind::Service, "first"); 501];
    let unnamed = vec![name(v1::RecordKind::Unspecified, "first")];

    for (agency, records, code) in [
        ("harbor", vec![], Code::InvalidArgument),
        ("harbor", many, Code::InvalidArgument),
        ("harbor", unnamed, Code::InvalidArgument),
        ("No Agency", one(), Code::InvalidArgument),
        ("nobody", one(), Code::NotFound),
        ("beacon", one(), Code::NotFound),
    ] {
        let refused = ask(&house, agency, records).await.unwrap_err();
        assert_eq!(refused.code(), code, "{agency}: {refused:?}");
    }
}
