//! Capacity as a file states it.

use super::context::Context;
use super::graph::Ref;
use super::issue::{Cause, Ledger};
use super::marks::is_paused;
use super::reading::{Reading, word};
use super::{Entity, Row};
use crate::capacity::{Count, Draft, InvalidReport, Report, Source, Stated, Unit};
use crate::id::LocalId;
use crate::text::fold;
use jiff::Timestamp;

/// One count that can be true, with its place and time.
struct Counted {
    location: Option<Ref>,
    count: Count,
    observed_at: Timestamp,
}

/// The reports of a service, at most one for each place. A number that cannot be true is refused and
/// reported; what is left of the service stands.
pub(super) fn reports(
    context: &Context<'_>,
    service: &Ref,
    row: &Row,
    ledger: &mut Ledger,
) -> Vec<Draft> {
    let mut reports: Vec<Draft> = Vec::new();
    for counted in counts(context, service, ledger) {
        let location = counted
            .location
            .map(|location| LocalId::from_source(location.id()));
        let known = reports
            .iter_mut()
            .find(|report| report.location == location);
        match known {
            Some(report) => {
                if report
                    .counts
                    .iter()
                    .all(|count| count.unit != counted.count.unit)
                {
                    report.counts.push(counted.count);
                    report.observed_at = report.observed_at.min(counted.observed_at);
                }
            }
            None => reports.push(draft(service, location, counted.count, counted.observed_at)),
        }
    }
    for report in &mut reports {
        report.state = state(report, row);
    }
    if is_paused(row) && reports.iter().all(|report| report.location.is_some()) {
        reports.insert(0, paused(context, service, row, ledger));
    }
    reports
}

fn counts(context: &Context<'_>, service: &Ref, ledger: &mut Ledger) -> Vec<Counted> {
    let rows = context.graph.children(service, Entity::Capacity);
    rows.filter_map(|row| counted(context, row, ledger))
        .collect()
}

/// The count of one row; everything that is wrong with it is named.
fn counted(context: &Context<'_>, row: &Row, ledger: &mut Ledger) -> Option<Counted> {
    let unit = row
        .text("unit_id")
        .and_then(|id| context.graph.row(&Ref::new(Entity::Unit, id)))
        .and_then(unit);
    let observed_at = word(row, "updated").and_then(|updated| updated.parse::<Timestamp>().ok());
    let numbers = number(row, "available")
        .and_then(|available| Ok((available, number(row, "maximum")?)))
        .and_then(|(available, maximum)| {
            let count = Count {
                unit: unit.unwrap_or(Unit::Client),
                available,
                maximum,
            };
            check(count, observed_at.unwrap_or(context.now), context.now)
        });
    if unit.is_none() {
        ledger.refuse(row, "unit", unit_unknown());
    }
    if observed_at.is_none() {
        ledger.refuse(row, "updated", time_missing());
    }
    let count = match numbers {
        Ok(count) => count,
        Err((field, cause)) => {
            ledger.refuse(row, field, cause);
            return None;
        }
    };
    unit?;
    let location = context
        .graph
        .linked(row, "location_id", Entity::Location)
        .filter(|location| context.is_published(location));
    Some(Counted {
        location,
        count,
        observed_at: observed_at?,
    })
}

/// The rules every report has to pass: nothing that the directory would refuse is handed on.
fn check(
    count: Count,
    observed_at: Timestamp,
    now: Timestamp,
) -> Result<Count, (&'static str, Cause)> {
    let anything = Ref::new(Entity::Service, "any");
    Report::parse(draft(&anything, None, count, observed_at), now)
        .map(|_| count)
        .map_err(|wrong| {
            let reason = match wrong {
                InvalidReport::AvailableExceedsMaximum(..) => {
                    "the number was left out: more places are available than there are in all; \
                     correct one of the two"
                        .to_owned()
                }
                other => format!("the number was left out: {other}"),
            };
            ("available", Cause::new(wrong.code(), reason))
        })
}

fn unit(row: &Row) -> Option<Unit> {
    let names = ["name", "identifier"];
    names
        .iter()
        .find_map(|field| Unit::parse(&word(row, field)?))
}

fn number(row: &Row, field: &'static str) -> Result<Option<u32>, (&'static str, Cause)> {
    let Some(written) = word(row, field) else {
        return Ok(None);
    };
    super::reading::read_number(&written)
        .map(Some)
        .ok_or_else(|| (field, number_invalid()))
}

/// A draft whose state is yet to be told.
fn draft(service: &Ref, location: Option<LocalId>, count: Count, observed_at: Timestamp) -> Draft {
    Draft {
        service: LocalId::from_source(service.id()),
        location,
        state: Stated::Unknown,
        counts: vec![count],
        waitlist_count: None,
        wait_band: None,
        opens_at: None,
        reopens_at: None,
        observed_at,
        ttl: None,
        source: Source::System,
        note: None,
    }
}

/// Places free: open. None free: a waiting list where the service speaks of one, else closed for a time.
/// No number: unknown.
fn state(report: &Draft, service: &Row) -> Stated {
    if is_paused(service) {
        return Stated::Paused;
    }
    let waits = ["alert", "wait_time"].iter().any(|field| {
        let words = word(service, field)
            .map(|text| fold(&text))
            .unwrap_or_default();
        words
            .split(' ')
            .any(|word| matches!(word, "waitlist" | "waiting" | "wait"))
    });
    match report.counts.first().and_then(|count| count.available) {
        Some(0) if waits => Stated::Waitlist,
        Some(0) => Stated::Paused,
        Some(_) => Stated::Open,
        None => Stated::Unknown,
    }
}

/// "Temporarily closed" without a number: true since the row was last changed, as far as is known.
fn paused(context: &Context<'_>, service: &Ref, row: &Row, ledger: &mut Ledger) -> Draft {
    let changed = Reading::new(row, ledger).timestamp("last_modified");
    let observed_at = changed.unwrap_or(context.now).min(context.now);
    let nothing = Count {
        unit: Unit::Client,
        available: None,
        maximum: None,
    };
    let mut draft = draft(service, None, nothing, observed_at);
    draft.counts.clear();
    draft.state = Stated::Paused;
    draft
}

fn unit_unknown() -> Cause {
    Cause::new(
        "unit_unknown",
        "the number was left out: places are counted in clients, families, beds, seats, hours or cases",
    )
}

fn number_invalid() -> Cause {
    Cause::new(
        "number_invalid",
        "the number was left out: write a whole number with the digits 0 to 9 alone",
    )
}

fn time_missing() -> Cause {
    Cause::new(
        "capacity_time_missing",
        "the number was left out: say in \"updated\" when it was true, as 2026-03-04T10:30:00Z",
    )
}
