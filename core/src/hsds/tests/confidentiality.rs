//! However a location is marked confidential, its address is nowhere afterwards.

use super::*;
use crate::catalog::{Area, Place};

/// Everything that leaves the conversion, as text: what is redacted in `Debug` is written out.
fn everything(converted: &Converted) -> String {
    let mut all = format!("{converted:?}");
    let phones = |phones: &[crate::catalog::Phone]| {
        phones
            .iter()
            .map(|phone| phone.number.as_str().to_owned())
            .collect::<String>()
    };
    for service in services(converted) {
        all.push_str(&phones(&service.phones));
        all.push_str(service.email.as_ref().map_or("", |email| email.as_str()));
    }
    for location in locations(converted) {
        all.push_str(&phones(&location.phones));
    }
    for organization in organizations(converted) {
        all.push_str(
            organization
                .email
                .as_ref()
                .map_or("", |email| email.as_str()),
        );
    }
    all
}

fn assert_no_canary(converted: &Converted, how: &str) {
    let all = everything(converted).to_lowercase();
    for canary in ["canarywood", "4417", "9941", "39.3712", "76.6743"] {
        assert!(!all.contains(canary), "{how}: {canary} in {all}");
    }
}

/// The usual file with coordinates, a postal address, directions and a telling location name.
fn shelter() -> File {
    File::usual()
        .set(Entity::Location, "latitude", "39.37123")
        .set(Entity::Location, "longitude", "-76.67432")
        .set(Entity::Location, "name", "4417 Canarywood")
        .set(
            Entity::Location,
            "transportation",
            "Bus 20 to Canarywood Lane",
        )
        .set(
            Entity::Location,
            "description",
            "The yellow house on Canarywood Ln",
        )
        .with(
            Entity::Address,
            &[
                ("location_id", "l"),
                ("address_type", "postal"),
                ("address_1", "PO Box 4417"),
                ("postal_code", "21209-9941"),
            ],
        )
}

/// The documented ways to mark a location confidential by one field.
const FIELDS: [(&str, Entity, &str, &str); 13] = [
    (
        "mark of the address",
        Entity::Address,
        "do_not_publish",
        "yes",
    ),
    ("flag of the location", Entity::Location, "private", "yes"),
    (
        "flag of the address",
        Entity::Address,
        "confidential",
        "TRUE",
    ),
    ("flag of the service", Entity::Service, "is_private", "1"),
    (
        "flag of the offer",
        Entity::ServiceAtLocation,
        "private",
        "y",
    ),
    (
        "flag of the organization",
        Entity::Organization,
        "private",
        "y",
    ),
    ("unclear flag", Entity::Location, "private", "see notes"),
    (
        "location type",
        Entity::Location,
        "location_type",
        "redacted",
    ),
    (
        "address says so",
        Entity::Address,
        "address_2",
        "CONFIDENTIAL",
    ),
    (
        "street says so",
        Entity::Address,
        "address_1",
        "4417 Canarywood Lane (undisclosed)",
    ),
    ("name", Entity::Service, "name", "Domestic Violence Shelter"),
    (
        "other name",
        Entity::Service,
        "alternate_name",
        "DV shelter",
    ),
    (
        "name of the organization",
        Entity::Organization,
        "name",
        "Domestic Violence Shelter, Inc.",
    ),
];

/// The ways to do it by codes: how, the link of the attributes, their codes.
const CODES: [(&str, &str, &str, &[&str]); 6] = [
    ("attribute of the service", "service_id", "s", &["conf:net"]),
    (
        "attribute of the location",
        "location_id",
        "l",
        &["conf:seal"],
    ),
    (
        "unknown confidentiality",
        "service_id",
        "s",
        &["conf:whoknows"],
    ),
    ("confidential shelter code", "service_id", "s", &["ho:conf"]),
    (
        "confidential shelter code of the location",
        "location_id",
        "l",
        &["ho:conf"],
    ),
    ("codes together", "service_id", "s", &["el:dv", "ho:es"]),
];

fn markings() -> Vec<(&'static str, File)> {
    let by_field = FIELDS
        .iter()
        .map(|(how, entity, field, value)| (*how, shelter().set(*entity, field, value)));
    let by_code = CODES.iter().map(|(how, link, id, codes)| {
        let marked = codes.iter().fold(shelter(), |file, code| {
            file.with(Entity::Attribute, &[(link, id), ("code", code)])
        });
        (*how, marked)
    });
    let by_both = shelter()
        .set(Entity::Service, "name", "Domestic Violence Program")
        .with(
            Entity::Attribute,
            &[("service_id", "s"), ("label", "Emergency Shelter")],
        );
    by_field
        .chain(by_code)
        .chain([("name and category together", by_both)])
        .collect()
}

