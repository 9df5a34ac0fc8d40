//! How fresh things are, as people see it: age through restarts and restores, silent agencies, lost contact, and
//! a clock that jumps.

use std::fs;
use std::time::Duration;

use jiff::SignedDuration;
use referral_core::capacity::Availability;
use referral_core::federation::Chain;
use referral_proto::convert::{self, time};
use referral_proto::v1;
use referral_proto::v1::publish_request::Message as Up;
use referral_proto::v1::publish_response::Message as Down;
use referral_runtime::clock::Clock;
use tonic::Code;

use crate::support::agency::apply;
use crate::support::house::{Stopped, noon};
use crate::support::http::get;
use crate::support::records::{open, organization, report, service};
use crate::support::{Agency, Applicant, House, Stream};

/// An agency with one service that has 4 beds, and its stream.
async fn listed(house: &House, id: &str) -> (Agency, Stream) {
    let mut agency = Agency::join(house, id).await;
    let mut stream = agency.stream(house).await;
    let (clinic, name) = (format!("{id}-clinic"), format!("Clinic {id}"));
    stream.accepted(agency.publish(organization("org"))).await;
    stream
        .accepted(agency.publish(service(&clinic, &name)))
        .await;
    house.until_found(&name).await;
    let report = agency.report(open(&clinic, 4));
    stream.reports(vec![report]).await;
    (agency, stream)
}

async fn everything(house: &House) -> v1::SearchResponse {
    let request = v1::SearchRequest {
        availability: v1::Availability::Any.into(),
        limit: 200,
        ..v1::SearchRequest::default()
    };
    house.ask(request).await.unwrap()
}

/// The only service there is.
async fn shown(house: &House) -> v1::SearchResult {
    let mut results = everything(house).await.results;
    assert_eq!(results.len(), 1);
    results.remove(0)
}

async fn codes(house: &House) -> Vec<String> {
    let notices = everything(house).await.notices.into_iter();
    notices.map(|notice| notice.code).collect()
}

/// Begins the next generation, as a restore does.
fn restore(stopped: &Stopped) {
    let file = stopped.data.path().join("generation");
    let generation: u64 = fs::read_to_string(&file).unwrap().trim().parse().unwrap();
    fs::write(file, format!("{}\n", generation + 1)).unwrap();
}

/// Begins a new epoch in an agency's log.
async fn renew(agency: &mut Agency, stream: &mut Stream) {
    stream.say(Up::NewEpoch(v1::EpochRequest {})).await;
    let Some(Down::Grant(grant)) = stream.next().await else {
        panic!("no grant")
    };
    let epoch = convert::federation::epoch(grant.epoch).unwrap();
    agency.chain = Chain::start(epoch);
    agency.cseq = 0;
}

#[tokio::test]
async fn after_a_restore_what_was_reported_is_stale_until_it_is_sent_again() {
    let house = House::new().await;
    let (mut agency, mut stream) = listed(&house, "harbor").await;
    assert_eq!(house.names_among("", Availability::Open).len(), 1);
    let stopped = house.stop().await;
    restore(&stopped);

    let house = stopped.start().await.unwrap();

    let open = shown(&house).await.capacity.unwrap();
    assert_eq!(open.state(), v1::CapacityState::Stale);
    assert!(
        open.before_restore && open.text.contains("call first"),
        "{}",
        open.text
    );
    assert_eq!(house.names_among("", Availability::Open).len(), 0);

    let stopped = house.stop().await;
    fs::remove_dir_all(stopped.data.path().join("index")).unwrap();
    fs::remove_dir_all(stopped.data.path().join("store")).unwrap();
    let house = stopped.start().await.unwrap();
    assert_eq!(shown(&house).await.capacity.unwrap(), open, "rebuilt");
    drop(stream);

    stream = agency.stream(&house).await;
    renew(&mut agency, &mut stream).await;
    let again = agency.report(self::open("harbor-clinic", 4));
    stream.reports(vec![again]).await;
    let again = shown(&house).await.capacity.unwrap();
    assert_eq!(again.state(), v1::CapacityState::Open);
    assert!(!again.before_restore);
}

