//! What is held, or banned, or for few, comes neither by the feed nor by asking for signed records.

use directory_server::ledger::Standing;
use directory_server::operations::DecisionRefused;
use prost::Message as _;
use referral_core::catalog::{Category, Part, Phone, PhoneNumber, Record, Tier, Tiers};
use referral_core::id::{AgencyId, Kind, RecordKey};
use referral_core::policy::{Role, Scope};
use referral_proto::replica::Replica;
use referral_proto::v1;
use referral_proto::v1::catalog_service_client::CatalogServiceClient;
use referral_proto::v1::publish_request::Message as Up;
use referral_proto::v1::watch_response::Message;

use super::{Reader, folded, ids, kind, read_all};
use crate::people::{person_of, token};
use crate::support::records::{
    coded, id, location, name, offered, open, organization, plain_organization, plain_service,
    service, zip,
};
use crate::support::{Agency, House, Stream};

async fn decide(house: &House, standing: Standing) -> Result<(), DecisionRefused> {
    let harbor = AgencyId::parse("harbor").unwrap();
    let directory = &house.directory;
    directory
        .set_standing(
            &house.operator,
            harbor,
            standing,
            "Ana Ruiz",
            "complaint 12",
        )
        .await
}

/// An agency without a grant that has published lessons, which need none, and legal help, which is held.
async fn held() -> (House, Agency, Stream) {
    let house = House::new().await;
    let token = house.invite_only("harbor").await;
    let mut harbor = Agency::join_with(&house, "harbor", &token).await;
    let mut stream = harbor.stream(&house).await;
    stream.accepted(harbor.publish(organization("org"))).await;
    for record in [
        coded("legal", "Bond Hearings", &["lc:bond"]),
        service("lessons", "English Lessons"),
    ] {
        stream.accepted(harbor.publish(record)).await;
    }
    let reports = vec![harbor.report(open("legal", 3))];
    stream.reports(reports).await;
    (house, harbor, stream)
}

fn set(ids: &[&str]) -> std::collections::BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

/// What a reader of a bookmark from before hears, and one that begins.
async fn both(house: &House, before: &Replica) -> (Replica, Replica) {
    let index = folded(house).await;
    let mut resumed = before.clone();
    let mut reader = Reader::open(house, resumed.resume()).await.unwrap();
    reader.read_to(index, &mut resumed).await;
    (resumed, read_all(house).await.1)
}

async fn get(house: &House, bearer: Option<&str>, names: &[&str]) -> v1::GetSignedResponse {
    let records = names.iter().map(|name| v1::RecordName {
        kind: v1::RecordKind::Service.into(),
        local_id: (*name).to_owned(),
    });
    let request = v1::GetSignedRequest {
        agency_id: "harbor".to_owned(),
        records: records.collect(),
    };
    let mut request = tonic::Request::new(request);
    if let Some(bearer) = bearer {
        let header = format!("Bearer {bearer}").parse().unwrap();
        request.metadata_mut().insert("authorization", header);
    }
    let mut client = CatalogServiceClient::new(house.visit().await);
    client.get_signed(request).await.unwrap().into_inner()
}

/// Which of these somebody is given, and what is withheld.
async fn given(house: &House, bearer: Option<&str>, names: &[&str]) -> Vec<(bool, String)> {
    let answer = get(house, bearer, names).await;
    let records = answer.records.into_iter();
    records
        .map(|record| (record.operation.is_some(), record.withheld))
        .collect()
}

#[tokio::test]
async fn what_waits_for_a_grant_comes_with_it_and_goes_when_it_is_revoked() {
    let (house, _harbor, _stream) = held().await;
    let (mut live, mut replica) = read_all(&house).await;
    let early = replica.clone();
    assert_eq!(ids(&replica), set(&["lessons", "org"]));
    assert!(replica.reports().is_empty());

    house.grant("harbor", Category::Legal).await;
    live.read_to(folded(&house).await, &mut replica).await;

    let all = set(&["legal", "lessons", "org"]);
    assert_eq!(ids(&replica), all);
    assert_eq!(
        replica.reports().len(),
        1,
        "what was reported meanwhile, too"
    );
    let (resumed, fresh) = both(&house, &early).await;
    assert_eq!((ids(&resumed), ids(&fresh)), (all.clone(), all.clone()));

    let granted = replica.clone();
    live.heard.clear();
    house.revoke("harbor", Category::Legal).await;
    live.read_to(folded(&house).await, &mut replica).await;

    let told: Vec<&str> = live.entries().into_iter().map(kind).collect();
    assert_eq!(told, ["gone"], "and of the lessons nothing");
    let without = set(&["lessons", "org"]);
    assert_eq!(ids(&replica), without);
    for before in [&early, &granted] {
        let (resumed, fresh) = both(&house, before).await;
        assert_eq!(
            (ids(&resumed), ids(&fresh)),
            (without.clone(), without.clone())
        );
    }

    house.grant("harbor", Category::Legal).await;
    live.read_to(folded(&house).await, &mut replica).await;

    assert_eq!(ids(&replica), all, "the same operation comes again");
}

