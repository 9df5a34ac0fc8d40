//! What is asked of the coverage pages: kept as typed, and the question it means.
//!
//! Everything is in the address, so that a report can be linked, drilled into and exported. That is right here and
//! wrong for searches: a report is about everybody in a situation, never about one client. The moment of a report is
//! pinned into every link ([`Ask::at`]), so that map, table and export say the same.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use referral_core::capacity::Availability;
use referral_core::coverage::{Measured, Query};
use referral_core::geo::StateCode;
use referral_core::search::{self, Refused};
use referral_gazetteer::gazetteer;

use crate::web::choices::LANGUAGES;
use crate::web::wrong::Wrong;

/// Every field there is, in the order of the form.
pub(super) const FIELDS: [&str; 25] = [
    "need",
    "measure",
    "miles",
    "organizations",
    "state",
    "date",
    "demand",
    "language",
    "interpreter",
    "custody",
    "age",
    "immigration",
    "nationality",
    "work_permit",
    "fee",
    "access",
    "rings",
    "unit",
    "assumed",
    "compare",
    "at",
    "near",
    "places",
    "newcomer",
    "weeks",
];

/// The fields of the fold that says who needs help.
pub(super) const WHO: &[&str] = &[
    "language",
    "interpreter",
    "custody",
    "age",
    "immigration",
    "nationality",
    "work_permit",
    "fee",
    "access",
];
/// The fields of the fold that says how it is counted.
pub(super) const HOW: &[&str] = &["demand", "rings", "unit", "assumed", "compare"];
/// What belongs to one page and is in no link to another.
const OF_ONE_PAGE: [&str; 4] = ["near", "places", "newcomer", "weeks"];

/// The need that the page opens with.
const FIRST_NEED: &str = "dom:leg";

/// What was asked, kept as typed.
#[derive(Clone, Default)]
pub(in crate::web) struct Ask {
    typed: BTreeMap<&'static str, String>,
    unknown: bool,
}

