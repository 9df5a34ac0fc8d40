//! What was listed and free in the past.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use directory_server::history::{Capacity, Change, History, Past, Subject};
use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};
use tempfile::TempDir;

use crate::snapshots::worn;
use crate::support::house::Stopped;
use crate::support::house::noon;
use crate::support::records::{open, organization, service};
use crate::support::{Agency, House, files};

fn agency(number: u8) -> AgencyId {
    AgencyId::parse(&format!("agency-{number}")).unwrap()
}

fn id(number: u8) -> LocalId {
    LocalId::parse(&format!("service-{number}")).unwrap()
}

fn listing(of: u8, number: u8) -> Subject {
    Subject::Listing(RecordKey {
        agency: agency(of),
        kind: Kind::ALL[usize::from(number % 3)],
        id: id(number),
    })
}

fn places(available: u32, expires_at: Option<Timestamp>) -> Change {
    Change::Reported(Capacity {
        state: 3,
        available: Some(available),
        expires_at,
    })
}

fn capacity(of: u8, number: u8, location: Option<u8>) -> Subject {
    Subject::Capacity(agency(of), id(number), location.map(id))
}

fn after(seconds: i64) -> Timestamp {
    noon() + SignedDuration::from_secs(seconds)
}

fn any_change() -> impl Strategy<Value = (Subject, Change)> {
    let listed = (0..3_u8, 0..6_u8, any::<bool>()).prop_map(|(of, number, published)| {
        let change = if published {
            Change::Published
        } else {
            Change::Removed
        };
        (listing(of, number), change)
    });
    let location = proptest::option::of(0..2_u8);
    let said = (
        0..16_u8,
        proptest::option::of(any::<u32>()),
        proptest::option::of(0..200_000_000_i64),
    );
    let reported = (0..3_u8, 0..6_u8, location, said).prop_map(|(of, number, location, said)| {
        let (state, available, expires) = said;
        let capacity = Capacity {
            state,
            available,
            expires_at: expires.map(|later| after(200_000_000 + later)),
        };
        (
            self::capacity(of, number, location),
            Change::Reported(capacity),
        )
    });
    prop_oneof![listed, reported]
}

/// The same by hand: the last change of everything.
fn naive(steps: &[(i64, Vec<(Subject, Change)>)], until: i64) -> BTreeMap<Subject, Change> {
    let mut all = BTreeMap::new();
    for (_, changes) in steps.iter().filter(|(at, _)| *at <= until) {
        all.extend(changes.iter().cloned());
    }
    all.retain(|_, change| *change != Change::Removed);
    all
}

fn told(past: &Past) -> BTreeMap<Subject, Change> {
    let listed = past.listed.keys().cloned();
    let listed = listed.map(|record| (Subject::Listing(record), Change::Published));
    let capacities = past.capacities.iter().map(|(key, capacity)| {
        let (agency, service, location) = key.clone();
        let subject = Subject::Capacity(agency, service, location);
        (subject, Change::Reported(*capacity))
    });
    listed.chain(capacities).collect()
}

proptest! {
    /// Over months, with restarts anywhere.
    #[test]
    fn any_time_in_the_past_is_what_the_changes_until_then_make_it(
        steps in vec((0..2_000_000_i64, vec(any_change(), 1..5), any::<bool>()), 1..40),
        asked in vec(0..80_000_000_i64, 1..10),
    ) {
        let folder = TempDir::new().unwrap();
        let mut history = History::open(folder.path()).unwrap();
        let (mut at, mut index) = (0, 0);
        let mut known = Vec::new();
        for (later, changes, restarts) in steps {
            at += later;
            index += 3;
            history.append(index, after(at), &changes).unwrap();
            known.push((at, changes));
            if restarts {
                history = History::open(folder.path()).unwrap();
                prop_assert_eq!(history.reached(), index);
            }
        }
        for until in asked.into_iter().chain([at, 0, -1]) {
            let past = history.as_of(after(until)).unwrap();
            prop_assert_eq!(told(&past), naive(&known, until), "at {}", until);
        }
    }
}

fn months(folder: &Path) -> Vec<PathBuf> {
    let mut months = files(folder);
    months.sort_unstable();
    months
}

#[test]
fn a_torn_end_is_cut_and_said_so_by_the_index_reached() {
    let folder = TempDir::new().unwrap();
    let mut history = History::open(folder.path()).unwrap();
    for index in 1..=20 {
        let change = (capacity(1, 2, None), places(1, None));
        history
            .append(index, after(i64::try_from(index).unwrap()), &[change])
            .unwrap();
    }
    let month = months(folder.path()).remove(0);
    let whole = fs::read(&month).unwrap();
    let mut reached = Vec::new();
    for length in (0..=whole.len()).rev() {
        fs::write(&month, &whole[..length]).unwrap();
        let history = History::open(folder.path()).unwrap();
        reached.push(history.reached());
        if !month.exists() {
            assert_eq!(history.reached(), 0);
        }
    }

    assert_eq!(reached[0], 20);
    assert!(reached.is_sorted_by(|a, b| a >= b));
    assert_eq!(reached.last(), Some(&0));
}

#[test]
fn what_was_cut_off_can_be_taken_in_again() {
    let folder = TempDir::new().unwrap();
    let mut history = History::open(folder.path()).unwrap();
    let change = |number| [(capacity(number, 2, None), places(u32::from(number), None))];
    for index in 1..=9_u8 {
        history
            .append(u64::from(index), after(i64::from(index)), &change(index))
            .unwrap();
    }
    let whole = history.as_of(after(100)).unwrap();
    let month = months(folder.path()).remove(0);
    let bytes = fs::read(&month).unwrap();
    fs::write(&month, &bytes[..bytes.len() * 2 / 3]).unwrap();

    let mut history = History::open(folder.path()).unwrap();
    let reached = u8::try_from(history.reached()).unwrap();
    assert!((1..9).contains(&reached));
    for index in reached + 1..=9 {
        history
            .append(u64::from(index), after(i64::from(index)), &change(index))
            .unwrap();
    }

    assert_eq!(history.as_of(after(100)).unwrap(), whole);
    assert_eq!(fs::read(&month).unwrap(), bytes);
}