#[tokio::test]
async fn what_is_archived_is_gone_from_the_feed_and_comes_back_when_it_is_said_again() {
    let (house, mut harbor, _stream) = held().await;
    let (mut live, mut replica) = read_all(&house).await;
    let early = replica.clone();
    assert_eq!(ids(&replica), set(&["lessons", "org"]));

    house
        .clock
        .advance(std::time::Duration::from_hours(366 * 24));
    house.directory.lapse().await.unwrap();
    live.read_to(folded(&house).await, &mut replica).await;

    assert_eq!(
        ids(&replica),
        set(&[]),
        "nor an organization without a service"
    );
    let (resumed, fresh) = both(&house, &early).await;
    assert_eq!((ids(&resumed), ids(&fresh)), (set(&[]), set(&[])));

    let archived = replica.clone();
    drop(live);
    let house = house.again().await;
    harbor.renew(&house).await.unwrap();
    let mut stream = harbor.stream(&house).await;
    let again = service("lessons", "English Lessons");
    stream.accepted(harbor.publish(again)).await;

    let all = set(&["lessons", "org"]);
    for before in [&early, &archived] {
        let (resumed, fresh) = both(&house, before).await;
        assert_eq!((ids(&resumed), ids(&fresh)), (all.clone(), all.clone()));
    }
}

#[tokio::test]
async fn a_banned_agency_is_gone_from_the_feed_and_comes_back_when_it_is_readmitted() {
    let (house, mut harbor, mut stream) = held().await;
    let withdrawn = service("short", "Short Service");
    stream.accepted(harbor.publish(withdrawn)).await;
    let (mut live, mut replica) = read_all(&house).await;
    let early = replica.clone();
    stream
        .accepted(harbor.withdraw(Kind::Service, "short"))
        .await;

    decide(&house, Standing::Banned).await.unwrap();
    live.heard.clear();
    live.read_to(folded(&house).await, &mut replica).await;

    assert_eq!(ids(&replica), set(&[]));
    let (resumed, fresh) = both(&house, &early).await;
    assert_eq!((ids(&resumed), ids(&fresh)), (set(&[]), set(&[])));
    assert_eq!(fresh.agencies().count(), 0, "its name neither");
    let refused = CatalogServiceClient::new(house.visit().await)
        .get_signed(v1::GetSignedRequest {
            agency_id: "harbor".to_owned(),
            records: vec![v1::RecordName {
                kind: v1::RecordKind::Service.into(),
                local_id: "lessons".to_owned(),
            }],
        })
        .await
        .unwrap_err();
    assert_eq!(refused.code(), tonic::Code::NotFound);

    let banned = replica.clone();
    let harbor = AgencyId::parse("harbor").unwrap();
    house
        .directory
        .readmit(&house.operator, harbor)
        .await
        .unwrap();
    live.read_to(folded(&house).await, &mut replica).await;

    let back = set(&["lessons", "org"]);
    assert_eq!(ids(&replica), back);
    for before in [&early, &banned] {
        let (resumed, fresh) = both(&house, before).await;
        assert_eq!((ids(&resumed), ids(&fresh)), (back.clone(), back.clone()));
    }
}

#[tokio::test]
async fn a_look_alike_is_in_the_feed_once_it_has_another_name_or_a_person_let_it_stand() {
    let house = House::new().await;
    let mut harbor = Agency::join(&house, "harbor").await;
    let mut stream = harbor.stream(&house).await;
    let named = |called: &str| {
        let mut organization = plain_organization("org");
        organization.name = name(called);
        Record::Organization(Box::new(organization))
    };
    stream.accepted(harbor.publish(named("Hаrbor House"))).await;
    stream
        .accepted(harbor.publish(service("lessons", "English Lessons")))
        .await;
    let (mut live, mut replica) = read_all(&house).await;
    let early = replica.clone();
    let (nothing, both_of_them) = (set(&[]), set(&["lessons", "org"]));
    assert_eq!(ids(&replica), nothing);

    for (called, expected) in [("Harbor House", &both_of_them), ("Hаrbor House", &nothing)] {
        stream.accepted(harbor.publish(named(called))).await;
        live.read_to(folded(&house).await, &mut replica).await;
        assert_eq!(ids(&replica), *expected, "{called}");
        let (resumed, fresh) = both(&house, &early).await;
        assert_eq!((&ids(&resumed), &ids(&fresh)), (expected, expected));
    }

    let id = AgencyId::parse("harbor").unwrap();
    let cleared = house
        .directory
        .clear_name(&house.operator, id, "Hаrbor House", "Ana");
    cleared.await.unwrap();
    live.read_to(folded(&house).await, &mut replica).await;
    assert_eq!(ids(&replica), both_of_them);
}

