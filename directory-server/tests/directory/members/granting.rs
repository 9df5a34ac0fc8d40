//! Legal help, shelter and medicine are found only of agencies to which two people granted them.

use directory_server::ledger::GrantRefused;
use directory_server::operations::DecisionRefused;
use jiff::SignedDuration;
use referral_core::catalog::Category;
use referral_core::id::Kind;
use referral_runtime::clock::Clock;

use super::agency;
use crate::support::records::{coded, open, organization};
use crate::support::{Agency, House, Stream, until};

/// An agency that was granted nothing.
async fn harbor(house: &House) -> (Agency, Stream) {
    let token = house.invite_only("harbor").await;
    let mut harbor = Agency::join_with(house, "harbor", &token).await;
    let mut stream = harbor.stream(house).await;
    stream.accepted(harbor.publish(organization("org"))).await;
    (harbor, stream)
}

/// Publishes an ungranted service of each category, and one that needs no grant; waits for that.
async fn publish(house: &House, harbor: &mut Agency, stream: &mut Stream) {
    for (id, name, codes) in [
        ("legal", "Bond Hearings", &["lc:bond"][..]),
        ("shelter", "Beds Tonight", &["ho:es"]),
        ("medical", "Health Clinic", &["dom:med"]),
        ("school", "English Lessons", &["dom:edu"]),
    ] {
        stream
            .accepted(harbor.publish(coded(id, name, codes)))
            .await;
    }
    house.until_found("English Lessons").await;
}

#[tokio::test]
async fn what_is_not_granted_is_held_and_its_publisher_is_told() {
    let house = House::new().await;
    let (mut harbor, mut stream) = harbor(&house).await;

    publish(&house, &mut harbor, &mut stream).await;

    assert_eq!(house.names(""), ["English Lessons"]);
    let mut told: Vec<_> = stream
        .notices
        .iter()
        .map(|n| (n.code.as_str(), n.local_id.as_str()))
        .collect();
    told.sort_unstable();
    let held = "held_needs_grant";
    assert_eq!(
        told,
        [(held, "legal"), (held, "medical"), (held, "shelter")]
    );
    let overview = &house.directory.agencies()[0];
    assert_eq!(overview.records, 5, "held is not refused");
    let counted = Category::ALL.map(|category| (category, 1));
    assert_eq!(overview.held, counted);
}

#[tokio::test]
async fn a_node_is_told_which_services_nobody_finds_and_when_that_ends() {
    let house = House::new().await;
    let (mut harbor, mut stream) = harbor(&house).await;
    publish(&house, &mut harbor, &mut stream).await;

    stream.beat().await;
    let one = |id: &str, why: &str| (id.to_owned(), why.to_owned());
    let [legal, medical, shelter] = [
        one("legal", "needs_grantlegal"),
        one("medical", "needs_grantmedical"),
        one("shelter", "needs_grantshelter"),
    ];
    assert_eq!(stream.held, [legal, medical.clone(), shelter.clone()]);

    house.grant("harbor", Category::Legal).await;
    stream.beat().await;
    assert_eq!(stream.held, [medical.clone(), shelter]);

    stream
        .accepted(harbor.publish(coded("shelter", "No beds", &["dom:edu"])))
        .await;
    stream.beat().await;
    assert_eq!(stream.held, std::slice::from_ref(&medical));

    drop(stream);
    let mut again = harbor.stream(&house).await;
    again.beat().await;
    assert_eq!(again.held, [medical], "said again in every session");
}

#[tokio::test]
async fn a_grant_lets_be_found_what_waited_with_what_was_reported_meanwhile() {
    let house = House::new().await;
    let (mut harbor, mut stream) = harbor(&house).await;
    publish(&house, &mut harbor, &mut stream).await;
    stream.reports(vec![harbor.report(open("legal", 4))]).await;

    house.grant("harbor", Category::Legal).await;

    house.until_found("Bond Hearings").await;
    let everything = house.everything().await;
    let legal = everything.iter().find(|one| one.name == "Bond Hearings");
    let counts = &legal.unwrap().capacity.as_ref().unwrap().counts;
    assert_eq!(counts[0].available, Some(4));
    assert!(house.names("Beds Tonight").is_empty());
}

