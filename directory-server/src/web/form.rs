//! The search form: what was typed, kept as typed, and the query it means.

use referral_core::capacity::Availability;
use referral_core::search::{Query, Refused};

/// Results on one page.
pub(super) const PAGE_RESULTS: usize = 20;
/// The last result that can be paged to.
const LAST_RESULT: usize = 200;

/// What was typed, kept as typed.
#[derive(Clone, Default)]
pub(super) struct Form {
    /// True once any field was sent: the empty page has none.
    pub(super) asked: bool,
    pub(super) need: String,
    pub(super) text: String,
    pub(super) near: String,
    pub(super) radius: String,
    pub(super) serves: String,
    pub(super) language: String,
    pub(super) availability: String,
    /// How many results come before the page.
    pub(super) from: usize,
    wrong: Vec<Refused>,
}

impl Form {
    /// Reads a query string or a form's body. Every field is kept, even beside one that is wrong.
    pub(super) fn read(typed: &[u8]) -> Self {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(typed) {
            form.asked = true;
            form.set(&name, value.trim());
        }
        form
    }

    fn set(&mut self, name: &str, value: &str) {
        let field = match name {
            "need" => &mut self.need,
            "text" => &mut self.text,
            "near" => &mut self.near,
            "radius" => &mut self.radius,
            "serves" => &mut self.serves,
            "language" => &mut self.language,
            "availability" => &mut self.availability,
            "from" => {
                match value.parse() {
                    Ok(from) if from < LAST_RESULT => self.from = from,
                    _ => self.refuse("", "from_invalid", "there is no such page of results"),
                }
                return;
            }
            _ => {
                let text = "the search page has no such field: start from the form";
                self.refuse("", "field_unknown", text);
                return;
            }
        };
        value.clone_into(field);
    }

    fn refuse(&mut self, field: &'static str, code: &'static str, text: &str) {
        let text = text.to_owned();
        self.wrong.push(Refused { field, code, text });
    }

    /// The query it means, for results up to the end of the page, and every field that means nothing.
    pub(super) fn query(&self) -> (Query, Vec<Refused>) {
        let mut checked = self.clone();
        // On the wire 0 means "not stated"; who types it means it.
        let radius_miles = if self.radius.is_empty() || self.near.is_empty() {
            0.0
        } else {
            let typed = self.radius.parse().ok();
            typed.filter(|miles| *miles != 0.0).unwrap_or(f64::NAN)
        };
        if !radius_miles.is_finite() {
            let text = "a radius is a number of miles, more than 0";
            checked.refuse("radius_miles", "radius_invalid", text);
        }
        let availability = if self.availability.is_empty() {
            Ok(Availability::Open)
        } else {
            Availability::parse(&self.availability)
        };
        let availability = availability.unwrap_or_else(|invalid| {
            let text = invalid.to_string();
            checked.refuse("availability", "availability_invalid", &text);
            Availability::Open
        });
        let last = (self.from + PAGE_RESULTS).min(LAST_RESULT);
        let query = Query {
            need: self.need.clone(),
            text: self.text.clone(),
            near: self.near.clone(),
            radius_miles: if radius_miles.is_finite() {
                radius_miles
            } else {
                0.0
            },
            serves: self.serves.clone(),
            languages: vec![self.language.clone()],
            availability,
            limit: u32::try_from(last).unwrap_or(u32::MAX),
            ..Query::default()
        };
        (query, checked.wrong)
    }

    /// The same search among services in any state.
    pub(super) fn in_any_state(&self) -> Self {
        Self {
            availability: Availability::Any.as_str().to_owned(),
            from: 0,
            ..self.clone()
        }
    }

    /// What a button beside the form sends again: everything but availability and page.
    pub(super) fn kept(&self) -> [(&'static str, &str); 6] {
        [
            ("need", &self.need),
            ("near", &self.near),
            ("radius", &self.radius),
            ("text", &self.text),
            ("language", &self.language),
            ("serves", &self.serves),
        ]
    }

    /// How many results come before the next page, where `total` leaves one.
    pub(super) fn next_page(&self, total: usize) -> Option<usize> {
        let next = self.from + PAGE_RESULTS;
        (next < total.min(LAST_RESULT)).then_some(next)
    }

    /// How many results come before the page before this one.
    pub(super) fn previous_page(&self) -> Option<usize> {
        (self.from > 0).then(|| self.from.saturating_sub(PAGE_RESULTS))
    }

    /// The address of the search without anything that may tell of one client: need, place, how far and
    /// which states.
    pub(super) fn link(&self) -> String {
        let mut link = form_urlencoded::Serializer::for_suffix("/?".to_owned(), 2);
        for (name, value) in [
            ("need", &self.need),
            ("near", &self.near),
            ("radius", &self.radius),
            ("availability", &self.availability),
        ] {
            if !value.is_empty() {
                link.append_pair(name, value);
            }
        }
        link.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_typed_is_kept_beside_what_is_wrong() {
        let form = Form::read(b"near=Baltimore%2C+MD&needs=x&radius=far&text=beds");

        assert_eq!(
            (&*form.near, &*form.radius, &*form.text),
            ("Baltimore, MD", "far", "beds")
        );
        let (_, wrong) = form.query();
        let codes: Vec<&str> = wrong.iter().map(|wrong| wrong.code).collect();
        assert_eq!(codes, ["field_unknown", "radius_invalid"]);
    }

    #[test]
    fn the_link_holds_need_and_place_and_nothing_about_one_client() {
        let form = Form::read(b"need=dom:hou&near=21202&text=pregnant&language=ti&serves=21201");

        assert_eq!(form.link(), "/?need=dom%3Ahou&near=21202");
    }

    #[test]
    fn pages_end_where_the_results_or_the_limit_end() {
        let first = Form::read(b"near=21202");
        let last = Form::read(b"from=180");

        assert_eq!((first.previous_page(), first.next_page(20)), (None, None));
        assert_eq!(first.next_page(21), Some(20));
        assert_eq!(
            (last.previous_page(), last.next_page(900)),
            (Some(160), None)
        );
        assert_eq!(Form::read(b"from=200").query().1[0].code, "from_invalid");
    }
}
