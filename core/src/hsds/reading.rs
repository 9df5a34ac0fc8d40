//! Reading one field of a row: parsed, or left out and reported.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::clean::{Cleaned, clean, clean_line};
use super::draft::Row;
use super::issue::{Cause, Ledger};
use crate::catalog::{EmailAddress, WebUrl};
use crate::text::{InvalidText, Name, Text};
use crate::unfit;

/// One row being read; what cannot be understood goes to the ledger.
pub(super) struct Reading<'a> {
    pub(super) row: &'a Row,
    pub(super) ledger: &'a mut Ledger,
}

impl<'a> Reading<'a> {
    pub(super) fn new(row: &'a Row, ledger: &'a mut Ledger) -> Self {
        Self { row, ledger }
    }

    /// The field's raw text.
    pub(super) fn raw(&self, field: &str) -> Option<&'a str> {
        self.row.text(field)
    }

    /// Free text.
    pub(super) fn text(&mut self, field: &str) -> Option<Text> {
        let cleaned = self.cleaned(field, clean)?;
        self.parsed_text(field, &cleaned, Text::parse(&cleaned))
    }

    /// A name, on one line.
    pub(super) fn name(&mut self, field: &str) -> Option<Name> {
        let cleaned = self.cleaned(field, clean_line)?;
        self.parsed_text(field, &cleaned, Name::parse(&cleaned))
    }

    /// The field cleaned, on one line, for words that are compared and not stored.
    pub(super) fn word(&self, field: &str) -> Option<String> {
        word(self.row, field)
    }

    /// A web address; one without its scheme gets `https://`.
    pub(super) fn url(&mut self, field: &str) -> Option<WebUrl> {
        let written = self.word(field).filter(|word| !says_nothing(word))?;
        if let Ok(url) = WebUrl::parse(&written) {
            if unfit::poses_as_other_host(&url) {
                self.repair(
                    field,
                    "url_lookalike",
                    "left out: the name of the site mixes letters to look like another one",
                );
                return None;
            }
            return Some(url);
        }
        let completed = looks_like_host(&written)
            .then(|| WebUrl::parse(&format!("https://{written}")).ok())
            .flatten();
        if completed.is_some() {
            self.repair(
                field,
                "url_without_scheme",
                "https:// was put before the web address",
            );
        } else {
            self.repair(
                field,
                "url_invalid",
                "left out: a web address starts with http:// or https:// and holds no user name",
            );
        }
        completed
    }

    /// An e-mail address.
    pub(super) fn email(&mut self, field: &str) -> Option<EmailAddress> {
        let written = self.raw(field)?.trim();
        if says_nothing(written) {
            return None;
        }
        match EmailAddress::parse(written) {
            Ok(email) => Some(email),
            Err(wrong) => {
                self.repair(field, wrong.code(), format!("left out: {wrong}"));
                None
            }
        }
    }

    /// A day: `2024-09-25`, with or without a time after it, or a U.S. date that can be read one way.
    pub(super) fn date(&mut self, field: &str) -> Option<Date> {
        let written = self.word(field)?;
        match read_date(&written) {
            Some((date, IsoForm::Yes)) => Some(date),
            Some((date, IsoForm::No)) => {
                self.repair(
                    field,
                    "date_rewritten",
                    "the date was read as month/day/year",
                );
                Some(date)
            }
            None => {
                self.repair(
                    field,
                    "date_invalid",
                    "left out: write a date as year-month-day, such as 2026-03-04",
                );
                None
            }
        }
    }

    /// A moment: RFC 3339; without an offset it is taken as UTC and reported.
    pub(super) fn timestamp(&mut self, field: &str) -> Option<Timestamp> {
        let written = self.word(field)?;
        if let Ok(moment) = written.parse::<Timestamp>() {
            return Some(moment);
        }
        let civil = written.parse::<DateTime>().ok();
        let moment = civil.and_then(|civil| civil.to_zoned(TimeZone::UTC).ok());
        if moment.is_some() {
            self.repair(
                field,
                "time_without_zone",
                "the time names no offset from UTC and was taken as UTC",
            );
        } else {
            self.repair(
                field,
                "time_invalid",
                "left out: write a time as 2026-03-04T10:30:00Z",
            );
        }
        moment.map(|zoned| zoned.timestamp())
    }

    /// A time of day: `10:00`, `10:00:00`, `1930`, `2:00pm`.
    pub(super) fn time(&mut self, field: &str) -> Option<Time> {
        let written = self.word(field)?;
        let time = read_time(&written);
        if time.is_none() {
            self.repair(
                field,
                "time_of_day_invalid",
                "left out: write a time of day as 09:30 or 17:00",
            );
        }
        time
    }

    /// A whole number; `12.0` is one, `1,200` and `1.2E3` are not, for they can be read two ways.
    pub(super) fn number(&mut self, field: &str) -> Option<u32> {
        let written = self.word(field)?;
        let number = read_number(&written);
        if number.is_none() {
            self.repair(
                field,
                "number_invalid",
                "left out: write a whole number with the digits 0 to 9 alone",
            );
        }
        number
    }

    /// Notes that `field` was changed or left out.
    pub(super) fn repair(
        &mut self,
        field: &str,
        code: &'static str,
        reason: impl Into<Cow<'static, str>>,
    ) {
        let cause = Cause::new(code, reason.into());
        self.ledger.repair(self.row, field, cause);
    }

    fn cleaned(&mut self, field: &str, clean: fn(&str) -> Cleaned) -> Option<String> {
        let cleaned = clean(self.row.text(field)?);
        if cleaned.dropped_invisible {
            self.repair(
                field,
                "text_invisible_character",
                "characters that nobody can see were dropped",
            );
        }
        Some(cleaned.text).filter(|text| !text.is_empty())
    }

    fn parsed_text<T>(
        &mut self,
        field: &str,
        cleaned: &str,
        parsed: Result<T, InvalidText>,
    ) -> Option<T> {
        if unfit::holds_person_number(cleaned) {
            self.repair(
                field,
                "person_number_suspected",
                "left out: it looks like the number of one person, and nothing about a client is listed",
            );
            return None;
        }
        parsed
            .inspect_err(|wrong| {
                self.repair(field, wrong.code(), format!("left out: the text {wrong}"));
            })
            .ok()
    }
}

