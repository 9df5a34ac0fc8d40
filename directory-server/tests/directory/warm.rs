//! A start from the tips beside the snapshot and the rows beside the index is the start that reads everything, sooner.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use directory_server::ledger::{Beginning, Ledger};
use referral_core::capacity::Availability;
use referral_core::catalog::{Category, Record, Tier};
use referral_core::id::Kind;
use referral_core::policy::Clearance;
use referral_core::search::Request;
use tempfile::TempDir;

use crate::support::house::{Stopped, noon};
use crate::support::records::{
    coded, confidential, id, location, of_organization, offered, open, organization, plain_service,
    zip,
};
use crate::support::stream::Stream;
use crate::support::{Agency, House, copy, files, until};

/// What a start makes of the data: answers of every index, and what validation knows.
type State = BTreeMap<String, String>;

/// Numbers that look drawn.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

/// The state after a start on a copy of the data.
fn state(stopped: &Stopped) -> (State, Beginning) {
    let data = TempDir::new().unwrap();
    copy(stopped.data.path(), data.path());
    let mut config = stopped.config.journal;
    config.snapshot_records = u64::MAX;
    // A directory's first generation is the time of its beginning.
    let generation = u64::try_from(noon().as_second()).unwrap();
    let opened = Ledger::open(data.path(), config, generation, stopped.clock.clone()).unwrap();
    let mut state = State::new();
    for clearance in [Clearance::Public, Clearance::Member] {
        let index = opened.searchable.index_for(clearance);
        for (near_misses, facets) in [(false, true), (true, false)] {
            let request = Request {
                availability: Availability::Open,
                limit: 200,
                facets,
                near_misses,
                ..Request::any()
            };
            let all = Request {
                availability: Availability::Any,
                ..request.clone()
            };
            for request in [request, all] {
                let answer = index.search(&request, noon()).unwrap();
                let asked = format!("{clearance:?} {near_misses} {:?}", request.availability);
                state.insert(asked, format!("{answer:#?}"));
            }
        }
    }
    let heads = opened.ledger.heads();
    for (agency, head) in heads.agencies() {
        let tips: Vec<_> = heads.tips(agency, 0, &[]).collect();
        let known = (head, tips, heads.held(agency), heads.digest(agency));
        state.insert(agency.to_string(), format!("{known:#?}"));
    }
    drop(heads);
    opened.ledger.close();
    (state, opened.beginning)
}

/// The files that a start is sooner with.
fn beside(stopped: &Stopped) -> Vec<PathBuf> {
    let data = stopped.data.path();
    let mut all = files(&data.join("snapshots"));
    all.retain(|path| path.extension().is_some_and(|end| end == "tips"));
    let rows = ["index", "index-members"].map(|index| data.join(index).join("rows"));
    all.extend(rows.into_iter().filter(|rows| rows.exists()));
    all
}

/// What is in them, by their place in the data.
fn contents(stopped: &Stopped) -> BTreeMap<PathBuf, Vec<u8>> {
    let all = beside(stopped).into_iter().map(|path| {
        let bytes = fs::read(&path).unwrap();
        let place = path.strip_prefix(stopped.data.path()).unwrap();
        (place.to_owned(), bytes)
    });
    all.collect()
}

/// The state after a start that reads everything.
fn state_of_everything(stopped: &Stopped) -> State {
    let whole = Stopped::new(TempDir::new().unwrap());
    copy(stopped.data.path(), whole.data.path());
    for file in beside(&whole) {
        fs::remove_file(file).unwrap();
    }
    let (state, beginning) = state(&whole);
    assert!(!beginning.from_tips && beginning.read.is_none());
    state
}

/// One thing an agency says.
async fn say(agency: &mut Agency, stream: &mut Stream, dice: &mut Dice) {
    let local = format!("s{}", dice.below(6));
    let place = format!("l{}", dice.below(3));
    let organization = format!("org{}", dice.below(2));
    let record = match dice.below(10) {
        0 | 1 => {
            let codes = [&["ho:es"][..], &["lc:bond"], &["dom:hou", "x:y"], &[]];
            Some(coded(&local, "Coded", codes[dice.below(3)]))
        }
        2 | 3 => Some(offered(&local, "Offered", &["l0", &place])),
        4 => {
            let mut service = plain_service(&local, "For members");
            service.tier = [Tier::Member, Tier::Public][dice.below(2)];
            service.areas = vec![zip("21224")];
            Some(Record::Service(Box::new(service)))
        }
        5 => {
            let mut service = plain_service(&local, "Elsewhere");
            service.organization = id(&organization);
            service.remote = dice.below(2) == 0;
            Some(Record::Service(Box::new(service)))
        }
        6 => {
            let lat = 39.0 + f64::from(u32::try_from(dice.below(9)).unwrap()) / 10.0;
            let moved = location(&place, "Baltimore", lat, -76.6);
            Some(of_organization(moved, &organization))
        }
        7 => Some(confidential(&place, "24510")),
        8 => {
            let withdrawn = agency.withdraw(Kind::Service, &local);
            stream.operations(vec![withdrawn]).await;
            None
        }
        _ => {
            let report = agency.report(open(&local, 3));
            stream.reports(vec![report]).await;
            None
        }
    };
    if let Some(record) = record {
        stream.accepted(agency.publish(record)).await;
    }
}

