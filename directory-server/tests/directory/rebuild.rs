//! The directory's disk is gone and its authority is not: the agencies fill it again.

use std::fs;
use std::path::Path;

use directory_server::audit;
use directory_server::backup::{Restore, restore};
use directory_server::life::Start;
use referral_core::id::Kind;
use referral_proto::v1;
use referral_proto::v1::FenceReason;
use referral_proto::v1::publish_response::Message as Down;
use referral_runtime::tls::NewKey;
use tempfile::TempDir;

use crate::commands::{Serving, fails, run};
use crate::support::house::{Stopped, noon};
use crate::support::http::get;
use crate::support::records::{organization, service};
use crate::support::{Agency, House, copy};

/// A directory with one service, and its agency.
async fn filled() -> (House, Agency) {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let batch = vec![
        agency.publish(organization("org")),
        agency.publish(service("first", "First Service")),
    ];
    stream.operations(batch).await;
    house.until_found("First Service").await;
    (house, agency)
}

/// A data directory with nothing but the authority, from where a copy was kept.
async fn lost(house: House) -> Stopped {
    let stopped = house.stop().await;
    let data = TempDir::new().unwrap();
    copy(&stopped.data.path().join("ca"), &data.path().join("ca"));
    Stopped::new(data)
}

/// What the directory says to this agency's hello.
async fn said(house: &House, agency: &Agency) -> Down {
    let mut stream = agency.knock(house).await;
    stream.next().await.unwrap()
}

#[tokio::test]
async fn after_a_total_loss_an_agency_is_back_by_its_certificate_and_publishes_with_its_key() {
    let (house, mut agency) = filled().await;
    let before = house.directory.generation();
    let (refused, stopped) = lost(house).await.refuses_to_start().await;
    assert!(format!("{refused:#}").contains("serve --rebuild"));

    let house = stopped.start_as(Start::Rebuild).await.unwrap();
    let generation = house.directory.generation();
    let mut stream = agency.knock(&house).await;
    let Some(Down::Welcome(welcome)) = stream.next().await else {
        panic!("not let back in")
    };
    stream.ack().await;
    agency.begin(welcome.epoch);
    // The directory holds nothing: to it, all of it is new.
    agency.refused(Kind::Organization, "org");
    agency.refused(Kind::Service, "first");
    stream.accepted(agency.publish(organization("org"))).await;
    stream
        .accepted(agency.publish(service("first", "First Service")))
        .await;

    house.until_found("First Service").await;
    assert!(generation >= before);
    assert_eq!((welcome.generation, welcome.applied), (generation, 0));
    let agencies = house.directory.agencies();
    assert_eq!(agencies[0].name, "Agency harbor", "by its certificate");
    assert!(agencies[0].joined);
    drop(stream);
    let house = house.again().await;
    assert!(
        house.directory.is_rebuilding(),
        "until the operator ends it"
    );
    assert!(matches!(said(&house, &agency).await, Down::Welcome(_)));
}

#[tokio::test]
async fn while_it_is_being_filled_again_everybody_is_told_and_not_afterwards() {
    let (house, _) = filled().await;
    let house = lost(house).await.start_as(Start::Rebuild).await.unwrap();
    let told = async || {
        let request = v1::SearchRequest::default();
        let notices = house.ask(request).await.unwrap().notices.into_iter();
        notices.map(|notice| notice.code).collect::<Vec<_>>()
    };
    let code = "directory_rebuilding".to_owned();

    assert!(told().await.contains(&code));
    let page = get(house.public, "/?text=help").await;
    assert!(page.text().contains("lost its records"), "{}", page.text());

    assert_eq!(house.directory.end_rebuild().unwrap(), (true, 0));
    assert_eq!(house.directory.end_rebuild().unwrap(), (false, 0));
    assert!(!told().await.contains(&code));
}

#[tokio::test]
async fn who_joined_after_the_backup_is_let_back_in_after_a_restore_that_says_so() {
    for let_back_in in [false, true] {
        let (house, _) = filled().await;
        let place = TempDir::new().unwrap();
        let backup = place.path().join("backup");
        house.directory.backup(backup.clone()).await.unwrap();
        let late = Agency::join(&house, "lighthouse").await;
        let stopped = lost(house).await;
        let order = Restore {
            from: &backup,
            data: stopped.data.path(),
            replace: false,
            let_back_in,
        };

        restore(&order, noon()).unwrap();

        let house = stopped.start().await.unwrap();
        let said = said(&house, &late).await;
        assert_eq!(matches!(said, Down::Welcome(_)), let_back_in);
        assert_eq!(house.directory.is_rebuilding(), let_back_in);
    }
}

