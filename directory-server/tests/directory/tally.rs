//! Searches are counted and kept, without a word of what was asked.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use directory_server::tally::{Sheet, Tally, WRITE_EVERY, read};
use jiff::{Timestamp, ToSpan};
use referral_core::search::{Cause, Need, Request};
use referral_core::tally::Counts;
use referral_proto::v1;
use referral_runtime::clock::{Clock, ManualClock};

use crate::support::house::noon;
use crate::support::{House, files, until};

/// Never written by itself while a test runs.
const LATER: Duration = Duration::from_hours(1);

fn start(folder: &Path, every: Duration, now: Timestamp) -> Tally {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(now));
    Tally::open(folder, every, clock).unwrap()
}

fn needing(need: &str) -> Request {
    Request {
        need: Some(Need::parse(need).unwrap()),
        ..Request::any()
    }
}

/// All counts in a folder, summed over cells and weeks.
fn counted(folder: &Path) -> [u64; 6] {
    let sheets = read(folder).unwrap();
    let cells = sheets.values().flat_map(Sheet::cells);
    cells.fold([0; 6], |sum, (_, _, counts): (_, _, &Counts)| {
        let numbers = counts.numbers();
        std::array::from_fn(|at| sum[at] + numbers[at])
    })
}

#[test]
fn what_was_counted_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let tally = start(folder.path(), LATER, noon());
        tally.count(&needing("lc:bond"), 3, None, noon());
        tally.count(&needing("lc:bond"), 0, Some(Cause::Capacity), noon());
        tally.count(&needing("ho:es"), 0, None, noon());
        tally.close();
    }

    assert_eq!(counted(folder.path()), [2, 2, 0, 0, 0, 2]);
    let sheets = read(folder.path()).unwrap();
    let weeks: Vec<String> = sheets.keys().map(ToString::to_string).collect();
    assert_eq!(weeks, ["2026-W23"]);
}

#[test]
fn what_was_written_outlives_a_process_that_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let tally = start(folder.path(), Duration::ZERO, noon());
    tally.count(&needing("lc:bond"), 0, Some(Cause::Area), noon());
    while counted(folder.path()) != [0, 0, 1, 0, 0, 0] {
        std::thread::yield_now();
    }
    std::mem::forget(tally); // nothing is written at the end
    fs::write(folder.path().join(".2026-W23.tsv.new"), "half a fi").unwrap();

    let tally = start(folder.path(), LATER, noon());
    tally.count(&needing("lc:bond"), 1, None, noon());
    tally.close();

    assert_eq!(counted(folder.path()), [1, 0, 1, 0, 0, 0]);
}

#[test]
fn a_damaged_week_is_set_aside_and_counting_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("2026-W23.tsv");
    fs::write(&file, "need\tcounty\n").unwrap();
    assert!(read(folder.path()).is_err());

    let tally = start(folder.path(), LATER, noon());
    tally.count(&needing("lc:bond"), 1, None, noon());
    tally.close();

    assert_eq!(counted(folder.path()), [1, 0, 0, 0, 0, 0]);
    assert!(folder.path().join("2026-W23.damaged").exists());
}

#[test]
fn weeks_long_past_are_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let tally = start(folder.path(), LATER, noon());
    tally.count(&needing("lc:bond"), 1, None, noon());
    tally.close();

    start(folder.path(), LATER, noon() + (41 * 24).hours()).close();
    assert_eq!(counted(folder.path()), [1, 0, 0, 0, 0, 0]);
    start(folder.path(), LATER, noon() + (42 * 24).hours()).close();
    assert_eq!(files(folder.path()), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_folder_that_cannot_be_written_costs_no_search() {
    let folder = tempfile::tempdir().unwrap();
    let tally = start(folder.path(), Duration::ZERO, noon());
    fs::create_dir(folder.path().join("2026-W23.tsv")).unwrap(); // nothing can take its place
    tally.count(&needing("lc:bond"), 1, None, noon());
    tally.count(&needing("lc:bond"), 1, None, noon());

    tally.close();

    fs::remove_dir(folder.path().join("2026-W23.tsv")).unwrap();
    tally.count(&needing("lc:bond"), 1, None, noon());
}

#[test]
fn ten_thousand_searches_at_once_are_counted_or_left_out_but_never_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let tally = start(folder.path(), LATER, noon());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..2_500 {
                    tally.count(&needing("lc:bond"), 1, None, noon());
                }
            });
        }
    });
    tally.close();

    let [open, rest @ ..] = counted(folder.path());
    assert!((4_096..=10_000).contains(&open), "{open}");
    assert_eq!(rest, [0; 5]);
}

#[tokio::test]
async fn a_running_directory_counts_its_searches_and_keeps_no_word_of_them() {
    let house = House::new().await;
    let request = v1::SearchRequest {
        need: vec!["lc:bond".to_owned()],
        text: "secretplight".to_owned(),
        serves: "78017".to_owned(),
        ..v1::SearchRequest::default()
    };
    for _ in 0..3 {
        house.ask(request.clone()).await.unwrap();
    }
    let stopped = house.stop().await;

    let folder = stopped.data.path().join("searches");
    assert_eq!(counted(&folder).iter().sum::<u64>(), 3);
    let sheets = read(&folder).unwrap();
    let cell = sheets.values().next().unwrap().cells().next().unwrap();
    assert_eq!(cell.0.to_string(), "lc:bond");
    assert_eq!(cell.1.unwrap().to_string(), "48163");
    for file in files(stopped.data.path()) {
        let bytes = fs::read(&file).unwrap();
        let found = bytes.windows(12).any(|part| part == b"secretplight");
        assert!(!found, "{}", file.display());
    }
}

#[tokio::test]
async fn counts_are_written_while_the_directory_runs() {
    assert!(WRITE_EVERY <= Duration::from_secs(5));
    let house = House::new().await;
    let request = v1::SearchRequest {
        serves: "78017".to_owned(),
        ..v1::SearchRequest::default()
    };
    house.ask(request).await.unwrap();

    let folder = house.folder("searches");
    until("the search is on disk", async || {
        counted(&folder).iter().sum::<u64>() == 1
    })
    .await;
}
