//! What goes stale is told in time: at the end of commands, by mail, and confirmed in one line.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use agency_node::mail::{MailConfig, Mailer, remind};
use agency_node::operations::{CapacityRefused, Node, Which};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::{Draft, Stated, Ttl};
use referral_core::id::LocalId;
use referral_runtime::clock::{Clock, ManualClock, SystemClock};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::commands::{BAD_CONFIGURATION, DONE, FAILED, REFUSED, UNREACHABLE, agency_node, file};
use crate::fake::Fake;
use crate::mail_server::{MailServer, Mood};
use crate::sample::{PATIENCE, beds, import, open, records};

/// Ten in the morning in Chicago, on a Tuesday.
fn morning() -> Timestamp {
    "2026-06-02T15:00:00Z".parse().unwrap()
}

/// A report from so many hours before [`morning`]; of beds, so that it is believed for 24.
fn observed(service: &str, hours_ago: i64) -> Draft {
    Draft {
        observed_at: morning() - SignedDuration::from_hours(hours_ago),
        ..beds(service, 4)
    }
}

/// A node that joined, with three services: one report goes stale at noon, one has gone stale, one is fresh.
async fn node(fake: &Fake) -> (TempDir, Arc<ManualClock>) {
    let data = fake.join().await;
    let clock = Arc::new(ManualClock::new(morning()));
    let node = Node::open(data.path(), clock.clone()).unwrap();
    node.import(&import(records(4))).unwrap();
    let reports = vec![observed("s0", 22), observed("s1", 30), observed("s2", 1)];
    node.set_capacity(reports).unwrap();
    (data, clock)
}

fn reopen(data: &TempDir, clock: &Arc<ManualClock>) -> Arc<Node> {
    Arc::new(Node::open(data.path(), clock.clone()).unwrap())
}

fn services(node: &Node) -> Vec<String> {
    let expiring = node.expiring().into_iter();
    expiring.map(|one| one.about.service.to_string()).collect()
}