/// A field of `row` cleaned, on one line; `None` where nothing is left.
pub(super) fn word(row: &Row, field: &str) -> Option<String> {
    row.text(field)
        .map(|raw| clean_line(raw).text)
        .filter(|word| !word.is_empty())
}

/// Longer texts are no yes, no or "n/a", and need not be looked at.
const SHORT_WORD: usize = 40;

/// How a date was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IsoForm {
    Yes,
    No,
}

/// What people type where there is nothing to say.
pub(super) fn says_nothing(text: &str) -> bool {
    if text.len() > SHORT_WORD {
        return false;
    }
    let text = text.trim().trim_end_matches('.').to_ascii_lowercase();
    matches!(
        text.as_str(),
        "" | "n/a" | "na" | "none" | "null" | "nil" | "-" | "--" | "not applicable" | "unknown"
    )
}

/// Yes or no in a flag; `None` for other words.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    if text.len() > SHORT_WORD {
        return None;
    }
    match text.trim().to_ascii_lowercase().as_str() {
        "yes" | "y" | "true" | "t" | "1" | "x" | "on" => Some(true),
        "no" | "n" | "false" | "f" | "0" | "off" | "none" => Some(false),
        _ => None,
    }
}

pub(super) fn read_number(text: &str) -> Option<u32> {
    let whole = text.strip_suffix(".0").unwrap_or(text);
    let digits = (1..=9).contains(&whole.len()) && whole.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| whole.parse().ok()).flatten()
}

/// True for `www.example.org/page`: a name with a dot and a last part of letters, no blanks.
fn looks_like_host(text: &str) -> bool {
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    let last = host.rsplit('.').next().unwrap_or_default();
    let letters = last.len() >= 2 && last.bytes().all(|b| b.is_ascii_alphabetic());
    let plain = host
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    host.contains('.') && letters && plain
}

