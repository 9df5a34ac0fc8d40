//! Floods that keep to the letter of HTTP/2 (RFC 9113), frame by frame, and bombs that do not.
//!
//! Each lasts until the directory ends the connection or so many frames are sent; searches over other connections
//! are answered meanwhile and afterwards.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::searched;
use crate::support::House;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// `POST http://localhost/referral.v1.SearchService/Search`, as HPACK (RFC 7541) from the static table.
fn request() -> Vec<u8> {
    let mut block = vec![0x83, 0x86];
    let literal = |block: &mut Vec<u8>, name: u8, value: &str| {
        block.push(name);
        block.push(u8::try_from(value.len()).unwrap());
        block.extend(value.as_bytes());
    };
    literal(&mut block, 0x01, "localhost");
    literal(&mut block, 0x04, "/referral.v1.SearchService/Search");
    literal(&mut block, 0x0f, "application/grpc");
    // 0x0f 0x10: content-type, index 31, literal without indexing.
    let at = block.len() - "application/grpc".len() - 2;
    block.splice(at..=at, [0x0f, 0x10]);
    block
}

/// Opens a connection and floods it; whether the directory ended it.
async fn flood(house: &House, most: u32, frames: impl Fn(u32) -> Vec<u8>) -> bool {
    let mut connection = TcpStream::connect(house.public).await.unwrap();
    connection.write_all(PREFACE).await.unwrap();
    connection
        .write_all(&frame(SETTINGS, 0, 0, &[]))
        .await
        .unwrap();
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

fn stream(number: u32) -> u32 {
    2 * number + 1
}

#[tokio::test]
async fn streams_that_are_reset_as_soon_as_they_are_opened_end_the_connection() {
    let house = House::new().await;
    let request = request();

    let ended = flood(&house, 50_000, |number| {
        let mut both = frame(HEADERS, END_HEADERS, stream(number), &request);
        both.extend(frame(RST_STREAM, 0, stream(number), &8_u32.to_be_bytes()));
        both
    });

    assert!(ended.await);
    searched(&house).await;
}

#[tokio::test]
async fn streams_that_make_the_directory_reset_them_end_the_connection() {
    let house = House::new().await;
    let request = request();

    // A window that is updated by nothing is an error of the stream (RFC 9113, 6.9).
    let ended = flood(&house, 50_000, |number| {
        let mut both = frame(HEADERS, END_HEADERS, stream(number), &request);
        both.extend(frame(
            WINDOW_UPDATE,
            0,
            stream(number),
            &0_u32.to_be_bytes(),
        ));
        both
    });

    assert!(ended.await);
    searched(&house).await;
}

#[tokio::test]
async fn headers_that_never_end_are_not_kept() {
    let house = House::new().await;
    let filler = [b'x'; 4_000];

    let ended = flood(&house, 20_000, |number| match number {
        0 => frame(HEADERS, 0, 1, &request()),
        _ => frame(CONTINUATION, 0, 1, &filler),
    });

    assert!(ended.await);
    searched(&house).await;
}

#[tokio::test]
async fn floods_of_pings_settings_and_empty_data_disturb_nobody_else() {
    let house = House::new().await;
    for (what, one) in [
        ("pings", frame(PING, 0, 0, &[0; 8])),
        ("settings", frame(SETTINGS, 0, 0, &[])),
        ("data of no stream", frame(DATA, 0, 1, &[])),
    ] {
        let flooding = flood(&house, 200_000, |_| one.clone());
        let searching = async {
            for _ in 0..5 {
                searched(&house).await;
            }
        };

        let (ended, ()) = tokio::join!(flooding, searching);

        eprintln!(
            "a flood of {what} {} the connection",
            if ended { "ended" } else { "did not end" }
        );
        searched(&house).await;
    }
}

#[tokio::test]
async fn headers_that_unpack_to_more_than_they_are_answer_nothing() {
    let house = House::new().await;
    // One large header put into the dynamic table, then named again and again.
    let mut block = request();
    block.extend([0x40, 1, b'a', 0x7f, 0xa1, 0x1e]);
    block.extend([b'v'; 4_000]);
    block.extend(std::iter::repeat_n(0xbe, 10_000));

    let mut bomb = TcpStream::connect(house.public).await.unwrap();
    bomb.write_all(PREFACE).await.unwrap();
    bomb.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
    bomb.write_all(&frame(HEADERS, END_HEADERS, 1, &block))
        .await
        .unwrap();

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
        connection.write_all(PREFACE).await.unwrap();
        // SETTINGS_INITIAL_WINDOW_SIZE = 0: the directory may not send a byte of any answer.
        let shut = [0, 4, 0, 0, 0, 0];
        connection
            .write_all(&frame(SETTINGS, 0, 0, &shut))
            .await
            .unwrap();
        for number in 0..64 {
            let asked = frame(HEADERS, END_HEADERS | 1, stream(number), &request());
            connection.write_all(&asked).await.unwrap();
        }
        stalled.push(connection);
    }

    searched(&house).await;
    assert_eq!(stalled.len(), 50);
}