#[tokio::test]
async fn closed_is_never_stale_and_past_its_reopening_unknown_whatever_was_rebuilt() {
    let house = House::new().await;
    let (mut agency, mut stream) = listed(&house, "harbor").await;
    let mut closed = report("harbor-clinic", v1::CapacityState::Closed, None, None);
    closed.reopens_on = "2026-12-01".to_owned();
    let closed = agency.report(closed);
    stream.reports(vec![closed]).await;
    house.clock.advance(Duration::from_hours(24 * 60));

    let stopped = house.stop().await;
    fs::remove_dir_all(stopped.data.path().join("index")).unwrap();
    let house = stopped.start().await.unwrap();

    let state = async || shown(&house).await.capacity.unwrap().state();
    assert_eq!(state().await, v1::CapacityState::Closed);
    house.clock.advance(Duration::from_hours(24 * 150));
    assert_eq!(state().await, v1::CapacityState::Unknown);
}

#[tokio::test]
async fn receipt_never_goes_back_when_the_clock_is_set_back_between_two_starts() {
    let house = House::new().await;
    let (mut agency, _) = listed(&house, "harbor").await;
    let stopped = house.stop().await;
    let house = stopped.start_after(SignedDuration::from_mins(-4)).await;
    let mut stream = agency.stream(&house).await;
    let mut undated = open("harbor-clinic", 3);
    undated.observed_at = None;

    let undated = agency.report(undated);
    stream.reports(vec![undated]).await;

    let observed = shown(&house).await.capacity.unwrap().observed_at.unwrap();
    assert!(time::from_wire(observed).unwrap() >= noon());
}

#[tokio::test]
async fn a_silent_agency_is_told_with_its_results_and_changes_neither_state_nor_order() {
    let house = House::new().await;
    let (_harbor, _stream) = listed(&house, "harbor").await;
    let (mut other, mut speaks) = listed(&house, "other").await;
    let order = house.names("");
    house.clock.advance(Duration::from_secs(91));
    let again = other.report(open("other-clinic", 4));
    speaks.reports(vec![again]).await;

    let results = everything(&house).await.results;

    let since = |agency: &str| {
        let mut of = results.iter().filter(|result| result.agency_id == agency);
        let since = of.next().unwrap().agency_silent_since;
        since.map(|at| at.seconds)
    };
    assert_eq!(since("harbor"), Some(noon().as_second()));
    assert_eq!(since("other"), None);
    let mut names: Vec<String> = results.iter().map(|one| one.name.clone()).collect();
    names.sort();
    let mut before = order;
    before.sort();
    assert_eq!(names, before);
    let states = results
        .iter()
        .map(|one| one.capacity.as_ref().unwrap().state());
    assert!(
        states
            .into_iter()
            .all(|state| state == v1::CapacityState::Open)
    );
    let page = get(house.public, "/?text=harbor&availability=any").await;
    assert!(page.text().contains("not been heard from since <time"));
    assert_eq!(codes(&house).await, Vec::<String>::new(), "one of two");
}

#[tokio::test]
async fn silence_that_began_before_a_restart_is_told_with_its_beginning() {
    let house = House::new().await;
    let (_agency, stream) = listed(&house, "harbor").await;
    drop(stream);
    house.clock.advance(Duration::from_mins(10));

    let house = house.again().await;
    assert_eq!(
        shown(&house).await.agency_silent_since,
        None,
        "it may come back"
    );
    house.clock.advance(Duration::from_secs(91));

    let since = shown(&house).await.agency_silent_since.unwrap();
    assert_eq!(since.seconds, noon().as_second());
    let overview = house.directory.agencies().remove(0);
    let heard = overview.last_heard.unwrap();
    assert_eq!(heard.as_second(), noon().as_second());
    assert!(overview.silent && !overview.connected);
}

#[tokio::test]
async fn a_directory_that_has_just_started_says_so_until_its_agencies_are_back() {
    let house = House::new().await;
    let (agency, stream) = listed(&house, "harbor").await;
    drop(stream);
    assert_eq!(
        codes(&house).await,
        Vec::<String>::new(),
        "a new directory waits for nobody"
    );

    house.clock.advance(Duration::from_secs(1));
    let house = house.again().await;
    assert_eq!(codes(&house).await, ["just_started"]);

    let _stream = agency.stream(&house).await;
    assert_eq!(codes(&house).await, Vec::<String>::new());
    house.clock.advance(Duration::from_secs(1));
    let house = house.again().await;
    house.clock.advance(Duration::from_mins(3));
    assert_eq!(
        codes(&house).await,
        Vec::<String>::new(),
        "it ends by itself"
    );
}

