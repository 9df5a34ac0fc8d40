//! Requests that no browser of ours makes: what is sent, and the one answer to it.
//!
//! The numbers are those of the list of bad inputs that the product has to withstand.

use crate::support::House;
use crate::support::http::{get, raw};

#[tokio::test]
async fn requests_that_no_browser_of_ours_makes_are_refused_and_change_nothing() {
    let house = House::new().await;
    let host = house.public;
    let mut wrong = Vec::new();
    let form = "content-type: application/x-www-form-urlencoded";
    let jar = format!("cookie: a={}", "x".repeat(64 << 10));
    for (number, lines, body, status) in [
        (
            106,
            vec!["POST / HTTP/1.1", form, "origin: https://evil.example"],
            "text=x",
            403,
        ),
        (
            106,
            vec![
                "POST / HTTP/1.1",
                form,
                "origin: null",
                "sec-fetch-site: cross-site",
            ],
            "text=x",
            403,
        ),
        (107, vec!["PATCH / HTTP/1.1", form], "text=x", 405),
        (
            109,
            vec![
                "POST / HTTP/1.1",
                "content-type: multipart/form-data; boundary=b",
            ],
            "--b\r\ncontent-length: 9999\r\n\r\nx\r\n--b--\r\n",
            400,
        ),
        (110, vec!["GET / HTTP/1.1", &jar], "", 431),
        (111, vec!["GET / HTTP/1.1", "host: other.example"], "", 400),
        (
            111,
            vec!["POST / HTTP/1.1", form, "transfer-encoding: chunked"],
            // The length does not count then (RFC 9112, 6.3), and nothing follows on the connection.
            "0\r\n\r\n",
            200,
        ),
        (
            111,
            vec!["GET / HTTP/1.1", "content-length: 5", "content-length: 6"],
            "",
            400,
        ),
        (111, vec!["GET / HTTP/1.1", "broken header"], "", 400),
    ] {
        let head = lines.join("\r\n");
        let (line, rest) = head.split_once("\r\n").unwrap_or((&head, ""));
        let length = if body.is_empty() {
            String::new()
        } else {
            format!("content-length: {}\r\n", body.len())
        };
        let text =
            format!("{line}\r\nhost: {host}\r\nconnection: close\r\n{length}{rest}\r\n\r\n{body}");

        let answer = raw(host, text.as_bytes()).await;

        let status_given = answer.map(|answer| answer.status);
        if status_given != Some(status) {
            wrong.push(format!("{number}: {line} {rest:.60}: {status_given:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(get(host, "/").await.status, 200);
}
