//! Invitations, passwords, sessions and the file they leave.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use referral_runtime::clock::ManualClock;
use tempfile::TempDir;

use super::*;

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new("2026-05-01T12:00:00Z".parse().unwrap()))
}

fn people(data: &Path, clock: &Arc<ManualClock>) -> People {
    People::open(data, Arc::clone(clock) as Arc<dyn Clock>).unwrap()
}

fn ana() -> Person {
    Person {
        name: SignInName::parse("ana@harbor.example").unwrap(),
        organization: Some(LocalId::parse("org-1").unwrap()),
    }
}

fn password() -> Password {
    Password::typed("correct horse battery")
}

#[tokio::test]
async fn an_invitation_lets_one_person_in_once_and_outlives_a_restart() {
    let (data, clock) = (TempDir::new().unwrap(), clock());
    let invitation = people(data.path(), &clock).invite(&ana()).unwrap().reveal();
    let people = people(data.path(), &clock);

    let session = people.accept(&invitation, password()).await.unwrap();

    let (person, _) = people.of_session(&session.reveal()).unwrap();
    assert_eq!(person, ana());
    assert_eq!(people.invited(&invitation), None);
    let again = people.accept(&invitation, password()).await;
    assert_eq!(again.unwrap_err(), SignInRefused::Invitation);
    let session = people
        .sign_in("ANA@harbor.example ", password(), None)
        .await
        .unwrap();
    assert!(people.of_session(&session.reveal()).is_some());
}

#[tokio::test]
async fn an_invitation_that_is_too_old_lets_nobody_in() {
    let (data, clock) = (TempDir::new().unwrap(), clock());
    let people = people(data.path(), &clock);
    let invitation = people.invite(&ana()).unwrap().reveal();
    clock.advance(Duration::from_hours(72));

    let refused = people.accept(&invitation, password()).await.unwrap_err();

    assert_eq!(refused, SignInRefused::Invitation);
}

#[tokio::test]
async fn who_is_removed_is_signed_out_at_once() {
    let (data, clock) = (TempDir::new().unwrap(), clock());
    let people = people(data.path(), &clock);
    let invitation = people.invite(&ana()).unwrap().reveal();
    let session = people.accept(&invitation, password()).await.unwrap();

    people.remove(&ana().name).unwrap();

    assert_eq!(people.of_session(&session.reveal()), None);
    let refused = people.sign_in("ana@harbor.example", password(), None).await;
    assert_eq!(refused.unwrap_err(), SignInRefused::Wrong);
    let unknown = people.remove(&ana().name).unwrap_err();
    assert_eq!(unknown.code(), "person_unknown");
}

#[tokio::test]
async fn a_sixth_wrong_password_in_a_row_is_not_looked_at() {
    let (data, clock) = (TempDir::new().unwrap(), clock());
    let people = people(data.path(), &clock);
    let invitation = people.invite(&ana()).unwrap().reveal();
    people.accept(&invitation, password()).await.unwrap();
    for _ in 0..5 {
        let wrong = Password::typed("correct horse staple");
        let refused = people.sign_in("ana@harbor.example", wrong, None).await;
        assert_eq!(refused.unwrap_err(), SignInRefused::Wrong);
    }

    let refused = people.sign_in("ana@harbor.example", password(), None).await;

    assert_eq!(refused.unwrap_err().code(), "sign_in_too_many");
}

#[tokio::test]
async fn a_session_ends_when_nothing_was_asked_for_as_long_as_configured() {
    let (data, clock) = (TempDir::new().unwrap(), clock());
    let people = people(data.path(), &clock);
    people.end_sessions_idle_for(Duration::from_mins(5));
    let invitation = people.invite(&ana()).unwrap().reveal();
    let session = people.accept(&invitation, password()).await.unwrap();
    clock.advance(Duration::from_mins(4));
    assert!(people.of_session(&session.reveal()).is_some());

    clock.advance(Duration::from_mins(5));

    assert_eq!(people.of_session(&session.reveal()), None);
}

#[test]
fn a_name_is_given_once() {
    let (data, clock) = (TempDir::new().unwrap(), clock());
    let people = people(data.path(), &clock);
    people.invite(&ana()).unwrap();

    let taken = people.invite(&ana()).unwrap_err();

    assert_eq!(taken.code(), "name_taken");
}

#[tokio::test]
async fn the_file_is_private_and_holds_no_secret() {
    let (data, clock) = (TempDir::new().unwrap(), clock());
    let people = people(data.path(), &clock);
    let invitation = people.invite(&ana()).unwrap().reveal();
    let file = data.path().join("people/accounts.json");
    let invited = std::fs::read_to_string(&file).unwrap();
    people.accept(&invitation, password()).await.unwrap();

    let joined = std::fs::read_to_string(&file).unwrap();

    assert!(!invited.contains(&invitation));
    assert!(!joined.contains("correct horse") && joined.contains("$argon2id$"));
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_limit_that_cannot_be_read_is_damage_and_never_no_limit() {
    let (data, clock) = (TempDir::new().unwrap(), clock());
    people(data.path(), &clock).invite(&ana()).unwrap();
    let file = data.path().join("people/accounts.json");
    let spoilt = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, spoilt.replace("org-1", "")).unwrap();

    let opened = People::open(data.path(), clock);

    assert_eq!(opened.unwrap_err().code(), "people_damaged");
}
