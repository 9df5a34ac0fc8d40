//! Wrong files by name: what is refused as a whole, what only in part, and that nothing else is lost.
//!
//! The numbers are those of the list of bad inputs that the product has to withstand.

use referral_core::hsds::Entity;

use crate::support::{Folder, codes, named, source_ids};

const GOOD: &str = "id,name,status\n1,Intake,active\n2,Clinic,active\n";

/// A whole input that is refused: its name, its bytes, the code, and where in it.
struct Refused(&'static str, &'static [u8], &'static str, &'static str);

/// 57, 58, 59, 62, 76, 77, 78, 82, 87, 88, 90.
const REFUSED: [Refused; 23] = [
    Refused(
        "services.csv",
        b"name;name\n1;2\n",
        "column_twice",
        "line 1",
    ),
    Refused(
        "services.csv",
        b"1,Intake,active\n",
        "header_missing",
        "line 1",
    ),
    Refused(
        "services.csv",
        b"colour,size\n1,2\n",
        "header_missing",
        "line 1",
    ),
    Refused(
        "services.csv",
        b"id,name\n1,\"open\n2,b\n",
        "quote_unclosed",
        "line 2",
    ),
    // The mark is closed by the first of another cell: the line that opened it is the wrong one.
    Refused(
        "services.csv",
        b"id,name\n1,a\n2,\"open\n3,b\n4,\"c\"\n5,d\n",
        "quote_unclosed",
        "line 3",
    ),
    Refused(
        "services.csv",
        b"Canary,Canary,help@example.org\n",
        "header_missing",
        "line 1",
    ),
    Refused(
        "services.csv",
        b"7,Canary,Canary\n",
        "header_missing",
        "line 1",
    ),
    Refused(
        "services.csv",
        b"id,name\n1,Jos\xE9\n",
        "text_not_utf8",
        "line 2",
    ),
    Refused("services.csv", b"\xFF\xFEi\0d\0\0", "text_broken_utf16", ""),
    Refused(
        "services.csv",
        b"PK\x03\x04workbook",
        "file_is_workbook",
        "",
    ),
    Refused(
        "services.csv",
        b"\xD0\xCF\x11\xE0workbook",
        "file_is_workbook",
        "",
    ),
    Refused(
        "services.csv",
        b"<html><body>Log in</body></html>",
        "file_is_web_page",
        "",
    ),
    Refused("services.csv", b"id\0name", "file_binary", ""),
    Refused("services.csv", b"", "file_empty", ""),
    Refused(
        "services.json",
        b"{\"id\":1,\"id\":2}",
        "json_key_twice",
        "line 1 column 14",
    ),
    Refused(
        "services.json",
        b"{\"id\": \"1\", ",
        "json_invalid",
        "line 1 column 12",
    ),
    Refused(
        "services.json",
        b"<!doctype html><title>502",
        "file_is_web_page",
        "",
    ),
    Refused("notes.json", b"{\"colour\": \"red\"}", "no_hsds_object", ""),
    Refused("services.ndjson", b"{broken\n{also\n", "json_invalid", ""),
    Refused("notes.csv", b"id,name\n1,a\n", "needs_map", ""),
    Refused("feed.zip", b"PK\x03\x04cut off", "zip_broken", ""),
    Refused("feed.zip", b"id,name\n", "zip_broken", ""),
    Refused("feed.pdf", b"%PDF-1.7\n", "file_binary", ""),
];

#[test]
fn a_whole_input_that_cannot_be_trusted_is_refused_with_its_place() {
    for Refused(name, bytes, code, place) in REFUSED {
        let folder = Folder::new().with(name, bytes);

        let wrong = folder.hsds(name).expect_err(code);

        assert_eq!(wrong.code(), code, "{name}: {wrong}");
        assert_eq!(
            wrong.place.as_deref().unwrap_or_default(),
            place,
            "{name}: {wrong}"
        );
        assert!(wrong.to_string().starts_with(&wrong.file), "{wrong}");
    }
}

/// 57: a first line may be a row that is not known for one.
#[test]
fn two_columns_of_one_name_are_told_by_their_numbers() {
    let folder = Folder::new().with("services.csv", "Clinic,Canary,canary\n");

    let wrong = folder.hsds("services.csv").expect_err("refused");

    assert_eq!(wrong.code(), "column_twice");
    assert!(wrong.to_string().contains("columns 2 and 3"), "{wrong}");
    assert!(
        !wrong.to_string().to_lowercase().contains("canary"),
        "{wrong}"
    );
}

