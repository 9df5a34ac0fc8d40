//! The two listeners: health and reflection on both, pages and gRPC and gRPC-Web on one port.

use prost::Message;
use referral_proto::v1;
use tokio_stream::StreamExt;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus};
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::support::House;
use crate::support::agency::apply;
use crate::support::house::Stopped;
use crate::support::http::{get, request};

async fn health(channel: Channel, service: &str) -> Result<ServingStatus, Status> {
    let question = HealthCheckRequest {
        service: service.to_owned(),
    };
    let answer = HealthClient::new(channel).check(question).await?;
    Ok(answer.into_inner().status())
}

async fn services(channel: Channel) -> Vec<String> {
    let question = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut client = ServerReflectionClient::new(channel);
    let answers = client
        .server_reflection_info(tokio_stream::once(question))
        .await;
    let answer = answers.unwrap().into_inner().next().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("no list of services but {answer:?}");
    };
    list.service
        .into_iter()
        .map(|service| service.name)
        .collect()
}

#[tokio::test]
async fn health_is_told_on_both_listeners_for_what_each_serves() {
    let house = House::new().await;
    let (federation, public) = (house.connect(None).await, house.visit().await);
    let serving = ServingStatus::Serving;

    for service in [
        "",
        "referral.v1.FederationService",
        "referral.v1.EnrolmentService",
    ] {
        assert_eq!(
            health(federation.clone(), service).await.unwrap(),
            serving,
            "{service}"
        );
    }
    for service in ["", "referral.v1.SearchService"] {
        assert_eq!(
            health(public.clone(), service).await.unwrap(),
            serving,
            "{service}"
        );
    }
    let elsewhere = health(public, "referral.v1.FederationService").await;
    assert_eq!(elsewhere.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn reflection_answers_on_both_listeners() {
    let house = House::new().await;

    for channel in [house.connect(None).await, house.visit().await] {
        let services = services(channel).await;

        for name in ["referral.v1.SearchService", "grpc.health.v1.Health"] {
            assert!(
                services.contains(&name.to_owned()),
                "{name} in {services:?}"
            );
        }
    }
}

#[tokio::test]
async fn each_listener_serves_its_own_and_nothing_of_the_other() {
    let house = House::new().await;
    let search = v1::search_service_client::SearchServiceClient::new(house.connect(None).await)
        .search(v1::SearchRequest::default())
        .await;
    let enrol = v1::enrolment_service_client::EnrolmentServiceClient::new(house.visit().await)
        .enrol(v1::EnrolRequest::default())
        .await;
    let admin =
        v1::directory_admin_service_client::DirectoryAdminServiceClient::new(house.visit().await)
            .list_agencies(v1::ListAgenciesRequest {})
            .await;

    for refused in [search.err(), enrol.err(), admin.err()] {
        assert_eq!(refused.unwrap().code(), Code::Unimplemented);
    }
    let enrolled = apply(&house, v1::EnrolRequest::default()).await;
    assert_eq!(enrolled.unwrap_err().code(), Code::InvalidArgument);
}

/// One gRPC-Web frame of a message.
fn frame(message: &impl Message) -> Vec<u8> {
    let body = message.encode_to_vec();
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[0], length.as_slice(), &body].concat()
}

/// The frames of a gRPC-Web answer: flag and content.
fn frames(mut body: &[u8]) -> Vec<(u8, &[u8])> {
    let mut frames = Vec::new();
    while let Some((head, rest)) = body.split_first_chunk::<5>() {
        let [flag, length @ ..] = *head;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap();
        frames.push((flag, &rest[..length]));
        body = &rest[length..];
    }
    frames
}

#[tokio::test]
async fn a_browser_searches_by_grpc_web_over_http_1() {
    let house = House::new().await;
    let headers = [
        ("content-type", "application/grpc-web+proto"),
        ("x-grpc-web", "1"),
    ];
    let path = "/referral.v1.SearchService/Search";
    let question = frame(&v1::SearchRequest::default());

    let answer = request(house.public, "POST", path, &headers, &question).await;

    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type"),
        Some("application/grpc-web+proto")
    );
    let frames = frames(&answer.body);
    let [(0, message), (0x80, trailers)] = frames[..] else {
        panic!("not a message and its trailers: {frames:?}");
    };
    let found = v1::SearchResponse::decode(message).unwrap();
    assert_eq!(found.total_size, 0);
    let trailers = std::str::from_utf8(trailers).unwrap().to_lowercase();
    assert!(trailers.contains("grpc-status:0"), "{trailers}");
}

#[tokio::test]
async fn a_refusal_reaches_a_browser_by_grpc_web_too() {
    let house = House::new().await;
    let headers = [("content-type", "application/grpc-web+proto")];
    let question = frame(&v1::SearchRequest {
        limit: 1_000,
        ..v1::SearchRequest::default()
    });

    let path = "/referral.v1.SearchService/Search";
    let answer = request(house.public, "POST", path, &headers, &question).await;

    let trailers = frames(&answer.body);
    let told = answer.header("grpc-status").map(str::to_owned).or_else(|| {
        let (_, text) = trailers.iter().find(|(flag, _)| *flag == 0x80)?;
        let text = std::str::from_utf8(text).unwrap();
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("grpc-status:"));
        line.map(|status| status.trim().to_owned())
    });
    assert_eq!(told.as_deref(), Some("3"));
}

#[tokio::test]
async fn no_other_site_may_read_what_grpc_web_answers() {
    let house = House::new().await;
    let headers = [
        ("origin", "https://evil.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type,x-grpc-web"),
    ];

    let path = "/referral.v1.SearchService/Search";
    let answer = request(house.public, "OPTIONS", path, &headers, b"").await;

    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert!(answer.status >= 400, "{}", answer.status);
}

#[tokio::test]
async fn a_directory_that_stops_lets_its_ports_and_data_go() {
    let house = House::new().await;
    let public = house.public;
    assert_eq!(get(public, "/").await.status, 200);

    let stopped: Stopped = house.stop().await;

    assert!(tokio::net::TcpStream::connect(public).await.is_err());
    assert!(stopped.start().await.is_ok());
}
