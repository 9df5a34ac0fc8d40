//! Where a location is, from what its row says.

use super::*;
use crate::catalog::{Area, Basis, Place};

fn place(file: File) -> (Place, Vec<String>) {
    let converted = file.converted();
    let codes = converted
        .repaired
        .iter()
        .map(|issue| issue.code.to_owned())
        .collect();
    (locations(&converted)[0].place.clone(), codes)
}

fn at(lat: &str, lon: &str) -> File {
    File::usual()
        .set(Entity::Location, "latitude", lat)
        .set(Entity::Location, "longitude", lon)
}

#[test]
fn good_coordinates_are_an_exact_place() {
    let (place, codes) = place(at("39.37", "-76.67"));

    assert!(matches!(place, Place::Exact { .. }));
    assert_eq!(codes, Vec::<String>::new());
}

#[test]
fn wrong_coordinates_are_dropped_or_put_right_and_the_zip_stays() {
    for (lat, lon, code, exact) in [
        ("-76.67", "39.37", "coordinates_swapped", true),
        ("0", "0", "coordinates_zero", false),
        ("4776000", "-8535000", "coordinates_out_of_range", false),
        ("26.1", "-80.1", "coordinates_far_from_address", false),
        ("1e999", "-76.67", "coordinates_invalid", false),
        ("NaN", "-76.67", "coordinates_invalid", false),
        ("north", "-76.67", "coordinates_invalid", false),
        ("39.37", "", "coordinates_incomplete", false),
    ] {
        let (place, codes) = place(at(lat, lon));

        assert_eq!(codes, [code], "{lat},{lon}");
        assert_eq!(matches!(place, Place::Exact { .. }), exact, "{lat},{lon}");
        assert!(place.address().unwrap().zip.is_some());
        assert!(place.point().is_some());
    }
}

#[test]
fn without_coordinates_the_finest_known_part_of_the_address_is_the_place() {
    let address = |field: &str, value: &str| File::usual().set(Entity::Address, field, value);
    let basis = |file: File| match place(file) {
        (Place::Approximate { basis, .. }, _) => Some(basis),
        _ => None,
    };

    assert_eq!(basis(File::usual()), Some(Basis::Zip));
    assert_eq!(basis(address("postal_code", "")), Some(Basis::City));
    let county = address("postal_code", "")
        .set(Entity::Address, "city", "Nowhere")
        .set(Entity::Address, "region", "Baltimore County");
    assert_eq!(basis(county), Some(Basis::County));
    let abroad = address("country", "Honduras").set(Entity::Address, "state_province", "Cortés");
    assert_eq!(basis(abroad), Some(Basis::Country));
}

#[test]
fn a_state_alone_is_too_wide_for_a_distance() {
    let file =
        File::usual()
            .set(Entity::Address, "postal_code", "")
            .set(Entity::Address, "city", "");

    let (place, _) = place(file);

    assert!(matches!(&place, Place::Unplaced(address) if address.state.is_some()));
}

#[test]
fn an_unknown_zip_is_reported_and_the_city_used() {
    for (zip, code) in [("99999", "zip_unknown"), ("ABC 1234", "zip_invalid")] {
        let (place, codes) = place(File::usual().set(Entity::Address, "postal_code", zip));

        assert_eq!(codes, [code]);
        assert!(matches!(
            place,
            Place::Approximate {
                basis: Basis::City,
                ..
            }
        ));
    }
}

#[test]
fn a_place_that_is_nowhere_is_reported() {
    let file = File::usual().set(Entity::Address, "postal_code", "").set(
        Entity::Address,
        "city",
        "Atlantis",
    );

    let (place, codes) = place(file);

    assert!(matches!(place, Place::Unplaced(_)));
    assert_eq!(codes, ["place_unknown"]);
}

#[test]
fn an_unknown_state_is_kept_as_words() {
    let (place, codes) = place(File::usual().set(Entity::Address, "state_province", "MyState"));

    assert_eq!(codes, ["state_unknown"]);
    assert_eq!(place.address().unwrap().state, None);
}

#[test]
fn a_telephone_number_in_the_address_is_no_street() {
    let (place, codes) = place(File::usual().set(Entity::Address, "address_1", "(410) 555-1212"));

    assert_eq!(codes, ["address_is_phone"]);
    assert_eq!(place.address().unwrap().address_1, None);
}

#[test]
fn territories_are_states_whatever_the_country_column_says() {
    let file = File::usual().set(Entity::Address, "country", "PR").set(
        Entity::Address,
        "state_province",
        "",
    );

    let (place, _) = place(file);

    let address = place.address().unwrap();
    assert_eq!(address.country, CountryCode::US);
    assert_eq!(address.state.unwrap().as_str(), "PR");
}

#[test]
fn areas_are_understood_where_certain_and_kept_as_words_elsewhere() {
    let with = |fields: &[(&str, &str)]| {
        let mut all = vec![("service_id", "s")];
        all.extend(fields);
        let converted = File::usual().with(Entity::ServiceArea, &all).converted();
        let service = services(&converted)[0].clone();
        let areas: Vec<Area> = service.areas.into_iter().map(|area| area.area).collect();
        let codes: Vec<&str> = converted.repaired.iter().map(|issue| issue.code).collect();
        (areas, service.area_notes.len(), codes)
    };
    let county = Area::County(fips(12_011));

    assert_eq!(
        with(&[("name", "Broward County")]),
        (vec![county.clone()], 0, vec![])
    );
    assert_eq!(
        with(&[("name", "Nationwide")]),
        (vec![Area::Nation], 0, vec![])
    );
    assert_eq!(
        with(&[("name", "Maryland")]),
        (
            vec![Area::State(StateCode::parse("MD").unwrap())],
            0,
            vec![]
        )
    );
    assert_eq!(with(&[("name", "Baltimore, MD")]), (vec![], 1, vec![]));
    assert_eq!(with(&[("name", "Orange County")]), (vec![], 1, vec![]));
    let stated = [("extent_type", "county"), ("extent", "Broward County, FL")];
    assert_eq!(with(&stated), (vec![county], 0, vec![]));
    let unknown = [("extent_type", "county"), ("extent", "Atlantis County, FL")];
    assert_eq!(with(&unknown), (vec![], 1, vec!["area_unknown"]));
}
