//! What is for few is for few in every part of every answer.

use referral_core::catalog::{Part, Phone, PhoneNumber, Place, Record, Tier, Tiers};
use referral_core::policy::{Role, Scope};
use referral_proto::v1;

use super::{ask_with, person, token};
use crate::support::records::{location, name, offered, open, organization, text};
use crate::support::{Agency, House, files, until};

const NUMBER: &str = "210-555-0177";
const STREET: &str = "4077 Hidden Orchard Lane";

fn with_service(
    record: Record,
    change: impl FnOnce(&mut referral_core::catalog::Service),
) -> Record {
    let Record::Service(mut service) = record else {
        panic!("no service")
    };
    change(&mut service);
    Record::Service(service)
}

fn with_location(record: Record, tier: Tier) -> Record {
    let Record::Location(mut location) = record else {
        panic!("no location")
    };
    if let Place::Exact { address, .. } = &mut location.place {
        address.address_1 = Some(name(STREET));
    }
    location.name = Some(name("Orchard House"));
    location.tier = tier;
    Record::Location(location)
}

fn phone() -> Phone {
    Phone {
        number: PhoneNumber::parse(NUMBER).unwrap(),
        extension: None,
        kind: None,
        description: None,
        languages: vec![],
    }
}

/// A directory with something of every kind for caseworkers alone, and tokens of a caseworker and an operator.
struct Few {
    house: House,
    agency: Agency,
    caseworker: String,
    operator: String,
}

async fn few() -> Few {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let records = [
        organization("org"),
        location("dilley", "Dilley", 28.667, -99.17),
        with_location(location("orchard", "Dilley", 28.70, -99.20), Tier::Member),
        offered("public", "Public Beds", &["dilley"]),
        with_service(offered("member", "Member Beds", &["dilley"]), |service| {
            service.tier = Tier::Member;
            service.description = Some(text("quincewords inside"));
        }),
        with_service(offered("placed", "Placed Beds", &["orchard"]), |_| {}),
        with_service(offered("parted", "Parted Beds", &["dilley"]), |service| {
            service.tiers = Tiers::of([
                (Part::Phones, Tier::Member),
                (Part::Description, Tier::Ask),
                (Part::Capacity, Tier::Member),
            ]);
            service.phones = vec![phone()];
            service.description = Some(text("medlarwords inside"));
        }),
        with_service(offered("netted", "Netted Beds", &["dilley"]), |service| {
            service.tier = Tier::Net;
        }),
    ];
    let batch = records.into_iter().map(|record| agency.publish(record));
    let batch = batch.collect();
    stream.operations(batch).await;
    let reports = vec![
        agency.report(open("parted", 7)),
        agency.report(open("member", 5)),
    ];
    stream.reports(reports).await;
    house.until_found("Parted Beds").await;
    let ana = person(&house, "ana@example.org", Role::Caseworker).await;
    let otto = person(&house, "otto@example.org", Role::Operator).await;
    let (_, caseworker) = token(&house, &ana.id, &[Scope::Search]).await;
    let (_, operator) = token(&house, &otto.id, &[Scope::Search]).await;
    let few = Few {
        house,
        agency,
        caseworker,
        operator,
    };
    until("caseworkers find what is for them", async || {
        few.names(Who::Caseworker, "").await.len() == 4
    })
    .await;
    few
}

#[derive(Clone, Copy, PartialEq)]
enum Who {
    Anybody,
    Caseworker,
    Operator,
}

impl Few {
    async fn asks(&self, who: Who, request: v1::SearchRequest) -> v1::SearchResponse {
        let answer = match who {
            Who::Anybody => self.house.ask(request).await,
            Who::Caseworker => ask_with(&self.house, &self.caseworker, request).await,
            Who::Operator => ask_with(&self.house, &self.operator, request).await,
        };
        answer.unwrap()
    }

    async fn finds(&self, who: Who, words: &str) -> v1::SearchResponse {
        let request = v1::SearchRequest {
            text: words.to_owned(),
            availability: v1::Availability::Any.into(),
            limit: 50,
            facets: true,
            near_misses: true,
            ..v1::SearchRequest::default()
        };
        self.asks(who, request).await
    }

    async fn names(&self, who: Who, words: &str) -> Vec<String> {
        let answer = self.finds(who, words).await;
        let mut names: Vec<String> = answer.results.into_iter().map(|r| r.name).collect();
        names.sort();
        names
    }

    async fn near(&self, who: Who, called: &str) -> v1::SearchResult {
        let request = v1::SearchRequest {
            near: "Dilley, TX".to_owned(),
            availability: v1::Availability::Any.into(),
            limit: 50,
            ..v1::SearchRequest::default()
        };
        let results = self.asks(who, request).await.results;
        results.into_iter().find(|r| r.name == called).unwrap()
    }
}

#[tokio::test]
async fn a_listing_for_caseworkers_is_found_and_counted_by_them_alone() {
    let few = few().await;

    for who in [Who::Anybody, Who::Operator] {
        let names = few.names(who, "").await;
        assert_eq!(names, ["Parted Beds", "Placed Beds", "Public Beds"]);
        let found = few.finds(who, "").await;
        assert_eq!(found.total_size, 3, "counted");
        assert!(
            found
                .facets
                .iter()
                .all(|f| f.values.iter().all(|v| v.count <= 3))
        );
        assert_eq!(few.names(who, "quincewords").await, [""; 0]);
        assert_eq!(few.names(who, "Member Beds").await, [""; 0]);
    }
    let names = few.names(Who::Caseworker, "").await;
    assert_eq!(
        names,
        ["Member Beds", "Parted Beds", "Placed Beds", "Public Beds"]
    );
    assert_eq!(
        few.names(Who::Caseworker, "quincewords").await,
        ["Member Beds"]
    );
    assert_eq!(few.finds(Who::Caseworker, "").await.total_size, 4);
}

