//! Pages over gRPC: each service once, whatever happens between them.

use referral_proto::v1;
use tonic::Code;
use tonic_types::StatusExt;

use super::{bond, found, names};
use crate::support::House;
use crate::support::town::{SERVICES, town};

fn everything(page_token: &str) -> v1::SearchRequest {
    v1::SearchRequest {
        availability: v1::Availability::Any.into(),
        limit: 2,
        page_token: page_token.to_owned(),
        ..v1::SearchRequest::default()
    }
}

async fn reason(house: &House, request: v1::SearchRequest) -> String {
    let status = house.ask(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let fault = status.get_details_bad_request().unwrap();
    assert_eq!(fault.field_violations[0].field, "page_token");
    fault.field_violations[0].reason.clone()
}

#[tokio::test]
async fn pages_hold_each_service_once_and_the_total_stays() {
    let house = town().await;
    let mut token = String::new();
    let mut seen: Vec<String> = Vec::new();
    loop {
        let answer = found(&house, everything(&token)).await;
        assert_eq!(usize::try_from(answer.total_size), Ok(SERVICES));
        seen.extend(names(&answer).into_iter().map(str::to_owned));
        token = answer.next_page_token;
        if token.is_empty() {
            break;
        }
    }

    let pages = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((pages, seen.len()), (SERVICES, SERVICES));
}

#[tokio::test]
async fn a_page_token_of_another_search_or_of_none_is_refused() {
    let house = town().await;
    let token = found(&house, everything("")).await.next_page_token;

    for wrong in ["-1", "2", "AQ", "no token", "\0", &token[..token.len() - 3]] {
        assert_eq!(
            reason(&house, everything(wrong)).await,
            "CURSOR_UNREADABLE",
            "{wrong}"
        );
    }
    let other = bond(|request| request.page_token.clone_from(&token));
    assert_eq!(reason(&house, other).await, "CURSOR_OF_ANOTHER_SEARCH");
    let more = v1::SearchRequest {
        limit: 200,
        ..everything(&token)
    };
    assert_eq!(found(&house, more).await.results.len(), SERVICES - 2);
}

#[tokio::test]
async fn equal_results_turn_with_the_asker_and_stay_for_one() {
    let house = town().await;
    let asked = |rotation| v1::SearchRequest {
        availability: v1::Availability::Any.into(),
        rotation,
        ..v1::SearchRequest::default()
    };
    let mut orders = Vec::new();
    for rotation in 0..8 {
        let first = found(&house, asked(rotation)).await;
        let again = found(&house, asked(rotation)).await;
        assert_eq!(names(&first), names(&again));
        orders.push(names(&first).join(","));
    }
    orders.sort();
    orders.dedup();
    assert!(orders.len() > 1, "nothing turned");
}
