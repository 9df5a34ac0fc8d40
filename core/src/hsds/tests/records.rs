//! One bad row never stops the rest, and every row is a record or named.

use super::*;
use crate::capacity::{Stated, Unit};
use crate::catalog::{Field, Values};

#[test]
fn a_plain_file_becomes_records_without_a_word() {
    let converted = File::usual().converted();

    assert_eq!(converted.records.len(), 3);
    assert_eq!(services(&converted)[0].offers.len(), 1);
    assert_eq!(said(&converted.refused), []);
    assert_eq!(said(&converted.withheld), []);
    assert_eq!(said(&converted.repaired), []);
}

#[test]
fn bad_optional_fields_are_left_out_and_the_record_stays() {
    let converted = File::usual()
        .set(Entity::Service, "url", "javascript:alert(1)")
        .set(Entity::Service, "email", "a b@c")
        .set(Entity::Service, "assured_date", "03/04/26")
        .set(Entity::Service, "minimum_age", "http://x.org")
        .with(Entity::Phone, &[("service_id", "s"), ("number", "call us")])
        .converted();

    let service = services(&converted)[0];
    assert_eq!(service.name.as_str(), "Intake");
    assert!(service.url.is_none() && service.email.is_none() && service.phones.is_empty());
    let mut codes: Vec<&str> = converted.repaired.iter().map(|issue| issue.code).collect();
    codes.sort_unstable();
    assert_eq!(
        codes,
        [
            "date_invalid",
            "email_invalid",
            "number_invalid",
            "url_invalid"
        ]
    );
    assert_eq!(
        said(&converted.refused),
        [(Entity::Phone, "number", "phone_invalid")]
    );
}

#[test]
fn the_report_never_repeats_a_value() {
    let converted = File::usual()
        .set(Entity::Service, "url", "canary://canary")
        .set(Entity::Service, "email", "canary canary")
        .set(Entity::Address, "postal_code", "canary")
        .with(Entity::Phone, &[("service_id", "s"), ("number", "canary")])
        .with(
            Entity::Language,
            &[("location_id", "l"), ("name", "canary")],
        )
        .converted();

    assert_eq!(converted.repaired.len() + converted.refused.len(), 5);
    let report = format!("{:?}{:?}", converted.repaired, converted.refused);
    assert!(!report.contains("canary"), "{report}");
}

#[test]
fn what_a_publisher_marks_is_withheld_and_named() {
    for (entity, field, value, code, left) in [
        (Entity::Service, "status", "inactive", "inactive", 2),
        (Entity::Service, "do_not_refer", "yes", "do_not_refer", 2),
        (Entity::Location, "do_not_publish", "1", "do_not_publish", 2),
    ] {
        let converted = File::usual().set(entity, field, value).converted();

        assert_eq!(said(&converted.withheld), [(entity, field, code)]);
        assert_eq!(converted.records.len(), left);
    }
}

#[test]
fn marks_of_parts_are_honoured_too() {
    let converted = File::usual()
        .with(
            Entity::Phone,
            &[
                ("service_id", "s"),
                ("number", "410-555-1212"),
                ("is_private", "yes"),
            ],
        )
        .with(
            Entity::Contact,
            &[
                ("service_id", "s"),
                ("name", "A Person"),
                ("do_not_publish", "1"),
            ],
        )
        .set(Entity::ServiceAtLocation, "status", "inactive")
        .converted();

    let service = services(&converted)[0];
    assert!(service.phones.is_empty() && service.contacts.is_empty() && service.offers.is_empty());
    assert_eq!(
        said(&converted.withheld),
        [
            (Entity::ServiceAtLocation, "status", "inactive"),
            (Entity::Phone, "private", "marked_private"),
            (Entity::Contact, "do_not_publish", "do_not_publish"),
        ]
    );
}

#[test]
fn with_an_organization_all_it_offers_is_withheld() {
    let converted = File::usual()
        .set(Entity::Organization, "do_not_publish", "x")
        .converted();

    assert_eq!(converted.records, []);
    assert_eq!(converted.withheld.len(), 3);
}

#[test]
fn a_service_without_its_organization_is_kept_under_a_stand_in() {
    let converted = File::default()
        .with(
            Entity::Service,
            &[("id", "1"), ("name", "A"), ("organization_id", "gone")],
        )
        .with(Entity::Service, &[("id", "2"), ("name", "B")])
        .converted();

    assert_eq!(services(&converted).len(), 2);
    let names: Vec<&str> = organizations(&converted)
        .iter()
        .map(|o| o.name.as_str())
        .collect();
    assert_eq!(names, ["Organization not stated"; 2]);
    assert_eq!(
        said(&converted.repaired),
        [
            (Entity::Service, "organization_id", "dangling_reference"),
            (Entity::Service, "organization_id", "organization_missing"),
        ]
    );
}

