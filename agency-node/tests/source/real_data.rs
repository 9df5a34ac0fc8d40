//! The three real sets: what is in the files is found or named. The rows are counted here by other
//! means than the readers'.

use std::collections::BTreeSet;
use std::path::Path;

use agency_node::source::{Imported, Input};
use referral_core::catalog::{Area, Location, Place, Record, Service};
use referral_core::hsds::Entity;

use crate::support::{codes, import, named, real_data, services, shipped_map, source_ids};

/// The values of a column, by a reader that knows nothing of maps.
fn column(path: &Path, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_path(path).expect("a table");
    let at = reader
        .headers()
        .expect("a header")
        .iter()
        .position(|header| header == name)
        .expect("the column");
    reader
        .records()
        .map(|record| record.expect("a row")[at].to_owned())
        .collect()
}

fn mapped(set: &str, map: &str) -> Option<(Imported, std::path::PathBuf)> {
    let folder = real_data(set)?;
    let input = Input::Csv {
        files: vec![folder.clone()],
        map: shipped_map(map),
    };
    Some((import(&input).expect("read"), folder))
}

/// Every id of the file is a service's or is named as refused or withheld, and none is both.
fn assert_accounted_for(imported: &Imported, in_file: &[String]) {
    let found: BTreeSet<&str> = source_ids(imported).into_iter().collect();
    let refused = named(&imported.converted.refused, Entity::Service);
    let withheld = named(&imported.converted.withheld, Entity::Service);
    let kept_back: BTreeSet<&str> = refused.into_iter().chain(withheld).collect();

    assert_eq!(found.intersection(&kept_back).next(), None);
    assert_eq!(found.len() + kept_back.len(), in_file.len());
    assert_eq!(found.len(), services(imported).len());
}

fn locations(imported: &Imported) -> Vec<&Location> {
    let records = imported.converted.records.iter();
    records
        .filter_map(|record| match record {
            Record::Location(location) => Some(&**location),
            _ => None,
        })
        .collect()
}

fn service<'a>(imported: &'a Imported, source_id: &str) -> &'a Service {
    services(imported)
        .into_iter()
        .find(|service| service.source_id.as_str() == source_id)
        .expect("the service")
}

fn has_code(service: &Service, code: &str) -> bool {
    service
        .attributes
        .iter()
        .any(|attribute| attribute.code.as_str() == code)
}

#[test]
fn every_service_of_baltimore_is_found_or_named() {
    let Some((imported, folder)) = mapped("baltimore-community", "baltimore.toml") else {
        return;
    };

    assert_accounted_for(&imported, &column(&folder.join("services.csv"), "id"));
    assert_eq!(services(&imported).len(), 1_863);
    assert_eq!(
        named(&imported.converted.withheld, Entity::Service).len(),
        13
    );
    assert_eq!(codes(&imported.converted.refused), ["phone_invalid"; 2]);
}

#[test]
fn every_record_of_the_real_sets_comes_back_from_the_wire_as_it_was() {
    for (set, map) in [
        ("baltimore-community", "baltimore.toml"),
        ("florida-legal-aid", "florida-legal-aid.toml"),
    ] {
        let Some((imported, _)) = mapped(set, map) else {
            return;
        };
        let converted = &imported.converted;
        assert_eq!(converted.records.len(), converted.origins.len());
        for record in &converted.records {
            let wire = referral_proto::v1::Record::from(record);
            assert_eq!(Record::try_from(wire).as_ref(), Ok(record));
        }
    }
}

#[test]
fn baltimores_categories_are_codes_where_translated_and_own_terms_elsewhere() {
    let Some((imported, _)) = mapped("baltimore-community", "baltimore.toml") else {
        return;
    };

    let transitional = service(&imported, "143903");
    assert!(has_code(transitional, "dom:hou"));
    assert!(has_code(transitional, "x-harbor:short-term-housing"));
    let bar = service(&imported, "140239");
    assert!(has_code(bar, "dom:oleg") && !has_code(bar, "dom:leg"));
    assert!(bar.offers.len() == 1 && !bar.phones.is_empty());
    let immigration = services(&imported)
        .into_iter()
        .filter(|one| has_code(one, "dom:leg"));
    assert!(immigration.count() > 20);
}

