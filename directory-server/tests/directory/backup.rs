//! Backups are taken while agencies publish, proved, and put back as a new generation; a restore that is
//! cut short leaves the old directory or one that refuses to serve.

use std::path::{Path, PathBuf};
use std::{fs, io};

use directory_server::audit;
use directory_server::backup::{
    BackupError, InvalidBackup, Manifest, Restore, RestoreError, Restored, Step, restore,
    restore_stepwise, take_from,
};
use referral_core::id::Kind;
use tempfile::TempDir;

use crate::commands::{Serving, fails, run};
use crate::support::house::{Stopped, noon};
use crate::support::records::{open, organization, service};
use crate::support::{Agency, House, copy, files};

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
    let report = agency.report(open("first", 4));
    stream.reports(vec![report]).await;
    house.until_found("First Service").await;
    (house, agency)
}

async fn publish(house: &House, agency: &mut Agency, local: &str, called: &str) {
    let mut stream = agency.stream(house).await;
    stream
        .accepted(agency.publish(service(local, called)))
        .await;
    house.until_found(called).await;
}

async fn backed_up(house: &House, to: &Path) -> Manifest {
    house.directory.backup(to.to_owned()).await.unwrap()
}

fn into(from: &Path, data: &Path) -> Result<Restored, RestoreError> {
    let order = Restore {
        from,
        data,
        replace: false,
        let_back_in: false,
    };
    restore(&order, noon())
}

/// A data directory that holds the authority and nothing else, as after a loss.
fn with_authority(of: &Path) -> TempDir {
    let data = TempDir::new().unwrap();
    copy(&of.join("ca"), &data.path().join("ca"));
    data
}

fn why(refused: &anyhow::Error) -> String {
    format!("{refused:#}")
}

#[tokio::test]
async fn a_backup_of_a_running_directory_answers_the_same_elsewhere_in_a_new_generation() {
    let (house, mut agency) = filled().await;
    let before = house.everything().await;
    let place = TempDir::new().unwrap();
    let backup = place.path().join("backup");

    let manifest = backed_up(&house, &backup).await;
    publish(&house, &mut agency, "later", "Later Service").await;
    let data = with_authority(&house.folder("."));
    let restored = into(&backup, data.path()).unwrap();

    let again = Stopped::new(data).start().await.unwrap();
    // All the same but for capacity, which nobody has confirmed since the backup.
    let mut after = again.everything().await;
    for (after, before) in after.iter_mut().zip(&before) {
        let capacity = std::mem::replace(&mut after.capacity, before.capacity.clone());
        assert!(capacity.unwrap().before_restore);
        after.score = before.score;
    }
    assert_eq!(after, before);
    assert_eq!(restored.last_index, manifest.last_index);
    assert!(restored.generation > house.directory.generation());
    assert_eq!(again.directory.generation(), restored.generation);
    assert_eq!((restored.aside, restored.authority_missing), (None, false));
}

#[tokio::test]
async fn a_generation_survives_restarts_and_a_journal_from_before_there_was_its_file() {
    let (house, _) = filled().await;
    let generation = house.directory.generation();
    let stopped = house.stop().await;
    fs::remove_file(stopped.data.path().join("generation")).unwrap();

    let house = stopped.start().await.unwrap();

    assert_eq!(house.directory.generation(), generation);
    assert_eq!(house.again().await.directory.generation(), generation);
}

