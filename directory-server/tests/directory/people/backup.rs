//! Accounts and the audit log in backups: they come back where there are none, and undo nothing.

use directory_server::audit;
use directory_server::backup::{Restore, restore};
use referral_core::policy::{Role, Viewer};
use tempfile::TempDir;

use super::person;
use crate::support::house::{Stopped, noon};
use crate::support::{House, copy};

#[tokio::test]
async fn accounts_and_the_audit_log_come_with_a_backup_where_there_are_none() {
    let house = House::new().await;
    let ana = person(&house, "ana@example.org", Role::Caseworker).await;
    let place = TempDir::new().unwrap();
    let backup = place.path().join("backup");
    house.directory.backup(backup.clone()).await.unwrap();
    let before = audit::read(&house.folder("")).unwrap();
    let data = TempDir::new().unwrap();
    copy(&house.folder("ca"), &data.path().join("ca"));
    let order = Restore {
        from: &backup,
        data: data.path(),
        replace: false,
        let_back_in: false,
    };

    restore(&order, noon()).unwrap();

    let after = audit::read(data.path()).unwrap();
    assert_eq!(after[..before.len()], before);
    assert_eq!(after[before.len()].act, "restored");
    let again = Stopped::new(data).start().await.unwrap();
    audit::verify(&again.folder(""), None).unwrap();
    let persons = again.directory.persons(&Viewer::at_the_machine()).unwrap();
    let ids: Vec<&str> = persons.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, [ana.id.as_str()]);
    let session = ana.session.reveal();
    assert!(again.directory.people().of_session(&session).is_none());
}

#[tokio::test]
async fn a_restore_lets_nobody_in_again_who_was_turned_away_and_takes_nothing_out_of_the_log() {
    let house = House::new().await;
    let ana = person(&house, "ana@example.org", Role::Caseworker).await;
    let place = TempDir::new().unwrap();
    let backup = place.path().join("backup");
    house.directory.backup(backup.clone()).await.unwrap();
    let operator = Viewer::at_the_machine();
    let revoked = house.directory.revoke_person(&operator, &ana.id);
    revoked.await.unwrap();
    let before = audit::read(&house.folder("")).unwrap();
    let stopped = house.stop().await;

    let order = Restore {
        from: &backup,
        data: stopped.data.path(),
        replace: true,
        let_back_in: false,
    };
    restore(&order, noon()).unwrap();

    let after = audit::read(stopped.data.path()).unwrap();
    assert_eq!(after[..before.len()], before);
    assert_eq!(after[before.len()].act, "restored");
    let again = stopped.start().await.unwrap();
    let persons = again.directory.persons(&operator).unwrap();
    assert_eq!(persons[0].state, "revoked");
    assert!(!again.folder("restored.unfinished").exists());
}
