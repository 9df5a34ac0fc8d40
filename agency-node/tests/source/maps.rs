//! Spreadsheets through a map: what it can say, and what is refused with the name of the key.

use referral_core::catalog::{Area, Field, Values};

use crate::support::{Folder, codes, services, source_ids};

const MAP: &str = r#"
source = "Harbor County list"

[[table]]
file = "programs.csv"
entity = "service"
when = [{ column = "kind", is = "present" }, { column = "show", any_of = ["Yes"] }]
[table.fields]
id = "no"
name = "{title} ({kind})"
organization_id = { lookup = { file = "sites.csv", key = "site", match = "id", take = "org" } }
status = { constant = "active" }
minimum_age = { column = "from", empty_if = ["0"] }
maximum_age = { column = "to", empty_if = ["200"] }

[[table.part]]
column = "counties"
separator = ";"
skip = ["none"]
entity = "service_area"
fields = { name = "part", extent = "{part}, FL", extent_type = { constant = "county" } }

[[table.part]]
column = "topics"
separator = ";"
entity = "attribute"
fields = { code = { column = "part", values = "topics" }, label = "part" }

[[table.part]]
column = "custody"
entity = "eligibility"
fields = { field = { constant = "custody" }, values = { column = "part", separator = ";", values = "custody" } }

[values.topics]
"Food" = "da:food"
"eviction" = "dom:oleg own"

[values.custody]
"Out" = "cust:nondet"
"Free" = "cust:nondet"
"*" = "cust:det-any"
"#;

const PROGRAMS: &str = "\
no,title,kind,show,site,from,to,counties,topics,custody
1,Pantry,food,yes,a,0,200,Broward County; Orange County;none,Food;Elder care,Out; Free
2,Court help,law,YES,gone,18,59,Atlantis County,Eviction,In; Out
3,Hidden,law,no,a,,,,,
4,Nothing,,yes,a,,,,,
";

fn folder(map: &str) -> Folder {
    Folder::new()
        .with("map.toml", map)
        .with("programs.csv", PROGRAMS)
        .with("sites.csv", "id,org\na,Harbor\n")
        .with("other.csv", "x\n1\n")
}

#[test]
fn columns_templates_constants_joins_and_value_tables_are_read() {
    let imported = folder(MAP).mapped().expect("read");

    assert_eq!(imported.source, "Harbor County list");
    assert_eq!(imported.skipped, ["map.toml", "other.csv"]);
    assert_eq!(source_ids(&imported), ["1", "2"]);
    let pantry = services(&imported)[0];
    assert_eq!(pantry.name.as_str(), "Pantry (food)");
    assert_eq!(pantry.organization.as_str(), "Harbor");
    let of = |at: usize| -> Vec<String> {
        let attributes = &services(&imported)[at].attributes;
        attributes
            .iter()
            .map(|attribute| attribute.code.to_string())
            .collect()
    };
    assert_eq!(of(0), ["da:food", "x-harbor:elder-care"]);
    assert_eq!(of(1), ["dom:oleg", "x-harbor:eviction"]);
}

#[test]
fn no_limit_is_no_rule_and_lists_become_values() {
    let imported = folder(MAP).mapped().expect("read");

    let rules = |at: usize| services(&imported)[at].eligibility.clone();
    assert_eq!(rules(0).len(), 1);
    assert_eq!(rules(1)[0].field, Field::Age);
    let custody = |at: usize| match rules(at).pop().map(|rule| rule.values) {
        Some(Values::AnyOf(values)) => values.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    };
    assert_eq!(custody(0), ["cust:nondet"]);
    assert_eq!(custody(1), ["cust:det-any", "cust:nondet"]);
}

#[test]
fn counties_belong_to_the_state_the_map_names_and_unknown_ones_are_reported() {
    let imported = folder(MAP).mapped().expect("read");

    let areas: Vec<&Area> = services(&imported)[0]
        .areas
        .iter()
        .map(|area| &area.area)
        .collect();
    assert_eq!(areas.len(), 2);
    assert!(
        areas
            .iter()
            .all(|area| matches!(area, Area::County(fips) if fips.state_fips() == 12))
    );
    assert_eq!(services(&imported)[1].area_notes.len(), 2);
    assert!(codes(&imported.converted.repaired).contains(&"area_unknown"));
}

#[test]
fn a_map_that_does_not_fit_is_refused_with_the_name_of_the_key() {
    for (from, to, says) in [
        ("name = \"{title}", "nmae = \"{title}", "no field \"nmae\""),
        ("id = \"no\"", "id = \"number\"", "no column \"number\""),
        ("{title}", "{titel}", "no column \"titel\""),
        (
            "entity = \"service\"\n",
            "entity = \"servise\"\n",
            "servise",
        ),
        ("constant = \"active\"", "konstant = \"active\"", "konstant"),
        ("skip = [\"none\"]", "skipp = [\"none\"]", "skipp"),
        (
            "values = \"topics\"",
            "values = \"topix\"",
            "[values.topix]",
        ),
        (
            "file = \"sites.csv\"",
            "file = \"places.csv\"",
            "places.csv",
        ),
        (
            "take = \"org\"",
            "take = \"organisation\"",
            "no column \"organisation\"",
        ),
        (
            "column = \"kind\"",
            "column = \"sort\"",
            "no column \"sort\"",
        ),
        (
            "entity = \"service_area\"",
            "entity = \"program\"",
            "cannot belong to a service",
        ),
        (
            "status = {",
            "status = { column = \"show\",",
            "exactly one of",
        ),
        ("[[table]]", "[[table", "line 4"),
    ] {
        let wrong = folder(&MAP.replace(from, to)).mapped().expect_err(says);

        assert_eq!(wrong.code(), "map_invalid", "{wrong}");
        assert!(wrong.to_string().contains(says), "{wrong}");
        assert!(wrong.to_string().starts_with("map.toml, "), "{wrong}");
    }
}

#[test]
fn a_wrong_table_is_named_with_its_line() {
    let folder = folder(MAP).with("programs.csv", PROGRAMS.replace("Pantry", "\"Pantry"));

    let wrong = folder.mapped().expect_err("open quotation mark");

    assert_eq!(
        wrong.to_string().split(':').next(),
        Some("programs.csv, line 2")
    );
}