#[tokio::test]
async fn nobody_is_let_in_by_a_certificate_alone_once_the_rebuild_is_over() {
    let (house, agency) = filled().await;
    let house = lost(house).await.start_as(Start::Rebuild).await.unwrap();
    house.directory.end_rebuild().unwrap();

    let Down::Fence(fence) = said(&house, &agency).await else {
        panic!("let in")
    };

    assert_eq!(fence.reason(), FenceReason::Unspecified);
    assert!(house.directory.agencies().is_empty());
}

#[tokio::test]
async fn an_empty_beginning_that_was_asked_for_lets_nobody_back_in() {
    let (house, agency) = filled().await;
    let house = lost(house).await.start_as(Start::New).await.unwrap();

    assert!(matches!(said(&house, &agency).await, Down::Fence(_)));
    assert!(!house.directory.is_rebuilding());
}

#[tokio::test]
async fn a_certificate_without_a_listing_key_lets_nobody_back_in() {
    let (house, agency) = filled().await;
    let mut agency = agency;
    agency.identity = house.issue("harbor", &NewKey::generate().unwrap());
    let house = lost(house).await.start_as(Start::Rebuild).await.unwrap();

    assert!(matches!(said(&house, &agency).await, Down::Fence(_)));
    assert!(house.directory.agencies().is_empty());
}

#[tokio::test]
async fn an_agency_that_has_a_new_token_comes_with_that_and_not_with_an_old_certificate() {
    let (house, agency) = filled().await;
    let house = lost(house).await.start_as(Start::Rebuild).await.unwrap();
    house.invite("harbor").await;

    assert!(matches!(said(&house, &agency).await, Down::Fence(_)));
    assert!(!house.directory.agencies()[0].joined);
}

#[test]
fn the_program_begins_empty_only_when_it_is_said() {
    let place = TempDir::new().unwrap();
    let data = place.path().join("data");
    let path = data.to_str().unwrap();
    ends(Serving::start(&data), path);
    fs::remove_dir_all(data.join("journal")).unwrap();

    fails(
        &["serve", "--data", path],
        1,
        &["--rebuild", "--new", "restore"],
    );
    fails(
        &["serve", "--data", path, "--new", "--rebuild"],
        2,
        &["cannot be used with"],
    );
    ends(Serving::start_with(&data, &["--rebuild"]), path);
    let serving = Serving::start(&data);
    let ended = run(&["end-rebuild", "--data", path]);
    assert_eq!(ended.status.code(), Some(0));
    let said = String::from_utf8(ended.stdout).unwrap();
    assert_eq!(said, "the rebuild is over: 0 agencies are members\n");
    assert_eq!(serving.terminate(), Some(0));
    fails(
        &["serve", "--data", path, "--rebuild"],
        1,
        &["has its journal"],
    );
    fails(&["end-rebuild", "--data", path], 69, &["no directory runs"]);
}

/// Stops the program once it answers.
fn ends(serving: Serving, data: &str) {
    let answered = run(&["agency", "list", "--data", data]);
    assert_eq!(answered.status.code(), Some(0));
    assert_eq!(serving.terminate(), Some(0));
}

/// The drill of the runbook: the machine is lost, the exported authority and a backup are not.
/// To which files the authority was exported, as the audit log says, which must be whole.
fn exports(data: &Path) -> Vec<String> {
    audit::verify(data, None).unwrap();
    let entries = audit::read(data).unwrap().into_iter();
    let exports = entries.filter(|entry| entry.act == "authority_exported");
    exports.map(|entry| entry.about).collect()
}