#[tokio::test]
async fn a_service_that_tells_where_a_place_for_few_is_goes_and_comes_with_that_place() {
    let house = House::new().await;
    let mut harbor = Agency::join(&house, "harbor").await;
    let mut stream = harbor.stream(&house).await;
    let place = |tier| {
        let Record::Location(mut place) = location("orchard", "Dilley", 28.70, -99.20) else {
            panic!("no location")
        };
        place.tier = tier;
        Record::Location(place)
    };
    let Record::Service(mut telling) = offered("telling", "Telling Beds", &["orchard"]) else {
        panic!("no service")
    };
    telling.offers[0].areas = vec![zip("78017")];
    for record in [
        organization("org"),
        place(Tier::Public),
        Record::Service(telling),
        offered("silent", "Silent Beds", &["orchard"]),
    ] {
        stream.accepted(harbor.publish(record)).await;
    }
    let (mut live, mut replica) = read_all(&house).await;
    let everything = set(&["orchard", "org", "silent", "telling"]);
    assert_eq!(ids(&replica), everything);

    stream.accepted(harbor.publish(place(Tier::Member))).await;
    live.read_to(folded(&house).await, &mut replica).await;

    let left = set(&["org", "silent"]);
    assert_eq!(ids(&replica), left);
    assert_eq!(ids(&read_all(&house).await.1), left);
    let withheld = given(&house, None, &["telling", "silent"]).await;
    let few = "parts_for_few".to_owned();
    assert_eq!(withheld, [(false, few), (true, String::new())]);

    stream.accepted(harbor.publish(place(Tier::Public))).await;
    live.read_to(folded(&house).await, &mut replica).await;

    assert_eq!(ids(&replica), everything);
}

#[tokio::test]
async fn signed_records_are_given_to_who_sees_all_that_is_in_them() {
    let (house, mut harbor, mut stream) = held().await;
    let mut parted = plain_service("parted", "Parted Lessons");
    parted.tiers = Tiers::of([(Part::Phones, Tier::Member)]);
    parted.phones = vec![Phone {
        number: PhoneNumber::parse("210-555-0177").unwrap(),
        extension: None,
        kind: None,
        description: None,
        languages: vec![],
    }];
    let mut whole = parted.clone();
    (whole.id, whole.tier) = (id("whole"), Tier::Member);
    for service in [parted, whole] {
        let record = Record::Service(Box::new(service));
        stream.accepted(harbor.publish(record)).await;
    }
    folded(&house).await;
    let names = ["lessons", "parted", "whole", "legal", "never"];
    let yes = || (true, String::new());
    let no = || (false, String::new());
    let in_part = || (false, "parts_for_few".to_owned());

    let anybody = given(&house, None, &names).await;
    assert_eq!(anybody, [yes(), in_part(), no(), no(), no()]);
    for (role, agency, expected) in [
        (Role::Operator, None, [yes(), in_part(), no(), no(), no()]),
        (Role::Caseworker, None, [yes(), yes(), yes(), no(), no()]),
        (
            Role::AgencyStaff,
            Some("beacon"),
            [yes(), yes(), yes(), no(), no()],
        ),
        (
            Role::AgencyStaff,
            Some("harbor"),
            [yes(), yes(), yes(), yes(), no()],
        ),
    ] {
        let name = format!("{role}-{}@example.org", agency.unwrap_or("none"));
        let who = person_of(&house, &name, role, agency).await;
        let (_, bearer) = token(&house, &who.id, &[Scope::Feed]).await;

        let theirs = given(&house, Some(&bearer), &names).await;

        assert_eq!(theirs, expected, "{role} of {agency:?}");
    }
}

/// Whether anything a reader heard holds one of these, as text or as bytes.
fn tells(reader: &Reader, secrets: &[String]) -> bool {
    let messages = reader.heard.iter().map(|message| {
        let message = Some(message.clone());
        v1::WatchResponse { message }.encode_to_vec()
    });
    let bytes: Vec<Vec<u8>> = messages.collect();
    let holds = |secret: &String| {
        let secret = secret.as_bytes();
        let in_one = |bytes: &Vec<u8>| bytes.windows(secret.len()).any(|part| part == secret);
        bytes.iter().any(in_one)
    };
    secrets.iter().any(holds)
}

