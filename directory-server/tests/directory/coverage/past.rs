//! Reports of the past, from the history.

use std::sync::Arc;
use std::time::Duration;

use directory_server::operations::CoverageError;
use referral_core::catalog::{
    Area, Attribute, Effect, Field, Language, LanguageMode, LanguageTag, Record, Rule, Service,
    ServiceArea, Values,
};
use referral_core::coverage::{Measured, Query, Report};
use referral_core::geo::{CountyFips, StateCode, Zip};
use referral_core::id::Kind;
use referral_core::policy::Viewer;
use referral_core::search;
use referral_core::vocabulary::Code;
use referral_proto::v1;

use super::bond;
use crate::support::house::noon;
use crate::support::records::{
    confidential, location, name, of_organization, offered, open, organization, plain_service,
    report,
};
use crate::support::stream::Stream;
use crate::support::town::town;
use crate::support::{Agency, House};

/// Questions that differ in what they filter and what they measure.
fn questions() -> Vec<Query> {
    let mut questions: Vec<Query> = [
        Measured::NearestOpen,
        Measured::CoverageAt,
        Measured::KCoverage,
        Measured::Catchment,
        Measured::PeoplePerPlace,
        Measured::DeadEnds,
        Measured::TimeToFirstOpen,
    ]
    .map(bond)
    .to_vec();
    let filtered = |change: fn(&mut search::Query)| {
        let mut query = bond(Measured::CoverageAt);
        change(&mut query.filter);
        query
    };
    questions.push(Query::default());
    questions.push(filtered(|filter| "det".clone_into(&mut filter.custody)));
    questions.push(filtered(|filter| "17".clone_into(&mut filter.age)));
    questions.push(filtered(|filter| filter.languages = vec!["es".to_owned()]));
    questions.push(filtered(|filter| "free".clone_into(&mut filter.fee)));
    questions.push(filtered(|filter| "remote".clone_into(&mut filter.access)));
    for need in ["dom:leg", "dom:leg,rep:brief", "rep:brief", "x-hope:rides"] {
        let mut query = bond(Measured::CoverageAt);
        need.clone_into(&mut query.filter.need);
        questions.push(query);
    }
    let mut compared = bond(Measured::NearestOpen);
    compared.languages = vec!["es".to_owned(), "mam".to_owned(), "ht".to_owned()];
    questions.push(compared);
    questions
}

async fn reports(house: &House) -> Vec<Arc<Report>> {
    let mut reports = Vec::new();
    for query in questions() {
        reports.push(
            house
                .directory
                .coverage(&Viewer::anybody(), &query)
                .await
                .unwrap(),
        );
    }
    reports
}

/// The same questions of the moments of these reports.
async fn again(house: &House, reports: &[Arc<Report>]) -> Vec<Arc<Report>> {
    let mut asked = Vec::new();
    for (query, report) in questions().into_iter().zip(reports) {
        let query = Query {
            as_of: Some(report.question.as_of),
            ..query
        };
        asked.push(
            house
                .directory
                .coverage(&Viewer::anybody(), &query)
                .await
                .unwrap(),
        );
    }
    asked
}

/// Reports are the same to the last bit, names and all.
fn same(then: &[Arc<Report>], now: &[Arc<Report>]) {
    for (at, (then, now)) in then.iter().zip(now).enumerate() {
        assert_eq!(then.supply, now.supply, "question {at}");
        assert_eq!(then.providers, now.providers, "question {at}");
        // Whole reports are too long to be printed.
        assert!(then == now, "question {at}: another report");
    }
}

