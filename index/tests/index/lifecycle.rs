//! Putting, removing, committing, and opening again.

use referral_core::catalog::{Listing, Tier};
use referral_index::{Index, IndexError};
use tempfile::TempDir;

use crate::support::{
    NOW, anything, asking, coded, described, empty, filled, found, key, listing, words,
};

fn reopened(dir: &TempDir, listings: &[Listing]) -> (Index, Option<u64>) {
    let (index, cursor) = Index::open(dir.path()).unwrap();
    for listing in listings {
        index.restore(listing, &[]);
    }
    (index, cursor)
}

fn total(index: &Index) -> usize {
    index.search(&anything(), NOW).unwrap().total
}

#[test]
fn a_listing_is_searchable_after_the_commit_and_not_before() {
    let (_dir, index) = empty();
    index.put(&listing("a", "Alpha"), &[]).unwrap();
    assert_eq!(total(&index), 0);
    assert!(words(&index, "alpha").is_empty());

    index.commit(1).unwrap();

    assert_eq!(total(&index), 1);
    assert_eq!(words(&index, "alpha"), ["a"]);
}

#[test]
fn the_old_version_answers_until_the_commit() {
    let (_dir, index) = filled(&[coded("a", "Alpha", &["lc:bond"])]);
    index.put(&coded("a", "Bravo", &["ho:es"]), &[]).unwrap();
    assert_eq!(words(&index, "alpha bond"), ["a"]);

    index.commit(2).unwrap();

    assert!(words(&index, "alpha").is_empty());
    assert_eq!(words(&index, "bravo"), ["a"]);
    assert_eq!(total(&index), 1);
}

#[test]
fn a_removed_service_is_hidden_at_once_and_for_good() {
    let (dir, index) = filled(&[listing("a", "Alpha"), listing("b", "Bravo")]);

    index.remove(&key("a"));

    assert!(words(&index, "alpha").is_empty());
    assert_eq!(found(&index.search(&anything(), NOW).unwrap()), ["b"]);
    index.commit(2).unwrap();
    drop(index);
    let (index, _) = reopened(&dir, &[listing("b", "Bravo")]);
    assert!(words(&index, "alpha").is_empty());
    assert_eq!(words(&index, "bravo"), ["b"]);
}

#[test]
fn what_is_removed_before_its_commit_never_appears() {
    let (_dir, index) = empty();
    index.put(&listing("a", "Alpha"), &[]).unwrap();
    index.remove(&key("a"));
    index.commit(1).unwrap();

    assert_eq!(total(&index), 0);
}

#[test]
fn what_is_put_again_after_its_removal_comes_back_with_the_commit() {
    let (_dir, index) = filled(&[listing("a", "Alpha")]);
    index.remove(&key("a"));
    index.put(&listing("a", "Alpha again"), &[]).unwrap();
    assert_eq!(total(&index), 0);

    index.commit(2).unwrap();

    assert_eq!(words(&index, "alpha again"), ["a"]);
}

#[test]
fn a_row_given_up_is_used_by_another_service_and_never_mixed_up() {
    let (_dir, index) = filled(&[coded("a", "Alpha", &["lc:bond"]), listing("b", "Bravo")]);
    index.remove(&key("a"));
    index.commit(2).unwrap();
    index.put(&coded("c", "Charlie", &["ho:es"]), &[]).unwrap();
    index.commit(3).unwrap();

    assert!(words(&index, "alpha").is_empty());
    assert!(words(&index, "custody").is_empty());
    assert_eq!(words(&index, "charlie"), ["c"]);
    assert_eq!(total(&index), 2);
}

#[test]
fn services_that_are_not_public_are_never_found_or_counted() {
    let (dir, index) = empty();
    for (service, tier) in [
        ("member", Tier::Member),
        ("net", Tier::Net),
        ("ask", Tier::Ask),
        ("seal", Tier::Seal),
    ] {
        let mut listing = listing(service, "Alpha");
        listing.service.tier = tier;
        index.put(&listing, &[]).unwrap();
        index.restore(&listing, &[]);
    }
    index.commit(1).unwrap();

    assert_eq!(total(&index), 0);
    assert!(words(&index, "alpha").is_empty());
    drop((index, dir));
}

#[test]
fn a_service_that_stops_being_public_is_hidden_at_once() {
    let mut listing = listing("a", "Alpha");
    let (_dir, index) = filled(std::slice::from_ref(&listing));
    listing.service.tier = Tier::Ask;

    index.put(&listing, &[]).unwrap();

    assert_eq!(total(&index), 0);
}

#[test]
fn opened_again_it_answers_the_same() {
    let listings = [
        coded("a", "Alpha clinic", &["lc:bond"]),
        described("b", "Bravo", "a clinic for everyone, and a clinic for some"),
        listing("c", "Charlie clinics"),
    ];
    let (dir, index) = filled(&listings);
    let asked = ["clinic", "alpha", "clinc", "everyone clini", "abogado"];
    let before: Vec<_> = asked.iter().map(|typed| words(&index, typed)).collect();
    drop(index);

    let (index, cursor) = reopened(&dir, &listings);

    assert_eq!(cursor, Some(1));
    let after: Vec<_> = asked.iter().map(|typed| words(&index, typed)).collect();
    assert_eq!(after, before);
    assert_eq!(total(&index), 3);
}

