//! What is asked of the coverage pages: kept as typed, and the question it means.
//!
//! Everything is in the address, so that a report can be linked, drilled into and exported. That is right here and
//! wrong for searches: a report is about everybody in a situation, never about one client. The moment of a report is
//! pinned into every link ([`Ask::at`]), so that map, table and export say the same.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use referral_core::capacity::{Availability, Unit};
use referral_core::catalog::LanguageTag;
use referral_core::coverage::{Measure, Question, Ring, Rings};
use referral_core::geo::{Kilometres, StateCode};
use referral_core::search::{Query, Refused};
use referral_core::text::Name;
use referral_gazetteer::gazetteer;

use crate::web::choices::LANGUAGES;

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
/// The distance that the page opens with, in miles.
const FIRST_MILES: f64 = 60.0;

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

    /// The question it means.
    ///
    /// * `usual` — the table of demand where none is named.
    /// * `known` — the names of all tables.
    ///
    /// # Errors
    /// Every field at fault, each with its reason.
    pub(super) fn question(
        &self,
        usual: &Name,
        known: &[Name],
        now: Timestamp,
    ) -> Result<Question, Vec<Refused>> {
        let mut wrong = Vec::new();
        if self.unknown {
            let text = "The page has no such field: start from the form";
            refuse(&mut wrong, "", "field_unknown", text);
        }
        let filter = self.query().understand(gazetteer());
        let filter = filter.map_err(|refused| wrong.extend(refused)).ok();
        let demand = self.demand(usual, known, &mut wrong);
        let within = self.within(&mut wrong);
        let measure = self.measure(within, &mut wrong);
        let as_of = self.moment(now, &mut wrong);
        self.check_state(&mut wrong);
        let (Some(filter), Some(demand), Some(within), Some(measure), Some(as_of)) =
            (filter, demand, within, measure, as_of)
        else {
            return Err(wrong);
        };
        let mut question = Question::new(filter, demand, measure, as_of);
        question.within = within;
        self.counting(&mut question, &mut wrong);
        if !wrong.is_empty() {
            return Err(wrong);
        }
        question.check().map_err(|invalid| {
            let field = match invalid.code() {
                "coverage_organizations" => "organizations",
                "coverage_assumed_places" => "assumed",
                "coverage_rings" => "rings",
                "coverage_distance" => "miles",
                _ => "",
            };
            vec![refused(field, invalid.code(), &invalid.to_string())]
        })
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

    fn query(&self) -> Query {
        let typed = |field| self.value(field).to_owned();
        Query {
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
            ..Query::default()
        }
    }

    fn demand(&self, usual: &Name, known: &[Name], wrong: &mut Vec<Refused>) -> Option<Name> {
        let asked = self.value("demand");
        if asked.is_empty() {
            return Some(usual.clone());
        }
        let found = known.iter().find(|name| name.as_str() == asked);
        if found.is_none() {
            let text = "There is no table of demand of that name: choose one of the list";
            refuse(wrong, "demand", "demand_unknown", text);
        }
        found.cloned()
    }

    fn within(&self, wrong: &mut Vec<Refused>) -> Option<Kilometres> {
        let typed = self.value("miles");
        let miles = if typed.is_empty() {
            Some(FIRST_MILES)
        } else {
            typed.parse().ok()
        };
        let within = miles.and_then(|miles| Kilometres::from_miles(miles).ok());
        if within.is_none() {
            let text = "A distance is a number of miles, more than 0 and at most 310";
            refuse(wrong, "miles", "miles_invalid", text);
        }
        within
    }

    fn measure(&self, within: Option<Kilometres>, wrong: &mut Vec<Refused>) -> Option<Measure> {
        let within = within?;
        match self.value("measure") {
            "" | "nearest" => Some(Measure::NearestOpen),
            "within" => Some(Measure::CoverageAt(within)),
            "organizations" => {
                let organizations = self.shown("organizations", "2").parse();
                let Ok(organizations) = organizations else {
                    let text = "A number of organizations is 1 to 10";
                    refuse(wrong, "organizations", "organizations_invalid", text);
                    return None;
                };
                Some(Measure::KCoverage {
                    organizations,
                    within,
                })
            }
            "catchment" => self.rings(wrong).map(Measure::Catchment),
            "per-place" => Some(Measure::PeoplePerPlace),
            "dead-ends" => Some(Measure::DeadEnds),
            "wait" => Some(Measure::TimeToFirstOpen),
            _ => {
                let text = "There is no such measure: choose one of the list";
                refuse(wrong, "measure", "measure_unknown", text);
                None
            }
        }
    }

    /// Rings written `10:1, 30:0.68`: miles and weight.
    fn rings(&self, wrong: &mut Vec<Refused>) -> Option<Rings> {
        let typed = self.value("rings");
        if typed.is_empty() {
            return Some(Rings::default());
        }
        let ring = |text: &str| {
            let (miles, weight) = text.split_once(':')?;
            let to = Kilometres::from_miles(miles.trim().parse().ok()?).ok()?;
            let weight = weight.trim().parse().ok()?;
            Some(Ring { to, weight })
        };
        let rings: Option<Vec<Ring>> = typed.split(',').map(ring).collect();
        let rings = rings.and_then(|rings| Rings::new(rings).ok());
        if rings.is_none() {
            let text =
                "Rings are miles and weights from the inside out, such as 10:1, 30:0.68, 60:0.22";
            refuse(wrong, "rings", "rings_invalid", text);
        }
        rings
    }

    /// The pinned moment, else the end of the day asked for, else now, in whole seconds.
    fn moment(&self, now: Timestamp, wrong: &mut Vec<Refused>) -> Option<Timestamp> {
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let (at, date) = (self.value("at"), self.value("date"));
        let moment = match (at, date) {
            ("", "") => Some(now),
            ("", date) => date.parse::<Date>().ok().and_then(end_of),
            (at, _) => at.parse().ok(),
        };
        let today = now.to_zoned(TimeZone::UTC).date();
        let is_today = at.is_empty() && date.parse::<Date>().is_ok_and(|day| day == today);
        match moment {
            Some(_) if is_today => Some(now),
            Some(moment) if moment <= now => Some(moment),
            Some(_) => {
                let text = "The day is in the future: choose today or a day before";
                refuse(wrong, "date", "date_future", text);
                None
            }
            None => {
                let text = "A day is written year-month-day, such as 2026-11-22";
                refuse(wrong, "date", "date_invalid", text);
                None
            }
        }
    }

    fn check_state(&self, wrong: &mut Vec<Refused>) {
        if !self.value("state").is_empty() && self.state().is_none() {
            let text = "There is no such state: choose one of the list";
            refuse(wrong, "state", "state_unknown", text);
        }
    }

    /// In what places are counted, and which languages are compared.
    fn counting(&self, question: &mut Question, wrong: &mut Vec<Refused>) {
        if !self.value("unit").is_empty() {
            question.unit = Unit::parse(self.value("unit"));
            if question.unit.is_none() {
                let text = "Places are counted in one of the units of the list";
                refuse(wrong, "unit", "unit_unknown", text);
            }
        }
        match self.shown("assumed", "1").parse() {
            Ok(assumed) => question.assumed_places = assumed,
            Err(_) => {
                let text = "An open provider without a count stands for a whole number of places";
                refuse(wrong, "assumed", "assumed_invalid", text);
            }
        }
        if !self.value("compare").is_empty() {
            let tags = LANGUAGES
                .iter()
                .filter_map(|(tag, _)| LanguageTag::parse(tag).ok());
            question.languages = tags.collect();
        }
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

fn refuse(wrong: &mut Vec<Refused>, field: &'static str, code: &'static str, text: &str) {
    wrong.push(refused(field, code, text));
}

pub(super) fn refused(field: &'static str, code: &'static str, text: &str) -> Refused {
    let text = text.to_owned();
    Refused { field, code, text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::coverage::samples::name;

    const NOW: &str = "2026-11-22T14:17:05.25Z";

    fn question(query: &str) -> Result<Question, Vec<Refused>> {
        let known = [name("Residents"), name("Pending cases")];
        Ask::read(Some(query)).question(&known[0], &known, NOW.parse().unwrap())
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
        assert_eq!(question.as_of.to_string(), "2026-11-22T14:17:05Z");
        assert_eq!(question.demand.as_str(), "Residents");
        assert_eq!(question.filter.need.unwrap().any_of[0].as_str(), "dom:leg");
    }

    #[test]
    fn a_day_means_its_end_and_today_means_now() {
        let at = |query| question(query).unwrap().as_of.to_string();

        assert_eq!(at("date=2026-11-20"), "2026-11-20T23:59:59Z");
        assert_eq!(at("date=2026-11-22"), "2026-11-22T14:17:05Z");
        assert_eq!(
            at("date=2026-11-20&at=2026-11-01T08:00:00Z"),
            "2026-11-01T08:00:00Z"
        );
    }

    #[test]
    fn every_field_at_fault_is_named() {
        assert_eq!(
            codes("measure=x&miles=far&date=tomorrow&demand=Nobody&state=ZZ&need=nonsense"),
            [
                ("need", "need_code"),
                ("demand", "demand_unknown"),
                ("miles", "miles_invalid"),
                ("date", "date_invalid"),
                ("state", "state_unknown"),
            ]
        );
        assert_eq!(codes("measure=x"), [("measure", "measure_unknown")]);
        assert_eq!(codes("date=2026-11-23"), [("date", "date_future")]);
        assert_eq!(
            codes("measure=organizations&organizations=0"),
            [("organizations", "coverage_organizations")]
        );
        assert_eq!(
            codes("measure=catchment&rings=30:1,10:1"),
            [("rings", "rings_invalid")]
        );
        assert_eq!(codes("miles=1000"), [("miles", "coverage_distance")]);
        assert_eq!(codes("assumed=0"), [("assumed", "coverage_assumed_places")]);
        assert_eq!(codes("unit=cow"), [("unit", "unit_unknown")]);
        assert_eq!(codes("needs=x"), [("", "field_unknown")]);
    }

    #[test]
    fn no_fault_repeats_what_was_typed() {
        let query = "measure=x-secret&miles=x-secret&date=x-secret&demand=x-secret&state=x-secret&need=x-secret";
        for wrong in question(query).unwrap_err() {
            assert!(!wrong.text.contains("secret"), "{}", wrong.text);
        }
    }

    #[test]
    fn a_link_pins_the_moment_and_keeps_the_question() {
        let ask = Ask::read(Some(
            "need=lc:bond&measure=within&miles=60&places=4&near=21202&state=",
        ));
        let at = NOW.parse().unwrap();

        let link = ask.link("/coverage", at, &[("state", "MD")]);

        assert_eq!(
            link,
            "/coverage?at=2026-11-22T14%3A17%3A05.25Z&measure=within&miles=60&need=lc%3Abond&state=MD"
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
