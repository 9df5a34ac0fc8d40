//! Snapshots of what the journal folds to, and the journal dropped behind them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use directory_server::backup::{Restore, restore};
use directory_server::ledger::Ledger;
use referral_core::catalog::Record;
use referral_core::id::Kind;
use referral_proto::v1;
use tempfile::TempDir;

use crate::support::house::{Stopped, noon};
use crate::support::records::{coded, open, organization, plain_service, service, text};
use crate::support::{Agency, House, copy, files};

const SECOND: Duration = Duration::from_secs(1);

/// A directory that makes a snapshot at every stop and keeps of its journal only what it must.
pub(crate) fn forgetful() -> Stopped {
    let mut stopped = Stopped::new(tempfile::tempdir().unwrap());
    stopped.config.journal.snapshot_records = 1;
    stopped.config.journal.segment_bytes = 2_000;
    stopped.config.journal.keep = Duration::ZERO;
    stopped
}

/// A service whose description takes up some room.
fn wordy(local: &str, called: &str) -> Record {
    let mut service = plain_service(local, called);
    service.description = Some(text(&"many words ".repeat(20)));
    Record::Service(Box::new(service))
}

/// A bit of everything, in three runs: two snapshots, and a journal that no longer begins at the beginning.
pub(crate) async fn worn() -> (Stopped, Agency, Vec<v1::SearchResult>) {
    worn_by("harbor").await
}

async fn worn_by(agency: &str) -> (Stopped, Agency, Vec<v1::SearchResult>) {
    let house = forgetful().start().await.unwrap();
    let mut agency = Agency::join(&house, agency).await;
    let mut stream = agency.stream(&house).await;
    stream.accepted(agency.publish(organization("org"))).await;
    for number in 0..12 {
        let local = format!("s{number}");
        let record = wordy(&local, &format!("Service {number}"));
        stream.accepted(agency.publish(record)).await;
    }
    let report = agency.report(open("s1", 4));
    stream.reports(vec![report]).await;
    let house = later(house).await;
    let mut stream = agency.stream(&house).await;
    stream
        .accepted(agency.publish(wordy("s2", "Renamed Service")))
        .await;
    stream.accepted(agency.withdraw(Kind::Service, "s3")).await;
    let report = agency.report(open("s2", 2));
    stream.reports(vec![report]).await;
    let house = later(house).await;
    let mut stream = agency.stream(&house).await;
    stream
        .accepted(agency.publish(service("late", "Late Service")))
        .await;
    house.until_found("Late Service").await;
    house.clock.advance(SECOND);
    let answers = house.everything().await;
    assert_eq!(answers.len(), 12);
    (house.stop().await, agency, answers)
}

/// Stops a second later, when what was written is old enough to be dropped, and starts again.
async fn later(house: House) -> House {
    house.clock.advance(SECOND);
    house.again().await
}

fn journal(stopped: &Stopped) -> Vec<String> {
    names(&stopped.data.path().join("journal"))
}

fn names(folder: &Path) -> Vec<String> {
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let mut names: Vec<String> = files(folder).iter().map(name).collect();
    names.sort_unstable();
    names
}

/// The snapshots, oldest first.
fn snapshots(stopped: &Stopped) -> Vec<PathBuf> {
    let mut all = files(&stopped.data.path().join("snapshots"));
    all.retain(|path| path.extension().is_some_and(|end| end == "snapshot"));
    all.sort_unstable();
    all
}

fn begins_later(stopped: &Stopped) -> bool {
    let first = format!("{:020}.journal", 1);
    !journal(stopped).contains(&first)
}

#[tokio::test]
async fn a_lost_store_is_rebuilt_from_the_snapshot_and_the_journal_after_it() {
    for lost in [&[][..], &["store"], &["index"], &["store", "index"]] {
        let (stopped, _, before) = worn().await;
        assert!(begins_later(&stopped), "{:?}", journal(&stopped));
        for folder in lost {
            fs::remove_dir_all(stopped.data.path().join(folder)).unwrap();
        }

        let house = stopped.start().await.unwrap();

        assert_eq!(house.everything().await, before, "{lost:?} lost");
    }
}

