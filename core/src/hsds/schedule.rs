//! Opening hours.

use jiff::tz::TimeZone;

use super::Entity;
use super::graph::{Graph, Ref};
use super::issue::Ledger;
use super::reading::Reading;
use crate::catalog::{Frequency, Schedule};
use crate::text::Name;

/// The opening hours of an object, each once. A row that says nothing is left out.
pub(super) fn schedules(graph: &Graph, of: &Ref, ledger: &mut Ledger) -> Vec<Schedule> {
    let mut schedules = Vec::new();
    for row in graph.children(of, Entity::Schedule) {
        let schedule = schedule(&mut Reading::new(row, ledger));
        if schedule != Schedule::default() && !schedules.contains(&schedule) {
            schedules.push(schedule);
        }
    }
    schedules
}

fn schedule(reading: &mut Reading<'_>) -> Schedule {
    Schedule {
        valid_from: reading.date("valid_from"),
        valid_to: reading.date("valid_to"),
        dtstart: reading.date("dtstart"),
        time_zone: time_zone(reading),
        frequency: frequency(reading),
        interval: interval(reading),
        byday: listed(reading, "byday", is_weekday),
        bymonthday: listed(reading, "bymonthday", is_month_day),
        opens_at: reading.time("opens_at"),
        closes_at: reading.time("closes_at"),
        description: reading.text("description"),
        notes: reading.text("notes"),
        link: reading.url("schedule_link"),
    }
}

/// An IANA zone; an offset in hours is none, for it says nothing about summer time.
fn time_zone(reading: &mut Reading<'_>) -> Option<Name> {
    let written = reading.word("timezone")?;
    if written.contains('/') && TimeZone::get(&written).is_ok() {
        return Name::parse(&written).ok();
    }
    reading.repair(
        "timezone",
        "time_zone_unknown",
        "left out: name a time zone as America/New_York; the place's own zone is used",
    );
    None
}

fn frequency(reading: &mut Reading<'_>) -> Option<Frequency> {
    match reading.word("freq")?.to_ascii_uppercase().as_str() {
        "WEEKLY" => Some(Frequency::Weekly),
        "MONTHLY" => Some(Frequency::Monthly),
        _ => {
            reading.repair("freq", "frequency_unknown", "left out: WEEKLY or MONTHLY");
            None
        }
    }
}

fn interval(reading: &mut Reading<'_>) -> Option<u16> {
    let number = reading.number("interval")?;
    let interval = u16::try_from(number).ok().filter(|weeks| *weeks >= 1);
    if interval.is_none() {
        reading.repair("interval", "interval_invalid", "left out: 1 or more");
    }
    interval
}

/// A list of RFC 5545, upper case, without blanks; left out as a whole when one part is wrong.
fn listed(reading: &mut Reading<'_>, field: &str, is_part: fn(&str) -> bool) -> Option<Name> {
    let written = reading.word(field)?.to_ascii_uppercase().replace(' ', "");
    let written = written.trim_matches(',');
    if written.split(',').all(is_part) {
        return Name::parse(written).ok();
    }
    reading.repair(
        field,
        "recurrence_invalid",
        "left out: write days as MO,TU or 1MO, days of the month as 1,15",
    );
    None
}

fn is_weekday(part: &str) -> bool {
    let Some((count, day)) = part.split_at_checked(part.len().saturating_sub(2)) else {
        return false;
    };
    let number = count.trim_start_matches(['+', '-']);
    let counted = number.is_empty() || number.parse::<u8>().is_ok_and(|n| (1..=53).contains(&n));
    counted && matches!(day, "MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")
}

fn is_month_day(part: &str) -> bool {
    part.parse::<i8>()
        .is_ok_and(|day| day != 0 && (-31..=31).contains(&day))
}
