//! The search form: what was typed, kept as typed, and the query it means.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};

use referral_core::capacity::Availability;
use referral_core::search::{self, Access, Change, Query};

use super::chosen::Chosen;
use super::wrong::Wrong;

/// Results on one page.
const PAGE_RESULTS: u32 = 20;
/// Most values of facets chosen at once.
const FILTERS: usize = 32;

/// Fields that may stand in a link: need, place and what tells nothing of one client.
const LINKED: [&str; 4] = ["need", "near", "radius", "availability"];
/// Other fields that a link someone wrote may have.
const PLAIN: [&str; 9] = [
    "text",
    "serves",
    "neighbours",
    "language",
    "interpreter",
    "access",
    "fee",
    "page",
    "rotation",
];
/// Facts about one client: sent by the form alone, never in a link.
const CLIENT: [&str; 5] = [
    "custody",
    "age",
    "immigration",
    "nationality",
    "work_permit",
];

/// What was typed, kept as typed.
#[derive(Clone, Default)]
pub(super) struct Form {
    /// True once any field was sent: the empty page has none.
    pub(super) asked: bool,
    typed: BTreeMap<&'static str, String>,
    /// Values of facets that were chosen.
    pub(super) chosen: Vec<Chosen>,
    wrong: Vec<Wrong>,
}

impl Form {
    /// Reads a form's body. Every field is kept, even beside one that is wrong; of a field sent twice the
    /// last counts.
    pub(super) fn read(typed: &[u8]) -> Self {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(typed) {
            form.asked = true;
            form.set(&name, value.trim());
        }
        form
    }

    /// Reads a query string. Facts about one client do not belong there.
    pub(super) fn read_link(typed: &[u8]) -> Self {
        let mut form = Self::read(typed);
        if CLIENT.iter().any(|field| !form.value(field).is_empty()) {
            form.refuse("", "field_private");
        }
        form
    }

    fn set(&mut self, name: &str, value: &str) {
        match name {
            "filter" => self.choose(value),
            "drop" => self.chosen.retain(|chosen| chosen.to_string() != value),
            _ => {
                let mut known = LINKED.iter().chain(&PLAIN).chain(&CLIENT);
                if let Some(field) = known.find(|field| **field == name) {
                    self.typed.insert(field, value.to_owned());
                } else {
                    self.refuse("", "field_unknown");
                }
            }
        }
    }

    fn choose(&mut self, value: &str) {
        let Some(chosen) = Chosen::parse(value) else {
            return self.refuse("", "filter_unknown");
        };
        self.chosen
            .retain(|before| *before != chosen && !chosen.replaces(before));
        if self.chosen.len() < FILTERS {
            self.chosen.push(chosen);
        } else {
            self.refuse("", "too_many_filters");
        }
    }

    fn refuse(&mut self, field: &'static str, code: &'static str) {
        // One fault of a kind says enough.
        if self.wrong.iter().all(|wrong| wrong.code != code) {
            self.wrong.push(Wrong::of(field, code));
        }
    }

    /// What was typed into a field; empty: nothing.
    pub(super) fn value(&self, field: &str) -> &str {
        self.typed.get(field).map_or("", String::as_str)
    }

    /// True when a box is ticked.
    pub(super) fn ticked(&self, field: &str) -> bool {
        !self.value(field).is_empty()
    }

    /// Gives a field a value where nothing was typed.
    pub(super) fn fill(&mut self, field: &'static str, value: &str) {
        if self.value(field).is_empty() {
            self.typed.insert(field, value.to_owned());
        }
    }

    /// Draws the number that turns equal results for this asker, unless the form brought one.
    pub(super) fn draw(&mut self) {
        self.fill("rotation", &RandomState::new().hash_one(0).to_string());
    }

    /// The query it means, and every field that means nothing.
    pub(super) fn query(&self) -> (Query, Vec<Wrong>) {
        let mut checked = self.clone();
        // On the wire 0 means "not stated"; who types it means it.
        let (radius, near) = (self.value("radius"), self.value("near"));
        let radius_miles = if radius.is_empty() || near.is_empty() {
            0.0
        } else {
            let typed = radius.parse().ok();
            typed
                .filter(|miles: &f64| miles.is_finite() && *miles != 0.0)
                .unwrap_or_else(|| {
                    checked.refuse("radius_miles", "radius_invalid");
                    0.0
                })
        };
        let availability = match self.value("availability") {
            "" => Ok(Availability::Open),
            typed => Availability::parse(typed),
        };
        let availability = availability.unwrap_or_else(|_| {
            checked.refuse("availability", "availability_invalid");
            Availability::Open
        });
        let typed = |field| self.value(field).to_owned();
        let query = Query {
            need: typed("need"),
            text: typed("text"),
            near: typed("near"),
            radius_miles,
            serves: typed("serves"),
            languages: vec![typed("language")],
            availability,
            custody: typed("custody"),
            age: typed("age"),
            immigration: typed("immigration"),
            nationality: typed("nationality"),
            work_permit: typed("work_permit"),
            access: typed("access"),
            fee: typed("fee"),
            interpreter: self.ticked("interpreter"),
            neighbours: self.ticked("neighbours"),
            also: self.also(),
            limit: PAGE_RESULTS,
            seed: self.value("rotation").parse().unwrap_or_default(),
            cursor: typed("page"),
            facets: true,
            near_misses: true,
        };
        (query, checked.wrong)
    }