#[tokio::test]
async fn two_snapshots_are_kept_and_the_journal_back_to_the_older() {
    let (stopped, ..) = worn().await;

    let index = |path: &PathBuf| -> u64 {
        let name = path.file_stem().unwrap().to_str().unwrap();
        name.parse().unwrap()
    };
    let kept: Vec<u64> = snapshots(&stopped).iter().map(index).collect();

    assert_eq!(kept.len(), 2);
    let first = journal(&stopped).into_iter().next().unwrap();
    let first: u64 = first.split_once('.').unwrap().0.parse().unwrap();
    assert!(first > 1 && first <= kept[0] + 1, "{first}, {kept:?}");
}

#[tokio::test]
async fn an_agency_goes_on_where_it_stopped_although_its_log_was_dropped() {
    let (stopped, mut agency, _) = worn().await;
    let house = stopped.start().await.unwrap();

    let mut stream = agency.stream(&house).await;
    // The base of the record, the chain, what others refer to, the counter of reports: all are known.
    stream
        .accepted(agency.publish(wordy("s5", "Changed Service")))
        .await;
    let before = agency.copy();
    let withdrawn = agency.withdraw(Kind::Organization, "org");
    stream.send(vec![withdrawn]).await;
    let refused = stream.ack().await.rejections;
    assert_eq!(refused[0].code, "still_referenced");
    agency.refused_since(&before);
    stream
        .accepted(agency.publish(service("s3", "Back Again")))
        .await;
    let report = agency.report(open("s5", 1));
    stream.reports(vec![report]).await;

    house.until_found("Back Again").await;
    assert_eq!(house.total().await, 13);
}

#[tokio::test]
async fn a_damaged_newest_snapshot_is_set_aside_and_the_one_before_serves() {
    for at in [0, 9, 40, 900] {
        let (stopped, _, before) = worn().await;
        fs::remove_dir_all(stopped.data.path().join("store")).unwrap();
        let newest = snapshots(&stopped).pop().unwrap();
        let mut bytes = fs::read(&newest).unwrap();
        bytes[at] ^= 1;
        fs::write(&newest, bytes).unwrap();

        let house = stopped.start().await.unwrap();

        assert_eq!(house.everything().await, before, "byte {at}");
        let left = names(&house.folder("snapshots"));
        assert!(left.contains(&"damaged".to_owned()), "{left:?}");
    }
}

#[tokio::test]
async fn without_any_good_snapshot_a_journal_that_begins_later_is_refused_and_left_alone() {
    let (stopped, ..) = worn().await;
    for snapshot in snapshots(&stopped) {
        let mut bytes = fs::read(&snapshot).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(snapshot, bytes).unwrap();
    }
    let before = journal(&stopped);

    let (refused, stopped) = stopped.refuses_to_start().await;

    let why = format!("{refused:#}");
    assert!(why.contains("snapshots"), "{why}");
    assert_eq!(journal(&stopped), before);
}

#[tokio::test]
async fn snapshots_of_more_than_the_journal_holds_are_refused() {
    let (stopped, ..) = worn().await;
    let (other, ..) = worn().await;
    let ahead = stopped.data.path().join("snapshots");
    let newest = snapshots(&other).pop().unwrap();
    let (_, _) = (fs::remove_dir_all(&ahead), fs::create_dir(&ahead));
    fs::copy(&newest, ahead.join(newest.file_name().unwrap())).unwrap();
    let last = journal(&stopped).pop().unwrap();
    let folder = stopped.data.path().join("journal");
    for name in journal(&stopped) {
        fs::remove_file(folder.join(name)).unwrap();
    }
    let empty = forgetful().start().await.unwrap().stop().await;
    copy(&empty.data.path().join("journal"), &folder);
    for folded in ["store", "index"] {
        fs::remove_dir_all(stopped.data.path().join(folded)).unwrap();
    }

    let (refused, _stopped) = stopped.refuses_to_start().await;

    let why = format!("{refused:#}");
    assert!(why.contains("journal"), "{why} ({last})");
}

#[tokio::test]
async fn the_snapshots_of_another_directory_are_refused() {
    let (stopped, ..) = worn().await;
    let (other, ..) = worn_by("beacon").await;
    let folder = stopped.data.path().join("snapshots");
    fs::remove_dir_all(&folder).unwrap();
    copy(&other.data.path().join("snapshots"), &folder);

    let (refused, _stopped) = stopped.refuses_to_start().await;

    let why = format!("{refused:#}");
    assert!(why.contains("another journal"), "{why}");
}

