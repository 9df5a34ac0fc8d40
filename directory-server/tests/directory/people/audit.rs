//! What is recorded before it is done.

use std::fs;
use std::io::Write;

use directory_server::audit;
use referral_core::policy::{Role, Scope, Viewer};

use super::{person, token};
use crate::support::{Agency, House};

fn acts(house: &House) -> Vec<(String, String)> {
    let entries = audit::read(&house.folder("")).unwrap();
    entries.into_iter().map(|e| (e.act, e.about)).collect()
}

#[tokio::test]
async fn what_people_decide_is_in_the_log_and_searches_are_not() {
    let house = House::new().await;
    let operator = Viewer::at_the_machine();
    let agency = Agency::join(&house, "harbor").await;
    house
        .directory
        .readmit(&house.operator, agency.id.clone())
        .await
        .unwrap();
    house
        .directory
        .allow_deletions(&house.operator, agency.id.clone(), 5)
        .await
        .unwrap();
    let ana = person(&house, "ana@example.org", Role::Caseworker).await;
    let (id, _) = token(&house, &ana.id, &[Scope::Search]).await;
    house.names("anything");
    house
        .directory
        .change_role(&operator, &ana.id, Role::Specialist)
        .await
        .unwrap();
    house.directory.revoke_token(&operator, &id).await.unwrap();
    house
        .directory
        .revoke_person(&operator, &ana.id)
        .await
        .unwrap();
    let to = tempfile::tempdir().unwrap();
    house
        .directory
        .backup(to.path().join("backup"))
        .await
        .unwrap();

    let acts = acts(&house);

    // Two people granted it three categories.
    let (granted, acts): (Vec<_>, Vec<_>) = acts
        .into_iter()
        .partition(|(act, _)| act == "agency_changed");
    assert_eq!(granted.len(), 6, "{granted:?}");
    let said: Vec<&str> = acts.iter().map(|(act, _)| act.as_str()).collect();
    assert_eq!(
        said,
        [
            "agency_invited",
            "agency_joined",
            "agency_readmitted",
            "deletions_allowed",
            "person_invited",
            "person_joined",
            "token_made",
            "role_changed",
            "token_revoked",
            "person_revoked",
            "backup_taken",
        ]
    );
    assert!(acts[..4].iter().all(|(_, about)| about == "harbor"));
    assert_eq!(acts[4].1, ana.id);
    let log = fs::read_to_string(house.folder("audit/log")).unwrap();
    assert!(!log.contains("ana@example.org"), "no names in the log");
    assert!(audit::verify(&house.folder(""), None).is_ok());
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_done() {
    let house = House::new().await;
    // The next entry is written to a file that takes nothing.
    let log = house.folder("audit/head");
    fs::remove_file(&log).ok();
    fs::create_dir_all(log.join("in the way")).unwrap();
    let operator = Viewer::at_the_machine();
    let name = directory_server::people::SignInName::parse("ana").unwrap();

    let refused = house
        .directory
        .invite_person(&operator, name, Role::Operator, None)
        .await;

    assert_eq!(refused.unwrap_err().code(), "audit_failed");
    assert!(house.directory.persons(&operator).unwrap().is_empty());
    assert!(
        house
            .directory
            .enrol(&house.operator, "harbor", "Harbor")
            .await
            .is_err()
    );
    assert!(house.directory.agencies().is_empty());
}

#[tokio::test]
async fn a_directory_does_not_go_on_with_a_log_that_was_changed() {
    let house = House::new().await;
    house.invite("harbor").await;
    house.invite("hope").await;
    let stopped = house.stop().await;
    let log = stopped.data.path().join("audit/log");
    let text = fs::read_to_string(&log).unwrap();
    let mut file = fs::File::create(&log).unwrap();
    file.write_all(text.replace("harbor", "another").as_bytes())
        .unwrap();

    let (why, _) = stopped.refuses_to_start().await;

    assert!(
        format!("{why:#}").contains("the audit log was changed"),
        "{why:#}"
    );
}
