//! A report in lines of text, for people: miles, names, and none where there is none.

use std::cmp::Ordering;
use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table};
use referral_core::geo::{CountyFips, Kilometres};
use referral_proto::v1::coverage_amount::Amount;
use referral_proto::{convert, v1};

/// The country and its states.
pub(super) fn report(report: &v1::CoverageReport) -> String {
    let mut text = head(report);
    text.push_str(&summary(report));
    let quantity = report.quantity();
    let mut rows = table(&["state", "people", "figure", "at least", "at most", "n"]);
    for row in &report.states {
        let mut cells = vec![row.state.clone(), whole(row.people)];
        cells.extend(figure(row.figure.as_ref(), quantity));
        rows.add_row(cells);
    }
    text.push('\n');
    text.push_str(&lines(&rows));
    let _infallible = write!(text, "\n{}\n", report.method);
    text
}

/// The counties with the worst figures.
pub(super) fn gaps(report: &v1::CoverageReport, most: usize) -> String {
    let quantity = report.quantity();
    let mut worst: Vec<&v1::CoverageCounty> = report.counties.iter().collect();
    worst.retain(|row| !matches!(value(row.figure.as_ref()), Some(Amount::Withheld(_))));
    worst.sort_by(|a, b| {
        worse(a, b, quantity)
            .then(b.people.total_cmp(&a.people))
            .then(a.county_fips.cmp(&b.county_fips))
    });
    let mut text = head(report);
    let mut rows = table(&[
        "county",
        "people",
        "figure",
        "at least",
        "at most",
        "n",
        "open there",
        "nearest open",
    ]);
    for row in worst.into_iter().take(most) {
        let mut cells = vec![row.name.clone(), whole(row.people)];
        cells.extend(figure(row.figure.as_ref(), quantity));
        cells.push(row.open_here.to_string());
        let nearest = row
            .nearest
            .first()
            .map(|nearest| called(report, &nearest.service_id));
        cells.push(nearest.unwrap_or_default());
        rows.add_row(cells);
    }
    text.push('\n');
    text.push_str(&lines(&rows));
    text
}

/// One county.
pub(super) fn county(report: &v1::CoverageReport, fips: CountyFips) -> String {
    let code = fips.to_string();
    let row = report.counties.iter().find(|row| row.county_fips == code);
    let Some(row) = row else {
        return head(report) + "nobody in the table of demand is in this county\n";
    };
    let mut text = head(report);
    let [value, lower, upper, n] = figure(row.figure.as_ref(), report.quantity());
    let _infallible = write!(
        text,
        "\n{}: {} people{}\n{value} (at least {lower}, at most {upper}; n {n})\n\
         there: {} open, {} not confirmed in time, {} unknown, {} not open; {} remote\n\
         without any open provider: {} people\n",
        row.name,
        whole(row.people),
        if row.rural { ", rural" } else { "" },
        row.open_here,
        row.stale_here,
        row.unknown_here,
        row.not_open_here,
        row.remote,
        whole(row.people_without),
    );
    for nearest in &row.nearest {
        let places = nearest.places.map_or_else(
            || "without a count".to_owned(),
            |places| format!("{places} places"),
        );
        let _infallible = writeln!(
            text,
            "nearest for {} people: {}, {}, {places}",
            whole(nearest.people),
            called(report, &nearest.service_id),
            miles(nearest.distance_km),
        );
    }
    if let Some(depends) = &row.depends_on {
        let _infallible = writeln!(
            text,
            "depends on: {} ({} people have no other organization within reach)",
            called(report, &depends.service_id),
            whole(depends.people),
        );
    }
    if !row.searches.is_empty() {
        let _infallible = writeln!(text, "searches in {}:", report.searches_of);
        for line in &row.searches {
            let count = line
                .count
                .map_or_else(|| "<11".to_owned(), |count| count.to_string());
            let endings = line.endings.join(" or ");
            let _infallible = writeln!(text, "  {}: {endings} {count}", line.topic);
        }
    }
    text
}

