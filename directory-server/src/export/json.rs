//! JSON for programs: the whole report.

use referral_core::coverage::{Amount, Distances, Equity, Figure, Report, StateRow, SupplyShares};
use referral_core::geo::StateCode;
use serde_json::{Map, Value as Json, json};

use super::about::facts;
use super::columns::{COLUMNS, Value, status, values};
use super::rows;

pub(super) fn write(report: &Report, state: Option<StateCode>) -> String {
    let facts = facts(report, state).into_iter();
    let about: Map<String, Json> = facts
        .map(|fact| (fact.name.to_owned(), fact.text.into()))
        .collect();
    let columns: Map<String, Json> = COLUMNS
        .iter()
        .map(|column| {
            let said = json!({"hxl": column.tag, "meaning": column.meaning});
            (column.name.to_owned(), said)
        })
        .collect();
    let states = report.states.iter();
    let states: Vec<Json> = states
        .filter(|row| state.is_none_or(|state| row.state == state))
        .map(state_row)
        .collect();
    let counties: Vec<Json> = rows(report, state)
        .map(|row| {
            let values = COLUMNS.iter().zip(values(report, row));
            let values = values.map(|(column, found)| (column.name.to_owned(), value(found)));
            Json::Object(values.collect())
        })
        .collect();
    let summary = &report.summary;
    let whole = json!({
        "about": about,
        "columns": columns,
        "unit": report.quantity.code(),
        "supply": supply(&report.supply),
        "summary": {
            "people": summary.people.get(),
            "figure": figure(&summary.figure),
            "distances": distances(&summary.distances),
            "equity": equity(&summary.equity),
        },
        "states": states,
        "counties": counties,
    });
    format!("{whole:#}\n")
}

/// What a column holds; `null` where it is missing.
pub(super) fn value(value: Value) -> Json {
    match value {
        Value::Missing => Json::Null,
        Value::Text(text) => text.into(),
        Value::Number(number) => number.into(),
        Value::Count(count) => count.into(),
    }
}

fn state_row(row: &StateRow) -> Json {
    json!({
        "state": row.state.as_str(),
        "people": row.people.get(),
        "figure": figure(&row.figure),
        "distances": distances(&row.distances),
    })
}

fn figure(figure: &Figure) -> Json {
    json!({
        "value": number(figure.value),
        "value_is": status(figure.value),
        "lower": number(figure.lower),
        "lower_is": status(figure.lower),
        "upper": number(figure.upper),
        "upper_is": status(figure.upper),
        "n": figure.n,
    })
}

fn number(amount: Amount) -> Json {
    amount.number().map_or(Json::Null, Json::from)
}

fn distances(distances: &Distances) -> Json {
    let beyond = distances.beyond.iter();
    let beyond: Vec<Json> = beyond
        .map(|beyond| {
            json!({
                "km": beyond.distance.get(),
                "miles": beyond.distance.miles(),
                "share_of_people": figure(&beyond.share),
            })
        })
        .collect();
    json!({
        "median_km": figure(&distances.median),
        "p90_km": figure(&distances.p90),
        "beyond": beyond,
        "without_share_of_people": figure(&distances.without),
    })
}

fn equity(equity: &Equity) -> Json {
    let languages: Map<String, Json> = equity
        .languages
        .iter()
        .map(|row| (row.language.to_string(), figure(&row.within)))
        .collect();
    json!({
        "gini": equity.gini,
        "rural": figure(&equity.rural),
        "urban": figure(&equity.urban),
        "languages": languages,
    })
}

fn supply(shares: &SupplyShares) -> Json {
    json!({
        "pools": shares.pools,
        "open": shares.open,
        "assumed": shares.assumed,
        "stale": shares.stale,
        "unknown": shares.unknown,
        "area_not_stated": shares.area_not_stated,
        "remote": shares.remote,
        "stranded_places": shares.stranded_places,
        "unit": shares.unit.map(referral_core::capacity::Unit::as_str),
    })
}
