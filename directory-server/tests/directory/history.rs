//! What was listed and free in the past.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use directory_server::history::{Capacity, Change, History, Past, Reader, Said, Subject};
use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use referral_core::capacity::{State, Stated, Ttl, Unit};
use referral_core::catalog::{
    Area, Attribute, Language, LanguageMode, LanguageTag, Offer, Record, ServiceArea,
};
use referral_core::geo::CountyFips;
use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};
use referral_core::vocabulary::Code;
use referral_runtime::clock::{Clock, SystemClock};
use tempfile::TempDir;

use crate::snapshots::worn;
use crate::support::house::Stopped;
use crate::support::house::noon;
use crate::support::records::{location, name, open, organization, plain_service, service};
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

fn places(available: u32, observed_at: Timestamp) -> Change {
    Change::Reported(Capacity {
        stated: Stated::Open,
        available: Some((available, Unit::Case)),
        observed_at,
        ttl: Ttl::clamped(14 * 86_400),
        changes_at: None,
        before_restore: false,
    })
}

fn capacity(of: u8, number: u8, location: Option<u8>) -> Subject {
    Subject::Capacity(agency(of), id(number), location.map(id))
}

fn after(seconds: i64) -> Timestamp {
    noon() + SignedDuration::from_secs(seconds)
}

/// What a record of one of a few names says.
fn said(name: u8) -> Said {
    Said::of(&organization(&format!("org-{name}")))
}

fn any_capacity() -> impl Strategy<Value = Capacity> {
    let available = proptest::option::of((any::<u32>(), 0..Unit::ALL.len()));
    let changes = proptest::option::of(0..i64::MAX / 2);
    let said = (0..Stated::ALL.len(), available, 60..2_592_000_u32, changes);
    said.prop_map(|(stated, available, ttl, changes)| Capacity {
        stated: Stated::ALL[stated],
        available: available.map(|(places, unit)| (places, Unit::ALL[unit])),
        observed_at: after(-7),
        ttl: Ttl::clamped(ttl),
        changes_at: changes.map(|at| Timestamp::from_nanosecond(at.into()).unwrap()),
        before_restore: false,
    })
}

fn any_change() -> impl Strategy<Value = (Subject, Change)> {
    let listed = (0..3_u8, 0..6_u8, proptest::option::of(0..4_u8));
    let listed = listed.prop_map(|(of, number, name)| {
        let change = name.map_or(Change::Removed, |name| Change::Published(said(name)));
        (listing(of, number), change)
    });
    let location = proptest::option::of(0..2_u8);
    let reported = (0..3_u8, 0..6_u8, location, any_capacity());
    let reported = reported.prop_map(|(of, number, location, capacity)| {
        (
            self::capacity(of, number, location),
            Change::Reported(capacity),
        )
    });
    prop_oneof![listed, reported]
}

/// What stands, in a form that can be compared.
type Told = BTreeMap<Subject, Change>;

/// The same by hand: the last change of everything; a report about a whole service ends those about its locations.
fn naive(steps: &[(i64, Vec<(Subject, Change)>)], until: i64) -> Told {
    let mut all = Told::new();
    for (_, changes) in steps.iter().filter(|(at, _)| *at <= until) {
        for (subject, change) in changes {
            if let Subject::Capacity(agency, service, None) = subject {
                all.retain(|known, _| {
                    !matches!(known, Subject::Capacity(a, s, Some(_)) if (a, s) == (agency, service))
                });
            }
            all.insert(subject.clone(), change.clone());
        }
    }
    all.retain(|_, change| *change != Change::Removed);
    all
}

fn told(reader: &Reader, past: &Past) -> Told {
    let mut all = Told::new();
    let mut each = |record: &RecordKey, said: &[u8]| {
        let said = Change::Published(Said::of(&Said::read(said)?));
        all.insert(Subject::Listing(record.clone()), said);
        Some(())
    };
    reader.said(past, |_| true, &mut each).unwrap();
    for (agency, service, location, capacity) in past.capacities() {
        let of = past.reports_of(agency, service);
        assert!(of.into_iter().any(|one| one == (location, capacity)));
        let subject = Subject::Capacity(agency.clone(), service.clone(), location.cloned());
        all.insert(subject, Change::Reported(*capacity));
    }
    all
}