#[test]
fn a_service_that_names_its_location_belongs_to_the_locations_organization() {
    let converted = File::usual()
        .with(
            Entity::Service,
            &[("id", "2"), ("name", "B"), ("location_id", "l")],
        )
        .converted();

    let service = services(&converted)[1];
    assert_eq!(service.organization.as_str(), "o");
    assert_eq!(service.offers[0].location.as_str(), "l");
}

#[test]
fn a_virtual_location_makes_its_services_remote() {
    let converted = File::usual()
        .set(Entity::Location, "location_type", "virtual")
        .converted();

    assert!(services(&converted)[0].remote);
    assert_eq!(services(&converted)[0].offers.len(), 0);
    assert_eq!(
        said(&converted.repaired),
        [(Entity::Location, "location_type", "location_virtual")]
    );
}

#[test]
fn codes_are_taken_and_other_terms_become_the_publishers_own() {
    let attribute = |term: &str| {
        [
            ("service_id", "s".to_owned()),
            ("taxonomy_term_id", term.to_owned()),
        ]
    };
    let mut file = File::usual()
        .with(
            Entity::TaxonomyTerm,
            &[("id", "t1"), ("code", "lc:bond"), ("name", "Bond")],
        )
        .with(
            Entity::TaxonomyTerm,
            &[("id", "t2"), ("code", "BD-1800"), ("name", "Food Pantry")],
        )
        .with(Entity::TaxonomyTerm, &[("id", "t3"), ("name", "住宅")])
        .with(
            Entity::Attribute,
            &[
                ("service_id", "s"),
                ("code", "dom:dir da:food"),
                ("label", "Food"),
            ],
        )
        .with(
            Entity::Attribute,
            &[("link_id", "s"), ("label", "Elder care")],
        )
        .with(
            Entity::Attribute,
            &[("service_id", "s"), ("code", "cred:rep-p")],
        )
        .with(
            Entity::Attribute,
            &[
                ("service_id", "s"),
                ("code", "cred:exp"),
                ("value", "2027-01-01"),
            ],
        );
    for term in ["t1", "t2", "t3"] {
        let fields = attribute(term);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(f, v)| (*f, v.as_str())).collect();
        file = file.with(Entity::Attribute, &fields);
    }
    let converted = file.converted();

    let service = services(&converted)[0];
    let codes: Vec<&str> = service.attributes.iter().map(|a| a.code.as_str()).collect();
    assert_eq!(
        codes[..4],
        ["dom:dir", "da:food", "x-harbor:elder-care", "lc:bond"]
    );
    assert_eq!(codes[4], "x-harbor:food-pantry");
    assert!(codes[5].starts_with("x-harbor:h-"));
    assert_eq!(
        service.attributes[4].label.as_ref().unwrap().as_str(),
        "Food Pantry"
    );
    assert_eq!(
        service.credentials[0].lapses.unwrap().to_string(),
        "2027-01-01"
    );
}

#[test]
fn ages_and_rules_are_data_and_contradictions_are_left_out() {
    let converted = File::usual()
        .set(Entity::Service, "minimum_age", "18")
        .set(Entity::Service, "maximum_age", "24")
        .with(
            Entity::Eligibility,
            &[
                ("service_id", "s"),
                ("field", "immigration"),
                ("values", "Asylee; Refugee"),
            ],
        )
        .with(
            Entity::Eligibility,
            &[
                ("service_id", "s"),
                ("field", "income"),
                ("minimum", "300"),
                ("maximum", "200"),
            ],
        )
        .converted();

    let rules = &services(&converted)[0].eligibility;
    assert_eq!(rules.len(), 2);
    assert_eq!(rules[0].field, Field::Age);
    assert!(matches!(&rules[1].values, Values::AnyOf(values) if values.len() == 2));
    assert_eq!(
        said(&converted.refused),
        [(Entity::Eligibility, "values", "eligibility_without_values")]
    );
}

#[test]
fn free_text_languages_are_understood_where_certain() {
    let converted = File::usual()
        .set(Entity::Service, "languages", "Spanish, language line.")
        .with(
            Entity::Language,
            &[("service_id", "s"), ("name", "Urdu"), ("code", "ur")],
        )
        .converted();

    let service = services(&converted)[0];
    let tags: Vec<&str> = service.languages.iter().map(|l| l.tag.as_str()).collect();
    assert_eq!(tags, ["ur", "es"]);
    let words = service.interpretation_services.as_ref().unwrap();
    assert_eq!(words.as_str(), "Spanish, language line.");
}

