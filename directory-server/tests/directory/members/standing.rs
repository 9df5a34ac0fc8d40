//! Suspended, evicted, banned: from the next operation on, and on streams that are open.

use directory_server::ledger::Standing;
use jiff::SignedDuration;
use referral_core::catalog::Category;
use referral_core::policy::{Role, Viewer};
use referral_proto::v1;
use referral_proto::v1::FenceReason;
use referral_runtime::clock::Clock;

use super::agency;
use crate::support::http::get;
use crate::support::records::{open, organization, service};
use crate::support::{Agency, Applicant, House, until};

async fn decide(house: &House, standing: Standing) {
    let decided = house.directory.set_standing(
        &house.operator,
        agency("harbor"),
        standing,
        "Ana Ruiz",
        "complaint 12",
    );
    decided.await.unwrap();
}

/// An agency that has published a clinic.
async fn published(house: &House) -> (Agency, crate::support::Stream) {
    let mut harbor = Agency::join(house, "harbor").await;
    let mut stream = harbor.stream(house).await;
    stream.accepted(harbor.publish(organization("org"))).await;
    stream
        .accepted(harbor.publish(service("legal", "Legal Clinic")))
        .await;
    house.until_found("Legal Clinic").await;
    (harbor, stream)
}

#[tokio::test]
async fn a_stream_is_cut_and_nothing_more_is_accepted() {
    for standing in [Standing::Suspended, Standing::Evicted, Standing::Banned] {
        let house = House::new().await;
        let (mut harbor, mut stream) = published(&house).await;
        let applied = house.directory.agencies()[0].applied;

        decide(&house, standing).await;

        assert_eq!(
            stream.fenced().await.reason(),
            FenceReason::Suspended,
            "{standing:?}"
        );
        let fenced = harbor.knock(&house).await.fence().await;
        assert_eq!(fenced, FenceReason::Suspended, "{standing:?}");
        let _late = harbor.publish(organization("late"));
        assert_eq!(house.directory.agencies()[0].applied, applied);
        house.stop().await;
    }
}

#[tokio::test]
async fn operations_that_are_on_their_way_are_not_accepted_any_more() {
    let house = House::new().await;
    let (mut harbor, mut stream) = published(&house).await;
    let applied = house.directory.agencies()[0].applied;
    let operations = (0..50).map(|n| harbor.publish(organization(&format!("o{n}"))));
    let operations: Vec<_> = operations.collect();

    decide(&house, Standing::Suspended).await;
    stream.send(operations).await;

    stream.fenced().await;
    assert_eq!(house.directory.agencies()[0].applied, applied);
}

#[tokio::test]
async fn what_a_suspended_agency_published_stays_and_what_a_banned_one_did_goes() {
    let house = House::new().await;
    let (harbor, stream) = published(&house).await;
    drop(stream);

    decide(&house, Standing::Suspended).await;
    assert_eq!(house.names(""), ["Legal Clinic"]);

    decide(&house, Standing::Banned).await;
    until("it is hidden", async || house.names("").is_empty()).await;
    let house = house.again().await;
    assert_eq!(house.names(""), [""; 0], "after a restart");

    house
        .directory
        .readmit(&house.operator, agency("harbor"))
        .await
        .unwrap();
    house.until_found("Legal Clinic").await;
    harbor.stream(&house).await;
}

#[tokio::test]
async fn what_an_agency_listed_that_may_not_list_any_more_is_shown_with_a_caution() {
    let house = House::new().await;
    let (_harbor, stream) = published(&house).await;
    drop(stream);
    let cautioned = async || {
        let reasons = &house.everything().await[0].reasons;
        let on_page = get(house.public, "/?text=legal&availability=any").await;
        let stated = "Unverified: the agency that lists this may not list here at present";
        let in_answer = reasons.iter().any(|reason| reason.code == "unverified");
        (in_answer, on_page.text().contains(stated))
    };
    assert_eq!(cautioned().await, (false, false));

    for standing in [Standing::Suspended, Standing::Evicted] {
        decide(&house, standing).await;
        assert_eq!(cautioned().await, (true, true), "{standing:?}");
    }

    house
        .directory
        .set_standing(
            &house.operator,
            agency("harbor"),
            Standing::Active,
            "Ana Ruiz",
            "settled",
        )
        .await
        .unwrap();
    assert_eq!(cautioned().await, (false, false));
}

