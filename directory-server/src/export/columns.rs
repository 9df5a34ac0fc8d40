//! The columns of a county, the same in every form of file.

use referral_core::coverage::{Amount, CountyRow, Nearest, Provider, Report, Rurality, SearchLine};
use referral_core::id::PublicId;
use referral_core::tally::{Ending, Published};
use referral_gazetteer::gazetteer;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its HXL tag and attributes (Humanitarian Exchange Language 1.1).
    pub tag: &'static str,
    /// What it holds and in what unit, for people.
    pub meaning: &'static str,
}

/// What a column holds for one county.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing is known, or there is nothing.
    Missing,
    /// Words.
    Text(String),
    /// A number, finite.
    Number(f64),
    /// How many.
    Count(u64),
}

const fn column(name: &'static str, tag: &'static str, meaning: &'static str) -> Column {
    Column { name, tag, meaning }
}

/// All of them, in their order.
pub const COLUMNS: [Column; 27] = [
    column("county_fips", "#adm2+code+fips", "five-digit FIPS code"),
    column("county", "#adm2+name", "name of the county"),
    column("state", "#adm1+code", "postal code of the state"),
    column("people", "#population+num", "people in the table of demand"),
    column(
        "rurality",
        "#loc+type",
        "rural (under 50,000 residents) or urban",
    ),
    column(
        "value",
        "#indicator+value+num",
        "what was asked; empty: see value_is",
    ),
    column(
        "value_is",
        "#status+value",
        "number, none (nobody open is in reach) or withheld",
    ),
    column("lower", "#indicator+lower+num", "the least it can be"),
    column("lower_is", "#status+lower", "number, none or withheld"),
    column("upper", "#indicator+upper+num", "the most it can be"),
    column("upper_is", "#status+upper", "number, none or withheld"),
    column(
        "n",
        "#meta+count+num",
        "pools of places (for dead ends: searches) behind the value",
    ),
    column(
        "people_without",
        "#affected+without+num",
        "people who reach no open provider, however far",
    ),
    column(
        "open_here",
        "#capacity+open+num",
        "pools in the county: open, confirmed in time",
    ),
    column(
        "stale_here",
        "#capacity+stale+num",
        "pools in the county: not confirmed in time",
    ),
    column(
        "unknown_here",
        "#capacity+unknown+num",
        "pools in the county: never stated",
    ),
    column(
        "not_open_here",
        "#capacity+closed+num",
        "pools in the county: waiting list, paused, closed",
    ),
    column(
        "remote_open",
        "#capacity+remote+num",
        "open pools that serve it by phone, video or message",
    ),
    column(
        "nearest_service",
        "#service+name+nearest",
        "the open service nearest to its most populous point",
    ),
    column(
        "nearest_organization",
        "#org+name+nearest",
        "the organization behind it",
    ),
    column(
        "nearest_km",
        "#indicator+nearest+distance_km+num",
        "how far it is from that point, in km",
    ),
    column(
        "nearest_people",
        "#affected+nearest+num",
        "people of the county it is the nearest for",
    ),
    column(
        "depends_on",
        "#org+name+depends",
        "the organization whose closing would leave most people without",
    ),
    column(
        "depends_people",
        "#affected+depends+num",
        "people it would leave without",
    ),
    column(
        "searches_open",
        "#indicator+searches+open+num",
        "published searches that found an open service, at least; empty: none published",
    ),
    column(
        "searches_dead_ends",
        "#indicator+searches+dead_ends+num",
        "published searches that found nothing open, at least; empty: none published",
    ),
    column(
        "searches",
        "#description+searches",
        "published searches by topic and how they ended; <11: not published",
    ),
];

/// What a county has in each of [`COLUMNS`].
pub(super) fn values(report: &Report, row: &CountyRow) -> [Value; COLUMNS.len()] {
    let (number, status) = (amount, |amount| Value::Text(status(amount).to_owned()));
    let name = gazetteer().county(row.county);
    let figure = &row.figure;
    let nearest = row.nearest.first();
    let depends = row.depends_on.as_ref();
    let provider = |service: &PublicId| report.providers.get(service);
    let service = |nearest: &Nearest| Some(provider(&nearest.service)?.service.to_string());
    let organization = |provider: Option<&Provider>| Some(provider?.organization.to_string());
    let open = |line: &SearchLine| line.endings.contains(&Ending::Open);
    [
        Value::Text(row.county.to_string()),
        text(name.map(|county| county.name.clone())),
        text(row.county.state().map(|state| state.to_string())),
        Value::Number(row.people.get()),
        Value::Text(rurality(row.rurality).to_owned()),
        number(figure.value),
        status(figure.value),
        number(figure.lower),
        status(figure.lower),
        number(figure.upper),
        status(figure.upper),
        Value::Count(figure.n),
        Value::Number(row.without.get()),
        Value::Count(row.here.open.into()),
        Value::Count(row.here.stale.into()),
        Value::Count(row.here.unknown.into()),
        Value::Count(row.here.not_open.into()),
        Value::Count(row.remote.into()),
        text(nearest.and_then(service)),
        text(nearest.and_then(|nearest| organization(provider(&nearest.service)))),
        nearest.map_or(Value::Missing, |nearest| {
            Value::Number(nearest.distance.get())
        }),
        nearest.map_or(Value::Missing, |nearest| {
            Value::Number(nearest.people.get())
        }),
        text(depends.and_then(|depends| organization(provider(&depends.service)))),
        depends.map_or(Value::Missing, |depends| {
            Value::Number(depends.people.get())
        }),
        told(row, open),
        told(row, |line| !open(line)),
        text((!row.searches.is_empty()).then(|| searches(row))),
    ]
}

/// `number`, `none` or `withheld`.
pub(super) fn status(amount: Amount) -> &'static str {
    match amount {
        Amount::Number(_) => "number",
        Amount::None => "none",
        Amount::Withheld => "withheld",
    }
}

pub(super) fn amount(amount: Amount) -> Value {
    amount.number().map_or(Value::Missing, Value::Number)
}

fn text(text: Option<String>) -> Value {
    text.map_or(Value::Missing, Value::Text)
}

fn rurality(rurality: Rurality) -> &'static str {
    match rurality {
        Rurality::Rural => "rural",
        Rurality::Urban => "urban",
    }
}

/// The searches that are told with their number.
fn told(row: &CountyRow, of: impl Fn(&SearchLine) -> bool) -> Value {
    let lines = row.searches.iter().filter(|line| of(line));
    let counts = lines.filter_map(|line| match line.count {
        Published::Count(count) => Some(count),
        Published::Few => None,
    });
    let total = counts.reduce(u64::saturating_add);
    total.map_or(Value::Missing, Value::Count)
}

/// `lc:bond open 50; lc:bond area or language <11`.
fn searches(row: &CountyRow) -> String {
    let lines = row.searches.iter().map(|line| {
        let endings: Vec<&str> = line.endings.iter().map(|ending| ending.code()).collect();
        format!("{} {} {}", line.topic, endings.join(" or "), line.count)
    });
    lines.collect::<Vec<String>>().join("; ")
}
