//! Capacity reports: seen at once, newest counts, refused ones are told.

use std::time::Duration;

use jiff::SignedDuration;
use referral_core::capacity::Availability;
use referral_core::federation::Epoch;
use referral_core::id::Kind;
use referral_proto::convert;
use referral_proto::v1;
use referral_proto::v1::FenceReason;
use referral_proto::v1::publish_request::Message as Up;

use crate::support::house::noon;
use crate::support::records::{coded, open, organization, report, service};
use crate::support::{Agency, House, Stream};

/// An agency with a service that is found, and its stream.
async fn listed(house: &House) -> (Agency, Stream) {
    let mut agency = Agency::join(house, "harbor").await;
    let mut stream = agency.stream(house).await;
    stream.accepted(agency.publish(organization("org"))).await;
    stream
        .accepted(agency.publish(service("legal", "Legal Clinic")))
        .await;
    house.until_found("Legal Clinic").await;
    (agency, stream)
}

/// The capacity of the only service there is, as a search shows it.
async fn shown(house: &House) -> v1::ResultCapacity {
    let any = v1::SearchRequest {
        availability: v1::Availability::Any.into(),
        ..v1::SearchRequest::default()
    };
    let mut results = house.ask(any).await.unwrap().results;
    assert_eq!(results.len(), 1);
    results.remove(0).capacity.unwrap()
}

fn available(capacity: &v1::ResultCapacity) -> Option<u32> {
    capacity.counts.first()?.available
}

#[tokio::test]
async fn a_report_is_in_the_very_next_search_after_its_acknowledgement() {
    let house = House::new().await;
    let (mut agency, mut stream) = listed(&house).await;
    assert_eq!(shown(&house).await.state(), v1::CapacityState::Unknown);

    for beds in 1..=12 {
        let report = agency.report(open("legal", beds));
        let ack = stream.reports(vec![report]).await;

        assert_eq!(ack.capacity_applied, u64::from(beds));
        assert_eq!(available(&shown(&house).await), Some(beds));
    }
    let closed = agency.report(report("legal", v1::CapacityState::Closed, None, None));
    stream.reports(vec![closed]).await;
    assert_eq!(
        house.names_among("", Availability::Open),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn reports_survive_a_restart_with_their_age() {
    let house = House::new().await;
    let (mut agency, mut stream) = listed(&house).await;
    let report = agency.report(open("legal", 4));
    stream.reports(vec![report]).await;
    house.clock.advance(Duration::from_hours(2));

    let house = house.again().await;

    let capacity = shown(&house).await;
    assert_eq!(
        (capacity.state(), available(&capacity)),
        (v1::CapacityState::Open, Some(4))
    );
    assert!(matches!(capacity.age_seconds, Some(7_199..=7_200)));
    house
        .clock
        .advance(Duration::from_hours(22) + Duration::from_secs(1));
    assert_eq!(shown(&house).await.state(), v1::CapacityState::Stale);
}

#[tokio::test]
async fn an_older_or_equal_counter_is_acknowledged_and_changes_nothing() {
    let house = House::new().await;
    let (agency, mut stream) = listed(&house).await;
    stream
        .reports(vec![agency.report_at(10, open("legal", 4))])
        .await;

    for cseq in [10, 9, 1] {
        let ack = stream
            .reports(vec![agency.report_at(cseq, open("legal", 9))])
            .await;

        assert_eq!((ack.capacity_applied, ack.rejections), (10, vec![]));
        assert_eq!(available(&shown(&house).await), Some(4));
    }
}

#[tokio::test]
async fn counters_may_have_gaps() {
    let house = House::new().await;
    let (agency, mut stream) = listed(&house).await;

    let reports = [(5, 1), (900, 2), (1_000_000, 3)];
    let reports = reports.map(|(cseq, beds)| agency.report_at(cseq, open("legal", beds)));
    let ack = stream.reports(reports.to_vec()).await;

    assert_eq!(ack.capacity_applied, 1_000_000);
    assert_eq!(available(&shown(&house).await), Some(3));
}

#[tokio::test]
async fn a_report_that_comes_before_its_listing_appears_with_it() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let early = agency.report(open("legal", 4));

    let ack = stream.reports(vec![early]).await;

    assert_eq!((ack.capacity_applied, ack.rejections), (1, vec![]));
    stream.accepted(agency.publish(organization("org"))).await;
    stream
        .accepted(agency.publish(service("legal", "Legal Clinic")))
        .await;
    house.until_found("Legal Clinic").await;
    assert_eq!(available(&shown(&house).await), Some(4));
    let house = house.again().await;
    assert_eq!(available(&shown(&house).await), Some(4));
}

#[tokio::test]
async fn a_report_that_comes_before_its_listing_is_believed_as_long_as_the_listing_allows() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let uncounted = v1::CapacityReport {
        counts: vec![],
        ..report("legal", v1::CapacityState::Waitlist, None, None)
    };
    let early = agency.report(uncounted);
    stream.reports(vec![early]).await;

    stream.accepted(agency.publish(organization("org"))).await;
    stream
        .accepted(agency.publish(coded("legal", "Legal Clinic", &["lc:bond"])))
        .await;
    house.until_found("Legal Clinic").await;

    let days = |capacity: &v1::ResultCapacity| {
        let [stale_at, observed_at] = [capacity.stale_at, capacity.observed_at].map(Option::unwrap);
        (stale_at.seconds - observed_at.seconds) / 86_400
    };
    assert_eq!(days(&shown(&house).await), 14);
    let house = house.again().await;
    assert_eq!(days(&shown(&house).await), 14);
}

