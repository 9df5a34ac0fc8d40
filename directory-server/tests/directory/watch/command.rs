//! `directory-server watch`: what it prints, and where it goes on.

use std::process::Output;

use referral_core::id::Kind;
use serde_json::Value;
use tokio::task::spawn_blocking;

use crate::commands::{fails, program};
use crate::support::records::{open, organization, service};
use crate::support::{Agency, House, until};

/// Reads the feed of a house to its first bookmark.
async fn watch(house: &House, arguments: &[&str]) -> Output {
    let server = format!("http://{}", house.public);
    let mut command = program(&["watch", "--once", "--server", &server]);
    command.args(arguments);
    spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

fn lines(output: &Output) -> Vec<String> {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(str::to_owned).collect()
}

async fn listed(house: &House) -> Agency {
    let mut agency = Agency::join(house, "harbor").await;
    let mut stream = agency.stream(house).await;
    let batch = vec![
        agency.publish(organization("org")),
        agency.publish(service("legal", "Legal Clinic")),
    ];
    stream.operations(batch).await;
    let report = agency.report(open("legal", 4));
    stream.reports(vec![report]).await;
    house.until_found("Legal Clinic").await;
    agency
}

#[tokio::test]
async fn everything_there_is_comes_first_and_a_bookmark_says_where_to_go_on() {
    let house = House::new().await;
    let mut agency = listed(&house).await;

    let all = lines(&watch(&house, &[]).await);

    let wanted = [
        "0 agency harbor ",
        "0 published harbor organization org",
        "0 published harbor service legal",
        "0 reported harbor legal open",
    ];
    for start in wanted {
        assert!(all.iter().any(|line| line.starts_with(start)), "{all:?}");
    }
    let bookmark = all.last().unwrap().strip_prefix("bookmark ").unwrap();
    let mut stream = agency.stream(&house).await;
    let changed = agency.publish(service("legal", "Legal Clinic, renamed"));
    stream.operations(vec![changed]).await;
    house.until_found("Legal Clinic, renamed").await;
    let since = lines(&watch(&house, &["--since", bookmark]).await);
    let listings = since.iter().filter(|line| line.contains("published"));
    let listings: Vec<&String> = listings.collect();
    let last = listings.last().unwrap_or_else(|| panic!("{since:?}"));
    assert!(
        last.contains(" published harbor service legal "),
        "{since:?}"
    );
    assert!(!since[0].starts_with("snapshot"), "{since:?}");
}

#[tokio::test]
async fn a_line_says_which_operation_is_gone() {
    let house = House::new().await;
    let mut agency = listed(&house).await;
    let before = lines(&watch(&house, &[]).await);
    let listing = before
        .iter()
        .find(|line| line.contains(" harbor service legal "));
    let (_, hash) = listing.unwrap().rsplit_once(' ').unwrap();
    let bookmark = before.last().unwrap().strip_prefix("bookmark ").unwrap();

    let mut stream = agency.stream(&house).await;
    let withdrawn = agency.withdraw(Kind::Service, "legal");
    stream.operations(vec![withdrawn]).await;

    let gone = format!(" gone {hash}");
    until("the feed says that it is gone", async || {
        let after = lines(&watch(&house, &["--since", bookmark]).await);
        after.iter().any(|line| line.ends_with(&gone))
    })
    .await;
}

#[tokio::test]
async fn in_json_a_line_holds_what_was_signed_and_what_it_says() {
    let house = House::new().await;
    listed(&house).await;

    let all = lines(&watch(&house, &["--json"]).await);

    let all: Vec<Value> = all
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(all[0]["snapshot"]["generation"].is_string(), "{}", all[0]);
    let service = |line: &&Value| line["says"]["recordKind"] == "RECORD_KIND_SERVICE";
    let kinds: Vec<&Value> = all.iter().map(|line| &line["says"]).collect();
    let service = all.iter().find(service);
    let service = service.unwrap_or_else(|| panic!("{kinds:?}"));
    assert!(service["listing"]["operation"]["signature"].is_string());
    assert!(all.last().unwrap()["bookmark"]["index"].is_string());
}

#[test]
fn a_bookmark_that_is_none_is_refused() {
    fails(&["watch", "--since", "yesterday"], 2, &["--since"]);
}
