//! The node's certificate: renewed at half its life, and after weeks in a closed laptop.

use std::time::Duration;

use agency_node::identity::{Joined, Keys};
use referral_runtime::clock::{Clock, SystemClock};
use tempfile::TempDir;

use crate::fake::Fake;
use crate::sample::{Running, records};

/// A node that joined so long ago and was closed since.
async fn joined(ago: Duration) -> (Fake, TempDir) {
    let fake = Fake::start().await;
    fake.fault(|faults| faults.issue_ago = ago);
    let data = fake.join().await;
    fake.fault(|faults| faults.issue_ago = Duration::ZERO);
    (fake, data)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_laptop_that_was_closed_for_weeks_renews_its_expired_certificate_and_publishes() {
    let (fake, data) = joined(Duration::from_hours(21 * 24)).await;
    let before = Joined::load(data.path()).unwrap().membership;
    let keys = Keys::load(data.path()).unwrap();
    assert!(before.certificate_expires < SystemClock::new().now());
    let node = Running::start(data.path());

    node.import(records(3));
    node.acknowledged().await;
    node.stop().await;

    assert_eq!(fake.state().broken, Vec::<String>::new());
    assert_eq!(fake.state().renewals.len(), 1, "asked for once");
    let after = Joined::load(data.path()).unwrap().membership;
    assert!(after.certificate_expires > SystemClock::new().now());
    assert_ne!(after.certificate_pem, before.certificate_pem);
    assert_eq!(after.agency, before.agency);
    assert_eq!(Keys::load(data.path()).unwrap(), keys, "the keys stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_renewed_between_45_and_55_hundredths_of_its_life_and_the_stream_stays() {
    for (minutes, renewed) in [(24 * 60 * 42 / 100, false), (24 * 60 * 58 / 100, true)] {
        let (fake, data) = joined(Duration::from_mins(minutes)).await;
        let node = Running::start(data.path());

        node.import(records(1));
        node.acknowledged().await;
        if renewed {
            fake.until("a renewal", |state| !state.renewals.is_empty())
                .await;
        }

        node.stop().await;
        let state = fake.state();
        assert_eq!(state.renewals.len(), usize::from(renewed), "{minutes} min");
        assert_eq!(state.sessions, 1, "a renewal interrupts nothing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_renewal_is_refused_keeps_its_certificate_and_says_why() {
    let (fake, data) = joined(Duration::from_hours(21 * 24)).await;
    let words = "the directory's operator has suspended this agency: ask the operator";
    fake.fault(|faults| faults.refuse_renewal = Some(words));
    let before = Joined::load(data.path()).unwrap().membership;
    let node = Running::start(data.path());

    node.import(records(1));
    let mut link = node.node.link().subscribe();
    let told = link.wait_for(|link| link.problem.contains(words));
    let told = tokio::time::timeout(Duration::from_secs(20), told).await;

    assert!(told.is_ok(), "{:?}", node.node.status().link);
    node.stop().await;
    let after = Joined::load(data.path()).unwrap().membership;
    assert_eq!(after.certificate_pem, before.certificate_pem);
    assert_eq!(fake.state().sessions, 0);
}