#[tokio::test]
async fn reports_that_cannot_be_true_are_refused_for_good_and_the_next_is_taken() {
    let house = House::new().await;
    let (mut agency, mut stream) = listed(&house).await;
    let good = agency.report(open("legal", 4));
    stream.reports(vec![good]).await;
    let with = |change: fn(&mut v1::CapacityReport)| {
        let mut report = open("legal", 3);
        change(&mut report);
        report
    };
    let cases = [
        (
            "available_exceeds_maximum",
            "counts[0].available",
            open("legal", 13),
        ),
        ("open_without_places", "state", open("legal", 0)),
        ("unit_twice", "counts", with(|r| r.counts.push(r.counts[0]))),
        (
            "too_many",
            "counts",
            with(|r| r.counts = vec![r.counts[0]; 7]),
        ),
        ("unknown_value", "state", with(|r| r.state = 99)),
        ("capacity_state_invalid", "state", with(|r| r.state = 0)),
        (
            "ttl_out_of_range",
            "ttl_seconds",
            with(|r| r.ttl_seconds = 59),
        ),
        ("id_invalid", "service_id", with(|r| r.service_id.clear())),
        (
            "id_invalid",
            "service_id",
            with(|r| r.service_id = "../../x".to_owned()),
        ),
        (
            "id_invalid",
            "location_id",
            with(|r| r.location_id = "a b".to_owned()),
        ),
        (
            "timestamp_invalid",
            "observed_at",
            with(|r| r.observed_at.as_mut().unwrap().nanos = 2_000_000_000),
        ),
    ];
    for (code, field, wrong) in cases {
        let (wrong, next) = (agency.report(wrong), agency.report(open("legal", 5)));

        let ack = stream.reports(vec![wrong, next]).await;

        assert_eq!(ack.capacity_applied, agency.cseq);
        assert_eq!(ack.rejections.len(), 1, "{field} {code}");
        let said = &ack.rejections[0];
        assert_eq!((said.seq, said.cseq), (0, agency.cseq - 1));
        assert_eq!((said.code.as_str(), said.field.as_str()), (code, field));
        assert!(
            !said.text.is_empty() && !said.text.contains("../../x"),
            "{}",
            said.text
        );
        assert_eq!(available(&shown(&house).await), Some(5));
    }
}

#[tokio::test]
async fn a_report_without_a_report_is_told_and_not_the_end() {
    let house = House::new().await;
    let (mut agency, mut stream) = listed(&house).await;
    let empty = agency.empty_report();

    let ack = stream.reports(vec![empty]).await;

    assert_eq!(ack.rejections.len(), 1);
    assert_eq!(
        (ack.rejections[0].cseq, ack.rejections[0].code.as_str()),
        (1, "missing")
    );
}

