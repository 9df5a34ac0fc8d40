//! The index is fast and nothing else: it answers what looking at every listing would answer.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use referral_core::capacity::{Held, State, Stated};
use referral_core::catalog::{LanguageTag, Listing, Place};
use referral_core::feedback::Precision;
use referral_core::id::PublicId;
use referral_core::search::{Facets, Request};
use referral_index::{Aside, Index};
use tempfile::TempDir;

use crate::anything::{any_held, any_listing, any_place, any_request};
use crate::model::{Model, One, Squares, Told, pools};
use crate::support::{NOW, agency, asking, held, id, key, listing};

/// Local ids of the services that things happen to: few, so that much happens to each.
const SERVICES: [&str; 6] = ["s0", "s1", "s2", "s3", "s4", "s5"];

/// One thing that happens to the index.
#[derive(Clone, Debug)]
enum Event {
    Put(Box<(Listing, Vec<Place>)>),
    Remove(&'static str),
    Report(Box<Held>),
    Rely(&'static str, u8),
    Commit,
    Fold,
    Keep,
    Reopen,
    Search(Box<Request>, Timestamp),
}

/// What is found, words aside: every listing is called Alpha.
fn shown(index: &Index, request: &Request, now: Timestamp) -> (usize, BTreeSet<PublicId>, Facets) {
    let answer = index.search(request, now).unwrap();
    let hits = answer.hits.into_iter().map(|hit| One::from(hit).id);
    (answer.total, hits.collect(), answer.facets)
}

fn opened(dir: &TempDir, model: &Model, sound: bool) -> Index {
    let (index, cursor) = Index::open(dir.path()).unwrap();
    assert_eq!(cursor, (model.cursor > 0).then_some(model.cursor));
    let kept = index.kept().unwrap();
    let current = kept.filter(|kept| Some(kept.cursor()) == cursor);
    let left_out = current.map(|kept| index.bring_back(kept, &|_| sound).unwrap());
    if !sound || left_out.is_none_or(|left_out| left_out.contains(&agency())) {
        for (listing, places) in model.shown.values() {
            index.restore(listing, places);
        }
    }
    for held in model.reports.values() {
        index.report(&agency(), held);
    }
    index.rely_on(Arc::new(model.precisions.clone()));
    index
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever happened, in whatever order: totals, services, offers, order, facets and near misses
    /// are those of looking at everything.
    #[test]
    fn it_answers_as_if_it_looked_at_everything(
        events in vec(any_event(), 1..60),
        last in vec(any_request(ids()), 4),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut model = Model::default();
        let mut index = Some(opened(&dir, &model, true));
        // What was put or removed since the last commit is lost with it, and not from the rows that were kept.
        let (mut touched, mut sound) = (false, true);
        let last = last.into_iter().map(|request| Event::Search(Box::new(request), NOW));
        for event in events.into_iter().chain([Event::Commit]).chain(last) {
            let at = index.as_ref().unwrap();
            match event {
                Event::Put(put) => {
                    touched = true;
                    at.put(&put.0, &put.1).unwrap();
                    model.put(*put);
                }
                Event::Remove(service) => {
                    touched = true;
                    at.remove(&key(service));
                    model.remove(service);
                }
                Event::Report(held) => {
                    at.report(&agency(), &held);
                    model.report(*held);
                }
                Event::Rely(service, hundredths) => {
                    let precision = Precision::from_hundredths(hundredths);
                    model.precisions.insert(key(service).public_id(), precision);
                    at.rely_on(Arc::new(model.precisions.clone()));
                }
                Event::Commit => {
                    at.commit(model.cursor + 1).unwrap();
                    model.commit();
                    touched = false;
                }
                Event::Keep => {
                    let written = at.keep(|_| Some(Vec::new())).unwrap();
                    written.map_or(Ok(()), Aside::name).unwrap();
                    sound = !touched;
                }
                Event::Fold => at.wait_for_folding(),
                Event::Reopen => {
                    drop(index.take());
                    model.reopen();
                    index = Some(opened(&dir, &model, sound));
                    touched = false;
                }
                Event::Search(request, now) => {
                    let plain = model.search(&request, now);
                    prop_assert_eq!(at.organizations(&request, now, &|| Ok(())).unwrap(), plain.organizations.clone());
                    prop_assert_eq!(Told::from(at.search(&request, now).unwrap()), Told::from(plain));
                    let spoken = ["es", "ht", "xx"].map(|tag| LanguageTag::parse(tag).unwrap());
                    let supply = at.supply(&request, &spoken, &Squares, now, &|| Ok(())).unwrap();
                    prop_assert_eq!(pools(&supply), pools(&model.supply(&request, &spoken, now)));
                    let text = asking("alpha").text;
                    let all = Request { limit: 200, ..*request };
                    let named = Request { text, ..all.clone() };
                    prop_assert_eq!(shown(at, &named, now), shown(at, &all, now));
                }
            }
        }
    }
}

fn ids() -> Vec<u64> {
    let ids = SERVICES
        .iter()
        .map(|service| key(service).public_id().upper());
    ids.collect()
}

fn service() -> impl Strategy<Value = String> {
    select(&SERVICES).prop_map(ToOwned::to_owned)
}

fn any_event() -> impl Strategy<Value = Event> {
    let later = prop_oneof![Just(0), 0..90_000i64];
    prop_oneof![
        6 => (any_listing(service()), vec(any_place(), 0..3)).prop_map(|put| Event::Put(Box::new(put))),
        1 => select(&SERVICES).prop_map(Event::Remove),
        4 => any_held(service()).prop_map(|held| Event::Report(Box::new(held))),
        2 => (select(&SERVICES), 0..100_u8).prop_map(|(service, share)| Event::Rely(service, share)),
        2 => Just(Event::Commit),
        2 => Just(Event::Fold),
        2 => Just(Event::Keep),
        2 => Just(Event::Reopen),
        5 => (any_request(ids()), later).prop_map(|(request, seconds)| {
            Event::Search(Box::new(request), NOW + SignedDuration::from_secs(seconds))
        }),
    ]
}

#[test]
fn services_of_other_agencies_with_the_same_id_are_others() {
    let dir = tempfile::tempdir().unwrap();
    let (index, _) = Index::open(dir.path()).unwrap();
    let ours = listing("s0", "Alpha");
    let mut theirs = ours.clone();
    theirs.agency = referral_core::id::AgencyId::parse("other").unwrap();
    for listing in [&ours, &theirs] {
        index.put(listing, &[]).unwrap();
    }
    index.commit(1).unwrap();
    index.report(&theirs.agency, &held("s0", None, Stated::Open, 1, 60));
    index.remove(&ours.key());

    let answer = index.search(&crate::support::anything(), NOW).unwrap();

    assert_eq!(answer.total, 1);
    assert_eq!(answer.hits[0].key, theirs.key());
    assert_eq!(answer.hits[0].state, State::Open);
    assert_eq!(index.capacity_of(&agency(), &id("s0"), None), None);
}
