//! The JSON that commands print, which others script against.

use referral_proto::json::{NoJson, to_json};
use referral_proto::v1;

const RESPONSE: &str = "referral.v1.SearchResponse";

#[test]
fn an_empty_answer_still_says_that_it_is_empty() {
    let json = to_json(RESPONSE, &v1::SearchResponse::default()).unwrap();

    let empty = concat!(
        r#"{"totalSize":0,"results":[],"nearLabel":"","servesLabel":"","facets":[],"nearMisses":[],"#,
        r#""nextPageToken":"","openSize":0,"notices":[]}"#
    );
    assert_eq!(json, empty);
}

#[test]
fn names_are_camel_case_enums_are_words_and_what_is_absent_is_left_out() {
    let capacity = v1::ResultCapacity {
        state: v1::CapacityState::Limited.into(),
        counts: vec![v1::CapacityCount {
            unit: v1::CapacityUnit::Bed.into(),
            available: Some(0),
            maximum: None,
        }],
        observed_at: Some(prost_types::Timestamp {
            seconds: 1_777_636_800,
            nanos: 0,
        }),
        age_seconds: Some(7_200),
        ..Default::default()
    };

    let json = to_json("referral.v1.ResultCapacity", &capacity).unwrap();

    for part in [
        r#""state":"CAPACITY_STATE_LIMITED""#,
        r#""counts":[{"unit":"CAPACITY_UNIT_BED","available":0}]"#,
        r#""observedAt":"2026-05-01T12:00:00Z""#,
        r#""ageSeconds":"7200""#,
        r#""waitBand":"WAIT_BAND_UNSPECIFIED""#,
    ] {
        assert!(json.contains(part), "{part} in {json}");
    }
    assert!(
        !json.contains("staleAt") && !json.contains("waitlistCount"),
        "{json}"
    );
}

#[test]
fn a_name_that_is_no_message_has_no_json() {
    let refused = to_json("referral.v1.Nothing", &v1::SearchResponse::default());

    assert!(matches!(refused, Err(NoJson::UnknownType)));
}

#[test]
fn a_message_of_another_type_has_no_json() {
    let report = v1::CapacityReport {
        service_id: "17".to_owned(),
        ..Default::default()
    };

    assert!(matches!(
        to_json(RESPONSE, &report),
        Err(NoJson::OtherType(_))
    ));
}

#[test]
fn an_instant_that_has_no_name_has_no_json() {
    let as_of = Some(prost_types::Timestamp {
        seconds: i64::MAX,
        nanos: 0,
    });
    let answer = v1::SearchResponse {
        as_of,
        ..Default::default()
    };

    assert!(matches!(to_json(RESPONSE, &answer), Err(NoJson::Value(_))));
}
