//! Rows that were kept come back as they were, or not at all.

use std::fs;

use referral_core::catalog::Listing;
use referral_core::id::AgencyId;
use referral_index::{Aside, Index};
use tempfile::TempDir;

use crate::support::{NOW, agency, anything, coded, described, filled, found, listing, words};

fn listings() -> Vec<Listing> {
    vec![
        coded("a", "Alpha clinic", &["lc:bond"]),
        described("b", "Bravo", "a clinic for everyone"),
        listing("c", "Charlie"),
    ]
}

/// A closed index of three services with their rows.
fn kept() -> TempDir {
    let (dir, index) = filled(&listings());
    keep(&index);
    dir
}

fn keep(index: &Index) {
    let written = index.keep(|cursor| Some(vec![u8::try_from(cursor).unwrap()]));
    written.unwrap().map(Aside::name).unwrap().unwrap();
}

#[test]
fn rows_come_back_with_the_place_in_the_journal_and_the_bond() {
    let dir = kept();
    let (index, _) = Index::open(dir.path()).unwrap();

    let kept = index.kept().unwrap().unwrap();

    assert_eq!((kept.cursor(), kept.bond()), (1, [1].as_slice()));
    assert!(index.bring_back(kept, &|_| true).unwrap().is_empty());
    assert_eq!(index.search(&anything(), NOW).unwrap().total, 3);
    assert_eq!(words(&index, "clinic bond"), ["a"]);
}

#[test]
fn agencies_that_changed_are_left_to_be_restored() {
    let theirs = AgencyId::parse("other").unwrap();
    let mut listings = listings();
    listings[2].agency = theirs.clone();
    let (dir, index) = filled(&listings);
    keep(&index);
    drop(index);
    let (index, _) = Index::open(dir.path()).unwrap();
    let kept = index.kept().unwrap().unwrap();

    index.bring_back(kept, &|agency| *agency == theirs).unwrap();

    assert_eq!(found(&index.search(&anything(), NOW).unwrap()), ["c"]);
    for listing in listings.iter().filter(|one| one.agency == agency()) {
        index.restore(listing, &[]);
    }
    assert_eq!(index.search(&anything(), NOW).unwrap().total, 3);
}

#[test]
fn without_a_name_or_a_commit_there_are_none() {
    let (dir, index) = filled(&listings());
    drop(index.keep(|_| Some(Vec::new())).unwrap());
    assert!(index.keep(|_| None).unwrap().is_none());
    drop(index);

    assert!(Index::open(dir.path()).unwrap().0.kept().unwrap().is_none());
    let empty = tempfile::tempdir().unwrap();
    let (index, _) = Index::open(empty.path()).unwrap();
    assert!(index.keep(|_| Some(Vec::new())).unwrap().is_none());
}

#[test]
fn every_flipped_bit_and_every_cut_is_found_and_no_service_comes_back() {
    let dir = kept();
    let file = dir.path().join("rows");
    let whole = fs::read(&file).unwrap();
    let (index, _) = Index::open(dir.path()).unwrap();
    let comes_back = || match index.kept() {
        Ok(Some(kept)) => index.bring_back(kept, &|_| true).is_ok(),
        Ok(None) | Err(_) => false,
    };

    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(&file, bytes).unwrap();
        assert!(!comes_back(), "bit {bit}");
    }
    for length in 0..whole.len() {
        fs::write(&file, &whole[..length]).unwrap();
        assert!(!comes_back(), "cut to {length}");
    }
    fs::write(&file, [whole.as_slice(), &[0]].concat()).unwrap();
    assert!(!comes_back(), "one byte more");

    assert_eq!(index.search(&anything(), NOW).unwrap().total, 0);
}

#[test]
fn rows_of_other_words_do_not_come_back() {
    let dir = kept();
    let rows = fs::read(dir.path().join("rows")).unwrap();
    let (other, index) = filled(&[listing("d", "Delta")]);
    fs::write(other.path().join("rows"), rows).unwrap();

    let kept = index.kept().unwrap().unwrap();

    assert!(index.bring_back(kept, &|_| true).is_err());
    assert_eq!(found(&index.search(&anything(), NOW).unwrap()), ["d"]);
}