async fn begun() -> (House, Vec<Agency>) {
    let mut stopped = Stopped::new(TempDir::new().unwrap());
    stopped.config.journal.snapshot_records = 1;
    let house = stopped.start().await.unwrap();
    let mut agencies = Vec::new();
    for name in ["harbor", "beacon", "hope"] {
        let mut agency = Agency::join(&house, name).await;
        let mut stream = agency.stream(&house).await;
        for local in ["org", "org0", "org1"] {
            stream.accepted(agency.publish(organization(local))).await;
        }
        for local in ["l0", "l1", "l2"] {
            let record = location(local, "Baltimore", 39.29, -76.61);
            stream.accepted(agency.publish(record)).await;
        }
        for local in 0..6 {
            let record = offered(&format!("s{local}"), "First", &["l0"]);
            stream.accepted(agency.publish(record)).await;
        }
        agencies.push(agency);
    }
    (house, agencies)
}

/// Stops and starts again, with a snapshot and rows of now or without.
async fn again(house: House, snapshot: bool) -> Stopped {
    let mut stopped = house.stop().await;
    stopped.config.journal.snapshot_records = if snapshot { 1 } else { u64::MAX };
    stopped
}

#[tokio::test]
async fn whatever_happened_a_start_from_tips_and_rows_knows_and_finds_what_one_that_reads_all_does()
{
    let (mut from_tips, mut from_rows) = (0, 0);
    for seed in 0..4 {
        let mut dice = Dice(seed);
        let (mut house, mut agencies) = begun().await;
        for round in 0..4 {
            for _ in 0..12 {
                let of = dice.below(agencies.len());
                let mut stream = agencies[of].stream(&house).await;
                say(&mut agencies[of], &mut stream, &mut dice).await;
            }
            if dice.below(3) == 0 {
                house.revoke("hope", Category::Legal).await;
                house.grant("hope", Category::Legal).await;
            }
            // What the next stop does is what this start is told.
            let stopped = again(house, dice.below(2) == 0).await;
            let whole = state_of_everything(&stopped);
            let (warm, beginning) = state(&stopped);
            assert_eq!(warm, whole, "seed {seed}, round {round}");
            // A stop may come before both are written: the next start reads all, and the state is the same.
            from_tips += u32::from(beginning.from_tips);
            from_rows += u32::from(beginning.read.is_some());
            house = stopped.start().await.unwrap();
        }
    }
    assert!(from_tips > 0 && from_rows > 0, "{from_tips}, {from_rows}");
}

/// A stopped directory with tips and rows of its end.
async fn kept() -> (Stopped, State) {
    kept_with(4).await
}

async fn kept_with(beds: u32) -> (Stopped, State) {
    let (house, mut agencies) = begun().await;
    let mut stream = agencies[0].stream(&house).await;
    let report = agencies[0].report(open("s1", beds));
    stream.reports(vec![report]).await;
    let stopped = house.stop().await;
    let whole = state_of_everything(&stopped);
    (stopped, whole)
}

#[tokio::test]
async fn nothing_is_read_where_nothing_was_written_after_the_rows() {
    let (stopped, whole) = kept().await;

    let (warm, beginning) = state(&stopped);

    assert_eq!(warm, whole);
    assert!(beginning.from_tips);
    assert_eq!(beginning.read, Some(0));
}

#[tokio::test]
async fn only_the_listings_of_agencies_that_published_after_the_rows_are_read() {
    let (mut stopped, _) = kept().await;
    stopped.config.journal.snapshot_records = u64::MAX;
    let house = stopped.start().await.unwrap();
    let mut late = Agency::join(&house, "late").await;
    let mut stream = late.stream(&house).await;
    stream.accepted(late.publish(organization("org"))).await;
    let stopped = house.stop().await;

    let (warm, beginning) = state(&stopped);

    assert_eq!(warm, state_of_everything(&stopped));
    assert_eq!(beginning.read, Some(1));
}

fn damaged(file: &Path, at: usize) {
    let mut bytes = fs::read(file).unwrap();
    let at = at * (bytes.len() - 1) / 4;
    bytes[at] ^= 1;
    fs::write(file, bytes).unwrap();
}

#[tokio::test]
async fn damaged_tips_and_rows_are_ignored_wherever_the_damage_is() {
    let (stopped, whole) = kept().await;
    for at in 0..=4 {
        let other = Stopped::new(TempDir::new().unwrap());
        copy(stopped.data.path(), other.data.path());
        for file in beside(&other) {
            damaged(&file, at);
        }

        let (state, beginning) = state(&other);

        assert_eq!(state, whole, "at {at} of 4");
        assert!(!beginning.from_tips && beginning.read.is_none());
    }
}

#[tokio::test]
async fn what_a_start_could_not_use_is_made_anew_unattended() {
    let (mut stopped, whole) = kept().await;
    for file in beside(&stopped) {
        damaged(&file, 2);
    }
    let amiss = contents(&stopped);
    stopped.config.journal.snapshot_records = u64::MAX;

    let house = stopped.start().await.unwrap();
    let data = house.folder("");
    until("all are made anew", async || {
        amiss.iter().all(|(file, bytes)| {
            let now = fs::read(data.join(file));
            now.is_ok_and(|now| now != *bytes)
        })
    })
    .await;
    let stopped = house.stop().await;

    let (state, beginning) = state(&stopped);
    assert_eq!(state, whole);
    assert!(beginning.from_tips);
    assert_eq!(beginning.read, Some(0));
}

#[tokio::test]
async fn tips_and_rows_of_another_directory_are_ignored() {
    let (stopped, whole) = kept().await;
    let (other, _) = kept_with(5).await;
    let foreign = beside(&other);
    for (own, foreign) in beside(&stopped).into_iter().zip(foreign) {
        fs::copy(foreign, own).unwrap();
    }

    let (state, beginning) = state(&stopped);

    assert_eq!(state, whole);
    assert!(!beginning.from_tips && beginning.read.is_none());
}
