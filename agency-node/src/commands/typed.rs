//! A capacity report as somebody typed it, on the command line or in a table.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use referral_core::capacity::{Count, Draft, Source, Stated, Ttl, Unit};
use referral_core::id::LocalId;

/// What one report says, as somebody typed it.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub(super) service: LocalId,
    pub(super) state: Stated,
    pub(super) location: Option<LocalId>,
    pub(super) unit: Option<Unit>,
    pub(super) available: Option<u32>,
    pub(super) maximum: Option<u32>,
    pub(super) waitlist: Option<u32>,
    pub(super) reopens: Option<Date>,
    pub(super) ttl: Option<Ttl>,
}

impl Typed {
    /// The draft of it, observed now.
    ///
    /// # Errors
    /// The field at fault, and what is wrong with it.
    pub(super) fn draft(self, now: Timestamp) -> Result<Draft, (&'static str, String)> {
        let counted = self.unit.is_some() || self.available.is_some() || self.maximum.is_some();
        let count = Count {
            unit: self.unit.unwrap_or(Unit::Client),
            available: self.available,
            maximum: self.maximum,
        };
        if let Some(day) = self.reopens {
            let may_reopen = matches!(self.state, Stated::Paused | Stated::Closed | Stated::Window);
            if !may_reopen {
                let text = "a day of reopening goes with the states paused, closed and window";
                return Err(("reopens", text.to_owned()));
            }
            if day < today(now) {
                return Err(("reopens", format!("{day} is in the past")));
            }
        }
        Ok(Draft {
            service: self.service,
            location: self.location,
            state: self.state,
            counts: counted.then_some(count).into_iter().collect(),
            waitlist_count: self.waitlist,
            wait_band: None,
            opens_at: None,
            reopens_at: self.reopens,
            observed_at: now,
            ttl: self.ttl,
            source: Source::Person,
            note: None,
        })
    }
}

/// Reads a unit by its name.
pub(super) fn unit(text: &str) -> Result<Unit, String> {
    Unit::parse(text).ok_or_else(|| {
        let units: Vec<&str> = Unit::ALL.iter().map(|unit| unit.as_str()).collect();
        format!("a unit is one of {}", units.join(", "))
    })
}

/// Reads a day.
pub(super) fn date(text: &str) -> Result<Date, String> {
    let day: Result<Date, _> = text.parse();
    let canonical = day.ok().filter(|day| day.to_string() == text);
    canonical.ok_or_else(|| "a day is written as in 2026-09-01".to_owned())
}

/// Reads a time to live.
pub(super) fn ttl(text: &str) -> Result<Ttl, String> {
    let wrong = || "a time to live is 1 minute to 30 days, e.g. 12h or 7d".to_owned();
    let duration = humantime::parse_duration(text).map_err(|_| wrong())?;
    let seconds = u32::try_from(duration.as_secs()).map_err(|_| wrong())?;
    let ttl = Ttl::clamped(seconds);
    if ttl.seconds() == seconds {
        Ok(ttl)
    } else {
        Err(wrong())
    }
}

/// The earliest day it is now anywhere: 12 hours behind UTC.
fn today(now: Timestamp) -> Date {
    let behind = now
        .saturating_sub(jiff::SignedDuration::from_hours(12))
        .unwrap_or(now);
    behind.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(state: Stated) -> Typed {
        Typed {
            service: LocalId::from_source("s"),
            state,
            location: None,
            unit: None,
            available: None,
            maximum: None,
            waitlist: None,
            reopens: None,
            ttl: None,
        }
    }

    #[test]
    fn a_number_without_a_unit_counts_clients() {
        let draft = Typed {
            available: Some(4),
            ..typed(Stated::Open)
        };

        let count = draft.draft(Timestamp::UNIX_EPOCH).unwrap().counts[0];

        assert_eq!(
            (count.unit, count.available, count.maximum),
            (Unit::Client, Some(4), None)
        );
    }

    #[test]
    fn no_number_is_no_count() {
        assert!(
            typed(Stated::Open)
                .draft(Timestamp::UNIX_EPOCH)
                .unwrap()
                .counts
                .is_empty()
        );
    }

    #[test]
    fn only_what_is_shut_can_reopen_and_not_in_the_past() {
        let on = |state, day: &str| {
            Typed {
                reopens: Some(date(day).unwrap()),
                ..typed(state)
            }
            .draft("2026-05-01T12:00:00Z".parse().unwrap())
            .map_err(|(field, _)| field)
        };

        assert!(on(Stated::Paused, "2026-09-01").is_ok());
        assert_eq!(on(Stated::Open, "2026-09-01").unwrap_err(), "reopens");
        assert_eq!(on(Stated::Closed, "2025-09-01").unwrap_err(), "reopens");
    }

    #[test]
    fn days_and_times_to_live_that_make_no_sense_are_refused() {
        for wrong in ["2026-13-45", "tomorrow", "2026-9-1", "01/09/2026", ""] {
            assert!(date(wrong).is_err(), "{wrong}");
        }
        for wrong in ["0s", "30s", "31d", "forever", "-1d", "", "99999999999d"] {
            assert!(ttl(wrong).is_err(), "{wrong}");
        }
        assert_eq!(ttl("7d").unwrap().seconds(), 7 * 86_400);
    }
}