fn id(text: &str) -> LocalId {
    LocalId::parse(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_knows_what_goes_stale_and_a_confirmation_says_the_same_again() {
    let fake = Fake::start().await;
    let (data, clock) = node(&fake).await;
    let node = reopen(&data, &clock);
    assert_eq!(services(&node), ["s1", "s0"], "the first to go stale first");

    let confirmed = node.confirm_capacity(&Which::Expiring).unwrap();

    assert_eq!(confirmed.len(), 2);
    assert!(
        confirmed
            .iter()
            .all(|one| one.outcome.is_ok() && one.state == Some(Stated::Open))
    );
    assert_eq!(services(&node), Vec::<String>::new());
    let capacity = node.status().capacity;
    let again = capacity
        .iter()
        .find(|draft| draft.service == id("s0"))
        .unwrap();
    assert_eq!(again.observed_at, morning());
    assert_eq!(again.counts, beds("s0", 4).counts);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_the_same_as_before_is_not_confirmed() {
    let fake = Fake::start().await;
    let (data, clock) = node(&fake).await;
    let node = reopen(&data, &clock);
    let paused = Draft {
        state: Stated::Paused,
        counts: vec![],
        reopens_at: Some("2026-06-01".parse().unwrap()),
        ..observed("s1", 100)
    };
    node.set_capacity(vec![paused]).unwrap();

    let asked = ["s1", "s3", "s9"].map(id).to_vec();
    let confirmed = node.confirm_capacity(&Which::Services(asked)).unwrap();

    let why: Vec<&str> = confirmed
        .iter()
        .map(|one| one.outcome.as_ref().err().map_or("", CapacityRefused::code))
        .collect();
    assert_eq!(why, ["has_changed", "never_reported", "service_unknown"]);
    assert_eq!(
        services(&node),
        ["s0"],
        "past its day it is unknown, not stale"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_service_and_a_location_its_service_speaks_for_are_not_told() {
    let fake = Fake::start().await;
    let (data, clock) = node(&fake).await;
    let node = reopen(&data, &clock);
    let at_location = Draft {
        location: Some(id("loc")),
        ..observed("s3", 23)
    };
    node.set_capacity(vec![at_location]).unwrap();
    assert_eq!(services(&node), ["s1", "s3", "s0"]);

    node.withdraw(&crate::sample::service_name("s1")).unwrap();
    node.set_capacity(vec![observed("s3", 0)]).unwrap();

    assert_eq!(services(&node), ["s0"]);
}

/// A data directory whose reports are as old as they are said to be by the machine's own clock.
async fn aged(fake: &Fake) -> TempDir {
    let data = fake.join().await;
    let node = open(data.path());
    node.import(&import(records(2))).unwrap();
    let aged = |service: &str, minutes| Draft {
        observed_at: SystemClock::new().now() - SignedDuration::from_mins(minutes),
        ttl: Some(Ttl::clamped(3_600)),
        ..beds(service, 4)
    };
    let reports = vec![aged("s0", 50), aged("s1", 5)];
    node.set_capacity(reports).unwrap();
    data
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_end_with_what_goes_stale_until_it_is_confirmed() {
    let fake = Fake::start().await;
    let data = aged(&fake).await;

    let status = agency_node(&["status"], data.path()).await;
    let last = status.out.lines().last().unwrap_or_default();
    assert!(
        last.starts_with("1 service goes stale to"),
        "{}",
        status.out
    );
    assert!(
        last.ends_with("confirm with `agency-node capacity confirm --all`"),
        "{last}"
    );
    let json = agency_node(&["status", "--json"], data.path()).await.json();
    assert_eq!(json["expiring"][0]["service_id"], "s0");
    assert_eq!(json["expiring"][0]["to_confirm"], true);
    let set = agency_node(&["capacity", "set", "s1", "open"], data.path()).await;
    assert!(set.out.contains("1 service goes stale"), "{}", set.out);

    let confirmed = agency_node(&["capacity", "confirm", "--all"], data.path()).await;
    assert_eq!(confirmed.code, DONE, "{confirmed:?}");
    assert!(
        confirmed.out.starts_with("s0: open as before, queued\n"),
        "{}",
        confirmed.out
    );
    assert!(!confirmed.out.contains("goes stale"), "{}", confirmed.out);

    let nothing = agency_node(&["capacity", "confirm", "--all"], data.path()).await;
    assert_eq!(
        (nothing.code, nothing.out.contains("nothing goes stale")),
        (DONE, true)
    );
    let unknown = agency_node(&["capacity", "confirm", "s7", "--json"], data.path()).await;
    assert_eq!(unknown.code, REFUSED);
    assert_eq!(
        unknown.json()["confirmed"][0]["refused"]["code"],
        "service_unknown"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_daemon_confirms_as_well() {
    let fake = Fake::start().await;
    let data = aged(&fake).await;
    let running = crate::sample::Running::start(data.path());
    running.acknowledged().await;

    let confirm = ["capacity", "confirm", "s0", "--wait"];
    let confirmed = agency_node(&confirm, data.path()).await;

    assert_eq!(confirmed.code, DONE, "{confirmed:?}");
    assert!(
        confirmed.out.starts_with("s0: open as before, published\n"),
        "{}",
        confirmed.out
    );
    running.stop().await;
    assert_eq!(fake.state().reports.len(), 3);
}

/// A configuration that sends to this server, as this user where one is named.
fn config(server: &MailServer, password: Option<&Path>) -> MailConfig {
    let user = if password.is_some() { "node@" } else { "" };
    MailConfig {
        smtp: format!("smtp://{user}{}", server.address),
        password_file: password.map(Path::to_owned),
        from: "Harbor node <node@harbor.example>".to_owned(),
        to: vec![
            "intake@harbor.example".to_owned(),
            "desk@harbor.example".to_owned(),
        ],
        authority: None,
        time_zone: Some("America/Chicago".to_owned()),
        timeout: Duration::from_secs(1),
        back_off: Duration::from_millis(20),
    }
}

/// Runs the reminders of a node until `done` says so of how they stand.
async fn reminded(node: &Arc<Node>, config: &MailConfig, done: impl Future<Output = ()>) {
    let stop = CancellationToken::new();
    let mailer = Mailer::new(config).unwrap();
    let reminding = remind(Arc::clone(node), mailer, config.back_off, stop.clone());
    let ending = async {
        done.await;
        stop.cancel();
    };
    let both = timeout(PATIENCE, async { tokio::join!(reminding, ending) }).await;
    assert!(both.is_ok(), "never: {:?}", node.mail().borrow());
}

/// Waits until the reminders of a node have a problem that says this; the problem.
async fn problem(node: &Node, says: &str) -> String {
    let mut standing = node.mail().subscribe();
    let problem = standing.wait_for(|mail| {
        mail.as_ref()
            .is_some_and(|mail| mail.problem.contains(says))
    });
    let problem = problem.await.unwrap();
    problem.as_ref().unwrap().problem.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_mail_tells_what_goes_stale_once_even_over_a_restart() {
    let fake = Fake::start().await;
    let (data, clock) = node(&fake).await;
    let server = MailServer::start(Mood::Takes).await;
    let config = config(&server, None);

    let node = reopen(&data, &clock);
    reminded(&node, &config, async {
        server.taken(1).await;
        let mut standing = node.mail().subscribe();
        let sent = standing.wait_for(|mail| mail.as_ref().is_some_and(|m| m.last_sent.is_some()));
        sent.await.unwrap();
    })
    .await;
    drop(node);
    let node = reopen(&data, &clock);
    node.set_capacity(vec![observed("s2", 23)]).unwrap();
    reminded(&node, &config, async { drop(server.taken(2).await) }).await;

    let mails = server.taken(2).await;
    for part in [
        "Service 0 (s0): goes stale today 12:00",
        "Service 1 (s1): stale since",
    ] {
        assert!(mails[0].contains(part), "{}", mails[0]);
    }
    assert!(mails[0].contains("To: intake@harbor.example, desk@harbor.example"));
    assert!(mails[0].contains("Subject: 1 service goes stale today 12:00; 1 service went stale"));
    assert!(
        mails[1].contains("(s2)") && !mails[1].contains("(s0)"),
        "{}",
        mails[1]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_cannot_be_sent_says_why_and_is_tried_again_until_it_is_taken() {
    let fake = Fake::start().await;
    let (data, clock) = node(&fake).await;
    let password = file(&data, "password", "wrong\n");
    fs::set_permissions(&password, Permissions::from_mode(0o600)).unwrap();
    let node = reopen(&data, &clock);
    let server = MailServer::start(Mood::RefusesUser).await;
    let config = config(&server, Some(&password));

    reminded(&node, &config, async {
        let credentials = problem(&node, "does not accept the user name and password").await;
        assert!(
            credentials.contains("535") && !credentials.contains("wrong"),
            "{credentials}"
        );
        for (mood, says) in [
            (Mood::RefusesRecipient, "refused the mail"),
            (Mood::Busy, "cannot take the mail just now"),
            (Mood::Silent, "did not answer within 1 s"),
        ] {
            server.is_now(mood);
            problem(&node, says).await;
        }
        server.is_now(Mood::Takes);
        let mut standing = node.mail().subscribe();
        let sent = standing.wait_for(|mail| {
            mail.as_ref()
                .is_some_and(|mail| mail.last_sent.is_some() && mail.problem.is_empty())
        });
        sent.await.unwrap();
    })
    .await;

    assert_eq!(
        server.taken(1).await.len(),
        1,
        "what was refused was not taken"
    );
    server.tried(5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_others_can_read_is_not_used() {
    let fake = Fake::start().await;
    let (data, clock) = node(&fake).await;
    let password = file(&data, "password", "secret\n");
    fs::set_permissions(&password, Permissions::from_mode(0o644)).unwrap();
    let node = reopen(&data, &clock);
    let server = MailServer::start(Mood::Takes).await;

    let config = config(&server, Some(&password));
    reminded(&node, &config, async {
        drop(problem(&node, "chmod 600").await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_published_again_for_150_days_is_told_by_one_mail() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let clock = Arc::new(ManualClock::new(morning()));
    let node = Node::open(data.path(), clock.clone()).unwrap();
    node.import(&import(records(3))).unwrap();
    drop(node);
    let server = MailServer::start(Mood::Takes).await;
    let config = config(&server, None);
    let sent = async |node: Arc<Node>, mails: usize| {
        reminded(&node, &config, async {
            server.taken(mails).await;
            let mut standing = node.mail().subscribe();
            let sent =
                standing.wait_for(|mail| mail.as_ref().is_some_and(|m| m.last_sent.is_some()));
            sent.await.unwrap();
        })
        .await;
    };

    clock.advance(Duration::from_hours(150 * 24));
    sent(reopen(&data, &clock), 1).await;
    // Asked again when searches show it as old, and not before: also after a restart.
    clock.advance(Duration::from_hours(30 * 24));
    sent(reopen(&data, &clock), 2).await;

    let mails = server.taken(2).await;
    assert!(mails[0].contains("Subject: 3 services have not been published again for long"));
    assert!(
        mails[0].contains("Service 0 (s0): published June 2, 2026"),
        "{}",
        mails[0]
    );
    assert!(mails[1].contains("searches show it as old"), "{}", mails[1]);
    assert!(
        mails
            .iter()
            .all(|mail| mail.contains("agency-node affirm --all"))
    );
}

/// `agency-node.toml` that sends to this server.
fn written(directory: &TempDir, server: &str) -> PathBuf {
    let text = format!(
        "[mail]\nsmtp = \"smtp://{server}\"\nfrom = \"node@harbor.example\"\n\
         to = [\"intake@harbor.example\"]\ntimeout = \"2s\"\n"
    );
    file(directory, "agency-node.toml", &text)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_mail_says_whether_reminders_can_be_sent() {
    let fake = Fake::start().await;
    let data = fake.join().await;
    let files = tempfile::tempdir().unwrap();
    let server = MailServer::start(Mood::Takes).await;
    let at = written(&files, &server.address.to_string());
    let test = ["mail", "test", "--config", at.to_str().unwrap()];

    let sent = agency_node(&test, data.path()).await;
    assert_eq!(sent.code, DONE, "{sent:?}");
    assert!(
        sent.out.contains("has taken a test mail to 1 address\n"),
        "{}",
        sent.out
    );
    assert!(server.taken(1).await[0].contains("Subject: Test from the referral node"));

    server.is_now(Mood::RefusesRecipient);
    let refused = agency_node(&test, data.path()).await;
    refused.failed(FAILED, &["refused the mail", "550", "mail.to"]);
    let gone = server.address;
    drop(server);
    let unreachable = agency_node(&test, data.path()).await;
    unreachable.failed(UNREACHABLE, &[&gone.to_string()]);

    for (text, says) in [
        ("[log]\n", "[mail]"),
        (
            "[mail]\nsmtp = \"x\"\nfrom = \"a@b\"\nto = [\"a@b\"]\n",
            "mail.smtp",
        ),
        ("[mail]\nsmtp = \"smtp://localhost\"\n", "from"),
    ] {
        let at = file(&files, "bad.toml", text);
        let test = ["mail", "test", "--config", at.to_str().unwrap()];
        let bad = agency_node(&test, data.path()).await;
        bad.failed(BAD_CONFIGURATION, &[says]);
    }
}

#[test]
fn office_hours_are_those_of_the_agency() {
    let mut config: MailConfig = toml::from_str(
        "smtp = \"smtp://localhost\"\nfrom = \"a@b.example\"\nto = [\"a@b.example\"]\n",
    )
    .unwrap();
    config.time_zone = Some("America/Denver".to_owned());

    let mailer = Mailer::new(&config).unwrap();

    assert_eq!(mailer.zone(), &TimeZone::get("America/Denver").unwrap());
}
