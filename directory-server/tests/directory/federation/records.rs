//! Records that are refused for good: told with code and field, used up, and in nobody's way.

use prost::Message;
use referral_core::catalog::Record;
use referral_core::id::Kind;
use referral_proto::v1;
use referral_proto::v1::record::Record as Wire;

use crate::support::records::{location, of_organization, offered, organization, service};
use crate::support::{Agency, House, Stream, until};

async fn published(house: &House) -> (Agency, Stream) {
    let mut agency = Agency::join(house, "harbor").await;
    let mut stream = agency.stream(house).await;
    stream.accepted(agency.publish(organization("org"))).await;
    (agency, stream)
}

/// What the only rejection of an acknowledgement says: sequence number, code, field.
fn only(ack: &v1::PublishAck) -> (u64, &str, &str) {
    assert_eq!(ack.rejections.len(), 1, "{:?}", ack.rejections);
    let rejection = &ack.rejections[0];
    assert!(!rejection.text.is_empty());
    (rejection.seq, &rejection.code, &rejection.field)
}

#[tokio::test]
async fn a_record_the_directory_holds_another_version_of_is_refused_and_the_stream_goes_on() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    stream
        .accepted(agency.publish(service("legal", "Legal Clinic")))
        .await;
    agency.refused(Kind::Service, "legal");

    let as_new = agency.publish(service("legal", "Overwritten"));
    let ack = stream.operations(vec![as_new]).await;

    assert_eq!(only(&ack), (3, "base_mismatch", "base_hash"));
    assert_eq!(ack.applied, 3);
    stream
        .accepted(agency.publish(service("food", "Food Pantry")))
        .await;
    house.until_found("Food Pantry").await;
    let mut names = house.names("");
    names.sort();
    assert_eq!(names, ["Food Pantry", "Legal Clinic"]);
}

#[tokio::test]
async fn the_same_id_twice_in_one_batch_as_new_refuses_the_second() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    let first = agency.publish(service("legal", "First"));
    agency.refused(Kind::Service, "legal");
    let second = agency.publish(service("legal", "Second"));

    let ack = stream.operations(vec![first, second]).await;

    assert_eq!(only(&ack), (3, "base_mismatch", "base_hash"));
    house.until_found("First").await;
}

#[tokio::test]
async fn a_record_that_refers_to_nothing_published_is_refused() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;

    let nowhere = agency.publish(offered("legal", "Legal Clinic", &["nowhere"]));
    let ack = stream.operations(vec![nowhere]).await;
    assert_eq!(only(&ack), (2, "reference_unknown", "location_id"));

    agency.refused(Kind::Service, "legal");
    stream
        .accepted(agency.withdraw(Kind::Organization, "org"))
        .await;
    let nobody = agency.publish(service("legal", "Legal Clinic"));
    let ack = stream.operations(vec![nobody]).await;
    assert_eq!(only(&ack), (4, "reference_unknown", "organization_id"));
}

#[tokio::test]
async fn records_may_come_in_one_batch_after_what_they_refer_to() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;

    let batch = vec![
        agency.publish(location("dock", "Dilley", 28.67, -99.17)),
        agency.publish(offered("legal", "Legal Clinic", &["dock"])),
    ];

    assert_eq!(stream.operations(batch).await.rejections, []);
    house.until_found("Legal Clinic").await;
}

#[tokio::test]
async fn a_record_that_others_refer_to_is_withdrawn_only_after_them() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    stream
        .accepted(agency.publish(location("dock", "Dilley", 28.67, -99.17)))
        .await;
    stream
        .accepted(agency.publish(offered("legal", "Legal Clinic", &["dock"])))
        .await;
    house.until_found("Legal Clinic").await;

    for (kind, id, seq) in [(Kind::Organization, "org", 4), (Kind::Location, "dock", 5)] {
        let untouched = agency.copy();
        let too_early = agency.withdraw(kind, id);
        let ack = stream.operations(vec![too_early]).await;
        assert_eq!(only(&ack), (seq, "still_referenced", ""));
        agency.refused_since(&untouched);
    }
    assert_eq!(house.names(""), ["Legal Clinic"]);
    for (kind, id) in [
        (Kind::Service, "legal"),
        (Kind::Organization, "org"),
        (Kind::Location, "dock"),
    ] {
        stream.accepted(agency.withdraw(kind, id)).await;
    }
}

