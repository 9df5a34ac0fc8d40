//! Instants, days and times of day: protobuf timestamps and ISO 8601 strings.

use jiff::Timestamp;
use jiff::civil::{Date, Time};

use super::reading::Fault;
use super::text::{FromText, ToText};

/// Nanoseconds in a second.
const NANOS: i32 = 1_000_000_000;
/// 0001-01-01T00:00:00Z, the first instant of protobuf, in seconds since 1970.
const YEAR_ONE: i64 = -62_135_596_800;

/// Why a time was refused. Every variant is the sender's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTime {
    /// Not an instant.
    #[error("a timestamp has 0 to 999,999,999 nanoseconds and lies in the years 1 to 9999")]
    Timestamp,
    /// Not a day.
    #[error("a day is written as in 2026-09-01")]
    Date,
    /// Not a time of day.
    #[error("a time of day is written from 00:00 to 23:59, as in 09:30")]
    TimeOfDay,
}

impl InvalidTime {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Timestamp => "timestamp_invalid",
            Self::Date => "date_invalid",
            Self::TimeOfDay => "time_invalid",
        }
    }
}

impl From<InvalidTime> for Fault {
    fn from(why: InvalidTime) -> Self {
        Self::new(why.code(), why)
    }
}

/// The instant as it travels.
#[must_use]
pub fn to_wire(instant: Timestamp) -> prost_types::Timestamp {
    let (seconds, nanos) = (instant.as_second(), instant.subsec_nanosecond());
    // Before 1970 jiff counts both parts down from zero; on the wire nanoseconds count up.
    let borrow = nanos < 0;
    prost_types::Timestamp {
        seconds: seconds - i64::from(borrow),
        nanos: if borrow { nanos + NANOS } else { nanos },
    }
}

/// The instant a timestamp of the wire means.
///
/// # Errors
/// [`InvalidTime::Timestamp`] when its nanoseconds are out of range, or its year is not 1 to 9999.
pub fn from_wire(wire: prost_types::Timestamp) -> Result<Timestamp, InvalidTime> {
    if !(0..NANOS).contains(&wire.nanos) || wire.seconds < YEAR_ONE {
        return Err(InvalidTime::Timestamp);
    }
    Timestamp::new(wire.seconds, wire.nanos).map_err(|_| InvalidTime::Timestamp)
}

impl FromText for Date {
    fn from_text(text: &str) -> Result<Self, Fault> {
        let day: Option<Self> = text.parse().ok();
        let canonical = day.filter(|day| day.to_string() == text);
        Ok(canonical.ok_or(InvalidTime::Date)?)
    }
}

impl ToText for Date {
    fn to_text(&self) -> String {
        self.to_string()
    }
}

impl FromText for Time {
    fn from_text(text: &str) -> Result<Self, Fault> {
        let time: Option<Self> = text.parse().ok();
        let canonical = time.filter(|time| time.to_text() == text || time.to_string() == text);
        Ok(canonical.ok_or(InvalidTime::TimeOfDay)?)
    }
}

impl ToText for Time {
    fn to_text(&self) -> String {
        let long = self.to_string();
        match long.strip_suffix(":00") {
            Some(short) => short.to_owned(),
            None => long,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(seconds: i64, nanos: i32) -> prost_types::Timestamp {
        prost_types::Timestamp { seconds, nanos }
    }

    #[test]
    fn an_instant_comes_back_as_it_went() {
        for text in [
            "1970-01-01T00:00:00Z",
            "1969-12-31T23:59:59.25Z",
            "2026-05-01T12:00:00.000000001Z",
            "0001-01-01T00:00:00Z",
        ] {
            let instant: Timestamp = text.parse().unwrap();
            assert_eq!(from_wire(to_wire(instant)), Ok(instant), "{text}");
        }
        assert_eq!(
            to_wire("1969-12-31T23:59:59.25Z".parse().unwrap()),
            wire(-1, 250_000_000)
        );
    }

    #[test]
    fn a_timestamp_out_of_range_is_refused() {
        for (seconds, nanos) in [
            (0, -1),
            (0, 2_000_000_000),
            (i64::MAX, 0),
            (i64::MIN, 0),
            (-62_135_596_801, 0),
        ] {
            assert_eq!(
                from_wire(wire(seconds, nanos)),
                Err(InvalidTime::Timestamp),
                "{seconds} {nanos}"
            );
        }
    }

    #[test]
    fn days_and_times_have_one_form() {
        for (text, written) in [
            ("09:00", "09:00"),
            ("09:00:00", "09:00"),
            ("23:59:30", "23:59:30"),
        ] {
            assert_eq!(Time::from_text(text).unwrap().to_text(), written);
        }
        for wrong in [
            "25:00",
            "9:00",
            "0900",
            "T09:00",
            "2026-01-01T09:00",
            "24:00",
            "09:00Z",
            " ",
        ] {
            assert_eq!(
                Time::from_text(wrong).unwrap_err().code,
                "time_invalid",
                "{wrong}"
            );
        }
        assert_eq!(
            Date::from_text("2026-09-01").unwrap().to_text(),
            "2026-09-01"
        );
        for wrong in [
            "2026-02-30",
            "20260901",
            "03/04/26",
            "2026-09-01T00:00",
            "2026-9-1",
        ] {
            assert_eq!(
                Date::from_text(wrong).unwrap_err().code,
                "date_invalid",
                "{wrong}"
            );
        }
    }
}