/// Services of a second agency of every kind that reports tell apart.
fn kinds() -> Vec<Record> {
    let mut records = vec![
        organization("org"),
        of_organization(location("office", "Laredo", 27.506, -99.507), "org"),
        location("north", "Waco", 31.549, -97.147),
        location("south", "Edinburg", 26.302, -98.163),
        confidential("hidden", "48029"),
    ];
    let area = |area, condition| ServiceArea {
        area,
        condition,
        name: Some(name("our area")),
    };
    let detained = Rule {
        field: Field::Custody,
        effect: Effect::Allow,
        values: Values::AnyOf(vec![name("det-any")]),
        discretionary: false,
    };
    let service = |local: &str, called: &str, change: &dyn Fn(&mut Service)| {
        let mut service = plain_service(local, called);
        service.attributes = plain_of("lc:bond");
        change(&mut service);
        Record::Service(Box::new(service))
    };
    records.push(offered("both", "Two Offices", &["north", "south"]));
    records.push(offered("hidden-one", "Hidden House", &["hidden"]));
    records.push(service("phone", "Phone Line", &|service| {
        service.remote = true;
    }));
    records.push(service("nowhere", "Not Said Where", &|_| {}));
    records.push(service("some", "Where Detained", &|service| {
        service.remote = true;
        let texas = StateCode::parse("TX").unwrap();
        service.areas = vec![
            area(Area::State(texas), Some(detained.clone())),
            area(Area::Zip(Zip::parse("78017").unwrap()), None),
            area(Area::County(CountyFips::parse("48163").unwrap()), None),
        ];
    }));
    records.push(service("spoken", "Spoken Here", &|service| {
        service.languages.push(Language {
            tag: LanguageTag::parse("ht").unwrap(),
            mode: LanguageMode::Staff,
            name: None,
            note: None,
        });
    }));
    for record in &mut records {
        if let Record::Service(service) = record {
            service.attributes = plain_of("lc:bond");
        }
    }
    for (local, code) in [
        ("rides", "x-hope:rides"),
        ("brief", "rep:brief"),
        ("other", "ho:es"),
    ] {
        let mut service = plain_service(local, "Something Else");
        service.attributes = plain_of(code);
        service.remote = true;
        records.push(Record::Service(Box::new(service)));
    }
    records
}

fn plain_of(code: &str) -> Vec<Attribute> {
    vec![Attribute {
        code: Code::parse(code).unwrap(),
        value: None,
        label: None,
    }]
}

/// A report about a service at one of its locations.
fn at(service: &str, location: &str, cases: u32) -> v1::CapacityReport {
    v1::CapacityReport {
        location_id: location.to_owned(),
        ..open(service, cases)
    }
}

/// The second agency, with its services listed and reported on.
async fn second(house: &House) -> (Agency, Stream) {
    let mut agency = Agency::join(house, "hope").await;
    let mut stream = agency.stream(house).await;
    let batch = kinds().into_iter().map(|record| agency.publish(record));
    let batch = batch.collect();
    let ack = stream.operations(batch).await;
    assert_eq!(ack.rejections, []);
    let mut closed = report("spoken", v1::CapacityState::Closed, None, None);
    closed.counts.clear();
    closed.reopens_on = "2026-06-03".to_owned();
    let reports = [
        at("both", "north", 3),
        open("both", 9),
        at("both", "south", 2),
        open("hidden-one", 1),
        open("phone", 5),
        open("nowhere", 6),
        open("some", 7),
        open("rides", 2),
        open("brief", 3),
        open("other", 4),
        closed,
    ];
    let reports = reports.into_iter().map(|report| agency.report(report));
    let reports = reports.collect();
    stream.reports(reports).await;
    house.until_found("Spoken Here").await;
    (agency, stream)
}

#[tokio::test]
async fn a_report_of_a_past_moment_is_the_report_that_was_made_then() {
    let house = town().await;
    let (mut agency, _) = second(&house).await;
    house.clock.advance(Duration::from_mins(1));
    let first = reports(&house).await;
    assert!(first[0].supply.open > 8, "{:?}", first[0].supply);
    assert!(first.iter().all(|report| report.supply.pools > 0));
    same(&again(&house, &first).await, &first);

    // Two days later: what was open is stale, one was to reopen; then listings and capacity change.
    house.clock.advance(Duration::from_hours(48));
    agency.renew(&house).await.unwrap();
    let mut stream = agency.stream(&house).await;
    let stale = reports(&house).await;
    assert!(stale[0].supply.stale > 0 && stale[0].supply.unknown > 0);
    house.clock.advance(Duration::from_secs(1));
    let changes = vec![
        agency.withdraw(Kind::Service, "phone"),
        agency.publish(location("north", "Austin", 30.267, -97.743)),
    ];
    stream.operations(changes).await;
    let mut again_open = open("both", 4);
    again_open.observed_at = None;
    let again_open = agency.report(again_open);
    stream.reports(vec![again_open]).await;
    house.clock.advance(Duration::from_mins(1));

    same(&again(&house, &stale).await, &stale);
    same(&again(&house, &first).await, &first);
    let afterwards = reports(&house).await;
    assert_ne!(afterwards[0].supply, stale[0].supply);
}