    fn also(&self) -> search::Chosen {
        let of = |field: &str| -> Vec<String> {
            let chosen = self.chosen.iter().filter(|chosen| chosen.field() == field);
            chosen.map(|chosen| chosen.value().to_owned()).collect()
        };
        let one = |field| of(field).pop().unwrap_or_default();
        search::Chosen {
            codes: of("codes"),
            languages: of("languages"),
            state: one("state"),
            in_state: one("in_state"),
            access: one("access"),
        }
    }

    /// The form with one change made to it, as the button for it sends it: a field and its new value.
    pub(super) fn change(&self, change: &Change) -> (&'static str, String) {
        let cleared = String::new;
        match change {
            Change::Waitlist => ("availability", Availability::Waitlist.as_str().to_owned()),
            Change::Unconfirmed => (
                "availability",
                Availability::Unconfirmed.as_str().to_owned(),
            ),
            Change::WidenTo(miles) => ("radius", miles.to_string()),
            Change::Interpreter => ("interpreter", "yes".to_owned()),
            Change::AnyLanguage => ("language", cleared()),
            Change::Remote | Change::InPerson => ("access", Access::Any.as_str().to_owned()),
            Change::Neighbours => ("neighbours", "yes".to_owned()),
            Change::AnyFee => ("fee", cleared()),
            Change::Without(which) => (which.as_str(), cleared()),
            Change::WithoutTerm(code) => {
                let rest = self.value("need").split(',').map(str::trim);
                let rest: Vec<&str> = rest.filter(|typed| *typed != code.as_str()).collect();
                ("need", rest.join(","))
            }
        }
    }

    /// What a button beside the form sends again: everything but the page.
    pub(super) fn kept(&self) -> Vec<(&'static str, String)> {
        let typed = self.typed.iter();
        let typed = typed.filter(|(name, value)| **name != "page" && !value.is_empty());
        let chosen = self.chosen.iter();
        typed
            .map(|(name, value)| (*name, value.clone()))
            .chain(chosen.map(|chosen| ("filter", chosen.to_string())))
            .collect()
    }

    /// The address of the search without anything that may tell of one client: need, place, how far and
    /// which states.
    pub(super) fn link(&self) -> Option<String> {
        if self.value("need").is_empty() && self.value("near").is_empty() {
            return None;
        }
        let mut link = form_urlencoded::Serializer::for_suffix("/?".to_owned(), 2);
        for name in LINKED {
            let value = self.value(name);
            if !value.is_empty() {
                link.append_pair(name, value);
            }
        }
        Some(link.finish())
    }
}

#[cfg(test)]
mod tests {
    use referral_core::search::Circumstance;
    use referral_core::vocabulary::Code;

    use super::*;

    #[test]
    fn everything_typed_is_kept_beside_what_is_wrong() {
        let form = Form::read(b"near=Baltimore%2C+MD&needs=x&radius=far&text=beds");

        assert_eq!(
            ["near", "radius", "text"].map(|field| form.value(field)),
            ["Baltimore, MD", "far", "beds"]
        );
        let (_, wrong) = form.query();
        let codes: Vec<&str> = wrong.iter().map(|wrong| wrong.code).collect();
        assert_eq!(codes, ["field_unknown", "radius_invalid"]);
    }

    #[test]
    fn the_link_holds_need_and_place_and_nothing_about_one_client() {
        let typed = "need=dom:hou&near=21202&text=pregnant&language=ti&serves=21201&custody=det\
                     &age=17&nationality=HN&fee=free&filter=codes%3Dfee%3Afree&page=AQ&rotation=5";

        let link = Form::read(typed.as_bytes()).link();

        assert_eq!(link.as_deref(), Some("/?need=dom%3Ahou&near=21202"));
    }

    #[test]
    fn facts_about_one_client_are_refused_in_a_link_and_taken_from_the_form() {
        for fact in CLIENT {
            let typed = format!("near=21202&{fact}=x");

            let (_, by_link) = Form::read_link(typed.as_bytes()).query();
            let (_, by_form) = Form::read(typed.as_bytes()).query();

            let codes: Vec<&str> = by_link.iter().map(|wrong| wrong.code).collect();
            assert_eq!((codes, by_form), (vec!["field_private"], vec![]), "{fact}");
        }
    }

    #[test]
    fn every_change_sets_one_field_to_what_it_says() {
        let form = Form::read(b"need=lc:bond,rep:full&near=21202&custody=det&language=mam");
        let rep = Code::parse("rep:full").unwrap();

        for (change, field, value) in [
            (Change::WidenTo(112), "radius", "112"),
            (Change::Waitlist, "availability", "waitlist"),
            (Change::AnyLanguage, "language", ""),
            (Change::Interpreter, "interpreter", "yes"),
            (Change::Without(Circumstance::Custody), "custody", ""),
            (Change::WithoutTerm(rep), "need", "lc:bond"),
        ] {
            assert_eq!(form.change(&change), (field, value.to_owned()));
        }
    }

    #[test]
    fn what_a_button_sends_again_is_the_search_from_its_first_page() {
        let form = Form::read(b"near=21202&age=17&page=AQ&filter=in_state%3DMD&fee=");

        let kept: Vec<String> = form
            .kept()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();

        assert_eq!(kept, ["age=17", "near=21202", "filter=in_state=MD"]);
    }

    #[test]
    fn a_button_sent_after_the_fields_overrules_its_field() {
        let form = Form::read(
            b"radius=25&filter=in_state%3DMD&filter=codes%3Dfee%3Afree&radius=112&drop=in_state%3DMD",
        );

        assert_eq!(form.value("radius"), "112");
        assert_eq!(form.also().codes, ["fee:free"]);
        assert_eq!(form.also().in_state, "");
    }
}