#[tokio::test]
async fn a_backup_of_a_directory_whose_journal_was_dropped_is_whole() {
    let (stopped, _, before) = worn().await;
    assert!(begins_later(&stopped));
    let place = TempDir::new().unwrap();
    let backup = place.path().join("backup");
    let house = stopped.start().await.unwrap();

    house.directory.backup(backup.clone()).await.unwrap();
    let stopped = house.stop().await;
    let order = Restore {
        from: &backup,
        data: stopped.data.path(),
        replace: true,
        let_back_in: false,
    };
    restore(&order, noon()).unwrap();
    assert!(!stopped.data.path().join("store").exists());
    let house = stopped.start().await.unwrap();

    // What was reported counts as stale after a restore: it is compared without.
    let without = |results: Vec<v1::SearchResult>| -> Vec<(String, String)> {
        let mut listed: Vec<_> = results.into_iter().map(|r| (r.id, r.name)).collect();
        listed.sort_unstable();
        listed
    };
    assert_eq!(without(house.everything().await), without(before));
}

#[tokio::test]
async fn the_journal_is_kept_for_as_long_as_it_has_to_be() {
    let mut stopped = forgetful();
    stopped.config.journal.keep = Duration::from_hours(180 * 24);
    let clock = stopped.clock.clone();
    let house = stopped.start().await.unwrap();
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    stream.accepted(agency.publish(organization("org"))).await;
    for number in 0..12 {
        let record = wordy(&format!("s{number}"), "Service");
        stream.accepted(agency.publish(record)).await;
    }
    let mut house = house.again().await;
    for (days, drops) in [(179, false), (2, true)] {
        clock.advance(Duration::from_hours(days * 24));
        // Nobody's certificate is good for so long: the operator's own acts are what is written.
        house.invite(&format!("agency-{days}")).await;
        let stopped = house.stop().await;
        assert_eq!(begins_later(&stopped), drops, "after {days} days more");
        house = stopped.start().await.unwrap();
    }
    assert_eq!(house.total().await, 12);
}

#[tokio::test]
async fn a_snapshot_made_in_steps_is_the_same_to_the_byte_as_one_made_at_once() {
    let mut stopped = forgetful();
    stopped.config.journal.keep = Duration::from_hours(24);
    let house = stopped.start().await.unwrap();
    let mut agency = Agency::join(&house, "harbor").await;
    let mut other = Agency::join(&house, "beacon").await;
    let mut house = house;
    for round in 0..5 {
        let mut stream = agency.stream(&house).await;
        stream.accepted(agency.publish(organization("org"))).await;
        for number in 0..6 {
            let local = format!("s{}", number * (round + 1) % 7);
            let beds = coded(&local, &format!("Round {round}"), &["ho:es"]);
            stream.accepted(agency.publish(beds)).await;
            let report = agency.report(open(&local, round));
            stream.reports(vec![report]).await;
        }
        stream.accepted(agency.withdraw(Kind::Service, "s0")).await;
        let mut stream = other.stream(&house).await;
        let orphan = other.publish(service("orphan", "Without Organization"));
        stream.send(vec![orphan]).await;
        assert_eq!(stream.ack().await.rejections.len(), 1);
        other.refused(Kind::Service, "orphan");
        house = house.again().await;
    }
    let stopped = house.stop().await;
    let in_steps = snapshots(&stopped).pop().unwrap();
    let fresh = TempDir::new().unwrap();
    copy(
        &stopped.data.path().join("journal"),
        &fresh.path().join("journal"),
    );

    let mut config = stopped.config.journal;
    config.snapshot_records = u64::MAX;
    let opened = Ledger::open(fresh.path(), config, u64::MAX, stopped.clock.clone()).unwrap();
    opened.ledger.make_snapshot().await.unwrap();
    opened.ledger.close();

    let at_once = fresh.path().join("snapshots");
    let at_once = at_once.join(in_steps.file_name().unwrap());
    assert_eq!(fs::read(at_once).unwrap(), fs::read(in_steps).unwrap());
}