#[test]
fn what_was_not_committed_is_lost_and_the_cursor_says_so() {
    let (dir, index) = filled(&[listing("a", "Alpha")]);
    index.put(&listing("b", "Bravo"), &[]).unwrap();
    drop(index);

    let (index, cursor) = reopened(&dir, &[listing("a", "Alpha")]);

    assert_eq!(cursor, Some(1));
    assert!(words(&index, "bravo").is_empty());
    index.put(&listing("b", "Bravo"), &[]).unwrap();
    index.commit(2).unwrap();
    assert_eq!(words(&index, "bravo"), ["b"]);
    drop(index);
    assert_eq!(reopened(&dir, &[]).1, Some(2));
}

#[test]
fn a_commit_without_changes_keeps_the_cursor() {
    let (dir, index) = filled(&[listing("a", "Alpha")]);
    index.commit(99).unwrap();
    drop(index);

    assert_eq!(reopened(&dir, &[]).1, Some(99));
}

#[test]
fn many_small_commits_are_merged_and_stay_right() {
    let (dir, index) = empty();
    let version = |at: u64| format!("Version w{at}w");
    for at in 0..40 {
        index.put(&listing("changing", &version(at)), &[]).unwrap();
        let lasting = format!("s{at}");
        index
            .put(&listing(&lasting, &format!("Lasting l{at}l")), &[])
            .unwrap();
        if at >= 10 {
            index.remove(&key(&format!("s{}", at - 10)));
        }
        index.commit(at + 1).unwrap();

        assert_eq!(words(&index, &version(at)), ["changing"]);
        assert!(at == 0 || words(&index, &version(at - 1)).is_empty());
        let expected = usize::try_from(at + 1).unwrap().min(10);
        assert_eq!(words(&index, "lasting").len(), expected);
    }
    let files = std::fs::read_dir(dir.path().join("text")).unwrap().count();
    assert!(
        files < 40 * 4,
        "{files} files: 40 commits of 8 files each were not merged"
    );
}

#[test]
fn words_without_a_listing_are_never_found() {
    let (dir, index) = filled(&[listing("a", "Alpha"), listing("b", "Bravo")]);
    drop(index);

    let (index, _) = reopened(&dir, &[listing("b", "Bravo")]);

    assert!(words(&index, "alpha").is_empty());
    assert_eq!(total(&index), 1);
}

#[test]
fn a_service_restored_late_is_in_the_next_search() {
    let listings = [listing("a", "Alpha"), listing("b", "Bravo")];
    let (dir, index) = filled(&listings);
    drop(index);
    let (index, _) = reopened(&dir, &listings[..1]);
    assert_eq!(total(&index), 1);

    index.restore(&listings[1], &[]);

    assert_eq!(total(&index), 2);
    index.remove(&key("b"));
    assert_eq!(total(&index), 1);
}

#[test]
fn two_processes_never_share_an_index() {
    let (dir, _index) = filled(&[]);

    let second = Index::open(dir.path());

    assert!(
        matches!(second, Err(IndexError::InUse { .. })),
        "{second:?}"
    );
}

#[test]
fn very_much_that_waits_is_committed_early_with_the_last_cursor() {
    let (dir, index) = filled(&[]);
    for at in 0..1_200 {
        let long = format!("word{at} ").repeat(8_000);
        let listing = described(&format!("s{at}"), "Alpha", long[..40_000].trim());
        index.put(&listing, &[]).unwrap();
    }

    assert!(total(&index) > 500);
    drop(index);
    assert_eq!(reopened(&dir, &[]).1, Some(1));
}

#[test]
fn scores_do_not_tell_what_was_replaced_or_removed_before() {
    let now: Vec<Listing> = (0..12_usize)
        .map(|at| {
            described(
                &format!("s{at}"),
                "Clinic",
                &"health care ".repeat(1 + at % 3),
            )
        })
        .collect();
    let (_fresh_dir, fresh) = filled(&now);
    let (_dir, index) = filled(&now);
    for (cursor, round) in (2..).zip(["health", "help", "healing health health"]) {
        for at in 0..9 {
            index.remove(&key(&format!("s{at}")));
        }
        index.commit(cursor * 2).unwrap();
        for listing in &now[..6] {
            let id = listing.service.id.as_str();
            index.put(&described(id, "Clinic", round), &[]).unwrap();
        }
        index.commit(cursor * 2 + 1).unwrap();
    }
    for listing in &now {
        index.put(listing, &[]).unwrap();
    }
    index.commit(100).unwrap();

    let scores = |index: &Index, typed| {
        let hits = index.search(&asking(typed), NOW).unwrap().hits;
        let scores = hits.into_iter().map(|hit| (hit.key.id, hit.score.get()));
        scores.collect::<Vec<_>>()
    };
    for typed in ["health", "clinic care", "heal", "clinic hea"] {
        assert_eq!(scores(&index, typed), scores(&fresh, typed), "{typed}");
    }
}
