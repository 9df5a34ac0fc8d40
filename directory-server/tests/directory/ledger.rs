//! The write path under a disk that is full.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use referral_core::catalog::Record;
use referral_core::id::Kind;
use referral_proto::v1;
use referral_proto::v1::FenceReason;
use referral_proto::v1::publish_response::Message as Down;
use tempfile::TempDir;

use crate::support::house::Stopped;
use crate::support::records::{open, organization, plain_service, service, text};
use crate::support::{Agency, House, Stream, copy};

/// Runs a test that is ignored otherwise on a file system of its own, in a process of its own: when that
/// ends, however it ends, the file system is gone.
fn on_a_disk(mebibytes: u32, test: &str) {
    let mount_and_run =
        format!("mount -t tmpfs -o size={mebibytes}m tmpfs \"$TMPDIR\" || exit 77; exec \"$@\"");
    let place = TempDir::new().unwrap();
    let ended = Command::new("unshare")
        .args(["--mount", "sh", "-c", &mount_and_run, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env("TMPDIR", place.path())
        .output();
    let skipped = match &ended {
        Err(_) => true,
        // 1: unshare may not; 77: mount may not.
        Ok(output) => output.status.code() == Some(77) || output.stdout.is_empty(),
    };
    if skipped {
        eprintln!("SKIPPED {test}: no file system can be mounted here (not root?)");
        return;
    }
    let output = ended.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("1 passed"), "{said}{why}");
}

/// Takes all the space there is but about `leave` bytes. The file system is the one of [`on_a_disk`].
fn fill(leave: usize) -> PathBuf {
    let ballast = std::env::temp_dir().join("ballast");
    let mut file = fs::File::create(&ballast).unwrap();
    let mut size = 0;
    while file.write_all(&[1; 4_096]).is_ok() {
        size += 4_096;
    }
    let size = u64::try_from(size - leave).unwrap();
    file.set_len(size).unwrap();
    ballast
}

#[test]
fn a_full_disk() {
    on_a_disk(
        32,
        "ledger::on_a_full_disk_nothing_is_taken_searches_go_on_and_it_heals",
    );
}

#[test]
fn a_disk_that_fills() {
    on_a_disk(
        32,
        "ledger::a_disk_that_fills_while_much_is_published_loses_nothing",
    );
}

#[test]
fn a_disk_that_is_nearly_full() {
    on_a_disk(
        32,
        "ledger::capacity_and_withdrawals_are_taken_longer_than_listings",
    );
}

#[test]
fn a_disk_that_is_full_at_the_end() {
    on_a_disk(
        32,
        "ledger::a_directory_stops_on_a_full_disk_and_starts_when_there_is_room",
    );
}

/// An agency with an organization, in a directory on a disk of 32 MiB.
async fn started() -> (House, Agency) {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    stream.accepted(agency.publish(organization("org"))).await;
    stream
        .accepted(agency.publish(service("first", "First Service")))
        .await;
    house.until_found("First Service").await;
    (house, agency)
}

/// A service of about 8 KiB.
fn bulky(local: &str) -> Record {
    let mut service = plain_service(local, "Bulky Service");
    let words = (0..1_000).map(|n| format!("{local}x{n}"));
    service.description = Some(text(&words.collect::<Vec<_>>().join(" ")));
    Record::Service(Box::new(service))
}

/// Publishes until the directory says that it cannot write. Returns the operation it did not take.
async fn until_full(mut stream: Stream, agency: &mut Agency) -> v1::Signed {
    for number in 0..2_000 {
        let operation = agency.publish(bulky(&format!("bulky-{number}")));
        stream.send(vec![operation.clone()]).await;
        match stream.next().await {
            Some(Down::Ack(ack)) => assert_eq!(ack.rejections, []),
            Some(Down::Fence(fence)) => {
                assert_eq!(fence.reason(), FenceReason::Storage, "{}", fence.text);
                assert!(fence.retry_after_ms > 0);
                return operation;
            }
            other => panic!("neither taken nor refused but {other:?}"),
        }
    }
    panic!("the disk never filled up");
}

/// Every acknowledged service is found, now and after a restart, and publishing goes on.
async fn nothing_was_lost(house: House, mut agency: Agency, refused: v1::Signed) {
    let mut stream = agency.stream(&house).await;
    stream.accepted(refused).await;
    stream
        .accepted(agency.publish(service("last", "Last Service")))
        .await;
    house.until_found("Last Service").await;
    let acknowledged = usize::try_from(agency.chain.applied).unwrap() - 1;
    assert_eq!(house.total().await, acknowledged);
    assert_eq!(house.again().await.total().await, acknowledged);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a disk of its own: a_full_disk runs it there"]
async fn on_a_full_disk_nothing_is_taken_searches_go_on_and_it_heals() {
    let (house, mut agency) = started().await;
    let stream = agency.stream(&house).await;
    let ballast = fill(0);

    let refused = until_full(stream, &mut agency).await;

    assert_eq!(house.names("First Service"), ["First Service"]);
    let mut again = agency.knock(&house).await;
    assert_eq!(again.fenced().await.reason(), FenceReason::Storage);
    let invited = house
        .directory
        .enrol(&house.operator, "beacon", "Beacon")
        .await;
    assert!(invited.unwrap_err().to_string().contains("full"));
    fs::remove_file(ballast).unwrap();
    nothing_was_lost(house, agency, refused).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a disk of its own: a_disk_that_fills runs it there"]
async fn a_disk_that_fills_while_much_is_published_loses_nothing() {
    for leave in [200_000, 2_500_000, 5_000_000] {
        let (house, mut agency) = started().await;
        let stream = agency.stream(&house).await;
        let ballast = fill(leave);

        let refused = until_full(stream, &mut agency).await;

        assert_eq!(house.names("First Service"), ["First Service"]);
        fs::remove_file(ballast).unwrap();
        nothing_was_lost(house, agency, refused).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a disk of its own: a_disk_that_is_nearly_full runs it there"]
async fn capacity_and_withdrawals_are_taken_longer_than_listings() {
    let (house, mut agency) = started().await;
    // Less than the eighth that listings leave alone, more than half of it.
    let ballast = fill(3_000_000);
    let mut stream = agency.stream(&house).await;

    let report = agency.report(open("first", 4));
    stream.reports(vec![report]).await;
    stream
        .accepted(agency.withdraw(Kind::Service, "first"))
        .await;
    let refused = until_full(stream, &mut agency).await;

    assert_eq!(house.names(""), Vec::<String>::new());
    fs::remove_file(ballast).unwrap();
    let mut stream = agency.stream(&house).await;
    stream.accepted(refused).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a disk of its own: a_disk_that_is_full_at_the_end runs it there"]
async fn a_directory_stops_on_a_full_disk_and_starts_when_there_is_room() {
    let (house, mut agency) = started().await;
    let mut stream = agency.stream(&house).await;
    let batch = (0..50).map(|number| agency.publish(bulky(&format!("bulky-{number}"))));
    stream.operations(batch.collect()).await;
    fill(0);

    let stopped = house.stop().await;

    // What a stopped process would let go of is still held by this one: only its files move on.
    let data = TempDir::new_in("/var/tmp").unwrap();
    copy(
        &stopped.data.path().join("journal"),
        &data.path().join("journal"),
    );
    copy(&stopped.data.path().join("ca"), &data.path().join("ca"));
    let house = Stopped::new(data).start().await.unwrap();
    assert_eq!(house.total().await, 51);
}