#[tokio::test]
async fn a_report_asks_in_vain_to_be_believed_longer_than_its_kind_and_is_told() {
    let house = House::new().await;
    let (mut agency, mut stream) = listed(&house).await;
    let mut long = open("legal", 4);
    long.ttl_seconds = 7 * 86_400;

    let report = agency.report(long);
    stream.reports(vec![report]).await;

    let notice = stream.notice().await;
    assert_eq!(
        (notice.code.as_str(), notice.local_id.as_str()),
        ("ttl_shortened", "legal")
    );
    assert!(notice.text.contains("24 hours"), "{}", notice.text);
    let stale_at = shown(&house).await.stale_at.unwrap();
    assert_eq!(stale_at.seconds, noon().as_second() + 86_400);
}

#[tokio::test]
async fn a_service_whose_codes_say_so_is_believed_for_less() {
    let house = House::new().await;
    let (mut agency, mut stream) = listed(&house).await;
    stream
        .accepted(agency.publish(coded("legal", "Legal Clinic", &["lc:bond"])))
        .await;
    let mut cases = report("legal", v1::CapacityState::Open, Some(1), Some(5));
    cases.counts[0].unit = v1::CapacityUnit::Case.into();

    let report = agency.report(cases);
    stream.reports(vec![report]).await;

    let stale_at = shown(&house).await.stale_at.unwrap();
    assert_eq!(stale_at.seconds, noon().as_second() + 14 * 86_400);
}

#[tokio::test]
async fn a_clock_that_runs_ahead_is_told_and_makes_nothing_younger() {
    let house = House::new().await;
    let (mut agency, mut stream) = listed(&house).await;
    let mut ahead = open("legal", 4);
    let then = noon() + SignedDuration::from_hours(3);
    ahead.observed_at = Some(convert::time::to_wire(then));

    let report = agency.report(ahead);
    stream.reports(vec![report]).await;

    assert_eq!(stream.notice().await.code, "clock_ahead");
    house.clock.advance(Duration::from_hours(1));
    let age = shown(&house).await.age_seconds;
    assert!(matches!(age, Some(3_599..=3_600)), "{age:?}");
}

#[tokio::test]
async fn a_report_from_days_ahead_is_refused_and_the_directory_starts_again() {
    let house = House::new().await;
    let (mut agency, mut stream) = listed(&house).await;
    let mut ahead = open("legal", 4);
    let then = noon() + SignedDuration::from_hours(25);
    ahead.observed_at = Some(convert::time::to_wire(then));

    let report = agency.report(ahead);
    let ack = stream.reports(vec![report]).await;

    assert_eq!(ack.rejections[0].code, "observed_in_future");
    let house = house.again().await;
    assert_eq!(shown(&house).await.state(), v1::CapacityState::Unknown);
}

#[tokio::test]
async fn a_directory_whose_clock_was_set_back_takes_reports_and_reads_them_again() {
    let house = House::new().await;
    let (mut agency, mut stream) = listed(&house).await;
    house.clock.jump(SignedDuration::from_hours(-72));
    let report = agency.report(open("legal", 4));
    assert_eq!(stream.reports(vec![report]).await.rejections, []);

    let house = house.again().await;

    assert_eq!(available(&shown(&house).await), Some(4));
}

#[tokio::test]
async fn a_report_that_does_not_say_when_was_observed_at_its_receipt() {
    let house = House::new().await;
    let (mut agency, mut stream) = listed(&house).await;
    let mut undated = open("legal", 4);
    undated.observed_at = None;

    let report = agency.report(undated);
    let ack = stream.reports(vec![report]).await;
    let next = stream
        .reports(vec![agency.report_at(1, open("legal", 1))])
        .await;

    assert_eq!((ack.rejections.len(), next.rejections.len()), (0, 0));
    assert_eq!(stream.notices, [], "its clock is not ahead");
    house.clock.advance(Duration::from_hours(1));
    let age = shown(&house).await.age_seconds;
    assert!(matches!(age, Some(3_599..=3_600)), "{age:?}");
}

