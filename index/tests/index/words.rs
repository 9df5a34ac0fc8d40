//! What people type, and what they find.

use referral_core::catalog::{Effect, Field, Program, Rule, Values};
use referral_core::search::QueryText;
use referral_core::text::fold;

use crate::support::{
    coded, described, filled, in_city, listing, name, offered_at, phone, text, words,
};

#[test]
fn case_accents_and_apostrophes_do_not_count() {
    let (_dir, index) = filled(&[
        listing("marys", "St. Mary’s Asylum Clinic"),
        listing("clinica", "Clínica de Inmigración"),
    ]);

    for typed in ["ST MARYS", "st. mary's", "Mary’s clinic"] {
        assert_eq!(words(&index, typed), ["marys"], "{typed}");
    }
    for typed in ["clinica", "CLÍNICA", "inmigracion", "Inmigración"] {
        assert_eq!(words(&index, typed), ["clinica"], "{typed}");
    }
}

#[test]
fn all_words_must_be_there() {
    let (_dir, index) = filled(&[
        described("a", "Harbor Clinic", "immigration bond hearings"),
        described("b", "Harbor House", "beds for families"),
    ]);

    assert_eq!(words(&index, "harbor").len(), 2);
    assert_eq!(words(&index, "harbor bond"), ["a"]);
    assert!(words(&index, "families bond").is_empty());
}

#[test]
fn the_last_word_may_be_begun_only() {
    let (_dir, index) = filled(&[listing("a", "Naturalization Workshop")]);

    assert_eq!(words(&index, "naturalization work"), ["a"]);
    assert_eq!(words(&index, "nat"), ["a"]);
    assert!(words(&index, "work naturalization").is_empty());
}

#[test]
fn one_letter_alone_is_a_word_and_not_the_beginning_of_all() {
    let (_dir, index) = filled(&[
        listing("a", "Help for A and B"),
        listing("b", "Advocates and Attorneys"),
    ]);

    assert_eq!(words(&index, "a"), ["a"]);
}

#[test]
fn a_misspelt_word_finds_what_was_meant() {
    let (_dir, index) = filled(&[
        listing("a", "Asylum Defense"),
        listing("b", "Naturalization Workshop"),
    ]);

    assert_eq!(words(&index, "asylem defense"), ["a"]);
    assert_eq!(words(&index, "naturalisasion"), ["b"]);
    assert!(words(&index, "asylexx").is_empty());
}

#[test]
fn a_word_that_is_there_is_never_bent_into_another() {
    let (_dir, index) = filled(&[listing("a", "House"), listing("b", "Horse")]);

    assert_eq!(words(&index, "horse"), ["b"]);
}

#[test]
fn a_word_only_removed_services_had_is_as_good_as_misspelt() {
    let (_dir, index) = filled(&[listing("a", "Houses"), listing("b", "Horses")]);
    index.remove(&listing("b", "Horses").key());
    index.commit(2).unwrap();

    assert_eq!(words(&index, "horses"), ["a"]);
}

#[test]
fn numbers_are_never_bent() {
    let mut near_miss = listing("a", "Hotline");
    near_miss.service.phones = vec![phone("410-555-1213")];
    let (_dir, index) = filled(&[near_miss]);

    assert!(words(&index, "4105551212").is_empty());
}

#[test]
fn what_a_word_means_is_as_good_as_the_word() {
    let (_dir, index) = filled(&[
        coded("leg", "Harbor Clinic", &["lc:bond"]),
        coded("aos", "Harbor Papers", &["lc:aos"]),
        coded("bed", "Harbor House", &["ho:es"]),
    ]);

    assert_eq!(words(&index, "green card"), ["aos"]);
    assert_eq!(words(&index, "abogado").len(), 2);
    assert_eq!(words(&index, "abogado clinic"), ["leg"]);
    assert_eq!(words(&index, "emergency shelter harbor"), ["bed"]);
}

#[test]
fn a_name_counts_more_than_a_description() {
    let (_dir, index) = filled(&[
        described("told", "Harbor House", "Ask for the sunrise program"),
        described(
            "called",
            "Sunrise Program Office",
            "A place to ask for help",
        ),
    ]);

    assert_eq!(words(&index, "sunrise program"), ["called", "told"]);
}

