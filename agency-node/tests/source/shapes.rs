//! One service in every shape in which HSDS may come.

use referral_core::hsds::Entity;

use crate::support::{Folder, codes, named, services, source_ids};

const SERVICE: &str = r#"{
    "id": "s1", "name": "Bond clinic", "status": "active",
    "organization": {"id": "o1", "name": "Harbor Help", "description": "We help"},
    "service_at_locations": [{
        "location": {"id": "l1", "location_type": "physical", "name": "Office",
            "addresses": [{"address_1": "55 N Court St", "city": "Baltimore",
                "state_province": "MD", "postal_code": "21201", "country": "US"}]}}],
    "phones": [{"number": "(410) 555-1212", "languages": [{"code": "es"}]}],
    "languages": [{"name": "Urdu", "code": "ur"}],
    "attributes": [{"taxonomy_term": {"name": "Bond", "code": "lc:bond"}}]
}"#;

#[test]
fn a_full_service_brings_its_organization_location_and_terms() {
    let folder = Folder::new().with("service.json", SERVICE);

    let imported = folder.hsds("service.json").expect("read");

    assert_eq!(imported.converted.records.len(), 3);
    let service = services(&imported)[0];
    assert_eq!(service.organization.as_str(), "o1");
    assert_eq!(service.offers.len(), 1);
    assert_eq!(service.attributes[0].code.as_str(), "lc:bond");
    assert_eq!(service.phones[0].languages[0].tag.as_str(), "es");
    assert_eq!(codes(&imported.converted.refused), Vec::<&str>::new());
    assert_eq!(codes(&imported.converted.repaired), Vec::<&str>::new());
}

