//! What nobody says again: shown as old after half a year, found by nobody after a year, and back as soon as its
//! publisher says it again (R13).

use std::time::Duration;

use referral_core::id::Kind;
use referral_proto::v1;

use crate::snapshots::forgetful;
use crate::support::http::get;
use crate::support::records::{coded, open, organization, service};
use crate::support::{Agency, House, Stream, until};

const DAY: Duration = Duration::from_hours(24);

/// Two services that nobody has said again, and a year that is about to pass.
async fn published(house: &House) -> Agency {
    let mut harbor = Agency::join(house, "harbor").await;
    let mut stream = harbor.stream(house).await;
    stream.accepted(harbor.publish(organization("org"))).await;
    for (id, name) in [("one", "Lessons One"), ("two", "Lessons Two")] {
        stream.accepted(harbor.publish(service(id, name))).await;
    }
    house.until_found("Lessons Two").await;
    harbor
}

/// A directory that was started again meanwhile, for its own certificate has an end, too; and a stream of a node that
/// renewed its certificate after a long time.
async fn back(house: House, harbor: &mut Agency) -> (House, Stream) {
    let house = house.again().await;
    harbor.renew(&house).await.unwrap();
    let stream = harbor.stream(&house).await;
    (house, stream)
}

async fn archived(house: &House) {
    house.clock.advance(366 * DAY);
    until("they are archived", async || house.names("").is_empty()).await;
}

/// Whether a result and its page say that it is old.
async fn is_old(house: &House, id: &str) -> (bool, bool, bool) {
    let all = house.everything().await;
    let one = all.iter().find(|one| one.service_id == id).unwrap();
    let is_old = |reason: &v1::ResultReason| {
        reason.code == "old" && reason.text.contains("last said this on")
    };
    let said = "Old: its publisher last said this on";
    let results = get(house.public, "/?text=lessons&availability=any").await;
    let page = get(house.public, &format!("/service/harbor/{id}")).await;
    (
        one.reasons.iter().any(is_old),
        results.text().contains(said),
        page.text().contains(said),
    )
}

#[tokio::test]
async fn what_nobody_said_again_for_half_a_year_is_shown_as_old() {
    let house = House::new().await;
    let mut harbor = published(&house).await;

    house.clock.advance(179 * DAY);
    assert_eq!(is_old(&house, "one").await, (false, false, false));
    house.clock.advance(2 * DAY);
    assert_eq!(is_old(&house, "one").await, (true, true, true));

    let (house, mut stream) = back(house, &mut harbor).await;
    for (id, name) in [("one", "Lessons One"), ("two", "Lessons Two")] {
        stream.accepted(harbor.publish(service(id, name))).await;
    }
    until("it is young again", async || {
        is_old(&house, "one").await == (false, false, false)
    })
    .await;
}

#[tokio::test]
async fn what_nobody_said_again_for_a_year_is_found_by_nobody_until_it_is_said() {
    let house = House::new().await;
    let mut harbor = published(&house).await;
    archived(&house).await;

    // Gone from searches and pages, not from the directory: its publisher is told.
    until("its page is gone", async || {
        get(house.public, "/service/harbor/one").await.status == 404
    })
    .await;
    assert_eq!(house.directory.agencies()[0].records, 3);
    let (house, mut stream) = back(house, &mut harbor).await;
    let told = stream.notice().await;
    assert_eq!(
        (told.code.as_str(), told.values["count"].as_str()),
        ("held_archived", "2")
    );
    stream.beat().await;
    let held = |id: &str| (id.to_owned(), "archived".to_owned());
    assert_eq!(stream.held, [held("one"), held("two")]);

    // A report is no word on the text; saying the same again is.
    stream.reports(vec![harbor.report(open("one", 3))]).await;
    assert_eq!(house.names(""), [""; 0]);
    stream
        .accepted(harbor.publish(service("one", "Lessons One")))
        .await;
    house.until_found("Lessons One").await;
    assert_eq!(house.names(""), ["Lessons One"]);
    stream.beat().await;
    assert_eq!(stream.held, [held("two")]);
    assert_eq!(is_old(&house, "one").await, (false, false, false));
}

#[tokio::test]
async fn what_is_archived_stays_so_over_restarts_with_snapshots_and_without() {
    for house in [House::new().await, forgetful().start().await.unwrap()] {
        let mut harbor = published(&house).await;
        archived(&house).await;

        let house = house.again().await.again().await;
        assert_eq!(house.names(""), [""; 0]);

        let (house, mut stream) = back(house, &mut harbor).await;
        stream
            .accepted(harbor.publish(service("two", "Lessons Two")))
            .await;
        house.until_found("Lessons Two").await;
        let house = house.again().await;
        assert_eq!(house.names(""), ["Lessons Two"]);
    }
}

#[tokio::test]
async fn what_comes_to_its_year_while_nothing_runs_is_archived_at_the_start() {
    let house = House::new().await;
    published(&house).await;
    let stopped = house.stop().await;
    let year = jiff::SignedDuration::try_from(366 * DAY).unwrap();

    let house = stopped.start_after(year).await;

    until("they are archived", async || house.names("").is_empty()).await;
}

#[tokio::test]
async fn a_directory_that_lost_its_store_and_index_knows_what_is_archived() {
    let house = House::new().await;
    published(&house).await;
    archived(&house).await;
    let stopped = house.stop().await;
    for lost in ["store", "index"] {
        std::fs::remove_dir_all(stopped.data.path().join(lost)).unwrap();
    }

    let house = stopped.start().await.unwrap();

    assert_eq!(house.names(""), [""; 0]);
}

#[tokio::test]
async fn an_archived_service_can_be_withdrawn_and_what_it_needs_is_asked_first() {
    let house = House::new().await;
    let mut harbor = published(&house).await;
    archived(&house).await;
    let (house, mut stream) = back(house, &mut harbor).await;

    stream.accepted(harbor.withdraw(Kind::Service, "one")).await;
    let record = coded("two", "Bond Hearings", &["lc:bond"]);
    stream.accepted(harbor.publish(record)).await;

    stream.beat().await;
    assert_eq!(
        stream.held,
        [("two".to_owned(), "needs_grantlegal".to_owned())]
    );
    assert_eq!(house.names(""), [""; 0]);
}
