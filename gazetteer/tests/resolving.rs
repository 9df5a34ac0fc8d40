//! What people type, and what they get.

use referral_core::geo::{Locality, LocalityKind};
use referral_gazetteer::{Unresolved, gazetteer};

fn resolved(text: &str) -> Locality {
    gazetteer()
        .resolve(text)
        .unwrap_or_else(|refusal| panic!("{text}: {refusal}"))
}

#[test]
fn every_form_of_a_place_is_understood() {
    for (text, label, kind) in [
        ("78017", "78017 (Dilley, TX)", LocalityKind::Zip),
        ("78017-1234", "78017 (Dilley, TX)", LocalityKind::Zip),
        ("Dilley, TX", "Dilley, TX", LocalityKind::City),
        ("Dilley TX", "Dilley, TX", LocalityKind::City),
        ("dilley texas", "Dilley, TX", LocalityKind::City),
        (
            "Baltimore County, MD",
            "Baltimore County, MD",
            LocalityKind::County,
        ),
        ("Baltimore, MD", "Baltimore, MD", LocalityKind::City),
        ("Maryland", "Maryland", LocalityKind::State),
        ("MD", "Maryland", LocalityKind::State),
        ("Puerto Rico", "Puerto Rico", LocalityKind::State),
        ("Honduras", "Honduras", LocalityKind::Country),
        ("HN", "Honduras", LocalityKind::Country),
    ] {
        let place = resolved(text);
        assert_eq!((place.label.as_str(), place.kind), (label, kind), "{text}");
    }
}

#[test]
fn a_bare_city_name_is_never_guessed() {
    let Err(Unresolved::Ambiguous(candidates)) = gazetteer().resolve("Springfield") else {
        panic!("Springfield was guessed");
    };
    assert!(
        candidates.contains(&"Springfield, IL".to_owned()),
        "{candidates:?}"
    );
}
