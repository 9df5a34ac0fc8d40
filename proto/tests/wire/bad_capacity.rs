//! Capacity reports that are refused: which field, for which reason.

use jiff::Timestamp;
use referral_core::capacity::Stated;
use referral_proto::convert::capacity;
use referral_proto::v1;

use crate::samples;

/// What does not belong: (field, code, how it gets there).
type Bad = (&'static str, &'static str, fn(&mut v1::CapacityReport));

const BAD: &[Bad] = &[
    ("service_id", "id_invalid", |r| r.service_id = String::new()),
    ("location_id", "id_invalid", |r| {
        r.location_id = "../..".into();
    }),
    ("state", "capacity_state_invalid", |r| {
        r.state = v1::CapacityState::Unspecified.into();
    }),
    ("state", "capacity_state_invalid", |r| {
        r.state = v1::CapacityState::Stale.into();
    }),
    ("state", "unknown_value", |r| r.state = 77),
    ("counts[0].unit", "unspecified", |r| r.counts[0].unit = 0),
    ("counts[0].unit", "unknown_value", |r| r.counts[0].unit = 9),
    ("counts[0].available", "available_exceeds_maximum", |r| {
        r.counts[0].available = Some(11);
    }),
    ("counts[1].available", "available_exceeds_maximum", |r| {
        r.counts
            .push(samples::count(v1::CapacityUnit::Family, 3, 2));
    }),
    ("state", "open_without_places", |r| {
        r.counts[0].available = Some(0);
    }),
    ("counts", "unit_twice", |r| {
        r.counts.push(samples::count(v1::CapacityUnit::Bed, 1, 1));
    }),
    ("counts", "too_many", |r| {
        r.counts = vec![samples::count(v1::CapacityUnit::Bed, 1, 1); 7];
    }),
    ("wait_band", "unknown_value", |r| r.wait_band = 5),
    ("source", "unknown_value", |r| r.source = 5),
    ("reopens_on", "date_invalid", |r| {
        r.reopens_on = "soon".into();
    }),
    ("observed_at", "observed_in_future", |r| {
        r.observed_at = seconds(1_800_000_000);
    }),
    ("observed_at", "timestamp_invalid", |r| {
        r.observed_at = seconds(i64::MAX);
    }),
    ("opens_at", "timestamp_invalid", |r| {
        r.opens_at = seconds(i64::MIN);
    }),
    ("ttl_seconds", "ttl_out_of_range", |r| r.ttl_seconds = 59),
    ("ttl_seconds", "ttl_out_of_range", |r| {
        r.ttl_seconds = 2_592_001;
    }),
    ("note", "text_control_character", |r| {
        r.note = "\u{7}".to_owned() + "x";
    }),
];

#[expect(clippy::unnecessary_wraps, reason = "the field is optional")]
fn seconds(seconds: i64) -> Option<prost_types::Timestamp> {
    Some(prost_types::Timestamp { seconds, nanos: 0 })
}

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap_or_default()
}

#[test]
fn a_bad_report_is_named_by_field_and_code() {
    assert!(capacity::report(samples::report(), noon()).is_ok());
    for (field, code, spoil) in BAD {
        let mut report = samples::report();
        spoil(&mut report);

        let found = capacity::report(report, noon()).unwrap_err();

        let named = (found.first().field.as_str(), found.first().code);
        assert_eq!(named, (*field, *code), "{found}");
    }
}

#[test]
fn the_numbers_of_a_report_are_never_repeated() {
    let mut report = samples::report();
    report.counts[0] = samples::count(v1::CapacityUnit::Bed, 12_345, 67);

    let found = capacity::report(report, noon()).unwrap_err();

    assert!(!found.to_string().contains("12345"), "{found}");
    assert!(!found.to_string().contains("67"), "{found}");
}

#[test]
fn a_report_that_does_not_say_when_was_observed_now() {
    let report = capacity::report(samples::report(), noon()).unwrap();

    assert_eq!(report.said().observed_at, noon());
}

#[test]
fn a_draft_is_read_without_comparing_its_numbers() {
    let mut report = samples::report();
    report.counts[0].available = Some(11);

    let draft = capacity::draft(report, noon()).unwrap();

    assert_eq!(draft.counts[0].available, Some(11));
    assert_eq!(draft.state, Stated::Open);
}

#[test]
fn no_number_is_unknown_and_not_zero() {
    let mut report = samples::report();
    report.counts[0].available = None;
    report.waitlist_count = Some(0);

    let report = capacity::report(report, noon()).unwrap();

    assert_eq!(report.main_count().unwrap().available, None);
    assert_eq!(report.said().waitlist_count, Some(0));
}
