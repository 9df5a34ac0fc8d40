//! What is folded from the journal can be lost, damaged or behind; what the journal holds cannot.

use std::fs;
use std::os::unix::fs::FileExt;

use directory_server::store::{Store, StoreState};
use referral_core::id::Kind;
use referral_proto::v1;
use tempfile::TempDir;

use crate::support::house::Stopped;
use crate::support::records::{coded, location, offered, open, organization, service};
use crate::support::{Agency, House, copy, files};

/// A directory with a bit of everything, and what it answers.
async fn filled() -> (Stopped, Vec<v1::SearchResult>) {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let batch = vec![
        agency.publish(organization("org")),
        agency.publish(location("dock", "Dilley", 28.67, -99.17)),
        agency.publish(offered("legal", "Legal Clinic", &["dock"])),
        agency.publish(coded("beds", "Shelter", &["ho:es"])),
        agency.publish(service("food", "Food Pantry")),
        agency.withdraw(Kind::Service, "food"),
    ];
    stream.operations(batch).await;
    let reports = vec![
        agency.report(open("beds", 4)),
        agency.report(open("legal", 2)),
    ];
    stream.reports(reports).await;
    house.until_found("Shelter").await;
    let answers = house.everything().await;
    assert_eq!(answers.len(), 2);
    (house.stop().await, answers)
}

async fn answers_the_same(stopped: Stopped, expected: &[v1::SearchResult]) -> House {
    let house = stopped.start().await.unwrap();
    assert_eq!(house.everything().await, expected);
    assert_eq!(house.names("Dilley"), ["Legal Clinic"]);
    house
}

fn why(refused: &anyhow::Error) -> String {
    format!("{refused:#}")
}

#[tokio::test]
async fn whatever_folded_part_is_deleted_the_answers_are_the_same() {
    for lost in [&["index"][..], &["store"], &["index", "store"]] {
        let (stopped, before) = filled().await;
        for folder in lost {
            fs::remove_dir_all(stopped.data.path().join(folder)).unwrap();
        }

        answers_the_same(stopped, &before).await;
    }
}

#[tokio::test]
async fn an_early_report_is_not_believed_longer_because_the_store_was_rebuilt() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let mut early = open("beds", 4);
    early.counts.clear();
    let early = agency.report(early);
    stream.reports(vec![early]).await;
    stream.accepted(agency.publish(organization("org"))).await;
    stream
        .accepted(agency.publish(coded("beds", "Shelter", &["ho:es"])))
        .await;
    house.until_found("Shelter").await;
    let before = house.everything().await;
    let stopped = house.stop().await;
    fs::remove_dir_all(stopped.data.path().join("store")).unwrap();

    let house = stopped.start().await.unwrap();

    assert_eq!(house.everything().await, before);
}

#[tokio::test]
async fn a_store_that_was_left_behind_is_brought_forward() {
    let (stopped, before) = filled().await;
    let old = TempDir::new().unwrap();
    copy(&stopped.data.path().join("store"), old.path());
    let house = stopped.start().await.unwrap();
    let mut late = Agency::join(&house, "beacon").await;
    let mut stream = late.stream(&house).await;
    stream.accepted(late.publish(organization("org"))).await;
    stream
        .accepted(late.publish(service("late", "Late Service")))
        .await;
    house.until_found("Late Service").await;
    let stopped = house.stop().await;
    let store = stopped.data.path().join("store");
    fs::remove_dir_all(&store).unwrap();
    fs::create_dir(&store).unwrap();
    copy(old.path(), &store);

    let house = stopped.start().await.unwrap();

    assert_eq!(house.names("Late Service"), ["Late Service"]);
    assert_eq!(house.everything().await.len(), before.len() + 1);
}

#[tokio::test]
async fn a_store_that_is_no_store_is_set_aside_and_made_anew() {
    let (stopped, before) = filled().await;
    for file in files(&stopped.data.path().join("store")) {
        fs::write(file, b"not what sled wrote").unwrap();
    }
    let data = stopped.data.path().to_owned();

    let _house = answers_the_same(stopped, &before).await;

    assert!(data.join("store.damaged").is_dir());
}

#[tokio::test]
async fn a_store_that_may_have_lost_power_is_folded_anew_and_one_that_was_closed_is_not() {
    let (stopped, before) = filled().await;
    let mark = stopped.data.path().join("store/boot");
    assert_eq!(fs::read_to_string(&mark).unwrap(), "closed");
    let aside = stopped.data.path().join("store.damaged");

    let stopped = answers_the_same(stopped, &before).await.stop().await;
    assert!(!aside.exists());
    fs::write(&mark, "an earlier boot").unwrap();

    let stopped = answers_the_same(stopped, &before).await.stop().await;
    assert!(aside.is_dir());
    assert_eq!(fs::read_to_string(&mark).unwrap(), "closed");
    // That of a version before the mark.
    fs::remove_dir_all(&aside).unwrap();
    fs::remove_file(&mark).unwrap();

    let _house = answers_the_same(stopped, &before).await;
    assert!(aside.is_dir());
}