#[tokio::test]
async fn of_what_was_never_public_neither_change_nor_withdrawal_tells_the_id() {
    let (house, mut harbor, mut stream) = held().await;
    let mut few = plain_service("few-only", "For a Few");
    few.tier = Tier::Net;
    for record in [
        Record::Service(Box::new(few.clone())),
        coded("legal", "Bond Hearings Anew", &["lc:bond"]),
    ] {
        stream.accepted(harbor.publish(record)).await;
    }
    few.name = name("For a Few Others");
    let again = harbor.publish(Record::Service(Box::new(few)));
    stream.accepted(again).await;
    let (mut live, mut replica) = read_all(&house).await;
    let before = replica.clone();

    for id in ["legal", "few-only", "lessons"] {
        stream.accepted(harbor.withdraw(Kind::Service, id)).await;
    }
    live.read_to(folded(&house).await, &mut replica).await;

    let agency = AgencyId::parse("harbor").unwrap();
    let secret = |id: &str| {
        let key = RecordKey {
            agency: agency.clone(),
            kind: Kind::Service,
            id: crate::support::records::id(id),
        };
        [id.to_owned(), key.public_id().to_string()]
    };
    let secrets: Vec<String> = ["legal", "few-only"].into_iter().flat_map(secret).collect();
    assert_eq!(ids(&replica), set(&[]), "what was public is withdrawn");
    assert!(!tells(&live, &secrets));
    let mut resumed = before.clone();
    let mut late = Reader::open(&house, resumed.resume()).await.unwrap();
    late.read_to(folded(&house).await, &mut resumed).await;
    assert_eq!(ids(&resumed), set(&[]));
    assert!(!tells(&late, &secrets));
    assert!(!tells(&read_all(&house).await.0, &secrets));
    let since = from_the_first(&before);
    let mut first = Reader::open(&house, since).await.unwrap();
    let end = folded(&house).await;
    while first.next().await.map_or(0, |message| bookmarked(&message)) < end {}
    assert!(!tells(&first, &secrets), "from the first record on");
    let asked = given(&house, None, &["legal", "few-only", "lessons", "never"]).await;
    assert_eq!(asked, vec![(false, String::new()); 4]);
}

/// The index of a bookmark; 0: it is none.
fn bookmarked(message: &Message) -> u64 {
    match message {
        Message::Bookmark(mark) => mark.index,
        _ => 0,
    }
}

/// A bookmark after the first record of the journal.
fn from_the_first(replica: &Replica) -> v1::WatchRequest {
    v1::WatchRequest {
        since_index: 1,
        ..replica.clone().resume()
    }
}

#[tokio::test]
async fn an_agency_that_may_not_list_at_present_is_said_to_be_unverified() {
    let (house, _harbor, _stream) = held().await;
    let (mut live, mut replica) = read_all(&house).await;
    let harbor = AgencyId::parse("harbor").unwrap();
    assert!(!replica.is_unverified(&harbor));

    decide(&house, Standing::Suspended).await.unwrap();
    live.read_to(folded(&house).await, &mut replica).await;

    assert!(replica.is_unverified(&harbor));
    assert_eq!(ids(&replica), set(&["lessons", "org"]), "it stands");
    assert!(
        read_all(&house).await.1.is_unverified(&harbor),
        "in a snapshot, too"
    );

    let again = house.directory.readmit(&house.operator, harbor.clone());
    again.await.unwrap();
    live.read_to(folded(&house).await, &mut replica).await;
    assert!(!replica.is_unverified(&harbor));
}

#[tokio::test]
async fn an_agency_whose_node_was_copied_is_said_to_be_unverified_until_somebody_looked() {
    let (house, harbor, _stream) = held().await;
    let (mut live, mut replica) = read_all(&house).await;
    for boot in [2, 1, 2, 1] {
        let channel = house.connect(Some(&harbor.identity)).await;
        let mut stream = Stream::open(channel).await.unwrap();
        let hello = v1::PublishHello {
            boot: vec![boot; 16],
            ..harbor.hello()
        };
        stream.say(Up::Hello(hello)).await;
        let _answered = stream.next().await;
    }

    live.read_to(folded(&house).await, &mut replica).await;
    assert!(replica.is_unverified(&harbor.id));
    assert!(read_all(&house).await.1.is_unverified(&harbor.id));

    let again = house.directory.readmit(&house.operator, harbor.id.clone());
    again.await.unwrap();
    live.read_to(folded(&house).await, &mut replica).await;
    assert!(!replica.is_unverified(&harbor.id));
}