#[tokio::test]
async fn restored_twice_from_different_backups_each_generation_is_greater_and_each_answer_the_backups()
 {
    let (house, mut agency) = filled().await;
    let place = TempDir::new().unwrap();
    let (early, late) = (place.path().join("early"), place.path().join("late"));
    backed_up(&house, &early).await;
    let first = house.directory.generation();
    publish(&house, &mut agency, "later", "Later Service").await;
    backed_up(&house, &late).await;
    let mut stopped = house.stop().await;

    let mut generations = vec![first];
    for (backup, names) in [
        (&late, &["First Service", "Later Service"][..]),
        (&early, &["First Service"]),
        (&late, &["First Service", "Later Service"]),
    ] {
        let order = Restore {
            from: backup,
            data: stopped.data.path(),
            replace: true,
            let_back_in: false,
        };
        let restored = restore(&order, noon()).unwrap();
        assert!(restored.aside.unwrap().join("journal").is_dir());
        generations.push(restored.generation);
        let house = stopped.start().await.unwrap();
        let mut found = house.names("");
        found.sort();
        assert_eq!(found, names);
        stopped = house.stop().await;
    }

    assert!(generations.is_sorted_by(|a, b| a < b), "{generations:?}");
}

#[tokio::test]
async fn a_backup_of_a_stopped_directory_is_the_same_as_of_a_running_one() {
    let (house, _) = filled().await;
    let place = TempDir::new().unwrap();
    let online = backed_up(&house, &place.path().join("online")).await;
    let data = house.folder(".");
    let in_use = take_from(&data, &place.path().join("direct"), noon());
    let stopped = house.stop().await;

    let direct = take_from(stopped.data.path(), &place.path().join("direct"), noon()).unwrap();

    assert!(matches!(in_use, Err(BackupError::DataDir(_))));
    assert_eq!(direct.last_index, online.last_index);
    assert_eq!(
        (direct.generation, direct.authority),
        (online.generation, online.authority)
    );
    let entries = audit::read(stopped.data.path()).unwrap().into_iter();
    let taken = entries.filter(|entry| entry.act == "backup_taken");
    let to = ["online", "direct"].map(|name| place.path().join(name));
    assert_eq!(
        taken.map(|entry| entry.about).collect::<Vec<_>>(),
        to.map(|to| to.display().to_string()),
        "each is in the audit log"
    );
}

#[tokio::test]
async fn a_backup_never_replaces_what_is_there_and_needs_something_to_back_up() {
    let (house, _) = filled().await;
    let place = TempDir::new().unwrap();
    let backup = place.path().join("backup");
    let manifest = backed_up(&house, &backup).await;
    let nothing = take_from(
        &place.path().join("none"),
        &place.path().join("other"),
        noon(),
    );

    let again = house.directory.backup(backup.clone()).await;

    assert!(matches!(again, Err(BackupError::Occupied { .. })));
    assert!(matches!(nothing, Err(BackupError::Nothing { .. })));
    assert_eq!(Manifest::read(&backup).unwrap(), manifest);
    assert!(!place.path().join("none").exists(), "looking makes nothing");
}

#[tokio::test]
async fn the_authoritys_key_and_join_tokens_are_in_no_backup() {
    let (house, _) = filled().await;
    let place = TempDir::new().unwrap();
    backed_up(&house, place.path()).await;
    let token = house.invite("beacon").await;
    let key = fs::read_to_string(house.folder("ca/ca.key")).unwrap();
    let key = key.lines().nth(1).unwrap();

    for file in files(place.path()) {
        let bytes = fs::read(&file).unwrap();
        let holds = |secret: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
        assert!(!holds(key.as_bytes()), "{}", file.display());
        assert!(!holds(token.secret().as_slice()), "{}", file.display());
    }
}

#[tokio::test]
async fn a_backup_with_any_file_damaged_or_missing_is_refused_and_changes_nothing() {
    let (house, _) = filled().await;
    let place = TempDir::new().unwrap();
    let good = place.path().join("good");
    backed_up(&house, &good).await;

    for file in files(&good) {
        let name = file.strip_prefix(&good).unwrap();
        for harm in [flip as fn(&Path), cut, remove] {
            let bad = TempDir::new().unwrap();
            copy(&good, bad.path());
            harm(&bad.path().join(name));
            let data = with_authority(&house.folder("."));

            let refused = into(bad.path(), data.path());

            assert!(
                matches!(refused, Err(RestoreError::Backup(_))),
                "{}: {refused:?}",
                name.display()
            );
            assert!(!data.path().join("journal").exists());
            assert!(!data.path().join("restoring").exists());
        }
    }
}