#[tokio::test]
async fn a_service_that_moves_lets_go_of_the_place_it_left() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    stream
        .accepted(agency.publish(location("dock", "Dilley", 28.67, -99.17)))
        .await;
    stream
        .accepted(agency.publish(location("pier", "Laredo", 27.51, -99.51)))
        .await;
    stream
        .accepted(agency.publish(offered("legal", "Legal Clinic", &["dock"])))
        .await;

    stream
        .accepted(agency.publish(offered("legal", "Legal Clinic", &["pier"])))
        .await;

    stream
        .accepted(agency.withdraw(Kind::Location, "dock"))
        .await;
    let held = agency.withdraw(Kind::Location, "pier");
    let ack = stream.operations(vec![held]).await;
    assert_eq!(only(&ack).1, "still_referenced");
}

#[tokio::test]
async fn withdrawing_what_was_never_published_is_acknowledged_and_does_nothing() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;

    stream
        .accepted(agency.withdraw(Kind::Service, "legal"))
        .await;

    stream
        .accepted(agency.publish(service("legal", "Legal Clinic")))
        .await;
    house.until_found("Legal Clinic").await;
}

#[tokio::test]
async fn a_change_of_organization_or_place_shows_in_its_services() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    stream
        .accepted(agency.publish(service("legal", "Legal Clinic")))
        .await;
    house.until_found("Legal Clinic").await;
    let Record::Organization(mut renamed) = organization("org") else {
        unreachable!("it is one")
    };
    renamed.name = crate::support::records::name("Lighthouse");

    stream
        .accepted(agency.publish(Record::Organization(renamed)))
        .await;

    until(
        "the service is found by its organization's new name",
        async || house.names("Lighthouse") == ["Legal Clinic"],
    )
    .await;
}

#[tokio::test]
async fn a_service_without_a_place_is_near_where_its_organization_is_found_now() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    stream
        .accepted(agency.publish(service("legal", "Legal Clinic")))
        .await;
    let office = || of_organization(location("office", "Dilley", 28.67, -99.17), "org");
    stream.accepted(agency.publish(office())).await;
    let near = async || house.near("78017").await == ["Legal Clinic"];
    until("it is near its organization's office", near).await;

    stream
        .accepted(agency.withdraw(Kind::Location, "office"))
        .await;

    let far = async || house.near("78017").await.is_empty();
    until("it is near no office that was withdrawn", far).await;
}

type Spoil = fn(&mut v1::Operation);

fn spoiled_service(operation: &mut v1::Operation) -> &mut v1::Service {
    match operation.record.as_mut().unwrap().record.as_mut().unwrap() {
        Wire::Service(service) => service,
        other => panic!("not a service but {other:?}"),
    }
}