/// Week by week.
pub(super) fn trend(trend: &v1::GetCoverageTrendResponse) -> String {
    let quantity = trend.quantity();
    let mut rows = table(&[
        "until", "figure", "at least", "at most", "n", "median", "without", "open", "stale",
        "unknown",
    ]);
    for point in &trend.points {
        let at = point.at.and_then(|at| convert::time::from_wire(at).ok());
        let at = at.map(|at| format!("{at:.0}")).unwrap_or_default();
        let summary = point.summary.clone().unwrap_or_default();
        let distances = summary.distances.unwrap_or_default();
        let supply = point.supply.unwrap_or_default();
        let mut cells = vec![at];
        cells.extend(figure(summary.figure.as_ref(), quantity));
        let [median, ..] = figure(distances.median.as_ref(), v1::CoverageQuantity::Kilometres);
        let [without, ..] = figure(distances.without.as_ref(), v1::CoverageQuantity::Share);
        cells.extend([median, without]);
        cells.extend([supply.open, supply.stale, supply.unknown].map(|count| count.to_string()));
        rows.add_row(cells);
    }
    lines(&rows)
}

/// Before and after.
pub(super) fn comparison(comparison: &v1::CompareCoverageResponse) -> String {
    let (Some(before), Some(after)) = (&comparison.before, &comparison.after) else {
        return String::new();
    };
    let mut text = head(before);
    text.push_str("\nas it is\n");
    text.push_str(&summary(before));
    text.push_str("\nwith the places added\n");
    text.push_str(&summary(after));
    let quantity = before.quantity();
    let mut rows = table(&["county", "people", "before", "after"]);
    let pairs = before.counties.iter().zip(&after.counties);
    for (row, then) in pairs.filter(|(row, then)| row.figure != then.figure) {
        let [now, ..] = figure(row.figure.as_ref(), quantity);
        let [later, ..] = figure(then.figure.as_ref(), quantity);
        if now != later {
            rows.add_row([row.name.clone(), whole(row.people), now, later]);
        }
    }
    text.push('\n');
    text.push_str(&lines(&rows));
    text
}

/// Where the next providers would be.
pub(super) fn placement(placement: &v1::PlaceProvidersResponse) -> String {
    if placement.placed.is_empty() {
        return "everybody has an open provider within the distance\n".to_owned();
    }
    let mut rows = table(&["county", "at", "people who gain", "covered then"]);
    for placed in &placement.placed {
        rows.add_row([
            placed.name.clone(),
            format!("{:.3},{:.3}", placed.lat, placed.lon),
            whole(placed.gained_people),
            words(placed.covered_share, v1::CoverageQuantity::Share),
        ]);
    }
    lines(&rows)
}

fn head(report: &v1::CoverageReport) -> String {
    let at = report
        .as_of
        .and_then(|at| convert::time::from_wire(at).ok());
    let at = at.map(|at| format!("{at:.0}")).unwrap_or_default();
    let demand = report.demand.clone().unwrap_or_default();
    let supply = report.supply.unwrap_or_default();
    format!(
        "as of {at}; people: {} ({}, {})\n{} providers match: {} open, {} not confirmed in time, {} \
         unknown; {} of the open are remote, {} have no count\n",
        demand.name,
        demand.date,
        demand.source,
        supply.pools,
        supply.open,
        supply.stale,
        supply.unknown,
        supply.remote,
        supply.assumed,
    )
}