#[tokio::test]
async fn a_store_that_opens_and_cannot_be_read_is_folded_anew() {
    let (stopped, before) = filled().await;
    let mut stopped = Some(stopped);
    for sector in 0_u64..8 {
        let now = stopped.take().unwrap();
        let file = now.data.path().join("store/db");
        let file = fs::File::options().write(true).open(file).unwrap();
        file.write_all_at(&[0; 512], sector * 512).unwrap();
        drop(file);

        stopped = Some(answers_the_same(now, &before).await.stop().await);
    }
}

#[tokio::test]
async fn damage_anywhere_in_the_store_never_changes_an_answer() {
    for damaged in ["db", "records/1"] {
        let (stopped, before) = filled().await;
        let mut stopped = Some(stopped);
        // A prime step: over the runs it meets headers, keys and values alike.
        for step in 0_u64..12 {
            let now = stopped.take().unwrap();
            let file = fs::File::options()
                .read(true)
                .write(true)
                .open(now.data.path().join("store").join(damaged))
                .unwrap();
            let length = file.metadata().unwrap().len();
            for at in (step * 7..length).step_by(997) {
                let mut byte = [0];
                file.read_exact_at(&mut byte, at).unwrap();
                file.write_all_at(&[byte[0] ^ 0x10], at).unwrap();
            }
            drop(file);

            stopped = Some(answers_the_same(now, &before).await.stop().await);
        }
    }
}

#[tokio::test]
async fn a_store_that_lost_the_end_of_its_records_is_folded_anew() {
    let (stopped, before) = filled().await;
    let file = stopped.data.path().join("store/records/1");
    let file = fs::File::options().write(true).open(file).unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();

    let _house = answers_the_same(stopped, &before).await;
}

#[tokio::test]
async fn an_index_with_damaged_files_is_made_anew() {
    let (stopped, before) = filled().await;
    for file in files(&stopped.data.path().join("index")) {
        let bytes = fs::read(&file).unwrap();
        fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    }

    answers_the_same(stopped, &before).await;
}

#[tokio::test]
async fn a_lost_journal_is_refused_whatever_else_is_left_and_never_an_empty_directory() {
    for also_lost in [&[][..], &["store"], &["index"], &["store", "index"]] {
        let (stopped, _) = filled().await;
        let data = stopped.data.path().to_owned();
        for folder in ["journal"].iter().chain(also_lost) {
            fs::remove_dir_all(data.join(folder)).unwrap();
        }

        let (refused, stopped) = stopped.refuses_to_start().await;
        let (again, _stopped) = stopped.refuses_to_start().await;

        let why = why(&refused);
        assert!(why.contains("journal"), "{why}");
        assert!(why.contains("backup"), "{why}");
        assert_eq!(self::why(&again), why, "a second try finds the same");
    }
}

#[tokio::test]
async fn a_journal_that_was_cut_is_refused_and_left_as_it_is() {
    let (stopped, _) = filled().await;
    let journal = files(&stopped.data.path().join("journal")).remove(0);
    let bytes = fs::read(&journal).unwrap();
    // Without the last third: whole batches are gone that the store has seen.
    fs::write(&journal, &bytes[..bytes.len() * 2 / 3]).unwrap();

    let (refused, _stopped) = stopped.refuses_to_start().await;

    assert!(why(&refused).contains("journal"), "{}", why(&refused));
}

#[tokio::test]
async fn a_journal_with_a_bit_off_is_refused_by_name_and_place() {
    let (stopped, _) = filled().await;
    let journal = files(&stopped.data.path().join("journal")).remove(0);
    let mut bytes = fs::read(&journal).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&journal, &bytes).unwrap();

    let (refused, _stopped) = stopped.refuses_to_start().await;

    let why = why(&refused);
    assert!(why.contains("is damaged at byte"), "{why}");
    assert_eq!(
        fs::read(&journal).unwrap(),
        bytes,
        "it is left as it was found"
    );
}

#[test]
fn a_new_store_says_that_it_is_empty_and_an_old_one_that_it_is_intact() {
    let folder = TempDir::new().unwrap();

    let first = Store::open(folder.path()).unwrap();
    assert_eq!((first.state, first.store.folded()), (StoreState::Empty, 0));
    drop(first);
}