#[test]
fn damage_in_an_earlier_month_is_found_and_named() {
    let folder = TempDir::new().unwrap();
    let mut history = History::open(folder.path()).unwrap();
    for index in 1..=10_u8 {
        let change = (capacity(index, 2, None), places(1, None));
        let at = after(i64::from(index) * 7 * 86_400);
        history.append(u64::from(index), at, &[change]).unwrap();
    }
    let first = months(folder.path()).remove(0);
    let whole = fs::read(&first).unwrap();
    let asked = after(7 * 86_400 * 3);
    let before = history.as_of(asked).unwrap();
    let mut found = 0;
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(&first, bytes).unwrap();
        match history.as_of(asked) {
            Ok(past) => assert_eq!(past, before, "bit {bit}"),
            Err(error) => {
                found += 1;
                assert!(error.to_string().contains("damaged"), "{error}");
            }
        }
    }

    assert!(found > whole.len() * 7, "{found}");
}

#[test]
fn the_order_of_the_journal_is_kept() {
    let folder = TempDir::new().unwrap();
    let mut history = History::open(folder.path()).unwrap();
    let change = [(listing(1, 1), Change::Published)];
    history.append(5, after(5), &change).unwrap();

    assert!(history.append(5, after(6), &change).is_err());
    assert!(history.append(4, after(6), &change).is_err());
    history.append(6, after(1), &change).unwrap();
    assert_eq!(history.reached(), 6);
}

/// 2,000 services that report all day, one report to a journal batch, as it is when nobody hurries:
/// the longest frames there are. Listings change now and then.
#[test]
fn a_change_takes_at_most_24_bytes() {
    let folder = TempDir::new().unwrap();
    let mut history = History::open(folder.path()).unwrap();
    let mut changes: u64 = 0;
    let services: Vec<Subject> = (0..2_000)
        .map(|number| {
            let service = LocalId::parse(&format!("h-{number:032x}")).unwrap();
            Subject::Capacity(agency(u8::try_from(number % 100).unwrap()), service, None)
        })
        .collect();
    for day in 0..27_i64 {
        for (number, service) in services.iter().enumerate() {
            changes += 1;
            let at = after(day * 86_400 + i64::try_from(number).unwrap() * 43);
            let expires = at + SignedDuration::from_hours(24 * 14);
            let change = places(u32::try_from(number % 40).unwrap(), Some(expires));
            history
                .append(changes, at, &[(service.clone(), change)])
                .unwrap();
        }
    }
    let written: u64 = months(folder.path())
        .iter()
        .map(|month| fs::metadata(month).unwrap().len())
        .sum();

    println!(
        "{changes} changes of {} services in {written} bytes: {}.{} bytes a change",
        services.len(),
        written / changes,
        written * 10 / changes % 10
    );
    assert!(written <= changes * 24);
}

/// The history of a directory that is stopped, as of now.
fn of(stopped: &Stopped) -> Past {
    let history = History::open(&stopped.data.path().join("history")).unwrap();
    history.as_of(Timestamp::MAX).unwrap()
}

/// A directory in which things were published, reported and withdrawn.
async fn lived() -> Stopped {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let operations = vec![
        agency.publish(organization("org")),
        agency.publish(service("food", "Food Pantry")),
        agency.publish(service("legal", "Legal Clinic")),
        agency.withdraw(Kind::Service, "food"),
    ];
    stream.operations(operations).await;
    let reports = vec![
        agency.report(open("legal", 4)),
        agency.report(open("legal", 2)),
    ];
    stream.reports(reports).await;
    house.until_found("Legal Clinic").await;
    house.stop().await
}

#[tokio::test]
async fn a_directory_remembers_what_was_listed_and_free() {
    let stopped = lived().await;

    let past = of(&stopped);

    let listed: Vec<String> = past.listed.keys().map(|key| key.id.to_string()).collect();
    assert_eq!(listed, ["org", "legal"]);
    let free: Vec<Option<u32>> = past.capacities.values().map(|c| c.available).collect();
    assert_eq!(free, [Some(2)]);
    assert!(
        past.capacities
            .values()
            .all(|c| c.expires_at > Some(noon()))
    );
}

#[tokio::test]
async fn a_lost_or_torn_history_is_folded_again_from_the_journal() {
    for lost in [true, false] {
        let stopped = lived().await;
        let before = of(&stopped);
        let folder = stopped.data.path().join("history");
        if lost {
            fs::remove_dir_all(&folder).unwrap();
        } else {
            let month = months(&folder).remove(0);
            let bytes = fs::read(&month).unwrap();
            fs::write(&month, &bytes[..bytes.len() / 2]).unwrap();
        }

        let stopped = stopped.start().await.unwrap().stop().await;

        assert_eq!(of(&stopped), before, "lost: {lost}");
    }
}

#[tokio::test]
async fn where_the_journal_was_dropped_a_lost_history_goes_on_from_the_snapshot() {
    let (stopped, _, _) = worn().await;
    let before = told(&of(&stopped));
    fs::remove_dir_all(stopped.data.path().join("history")).unwrap();

    let stopped = stopped.start().await.unwrap().stop().await;

    assert_eq!(told(&of(&stopped)), before);
    assert!(before.len() > 12);
}
