//! How referrals went, week by week, as one file.

use std::collections::BTreeMap;
use std::sync::Arc;

use referral_core::feedback::{Outcome, Place, Table};
use referral_core::tally::Week;
use serde_json::{Map, Value as Json, json};

use super::Form;
use super::cell::guarded;
use super::csv;

/// What the numbers are.
const OUTCOMES: &str = "How referrals to services shown open went, as caseworkers said it: by kind of need, state of the \
     service and week. Each service is counted in one place. A number is given where at least three organizations said it, of \
     services of at least three agencies, none of them more than 80 % of it, and it is 11 or more; an empty one is not told, \
     and may be none. Each week is published once, when it is over.";
/// Names and HXL tags of the columns before those of the outcomes.
const PLACE: [(&str, &str); 3] = [
    ("week", "#date+week"),
    ("need", "#service+code"),
    ("state", "#adm1+code"),
];
/// The same of the outcomes, in their order.
const TAGS: [&str; 4] = [
    "#indicator+accepted+num",
    "#indicator+full+num",
    "#indicator+not_eligible+num",
    "#indicator+no_answer+num",
];

/// The published tables as a file. There is no `GeoJSON` of them: `None`.
#[must_use]
pub fn outcomes(form: Form, tables: &BTreeMap<Week, Arc<Table>>) -> Option<String> {
    match form {
        Form::GeoJson => None,
        Form::Csv => Some(as_csv(tables)),
        Form::Json => {
            let rows: Vec<Json> = rows(tables).map(as_json).collect();
            let document = json!({"about": {"method": OUTCOMES}, "outcomes": rows});
            Some(format!("{document:#}\n"))
        }
    }
}

/// Every cell, the latest week first.
fn rows(
    tables: &BTreeMap<Week, Arc<Table>>,
) -> impl Iterator<Item = (Week, &Place, &[Option<u64>; 4])> {
    let tables = tables.iter().rev();
    tables.flat_map(|(week, table)| {
        let cells = table.cells.iter();
        cells.map(|(place, numbers)| (*week, place, numbers))
    })
}

fn as_csv(tables: &BTreeMap<Week, Arc<Table>>) -> String {
    let mut table = csv::Table::new(PLACE.len() + TAGS.len());
    table.row(["method".to_owned(), guarded(OUTCOMES)]);
    let names = PLACE.iter().map(|(name, _)| *name);
    let names = names.chain(Outcome::ALL.map(Outcome::as_str));
    table.row(names.map(str::to_owned));
    let tags = PLACE.iter().map(|(_, tag)| *tag).chain(TAGS);
    table.row(tags.map(str::to_owned));
    for (week, place, numbers) in rows(tables) {
        let state = place.state.map(|state| state.to_string());
        let place = [week.to_string(), place.topic.to_string()];
        let numbers = numbers.map(|number| number.map_or_else(String::new, |n| n.to_string()));
        table.row(
            place
                .into_iter()
                .chain([state.unwrap_or_default()])
                .chain(numbers),
        );
    }
    table.text
}

fn as_json((week, place, numbers): (Week, &Place, &[Option<u64>; 4])) -> Json {
    let mut row = Map::new();
    row.insert("week".to_owned(), json!(week.to_string()));
    row.insert("need".to_owned(), json!(place.topic.to_string()));
    let state = place.state.map(|state| state.to_string());
    row.insert("state".to_owned(), json!(state));
    for (outcome, number) in Outcome::ALL.into_iter().zip(numbers) {
        row.insert(outcome.as_str().to_owned(), json!(number));
    }
    Json::Object(row)
}

#[cfg(test)]
mod tests {
    use referral_core::geo::StateCode;
    use referral_core::tally::Topic;

    use super::*;

    fn tables() -> BTreeMap<Week, Arc<Table>> {
        let week = Week::parse("2026-W47").unwrap();
        let place = |state: Option<&str>| Place {
            topic: Topic::parse("dom:leg").unwrap(),
            state: state.map(|state| StateCode::parse(state).unwrap()),
        };
        let cells = [
            (place(Some("TX")), [Some(12), None, Some(40), None]),
            (place(None), [None, Some(11), None, None]),
        ];
        let cells = BTreeMap::from(cells);
        BTreeMap::from([(week, Arc::new(Table { week, cells }))])
    }

    #[test]
    fn both_forms_say_the_same_and_what_is_not_told_is_empty() {
        let csv = outcomes(Form::Csv, &tables()).unwrap();
        let json = outcomes(Form::Json, &tables()).unwrap();

        assert!(csv.contains("2026-W47,dom:leg,TX,12,,40,\r\n"), "{csv}");
        assert!(csv.contains("2026-W47,dom:leg,,,11,,\r\n"), "{csv}");
        let json: Json = serde_json::from_str(&json).unwrap();
        let rows = json["outcomes"].as_array().unwrap();
        let texas = rows.iter().find(|row| row["state"] == "TX").unwrap();
        assert_eq!(texas["accepted"], 12);
        assert_eq!(texas["full"], Json::Null);
        assert_eq!(outcomes(Form::GeoJson, &tables()), None);
    }
}