/// A folder as the name of a file to write the authority into.
fn escrow_in(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

#[test]
fn an_export_of_the_authority_is_in_the_log_whether_the_directory_runs_or_not() {
    let (data, safe) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let path = data.path().to_str().unwrap();
    let (running, stopped) = (escrow_in(&safe, "running"), escrow_in(&safe, "stopped"));
    let export = |to: &str| run(&["authority", "export", "--data", path, "--to", to]);
    let serving = Serving::start(data.path());

    assert!(export(&running).status.success());
    ends(serving, path);
    assert!(export(&stopped).status.success());

    assert_eq!(exports(data.path()), [running.as_str(), &stopped]);
    let verified = run(&["audit", "verify", "--data", path]);
    assert_eq!(verified.status.code(), Some(0));
    assert_eq!(
        fs::read(running).unwrap(),
        fs::read(stopped).unwrap(),
        "one authority"
    );
}

#[test]
fn an_authority_whose_export_cannot_be_recorded_is_not_given_out() {
    let (data, safe) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (path, to) = (data.path().to_str().unwrap(), escrow_in(&safe, "escrow"));
    let export = ["authority", "export", "--data", path, "--to", &to];
    let in_the_way = data.path().join("audit/head");
    let serving = Serving::start(data.path());
    // The next entry is written to a file that takes nothing.
    fs::remove_file(&in_the_way).ok();
    fs::create_dir_all(in_the_way.join("something")).unwrap();

    fails(&export, 1, &["cannot be written"]);
    ends(serving, path);
    fails(&export, 1, &["cannot be written"]);

    assert!(!Path::new(&to).exists());
}

#[test]
fn an_authority_in_a_folder_of_its_own_is_exported_through_the_directory_that_records_it() {
    let (data, safe) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (path, to) = (data.path().to_str().unwrap(), escrow_in(&safe, "escrow"));
    let serving = Serving::start(data.path());
    let keys = safe.path().join("keys");
    copy(&data.path().join("ca"), &keys);
    let folder = keys.to_str().unwrap();
    let export = [
        "authority",
        "export",
        "--data",
        path,
        "--folder",
        folder,
        "--to",
        &to,
    ];

    assert!(run(&export).status.success());
    ends(serving, path);
    fs::remove_file(&to).unwrap();
    fails(&export, 69, &["no directory runs"]);

    assert!(!Path::new(&to).exists());
    assert_eq!(exports(data.path()), [to]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_authority_is_put_back_and_its_agencies_go_on() {
    let (house, agency) = filled().await;
    let safe = TempDir::new().unwrap();
    let (escrow, backup) = (
        safe.path().join("authority.pem"),
        safe.path().join("backup"),
    );
    house.directory.backup(backup.clone()).await.unwrap();
    let (escrow, backup) = (escrow.to_str().unwrap(), backup.to_str().unwrap());
    let data = house.folder("");
    let export = |data: &str| run(&["authority", "export", "--data", data, "--to", escrow]);

    let exported = export(data.to_str().unwrap());

    assert!(exported.status.success(), "{exported:?}");
    let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(escrow).unwrap());
    assert_eq!(mode & 0o777, 0o600);
    let printed = String::from_utf8(exported.stdout).unwrap();
    assert!(!printed.contains("PRIVATE KEY"), "{printed}");
    let again = export(data.to_str().unwrap());
    assert!(!again.status.success(), "nothing is written over");
    let before = house.directory.authority().fingerprint();
    drop(house.stop().await);

    let new = TempDir::new().unwrap();
    let to = new.path().to_str().unwrap();
    assert!(
        run(&["restore", "--from", backup, "--data", to])
            .status
            .success()
    );
    let import = ["authority", "import", "--data", to, "--from", escrow];
    let imported = run(&import);
    assert!(imported.status.success(), "{imported:?}");
    assert!(!run(&import).status.success(), "one that is there stays");

    let house = Stopped::new(new).start().await.unwrap();
    assert_eq!(house.directory.authority().fingerprint(), before);
    assert_eq!(house.names(""), ["First Service"]);
    let mut stream = agency.knock(&house).await;
    assert!(matches!(stream.next().await, Some(Down::Welcome(_))));
}

#[test]
fn what_holds_no_authority_is_not_imported() {
    let (safe, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let escrow = safe.path().join("authority.pem");
    fs::write(&escrow, "-----BEGIN NOTHING-----").unwrap();
    let (from, to) = (escrow.to_str().unwrap(), data.path().to_str().unwrap());

    let refused = run(&["authority", "import", "--data", to, "--from", from]);

    assert!(!refused.status.success());
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(words.contains("holds no key and certificate"), "{words}");
    assert!(!data.path().join("ca/ca.key").exists());
}
