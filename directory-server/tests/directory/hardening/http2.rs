//! What becomes of the [`floods`].
//!
//! Each lasts until the directory ends the connection or so many frames are sent; searches over other connections
//! are answered meanwhile and afterwards.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{floods, searched};
use crate::support::House;

/// Opens a connection and floods it; whether the directory ended it.
async fn flood(house: &House, most: u32, frames: impl Fn(u32) -> Vec<u8>) -> bool {
    let mut connection = TcpStream::connect(house.public).await.unwrap();
    connection.write_all(&floods::hello()).await.unwrap();
    let (mut read, mut write) = connection.split();
    let sending = async {
        for number in 0..most {
            if write.write_all(&frames(number)).await.is_err() {
                return;
            }
        }
        // What is still on its way is heard below.
        std::future::pending::<()>().await;
    };
    let hearing = async {
        let mut buffer = vec![0; 64 << 10];
        while read.read(&mut buffer).await.is_ok_and(|bytes| bytes > 0) {}
    };
    let both = async {
        tokio::select! {
            () = sending => {}
            () = hearing => {}
        }
    };
    timeout(Duration::from_secs(10), both).await.is_ok()
}

#[tokio::test]
async fn ten_thousand_streams_at_once_end_the_connection() {
    let house = House::new().await;

    assert!(flood(&house, 10_000, floods::open).await);
    searched(&house).await;
}

#[tokio::test]
async fn streams_that_are_reset_as_soon_as_they_are_opened_end_the_connection() {
    let house = House::new().await;

    assert!(flood(&house, 50_000, floods::reset).await);
    searched(&house).await;
}

#[tokio::test]
async fn streams_that_make_the_directory_reset_them_end_the_connection() {
    let house = House::new().await;

    assert!(flood(&house, 50_000, floods::made_reset).await);
    searched(&house).await;
}

#[tokio::test]
async fn headers_that_never_end_are_not_kept() {
    let house = House::new().await;

    assert!(flood(&house, 20_000, floods::endless_headers).await);
    searched(&house).await;
}

#[tokio::test]
async fn floods_of_pings_settings_and_empty_data_end_the_connection_and_disturb_nobody_else() {
    let house = House::new().await;
    for (what, one) in [
        ("pings", floods::ping as fn(u32) -> Vec<u8>),
        ("settings", floods::settings),
        ("data of no stream", floods::empty_data),
    ] {
        let flooding = flood(&house, 200_000, one);
        let searching = async {
            for _ in 0..5 {
                searched(&house).await;
            }
        };

        let (ended, ()) = tokio::join!(flooding, searching);

        assert!(ended, "a flood of {what} goes on");
        searched(&house).await;
    }
}

#[tokio::test]
async fn headers_that_unpack_to_more_than_they_are_answer_nothing() {
    let house = House::new().await;
    let mut bomb = TcpStream::connect(house.public).await.unwrap();
    bomb.write_all(&floods::hello()).await.unwrap();
    bomb.write_all(&floods::packed_headers(0)).await.unwrap();

    // Answered with 431 or reset, in any case not with a search.
    let mut heard = vec![0; 64 << 10];
    let _any = timeout(Duration::from_secs(2), bomb.read(&mut heard)).await;
    assert!(!heard.windows(4).any(|bytes| bytes == b"grpc"));
    searched(&house).await;
}

#[tokio::test]
async fn a_window_that_stays_shut_is_not_waited_for_by_others() {
    let house = House::new().await;
    let mut stalled = Vec::new();
    for _ in 0..50 {
        let mut connection = TcpStream::connect(house.public).await.unwrap();
        connection.write_all(&floods::hello()).await.unwrap();
        for number in 0..=64 {
            let asked = floods::shut_window(number);
            connection.write_all(&asked).await.unwrap();
        }
        stalled.push(connection);
    }

    searched(&house).await;
    assert_eq!(stalled.len(), 50);
}