#[tokio::test]
async fn one_person_cannot_grant_and_two_must_mean_the_same() {
    let house = House::new().await;
    let (mut harbor, mut stream) = harbor(&house).await;
    publish(&house, &mut harbor, &mut stream).await;
    let end = house.clock.now() + SignedDuration::from_hours(24 * 90);
    let grant = async |evidence: &str, days: i64, by: &str| {
        let end = end + SignedDuration::from_hours(24 * days);
        house
            .directory
            .grant(
                &house.operator,
                agency("harbor"),
                Category::Legal,
                evidence,
                end,
                by,
            )
            .await
    };
    assert!(!grant("roster 12", 0, "Ana Ruiz").await.unwrap());

    let same = grant("roster 12", 0, "ana  RUIZ").await;
    let other_evidence = grant("roster 13", 0, "Bo").await;
    let other_end = grant("roster 12", 1, "Bo").await;

    assert!(matches!(
        same,
        Err(DecisionRefused::Grant(GrantRefused::SamePerson))
    ));
    for differs in [other_evidence, other_end] {
        assert!(matches!(
            differs,
            Err(DecisionRefused::Grant(GrantRefused::Differs))
        ));
    }
    assert!(matches!(
        grant("roster 12", 400, "Bo").await,
        Err(DecisionRefused::Grant(GrantRefused::Expiry))
    ));
    assert!(house.names("Bond Hearings").is_empty());
    assert!(grant("roster 12", 0, "Bo").await.unwrap());
    house.until_found("Bond Hearings").await;
}

#[tokio::test]
async fn a_grant_that_ends_hides_its_services_within_a_minute_and_after_a_restart() {
    let house = House::new().await;
    let (mut harbor, mut stream) = harbor(&house).await;
    house.grant("harbor", Category::Legal).await;
    publish(&house, &mut harbor, &mut stream).await;
    house.until_found("Bond Hearings").await;

    house
        .clock
        .advance(std::time::Duration::from_hours(300 * 24));

    // The directory looks every ten seconds by itself.
    until("it is hidden", async || {
        house.names("Bond Hearings").is_empty()
    })
    .await;
    assert_eq!(house.directory.agencies()[0].held.len(), 3);
    let house = house.again().await;
    assert_eq!(house.names(""), ["English Lessons"]);
}

#[tokio::test]
async fn a_grant_that_ended_while_nothing_ran_lets_nothing_be_found() {
    let house = House::new().await;
    let (mut harbor, mut stream) = harbor(&house).await;
    house.grant("harbor", Category::Legal).await;
    publish(&house, &mut harbor, &mut stream).await;
    house.until_found("Bond Hearings").await;
    drop(stream);
    let stopped = house.stop().await;

    let house = stopped
        .start_after(SignedDuration::from_hours(301 * 24))
        .await;

    until("it is hidden", async || {
        house.names("Bond Hearings").is_empty()
    })
    .await;
}

#[tokio::test]
async fn a_grant_that_is_revoked_hides_its_services() {
    let house = House::new().await;
    let (mut harbor, mut stream) = harbor(&house).await;
    house.grant("harbor", Category::Legal).await;
    publish(&house, &mut harbor, &mut stream).await;
    house.until_found("Bond Hearings").await;

    let revoked = house.directory.revoke(
        &house.operator,
        agency("harbor"),
        Category::Legal,
        "Ana",
        "lapsed",
    );
    revoked.await.unwrap();

    until("it is hidden", async || {
        house.names("Bond Hearings").is_empty()
    })
    .await;
    let nothing = house.directory.revoke(
        &house.operator,
        agency("harbor"),
        Category::Legal,
        "Ana",
        "lapsed",
    );
    assert!(nothing.await.is_err());
}

#[tokio::test]
async fn grants_outlive_the_journal_they_were_given_in() {
    let house = House::new().await;
    let (mut harbor, mut stream) = harbor(&house).await;
    house.grant("harbor", Category::Legal).await;
    publish(&house, &mut harbor, &mut stream).await;
    house.until_found("Bond Hearings").await;
    drop(stream);
    let before = house.directory.agencies()[0].grants.clone();

    let house = house.again().await;

    assert_eq!(house.directory.agencies()[0].grants, before);
    assert_eq!(house.names("Bond Hearings"), ["Bond Hearings"]);
    assert!(house.names("Beds Tonight").is_empty());
}

#[tokio::test]
async fn a_service_that_becomes_legal_help_is_held_from_then_on() {
    let house = House::new().await;
    let (mut harbor, mut stream) = harbor(&house).await;
    publish(&house, &mut harbor, &mut stream).await;

    stream
        .accepted(harbor.publish(coded("school", "English Lessons", &["lc:bond"])))
        .await;

    until("it is hidden", async || house.names("").is_empty()).await;
    stream
        .accepted(harbor.withdraw(Kind::Service, "school"))
        .await;
}
