//! A confidential address given in a file is in nothing that comes out of it.

use agency_node::source::Imported;
use referral_core::catalog::{Place, Record};

use crate::support::Folder;

const CANARIES: [&str; 4] = ["canarywood", "4417", "21209-9941", "39.3712"];

fn assert_no_canary(imported: &Imported, how: &str) {
    let mut all = format!("{imported:?}").to_lowercase();
    for record in &imported.converted.records {
        if let Record::Service(service) = record {
            all.push_str(service.email.as_ref().map_or("", |email| email.as_str()));
        }
    }
    for canary in CANARIES {
        assert!(!all.contains(canary), "{how}: {canary}");
    }
}

fn service(name: &str, description: &str, flags: &str) -> String {
    format!(
        r#"{{"id":"s","name":"{name}","status":"active","description":"{description}",
        "organization":{{"id":"o","name":"Harbor Help","description":"Since 1990"}},
        "service_at_locations":[{{"location":{{"id":"l","location_type":"physical",{flags}
            "name":"4417 Canarywood","latitude":39.37123,"longitude":-76.67432,
            "transportation":"Bus to Canarywood Lane",
            "addresses":[
              {{"address_type":"physical","address_1":"4417 Canarywood Lane","city":"Baltimore",
                "state_province":"MD","postal_code":"21209-9941","country":"US"}},
              {{"address_type":"postal","address_1":"4417 Canarywood Ln","city":"Baltimore",
                "state_province":"MD","postal_code":"21209-9941","country":"US"}}]}}}}]}}"#
    )
}

#[test]
fn a_marked_location_in_json_is_its_county() {
    let private = r#""private": true,"#;
    let attribute = r#""attributes":[{"taxonomy_term":{"name":"Net","code":"conf:net"}}],"#;
    for (how, json) in [
        ("flag", service("Intake", "Help", private)),
        ("attribute", service("Intake", "Help", attribute)),
        ("name", service("Domestic violence shelter", "Help", "")),
        (
            "address",
            service("Intake", "Help", "")
                .replace("Canarywood Lane\"", "Canarywood Lane (confidential)\""),
        ),
    ] {
        let imported = Folder::new().with("service.json", &json).all().expect(how);

        assert_no_canary(&imported, how);
        let counties = imported.converted.records.iter().filter(|record| {
            matches!(record, Record::Location(location) if matches!(location.place, Place::County(_)))
        });
        assert_eq!(counties.count(), 1, "{how}");
    }
}

#[test]
fn a_text_that_repeats_the_address_is_kept_back() {
    let json = service(
        "Intake",
        "You find us at 4417 CANARYWOOD LN.",
        r#""private": "yes","#,
    );

    let imported = Folder::new()
        .with("service.json", json)
        .all()
        .expect("read");

    assert_no_canary(&imported, "description");
    assert_eq!(
        imported.converted.withheld[0].code,
        "confidential_address_in_text"
    );
}

#[test]
fn a_marked_location_in_tables_is_its_county() {
    let folder = Folder::new()
        .with("organizations.csv", "id,name\no,Harbor Help\n")
        .with(
            "locations.csv",
            "id,organization_id,name,latitude,longitude,Confidential\nl,o,4417 Canarywood,39.37123,-76.67432,Y\n",
        )
        .with(
            "addresses.csv",
            "id,location_id,address_1,city,state_province,postal_code\n1,l,4417 Canarywood Ln,Baltimore,MD,21209-9941\n",
        )
        .with("services.csv", "id,organization_id,name\ns,o,Intake\n")
        .with("service_at_location.csv", "id,service_id,location_id\nx,s,l\n");

    let imported = folder.all().expect("read");

    assert_no_canary(&imported, "tables");
    assert_eq!(imported.converted.records.len(), 3);
}
