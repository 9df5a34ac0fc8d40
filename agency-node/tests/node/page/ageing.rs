//! "Still true?": what nobody has published again for long is looked over, ticked and published again (R13).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use agency_node::operations::Node;
use axum::http::StatusCode;
use jiff::Timestamp;
use referral_runtime::accounts::SignInName;
use referral_runtime::clock::ManualClock;
use tempfile::TempDir;

use super::visit::{Visit, sign_in};
use crate::fake::Fake;
use crate::sample::{import, organization, service};

const DAY: Duration = Duration::from_hours(24);

/// A node whose services of two organizations were published now; it does not run.
async fn node() -> (TempDir, Arc<ManualClock>, Arc<Node>) {
    let data = Fake::start().await.join().await;
    let morning: Timestamp = "2026-06-02T15:00:00Z".parse().unwrap();
    let clock = Arc::new(ManualClock::new(morning));
    let node = Node::open(data.path(), clock.clone()).unwrap();
    let records = vec![
        organization("org", "Harbor"),
        organization("other", "Other"),
        service("beds", "Family shelter", "org", &[]),
        service("meals", "Warm meals", "org", &[]),
        service("pantry", "Food pantry", "other", &[]),
    ];
    node.import(&import(records)).unwrap();
    (data, clock, Arc::new(node))
}

/// Ticks services on the page that is shown, and sends its form.
async fn tick(visit: &mut Visit, services: &[&str]) {
    let mut fields = visit.form("/ageing", "name=\"service\"");
    let token = fields.remove("token").unwrap();
    let mut pairs = vec![("token", token.as_str())];
    pairs.extend(services.iter().map(|id| ("service", *id)));
    visit.post_pairs("/ageing", &pairs).await;
}

fn queued(node: &Node) -> u64 {
    node.status().queued
}

#[tokio::test]
async fn what_is_ticked_is_published_again_and_nothing_else() {
    let (_data, clock, node) = node().await;
    let before = queued(&node);
    clock.advance(149 * DAY);
    let mut visit = sign_in(&node, None).await;
    assert!(!visit.get("/").await.contains("/ageing"));
    clock.advance(DAY);
    let mut visit = sign_in(&node, Some("org")).await;
    let list = visit.get("/").await;
    assert!(
        list.contains("What 2 services say was published more than five months ago"),
        "those in reach: {list}"
    );

    let page = visit.get("/ageing").await;
    assert!(page.contains("Family shelter") && page.contains("Warm meals"));
    assert!(!page.contains("Food pantry"), "of another organization");
    tick(&mut visit, &["beds"]).await;

    let page = visit.follow().await;
    assert!(page.contains("One service is published again as it is"));
    assert!(!page.contains("Family shelter") && page.contains("Warm meals"));
    assert_eq!(queued(&node), before + 1);
}

#[tokio::test]
async fn nothing_ticked_and_what_is_out_of_reach_publish_nothing() {
    let (_data, clock, node) = node().await;
    let before = queued(&node);
    clock.advance(200 * DAY);
    let mut visit = sign_in(&node, Some("org")).await;
    visit.get("/ageing").await;

    tick(&mut visit, &[]).await;
    assert_eq!(visit.status, StatusCode::CONFLICT);
    assert!(visit.text.contains("Nothing is ticked"), "{}", visit.text);
    tick(&mut visit, &["beds", "pantry"]).await;
    assert_eq!(visit.status, StatusCode::CONFLICT);
    assert!(visit.text.contains("not in your list any more"));
    visit
        .post(
            "/ageing",
            &BTreeMap::from([("service".into(), "beds".into())]),
        )
        .await;
    assert_eq!(visit.status, StatusCode::FORBIDDEN, "a form of nobody");

    assert_eq!(queued(&node), before);
}

#[tokio::test]
async fn the_page_says_how_searches_show_a_service_of_that_age() {
    let (_data, clock, node) = node().await;
    let mut passed = 0;
    for (days, says) in [
        (150, "Searches show it as old from November 29, 2026 on."),
        (180, "Searches show it as old."),
        (365, "Searches do not find it any more."),
    ] {
        clock.advance((days - passed) * DAY);
        passed = days;
        // Their session ended meanwhile.
        let mut visit = sign_in(&node, Some("other")).await;

        let page = visit.get("/ageing").await;

        assert!(page.contains(says), "{days}: {page}");
        let of = SignInName::parse("other").unwrap();
        node.remove_person(&of).unwrap();
    }
}