#[tokio::test]
async fn lost_contact_is_told_on_every_way_to_search_and_ends_when_agencies_come_back() {
    let house = House::new().await;
    let mut gone = Vec::new();
    for id in ["a1", "a2", "a3", "a4"] {
        gone.push(listed(&house, id).await);
    }
    house.clock.advance(Duration::from_secs(91));

    let answer = everything(&house).await;
    assert_eq!(answer.notices[0].code, "contact_lost");
    let told = &answer.notices[0].text;
    assert!(told.contains("4 of 4 agencies"), "{told}");
    let page = get(house.public, "/?text=clinic").await;
    let banner = format!("<p class=\"notice\" role=\"status\">{told}</p>");
    assert!(page.text().contains(&banner), "{}", page.text());
    assert!(
        answer
            .results
            .iter()
            .all(|one| { one.capacity.as_ref().unwrap().state() == v1::CapacityState::Open })
    );

    for (agency, stream) in gone.iter_mut().take(2) {
        *stream = agency.stream(&house).await;
    }
    assert_eq!(codes(&house).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_clock_that_jumps_makes_nothing_stale_and_nobody_a_member_until_it_is_confirmed() {
    let house = House::new().await;
    let (_agency, _stream) = listed(&house, "harbor").await;
    let token = house.invite("beacon").await;
    house.clock.jump(SignedDuration::from_hours(48));

    assert_eq!(codes(&house).await, ["clock_suspect"]);
    assert_eq!(
        shown(&house).await.capacity.unwrap().state(),
        v1::CapacityState::Open
    );
    let applicant = Applicant::new(7);
    let refused = apply(&house, applicant.application(&token)).await;
    assert_eq!(refused.unwrap_err().code(), Code::Unavailable);

    let (now, suspicion) = house.directory.confirm_clock();
    assert_eq!(now, house.clock.now());
    assert_eq!(suspicion.unwrap().ahead.as_hours(), 48);
    let answer = everything(&house).await;
    let codes: Vec<&str> = answer.notices.iter().map(|one| one.code.as_str()).collect();
    assert!(!codes.contains(&"clock_suspect"), "{codes:?}");
    assert_eq!(
        answer.results[0].capacity.as_ref().unwrap().state(),
        v1::CapacityState::Stale
    );
}

#[tokio::test]
async fn the_operator_sees_of_every_agency_whether_it_is_there_and_what_was_refused() {
    let house = House::new().await;
    let (mut harbor, mut stream) = listed(&house, "harbor").await;
    let (_gone, left) = listed(&house, "gone").await;
    drop(left);
    house.invite("later").await;
    let wrong = harbor.report(open("harbor-clinic", 13));
    assert_eq!(stream.reports(vec![wrong]).await.rejections.len(), 1);
    let seen = || {
        let agencies = house.directory.agencies().into_iter();
        agencies
            .map(|one| (one.agency.to_string(), one.connected, one.refused))
            .collect::<Vec<_>>()
    };

    let expected = [("gone", false, 0), ("harbor", true, 1), ("later", false, 0)];
    let expected = expected.map(|(id, connected, refused)| (id.to_owned(), connected, refused));
    crate::support::until("the stream has ended", async || seen() == expected).await;

    let right = harbor.report(open("harbor-clinic", 3));
    stream.reports(vec![right]).await;
    assert_eq!(seen()[1].2, 0, "a later report has replaced it");
}

#[tokio::test]
async fn an_answer_says_when_what_was_accepted_is_not_found_yet() {
    let house = House::new().await;
    let (mut agency, mut stream) = listed(&house, "harbor").await;
    house.clock.advance(Duration::from_mins(5));
    stream.beat().await;
    assert_eq!(codes(&house).await, [""; 0]);

    // The index cannot be written for as long as its folder is not there.
    let (index, away) = (house.folder("index"), house.folder("index-away"));
    fs::rename(&index, &away).unwrap();
    stream
        .accepted(agency.publish(service("new", "New Clinic")))
        .await;
    assert_eq!(codes(&house).await, [""; 0], "not for a moment");
    house.clock.advance(Duration::from_secs(2));
    assert_eq!(codes(&house).await, ["index_behind"]);
    assert!(!house.names("").contains(&"New Clinic".to_owned()));

    let _made_meanwhile = fs::remove_dir_all(&index);
    fs::rename(&away, &index).unwrap();
    house.until_found("New Clinic").await;
    crate::support::until("searches are behind no more", async || {
        codes(&house).await.is_empty()
    })
    .await;
}
