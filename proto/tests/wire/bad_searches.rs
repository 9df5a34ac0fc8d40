//! Searches that are refused before any map is asked.

use referral_proto::convert::{limits, search};
use referral_proto::v1;

/// What does not belong: (field, code, how it gets there).
type Bad = (&'static str, &'static str, fn(&mut v1::SearchRequest));

const BAD: &[Bad] = &[
    ("radius_miles", "radius_out_of_range", |s| {
        s.radius_miles = f64::NAN;
    }),
    ("radius_miles", "radius_out_of_range", |s| {
        s.radius_miles = f64::INFINITY;
    }),
    ("radius_miles", "radius_out_of_range", |s| {
        s.radius_miles = -1.0;
    }),
    ("availability", "unknown_value", |s| s.availability = 5),
    ("need", "too_many", |s| {
        s.need = vec!["lc:bond".to_owned(); limits::NEEDS + 1];
    }),
    ("near", "text_too_long", |s| s.near = "x".repeat(257)),
    ("serves", "text_too_long", |s| s.serves = "é".repeat(257)),
];

#[test]
fn a_bad_search_is_named_by_field_and_code() {
    for (field, code, spoil) in BAD {
        let mut request = v1::SearchRequest::default();
        spoil(&mut request);

        let found = search::query(request).err().unwrap();

        let named = (found.first().field.as_str(), found.first().code);
        assert_eq!(named, (*field, *code));
    }
}

#[test]
fn every_fault_of_a_search_is_named_at_once() {
    let request = v1::SearchRequest {
        near: "x".repeat(257),
        radius_miles: -1.0,
        availability: 5,
        ..Default::default()
    };

    let found = search::query(request).err().unwrap();

    assert_eq!(found.iter().count(), 3);
}