#[test]
fn however_it_is_marked_only_the_county_is_left() {
    for (how, file) in markings() {
        let converted = file.converted();

        assert_no_canary(&converted, how);
        let location = locations(&converted)[0];
        assert_eq!(location.place, Place::County(fips(24_510)), "{how}");
        assert!(
            location.name.is_none() && location.transportation.is_none(),
            "{how}"
        );
        assert_eq!(services(&converted).len(), 1, "{how}");
        let named = converted.repaired.iter().any(|issue| {
            issue.entity == Entity::Location && issue.code.starts_with("confidential_by_")
        });
        assert!(named, "{how}: {:?}", converted.repaired);
    }
}

#[test]
fn a_record_that_repeats_the_dropped_address_is_withheld() {
    for (entity, field, text) in [
        (
            Entity::Service,
            "description",
            "Come to 4417 CANARYWOOD LN.",
        ),
        (
            Entity::Service,
            "application_process",
            "we are on Canarywood Lane",
        ),
        (Entity::Service, "email", "4417canarywood@example.org"),
        (
            Entity::Service,
            "url",
            "https://maps.example/?q=4417%20Canarywood%20Lane",
        ),
        (
            Entity::Service,
            "url",
            "https://maps.example/@39.3712,-76.6743,17z",
        ),
        (Entity::Service, "alert", "send letters to 21209 9941"),
        (
            Entity::ServiceAtLocation,
            "description",
            "4417 Canarywood, second floor",
        ),
        (
            Entity::Organization,
            "description",
            "Founded in 1990 on Canarywood Lane",
        ),
        (
            Entity::Organization,
            "website",
            "https://example.org/4417-canarywood-lane",
        ),
    ] {
        let converted = shelter()
            .set(Entity::Location, "private", "yes")
            .set(entity, field, text)
            .converted();

        assert_no_canary(&converted, text);
        let codes: Vec<&str> = converted.withheld.iter().map(|issue| issue.code).collect();
        assert!(
            codes.contains(&"confidential_address_in_text"),
            "{text}: {codes:?}"
        );
    }
}

#[test]
fn nested_rows_that_repeat_the_dropped_address_are_found_too() {
    for (entity, fields) in [
        (
            Entity::Phone,
            vec![
                ("service_id", "s"),
                ("number", "911"),
                ("description", "4417 Canarywood"),
            ],
        ),
        (
            Entity::Contact,
            vec![("service_id", "s"), ("name", "Ms Canarywood Lane")],
        ),
        (
            Entity::Schedule,
            vec![
                ("location_id", "l"),
                ("description", "knock at 4417 Canarywood Ln"),
            ],
        ),
        (
            Entity::ServiceArea,
            vec![("service_id", "s"), ("name", "around Canarywood Lane")],
        ),
        (
            Entity::RequiredDocument,
            vec![
                ("service_id", "s"),
                ("document", "letter to Canarywood Ln 4417"),
            ],
        ),
        (
            Entity::Attribute,
            vec![("service_id", "s"), ("label", "Canarywood Lane house")],
        ),
        (
            Entity::Program,
            vec![
                ("id", "p"),
                ("organization_id", "o"),
                ("name", "4417 Canarywood"),
            ],
        ),
    ] {
        let converted = shelter()
            .set(Entity::Location, "private", "yes")
            .with(entity, &fields)
            .converted();

        assert_no_canary(&converted, entity.as_str());
        assert!(!converted.withheld.is_empty(), "{entity}");
    }
}

#[test]
fn other_listings_of_the_organization_are_searched_as_well() {
    let converted = shelter()
        .set(Entity::Location, "private", "yes")
        .with(
            Entity::Service,
            &[
                ("id", "other"),
                ("organization_id", "o"),
                ("name", "Thrift shop"),
                ("description", "Bring furniture to 4417 Canarywood Lane"),
            ],
        )
        .with(
            Entity::Location,
            &[
                ("id", "l2"),
                ("organization_id", "o"),
                ("name", "Thrift shop"),
            ],
        )
        .with(
            Entity::Address,
            &[
                ("location_id", "l2"),
                ("address_1", "4417 Canarywood Ln, rear"),
                ("postal_code", "21209"),
                ("state_province", "MD"),
            ],
        )
        .converted();

    assert_no_canary(&converted, "same address");
    assert_eq!(
        said(&converted.withheld),
        [(
            Entity::Service,
            "description",
            "confidential_address_in_text"
        )]
    );
    assert!(
        locations(&converted)
            .iter()
            .all(|l| matches!(l.place, Place::County(_)))
    );
    assert!(
        converted
            .repaired
            .iter()
            .any(|issue| issue.code == "confidential_by_same_address")
    );
}