/// 78: a number keeps its text, however long.
#[test]
fn numbers_of_json_keep_their_digits_and_a_wrong_one_is_its_rows_alone() {
    let folder = Folder::new().with(
        "services.json",
        r#"[{"id":12345678901234567890123,"name":"Intake","status":"active","minimum_age":1e999},
            {"id":0.10,"name":"Clinic","status":"active"}]"#,
    );

    let imported = folder.hsds("services.json").expect("read");

    assert_eq!(source_ids(&imported), ["12345678901234567890123", "0.10"]);
    assert!(codes(&imported.converted.repaired).contains(&"number_invalid"));
    assert_eq!(codes(&imported.converted.refused), Vec::<&str>::new());
}

/// 63, 64, 76: refused before they cost anything.
#[test]
fn endless_inputs_are_refused_with_their_place() {
    let columns = "a,".repeat(1_000_000);
    let field = format!("id,name\n1,{}", "x".repeat(2_000_000));
    let nested = "[".repeat(100_000);
    let values = format!("[0{}]", ",0".repeat(100_000));
    for (name, text, code, place) in [
        (
            "services.json",
            values,
            "json_too_many_values",
            "line 1 column 70001",
        ),
        ("services.csv", columns, "too_many_columns", "line 1"),
        ("services.csv", field, "field_too_large", "line 2"),
        ("services.json", nested, "json_too_deep", "line 1 column 33"),
    ] {
        let wrong = Folder::new().with(name, text).hsds(name).expect_err(code);

        assert_eq!((wrong.code(), wrong.place.as_deref()), (code, Some(place)));
    }
}

#[test]
fn a_file_over_the_limit_is_refused_without_being_read() {
    let folder = Folder::new().with("services.csv", "");
    let file = std::fs::File::options()
        .write(true)
        .open(folder.path().join("services.csv"))
        .expect("opened");
    file.set_len(101 * 1024 * 1024).expect("a sparse file");

    let wrong = folder.hsds("services.csv").expect_err("too large");

    assert_eq!(wrong.code(), "file_too_large");
    assert!(wrong.to_string().contains("100 MiB"), "{wrong}");
}

#[test]
fn a_missing_file_is_named() {
    let wrong = Folder::new().hsds("gone.json").expect_err("missing");

    assert_eq!(wrong.code(), "file_unreadable");
    assert!(wrong.to_string().contains("gone.json"), "{wrong}");
}

#[test]
fn an_empty_folder_is_refused_and_a_table_with_only_its_header_is_not() {
    assert_eq!(
        Folder::new().all().expect_err("empty").code(),
        "no_hsds_file"
    );

    let header_only = Folder::new().with("services.csv", "id,name,status\n");
    assert_eq!(header_only.all().expect("read").converted.records, []);
}

