//! What people type, and what they get.

use referral_core::geo::{CountryCode, Locality, LocalityKind, Zip};
use referral_gazetteer::{Confidence, Unresolved, gazetteer};

fn resolved(text: &str) -> Locality {
    gazetteer()
        .resolve(text)
        .unwrap_or_else(|refusal| panic!("{text}: {refusal}"))
}

fn candidates(text: &str) -> Vec<String> {
    match gazetteer().resolve(text) {
        Err(Unresolved::Ambiguous(candidates)) => candidates,
        other => panic!("{text}: {other:?}"),
    }
}

fn suggestions(text: &str) -> Vec<String> {
    match gazetteer().resolve(text) {
        Err(Unresolved::Misspelt(suggestions)) => suggestions,
        other => panic!("{text}: {other:?}"),
    }
}

/// Each text is certain, and is the place of that label and kind.
fn means(cases: &[(&str, &str)], kind: LocalityKind) {
    for (text, label) in cases {
        let place = resolved(text);
        assert_eq!((place.label.as_str(), place.kind), (*label, kind), "{text}");
        assert!(place.point.is_some() && !place.approximate, "{text}");
    }
}

#[test]
fn a_zip_is_understood_alone_and_at_the_end_of_an_address() {
    let cases = [
        ("78017", "78017 (Dilley, TX)"),
        ("78017-1234", "78017 (Dilley, TX)"),
        (" 780171234 ", "78017 (Dilley, TX)"),
        ("918", "00918 (San Juan Municipio, PR)"),
        ("123 Main St, Dilley, TX 78017", "78017 (Dilley, TX)"),
        ("Washington 20001", "20001 (Washington, DC)"),
    ];
    means(&cases, LocalityKind::Zip);
}

#[test]
fn a_city_is_understood_with_its_state() {
    let cases = [
        ("Dilley, TX", "Dilley, TX"),
        ("Dilley TX", "Dilley, TX"),
        ("dilley texas", "Dilley, TX"),
        ("Dilley, Texas, USA", "Dilley, TX"),
        ("123 Main St, Dilley, TX", "Dilley, TX"),
        ("Dilley", "Dilley, TX"),
        ("Baltimore, MD", "Baltimore, MD"),
        ("Washington DC", "Washington, DC"),
        ("Charleston West Virginia", "Charleston, WV"),
        ("NYC", "New York, NY"),
        ("New York City, NY", "New York, NY"),
    ];
    means(&cases, LocalityKind::City);
}

#[test]
fn a_county_is_understood_with_or_without_its_kind() {
    let cases = [
        ("Baltimore County, MD", "Baltimore County, MD"),
        ("Baltimore City, MD", "Baltimore city, MD"),
        ("Frio County", "Frio County, TX"),
        ("Orleans Parish, Louisiana", "Orleans Parish, LA"),
        ("Montgomery, MD", "Montgomery County, MD"),
    ];
    means(&cases, LocalityKind::County);
}

#[test]
fn states_territories_countries_and_points_are_understood() {
    let states = [
        ("Maryland", "Maryland"),
        ("MD", "Maryland"),
        ("Puerto Rico", "Puerto Rico"),
        ("Guam", "Guam"),
    ];
    means(&states, LocalityKind::State);
    means(
        &[("Honduras", "Honduras"), ("HN", "Honduras")],
        LocalityKind::Country,
    );
    let points = [
        ("29.4,-98.5", "29.4, -98.5 (Bexar County, TX)"),
        ("14.08, -87.21", "14.08, -87.21 (Honduras)"),
    ];
    means(&points, LocalityKind::Point);
}

#[test]
fn a_shortened_city_is_found_in_its_state() {
    for (text, label) in [
        ("SALT LAKE CTY, UT", "Salt Lake City, UT"),
        ("CRANBERRY TWP, PA", "Cranberry Township, PA"),
        ("BEDFORD HTS, OH", "Bedford Heights, OH"),
        ("St Louis, MO", "St. Louis, MO"),
        ("ST Louis, MO", "St. Louis, MO"),
        ("Saint Louis, MO", "St. Louis, MO"),
        ("Ft Worth, TX", "Fort Worth, TX"),
        ("Ft. Worth", "Fort Worth, TX"),
        ("Prince Georges county", "Prince George's County, MD"),
        ("N Miami Beach, FL", "North Miami Beach, FL"),
        ("Mayaguez, PR", "Mayagüez, PR"),
        ("Northeast, MD", "North East, MD"),
    ] {
        assert_eq!(resolved(text).label, label, "{text}");
    }
}