#[tokio::test]
async fn a_place_for_caseworkers_is_a_county_to_everybody_else() {
    let few = few().await;

    let seen = few.near(Who::Anybody, "Placed Beds").await;
    let location = seen.location.unwrap();
    assert!(location.confidential && location.point.is_none() && location.address.is_none());
    assert_eq!(location.area, "Frio County, TX");
    assert_eq!((seen.distance_miles, location.name.as_str()), (None, ""));
    assert!(!format!("{:?}", few.finds(Who::Anybody, "").await).contains("Orchard"));

    let seen = few.near(Who::Caseworker, "Placed Beds").await;
    let location = seen.location.unwrap();
    assert!(!location.confidential && location.point.is_some());
    assert_eq!(location.address.unwrap().address_1, STREET);
    assert!(seen.distance_miles.is_some());
}

#[tokio::test]
async fn a_place_for_caseworkers_answers_identically_from_all_over_its_county() {
    let few = few().await;
    let mut answers = Vec::new();
    for near in ["28.70,-99.20", "28.90,-99.10", "28.72,-99.05"] {
        let request = v1::SearchRequest {
            near: near.to_owned(),
            text: "Placed".to_owned(),
            radius_miles: 40.0,
            availability: v1::Availability::Any.into(),
            ..v1::SearchRequest::default()
        };
        let found = few.asks(Who::Anybody, request).await.results;
        let placed = found.into_iter().find(|r| r.name == "Placed Beds").unwrap();
        answers.push((
            placed.distance_miles,
            placed.location,
            placed.reasons,
            placed.score.to_bits(),
        ));
    }

    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
}

#[tokio::test]
async fn parts_for_few_are_neither_shown_nor_searched_by_others() {
    let few = few().await;

    let seen = few.near(Who::Anybody, "Parted Beds").await;
    assert_eq!((seen.phones.len(), seen.summary.as_str()), (0, ""));
    let capacity = seen.capacity.unwrap();
    assert_eq!(
        (capacity.counts.len(), capacity.state()),
        (0, v1::CapacityState::Open)
    );
    assert!(!capacity.text.contains('7'), "{}", capacity.text);
    assert_eq!(few.names(Who::Anybody, NUMBER).await, [""; 0]);

    let seen = few.near(Who::Caseworker, "Parted Beds").await;
    assert_eq!(seen.phones, [NUMBER]);
    assert_eq!(seen.capacity.unwrap().counts[0].available, Some(7));
    assert_eq!(few.names(Who::Caseworker, NUMBER).await, ["Parted Beds"]);

    for who in [Who::Anybody, Who::Caseworker] {
        assert_eq!(
            few.names(who, "medlarwords").await,
            [""; 0],
            "for whom is asked"
        );
    }
}

#[tokio::test]
async fn the_files_of_the_index_for_everybody_hold_nothing_that_is_for_few() {
    let few = few().await;
    let stopped = few.house.stop().await;

    for file in files(&stopped.data.path().join("index")) {
        let bytes = std::fs::read(&file).unwrap();
        for word in ["quincewords", "medlarwords", "2105550177", "orchard"] {
            let found = bytes
                .windows(word.len())
                .any(|part| part == word.as_bytes());
            assert!(!found, "{word} is in {}", file.display());
        }
    }
}

#[tokio::test]
async fn what_is_for_few_is_so_after_a_restart_and_after_the_indexes_are_lost() {
    let Few {
        house,
        agency,
        caseworker,
        operator,
    } = few().await;
    let mut house = house;
    for lost in [
        &[][..],
        &["index"],
        &["index-members"],
        &["index", "index-members", "store"],
    ] {
        let stopped = house.stop().await;
        for folder in lost {
            std::fs::remove_dir_all(stopped.data.path().join(folder)).unwrap();
        }
        let few = Few {
            house: stopped.start().await.unwrap(),
            agency: agency.copy(),
            caseworker: caseworker.clone(),
            operator: operator.clone(),
        };

        assert_eq!(few.names(Who::Anybody, "").await.len(), 3, "{lost:?}");
        assert_eq!(
            few.names(Who::Caseworker, "quincewords").await,
            ["Member Beds"],
            "{lost:?}"
        );
        house = few.house;
    }
}

#[tokio::test]
async fn a_listing_that_becomes_for_few_is_gone_for_others_at_once() {
    let mut few = few().await;
    let mut stream = few.agency.stream(&few.house).await;
    let changed = with_service(offered("public", "Public Beds", &["dilley"]), |service| {
        service.tier = Tier::Member;
    });
    let operation = few.agency.publish(changed);
    stream.accepted(operation).await;

    until("it is gone for anybody", async || {
        few.names(Who::Anybody, "").await.len() == 2
    })
    .await;

    assert_eq!(few.names(Who::Caseworker, "").await.len(), 4);
}

#[tokio::test]
async fn an_address_for_few_is_refused_it_stays_with_its_agency() {
    let mut few = few().await;
    let mut stream = few.agency.stream(&few.house).await;
    let location = with_location(location("secret", "Dilley", 28.6, -99.1), Tier::Ask);
    let operation = few.agency.publish(location);

    let ack = stream.operations(vec![operation]).await;

    let refused = &ack.rejections[0];
    assert_eq!(
        (refused.code.as_str(), refused.field.as_str()),
        ("address_for_few", "location.place")
    );
    assert!(!refused.text.contains(STREET));
}
