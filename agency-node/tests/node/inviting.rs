//! Letting people in to the agency's own page on the command line, without a daemon and with one.

use crate::commands::{DONE, REFUSED, agency_node};
use crate::fake::Fake;
use crate::sample::{Running, import, open, records};

#[tokio::test]
async fn people_are_invited_listed_and_removed_without_a_daemon() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    open(data.path()).import(&import(records(1))).unwrap();

    let invite = ["person", "invite", "ana", "--organization", "org", "--json"];
    let invited = agency_node(&invite, data.path()).await;
    let again = agency_node(&invite, data.path()).await;
    let listed = agency_node(&["person", "list", "--json"], data.path()).await;
    let removed = agency_node(&["person", "revoke", "Ana"], data.path()).await;
    let unknown = agency_node(&["person", "remove", "ana"], data.path()).await;

    let secret = invited.json()["invitation"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("invite1_"));
    assert!(invited.json()["link"].is_null(), "no page is served");
    again.failed(REFUSED, &["there is an account with this name"]);
    let person = &listed.json()["persons"][0];
    assert_eq!(
        (&person["name"], &person["organization"]),
        (&"ana".into(), &"org".into())
    );
    assert_eq!(person["joined"], false);
    assert_eq!(removed.code, DONE);
    unknown.failed(REFUSED, &["there is no account with this name"]);
}

#[tokio::test]
async fn an_account_for_an_organization_that_is_not_here_is_refused() {
    let fake = Fake::start().await;
    let data = fake.join().await;

    let invite = ["person", "invite", "ana", "--organization", "nowhere"];
    let refused = agency_node(&invite, data.path()).await;

    refused.failed(REFUSED, &["publishes no organization nowhere"]);
}

#[tokio::test]
async fn a_running_node_lets_people_in_and_out_at_once() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let running = Running::start(data.path());

    let invited = agency_node(&["person", "invite", "ana", "--json"], data.path()).await;
    let accounts = running.node.people().accounts();
    let removed = agency_node(&["person", "remove", "ana"], data.path()).await;

    assert_eq!(invited.code, DONE);
    assert_eq!(accounts.len(), 1);
    assert_eq!(
        (removed.code, running.node.people().accounts().len()),
        (DONE, 0)
    );
    running.stop().await;
}
