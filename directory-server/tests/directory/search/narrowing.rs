//! Facets over gRPC: what each counts is what the search narrowed to it finds.

use referral_proto::v1;

use super::{bond, found, names};
use crate::support::town::town;

/// The search narrowed to a value of a facet, as a client would do it.
fn narrowed(request: &v1::SearchRequest, value: &v1::FacetValue) -> v1::SearchRequest {
    let mut narrowed = request.clone();
    let filters = narrowed.filters.get_or_insert_default();
    let chosen = value.value.clone();
    match value.field.as_str() {
        "codes" => filters.codes.push(chosen),
        "languages" => filters.languages.push(chosen),
        "in_state" => filters.in_state = chosen,
        "state" => {
            let name = format!("CAPACITY_STATE_{}", chosen.to_uppercase());
            filters.state = v1::CapacityState::from_str_name(&name).unwrap().into();
        }
        "access" => {
            let name = format!("ACCESS_{}", chosen.to_uppercase());
            filters.access = v1::Access::from_str_name(&name).unwrap().into();
        }
        field => panic!("no field {field} was expected"),
    }
    narrowed
}

#[tokio::test]
async fn every_value_of_a_facet_finds_as_many_as_it_counts() {
    let house = town().await;
    let request = bond(|request| request.availability = v1::Availability::Any.into());
    let answer = found(&house, request.clone()).await;
    let mut tried = 0;
    for facet in &answer.facets {
        assert!(!facet.values.is_empty(), "{facet:?}");
        for value in &facet.values {
            let after = found(&house, narrowed(&request, value)).await;

            assert_eq!(after.total_size, value.count, "{}: {value:?}", facet.name);
            tried += 1;
        }
    }
    let facets: Vec<&str> = answer.facets.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(facets, ["need", "language", "access", "fee", "state"]);
    assert!(tried >= 10, "{tried} values were tried");
}

#[tokio::test]
async fn facets_are_told_in_words() {
    let house = town().await;
    let answer = found(&house, bond(|_| {})).await;
    let mut values = answer.facets.iter().flat_map(|facet| &facet.values);
    let mut label = |value: &str| {
        let found = values.find(|known| known.value == value);
        found.map(|found| found.label.clone())
    };

    assert_eq!(label("es").as_deref(), Some("Spanish"));
    assert_eq!(label("fee:free").as_deref(), Some("no charge"));
}

#[tokio::test]
async fn chosen_values_add_up() {
    let house = town().await;
    let request = v1::SearchRequest {
        filters: Some(v1::SearchFilters {
            codes: vec!["fee:free".to_owned(), "ho:es".to_owned()],
            ..v1::SearchFilters::default()
        }),
        ..v1::SearchRequest::default()
    };

    assert_eq!(names(&found(&house, request).await), ["Night Shelter"]);
}
