//! Panics in every handler, in a stream and in the write path: what they are in fails, and nothing else.
//!
//! With `request.panic=on` the handler of a request with the header `x-panic` panics, whatever it is.

use std::path::PathBuf;
use std::sync::Arc;

use prost::Message;
use prost_types::FileDescriptorSet;
use rand::SeedableRng;
use rand::rngs::StdRng;
use referral_proto::{DESCRIPTORS, v1};
use referral_runtime::clock::SystemClock;
use referral_runtime::local;
use referral_runtime::tls::{Address, Dialer, JoinToken, Trust, install_crypto};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

use crate::processes::{Node, Started, eventually};
use crate::routes::routes;
use crate::world::World;

/// What each panic says: nobody may hear it.
const SAID: &str = "said-by-a-panic";
const SWITCHED_ON: &str = "request.panic=on";

/// Methods that are not ours.
const OTHERS: [&str; 4] = [
    "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// Where the pages of the directory and of a node are in the source.
const PAGES: [&str; 2] = ["directory-server/src/web", "agency-node/src/page"];

async fn world(agencies: &[&str]) -> World {
    install_crypto();
    let mut world = World::new(StdRng::seed_from_u64(7));
    for agency in agencies {
        let mut node = Node::new(world.path(), agency);
        node.pages = true;
        world.let_in(node).await;
    }
    world.settle().await;
    world
}

/// Starts the directory again, and waits until every agency has a session. Gives how many each has had.
async fn again(world: &mut World, plan: &str) -> Vec<usize> {
    let before = sessions(world);
    world.directory.process.kill();
    assert_eq!(world.directory.start(plan), Started::Serves);
    eventually("every agency is back", async || {
        let now = sessions(world);
        let back = now.iter().zip(&before).all(|(now, before)| now > before);
        back.then_some(now)
    })
    .await
}

/// The same with a node of one agency, and every handler of both may panic.
async fn switched_on(world: &mut World) -> Vec<usize> {
    let node = &mut world.agencies[0].node;
    node.process.kill();
    assert_eq!(node.start(SWITCHED_ON).await, Started::Serves);
    world.connected(0, true).await;
    again(world, SWITCHED_ON).await
}

/// How many sessions of each agency have begun.
fn sessions(world: &World) -> Vec<usize> {
    let log = world.directory.log();
    let names = world.agencies.iter().map(|agency| &agency.name);
    let began = names.map(|name| format!("of agency {name} began"));
    began.map(|began| log.matches(&began).count()).collect()
}

#[tokio::test]
async fn a_panic_in_any_method_fails_that_call_and_nothing_else() {
    let mut world = world(&["harbor"]).await;
    let before = switched_on(&mut world).await;
    let channels = channels(&world).await;
    let mut panics = 0;

    for method in methods() {
        let mut places = 0;
        for (at, channel) in channels.iter().enumerate() {
            let usual = call(channel, &method, false).await;
            if usual == Code::Unimplemented {
                continue;
            }
            assert_eq!(
                call(channel, &method, true).await,
                Code::Internal,
                "{method}"
            );
            assert_eq!(call(channel, &method, false).await, usual, "{method} then");
            world.directory.search().await;
            places += 1;
            panics += usize::from(at < 3);
        }
        assert!(places > 0, "{method} is nowhere");
    }

    assert_eq!(sessions(&world), before, "its stream lives on");
    world.change_listing(0).await;
    world.settle().await;
    told_without_words(&world, panics).await;
}

#[tokio::test]
async fn a_panic_in_any_page_fails_that_request_and_nothing_else() {
    let mut world = world(&["harbor"]).await;
    let before = switched_on(&mut world).await;
    let page = page_of(&world.agencies[0].node);
    let mut panics = 0;

    for (folder, address) in PAGES.into_iter().zip([world.directory.public(), &page]) {
        let routes = routes(folder);
        assert!(routes.len() > 10, "{folder}: {routes:?}");
        for path in routes {
            assert!(
                ask(address, "DELETE", &path, false)
                    .await
                    .starts_with(" 405"),
                "{path}"
            );
            for method in ["GET", "POST"] {
                let usual = status(&ask(address, method, &path, false).await);
                if usual == " 405" {
                    continue;
                }
                let failed = ask(address, method, &path, true).await;
                assert_eq!(status(&failed), " 500", "{method} {path}");
                assert!(failed.contains("cache-control: no-store"), "{failed}");
                assert!(!failed.contains(SAID) && failed.contains("failed; try again"));
                let then = status(&ask(address, method, &path, false).await);
                assert_eq!(then, usual, "{method} {path} then");
                panics += usize::from(folder == PAGES[0]);
            }
        }
    }

    assert_eq!(sessions(&world), before, "its stream lives on");
    world.change_listing(0).await;
    world.settle().await;
    told_without_words(&world, panics).await;
}

#[tokio::test]
async fn a_panic_in_the_stream_of_one_agency_ends_that_stream_alone() {
    let mut world = world(&["harbor", "shore"]).await;
    let before = again(&mut world, "rx.decoded=panic@1").await;

    world.change_listing(0).await;
    world.settle().await;
    world.change_listing(1).await;
    world.settle().await;

    assert_eq!(sessions(&world), [before[0] + 1, before[1]]);
    told_without_words(&world, 1).await;
}

#[tokio::test]
async fn a_panic_in_the_write_path_ends_the_directory_which_has_everything_when_it_is_back() {
    let mut world = world(&["harbor"]).await;
    for plan in ["batch.judged=panic@1", "store.pre_fold=panic@2"] {
        world.directory.process.kill();
        assert_eq!(world.directory.start(plan), Started::Serves);

        world.change_listing(0).await;
        let process = &mut world.directory.process;
        eventually("it ends", async || process.has_failed().then_some(())).await;

        assert_eq!(world.directory.start(""), Started::Serves);
        world.settle().await;
    }
}

#[tokio::test]
async fn a_node_that_panics_while_it_writes_takes_nothing_more_and_has_everything_when_it_is_back()
{
    let mut world = world(&["harbor"]).await;
    let node = &mut world.agencies[0].node;
    node.process.kill();
    let plan = "journal.append.post_sync=panic@1";
    assert_eq!(node.start(plan).await, Started::Serves);

    // What the first says is on the disk, and not in the node's memory.
    assert!(withdraw(node, "s0").await.is_some_and(|said| said.is_err()));
    assert!(node.process.log().contains("panicked at"));
    let refused = withdraw(node, "s1").await;
    assert!(
        refused.is_none_or(|said| said.is_err()),
        "it says so, or has ended"
    );
    if !node.process.has_failed() {
        node.process.kill();
    }

    assert_eq!(node.start("").await, Started::Serves);
    let shown = eventually("the first is withdrawn", async || {
        let shown = world.shown().await;
        (shown.len() == 3).then_some(shown)
    })
    .await;
    let shown: Vec<&str> = shown.keys().map(|(_, service)| service.as_str()).collect();
    assert_eq!(shown, ["s1", "s2", "s3"]);
}

/// What a node says to a withdrawal; `None`: it has ended.
async fn withdraw(node: &Node, service: &str) -> Option<Result<(), Status>> {
    let withdrawal = v1::WithdrawRequest {
        kind: v1::RecordKind::Service.into(),
        local_id: service.to_owned(),
        wait: false,
    };
    let said = node.client().await?.withdraw(withdrawal).await;
    Some(said.map(drop))
}

/// The federation listener, the public one, and the local sockets of the directory and of the node.
async fn channels(world: &World) -> [Channel; 4] {
    let directory = &world.directory;
    let token = directory.invite("probe").expect("a token");
    let token = JoinToken::parse(&token).expect("a token");
    let address = format!("https://{}", directory.federation());
    let address = Address::parse(&address).expect("an address");
    let trust = Trust::Fingerprint(token.authority());
    let dialer = Dialer::new(address, &trust, None, Arc::new(SystemClock::new()));
    let public = Endpoint::from_shared(format!("http://{}", directory.public()));
    let local = async |data: PathBuf| local::connect(&data).await.expect("a local socket");
    [
        dialer
            .expect("a dialer")
            .connect()
            .await
            .expect("it listens"),
        public
            .expect("an address")
            .connect()
            .await
            .expect("it listens"),
        local(directory.data()).await,
        local(world.agencies[0].node.data()).await,
    ]
}

/// Every method there is.
fn methods() -> Vec<String> {
    let files = FileDescriptorSet::decode(DESCRIPTORS)
        .expect("descriptors")
        .file;
    let services = files.iter().flat_map(|file| {
        let package = file.package().to_owned();
        let services = file.service.iter();
        services.map(move |service| (package.clone(), service))
    });
    let ours = services.flat_map(|(package, service)| {
        let prefix = format!("/{package}.{}", service.name());
        let methods = service.method.iter();
        methods.map(move |method| format!("{prefix}/{}", method.name()))
    });
    ours.chain(OTHERS.map(str::to_owned)).collect()
}

/// How a call with an empty message ends, or begins to be answered.
async fn call(channel: &Channel, method: &str, panics: bool) -> Code {
    let mut request = Request::new(tokio_stream::once(()));
    if panics {
        let said = SAID.parse().expect("a header");
        request.metadata_mut().insert("x-panic", said);
    }
    let mut client = Grpc::new(channel.clone());
    client.ready().await.expect("the connection lives");
    let path = PathAndQuery::try_from(method).expect("a path");
    let codec = ProstCodec::<(), ()>::default();
    let answer = match client.streaming(request, path, codec).await {
        Ok(answer) => answer.into_inner().message().await,
        Err(status) => Err(status),
    };
    answer.map_or_else(
        |status| {
            assert!(!status.message().contains(SAID), "{status}");
            status.code()
        },
        |_| Code::Ok,
    )
}

/// Where a node says that its page is.
fn page_of(node: &Node) -> String {
    let log = node.process.log();
    let (_, address) = log.rsplit_once("page is at http://").expect("a page");
    address
        .split_whitespace()
        .next()
        .expect("an address")
        .to_owned()
}

/// The answer to a request, after `HTTP/1.1`.
pub(crate) async fn ask(address: &str, method: &str, path: &str, panics: bool) -> String {
    let panics = if panics {
        format!("x-panic: {SAID}\r\n")
    } else {
        String::new()
    };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: 0\r\n{panics}\r\n"
    );
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    stream.write_all(head.as_bytes()).await.expect("it reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    let answer = String::from_utf8_lossy(&answer);
    answer
        .strip_prefix("HTTP/1.1")
        .expect("an answer")
        .to_owned()
}

/// The status of an answer, as ` 200`.
fn status(answer: &str) -> String {
    answer.chars().take(4).collect()
}

/// The directory has counted so many panics, and its log names their places and nothing they said.
async fn told_without_words(world: &World, panics: usize) {
    let metrics = ask(world.directory.public(), "GET", "/metrics", false).await;
    let counted = format!("\nreferral_panics_total {panics}\n");
    assert!(metrics.contains(&counted), "{panics}: {metrics}");
    let log = world.directory.log();
    assert!(log.matches("panicked at").count() >= panics, "{log}");
    assert!(!log.contains(SAID) && !log.contains("planned at"), "{log}");
}