#[tokio::test]
async fn an_evicted_agency_joins_again_with_a_new_token_and_a_banned_one_does_not() {
    let house = House::new().await;
    let (_, stream) = published(&house).await;
    drop(stream);
    decide(&house, Standing::Banned).await;
    assert!(
        house
            .directory
            .enrol_again(&house.operator, "harbor")
            .await
            .is_err()
    );

    decide(&house, Standing::Evicted).await;
    let token = house
        .directory
        .enrol_again(&house.operator, "harbor")
        .await
        .unwrap();
    let again = Applicant::new(77).admitted_with(&house, &token).await;

    again.stream(&house).await;
    assert_eq!(house.directory.agencies()[0].standing, Standing::Active);
}

#[tokio::test]
async fn capacity_of_an_agency_that_may_not_publish_is_not_accepted() {
    let house = House::new().await;
    let (mut harbor, mut stream) = published(&house).await;
    stream.reports(vec![harbor.report(open("legal", 4))]).await;

    decide(&house, Standing::Suspended).await;
    let reports = vec![harbor.report(open("legal", 9))];
    let message = v1::publish_request::Message::Capacity(v1::CapacityBatch { reports });
    stream.say(message).await;

    stream.fenced().await;
    let shown = house.everything().await;
    let counts = &shown[0].capacity.as_ref().unwrap().counts;
    assert_eq!(counts[0].available, Some(4));
}

#[tokio::test]
async fn a_decision_names_who_made_it() {
    let house = House::new().await;
    Agency::join(&house, "harbor").await;

    for (by, why) in [("", "complaint"), ("Ana", ""), ("two\nlines", "complaint")] {
        let decided = house.directory.set_standing(
            &house.operator,
            agency("harbor"),
            Standing::Banned,
            by,
            why,
        );

        assert!(decided.await.is_err(), "{by:?} {why:?}");
    }
    assert_eq!(house.directory.agencies()[0].standing, Standing::Active);
}

#[tokio::test]
async fn every_decision_is_in_the_audit_log_with_who_said_so() {
    let house = House::new().await;
    Agency::join(&house, "harbor").await;

    decide(&house, Standing::Suspended).await;

    let log = directory_server::audit::read(&house.folder("")).unwrap();
    let entry = log.last().unwrap();
    assert_eq!(entry.act, "agency_changed");
    assert_eq!(entry.about, "harbor");
    assert!(
        entry.note.contains("suspended, said Ana Ruiz"),
        "{}",
        entry.note
    );
}

#[tokio::test]
async fn only_operators_who_signed_in_lately_decide_about_agencies() {
    let house = House::new().await;
    let harbor = Agency::join(&house, "harbor").await;
    for role in Role::ALL {
        for fresh in [true, false] {
            let viewer = Viewer {
                role,
                fresh,
                ..Viewer::default()
            };
            let (directory, id) = (&house.directory, || harbor.id.clone());
            let end = house
                .clock
                .now()
                .saturating_add(SignedDuration::from_hours(1));
            let legal = Category::Legal;
            let decided = [
                directory.enrol(&viewer, "beacon", "Beacon").await.is_ok(),
                directory.enrol_again(&viewer, "harbor").await.is_ok(),
                directory.readmit(&viewer, id()).await.is_ok(),
                directory.allow_deletions(&viewer, id(), 1).await.is_ok(),
                directory.set_quota(&viewer, id(), 1_000).await.is_ok(),
                directory
                    .set_standing(&viewer, id(), Standing::Active, "Ana", "test")
                    .await
                    .is_ok(),
                directory
                    .clear_name(&viewer, id(), "Harbor", "Ana")
                    .await
                    .is_ok(),
                directory
                    .grant(&viewer, id(), legal, "roster 12", end.unwrap(), "Ana")
                    .await
                    .is_ok(),
                directory
                    .revoke(&viewer, id(), legal, "Ana", "test")
                    .await
                    .is_ok(),
            ];
            assert_eq!(decided, [role == Role::Operator && fresh; 9], "{role}");
        }
    }
}