#[tokio::test]
async fn a_report_of_the_past_is_the_same_after_a_restart_and_in_another_month() {
    let house = town().await;
    let (mut agency, _) = second(&house).await;
    house.clock.advance(Duration::from_mins(1));
    let before = reports(&house).await;

    // July, and the directory's own certificate is still good.
    house.clock.advance(Duration::from_hours(24 * 30 - 1));
    agency.renew(&house).await.unwrap();
    let mut stream = agency.stream(&house).await;
    let report = agency.report(open("phone", 1));
    stream.reports(vec![report]).await;
    drop(stream);
    let house = house.again().await;

    same(&again(&house, &before).await, &before);
}

#[tokio::test]
async fn what_was_reported_before_a_restore_is_stale_after_it_and_open_before() {
    let house = town().await;
    house.clock.advance(Duration::from_mins(1));
    let before = reports(&house).await;
    let stopped = house.stop().await;
    let folder = tempfile::tempdir().unwrap();
    let (backup, data) = (folder.path().join("backup"), folder.path().join("restored"));
    let now = noon() + jiff::SignedDuration::from_mins(2);
    directory_server::backup::take_from(stopped.data.path(), &backup, now).unwrap();
    let order = directory_server::backup::Restore {
        from: &backup,
        data: &data,
        replace: false,
        let_back_in: false,
    };
    directory_server::backup::restore(&order, now).unwrap();
    crate::support::copy(&stopped.data.path().join("ca"), &data.join("ca"));
    for file in crate::support::files(stopped.data.path()) {
        std::fs::remove_file(file).unwrap();
    }
    crate::support::copy(&data, stopped.data.path());
    stopped.clock.advance(Duration::from_mins(2));

    let house = stopped.start().await.unwrap();

    same(&again(&house, &before).await, &before);
    house.clock.advance(Duration::from_mins(1));
    let after = reports(&house).await;
    assert_eq!(after[0].supply.open, 0);
    same(&again(&house, &after).await, &after);
}

#[tokio::test]
async fn a_trend_is_the_reports_of_the_ends_of_weeks() {
    let house = town().await;
    house.clock.advance(Duration::from_hours(24 * 20));

    let trend = house
        .directory
        .coverage_trend(&Viewer::anybody(), &bond(Measured::CoverageAt), 4)
        .await
        .unwrap();

    assert_eq!(trend.points.len(), 5);
    let open: Vec<u64> = trend.points.iter().map(|point| point.supply.open).collect();
    // It began on Monday, 1 June at noon, and its beds are believed for a day.
    assert_eq!(open, [0, 0, 0, 0, 0]);
    let stale: Vec<u64> = trend
        .points
        .iter()
        .map(|point| point.supply.stale)
        .collect();
    assert_eq!(stale[..2], [0, 0], "nothing was there before");
    // The clinic with a waiting list is believed for two weeks.
    let open_once = stale[2];
    assert!(open_once > 0);
    assert_eq!(stale[2..], [open_once, open_once, open_once + 1]);
    for point in &trend.points[1..4] {
        let query = Query {
            as_of: Some(point.at),
            ..bond(Measured::CoverageAt)
        };
        let report = house
            .directory
            .coverage(&Viewer::anybody(), &query)
            .await
            .unwrap();
        assert_eq!(report.summary, point.summary);
    }
}

#[tokio::test]
async fn the_future_is_refused() {
    let house = House::new().await;
    let query = Query {
        as_of: Some(noon() + jiff::SignedDuration::from_secs(1)),
        ..Query::default()
    };

    let refused = house
        .directory
        .coverage(&Viewer::anybody(), &query)
        .await
        .unwrap_err();

    let CoverageError::Refused(refused) = refused else {
        panic!("{refused}")
    };
    assert_eq!(refused[0].code, "as_of_future");
}