fn read_date(text: &str) -> Option<(Date, IsoForm)> {
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    if let Ok(date) = day.parse::<Date>() {
        return Some((date, IsoForm::Yes));
    }
    let mut parts = day.split('/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    let (month, day): (i8, i8) = (month.parse().ok()?, day.parse().ok()?);
    let certain = day > 12 || month == day;
    let date = Date::new(year.parse().ok()?, month, day).ok()?;
    certain.then_some((date, IsoForm::No))
}

pub(super) fn read_time(text: &str) -> Option<Time> {
    let lower = text.to_ascii_lowercase().replace([' ', '.'], "");
    let lower = lower.strip_suffix('z').unwrap_or(&lower);
    let (digits, half) = match lower.strip_suffix("am") {
        Some(rest) => (rest, Some(0)),
        None => match lower.strip_suffix("pm") {
            Some(rest) => (rest, Some(12)),
            None => (lower, None),
        },
    };
    let mut parts = digits.split(':');
    let first = parts.next()?;
    let (hour, minute) = match (first.len(), parts.next()) {
        (1..=2, Some(minute)) => (first.parse::<i8>().ok()?, minute.parse::<i8>().ok()?),
        (3..=4, None) => {
            let (hour, minute) = first.split_at_checked(first.len() - 2)?;
            (hour.parse().ok()?, minute.parse().ok()?)
        }
        (1..=2, None) if half.is_some() => (first.parse::<i8>().ok()?, 0),
        _ => return None,
    };
    let hour = match half {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(noon) => hour % 12 + noon,
    };
    let second = parts.next().map_or(Ok(0), str::parse::<i8>).ok()?;
    Time::new(hour, minute, second, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hsds::{Entity, Origin};
    use jiff::civil::{date, time};

    fn row(field: &str, value: &str) -> Row {
        let origin = Origin {
            file: "services.csv".into(),
            row: "2".to_owned(),
        };
        let mut row = Row::new(Entity::Service, origin);
        row.set(field, value);
        row
    }

    /// What `read` makes of `value`, and the codes of what it reported.
    fn read<T>(
        value: &str,
        read: impl Fn(&mut Reading<'_>) -> Option<T>,
    ) -> (Option<T>, Vec<&'static str>) {
        let row = row("field", value);
        let mut ledger = Ledger::default();
        let answer = read(&mut Reading::new(&row, &mut ledger));
        let codes = ledger.repaired.iter().map(|issue| issue.code).collect();
        (answer, codes)
    }

    #[test]
    fn a_web_address_without_its_scheme_gets_one_and_others_are_left_out() {
        let (url, codes) = read("www.aijustice.org", |r| r.url("field"));
        assert_eq!(url.unwrap().as_str(), "https://www.aijustice.org");
        assert_eq!(codes, ["url_without_scheme"]);

        for wrong in [
            "javascript:alert(1)",
            "see notes",
            "http://user@evil.example",
        ] {
            let (url, codes) = read(wrong, |r| r.url("field"));
            assert_eq!((url, codes), (None, vec!["url_invalid"]), "{wrong}");
        }
        assert_eq!(read("N/A", |r| r.url("field")), (None, vec![]));
    }

    #[test]
    fn a_date_that_can_be_read_two_ways_is_left_out() {
        assert_eq!(
            read("2024-09-25", |r| r.date("field")).0,
            Some(date(2024, 9, 25))
        );
        let (day, codes) = read("9/25/2024", |r| r.date("field"));
        assert_eq!(
            (day, codes),
            (Some(date(2024, 9, 25)), vec!["date_rewritten"])
        );
        for wrong in ["03/04/2026", "03/04/26", "2024-13-01", "soon"] {
            assert_eq!(
                read(wrong, |r| r.date("field")),
                (None, vec!["date_invalid"]),
                "{wrong}"
            );
        }
    }

    #[test]
    fn times_of_day_are_read_as_people_write_them() {
        for (text, expected) in [
            ("10:00", time(10, 0, 0, 0)),
            ("10:00:30", time(10, 0, 30, 0)),
            ("1930", time(19, 30, 0, 0)),
            ("2:00pm", time(14, 0, 0, 0)),
            ("12 a.m.", time(0, 0, 0, 0)),
            ("09:00Z", time(9, 0, 0, 0)),
        ] {
            assert_eq!(
                read(text, |r| r.time("field")),
                (Some(expected), vec![]),
                "{text}"
            );
        }
        for wrong in ["25:00", "8:00-16:00", "13pm", "noon", "10"] {
            let (time, codes) = read(wrong, |r| r.time("field"));
            assert_eq!(
                (time, codes),
                (None, vec!["time_of_day_invalid"]),
                "{wrong}"
            );
        }
    }

    #[test]
    fn numbers_that_can_be_read_two_ways_are_left_out() {
        assert_eq!(read("12.0", |r| r.number("field")).0, Some(12));
        for wrong in ["1,200", "1.2E3", "١٢", "-1", "9007199254740993", "NaN"] {
            let (number, codes) = read(wrong, |r| r.number("field"));
            assert_eq!((number, codes), (None, vec!["number_invalid"]), "{wrong}");
        }
    }

    #[test]
    fn a_moment_without_an_offset_is_utc_and_reported() {
        let (with, codes) = read("2024-09-25T14:23:06.5+01:00", |r| r.timestamp("field"));
        assert_eq!(with.unwrap().to_string(), "2024-09-25T13:23:06.5Z");
        assert_eq!(codes, Vec::<&str>::new());
        assert_eq!(
            read("2024-09-25 14:23", |r| r.timestamp("field")).1,
            ["time_without_zone"]
        );
        assert_eq!(
            read("yesterday", |r| r.timestamp("field")).1,
            ["time_invalid"]
        );
    }
}
