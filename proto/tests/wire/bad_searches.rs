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
    ("access", "unknown_value", |s| s.access = 4),
    ("fee", "unknown_value", |s| s.fee = -1),
    ("circumstances.custody", "unknown_value", |s| {
        told(s).custody = 6;
    }),
    ("circumstances.age", "age_invalid", |s| {
        told(s).age = Some(121);
    }),
    ("circumstances.immigration", "unknown_value", |s| {
        told(s).immigration = 99;
    }),
    ("circumstances.work_permit", "unknown_value", |s| {
        told(s).work_permit = 3;
    }),
    ("circumstances.nationality", "text_too_long", |s| {
        told(s).nationality = "x".repeat(257);
    }),
    ("filters.codes", "too_many", |s| {
        narrowed(s).codes = vec!["fee:free".to_owned(); 1_000];
    }),
    ("filters.languages", "too_many", |s| {
        narrowed(s).languages = vec!["es".to_owned(); 1_000];
    }),
    ("filters.state", "unknown_value", |s| {
        narrowed(s).state = 10;
    }),
    ("filters.access", "unknown_value", |s| {
        narrowed(s).access = 4;
    }),
    ("filters.in_state", "text_too_long", |s| {
        narrowed(s).in_state = "x".repeat(257);
    }),
];

fn told(search: &mut v1::SearchRequest) -> &mut v1::Circumstances {
    search.circumstances.get_or_insert_default()
}

fn narrowed(search: &mut v1::SearchRequest) -> &mut v1::SearchFilters {
    search.filters.get_or_insert_default()
}

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

type Spoil = fn(&mut v1::SearchBundleRequest);

#[test]
fn a_bad_bundle_is_named_by_the_path_of_its_field() {
    let need = || v1::BundleNeed {
        need: vec!["lc:bond".to_owned()],
    };
    let good = v1::SearchBundleRequest {
        shared: Some(v1::SearchRequest::default()),
        needs: vec![need(), need()],
    };
    let cases: [(&str, Spoil); 6] = [
        ("needs", |bundle| bundle.needs.clear()),
        ("needs", |bundle| {
            bundle.needs = vec![bundle.needs[0].clone(); 9];
        }),
        ("needs[1].need", |bundle| bundle.needs[1].need.clear()),
        ("shared.need", |bundle| {
            bundle.shared.as_mut().unwrap().need = vec!["lc:bond".to_owned()];
        }),
        ("shared.page_token", |bundle| {
            bundle.shared.as_mut().unwrap().page_token = "AQ".to_owned();
        }),
        ("shared.circumstances.custody", |bundle| {
            told(bundle.shared.as_mut().unwrap()).custody = 9;
        }),
    ];
    assert!(search::bundle(good.clone()).is_ok());
    for (field, spoil) in cases {
        let mut bundle = good.clone();
        spoil(&mut bundle);

        let found = search::bundle(bundle).err().unwrap();

        assert_eq!(found.first().field, field);
    }
}
