//! What holds for every text.

use proptest::prelude::*;
use referral_core::geo::{CountyFips, Locality, LocalityKind, Point, StateCode, Zip};
use referral_gazetteer::{Confidence, Plausibility, Unresolved, gazetteer};

/// Words that meet the grammar's corners, in any order.
fn any_words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "Dilley",
        "TX",
        "Texas",
        "Washington",
        "New",
        "York",
        "City",
        "Baltimore",
        "County",
        "co",
        "St.",
        "Louis",
        ",",
        ",",
        "78017",
        "78017-1234",
        "USA",
        "Georgia",
        "HN",
        "29.4",
        "-98.5",
        "Springfield",
        "é",
        "ß",
        "Ł",
        "-",
        "0",
        "N",
        "Twp",
    ]);
    prop::collection::vec(word, 0..7).prop_map(|words| words.join(" "))
}

/// A place makes sense: its counties are known and share it out, its label is there.
fn sound(place: &Locality) -> Result<(), TestCaseError> {
    let sum: f64 = place.counties.iter().map(|(_, share)| share).sum();
    prop_assert!(
        place.counties.is_empty() || (sum - 1.0).abs() < 1e-9,
        "{place:?}"
    );
    prop_assert!(
        place.counties.is_sorted_by(|one, other| one.1 >= other.1),
        "{place:?}"
    );
    prop_assert!(!place.label.is_empty());
    Ok(())
}

/// A refusal helps: every candidate it lists is text that resolves to that very place.
fn helpful(refusal: &Unresolved) -> Result<(), TestCaseError> {
    if let Unresolved::Ambiguous(candidates) = refusal {
        prop_assert!(candidates.len() > 1);
        for candidate in candidates {
            let place = gazetteer().resolve(candidate);
            prop_assert!(place.is_ok(), "{candidate}: {place:?}");
        }
    }
    if let Unresolved::Misspelt(suggestions) = refusal {
        prop_assert!((1..=8).contains(&suggestions.len()), "{suggestions:?}");
        for suggestion in suggestions {
            let place = gazetteer().resolve(suggestion);
            let as_typed = |place: &Locality| !place.label.contains("corrected");
            prop_assert!(
                place.as_ref().is_ok_and(as_typed),
                "{suggestion}: {place:?}"
            );
        }
    }
    Ok(())
}

fn answered(text: &str) -> Result<(), TestCaseError> {
    match gazetteer().resolve(text) {
        Ok(place) => sound(&place),
        Err(refusal) => helpful(&refusal),
    }
}

/// The name of a place with one letter gone, doubled or swapped, and its state.
fn any_slip() -> impl Strategy<Value = (String, StateCode)> {
    let cities: Vec<(&str, StateCode)> = gazetteer()
        .zips()
        .filter_map(|zip| Some((zip.city?, zip.state)))
        .collect();
    let slip = (prop::sample::select(cities), 1_usize..40, 0_usize..3);
    slip.prop_map(|((name, state), at, kind)| {
        let mut letters: Vec<char> = name.chars().collect();
        let at = at % letters.len().max(2).saturating_sub(1) + 1;
        if let Some(&letter) = letters.get(at) {
            match kind {
                0 => letters.insert(at, letter),
                1 if at + 1 < letters.len() => letters.swap(at, at + 1),
                _ => {
                    letters.remove(at);
                }
            }
        }
        (letters.into_iter().collect(), state)
    })
}

proptest! {
    /// After one slip of the finger a city is understood by a name it really has, or says that the
    /// spelling was corrected.
    #[test]
    fn no_slip_of_a_letter_leads_astray_in_silence((slipped, state) in any_slip()) {
        let Ok(place) = gazetteer().resolve(&format!("{slipped}, {state}")) else {
            return Ok(());
        };
        if place.kind == LocalityKind::City {
            let found = gazetteer().city(&slipped, state);
            let misspelt = found.map(|city| city.confidence == Confidence::Misspelt);
            let says_so = place.label.ends_with(" (spelling corrected)");
            prop_assert_eq!(misspelt, Some(says_so), "{}", place.label);
        }
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,60}") {
        answered(&text)?;
    }

    #[test]
    fn any_words_are_answered(text in any_words()) {
        answered(&text)?;
    }

    #[test]
    fn any_five_digits_are_a_place_or_an_unknown_zip(number in 0_u32..100_000) {
        match gazetteer().resolve(&format!("{number:05}")) {
            Ok(place) => {
                prop_assert_eq!(place.zip.map(Zip::number), Some(number));
                sound(&place)?;
            }
            Err(refusal) => prop_assert_eq!(refusal, Unresolved::UnknownZip),
        }
    }

    #[test]
    fn any_point_is_in_one_county_or_none(lat in -90.0..=90.0, lon in -180.0..=180.0) {
        let point = Point::new(lat, lon).map_err(|wrong| TestCaseError::fail(wrong.to_string()))?;
        if let Some(county) = gazetteer().county_of(point) {
            prop_assert!(gazetteer().county(county).is_some());
            prop_assert!(gazetteer().time_zone(point).is_some());
        }
    }

    #[test]
    fn case_and_blanks_never_matter(row in 0_usize..3_231) {
        let county = &gazetteer().counties()[row];
        let text = format!("{}, {}", county.name, county.state);
        let shouted = text.to_uppercase().replace(' ', "  ");

        prop_assert_eq!(gazetteer().resolve(&text), gazetteer().resolve(&shouted));
    }

    #[test]
    fn what_is_believed_stays_believed(lat in -100.0..100.0, lon in -200.0..200.0, row in 0_u8..56) {
        let state = Some(gazetteer().states()[usize::from(row)].code);
        if let Plausibility::Fine(point) | Plausibility::Repaired(point, _) =
            gazetteer().plausible(lat, lon, None, state)
        {
            let again = gazetteer().plausible(point.lat(), point.lon(), None, state);
            prop_assert_eq!(again, Plausibility::Fine(point));
        }
    }
}

#[test]
fn every_county_resolves_by_its_full_name() {
    for county in gazetteer().counties() {
        let text = format!("{}, {}", county.name, county.state);
        let found = gazetteer().resolve(&text).map(|place| place.counties);
        let first = found.map(|counties| counties.first().map(|(fips, _)| *fips));
        assert_eq!(first, Ok(Some(county.fips)), "{text}");
    }
}

#[test]
fn every_state_resolves_by_its_code() {
    for state in gazetteer().states() {
        let found = gazetteer()
            .resolve(state.code.as_str())
            .map(|place| place.state);
        assert_eq!(found, Ok(Some(state.code)));
    }
}

#[test]
fn every_county_named_in_its_state_is_itself() {
    for county in gazetteer().counties() {
        let found: Option<CountyFips> = gazetteer()
            .county_named(&county.name, county.state)
            .map(|county| county.fips);
        assert_eq!(
            found,
            Some(county.fips),
            "{}, {}",
            county.name,
            county.state
        );
    }
}

#[test]
fn no_state_is_named_by_a_country_code_alone() {
    let unknown = StateCode::parse("HN").unwrap();

    assert_eq!(gazetteer().state(unknown), None);
}
