//! What the embedded file holds: row counts and spot values of `recipe/run`, so that a rebuilt file
//! that lost or changed something is noticed.

use referral_core::geo::{CountryCode, CountyFips, StateCode, Zip};
use referral_gazetteer::{Gazetteer, gazetteer};

fn zip(text: &str) -> Zip {
    Zip::parse(text).unwrap_or_else(|wrong| panic!("{text}: {wrong}"))
}

fn county(text: &str) -> CountyFips {
    CountyFips::parse(text).unwrap_or_else(|wrong| panic!("{text}: {wrong}"))
}

fn state(text: &str) -> StateCode {
    StateCode::parse(text).unwrap_or_else(|wrong| panic!("{text}: {wrong}"))
}

#[test]
fn no_row_was_lost() {
    let places = gazetteer();

    // 33,791 of the Census and 7,335 more of GeoNames.
    assert_eq!(places.zips().count(), 41_126);
    assert_eq!(places.zips().filter(|zip| zip.census).count(), 33_791);
    assert_eq!(places.counties().len(), 3_231);
    assert_eq!(places.states().len(), 56);
    assert_eq!(places.countries().len(), 252);
}

#[test]
fn every_county_has_a_state() {
    for county in gazetteer().counties() {
        assert!(gazetteer().state(county.state).is_some(), "{}", county.name);
    }
}

#[test]
fn all_residents_are_counted_once() {
    let residents: u64 = gazetteer()
        .counties()
        .iter()
        .map(|county| u64::from(county.population))
        .sum();

    assert_eq!(residents, 333_582_337);
}

#[test]
fn counties_of_one_name_are_told_apart() {
    let maryland = state("MD");
    for (name, fips) in [
        ("Baltimore County", "24005"),
        ("baltimore co", "24005"),
        ("Baltimore", "24005"),
        ("Baltimore city", "24510"),
        ("Baltimore City", "24510"),
        ("St Marys County", "24037"),
        ("Baltimor County", "24005"),
    ] {
        let found = gazetteer()
            .county_named(name, maryland)
            .map(|county| county.fips);
        assert_eq!(found, Some(county(fips)), "{name}");
    }
    for (name, code, fips) in [
        ("Orleans Parish", "LA", "22071"),
        ("Orleans County", "LA", "22071"),
        ("Doña Ana", "NM", "35013"),
        ("San Juan", "PR", "72127"),
        ("District of Columbia", "DC", "11001"),
        ("Anchorage", "AK", "02020"),
    ] {
        let found = gazetteer()
            .county_named(name, state(code))
            .map(|county| county.fips);
        assert_eq!(found, Some(county(fips)), "{name}");
    }
    assert_eq!(gazetteer().county_named("Frio County", maryland), None);
}

#[test]
fn a_retired_county_code_stands_for_the_county_that_holds_its_ground() {
    for (alias, kept) in [
        ("46113", "46102"),
        ("02270", "02158"),
        ("51515", "51019"),
        ("02063", "02261"),
        ("02066", "02261"),
        ("12025", "12086"),
    ] {
        assert_eq!(
            gazetteer().counties_of_code(county(alias)),
            [(county(kept), 1.0)]
        );
        assert_eq!(
            gazetteer().county(county(alias)).map(|county| county.fips),
            Some(county(kept))
        );
    }
}

#[test]
fn connecticuts_planning_regions_are_parts_of_its_counties() {
    for (region, main) in [
        ("09110", "Hartford County"),
        ("09120", "Fairfield County"),
        ("09130", "Middlesex County"),
        ("09140", "New Haven County"),
        ("09150", "Windham County"),
        ("09160", "Litchfield County"),
        ("09170", "New Haven County"),
        ("09180", "New London County"),
        ("09190", "Fairfield County"),
    ] {
        let parts = gazetteer().counties_of_code(county(region));
        let sum: f64 = parts.iter().map(|(_, share)| share).sum();

        assert!((sum - 1.0).abs() < 1e-9, "{region} sums to {sum}");
        assert!(
            parts.is_sorted_by(|one, other| one.1 >= other.1),
            "{parts:?}"
        );
        assert_eq!(
            gazetteer()
                .county(county(region))
                .map(|county| &*county.name),
            Some(main)
        );
    }
}