#[test]
fn a_misspelt_place_is_understood_in_its_state_and_says_so() {
    for (text, label) in [
        ("Baltmore, MD", "Baltimore, MD"),
        ("Baltimor, MD", "Baltimore, MD"),
        ("Philidelphia PA", "Philadelphia, PA"),
        ("Los Angelos, CA", "Los Angeles, CA"),
        ("Portlnad OR", "Portland, OR"),
        ("Prince Gorges County, MD", "Prince George's County, MD"),
    ] {
        let place = resolved(text);
        assert_eq!(
            place.label,
            format!("{label} (spelling corrected)"),
            "{text}"
        );
        assert_eq!(place.counties, resolved(label).counties, "{text}");
    }
}

#[test]
fn a_misspelt_place_without_its_state_is_suggested_and_never_understood() {
    for (text, likeliest) in [
        ("Baltimor", "Baltimore, MD"),
        ("Philidelphia", "Philadelphia, PA"),
        ("Pheonix", "Phoenix, AZ"),
        ("Prince Gorges county", "Prince George's County, MD"),
        ("Cuyahoga", "Cuyahoga County, OH"),
        ("Marylnd", "Maryland"),
        ("Hondurus", "Honduras"),
        ("Baltimore, Marylnd", "Baltimore, MD"),
        ("Baltimore Marylnd", "Baltimore, MD"),
    ] {
        let suggested = suggestions(text);
        assert_eq!(suggested[0], likeliest, "{text}: {suggested:?}");
        assert!(suggested.len() <= 8, "{suggested:?}");
    }
}

#[test]
fn where_a_misspelling_may_mean_two_places_of_the_state_both_are_suggested() {
    assert_eq!(suggestions("Boton, MA"), ["Boston, MA", "Bolton, MA"]);
}

#[test]
fn a_misspelling_near_a_far_larger_place_is_in_doubt() {
    assert_eq!(
        suggestions("Porland, ME")[..2],
        ["Portland, ME", "Poland, ME"]
    );
}

#[test]
fn a_name_with_another_first_letter_is_suggested_only() {
    assert_eq!(suggestions("Faltimore, MD"), ["Baltimore, MD"]);
}

#[test]
fn names_in_other_languages_are_as_good_as_english_ones() {
    for (text, label) in [
        ("Nueva York, NY", "New York, NY"),
        ("Raleigh, Carolina del Norte", "Raleigh, NC"),
        ("Miami Floride", "Miami, FL"),
        ("Filadelfia PA", "Philadelphia, PA"),
        ("Nouvelle-Orléans", "New Orleans, LA"),
        ("Philly", "Philadelphia, PA"),
        ("Tejas", "Texas"),
        ("Nova Jersey", "New Jersey"),
        ("Ayiti", "Haiti"),
    ] {
        assert_eq!(resolved(text).label, label, "{text}");
    }
    assert_eq!(candidates("Nueva York"), candidates("New York"));
}

#[test]
fn a_bare_city_name_is_never_guessed() {
    let springfields = candidates("Springfield");

    assert_eq!(
        springfields[..3],
        ["Springfield, MO", "Springfield, MA", "Springfield, IL"]
    );
    assert_eq!(
        candidates("Fort Washington"),
        ["Fort Washington, MD", "Fort Washington, PA"]
    );
    assert_eq!(candidates("San Antonio")[0], "San Antonio, TX");
    assert_eq!(candidates("Saint Louis")[0], "St. Louis, MO");
}

#[test]
fn a_state_with_a_great_city_or_a_country_of_its_name_is_never_guessed() {
    assert_eq!(candidates("New York"), ["NY", "New York, NY"]);
    assert_eq!(candidates("Washington"), ["WA", "Washington, DC"]);
    assert_eq!(candidates("Georgia"), ["GA", "GE"]);
    assert_eq!(resolved("GE").label, "Georgia");
    assert_eq!(resolved("Atlanta, Georgia").label, "Atlanta, GA");
}

#[test]
fn a_bad_misspelling_is_refused_with_what_to_do() {
    for text in ["Come in", "Xqzvw, TX", "asdfghjkl"] {
        let refusal = gazetteer()
            .resolve(text)
            .map_err(|refusal| refusal.to_string());
        assert!(
            refusal
                .as_ref()
                .is_err_and(|message| message.contains("ZIP")),
            "{refusal:?}"
        );
    }
}