/// What is wrong with a service, and the code and field it is refused with.
const SPOILED: [(&str, &str, Spoil); 36] = [
    ("text_empty", "service.name", |o| {
        spoiled_service(o).name = " ".to_owned();
    }),
    ("text_empty", "service.name", |o| {
        spoiled_service(o).name.clear();
    }),
    ("text_control_character", "service.name", |o| {
        spoiled_service(o).name = "a\0b".to_owned();
    }),
    ("text_many_lines", "service.name", |o| {
        spoiled_service(o).name = "a\nb".to_owned();
    }),
    ("text_too_long", "service.name", |o| {
        spoiled_service(o).name = "x".repeat(301);
    }),
    ("text_hidden_character", "service.name", |o| {
        spoiled_service(o).name = "a\u{202e}b".to_owned();
    }),
    ("text_hidden_character", "service.name", |o| {
        spoiled_service(o).name = "a\u{200b}b".to_owned();
    }),
    ("text_defaced", "service.name", |o| {
        spoiled_service(o).name = format!("a{}", "\u{301}".repeat(500));
    }),
    ("text_too_long", "service.description", |o| {
        spoiled_service(o).description = "x".repeat(61_441);
    }),
    ("url_invalid", "service.url", |o| {
        spoiled_service(o).url = "javascript:alert(1)".to_owned();
    }),
    ("url_invalid", "service.url", |o| {
        spoiled_service(o).url = "data:text/html,x".to_owned();
    }),
    ("url_invalid", "service.url", |o| {
        spoiled_service(o).url = "file:///etc/passwd".to_owned();
    }),
    ("url_invalid", "service.url", |o| {
        spoiled_service(o).url = "http://user@host.example".to_owned();
    }),
    ("url_invalid", "service.url", |o| {
        spoiled_service(o).url = format!("http://host.example/{}", "x".repeat(4_096));
    }),
    ("email_invalid", "service.email", |o| {
        spoiled_service(o).email = "a@b.example\nBcc: c".to_owned();
    }),
    ("phone_invalid", "service.phones[0].number", |o| {
        phone(o, "call us");
    }),
    ("phone_invalid", "service.phones[0].number", |o| {
        phone(o, &"1".repeat(40));
    }),
    ("code_invalid", "service.attributes[0].code", |o| {
        spoiled_service(o).attributes.push(v1::Attribute::default());
    }),
    ("unknown_value", "service.tier", |o| {
        spoiled_service(o).tier = 77;
    }),
    ("too_many", "service.languages", |o| {
        let language = v1::Language {
            tag: "es".to_owned(),
            ..v1::Language::default()
        };
        spoiled_service(o).languages = vec![language; 400];
    }),
    ("time_invalid", "service.schedules[0].opens_at", |o| {
        let schedule = v1::Schedule {
            opens_at: "25:00".to_owned(),
            ..v1::Schedule::default()
        };
        spoiled_service(o).schedules.push(schedule);
    }),
    ("too_many", "service.schedules", |o| {
        spoiled_service(o).schedules = vec![v1::Schedule::default(); 400];
    }),
    ("id_invalid", "service.organization_id", |o| {
        spoiled_service(o).organization_id.clear();
    }),
    ("id_invalid", "service.organization_id", |o| {
        spoiled_service(o).organization_id = "../../org".to_owned();
    }),
    ("record_missing", "record", |o| o.record = None),
    ("record_unexpected", "record", |o| {
        o.kind = v1::OperationKind::Withdraw.into();
    }),
    ("unspecified", "kind", |o| o.kind = 0),
    ("unknown_value", "record_kind", |o| o.record_kind = 9),
    ("record_kind_mismatch", "record_kind", |o| {
        o.record_kind = v1::RecordKind::Location.into();
    }),
    ("local_id_mismatch", "local_id", |o| {
        o.local_id = "other".to_owned();
    }),
    ("operation_hash", "base_hash", |o| o.base_hash = vec![1; 31]),
    ("missing", "made_at", |o| o.made_at = None),
    ("phone_premium_rate", "service.phones", |o| {
        phone(o, "1-900-555-0100");
    }),
    ("person_number_suspected", "service.description", |o| {
        spoiled_service(o).description = "for client A123 456 789".to_owned();
    }),
    ("person_number_suspected", "service.contacts", |o| {
        spoiled_service(o).contacts.push(v1::Contact {
            name: "078-05-1120".to_owned(),
            ..v1::Contact::default()
        });
    }),
    ("url_lookalike", "service.url", |o| {
        spoiled_service(o).url = "https://www.uscіs.gov/".to_owned();
    }),
];

fn phone(operation: &mut v1::Operation, number: &str) {
    let number = number.to_owned();
    spoiled_service(operation).phones.push(v1::Phone {
        number,
        ..v1::Phone::default()
    });
}