fn with_capacity(fields: &[(&str, &str)]) -> Converted {
    let mut all = vec![
        ("service_id", "s"),
        ("unit_id", "u"),
        ("updated", "2026-03-04T08:00:00Z"),
    ];
    all.extend(fields);
    File::usual()
        .with(Entity::Unit, &[("id", "u"), ("name", "Beds")])
        .with(Entity::Unit, &[("id", "k"), ("name", "Kilogram")])
        .with(Entity::Capacity, &all)
        .converted()
}

#[test]
fn capacity_is_reported_and_numbers_that_cannot_be_true_are_refused() {
    let converted = with_capacity(&[("available", "3"), ("maximum", "10")]);
    let report = &converted.reports[0];
    assert_eq!(
        (report.state, report.counts[0].unit),
        (Stated::Open, Unit::Bed)
    );

    for (fields, code) in [
        (
            vec![("available", "12"), ("maximum", "10")],
            "available_exceeds_maximum",
        ),
        (vec![("available", "1,200")], "number_invalid"),
        (vec![("available", "-1")], "number_invalid"),
    ] {
        let converted = with_capacity(&fields);
        assert_eq!(converted.reports, [], "{code}");
        assert_eq!(converted.refused[0].code, code);
        assert_eq!(services(&converted).len(), 1);
    }
}

#[test]
fn an_unknown_unit_or_time_leaves_the_number_out() {
    let file = |fields: &[(&str, &str)]| {
        File::usual()
            .with(Entity::Unit, &[("id", "k"), ("name", "Kilogram")])
            .with(Entity::Unit, &[("id", "u"), ("name", "bed")])
            .with(Entity::Capacity, fields)
            .converted()
    };
    let kilograms = file(&[("service_id", "s"), ("unit_id", "k"), ("available", "3")]);
    assert_eq!(kilograms.refused[0].code, "unit_unknown");
    let undated = file(&[("service_id", "s"), ("unit_id", "u"), ("available", "3")]);
    assert_eq!(undated.refused[0].code, "capacity_time_missing");
    let all_wrong = file(&[("service_id", "s"), ("available", "12"), ("maximum", "10")]);
    let codes: Vec<&str> = all_wrong.refused.iter().map(|issue| issue.code).collect();
    assert_eq!(
        codes,
        [
            "unit_unknown",
            "capacity_time_missing",
            "available_exceeds_maximum"
        ]
    );
}

#[test]
fn the_report_about_a_number_does_not_repeat_it() {
    let converted = with_capacity(&[("available", "4711"), ("maximum", "10")]);

    assert!(!format!("{:?}", converted.refused).contains("4711"));
}

#[test]
fn nothing_free_is_never_open() {
    let none = with_capacity(&[("available", "0"), ("maximum", "10")]);
    assert_eq!(none.reports[0].state, Stated::Paused);

    let listed = File::usual()
        .set(Entity::Service, "alert", "Waiting list of 3 months")
        .with(Entity::Unit, &[("id", "u"), ("name", "bed")])
        .with(
            Entity::Capacity,
            &[
                ("service_id", "s"),
                ("unit_id", "u"),
                ("available", "0"),
                ("updated", "2026-03-04T08:00:00Z"),
            ],
        )
        .converted();
    assert_eq!(listed.reports[0].state, Stated::Waitlist);
}

#[test]
fn temporarily_closed_is_paused_and_the_service_stays() {
    let converted = File::usual()
        .set(Entity::Service, "status", "temporarily closed")
        .converted();

    assert_eq!(services(&converted).len(), 1);
    assert_eq!(converted.reports[0].state, Stated::Paused);
}

#[test]
fn a_description_that_is_too_long_is_left_out_and_a_record_that_is_too_long_refused() {
    let long = "word ".repeat(13 * 1024);
    let converted = File::usual()
        .set(Entity::Service, "description", &long)
        .converted();
    assert_eq!(services(&converted)[0].description, None);
    assert_eq!(converted.repaired[0].code, "record_too_large");

    let half = "word ".repeat(7 * 1024);
    let converted = File::usual()
        .set(Entity::Service, "description", &half)
        .set(Entity::Service, "alert", &long)
        .converted();
    assert_eq!(services(&converted).len(), 0);
    assert_eq!(
        said(&converted.refused),
        [(Entity::Service, "row", "record_too_large")]
    );
}