#[test]
fn a_refusal_never_repeats_what_was_typed() {
    for text in [
        "Maria Lopez, 12 Elm Grove",
        "Elm Grove Shelter, TX",
        "Elm Grove 00099",
    ] {
        let refusal = gazetteer()
            .resolve(text)
            .map_err(|refusal| refusal.to_string());
        assert!(
            refusal
                .as_ref()
                .is_err_and(|message| !message.contains("Elm")),
            "{refusal:?}"
        );
    }
}

#[test]
fn an_unknown_zip_stands_near_its_first_three_digits() {
    let place = resolved("78099");

    assert!(place.approximate);
    assert_eq!(
        place.state.map(|state| state.to_string()).as_deref(),
        Some("TX")
    );
    assert_eq!(place.counties, []);
    assert_eq!(gazetteer().resolve("00000"), Err(Unresolved::UnknownZip));
}

#[test]
fn military_mail_has_no_point() {
    for text in [
        "09012",
        "34002",
        "96201",
        "APO, AE",
        "Unit 2050 APO AP",
        "FPO AA 34002",
    ] {
        let place = resolved(text);
        assert_eq!(
            (place.point, place.country),
            (None, CountryCode::US),
            "{text}"
        );
    }
}

#[test]
fn freely_associated_countries_keep_their_zips_abroad() {
    let pohnpei = resolved("96941");

    assert_eq!(pohnpei.country.as_str(), "FM");
    assert!(pohnpei.approximate);
}

#[test]
fn a_zip_written_with_another_state_is_questioned() {
    let texas = referral_core::geo::StateCode::parse("TX").unwrap();

    let refusal = gazetteer().resolve("Dilley, CA 78017");

    assert_eq!(refusal, Err(Unresolved::ZipElsewhere(texas)));
}

#[test]
fn a_town_abroad_is_known_by_its_country() {
    for (text, country) in [("Tegucigalpa, Honduras", "HN"), ("Tbilisi, Georgia", "GE")] {
        let place = resolved(text);
        assert_eq!(place.country.as_str(), country, "{text}");
        assert!(place.approximate, "{text}");
    }
}

#[test]
fn points_that_are_nowhere_are_refused() {
    for text in ["91,0", "0,0", "nan,5", "1e400,1"] {
        assert_eq!(
            gazetteer().resolve(text),
            Err(Unresolved::NoSuchPoint),
            "{text}"
        );
    }
}

#[test]
fn nothing_typed_is_said_to_be_missing() {
    for text in ["", "  ", ",", " - "] {
        assert_eq!(
            gazetteer().resolve(text),
            Err(Unresolved::Empty),
            "{text:?}"
        );
    }
    assert_eq!(
        gazetteer().resolve(&"x".repeat(201)),
        Err(Unresolved::TooLong)
    );
}

#[test]
fn a_city_lies_in_the_counties_its_people_live_in() {
    for (text, counties) in [
        ("Dilley, TX", &[48_163][..]),
        ("St. Louis, MO", &[29_510]),
        ("New York, NY", &[36_047, 36_081, 36_061, 36_005, 36_085]),
        ("Kansas City, MO", &[29_095, 29_047, 29_165]),
    ] {
        let found: Vec<u32> = resolved(text)
            .counties
            .iter()
            .map(|(fips, _)| fips.number())
            .collect();
        assert_eq!(found, counties, "{text}");
    }
}

#[test]
fn a_planning_region_is_a_place_of_several_counties() {
    let region = referral_core::geo::CountyFips::from_number(9_190)
        .and_then(|fips| gazetteer().resolve_county(fips));

    assert_eq!(region.map(|place| place.counties.len()), Some(2));
}

#[test]
fn how_a_city_was_found_is_told() {
    let maryland = referral_core::geo::StateCode::parse("MD").unwrap();
    for (text, confidence) in [
        ("Baltimore", Some(Confidence::Exact)),
        ("Windsor Mill", Some(Confidence::Postal)),
        ("Frederick Twp", Some(Confidence::Suffix)),
        ("Baltimroe", Some(Confidence::Misspelt)),
        ("Out of State (Not D.C.)", None),
    ] {
        let found = gazetteer().city(text, maryland).map(|city| city.confidence);
        assert_eq!(found, confidence, "{text}");
    }
}

#[test]
fn a_zip_resolves_alike_typed_or_parsed() {
    let zip = Zip::parse("71342").unwrap();

    assert_eq!(gazetteer().resolve("71342"), gazetteer().resolve_zip(zip));
}