#[test]
fn an_unknown_county_code_is_nothing() {
    let nowhere = county("24999");

    assert_eq!(gazetteer().county(nowhere), None);
    assert_eq!(gazetteer().counties_of_code(nowhere), []);
    assert_eq!(gazetteer().neighbours(nowhere), []);
    assert!(gazetteer().polygon(nowhere).is_empty());
}

#[test]
fn a_zip_knows_its_city_state_and_people() {
    let dilley = gazetteer()
        .zip(zip("78017"))
        .map(|place| (place.city, place.state, place.census));
    let baltimore = gazetteer().zip(zip("21215")).map(|place| place.population);

    assert_eq!(dilley, Some((Some("Dilley"), state("TX"), true)));
    assert_eq!(baltimore, Some(56_929));
}

#[test]
fn shares_of_every_zip_sum_to_one_largest_first() {
    let places = gazetteer();
    for place in places.zips() {
        let counties = places.counties_of_zip(place.zip);
        let sum: f64 = counties.iter().map(|(_, share)| share).sum();

        assert!(
            counties.is_empty() || (sum - 1.0).abs() < 1e-9,
            "{}",
            place.zip
        );
        assert!(
            counties.is_sorted_by(|one, other| one.1 >= other.1),
            "{}",
            place.zip
        );
        assert!(
            counties.iter().all(|(_, share)| *share > 0.0),
            "{}",
            place.zip
        );
    }
}

#[test]
fn states_and_territories_answer_to_their_names_and_codes() {
    for (name, code) in [
        ("Maryland", "MD"),
        ("md", "MD"),
        ("N. Carolina", "NC"),
        ("W Virginia", "WV"),
        ("D.C.", "DC"),
        ("Puerto Rico", "PR"),
        ("US Virgin Islands", "VI"),
        ("Virgin Islands", "VI"),
        ("Northern Mariana Islands", "MP"),
    ] {
        let found = gazetteer().state_named(name).map(|state| state.code);
        assert_eq!(found, Some(state(code)), "{name}");
    }
    assert_eq!(gazetteer().state_named("Honduras"), None);
}

#[test]
fn countries_answer_to_their_usual_names() {
    for (name, code) in [
        ("Honduras", "HN"),
        ("HND", "HN"),
        ("hn", "HN"),
        ("Cote d'Ivoire", "CI"),
        ("DR Congo", "CD"),
        ("Congo, Democratic Republic of the", "CD"),
        ("Turkey", "TR"),
        ("Türkiye", "TR"),
        ("Burma", "MM"),
        ("U.S.A.", "US"),
        ("The Netherlands", "NL"),
    ] {
        let found = gazetteer()
            .country_named(name)
            .map(|country| country.code.to_string());
        assert_eq!(found.as_deref(), Some(code), "{name}");
    }
}

#[test]
fn no_two_countries_answer_to_one_name() {
    let places: &Gazetteer = gazetteer();
    for country in places.countries() {
        let by_name = places.country_named(&country.name).map(|found| found.code);
        let by_alpha3 = places
            .country_named(&country.alpha3)
            .map(|found| found.code);

        assert_eq!(
            (by_name, by_alpha3),
            (Some(country.code), Some(country.code))
        );
    }
}

#[test]
fn a_country_too_small_to_map_has_its_capitals_point() {
    let tuvalu = CountryCode::parse("TV")
        .ok()
        .and_then(|code| gazetteer().country(code));

    let label = tuvalu.map(|country| (country.label.lat().round(), country.label.lon().round()));

    assert_eq!(label, Some((-9.0, 179.0)));
}