fn summary(report: &v1::CoverageReport) -> String {
    let summary = report.summary.clone().unwrap_or_default();
    let distances = summary.distances.unwrap_or_default();
    let kilometres = v1::CoverageQuantity::Kilometres;
    let share = v1::CoverageQuantity::Share;
    let mut rows = table(&["", "figure", "at least", "at most", "n"]);
    let mut row = |name: &str, of: Option<&v1::CoverageFigure>, quantity| {
        let mut cells = vec![name.to_owned()];
        cells.extend(figure(of, quantity));
        rows.add_row(cells);
    };
    row("the country", summary.figure.as_ref(), report.quantity());
    row(
        "  rural counties",
        summary.rural.as_ref(),
        report.quantity(),
    );
    row(
        "  other counties",
        summary.urban.as_ref(),
        report.quantity(),
    );
    row(
        "nearest open: median",
        distances.median.as_ref(),
        kilometres,
    );
    row("nearest open: 9 in 10", distances.p90.as_ref(), kilometres);
    row(
        "farther than 30 mi",
        distances.beyond_30_miles.as_ref(),
        share,
    );
    row(
        "farther than 60 mi",
        distances.beyond_60_miles.as_ref(),
        share,
    );
    row(
        "farther than 100 mi",
        distances.beyond_100_miles.as_ref(),
        share,
    );
    row("without any", distances.without.as_ref(), share);
    for language in &summary.languages {
        row(&language.language, language.within.as_ref(), share);
    }
    let mut text = lines(&rows);
    if let Some(gini) = summary.gini {
        let _infallible = writeln!(text, "Gini {gini:.2}");
    }
    text
}

/// Value, least, most and how many providers stand behind it.
fn figure(figure: Option<&v1::CoverageFigure>, quantity: v1::CoverageQuantity) -> [String; 4] {
    let figure = figure.copied().unwrap_or_default();
    let [value, lower, upper] = [figure.value, figure.lower, figure.upper].map(|amount| {
        let amount = amount.and_then(|amount| amount.amount);
        match amount {
            None | Some(Amount::Withheld(_)) => "withheld".to_owned(),
            Some(Amount::None(_)) => "none".to_owned(),
            Some(Amount::Number(number)) => words(number, quantity),
        }
    });
    [value, lower, upper, figure.n.to_string()]
}

fn words(number: f64, quantity: v1::CoverageQuantity) -> String {
    match quantity {
        v1::CoverageQuantity::Kilometres => miles(number),
        v1::CoverageQuantity::Share => format!("{:.1} %", number * 100.0),
        v1::CoverageQuantity::PlacesPerThousand => format!("{number:.3} per 1,000"),
        v1::CoverageQuantity::PeoplePerPlace => format!("{} a place", whole(number)),
        v1::CoverageQuantity::Days => format!("{number:.1} days"),
        v1::CoverageQuantity::Unspecified => number.to_string(),
    }
}

fn miles(km: f64) -> String {
    let miles = Kilometres::new(km).map_or(0.0, Kilometres::miles);
    format!("{miles:.1} mi")
}

/// A number of people with commas.
fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn value(figure: Option<&v1::CoverageFigure>) -> Option<Amount> {
    figure?.value?.amount
}

/// None before every number, then from bad to good.
fn worse(
    a: &v1::CoverageCounty,
    b: &v1::CoverageCounty,
    quantity: v1::CoverageQuantity,
) -> Ordering {
    let more_is_better = matches!(
        quantity,
        v1::CoverageQuantity::Share | v1::CoverageQuantity::PlacesPerThousand
    );
    let number = |row: &v1::CoverageCounty| match value(row.figure.as_ref()) {
        Some(Amount::Number(number)) => Some(number),
        _ => None,
    };
    match (number(a), number(b)) {
        (Some(a), Some(b)) if more_is_better => a.total_cmp(&b),
        (Some(a), Some(b)) => b.total_cmp(&a),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

fn called(report: &v1::CoverageReport, service: &str) -> String {
    let known = report
        .providers
        .iter()
        .find(|one| one.service_id == service);
    known.map_or_else(
        || "a provider that is not there".to_owned(),
        |provider| format!("{} ({})", provider.service, provider.organization),
    )
}

/// A table of figures: all columns but the first are numbers.
fn table(headings: &[&str]) -> Table {
    let mut table = referral_runtime::table::table(headings);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn lines(table: &Table) -> String {
    referral_runtime::table::lines(table, 0)
}
