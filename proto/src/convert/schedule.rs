//! Opening hours.

use referral_core::catalog::{Frequency, Schedule};

use super::reading::{Fault, FromWire, Reading};
use super::text::{FromText, ToText};
use crate::v1;

impl From<&Schedule> for v1::Schedule {
    fn from(schedule: &Schedule) -> Self {
        Self {
            valid_from: schedule.valid_from.to_text(),
            valid_to: schedule.valid_to.to_text(),
            dtstart: schedule.dtstart.to_text(),
            time_zone: schedule.time_zone.to_text(),
            frequency: schedule.frequency.to_text(),
            interval: schedule.interval.map_or(0, u32::from),
            byday: schedule.byday.to_text(),
            bymonthday: schedule.bymonthday.to_text(),
            opens_at: schedule.opens_at.to_text(),
            closes_at: schedule.closes_at.to_text(),
            description: schedule.description.to_text(),
            notes: schedule.notes.to_text(),
            link: schedule.link.to_text(),
        }
    }
}

impl FromWire for Schedule {
    type Wire = v1::Schedule;

    fn from_wire(wire: v1::Schedule, at: &mut Reading) -> Option<Self> {
        Some(Self {
            valid_from: at.optional("valid_from", &wire.valid_from),
            valid_to: at.optional("valid_to", &wire.valid_to),
            dtstart: at.optional("dtstart", &wire.dtstart),
            time_zone: at.optional("time_zone", &wire.time_zone),
            frequency: at.optional("frequency", &wire.frequency),
            interval: at.small("interval", wire.interval),
            byday: at.optional("byday", &wire.byday),
            bymonthday: at.optional("bymonthday", &wire.bymonthday),
            opens_at: at.optional("opens_at", &wire.opens_at),
            closes_at: at.optional("closes_at", &wire.closes_at),
            description: at.optional("description", &wire.description),
            notes: at.optional("notes", &wire.notes),
            link: at.optional("link", &wire.link),
        })
    }
}

impl ToText for Frequency {
    fn to_text(&self) -> String {
        let word = match self {
            Self::Weekly => "WEEKLY",
            Self::Monthly => "MONTHLY",
        };
        word.to_owned()
    }
}

impl FromText for Frequency {
    fn from_text(text: &str) -> Result<Self, Fault> {
        match text {
            "WEEKLY" => Ok(Self::Weekly),
            "MONTHLY" => Ok(Self::Monthly),
            _ => Err(Fault::new(
                "frequency_invalid",
                "a schedule repeats WEEKLY or MONTHLY",
            )),
        }
    }
}