#[test]
fn every_shape_of_json_gives_the_same_records() {
    let one_line = SERVICE.replace('\n', " ");
    let alone = Folder::new().with("services.json", SERVICE);
    let expected = alone.hsds("services.json").expect("read").converted.records;
    let organization = format!(
        r#"{{"id":"o1","name":"Harbor Help","description":"We help","services":[{one_line}]}}"#
    );
    for (name, text) in [
        (
            "page.json",
            format!(r#"{{"total_items":1,"contents":[{one_line}]}}"#),
        ),
        ("list.json", format!("[{one_line}]")),
        ("keyed.json", format!(r#"{{"services":[{one_line}]}}"#)),
        ("organization_full.json", organization),
        ("feed.ndjson", format!("{one_line}\n\n")),
    ] {
        let folder = Folder::new().with(name, &text);
        let imported = folder.hsds(name).expect(name);

        let mut records = imported.converted.records;
        for record in &mut records {
            with_source(record, "services.json");
        }
        assert_eq!(records, expected, "{name}");
    }
}

/// The file a record came from is part of it; these come from different ones.
fn with_source(record: &mut referral_core::catalog::Record, source: &str) {
    use referral_core::catalog::Record;
    let provenance = match record {
        Record::Organization(one) => &mut one.provenance,
        Record::Location(one) => &mut one.provenance,
        Record::Service(one) => &mut one.provenance,
    };
    provenance.source = referral_core::text::Name::parse(source).ok();
}

#[test]
fn a_service_at_location_is_read_from_its_own_document() {
    let folder = Folder::new().with(
        "service_at_location.json",
        r#"{"id":"sl","service":{"id":"s","name":"Intake","status":"active"},
            "location":{"id":"l","location_type":"physical","latitude":39.29,"longitude":-76.61}}"#,
    );

    let imported = folder.hsds("service_at_location.json").expect("read");

    assert_eq!(services(&imported)[0].offers[0].location.as_str(), "l");
}

#[test]
fn several_files_of_a_folder_are_one_import() {
    let folder = Folder::new()
        .with("a.json", SERVICE)
        .with("b.json", SERVICE.replace("\"s1\"", "\"s2\""))
        .with("README.md", "about")
        .with("datapackage.json", r#"{"resources": []}"#);

    let imported = folder.all().expect("read");

    assert_eq!(source_ids(&imported), ["s1", "s2"]);
    assert_eq!(codes(&imported.converted.repaired), Vec::<&str>::new());
    assert_eq!(imported.skipped, ["README.md", "datapackage.json"]);
}

#[test]
fn tables_are_read_with_or_without_a_data_package() {
    let folder = Folder::new()
        .with("organizations.csv", "id,name\no1,Harbor Help\n")
        .with(
            "services.csv",
            "id,organization_id,name,status\ns1,o1,Intake,active\n",
        )
        .with(
            "locations.csv",
            "id,name,latitude,longitude\nl1,Office,39.29,-76.61\n",
        )
        .with(
            "service_at_location.csv",
            "id,service_id,location_id\nx,s1,l1\n",
        )
        .with(
            "phones.csv",
            "id,service_id,number\np,s1,410-555-1212\nq,gone,1\n",
        );

    let imported = folder.all().expect("read");

    assert_eq!(imported.converted.records.len(), 3);
    assert_eq!(services(&imported)[0].phones.len(), 1);
    assert_eq!(named(&imported.converted.refused, Entity::Phone), ["q"]);
}

#[test]
fn a_bad_line_of_ndjson_is_that_line() {
    let line = |id: &str| format!(r#"{{"id":"{id}","name":"N","status":"active"}}"#);
    let text = format!("{}\n{{broken\n{}\n[1]\n", line("a"), line("b"));
    let folder = Folder::new().with("services.ndjson", text);

    let imported = folder.hsds("services.ndjson").expect("read");

    assert_eq!(source_ids(&imported), ["a", "b"]);
    let refused: Vec<(&str, &str)> = imported
        .converted
        .refused
        .iter()
        .map(|issue| (issue.row.as_str(), issue.code))
        .collect();
    assert_eq!(refused, [("2", "json_invalid"), ("4", "object_unknown")]);
}

#[test]
fn the_report_points_into_nested_documents() {
    let folder = Folder::new().with(
        "services.json",
        SERVICE.replace("(410) 555-1212", "call us"),
    );

    let imported = folder.hsds("services.json").expect("read");

    let issue = &imported.converted.refused[0];
    assert_eq!(
        (
            &*issue.file,
            issue.row.as_str(),
            issue.field.as_str(),
            issue.code
        ),
        ("services.json", "/phones/0", "number", "phone_invalid")
    );
    assert_eq!(issue.id, None);
}

#[test]
fn what_the_directory_would_refuse_is_refused_with_its_row() {
    let phones: Vec<String> = (0..201).map(|n| format!("p{n},o1,410555{n:04}")).collect();
    let folder = Folder::new()
        .with("organizations.csv", "id,name\no1,Harbor Help\no2,Other\n")
        .with(
            "phones.csv",
            format!("id,organization_id,number\n{}\n", phones.join("\n")),
        )
        .with(
            "services.csv",
            "id,organization_id,name\ns1,o1,Intake\ns2,o2,Clinic\n",
        );

    let imported = folder.all().expect("read");

    assert_eq!(source_ids(&imported), ["s2"]);
    let refused: Vec<(Entity, &str, &str, &str)> = imported
        .converted
        .refused
        .iter()
        .map(|issue| {
            (
                issue.entity,
                issue.row.as_str(),
                issue.field.as_str(),
                issue.code,
            )
        })
        .collect();
    assert_eq!(
        refused,
        [
            (Entity::Organization, "2", "organization.phones", "too_many"),
            (
                Entity::Service,
                "2",
                "organization_id",
                "organization_refused"
            ),
        ]
    );
}

#[test]
fn the_same_input_gives_the_same_records_again() {
    let folder = Folder::new().with("services.json", SERVICE);

    let first = folder.all().expect("read").converted.records;

    assert_eq!(folder.all().expect("read").converted.records, first);
}

#[test]
fn progress_names_the_file_and_counts_rows() {
    use agency_node::source::{Input, read};
    let rows: Vec<String> = (0..2_500).map(|n| format!("{n},Name {n},active")).collect();
    let table = format!("id,name,status\n{}\n", rows.join("\n"));
    let folder = Folder::new().with("services.csv", table);
    let agency = referral_core::id::AgencyId::parse("harbor").expect("a good id");
    let mut seen = Vec::new();

    read(
        &Input::Hsds(folder.path()),
        &agency,
        referral_gazetteer::gazetteer(),
        jiff::Timestamp::UNIX_EPOCH,
        &mut |progress| seen.push((progress.file.clone(), progress.rows)),
    )
    .expect("read");

    let file = "services.csv".to_owned();
    assert_eq!(
        seen,
        [(file.clone(), 0), (file.clone(), 1_000), (file, 2_000)]
    );
}
