//! The figures of a question week by week, as one file.

use std::sync::Arc;

use referral_core::coverage::{Figure, Report};
use serde_json::{Map, Value as Json, json};

use super::Form;
use super::about::facts;
use super::cell::guarded;
use super::columns::{Column, Value, amount, status};
use super::csv::{Table, cell};
use super::json;
use crate::operations::TrendPoint;

const fn column(name: &'static str, tag: &'static str, meaning: &'static str) -> Column {
    Column { name, tag, meaning }
}

const COLUMNS: [Column; 16] = [
    column("as_of", "#date", "the moment of the figures"),
    column(
        "value",
        "#indicator+value+num",
        "what was asked, over the whole country",
    ),
    column("value_is", "#status+value", "number, none or withheld"),
    column("lower", "#indicator+lower+num", "the least it can be"),
    column("lower_is", "#status+lower", "number, none or withheld"),
    column("upper", "#indicator+upper+num", "the most it can be"),
    column("upper_is", "#status+upper", "number, none or withheld"),
    column("n", "#meta+count+num", "pools of places behind the value"),
    column(
        "median_km",
        "#indicator+distance_km+median+num",
        "half of the people have no farther; empty: none",
    ),
    column(
        "p90_km",
        "#indicator+distance_km+p90+num",
        "nine in ten have no farther; empty: none",
    ),
    column(
        "without_share",
        "#indicator+without+num",
        "share of people without any open provider",
    ),
    column("pools", "#capacity+all+num", "pools of places that match"),
    column("open", "#capacity+open+num", "open, confirmed in time"),
    column("stale", "#capacity+stale+num", "not confirmed in time"),
    column("unknown", "#capacity+unknown+num", "never stated"),
    column(
        "remote",
        "#capacity+remote+num",
        "open and reached from anywhere",
    ),
];

/// The figures of the whole country at each of `points`, oldest first. There is no `GeoJSON` of them: `None`.
///
/// * `latest` — the report of the last point, which says what was asked and how it was answered.
#[must_use]
pub fn trend(form: Form, latest: &Report, points: &[Arc<TrendPoint>]) -> Option<String> {
    let facts = facts(latest, None).into_iter();
    match form {
        Form::GeoJson => None,
        Form::Csv => {
            let mut table = Table::new(COLUMNS.len());
            for fact in facts {
                table.row([fact.name.to_owned(), guarded(&fact.text)]);
            }
            table.row(COLUMNS.map(|column| column.name.to_owned()));
            table.row(COLUMNS.map(|column| column.tag.to_owned()));
            for point in points {
                table.row(values(point).into_iter().map(cell));
            }
            Some(table.text)
        }
        Form::Json => {
            let about: Map<String, Json> = facts
                .map(|fact| (fact.name.to_owned(), fact.text.into()))
                .collect();
            let rows: Vec<Json> = points.iter().map(|point| row(point)).collect();
            Some(format!("{:#}\n", json!({"about": about, "trend": rows})))
        }
    }
}

fn row(point: &TrendPoint) -> Json {
    let values = COLUMNS.iter().zip(values(point));
    let values = values.map(|(column, value)| (column.name.to_owned(), json::value(value)));
    Json::Object(values.collect())
}

fn values(point: &TrendPoint) -> [Value; COLUMNS.len()] {
    let summary = &point.summary;
    let Figure {
        value,
        lower,
        upper,
        n,
    } = summary.figure;
    let said = |amount| Value::Text(status(amount).to_owned());
    let (distances, supply) = (&summary.distances, &point.supply);
    [
        Value::Text(point.at.to_string()),
        amount(value),
        said(value),
        amount(lower),
        said(lower),
        amount(upper),
        said(upper),
        Value::Count(n),
        amount(distances.median.value),
        amount(distances.p90.value),
        amount(distances.without.value),
        Value::Count(supply.pools),
        Value::Count(supply.open),
        Value::Count(supply.stale),
        Value::Count(supply.unknown),
        Value::Count(supply.remote),
    ]
}