#[test]
fn baltimores_confidential_addresses_are_counties() {
    let Some((imported, _)) = mapped("baltimore-community", "baltimore.toml") else {
        return;
    };

    let at = |id: &str| {
        locations(&imported)
            .into_iter()
            .find(|one| one.source_id.as_str() == id)
    };
    for marked in ["266", "510", "515", "1104"] {
        let location = at(marked).expect("the location");
        assert!(matches!(location.place, Place::County(_)), "{marked}");
        assert_eq!(location.name, None);
    }
    // The shelter programme's house, whose address other programmes there publish.
    assert!(matches!(
        at("1388").expect("the location").place,
        Place::County(_)
    ));
    assert!(!format!("{imported:?}").contains("2201 Argonne"));
}

#[test]
fn baltimores_locations_are_placed() {
    let Some((imported, _)) = mapped("baltimore-community", "baltimore.toml") else {
        return;
    };

    let places: Vec<&Place> = locations(&imported)
        .iter()
        .map(|location| &location.place)
        .collect();
    let exact = places
        .iter()
        .filter(|place| matches!(place, Place::Exact { .. }))
        .count();
    let unplaced = places
        .iter()
        .filter(|place| matches!(place, Place::Unplaced(_)))
        .count();
    assert!(exact > 1_300, "{exact}");
    assert_eq!(unplaced, 0);
}

#[test]
fn every_service_of_florida_is_found_or_named() {
    let Some((imported, folder)) = mapped("florida-legal-aid", "florida-legal-aid.toml") else {
        return;
    };

    assert_accounted_for(
        &imported,
        &column(&folder.join("services.csv"), "service_uuid"),
    );
    assert_eq!(services(&imported).len(), 133);
    assert_eq!(locations(&imported).len(), 378);
    // A row whose cells are shifted, and an address that names no state of its own.
    assert_eq!(
        codes(&imported.converted.refused),
        ["address_unreadable", "cells_extra"]
    );
}

#[test]
fn floridas_counties_codes_and_rules_are_data() {
    let Some((imported, _)) = mapped("florida-legal-aid", "florida-legal-aid.toml") else {
        return;
    };

    let immigration = service(&imported, "5bc27d12-1b1c-40b5-a798-76cbd0502002");
    assert!(has_code(immigration, "dom:leg"));
    let in_florida = |area: &Area| matches!(area, Area::County(fips) if fips.state_fips() == 12);
    for service in services(&imported) {
        assert!(
            service.areas.iter().all(|area| in_florida(&area.area)),
            "{}",
            service.name
        );
        assert_eq!(service.area_notes, [], "{}", service.name);
        assert_eq!(service.offers, []);
    }
    let statewide = services(&imported)
        .into_iter()
        .filter(|one| one.areas.len() == 67);
    assert!(statewide.count() >= 10);
    let rules: usize = services(&imported)
        .iter()
        .map(|one| one.eligibility.len())
        .sum();
    assert!(rules > 100, "{rules}");
    let other_civil = services(&imported)
        .into_iter()
        .filter(|one| has_code(one, "dom:oleg"));
    assert!(other_civil.count() > 90);
}

#[test]
fn the_standards_examples_give_their_one_service_in_every_form() {
    for path in [
        "",
        "examples",
        "examples/csv",
        "examples/tabular.json",
        "examples/service_full.json",
        "examples/service_list.json",
        "examples/organization_full.json",
        "examples/service_at_location_full.json",
    ] {
        let Some(path) = real_data(&format!("hsds-3.1-examples/{path}")) else {
            return;
        };
        let imported = import(&Input::Hsds(path.clone())).expect("read");

        let shown = path.display();
        assert_eq!(
            source_ids(&imported),
            ["ac148810-d857-441c-9679-408f346de14b"],
            "{shown}"
        );
        assert_eq!(imported.converted.reports, [], "{shown}");
    }
}

#[test]
fn the_standards_own_contradictions_are_named() {
    let Some(path) = real_data("hsds-3.1-examples/examples/service_full.json") else {
        return;
    };

    let imported = import(&Input::Hsds(path)).expect("read");

    assert_eq!(
        codes(&imported.converted.refused),
        ["unit_unknown", "available_exceeds_maximum"]
    );
    let repaired: BTreeSet<&str> = codes(&imported.converted.repaired).into_iter().collect();
    assert_eq!(
        repaired.into_iter().collect::<Vec<_>>(),
        [
            "coordinates_out_of_range",
            "place_unknown",
            "state_unknown",
            "time_zone_unknown",
            "zip_invalid"
        ]
    );
}