fn as_of(history: &History, at: Timestamp) -> Told {
    let reader = history.reader().unwrap();
    told(&reader, &reader.as_of(at).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Over months, with restarts anywhere: what was written since the last sync may be lost, and is taken in again.
    #[test]
    fn any_time_in_the_past_is_what_the_changes_until_then_make_it(
        steps in vec((0..2_000_000_i64, vec(any_change(), 1..5), 0..4_u8), 1..40),
        asked in vec(0..80_000_000_i64, 1..10),
    ) {
        let folder = TempDir::new().unwrap();
        let mut history = History::open(folder.path()).unwrap();
        let (mut at, mut index) = (0, 0);
        let mut known: Vec<(i64, Vec<(Subject, Change)>)> = Vec::new();
        for (later, changes, event) in steps {
            at += later;
            index += 3;
            history.append(index, after(at), &changes).unwrap();
            known.push((at, changes));
            if event == 0 {
                prop_assert_eq!(history.sync().unwrap(), index);
            }
            if event <= 1 {
                history = History::open(folder.path()).unwrap();
                let lost = usize::try_from((index - history.reached()).div_ceil(3)).unwrap();
                prop_assert!(event == 1 || lost == 0);
                let first = known.len() - lost;
                for (at, (seconds, changes)) in known.iter().enumerate().skip(first) {
                    let index = 3 * (u64::try_from(at).unwrap() + 1);
                    history.append(index, after(*seconds), changes).unwrap();
                }
            }
        }
        let mut times: Vec<i64> = asked.into_iter().chain([at, 0, -1]).collect();
        times.sort_unstable();
        let reader = history.reader().unwrap();
        let moments: Vec<Timestamp> = times.iter().map(|until| after(*until)).collect();
        let mut each = Vec::new();
        let mut take = |_, past: &Past| {
            each.push(told(&reader, past));
            Ok(())
        };
        reader.each(&moments, &mut take).unwrap();
        for (until, each) in times.iter().zip(each) {
            prop_assert_eq!(&as_of(&history, after(*until)), &naive(&known, *until), "at {}", until);
            prop_assert_eq!(each, naive(&known, *until), "at {}", until);
        }
    }
}

fn months(folder: &Path) -> Vec<PathBuf> {
    let mut months = files(folder);
    months.retain(|path| path.extension().is_some_and(|kind| kind == "history"));
    months.sort_unstable();
    months
}

#[test]
fn a_torn_end_is_cut_and_said_so_by_the_index_reached() {
    let folder = TempDir::new().unwrap();
    let mut history = History::open(folder.path()).unwrap();
    for index in 1..=20 {
        let change = (capacity(1, 2, None), places(1, noon()));
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
    let change = |number| [(capacity(number, 2, None), places(u32::from(number), noon()))];
    for index in 1..=9_u8 {
        history
            .append(u64::from(index), after(i64::from(index)), &change(index))
            .unwrap();
    }
    let whole = as_of(&history, after(100));
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

    assert_eq!(as_of(&history, after(100)), whole);
    assert_eq!(fs::read(&month).unwrap(), bytes);
}

#[test]
fn damage_in_an_earlier_month_is_found_and_named() {
    let folder = TempDir::new().unwrap();
    let mut history = History::open(folder.path()).unwrap();
    for index in 1..=10_u8 {
        let change = (capacity(index, 2, None), places(1, noon()));
        let at = after(i64::from(index) * 7 * 86_400);
        history.append(u64::from(index), at, &[change]).unwrap();
    }
    let first = months(folder.path()).remove(0);
    let whole = fs::read(&first).unwrap();
    let asked = after(7 * 86_400 * 3);
    let before = as_of(&history, asked);
    let mut found = 0;
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(&first, bytes).unwrap();
        match history.as_of(asked) {
            Ok(past) => {
                let reader = history.reader().unwrap();
                assert_eq!(told(&reader, &past), before, "bit {bit}");
            }
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
    let change = [(listing(1, 1), Change::Published(said(1)))];
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
            let change = places(u32::try_from(number % 40).unwrap(), at);
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

/// What a network of services says: names, codes, rules, languages and areas as they are found in practice, each
/// service with an organization and a location of its own.
#[expect(clippy::too_many_lines, reason = "most are words")]
fn network(services: u32, edition: u32) -> Vec<(Subject, Change)> {
    let mut changes = Vec::new();
    let words = [
        "Harbor",
        "Legal",
        "Family",
        "Immigrant",
        "Shelter",
        "Clinic",
        "Center",
        "Project",
        "Hope",
        "Services",
        "Community",
        "Rights",
        "Center",
        "Advocates",
        "County",
        "Bridge",
    ];
    let codes = [
        "lc:bond",
        "lc:asy-def",
        "lc:asy-aff",
        "rep:full",
        "rep:brief",
        "fee:free",
        "fee:low",
        "ho:es",
        "mh:ther",
        "dom:leg",
        "dom:hou",
        "cust:det-any",
        "cust:nondet",
        "rep:ws",
    ];
    let languages = ["es", "ht", "fr", "pt", "ar", "am", "mam", "zh"];
    let mut state = 7_u32;
    let mut dice = |sides: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state as usize / 65_536 % sides
    };
    for number in 0..services {
        let mut pick = |of: &[&str], count: usize| -> Vec<String> {
            (0..count).map(|_| of[dice(of.len())].to_owned()).collect()
        };
        let called = pick(&words, 3).join(" ");
        let (organization, at) = (format!("o-{number:06}"), format!("l-{number:06}"));
        let mut service = plain_service(&format!("s-{number:06}"), &called);
        service.organization = LocalId::parse(&organization).unwrap();
        service.attributes = pick(&codes, 6)
            .iter()
            .map(|code| Attribute {
                code: Code::parse(code).unwrap(),
                value: None,
                label: None,
            })
            .collect();
        service.languages = pick(&languages, 2)
            .iter()
            .map(|tag| Language {
                tag: LanguageTag::parse(tag).unwrap(),
                mode: LanguageMode::Staff,
                name: None,
                note: None,
            })
            .collect();
        let county = CountyFips::from_number(24_001 + 2 * (number % 24)).unwrap();
        service.areas = vec![ServiceArea {
            area: Area::County(county),
            condition: None,
            name: None,
        }];
        service.offers = vec![Offer {
            location: LocalId::parse(&at).unwrap(),
            description: None,
            areas: vec![],
            phones: vec![],
            schedules: vec![],
        }];
        // What changes from one edition to the next is what a publisher changes: a name here and there.
        if edition > 0 && number.is_multiple_of(10) {
            service.name = name(&format!("{called} {edition}"));
        }
        let place = f64::from(number % 1_000) / 250.0;
        let records = [
            self::organization(&organization),
            location(&at, "Baltimore", 37.0 + place, -79.0 + place / 2.0),
            Record::Service(Box::new(service)),
        ];
        changes.extend(records.map(|record| {
            let subject = Subject::Listing(RecordKey {
                agency: agency(u8::try_from(number % 100).unwrap()),
                kind: record.kind(),
                id: record.id().clone(),
            });
            (subject, Change::Published(Said::of(&record)))
        }));
    }
    changes
}

fn size(folder: &Path, kind: &str) -> u64 {
    let of_kind = |path: &PathBuf| path.extension().is_some_and(|of| of == kind);
    let files = files(folder).into_iter().filter(of_kind);
    files.map(|file| fs::metadata(file).unwrap().len()).sum()
}

/// 2,000 services with organization and location: published once, then again with every tenth changed.
#[test]
fn a_version_of_what_a_listing_says_takes_at_most_100_bytes() {
    let folder = TempDir::new().unwrap();
    let mut history = History::open(folder.path()).unwrap();
    for (index, (subject, change)) in (1..).zip(network(2_000, 0)) {
        history.append(index, noon(), &[(subject, change)]).unwrap();
    }
    history.sync().unwrap();
    let (first, names) = (size(folder.path(), "said"), size(folder.path(), "history"));
    for (index, (subject, change)) in (6_001..).zip(network(2_000, 1)) {
        history.append(index, noon(), &[(subject, change)]).unwrap();
    }
    history.sync().unwrap();
    let second = size(folder.path(), "said") - first;

    println!(
        "6000 versions in {first} bytes: {} bytes a version; 200 changed among 6000 published again: \
         {second} bytes, {} a version; months: {} bytes a publication",
        first / 6_000,
        second / 200,
        (size(folder.path(), "history") - names) / 6_000,
    );
    assert!(first < 6_000 * 100, "{first}");
    assert!(
        second < 200 * 300,
        "what did not change is kept once: {second}"
    );
}

/// The size and the time that the task force was promised. Long: run by hand, and optimised.
#[test]
#[ignore = "ten million changes take minutes"]
fn ten_million_changes_take_less_than_a_gibibyte_and_are_folded_in_two_seconds() {
    let folder = TempDir::new().unwrap();
    let mut history = History::open(folder.path()).unwrap();
    let services: Vec<Subject> = (0..100_000)
        .map(|number| {
            let service = LocalId::parse(&format!("h-{number:032x}")).unwrap();
            Subject::Capacity(agency(u8::try_from(number % 100).unwrap()), service, None)
        })
        .collect();
    for index in 0..10_000_000_u64 {
        let service = &services[usize::try_from(index).unwrap() % services.len()];
        let at = after(i64::try_from(index / 4).unwrap());
        let change = (
            service.clone(),
            places(u32::try_from(index % 40).unwrap(), at),
        );
        history.append(index + 1, at, &[change]).unwrap();
    }
    history.sync().unwrap();
    let written = size(folder.path(), "history");
    let clock = SystemClock::new();
    let past = history.as_of(after(2_500_000)).unwrap();

    println!(
        "{written} bytes, {} a change; folded to its end in {:?}",
        written / 10_000_000,
        clock.elapsed()
    );
    assert_eq!(past.capacities().count(), services.len());
    assert!(written < 1 << 30);
}

/// The history of a directory that is stopped.
fn of(stopped: &Stopped) -> History {
    History::open(&stopped.data.path().join("history")).unwrap()
}

fn last(stopped: &Stopped) -> Told {
    as_of(&of(stopped), Timestamp::MAX)
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

    let past = of(&stopped).as_of(Timestamp::MAX).unwrap();

    let listed: Vec<String> = past.listed().map(|(key, _)| key.id.to_string()).collect();
    assert_eq!(listed, ["org", "legal"]);
    let free: Vec<Capacity> = past.capacities().map(|(.., capacity)| *capacity).collect();
    assert_eq!(free.len(), 1);
    assert_eq!(free[0].available.map(|(places, _)| places), Some(2));
    assert_eq!(free[0].state_at(Ttl::LONGEST, noon()), State::Open);
}

#[tokio::test]
async fn a_lost_or_torn_history_is_folded_again_from_the_journal() {
    for lost in [true, false] {
        let stopped = lived().await;
        let before = last(&stopped);
        let folder = stopped.data.path().join("history");
        if lost {
            fs::remove_dir_all(&folder).unwrap();
        } else {
            let month = months(&folder).remove(0);
            let bytes = fs::read(&month).unwrap();
            fs::write(&month, &bytes[..bytes.len() / 2]).unwrap();
        }

        let stopped = stopped.start().await.unwrap().stop().await;

        assert_eq!(last(&stopped), before, "lost: {lost}");
    }
}

#[tokio::test]
async fn where_the_journal_was_dropped_a_lost_history_goes_on_from_the_snapshot() {
    let (stopped, _, _) = worn().await;
    let before = last(&stopped);
    fs::remove_dir_all(stopped.data.path().join("history")).unwrap();

    let stopped = stopped.start().await.unwrap().stop().await;

    assert_eq!(last(&stopped), before);
    assert!(before.len() > 12);
}