#[tokio::test]
async fn a_poisoned_record_is_told_by_code_and_field_and_those_around_it_are_taken() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    let mut seq = 1;
    let mut wrong = Vec::new();
    for (number, (code, field, spoil)) in SPOILED.into_iter().enumerate() {
        let before = agency.publish(service(&format!("before-{number}"), "Good"));
        let mut poisoned = agency.draft_of(service("poisoned", "Poisoned"));
        spoil(&mut poisoned);
        let poisoned = agency.follow(&poisoned);
        agency.refused(Kind::Service, "poisoned");
        let after = agency.publish(service(&format!("after-{number}"), "Good"));

        let ack = stream.operations(vec![before, poisoned, after]).await;

        seq += 3;
        assert_eq!(ack.applied, seq, "{field} {code}");
        let said = only(&ack);
        if said != (seq - 1, code, field) {
            wrong.push(format!("{said:?} instead of {code} {field}"));
        }
        for leaked in [
            "900-555",
            "A123",
            "078-05",
            "alert(1)",
            "passwd",
            "Bcc",
            "call us",
            "user@host",
            "../..",
        ] {
            assert!(
                !ack.rejections[0].text.contains(leaked),
                "{}",
                ack.rejections[0].text
            );
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    house.until_found("Good").await;
    let good = 2 * SPOILED.len();
    until("every good record is found", async || {
        house.names("").len() == good
    })
    .await;
    assert_eq!(house.again().await.names("").len(), good);
}

/// Bad input 8: protobuf lets the last one count, another reader may let the first.
#[tokio::test]
async fn what_says_two_things_is_refused_and_those_around_it_are_taken() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    let before = agency.publish(service("before", "Before"));
    let twice = v1::Operation {
        local_id: "shelter-door".to_owned(),
        ..v1::Operation::default()
    };
    let legal = agency.draft_of(service("legal", "Legal Clinic"));
    let bytes = [legal.encode_to_vec(), twice.encode_to_vec()].concat();
    let ambiguous = agency.follow_bytes(bytes);
    let after = agency.publish(service("after", "After"));

    let ack = stream.operations(vec![before, ambiguous, after]).await;

    assert_eq!(ack.applied, 4);
    assert_eq!(only(&ack), (3, "ambiguous", "local_id"));
    assert!(!ack.rejections[0].text.contains("shelter-door"));
    house.until_found("After").await;
    let mut names = house.again().await.names("");
    names.sort();
    assert_eq!(names, ["After", "Before"]);
}

#[tokio::test]
async fn an_id_that_is_no_id_is_refused_and_never_repeated() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    for bad in ["../../x", "", &"x".repeat(300), "\u{1f600}", "a/b", "a b"] {
        let mut operation = agency.draft_of(service("s", "Service"));
        operation.local_id = bad.to_owned();
        operation.record.as_mut().unwrap().local_id = bad.to_owned();

        let operation = agency.follow(&operation);
        let ack = stream.operations(vec![operation]).await;

        assert_eq!(only(&ack).2, "local_id", "{bad:?}");
        assert_eq!(ack.rejections[0].local_id, "");
    }
}

#[tokio::test]
async fn codes_and_languages_of_a_later_version_are_kept() {
    let house = House::new().await;
    let (mut agency, mut stream) = published(&house).await;
    let mut operation = agency.draft_of(service("legal", "Legal Clinic"));
    let service = spoiled_service(&mut operation);
    service.attributes.push(v1::Attribute {
        code: "zz:brand-new".to_owned(),
        ..v1::Attribute::default()
    });

    let operation = agency.follow(&operation);
    let ack = stream.operations(vec![operation]).await;

    assert_eq!(ack.rejections, []);
    house.until_found("Legal Clinic").await;
    let answer = house
        .ask(v1::SearchRequest {
            availability: v1::Availability::Any.into(),
            ..v1::SearchRequest::default()
        })
        .await
        .unwrap();
    assert_eq!(answer.results[0].attributes[0].code, "zz:brand-new");
}