fn flip(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(file, bytes).unwrap();
}

fn cut(file: &Path) {
    let bytes = fs::read(file).unwrap();
    fs::write(file, &bytes[..bytes.len() - 1]).unwrap();
}

fn remove(file: &Path) {
    fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn a_directory_that_is_there_is_never_overwritten_and_another_authority_is_refused() {
    let (house, _) = filled().await;
    let other = House::new().await.stop().await;
    let place = TempDir::new().unwrap();
    backed_up(&house, place.path()).await;
    let running = into(place.path(), &house.folder("."));
    let stopped = house.stop().await;

    let occupied = into(place.path(), stopped.data.path());
    let strangers = into(place.path(), with_authority(other.data.path()).path());

    assert!(matches!(running, Err(RestoreError::DataDir(_))));
    assert!(matches!(
        occupied,
        Err(RestoreError::Occupied {
            what: "journal",
            ..
        })
    ));
    assert!(matches!(
        strangers,
        Err(RestoreError::OtherAuthority { .. })
    ));
    assert_eq!(stopped.start().await.unwrap().names(""), ["First Service"]);
}

#[tokio::test]
async fn a_restore_cut_short_at_any_step_leaves_the_old_or_refuses_to_serve_until_it_is_run_again()
{
    for last in Step::ALL {
        let (house, mut agency) = filled().await;
        let place = TempDir::new().unwrap();
        let backup = place.path().join("backup");
        backed_up(&house, &backup).await;
        let mut stream = agency.stream(&house).await;
        stream
            .accepted(agency.withdraw(Kind::Service, "first"))
            .await;
        let before = house.directory.generation();
        let stopped = house.stop().await;
        let order = Restore {
            from: &backup,
            data: stopped.data.path(),
            replace: true,
            let_back_in: false,
        };

        let crash = restore_stepwise(&order, noon(), |step| {
            if step == last {
                Err(io::Error::other("crash"))
            } else {
                Ok(())
            }
        });

        assert!(crash.is_err());
        let stopped = match last {
            Step::Staged => {
                let house = stopped.start().await.unwrap();
                assert_eq!(house.names(""), [""; 0], "{last:?}: the old one");
                assert_eq!(house.directory.generation(), before);
                house.stop().await
            }
            Step::Done => stopped,
            _ => {
                let (refused, stopped) = stopped.refuses_to_start().await;
                let why = why(&refused);
                assert!(why.contains("restore --from"), "{last:?}: {why}");
                assert!(why.contains(backup.to_str().unwrap()), "{last:?}: {why}");
                stopped
            }
        };
        let order = Restore {
            data: stopped.data.path(),
            replace: matches!(last, Step::Staged | Step::Done),
            from: &backup,
            let_back_in: false,
        };
        let restored = restore(&order, noon()).unwrap();
        let house = stopped.start().await.unwrap();
        assert_eq!(house.names(""), ["First Service"], "{last:?}");
        assert!(restored.generation > before);
        assert!(!house.folder("restored.unfinished").exists());
    }
}

#[tokio::test]
async fn a_restore_cut_short_again_and_again_moves_everything_aside_and_loses_nothing() {
    let (house, _) = filled().await;
    let place = TempDir::new().unwrap();
    backed_up(&house, place.path()).await;
    let stopped = house.stop().await;
    let old = fs::read(&files(&stopped.data.path().join("journal"))[0]).unwrap();
    let order = Restore {
        from: place.path(),
        data: stopped.data.path(),
        replace: true,
        let_back_in: false,
    };

    for last in Step::ALL {
        let crash = |step| {
            if step == last {
                Err(io::Error::other("crash"))
            } else {
                Ok(())
            }
        };
        drop(restore_stepwise(&order, noon(), crash));
    }
    restore(&order, noon()).unwrap();

    let kept = |path: &PathBuf| fs::read(path).unwrap() == old;
    assert!(
        files(stopped.data.path()).iter().any(kept),
        "the old journal is gone"
    );
    assert_eq!(stopped.start().await.unwrap().names(""), ["First Service"]);
}

#[tokio::test]
async fn a_restored_directory_without_its_authority_does_not_make_a_new_one() {
    let (house, _) = filled().await;
    let place = TempDir::new().unwrap();
    backed_up(&house, place.path()).await;
    let data = TempDir::new().unwrap();

    let restored = into(place.path(), data.path()).unwrap();
    let (refused, stopped) = Stopped::new(data).refuses_to_start().await;

    assert!(restored.authority_missing);
    assert!(why(&refused).contains("authority"), "{}", why(&refused));
    copy(&house.folder("ca"), &stopped.data.path().join("ca"));
    assert_eq!(stopped.start().await.unwrap().names(""), ["First Service"]);
}

#[tokio::test]
async fn a_folder_without_a_manifest_is_no_backup() {
    let place = TempDir::new().unwrap();

    let refused = into(place.path(), &place.path().join("data"));

    let no_manifest = matches!(
        refused,
        Err(RestoreError::Backup(InvalidBackup::NoManifest { .. }))
    );
    assert!(no_manifest);
    assert!(!place.path().join("data").exists(), "nothing was begun");
}

#[tokio::test]
async fn a_lost_journal_is_refused_with_three_ways_out() {
    let (house, _) = filled().await;
    let stopped = house.stop().await;
    fs::remove_dir_all(stopped.data.path().join("journal")).unwrap();

    let (refused, _stopped) = stopped.refuses_to_start().await;

    for way in ["restore --from", "serve --rebuild", "serve --new"] {
        assert!(why(&refused).contains(way), "{way}: {}", why(&refused));
    }
}

#[test]
fn the_program_backs_up_what_runs_and_what_does_not_and_restores_it() {
    let place = TempDir::new().unwrap();
    let path = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let (data, back) = (path("data"), path("back"));
    let serving = Serving::start(Path::new(&data));
    program_ends(&[
        "agency", "enrol", "harbor", "--name", "Harbor", "--data", &data,
    ]);

    let online = program_ends(&["backup", "--data", &data, "--to", &path("online"), "--json"]);
    fails(
        &["backup", "--data", &data, "--to", &path("online")],
        1,
        &["is there already"],
    );
    fails(
        &["restore", "--from", &path("online"), "--data", &data],
        1,
        &["is in use"],
    );
    assert_eq!(serving.terminate(), Some(0));
    let direct = program_ends(&["backup", "--data", &data, "--to", &path("direct")]);

    assert!(online.contains(r#""lastIndex":"1""#), "{online}");
    assert!(direct.contains("1 journal records"), "{direct}");
    fails(
        &["restore", "--from", &path("direct"), "--data", &data],
        1,
        &["--replace"],
    );
    fs::write(Path::new(&path("online")).join("manifest.sha256"), "").unwrap();
    fails(
        &["restore", "--from", &path("online"), "--data", &back],
        65,
        &["use another backup"],
    );
    let restored = program_ends(&["restore", "--from", &path("direct"), "--data", &back]);
    assert!(restored.contains("as generation"), "{restored}");
    assert!(
        restored.contains("the authority is in no backup"),
        "{restored}"
    );
    fails(&["serve", "--data", &back], 1, &["the authority"]);
    copy(&place.path().join("data/ca"), &place.path().join("back/ca"));
    let serving = Serving::start(Path::new(&back));
    let agencies = program_ends(&["agency", "list", "--data", &back]);
    assert!(agencies.contains("harbor"), "{agencies}");
    assert_eq!(serving.terminate(), Some(0));
}

/// Runs the program, which must do what was asked; what it printed.
fn program_ends(arguments: &[&str]) -> String {
    let output = run(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}