#[test]
fn any_street_in_a_confidential_listing_is_withheld() {
    let converted = File::usual()
        .set(Entity::Address, "address_1", "Confidential")
        .set(Entity::Service, "description", "Walk to 12 Alder Street")
        .converted();

    assert_eq!(
        said(&converted.withheld),
        [(
            Entity::Service,
            "description",
            "street_in_confidential_text"
        )]
    );
}

#[test]
fn domestic_violence_and_shelter_in_the_description_wait_for_the_publisher() {
    let described = || {
        File::usual().set(
            Entity::Service,
            "description",
            "Emergency shelter for survivors of domestic violence",
        )
    };
    let waiting = described().converted();
    assert_eq!(services(&waiting).len(), 0);
    assert_eq!(locations(&waiting).len(), 0);
    assert_eq!(
        said(&waiting.withheld),
        [
            (Entity::Service, "description", "survivor_shelter_undecided"),
            (Entity::Location, "row", "survivor_shelter_undecided"),
        ]
    );

    let public = described()
        .set(Entity::Service, "confidential", "no")
        .converted();
    assert_eq!(services(&public).len(), 1);
    assert!(locations(&public)[0].place.address().is_some());

    let private = described()
        .set(Entity::Service, "confidential", "yes")
        .converted();
    assert_eq!(locations(&private)[0].place, Place::County(fips(24_510)));
}

#[test]
fn a_confidential_location_of_no_known_county_is_withheld() {
    let converted = File::usual()
        .set(Entity::Location, "private", "yes")
        .set(Entity::Address, "postal_code", "")
        .set(Entity::Address, "city", "")
        .converted();

    assert_eq!(locations(&converted).len(), 0);
    assert_eq!(
        said(&converted.withheld),
        [(Entity::Location, "address", "confidential_county_unknown")]
    );
    assert_eq!(services(&converted)[0].offers, []);
}

#[test]
fn areas_of_a_confidential_service_widen_to_counties() {
    let converted = File::usual()
        .set(Entity::Location, "private", "yes")
        .with(
            Entity::ServiceArea,
            &[("service_id", "s"), ("name", "21209")],
        )
        .with(
            Entity::ServiceArea,
            &[
                ("service_id", "s"),
                ("extent_type", "radius_mi"),
                ("extent", "2"),
            ],
        )
        .with(
            Entity::ServiceArea,
            &[("service_id", "s"), ("name", "Broward County")],
        )
        .with(
            Entity::ServiceArea,
            &[("service_id", "s"), ("name", "a few blocks")],
        )
        .converted();

    let service = services(&converted)[0];
    let mut areas: Vec<Area> = service.areas.iter().map(|area| area.area.clone()).collect();
    areas.sort_by_key(|area| format!("{area:?}"));
    assert_eq!(
        areas,
        [
            Area::County(fips(12_011)),
            Area::County(fips(24_005)),
            Area::County(fips(24_510))
        ]
    );
    assert_eq!(service.area_notes, []);
}

#[test]
fn a_mark_counts_whichever_copy_of_a_row_carries_it() {
    for name in ["Main office", "Another name"] {
        let converted = shelter()
            .with(
                Entity::Location,
                &[
                    ("id", "l"),
                    ("organization_id", "o"),
                    ("name", name),
                    ("private", "yes"),
                ],
            )
            .converted();

        assert_no_canary(&converted, name);
        assert_eq!(locations(&converted)[0].place, Place::County(fips(24_510)));
    }
}

#[test]
fn a_private_organization_hides_the_places_of_its_services() {
    let converted = shelter()
        .set(Entity::Location, "organization_id", "")
        .set(Entity::Organization, "private", "yes")
        .converted();

    assert_no_canary(&converted, "organization of the service");
    assert_eq!(locations(&converted)[0].place, Place::County(fips(24_510)));
}

#[test]
fn a_public_location_keeps_its_address() {
    let converted = File::usual()
        .set(Entity::Location, "private", "no")
        .converted();

    let address = locations(&converted)[0].place.address().cloned();
    assert_eq!(
        address.unwrap().address_1.unwrap().as_str(),
        "4417 Canarywood Lane"
    );
}
