//! What is small on the wire and large when it is read: packed, deep, endless, of too many parts. The real process
//! refuses it, and its memory does not grow.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::http::Request;
use referral_proto::v1::enrolment_service_client::EnrolmentServiceClient;
use referral_runtime::clock::SystemClock;
use referral_runtime::tls::{Address, Dialer, Identity, JoinToken, Trust, install_crypto};
use tokio::task::JoinSet;
use tonic::body::Body;
use tonic::transport::{Channel, Endpoint};
use tower::{Service, ServiceExt};

use crate::commands::{Serving, run};
use crate::support::agency::Applicant;
use crate::support::{http, soon};

/// What each bomb weighs on the wire.
const SENT: usize = 10 << 20;
/// By how much the process may grow, whatever it is sent. Unit: KiB.
const GROWTH: u64 = 64 << 10;
/// So many of each at once.
const AT_ONCE: usize = 4;
/// A part of a raw deflate stream that unpacks to 1 MiB of zeros, and may be repeated.
const ZEROS: &[u8] = include_bytes!("zeros.deflate");

/// The most memory the process has ever had. Unit: KiB.
fn most(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap()
        .trim()
        .strip_suffix(" kB")
        .unwrap()
        .parse()
        .unwrap()
}

/// A gzip file of 10 MiB that unpacks to 10 GiB of zeros.
fn packed() -> Vec<u8> {
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    [head.to_vec(), ZEROS.repeat(SENT / ZEROS.len())].concat()
}

/// One gRPC frame that says how long it is.
fn frame(flag: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap();
    [&[flag], length.to_be_bytes().as_slice(), message].concat()
}

/// Groups inside groups, in a field that no message knows.
fn nested(depth: usize) -> Vec<u8> {
    [[0xfb, 0x7f].repeat(depth), [0xfc, 0x7f].repeat(depth)].concat()
}

/// What is sent as the body of a call: the encoding that is claimed, and the bytes.
fn messages() -> Vec<(&'static str, Vec<u8>)> {
    // As long as a message may be, and made of nothing but parts: empty fields of every number up to 15.
    let parts = |tag: u8| frame(0, &[tag << 3 | 2, 0].repeat((1 << 19) - 8));
    let endless = [&[0], u32::MAX.to_be_bytes().as_slice(), &vec![0x0a; SENT]].concat();
    let mut messages = vec![
        ("gzip", frame(1, &packed())),
        ("deflate", frame(1, &packed())),
        ("zstd", frame(1, &packed())),
        ("identity", frame(1, &packed())),
        ("identity", frame(0, &vec![0; SENT])),
        ("identity", frame(0, &nested(SENT / 4))),
        ("identity", frame(0, &nested((1 << 18) - 8))),
        ("identity", endless),
    ];
    messages.extend((1..=15).map(|tag| ("identity", parts(tag))));
    messages
}

/// Makes a call with this body; how it is refused does not matter.
async fn call(mut channel: Channel, path: &str, encoding: &str, body: Vec<u8>) {
    let request = Request::post(format!("http://directory{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("grpc-encoding", encoding)
        .body(Body::new(axum::body::Body::from(body)))
        .unwrap();
    let answer = async {
        let answer = channel.ready().await.ok()?.call(request).await.ok()?;
        let body = axum::body::Body::new(answer.into_body());
        axum::body::to_bytes(body, 1 << 20).await.ok()
    };
    soon("a call with a bomb ends", answer).await;
}

/// A connection to where nodes connect.
async fn node(serving: &Serving, token: &JoinToken, identity: Option<&Identity>) -> Channel {
    let trust = Trust::Fingerprint(token.authority());
    let address = Address::parse(serving.federation()).unwrap();
    let dialer = Dialer::new(address, &trust, identity, Arc::new(SystemClock::new())).unwrap();
    dialer.connect().await.unwrap()
}

/// An agency that has joined, as its node connects.
async fn joined(serving: &Serving, data: &Path) -> (JoinToken, Identity) {
    let data = data.to_str().unwrap();
    let enrolled = run(&[
        "agency", "enrol", "harbor", "--name", "Harbor", "--data", data,
    ]);
    let token = JoinToken::parse(std::str::from_utf8(&enrolled.stdout).unwrap()).unwrap();
    let applicant = Applicant::new(7);
    let mut client = EnrolmentServiceClient::new(node(serving, &token, None).await);
    let answer = client.enrol(applicant.application(&token)).await.unwrap();
    (token, applicant.admitted(&answer.into_inner()).identity)
}

/// Does the same several times at once.
async fn at_once<Done: Future<Output: Send + 'static> + Send + 'static>(
    work: impl Fn() -> Done,
) -> Vec<Done::Output> {
    let all: JoinSet<_> = (0..AT_ONCE).map(|_| work()).collect();
    all.join_all().await
}

/// Whether a search is answered.
async fn answers(public: SocketAddr) -> bool {
    http::get(public, "/?text=help").await.status == 200
}

#[tokio::test(flavor = "multi_thread")]
async fn no_bomb_makes_the_directory_grow() {
    install_crypto();
    let data = tempfile::tempdir().unwrap();
    let serving = Serving::start(data.path());
    let public: SocketAddr = serving.public()["http://".len()..].parse().unwrap();
    let (token, identity) = joined(&serving, data.path()).await;
    assert!(answers(public).await);
    // What starting took is no room for bombs: the most is counted anew from here.
    std::fs::write(format!("/proc/{}/clear_refs", serving.id()), "5").unwrap();
    let before = most(serving.id());

    let node = node(&serving, &token, Some(&identity)).await;
    let visitor = Endpoint::from_shared(serving.public().to_owned()).unwrap();
    for (encoding, message) in messages() {
        for (channel, path) in [
            (&node, "/referral.v1.FederationService/Publish"),
            (
                &visitor.connect().await.unwrap(),
                "/referral.v1.SearchService/Search",
            ),
        ] {
            at_once(|| call(channel.clone(), path, encoding, message.clone())).await;
        }
    }
    let form = ("content-type", "application/x-www-form-urlencoded");
    let gzip = ("content-encoding", "gzip");
    for (headers, body) in [
        (vec![form], b"need=".repeat(SENT / 5)),
        (vec![form, gzip], packed()),
    ] {
        for path in ["/", "/sign-in", "/handout"] {
            let (headers, body) = (Arc::new(headers.clone()), Arc::new(body.clone()));
            let answers = at_once(|| {
                let (headers, body) = (Arc::clone(&headers), Arc::clone(&body));
                async move {
                    http::request(public, "POST", path, &headers, &body)
                        .await
                        .status
                }
            });
            for status in answers.await {
                assert!(status >= 400, "{path}: {status}");
            }
        }
    }

    let grown = most(serving.id()).saturating_sub(before);
    println!("the directory grew by {grown} KiB of {before} KiB");
    assert!(grown < GROWTH, "{grown} KiB");
    assert!(answers(public).await);
}