#[tokio::test]
async fn an_observation_from_long_ago_is_old_from_the_start() {
    let house = House::new().await;
    let (mut agency, mut stream) = listed(&house).await;
    let mut old = open("legal", 4);
    old.observed_at = Some(convert::time::to_wire(jiff::Timestamp::UNIX_EPOCH));

    let report = agency.report(old);
    stream.reports(vec![report]).await;

    assert_eq!(shown(&house).await.state(), v1::CapacityState::Stale);
    assert_eq!(
        house.names_among("", Availability::Open),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_report_of_another_epoch_ends_the_session() {
    let house = House::new().await;
    let (agency, mut stream) = listed(&house).await;
    let mut elsewhere = agency.copy();
    let Epoch { generation, number } = agency.chain.epoch;
    elsewhere.chain.epoch = Epoch {
        generation,
        number: number + 1,
    };
    let reports = vec![elsewhere.report(open("legal", 4))];

    stream
        .say(Up::Capacity(v1::CapacityBatch { reports }))
        .await;

    assert_eq!(stream.fence().await, FenceReason::WrongEpoch);
}

#[tokio::test]
async fn a_withdrawn_service_that_comes_back_has_the_capacity_it_had() {
    let house = House::new().await;
    let (mut agency, mut stream) = listed(&house).await;
    let report = agency.report(open("legal", 4));
    stream.reports(vec![report]).await;
    stream
        .accepted(agency.withdraw(Kind::Service, "legal"))
        .await;

    stream
        .accepted(agency.publish(service("legal", "Legal Clinic")))
        .await;
    house.until_found("Legal Clinic").await;

    assert_eq!(available(&shown(&house).await), Some(4));
}

#[tokio::test]
async fn a_report_about_what_is_not_published_within_a_day_is_dropped() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    stream.accepted(agency.publish(organization("org"))).await;
    let early = ["late", "never", "gone"].map(|id| agency.report(open(id, 4)));
    stream.reports(early.to_vec()).await;
    house.clock.advance(Duration::from_hours(12));
    agency.renew(&house).await.unwrap();
    house.clock.advance(Duration::from_hours(11));

    let house = house.again().await;
    let mut stream = agency.stream(&house).await;
    stream
        .accepted(agency.publish(service("late", "Late Clinic")))
        .await;
    house.until_found("Late Clinic").await;
    assert_eq!(available(&shown(&house).await), Some(4), "within a day");
    house
        .clock
        .advance(Duration::from_hours(1) + Duration::from_secs(1));
    house.directory.lapse().await.unwrap();

    stream
        .accepted(agency.publish(service("never", "Never Clinic")))
        .await;
    house.until_found("Never Clinic").await;
    let counts = async |house: &House| {
        let all = house.everything().await.into_iter();
        let all = all.map(|one| (one.name, one.capacity.as_ref().and_then(available)));
        all.collect::<std::collections::BTreeMap<_, _>>()
    };
    let expected = [("Late Clinic", Some(4)), ("Never Clinic", None)];
    let expected = expected.map(|(name, beds)| (name.to_owned(), beds)).into();
    assert_eq!(counts(&house).await, expected);

    let house = house.again().await;
    assert_eq!(counts(&house).await, expected, "after a restart");
    stream = agency.stream(&house).await;
    stream
        .accepted(agency.publish(service("gone", "Gone Clinic")))
        .await;
    house.until_found("Gone Clinic").await;
    assert_eq!(counts(&house).await["Gone Clinic"], None);
}

#[tokio::test]
async fn there_is_room_for_so_many_reports_about_what_is_not_there_and_the_rest_is_told() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    house
        .directory
        .set_quota(&house.operator, agency.id.clone(), 1)
        .await
        .unwrap();
    let mut stream = agency.stream(&house).await;
    stream.accepted(agency.publish(organization("org"))).await;
    let mut codes = async |agency: &mut Agency, id: &str, at: &str| {
        let about = v1::CapacityReport {
            location_id: at.to_owned(),
            ..open(id, 4)
        };
        let ack = stream.reports(vec![agency.report(about)]).await;
        let refused = ack.rejections.into_iter().map(|one| one.code);
        refused.collect::<Vec<_>>()
    };

    assert!(codes(&mut agency, "a", "").await.is_empty());
    assert!(codes(&mut agency, "a", "nowhere").await.is_empty());
    assert_eq!(codes(&mut agency, "b", "").await, ["service_unknown"]);
    assert!(codes(&mut agency, "a", "").await.is_empty(), "a newer one");

    let mut other = agency.stream(&house).await;
    other.accepted(agency.publish(service("a", "Clinic"))).await;
    drop(other);
    let mut stream = agency.stream(&house).await;
    let ack = stream.reports(vec![agency.report(open("b", 4))]).await;
    assert!(ack.rejections.is_empty(), "one of them waits no longer");
}