/// 56, 60, 61, 66, 67: read as they are.
#[test]
fn tables_as_programs_write_them_are_read() {
    let utf16: Vec<u8> = std::iter::once(0xFEFF)
        .chain(GOOD.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for (what, bytes) in [
        ("UTF-16", utf16),
        ("byte order mark", format!("\u{FEFF}{GOOD}").into_bytes()),
        ("carriage returns", GOOD.replace('\n', "\r").into_bytes()),
        ("both line ends", GOOD.replace('\n', "\r\n").into_bytes()),
        ("semicolons", GOOD.replace(',', ";").into_bytes()),
        ("tabs", GOOD.replace(',', "\t").into_bytes()),
        (
            "other order",
            b"status,name,id\nactive,Intake,1\nactive,Clinic,2\n".to_vec(),
        ),
        ("capitals", GOOD.replace("id,name", "ID,Name").into_bytes()),
        ("empty lines", GOOD.replace('\n', "\n\n,,\n").into_bytes()),
    ] {
        let imported = Folder::new()
            .with("services.csv", &bytes)
            .all()
            .expect(what);

        assert_eq!(source_ids(&imported), ["1", "2"], "{what}");
        assert_eq!(
            codes(&imported.converted.refused),
            Vec::<&str>::new(),
            "{what}"
        );
    }
}

#[test]
fn formulas_are_text() {
    let folder = Folder::new().with("services.csv", "id,name\n1,\"=HYPERLINK(1)\"\n");

    let imported = folder.all().expect("read");

    assert_eq!(
        crate::support::services(&imported)[0].name.as_str(),
        "=HYPERLINK(1)"
    );
}

/// 41: a number that costs its caller money.
#[test]
fn a_telephone_that_costs_the_caller_money_is_not_listed() {
    let folder = Folder::new().with("services.csv", GOOD).with(
        "phones.csv",
        "id,service_id,number\np1,1,900-555-0100\np2,1,410-555-0100\n",
    );

    let imported = folder.all().expect("read");

    assert_eq!(codes(&imported.converted.refused), ["phone_premium_rate"]);
    assert_eq!(crate::support::services(&imported)[0].phones.len(), 1);
}

/// 65, 68, 69, 42, 43, 46, 47, 48, 71, 72. A row that is wrong beside two good ones: its line, what is said of it, and whether it stays.
#[test]
fn a_bad_row_is_named_and_nothing_else_is_lost() {
    let header = "id,name,status,assured_date,minimum_age,email,url,location_id\n";
    for (row, code, stays) in [
        ("3,Third", "cells_missing", false),
        ("3,Third,active,,,,,,shifted", "cells_extra", false),
        (",Third,active,,,,,", "id_missing", false),
        ("3,,active,,,,,", "name_missing", false),
        ("1,Other,active,,,,,", "duplicate_id_differs", false),
        ("1,First,active,,,,,", "duplicate_id_identical", false),
        ("3,Third,inactive,,,,,", "inactive", false),
        ("3,Third,active,03/04/26,,,,", "date_invalid", true),
        ("3,Third,active,,\"1,200\",,,", "number_invalid", true),
        ("3,Third,active,,1.2E3,,,", "number_invalid", true),
        ("3,Third,active,,١٢,,,", "number_invalid", true),
        (
            "3,Third,active,,,\"a@b.org\nBcc: c@d.org\",,",
            "email_invalid",
            true,
        ),
        (
            "3,Third,active,,,,javascript:alert(1),",
            "url_invalid",
            true,
        ),
        (
            "3,Third,active,,,,http://user@host.org,",
            "url_invalid",
            true,
        ),
        (
            "3,Third,active,,,,https://www.usc\u{456}s.gov,",
            "url_lookalike",
            true,
        ),
        ("3,Third,active,,,,data:text/html;x,", "url_invalid", true),
        ("3,Third,active,,,,file:///etc/passwd,", "url_invalid", true),
        (
            "3,Third for A123 456 789,active,,,,,",
            "person_number_suspected",
            false,
        ),
        (
            "3,Third for 078-05-1120,active,,,,,",
            "person_number_suspected",
            false,
        ),
        ("3,Third,active,,,,,gone", "dangling_reference", true),
        ("3,\"a\u{202E}b\",active,,,,,", "name_invalid", false),
        (
            "3,Th\u{200B}ird,active,,,,,",
            "text_invisible_character",
            true,
        ),
    ] {
        let table = format!("{header}1,First,active,,,,,\n{row}\n2,Second,active,,,,,\n");
        let imported = Folder::new()
            .with("services.csv", &table)
            .all()
            .expect(code);

        let converted = &imported.converted;
        let said = [&converted.refused, &converted.withheld, &converted.repaired];
        let said: Vec<&str> = said.into_iter().flat_map(|list| codes(list)).collect();
        assert!(said.contains(&code), "{row}: {said:?}");
        let expected: &[&str] = if stays { &["1", "3", "2"] } else { &["1", "2"] };
        assert_eq!(source_ids(&imported), expected, "{row}");
    }
}

/// 70: one id in two spellings.
#[test]
fn an_id_in_capitals_and_braces_is_the_same_id() {
    let id = "ac148810-d857-441c-9679-408f346de14b";
    let loud = format!("{{{}}}", id.to_uppercase());
    let folder = Folder::new()
        .with("organizations.csv", format!("id,name\n{id},Harbor Help\n"))
        .with(
            "services.csv",
            format!("id,organization_id,name\n1,{loud},Intake\n"),
        );

    let imported = folder.all().expect("read");

    assert_eq!(
        crate::support::services(&imported)[0].organization.as_str(),
        id
    );
    assert_eq!(
        named(&imported.converted.repaired, Entity::Service),
        Vec::<&str>::new()
    );
}

/// 52: of an organization's parent there is the name alone, and nobody follows it.
#[test]
fn organizations_that_are_each_others_parents_are_read() {
    let folder = Folder::new().with(
        "organizations.json",
        r#"[{"id": "a", "name": "A", "parent_organization_id": "b",
             "services": [{"id": "1", "name": "Intake", "status": "active"}]},
            {"id": "b", "name": "B", "parent_organization_id": "a",
             "services": [{"id": "2", "name": "Clinic", "status": "active"}]},
            {"id": "c", "name": "C", "parent_organization_id": "c",
             "services": [{"id": "3", "name": "Pantry", "status": "active"}]}]"#,
    );

    let imported = folder.hsds("organizations.json").expect("read");

    assert_eq!(source_ids(&imported), ["1", "2", "3"]);
}
