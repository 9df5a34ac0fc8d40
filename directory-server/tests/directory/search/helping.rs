//! Near misses over gRPC: each is one change, and finds what it promises.

use referral_proto::v1;

use super::{bond, found, names};
use crate::support::town::town;

/// The search with one field changed, as a client would do it.
fn changed(request: &v1::SearchRequest, change: &v1::FieldChange) -> v1::SearchRequest {
    let mut changed = request.clone();
    let value = change.value.as_str();
    match change.field.as_str() {
        "availability" => {
            let availability = v1::Availability::from_str_name(value).unwrap();
            changed.availability = availability.into();
        }
        "radius_miles" => changed.radius_miles = value.parse().unwrap(),
        "interpreter" => changed.interpreter = value.parse().unwrap(),
        "neighbours" => changed.neighbours = value.parse().unwrap(),
        "languages" => changed.languages.clear(),
        "access" => changed.access = 0,
        "fee" => changed.fee = 0,
        "circumstances.age" => changed.circumstances.as_mut().unwrap().age = None,
        "need" => changed.need = value.split(',').map(str::to_owned).collect(),
        field => panic!("no change of {field} was expected"),
    }
    changed
}

fn searches() -> Vec<v1::SearchRequest> {
    vec![
        bond(|_| {}),
        bond(|r| r.access = v1::Access::InPerson.into()),
        bond(|r| r.fee = v1::Fee::Free.into()),
        bond(|r| r.languages = vec!["mam".to_owned()]),
        bond(|r| r.need.push("rep:full".to_owned())),
        bond(|r| {
            r.circumstances = Some(v1::Circumstances {
                age: Some(17),
                ..v1::Circumstances::default()
            });
        }),
        bond(|r| r.serves = "Dilley, TX".to_owned()),
        bond(|r| r.availability = v1::Availability::Unconfirmed.into()),
    ]
}

#[tokio::test]
async fn every_near_miss_finds_as_many_as_it_promises() {
    let house = town().await;
    let mut seen = Vec::new();
    for request in searches() {
        let answer = found(&house, request.clone()).await;
        for miss in &answer.near_misses {
            let wider = changed(&request, miss.change.as_ref().unwrap());
            let after = found(&house, wider).await;

            assert_eq!(after.total_size, miss.count, "{miss:?}");
            let best = &miss.best.as_ref().unwrap().name;
            assert!(names(&after).contains(&best.as_str()), "{miss:?}");
            seen.push(miss.code.clone());
        }
    }
    seen.sort();
    seen.dedup();
    let all = [
        "any_fee",
        "any_language",
        "interpreter",
        "neighbours",
        "remote",
        "unconfirmed",
        "waitlist",
        "widen_to",
        "without",
        "without_term",
    ];
    assert_eq!(seen, all, "every kind of change was tried");
}

#[tokio::test]
async fn near_misses_are_told_in_plain_words_with_the_best_they_add() {
    let house = town().await;

    let answer = found(&house, bond(|_| {})).await;

    let lines: Vec<String> = answer
        .near_misses
        .iter()
        .map(|miss| {
            let best = miss.best.as_ref().unwrap();
            format!("{}, {}: {}", miss.text, miss.note, best.name)
        })
        .collect();
    assert!(
        lines.contains(&"With a waiting list, 2 to 6 weeks: Waiting Clinic".to_owned()),
        "{lines:?}"
    );
    assert!(
        lines.contains(&"Not confirmed, call first, : Silent Clinic".to_owned()),
        "{lines:?}"
    );
    let far = answer
        .near_misses
        .iter()
        .find(|miss| miss.code == "widen_to");
    let far = far.unwrap();
    let best = far.best.as_ref().unwrap();
    let miles = best.distance_miles.unwrap();
    assert_eq!(far.text, format!("Within {} miles", miles.ceil()));
    assert_eq!(best.name, "Far Clinic");
}

#[tokio::test]
async fn near_misses_and_facets_come_only_where_they_are_asked_for() {
    let house = town().await;
    let request = bond(|request| {
        request.near_misses = false;
        request.facets = false;
    });

    let answer = found(&house, request).await;

    assert!(answer.near_misses.is_empty() && answer.facets.is_empty());
}

#[tokio::test]
async fn a_circumstance_changes_who_answers_and_says_why() {
    let house = town().await;
    let aged = |years| {
        bond(|request| {
            let age = Some(years);
            request.circumstances = Some(v1::Circumstances {
                age,
                ..v1::Circumstances::default()
            });
        })
    };

    let child = found(&house, aged(17)).await;
    let adult = found(&house, aged(18)).await;
    let silent = found(&house, bond(|_| {})).await;

    let reasons = |answer: &v1::SearchResponse| -> Vec<String> {
        let mut results = answer.results.iter();
        let found = results.find(|result| result.name == "Adults Clinic");
        let reasons = found.map(|found| found.reasons.clone()).unwrap_or_default();
        reasons.into_iter().map(|reason| reason.code).collect()
    };
    assert!(!names(&child).contains(&"Adults Clinic"));
    assert!(reasons(&adult).contains(&"fits".to_owned()));
    assert!(reasons(&silent).contains(&"ask".to_owned()));
}
