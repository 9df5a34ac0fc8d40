//! What everybody is shown is compared with what this node published: an insider may answer the node honestly and
//! everybody else falsely.

use std::sync::Arc;
use std::time::Duration;

use agency_node::mail::{MailConfig, Mailer, remind};
use agency_node::operations::Verification;
use referral_core::catalog::Record;
use referral_proto::v1::Tier;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::commands::{DONE, FAILED, agency_node};
use crate::fake::Fake;
use crate::fake::public::Public;
use crate::mail_server::{MailServer, Mood};
use crate::sample::{PATIENCE, Running, organization, reachable};

/// An organization and services with telephone numbers; `last`: who may see the last of them.
fn records(services: usize, last: Tier) -> Vec<Record> {
    let tier = |n| {
        if n + 1 == services {
            last
        } else {
            Tier::Public
        }
    };
    let number = |n: usize| format!("+1210555{:04}", n + 100);
    let services = (0..services).map(|n| reachable(&format!("s{n}"), "org", &number(n), tier(n)));
    let organization = organization("org", "Organization");
    std::iter::once(organization).chain(services).collect()
}

async fn verified(node: &Running) -> Verification {
    let number = node.node.ask_verification();
    let mut verifying = node.node.verifying().subscribe();
    let done = verifying.wait_for(|verifying| verifying.done >= number);
    let done = timeout(PATIENCE, done).await.unwrap().unwrap();
    done.last.clone().unwrap()
}

fn named(found: &Verification) -> Vec<(&str, &str)> {
    let differences = found.differences.iter();
    differences
        .map(|one| (one.id.as_str(), one.refusal.code.as_str()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_for_everybody_else_is_found() {
    let fake = Fake::start().await;
    let _public = Public::open(&fake).await;
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(120, Tier::Public));
    node.acknowledged().await;
    let fine = agency_node(&["verify"], data.path()).await;

    fake.fault(|faults| {
        let number = "+12105559999".to_owned();
        faults.altered.insert("s7".to_owned(), number);
        faults.hidden.insert("s9".to_owned());
    });
    let found = agency_node(&["verify", "--json"], data.path()).await;
    let status = agency_node(&["status"], data.path()).await;

    assert_eq!(fine.code, DONE, "{fine:?}");
    let read = "121 records were read as anybody reads them";
    assert!(fine.out.contains(read), "{fine:?}");
    assert_eq!(found.code, FAILED, "{found:?}");
    let said = found.json();
    let said: Vec<_> = said["differences"].as_array().unwrap().iter().collect();
    let codes: Vec<_> = said
        .iter()
        .map(|one| (one["id"].as_str().unwrap(), one["code"].as_str().unwrap()))
        .collect();
    assert_eq!(codes, [("s7", "public_altered"), ("s9", "public_missing")]);
    let text = said[0]["text"].as_str().unwrap();
    assert!(text.contains("service.phones[0].number"), "{text}");
    assert!(status.out.contains("2 of 121 records differ"), "{status:?}");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_few_or_held_back_is_not_missed() {
    let fake = Fake::start().await;
    let _public = Public::open(&fake).await;
    let data = fake.join().await;
    fake.fault(|faults| {
        faults.held = vec![("s1", "needs_grant", "legal")];
        let hidden = ["s0", "s1", "s2"].map(str::to_owned);
        faults.hidden.extend(hidden);
    });
    let node = Running::start(data.path());
    node.import(records(3, Tier::Member));
    node.acknowledged().await;

    let found = verified(&node).await;

    assert_eq!(named(&found), [("s0", "public_missing")]);
    assert_eq!(found.public_problem, "");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_cannot_be_read_are_said_and_are_no_alarm() {
    let fake = Fake::start().await;
    drop(Public::open(&fake).await);
    let data = fake.join().await;
    let node = Running::start(data.path());
    node.import(records(2, Tier::Public));
    node.acknowledged().await;

    let verified = agency_node(&["verify"], data.path()).await;

    assert_eq!(verified.code, DONE, "{verified:?}");
    let said = "what everybody is shown was not compared: cannot reach";
    assert!(verified.out.contains(said), "{verified:?}");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_speaks_of_every_new_difference_once() {
    let fake = Fake::start().await;
    let _public = Public::open(&fake).await;
    let data = fake.join().await;
    let server = MailServer::start(Mood::Takes).await;
    let config = MailConfig {
        smtp: format!("smtp://{}", server.address),
        password_file: None,
        from: "Harbor node <node@harbor.example>".to_owned(),
        to: vec!["desk@harbor.example".to_owned()],
        authority: None,
        time_zone: Some("America/Chicago".to_owned()),
        timeout: Duration::from_secs(1),
        back_off: Duration::from_millis(20),
    };
    let node = Running::start(data.path());
    let (stop, mailer) = (CancellationToken::new(), Mailer::new(&config).unwrap());
    let reminding = remind(
        Arc::clone(&node.node),
        mailer,
        config.back_off,
        stop.clone(),
    );
    node.import(records(3, Tier::Public));
    node.acknowledged().await;
    let looking = async {
        for id in ["s1", "s1", "s2"] {
            fake.fault(|faults| {
                let number = "+12105559999".to_owned();
                faults.altered.insert(id.to_owned(), number);
            });
            verified(&node).await;
            server.taken(1).await;
        }
        server.taken(2).await;
        stop.cancel();
    };

    tokio::join!(reminding, looking);

    let mails = server.taken(2).await;
    assert_eq!(mails.len(), 2);
    let (first, second) = (&mails[0], &mails[1]);
    assert!(
        first.contains("Subject: 1 record is shown otherwise"),
        "{first}"
    );
    assert!(
        first.contains("- service s1: everybody is shown"),
        "{first}"
    );
    assert!(second.contains("- service s2:"), "{second}");
    assert!(!second.contains("- service s1:"), "{second}");
    node.stop().await;
}