impl Ask {
    /// Reads a query string. Of a field sent twice the last counts.
    pub(super) fn read(query: Option<&str>) -> Self {
        let mut ask = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match FIELDS.into_iter().find(|field| *field == name) {
                Some(field) => drop(ask.typed.insert(field, value.trim().to_owned())),
                None => ask.unknown = true,
            }
        }
        if ask.typed.is_empty() {
            ask.typed.insert("need", FIRST_NEED.to_owned());
        }
        ask
    }

    /// What was typed into a field; empty: nothing.
    pub(super) fn value(&self, field: &str) -> &str {
        self.typed.get(field).map_or("", String::as_str)
    }

    /// What was typed into a field, or what an untouched form shows there.
    pub(super) fn shown<'a>(&'a self, field: &str, usual: &'a str) -> &'a str {
        Some(self.value(field))
            .filter(|value| !value.is_empty())
            .unwrap_or(usual)
    }

    /// The state whose map is shown; `None`: the whole country.
    pub(super) fn state(&self) -> Option<StateCode> {
        let state = StateCode::parse(self.value("state")).ok()?;
        gazetteer().state(state).map(|state| state.code)
    }

    /// How many weeks of a trend, 1..=260; `usual` where none or nonsense is stated.
    pub(super) fn weeks(&self, usual: u32) -> u32 {
        self.value("weeks")
            .parse()
            .map_or(usual, |weeks: u32| weeks.clamp(1, 260))
    }

    /// The query it means, and every field that means nothing.
    pub(super) fn query(&self, now: Timestamp) -> (Query, Vec<Wrong>) {
        let mut wrong = Vec::new();
        if self.unknown {
            wrong.push(Wrong::of("", "field_unknown"));
        }
        if !self.value("state").is_empty() && self.state().is_none() {
            wrong.push(Wrong::of("state", "state_unknown"));
        }
        let measure = Measured::parse(self.shown("measure", Measured::default().as_str()));
        let measure = measure.unwrap_or_else(|_| {
            wrong.push(Wrong::of("measure", "measure_unknown"));
            Measured::default()
        });
        let languages = LANGUAGES.into_iter().map(str::to_owned);
        let compared = !self.value("compare").is_empty();
        let query = Query {
            filter: self.filter(),
            demand: self.value("demand").to_owned(),
            measure,
            within_miles: self.miles(&mut wrong),
            organizations: self.whole("organizations", &mut wrong),
            rings: self.rings(&mut wrong),
            unit: self.value("unit").to_owned(),
            assumed_places: self.whole("assumed", &mut wrong),
            languages: if compared {
                languages.collect()
            } else {
                Vec::new()
            },
            as_of: self.moment(now, &mut wrong),
        };
        (query, wrong)
    }

    /// What the directory refused, under the names that the fields have here.
    pub(super) fn renamed(wrong: Vec<Refused>) -> Vec<Wrong> {
        let name = |field| match field {
            "within_miles" => "miles",
            "assumed_places" => "assumed",
            "languages" => "language",
            "as_of" => "date",
            field => FIELDS
                .into_iter()
                .find(|known| *known == field)
                .unwrap_or(""),
        };
        let wrong = wrong.into_iter().map(|wrong| Refused {
            field: name(wrong.field),
            ..wrong
        });
        wrong.map(Wrong::from).collect()
    }

    /// The address of another page about the same question as of `at`, with some fields changed.
    pub(super) fn link(
        &self,
        path: &str,
        at: Timestamp,
        changed: &[(&'static str, &str)],
    ) -> String {
        let mut fields = self.typed.clone();
        fields.retain(|field, _| !OF_ONE_PAGE.contains(field));
        fields.insert("at", at.to_string());
        for (field, value) in changed {
            fields.insert(field, (*value).to_owned());
        }
        let start = format!("{path}?");
        let length = start.len();
        let mut link = form_urlencoded::Serializer::for_suffix(start, length);
        for (field, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            link.append_pair(field, value);
        }
        link.finish()
    }

    /// What a form beside the big one sends again: the question as of `at`.
    pub(super) fn kept(&self, at: Timestamp) -> Vec<(&'static str, String)> {
        let mut fields = self.typed.clone();
        fields.retain(|field, value| !OF_ONE_PAGE.contains(field) && !value.is_empty());
        fields.insert("at", at.to_string());
        fields.into_iter().collect()
    }

    fn filter(&self) -> search::Query {
        let typed = |field| self.value(field).to_owned();
        search::Query {
            need: typed("need"),
            languages: vec![typed("language")],
            interpreter: !self.value("interpreter").is_empty(),
            custody: typed("custody"),
            age: typed("age"),
            immigration: typed("immigration"),
            nationality: typed("nationality"),
            work_permit: typed("work_permit"),
            fee: typed("fee"),
            access: typed("access"),
            availability: Availability::Any,
            ..search::Query::default()
        }
    }

    /// Miles; zero where none are stated, and where they cannot be read.
    fn miles(&self, wrong: &mut Vec<Wrong>) -> f64 {
        let typed = self.value("miles");
        if typed.is_empty() {
            return 0.0;
        }
        // On the wire 0 means "not stated"; who types it means it.
        let miles = typed.parse().ok();
        let miles = miles.filter(|miles: &f64| miles.is_finite() && *miles != 0.0);
        miles.unwrap_or_else(|| {
            wrong.push(Wrong::of("miles", "miles_invalid"));
            0.0
        })
    }

    /// A whole number over 0; zero where none is stated, and where it cannot be read.
    fn whole(&self, field: &'static str, wrong: &mut Vec<Wrong>) -> u32 {
        let typed = self.value(field);
        if typed.is_empty() {
            return 0;
        }
        let number = typed.parse().ok().filter(|number| *number > 0);
        number.unwrap_or_else(|| {
            wrong.push(Wrong::of(field, "number_invalid"));
            0
        })
    }

    /// Rings written `10:1, 30:0.68`: miles and weight.
    fn rings(&self, wrong: &mut Vec<Wrong>) -> Vec<(f64, f64)> {
        let typed = self.value("rings");
        if typed.is_empty() {
            return Vec::new();
        }
        let ring = |text: &str| {
            let (miles, weight) = text.split_once(':')?;
            let (miles, weight): (f64, f64) =
                (miles.trim().parse().ok()?, weight.trim().parse().ok()?);
            (miles.is_finite() && weight.is_finite()).then_some((miles, weight))
        };
        let rings: Option<Vec<(f64, f64)>> = typed.split(',').map(ring).collect();
        rings.unwrap_or_else(|| {
            wrong.push(Wrong::of("rings", "rings_invalid"));
            Vec::new()
        })
    }

    /// The pinned moment, else the end of the day asked for; `None`: now.
    fn moment(&self, now: Timestamp, wrong: &mut Vec<Wrong>) -> Option<Timestamp> {
        let (at, date) = (self.value("at"), self.value("date"));
        let today = now.to_zoned(TimeZone::UTC).date();
        let moment = match (at, date) {
            ("", "") => return None,
            ("", date) => match date.parse::<Date>() {
                Ok(day) if day == today => return None,
                day => day.ok().and_then(end_of),
            },
            (at, _) => at.parse().ok(),
        };
        wrong.push(match moment {
            Some(moment) if moment <= now => return Some(moment),
            Some(_) => Wrong::of("date", "date_future"),
            None => Wrong::of("date", "date_invalid"),
        });
        None
    }
}

/// The last second of the day, UTC.
fn end_of(day: Date) -> Option<Timestamp> {
    let next = day
        .checked_add(1.day())
        .ok()?
        .to_zoned(TimeZone::UTC)
        .ok()?;
    next.timestamp().checked_sub(1.second()).ok()
}

#[cfg(test)]
mod tests {
    use referral_core::coverage::{Measure, Question};

    use super::*;

    const NOW: &str = "2026-11-22T14:17:05.25Z";

    fn question(query: &str) -> Result<Question, Vec<Wrong>> {
        let now = NOW.parse().unwrap();
        let (query, mut wrong) = Ask::read(Some(query)).query(now);
        match query.understand(gazetteer(), now) {
            Ok(question) if wrong.is_empty() => Ok(question),
            Ok(_) => Err(wrong),
            Err(more) => {
                wrong.extend(Ask::renamed(more));
                Err(wrong)
            }
        }
    }

    fn codes(query: &str) -> Vec<(&'static str, &'static str)> {
        let wrong = question(query).unwrap_err();
        wrong
            .iter()
            .map(|wrong| (wrong.field, wrong.code))
            .collect()
    }

    #[test]
    fn the_page_opens_with_legal_help_of_now() {
        let question = question("").unwrap();

        assert_eq!(question.measure, Measure::NearestOpen);
        assert_eq!(question.as_of.to_string(), NOW);
        assert_eq!(question.demand.as_str(), "Residents");
        assert_eq!(question.filter.need.unwrap().any_of[0].as_str(), "dom:leg");
    }

    #[test]
    fn a_day_means_its_end_and_today_means_now() {
        let at = |query| question(query).unwrap().as_of.to_string();

        assert_eq!(at("date=2026-11-20"), "2026-11-20T23:59:59Z");
        assert_eq!(at("date=2026-11-22"), NOW);
        assert_eq!(
            at("date=2026-11-20&at=2026-11-01T08:00:00Z"),
            "2026-11-01T08:00:00Z"
        );
    }

    #[test]
    fn every_field_at_fault_is_named() {
        for (query, field, code) in [
            ("measure=x", "measure", "measure_unknown"),
            ("miles=far", "miles", "miles_invalid"),
            ("miles=0", "miles", "miles_invalid"),
            ("miles=1000", "miles", "coverage_distance"),
            ("date=tomorrow", "date", "date_invalid"),
            ("date=2026-11-23", "date", "date_future"),
            ("state=ZZ", "state", "state_unknown"),
            ("need=nonsense", "need", "need_code"),
            ("language=!", "language", "language_invalid"),
            (
                "measure=k_coverage&organizations=11",
                "organizations",
                "coverage_organizations",
            ),
            ("organizations=none", "organizations", "number_invalid"),
            (
                "measure=catchment&rings=30:1,10:1",
                "rings",
                "coverage_rings",
            ),
            ("rings=wide", "rings", "rings_invalid"),
            ("assumed=0", "assumed", "number_invalid"),
            ("unit=cow", "unit", "unit_invalid"),
            ("needs=x", "", "field_unknown"),
        ] {
            assert_eq!(codes(query), [(field, code)], "{query}");
        }
        assert_eq!(
            codes("measure=x&miles=far&date=x&state=ZZ&need=nonsense").len(),
            5
        );
    }

    #[test]
    fn no_fault_repeats_what_was_typed() {
        let query = "measure=x-secret&miles=x-secret&date=x-secret&state=x-secret&need=x-secret";
        for wrong in question(query).unwrap_err() {
            assert!(!wrong.text.contains("secret"), "{}", wrong.text);
        }
    }

    #[test]
    fn a_link_pins_the_moment_and_keeps_the_question() {
        let ask = Ask::read(Some(
            "need=lc:bond&measure=coverage_at&miles=60&places=4&near=21202&state=",
        ));
        let at = NOW.parse().unwrap();

        let link = ask.link("/coverage", at, &[("state", "MD")]);

        assert_eq!(
            link,
            "/coverage?at=2026-11-22T14%3A17%3A05.25Z&measure=coverage_at&miles=60&need=lc%3Abond&state=MD"
        );
    }

    #[test]
    fn any_filter_of_a_search_is_one_of_a_report() {
        let question = question(
            "need=lc:asy-def&custody=det&language=ht&age=17&immigration=asylum-seeker&nationality=HT\
             &work_permit=before&fee=free&access=remote",
        );

        let filter = question.unwrap().filter;

        assert_eq!(filter.languages.len(), 1);
        assert_eq!(filter.circumstances.given().count(), 5);
        assert!(filter.fee.is_some());
    }
}
