//! Capacity is live: what is reported is in the next search.

use jiff::SignedDuration;
use referral_core::capacity::{Availability, State, Stated};
use referral_core::search::Request;

use crate::support::{
    NOW, agency, anything, empty, filled, found, held, id, in_city, key, listing, offered_at,
};

const DAY: u32 = 86_400;

fn open_only() -> Request {
    Request {
        availability: Availability::Open,
        ..anything()
    }
}

#[test]
fn a_report_is_in_the_next_search_without_a_commit() {
    let (_dir, index) = filled(&[listing("a", "Alpha"), listing("b", "Bravo")]);
    assert_eq!(index.search(&open_only(), NOW).unwrap().total, 0);

    index.report(&agency(), &held("a", None, Stated::Open, 1, DAY));

    let answer = index.search(&open_only(), NOW).unwrap();
    assert_eq!(found(&answer), ["a"]);
    assert_eq!(answer.hits[0].state, State::Open);
    assert!(answer.hits[0].held.is_some());
}

#[test]
fn the_newest_report_counts_whenever_it_arrives() {
    let (_dir, index) = filled(&[listing("a", "Alpha")]);
    index.report(&agency(), &held("a", None, Stated::Closed, 7, DAY));

    index.report(&agency(), &held("a", None, Stated::Open, 6, DAY));

    assert_eq!(index.search(&open_only(), NOW).unwrap().total, 0);
    let counts = index.capacity_of(&agency(), &id("a"), None).unwrap();
    assert_eq!(counts.order.cseq, 7);
}

#[test]
fn a_report_waits_for_its_service() {
    let (_dir, index) = empty();
    index.report(&agency(), &held("a", None, Stated::Open, 1, DAY));
    index.put(&listing("a", "Alpha"), &[]).unwrap();
    assert_eq!(index.search(&open_only(), NOW).unwrap().total, 0);

    index.commit(1).unwrap();

    assert_eq!(found(&index.search(&open_only(), NOW).unwrap()), ["a"]);
}

#[test]
fn a_new_version_of_a_service_keeps_its_reports() {
    let (_dir, index) = filled(&[listing("a", "Alpha")]);
    index.report(&agency(), &held("a", None, Stated::Open, 1, DAY));

    index.put(&listing("a", "Alpha II"), &[]).unwrap();
    index.commit(2).unwrap();

    assert_eq!(index.search(&open_only(), NOW).unwrap().total, 1);
}

#[test]
fn time_alone_makes_a_report_stale() {
    let (_dir, index) = filled(&[listing("a", "Alpha")]);
    index.report(&agency(), &held("a", None, Stated::Open, 1, DAY));
    let last = NOW + SignedDuration::from_secs(i64::from(DAY));
    let late = last + SignedDuration::from_secs(1);
    let unconfirmed = Request {
        availability: Availability::Unconfirmed,
        ..anything()
    };

    assert_eq!(index.search(&open_only(), last).unwrap().total, 1);
    assert_eq!(index.search(&open_only(), late).unwrap().total, 0);
    let answer = index.search(&unconfirmed, late).unwrap();
    assert_eq!(answer.hits[0].state, State::Stale);
}

#[test]
fn a_service_is_shown_by_the_office_that_is_open() {
    let listing = offered_at(listing("a", "Alpha"), "full", in_city("Here", 39.0, -76.0));
    let listing = offered_at(listing, "free", in_city("There", 39.1, -76.0));
    let (_dir, index) = filled(&[listing]);
    index.report(&agency(), &held("a", Some("full"), Stated::Closed, 1, DAY));
    index.report(&agency(), &held("a", Some("free"), Stated::Open, 2, DAY));

    let all = index.search(&anything(), NOW).unwrap();
    let open = index.search(&open_only(), NOW).unwrap();

    assert_eq!((all.total, all.hits[0].offers), (1, 2));
    assert_eq!((open.total, open.hits[0].offers), (1, 1));
    for answer in [all, open] {
        assert_eq!(answer.hits[0].location, Some(id("free")));
    }
}

#[test]
fn a_later_report_about_the_service_counts_for_all_its_offices() {
    let listing = offered_at(listing("a", "Alpha"), "site", in_city("Here", 39.0, -76.0));
    let (_dir, index) = filled(&[listing]);
    index.report(&agency(), &held("a", Some("site"), Stated::Open, 1, DAY));
    index.report(&agency(), &held("a", None, Stated::Closed, 2, DAY));
    assert_eq!(index.search(&open_only(), NOW).unwrap().total, 0);

    index.report(&agency(), &held("a", Some("site"), Stated::Open, 3, DAY));

    assert_eq!(index.search(&open_only(), NOW).unwrap().total, 1);
    let own = index.capacity_of(&agency(), &id("a"), Some(&id("site")));
    assert_eq!(own.unwrap().order.cseq, 3);
    let whole = index.capacity_of(&agency(), &id("a"), None);
    assert_eq!(whole.unwrap().order.cseq, 2);
}

#[test]
fn a_withdrawn_service_that_comes_back_has_its_reports() {
    let (_dir, index) = filled(&[listing("a", "Alpha")]);
    index.report(&agency(), &held("a", None, Stated::Open, 1, DAY));
    index.remove(&key("a"));
    index.commit(2).unwrap();

    index.put(&listing("a", "Alpha"), &[]).unwrap();
    index.commit(3).unwrap();

    assert_eq!(index.search(&open_only(), NOW).unwrap().total, 1);
}
