//! Searching over gRPC.

mod bundles;
mod helping;
mod narrowing;
mod paging;
mod refusing;

use referral_proto::v1;

use crate::support::House;

/// A search for bond hearings in and around Dilley, for what helps and what results have in common.
fn bond(change: impl FnOnce(&mut v1::SearchRequest)) -> v1::SearchRequest {
    let mut request = v1::SearchRequest {
        need: vec!["lc:bond".to_owned()],
        near: "Dilley, TX".to_owned(),
        facets: true,
        near_misses: true,
        ..v1::SearchRequest::default()
    };
    change(&mut request);
    request
}

/// The answer to a search that is sound.
async fn found(house: &House, request: v1::SearchRequest) -> v1::SearchResponse {
    house.ask(request).await.unwrap()
}

/// The names of the results, in order.
fn names(answer: &v1::SearchResponse) -> Vec<&str> {
    answer.results.iter().map(|r| r.name.as_str()).collect()
}
