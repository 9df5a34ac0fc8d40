//! Several needs at once over gRPC.

use referral_proto::v1;
use referral_proto::v1::search_service_client::SearchServiceClient;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::names;
use crate::support::House;
use crate::support::town::town;

async fn ask(
    house: &House,
    shared: v1::SearchRequest,
    needs: &[&[&str]],
) -> Result<v1::SearchBundleResponse, Status> {
    let need = |codes: &&[&str]| v1::BundleNeed {
        need: codes.iter().map(|code| (*code).to_owned()).collect(),
    };
    let request = v1::SearchBundleRequest {
        shared: Some(shared),
        needs: needs.iter().map(need).collect(),
    };
    let mut client = SearchServiceClient::new(house.visit().await);
    let answer = client.search_bundle(request).await;
    answer.map(tonic::Response::into_inner)
}

fn near_dilley() -> v1::SearchRequest {
    v1::SearchRequest {
        near: "Dilley, TX".to_owned(),
        ..v1::SearchRequest::default()
    }
}

#[tokio::test]
async fn a_bundle_answers_each_need_and_puts_who_covers_both_first() {
    let house = town().await;

    let found = ask(&house, near_dilley(), &[&["lc:bond"], &["ho:es"]]).await;

    let found = found.unwrap();
    let [legal, housing] = &*found.answers else {
        panic!("{} answers", found.answers.len())
    };
    assert_eq!(legal.need, ["lc:bond"]);
    assert_eq!(names(legal.answer.as_ref().unwrap())[0], "Bond Clinic");
    assert_eq!(names(housing.answer.as_ref().unwrap()), ["Night Shelter"]);
    let [both] = &*found.organizations else {
        panic!("{:?}", found.organizations)
    };
    assert_eq!((both.name.as_str(), &*both.needs), ("aid", &[0, 1][..]));
    assert_eq!(both.organization_id, "aid");
}

#[tokio::test]
async fn each_answer_of_a_bundle_is_that_of_a_search_for_the_one_need() {
    let house = town().await;
    let found = ask(&house, near_dilley(), &[&["lc:bond"], &["ho:es"]]).await;

    for one in found.unwrap().answers {
        let alone = v1::SearchRequest {
            need: one.need,
            ..near_dilley()
        };
        let alone = house.ask(alone).await.unwrap();

        let together = one.answer.unwrap();
        let (mut a, mut b) = (names(&alone), names(&together));
        a.sort_unstable();
        b.sort_unstable();
        assert_eq!((a, alone.total_size), (b, together.total_size));
        assert_eq!(together.next_page_token, "");
    }
}

#[tokio::test]
async fn what_is_wrong_in_a_bundle_is_named_by_its_field() {
    let house = House::new().await;
    let nowhere = v1::SearchRequest {
        near: "Nowhere At All".to_owned(),
        ..v1::SearchRequest::default()
    };
    let many = [&["lc:bond"][..]; 9];
    for (shared, needs, field) in [
        (near_dilley(), &[][..], "needs"),
        (near_dilley(), &many[..], "needs"),
        (near_dilley(), &[&["lc:bond"][..], &["nonsense"]], "need"),
        (
            near_dilley(),
            &[&["lc:bond", "ho:es"][..], &["ho:es"]],
            "need",
        ),
        (nowhere, &[&["lc:bond"][..], &["ho:es"]], "near"),
    ] {
        let status = ask(&house, shared, needs).await.unwrap_err();

        assert_eq!(status.code(), Code::InvalidArgument);
        let faults = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!(faults[0].field, field);
    }
}