#[test]
fn a_whole_name_comes_first_whatever_else_has_the_words() {
    let mut listings = vec![listing("door", "The Door, Inc.")];
    for at in 0..30 {
        let called = format!("The Door Inc Door Inc The Door {at}");
        listings.push(described(
            &format!("other-{at}"),
            &called,
            "the door inc ".repeat(9).trim(),
        ));
    }
    let (_dir, index) = filled(&listings);

    assert_eq!(words(&index, "the door inc")[0], "door");
    assert_eq!(words(&index, "The Door, Inc.").len(), 31);
}

#[test]
fn a_telephone_number_is_found_however_it_is_written() {
    let mut hotline = listing("hotline", "Hotline");
    hotline.service.phones = vec![phone("(410) 555-1212 x7")];
    let other = described("other", "Other", "call 410 555 or 1212");
    let (_dir, index) = filled(&[hotline, other]);

    for typed in ["410-555-1212", "+1 (410) 555-1212", "410 555 1212"] {
        assert_eq!(words(&index, typed)[0], "hotline", "{typed}");
    }
    assert_eq!(words(&index, "4105551212"), ["hotline"]);
}

#[test]
fn a_service_is_found_by_every_word_that_describes_it() {
    let mut listing = listing("a", "Alpha");
    let service = &mut listing.service;
    service.alternate_name = Some(name("Bravo"));
    service.program = Some(text("p1"));
    service.description = Some(text("charlie"));
    service.eligibility_description = Some(text("delta"));
    service.application_process = Some(text("echo"));
    service.attributes = vec![crate::support::attribute("x-harbor:foxtrot-golf")];
    service.attributes[0].label = Some(name("Hotel & India"));
    service.eligibility = vec![Rule {
        field: Field::Gender,
        effect: Effect::Allow,
        values: Values::AnyOf(vec![name("juliett")]),
        discretionary: false,
    }];
    listing.organization.name = name("Kilo");
    listing.organization.alternate_name = Some(name("Lima"));
    listing.organization.programs = vec![Program {
        source_id: text("p1"),
        name: name("Mike"),
        description: None,
    }];
    let mut listing = offered_at(listing, "site", in_city("November", 39.0, -76.0));
    listing.locations[0].name = Some(name("Oscar"));
    listing.service.offers[0].description = Some(text("papa"));
    let (_dir, index) = filled(&[listing]);

    for word in [
        "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india",
        "juliett", "kilo", "lima", "mike", "november", "oscar", "papa",
    ] {
        assert_eq!(words(&index, word), ["a"], "{word}");
    }
}

#[test]
fn definitions_are_words_too() {
    let (_dir, index) = filled(&[coded("a", "Alpha", &["lc:bond"]), listing("b", "Bravo")]);

    assert_eq!(words(&index, "release from custody"), ["a"]);
}

#[test]
fn strange_text_is_just_text() {
    let (_dir, index) = filled(&[
        listing("a", "Alpha field"),
        listing("b", "Bravo OR Charlie"),
        listing("c", "مركز اللاجئين"),
        listing("d", "難民支援センター"),
    ]);

    for (typed, expected) in [
        ("field:(", vec!["a"]),
        ("\"alpha", vec!["a"]),
        ("alpha\"~2^5", vec![]),
        ("[alpha TO *]", vec!["a"]),
        ("alpha OR bravo", vec![]),
        ("bravo OR charlie", vec!["b"]),
        ("-alpha +field", vec!["a"]),
        ("*:*x", vec![]),
        ("alph?", vec!["a"]),
        ("اللاجئين", vec!["c"]),
        ("難民", vec!["d"]),
        ("難", vec!["d"]),
        ("\\", vec![]),
    ] {
        let Ok(Some(query)) = QueryText::parse(typed) else {
            assert!(fold(typed).is_empty());
            continue;
        };
        assert_eq!(words(&index, query.as_str()), expected, "{typed}");
    }
}

#[test]
fn long_and_odd_queries_end_and_match_nothing() {
    let (_dir, index) = filled(&[described("a", "Alpha", "one two three four five")]);

    let letters: String = ('a'..='z')
        .chain('а'..='я')
        .flat_map(|c| [c, ' '])
        .collect();
    for typed in [
        "x".repeat(256),
        "Xylophon ".repeat(28),
        letters,
        "1 ".repeat(128),
        "é".repeat(256),
        "👩‍⚖️a".to_owned(),
    ] {
        assert!(words(&index, &typed).is_empty(), "{typed}");
    }
    for nothing in ["🙂🙂", "()[]\"", "؟", "…"] {
        assert!(QueryText::parse(nothing).is_err(), "{nothing}");
    }
}
