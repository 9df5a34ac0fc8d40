//! Readers that take their time, and how many there may be.

use std::sync::Arc;
use std::time::Duration;

use directory_server::operations::{Bookmark, MOST_WATCHERS, WatchError};
use directory_server::rpc::{Pace, WatchRpc};
use referral_core::catalog::Record;
use referral_core::policy::Viewer;
use referral_proto::replica::Replica;
use referral_proto::v1;
use referral_proto::v1::watch_response::Message;
use referral_proto::v1::watch_service_server::WatchServiceServer;
use referral_runtime::shutdown::Tasks;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::Code;
use tonic::transport::{Channel, Endpoint, Server};

use super::stream::filled;
use super::{Reader, folded, read_all};
use crate::support::records::{plain_service, text};
use crate::support::{House, PATIENCE};

#[tokio::test]
async fn there_are_places_for_so_many_readers_and_one_that_goes_makes_room() {
    let house = House::new().await;
    let open = || {
        house
            .directory
            .watch(&Viewer::anybody(), Bookmark::default())
    };
    let mut readers: Vec<_> = (0..MOST_WATCHERS).map(|_| open().unwrap()).collect();

    let refused = open();
    readers.pop();

    assert!(matches!(refused, Err(WatchError::TooMany)));
    assert!(open().is_ok());
}

#[tokio::test]
async fn a_reader_is_told_when_the_directory_stops() {
    let (house, _) = filled().await;
    let (mut reader, _) = read_all(&house).await;

    house.stop().await;

    let ended = reader.next().await.unwrap_err();
    assert_eq!(ended.code(), Code::Unavailable, "{ended:?}");
}

/// The feed of a directory on a listener of its own, at another pace.
async fn at_pace(house: &House, pace: Pace, tasks: &Tasks) -> Channel {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let watch = WatchRpc::new(Arc::clone(&house.directory), tasks.clone(), pace);
    let stop = tasks.token().cancelled_owned();
    tasks.spawn("feed", async move {
        let served = Server::builder()
            .add_service(WatchServiceServer::new(watch))
            .serve_with_incoming_shutdown(TcpListenerStream::new(listener), stop)
            .await;
        served.unwrap();
    });
    Endpoint::from_shared(address)
        .unwrap()
        .connect()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_reader_that_hears_nothing_else_hears_where_it_stands() {
    let (house, _) = filled().await;
    let index = folded(&house).await;
    let tasks = Tasks::new();
    let pace = Pace {
        idle: Duration::from_millis(20),
        ..Pace::default()
    };
    let channel = at_pace(&house, pace, &tasks).await;
    let mut replica = Replica::default();
    let mut reader = Reader::over(channel, replica.resume()).await.unwrap();
    reader.read_to(index, &mut replica).await;

    for _ in 0..3 {
        let Message::Bookmark(mark) = reader.next().await.unwrap() else {
            panic!("no bookmark")
        };
        assert_eq!(mark.index, index);
    }
    drop(reader);
    tasks.drain(PATIENCE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_does_not_read_is_let_go_and_told_to_come_again() {
    let (house, mut agency) = filled().await;
    let mut stream = agency.stream(&house).await;
    let filling = |number: u32| {
        let mut service = plain_service(&format!("bulky-{number}"), "Bulky Service");
        let words = (0..1_500).map(|word| format!("{number}x{word}"));
        service.description = Some(text(&words.collect::<Vec<_>>().join(" ")));
        Record::Service(Box::new(service))
    };
    for from in (0..600).step_by(50) {
        let batch = (from..from + 50).map(|number| agency.publish(filling(number)));
        assert_eq!(stream.operations(batch.collect()).await.rejections, []);
    }
    folded(&house).await;
    let tasks = Tasks::new();
    let pace = Pace {
        patience: Duration::from_millis(100),
        ..Pace::default()
    };
    let channel = at_pace(&house, pace, &tasks).await;
    let mut reader = Reader::over(channel, v1::WatchRequest::default())
        .await
        .unwrap();
    let free = || {
        house
            .directory
            .watch(&Viewer::anybody(), Bookmark::default())
            .is_ok()
    };
    let mut held: Vec<_> = Vec::new();
    while let Ok(follower) = house
        .directory
        .watch(&Viewer::anybody(), Bookmark::default())
    {
        held.push(follower);
    }

    // Nothing is read: its place becomes free when the directory lets go of it.
    crate::support::until("it is let go", async || free()).await;

    let mut entries = 0;
    let ended = loop {
        match reader.next().await {
            Ok(Message::Entries(more)) => entries += more.entries.len(),
            Ok(_) => {}
            Err(status) => break status,
        }
    };
    assert_eq!(ended.code(), Code::Aborted, "{ended:?}");
    assert!(entries < 603, "it was read to the end: {entries}");
    drop((reader, held));
    tasks.drain(PATIENCE).await.unwrap();
}