#[tokio::test]
async fn the_time_to_live_of_a_report_stays_what_it_was_at_receipt() {
    let house = forgetful().start().await.unwrap();
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    stream.accepted(agency.publish(organization("org"))).await;
    stream
        .accepted(agency.publish(coded("beds", "Shelter", &["ho:es"])))
        .await;
    let mut report = open("beds", 4);
    report.counts.clear();
    let report = agency.report(report);
    stream.reports(vec![report]).await;
    // By its codes now, a report would be believed for 30 days.
    stream
        .accepted(agency.publish(service("beds", "Food Pantry")))
        .await;
    house.until_found("Food Pantry").await;
    let before = house.everything().await;
    let stopped = house.stop().await;
    fs::remove_dir_all(stopped.data.path().join("store")).unwrap();
    fs::remove_dir_all(stopped.data.path().join("index")).unwrap();

    let house = stopped.start().await.unwrap();

    assert_eq!(house.everything().await, before);
}

#[tokio::test]
async fn what_a_crash_left_half_written_is_cleared_away() {
    let (stopped, _, before) = worn().await;
    let aside = stopped.data.path().join("snapshots/next.aside");
    fs::write(&aside, b"refsnap1 and then the power went").unwrap();

    let house = stopped.start().await.unwrap();

    assert!(!aside.exists());
    assert_eq!(house.everything().await, before);
}

#[tokio::test]
async fn a_store_from_before_the_snapshot_is_brought_up_to_it() {
    let house = forgetful().start().await.unwrap();
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    stream.accepted(agency.publish(organization("org"))).await;
    for number in 0..12 {
        let local = format!("s{number}");
        stream
            .accepted(agency.publish(wordy(&local, "Early Service")))
            .await;
    }
    let stopped = house.stop().await;
    let old = TempDir::new().unwrap();
    for folded in ["store", "index"] {
        copy(&stopped.data.path().join(folded), &old.path().join(folded));
    }
    let mut house = stopped.start().await.unwrap();
    for round in 0..3 {
        let mut stream = agency.stream(&house).await;
        for number in 0..12 {
            let local = format!("s{number}");
            let called = format!("Round {round}");
            stream
                .accepted(agency.publish(wordy(&local, &called)))
                .await;
        }
        stream.accepted(agency.withdraw(Kind::Service, "s7")).await;
        house = later(house).await;
    }
    let before = house.everything().await;
    let stopped = house.stop().await;
    assert!(begins_later(&stopped));
    for folded in ["store", "index"] {
        let folder = stopped.data.path().join(folded);
        fs::remove_dir_all(&folder).unwrap();
        copy(&old.path().join(folded), &folder);
    }

    let house = stopped.start().await.unwrap();

    assert_eq!(house.names("Early Service"), Vec::<String>::new());
    assert_eq!(house.everything().await, before);
    assert_eq!(before.len(), 11);
}

#[tokio::test]
async fn a_report_that_waits_for_its_service_does_so_behind_a_snapshot_too_and_no_longer_than_a_day()
 {
    let house = forgetful().start().await.unwrap();
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    stream.accepted(agency.publish(organization("org"))).await;
    let early = ["late", "never"].map(|id| agency.report(open(id, 4)));
    stream.reports(early.to_vec()).await;
    house.clock.advance(Duration::from_hours(12));
    agency.renew(&house).await.unwrap();
    let house = later(house).await;
    let mut stream = agency.stream(&house).await;
    stream
        .accepted(agency.publish(service("late", "Late Clinic")))
        .await;
    house.clock.advance(Duration::from_hours(12));
    let stopped = house.stop().await;
    assert!(begins_later(&stopped), "{:?}", journal(&stopped));

    // It starts, drops what waited in vain, and a snapshot is made without it.
    let house = later(stopped.start().await.unwrap()).await;
    let stopped = house.stop().await;
    fs::remove_dir_all(stopped.data.path().join("store")).unwrap();
    let house = stopped.start().await.unwrap();
    let mut stream = agency.stream(&house).await;
    stream
        .accepted(agency.publish(service("never", "Never Clinic")))
        .await;

    house.until_found("Never Clinic").await;
    let shown = house.everything().await.into_iter().map(|one| {
        let counts = one.capacity.map_or_else(Vec::new, |known| known.counts);
        (one.name, counts.len())
    });
    let mut shown: Vec<_> = shown.collect();
    shown.sort();
    let expected = [("Late Clinic", 1), ("Never Clinic", 0)];
    assert_eq!(
        shown,
        expected.map(|(name, counts)| (name.to_owned(), counts))
    );
}
