//! Messages that are no batches: too many, too large, too few, or no messages at all.

use axum::http::Request;
use referral_core::federation::Purpose;
use referral_proto::v1;
use referral_proto::v1::FenceReason;
use referral_proto::v1::publish_request::Message as Up;
use tonic::Code;
use tonic::body::Body;
use tower::{Service, ServiceExt};

use crate::support::records::{organization, plain_service, service, text};
use crate::support::{Agency, House, soon};
use referral_core::catalog::Record;

#[tokio::test]
async fn a_batch_of_none_or_more_than_500_ends_the_session() {
    let house = House::new().await;
    let agency = Agency::join(&house, "harbor").await;
    let one = v1::Signed::default();
    let batches = [
        Up::Operations(v1::OperationBatch::default()),
        Up::Operations(v1::OperationBatch {
            operations: vec![one.clone(); 501],
        }),
        Up::Capacity(v1::CapacityBatch::default()),
        Up::Capacity(v1::CapacityBatch {
            reports: vec![one; 501],
        }),
    ];
    for batch in batches {
        let mut stream = agency.stream(&house).await;

        stream.say(batch).await;

        let fence = stream.fenced().await;
        assert_eq!(fence.reason(), FenceReason::Malformed);
        assert!(fence.text.contains("1 to 500"), "{}", fence.text);
    }
}

#[tokio::test]
async fn a_batch_of_exactly_500_is_taken() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let mut batch = vec![agency.publish(organization("org"))];
    batch.extend((1..500).map(|number| agency.publish(service(&format!("s{number}"), "Service"))));

    let ack = stream.operations(batch).await;

    assert_eq!((ack.applied, ack.rejections), (500, vec![]));
}

#[tokio::test]
async fn bytes_that_are_no_operation_end_the_session() {
    let house = House::new().await;
    let agency = Agency::join(&house, "harbor").await;
    let whole = agency.sign(&agency.draft_of(organization("org"))).bytes;
    let broken = [
        vec![],
        vec![0xff; 40],
        whole[..whole.len() - 1].to_vec(),
        whole[..10].to_vec(),
        // Field 1 as a number where text belongs.
        [&[0x08, 0x01], whole.as_slice()].concat(),
        // An agency id that is no UTF-8.
        [whole.as_slice(), &[0x0a, 0x02, 0xc3, 0x28]].concat(),
    ];
    for bytes in broken {
        let mut stream = agency.stream(&house).await;

        stream
            .send(vec![agency.sign_for(Purpose::Listing, bytes)])
            .await;

        assert_eq!(stream.fence().await, FenceReason::Malformed);
    }
}

#[tokio::test]
async fn a_record_as_large_as_allowed_is_taken_and_a_larger_operation_ends_the_session() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    stream.accepted(agency.publish(organization("org"))).await;
    let large = |bytes: usize| {
        let mut service = plain_service("large", "Large");
        service.description = Some(text(&"x".repeat(bytes.min(61_440))));
        service.application_process = Some(text(&"y".repeat(bytes - 61_440)));
        Record::Service(Box::new(service))
    };
    // 64 KiB less what the other fields of the record need.
    stream.accepted(agency.publish(large(65_480))).await;
    house.until_found("Large").await;

    let too_large = agency.draft_of(large(71_000));
    stream.send(vec![agency.sign(&too_large)]).await;

    let fence = stream.fenced().await;
    assert_eq!(fence.reason(), FenceReason::Malformed);
    assert!(fence.text.contains("68 KiB"), "{}", fence.text);
}

#[tokio::test]
async fn a_message_over_the_limit_is_refused_with_a_status_that_says_so() {
    let house = House::new().await;
    let agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let signed = v1::Signed {
        bytes: vec![0; 60_000],
        signature: vec![0; 64],
    };

    stream.send(vec![signed; 20]).await;

    let refused = stream.next_or_status().await.unwrap_err();
    assert!(
        matches!(refused.code(), Code::OutOfRange | Code::ResourceExhausted),
        "{refused}"
    );
}

/// One gRPC frame: flag, length, message.
fn frame(flag: u8, length: u32, message: &[u8]) -> Vec<u8> {
    [&[flag], length.to_be_bytes().as_slice(), message].concat()
}

#[tokio::test]
async fn frames_that_are_no_messages_end_their_stream_and_nothing_else() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let bodies = [
        vec![],
        frame(0, 0, b""),
        frame(0, 16, &[0xff; 16]),
        frame(0, 3, &[0x0a, 0xff, 0xff]),
        frame(0, 100, b"short"),
        frame(0, u32::MAX, b"four gibibytes"),
        frame(1, 4, b"zzzz"),
        frame(7, 4, b"zzzz"),
        vec![0xff; 4_096],
    ];
    for body in bodies {
        let mut channel = house.connect(Some(&agency.identity)).await;
        let request = Request::post("http://directory/referral.v1.FederationService/Publish")
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(Body::new(axum::body::Body::from(body)))
            .unwrap();

        let answer = async {
            let response = channel.ready().await.unwrap().call(request).await.unwrap();
            axum::body::to_bytes(axum::body::Body::new(response.into_body()), 65_536).await
        };

        soon("the stream with broken frames ends", answer)
            .await
            .unwrap();
    }
    stream.accepted(agency.publish(organization("org"))).await;
}

#[tokio::test]
async fn an_encoding_nobody_offered_is_unimplemented() {
    let house = House::new().await;
    let agency = Agency::join(&house, "harbor").await;
    let mut channel = house.connect(Some(&agency.identity)).await;
    let request = Request::post("http://directory/referral.v1.FederationService/Publish")
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("grpc-encoding", "gzip")
        .body(Body::new(axum::body::Body::from(frame(1, 4, b"zzzz"))))
        .unwrap();

    let response = channel.ready().await.unwrap().call(request).await.unwrap();

    let status = tonic::Status::from_header_map(response.headers()).unwrap();
    assert_eq!(status.code(), Code::Unimplemented, "{status}");
}
