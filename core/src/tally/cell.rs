//! What is kept of a search.

use std::fmt;

use jiff::Timestamp;

use crate::capacity::Availability;
use crate::geo::{CountyFips, Locality, LocalityKind};
use crate::search::{Also, Need, Request};
use crate::tally::Week;
use crate::vocabulary::{Code, entry};

/// Codes that could mark a person: survivors of violence, LGBTQ+ people, substance use, country of origin. A
/// search for any of them is not counted.
const SENSITIVE: [&str; 7] = [
    "el:dv", "el:lgbtq", "el:ctry", "ho:conf", "lc:vawa", "mh:sgbv", "mh:sud",
];

/// All that is kept of a search: it is counted under this.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    /// When.
    pub week: Week,
    /// What was needed.
    pub topic: Topic,
    /// The county of the place to be served, else of the place searched near: the one most of its
    /// people live in. `None` for states, countries and searches without a place.
    pub county: Option<CountyFips>,
}

/// What a search was for, as far as it is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// A need of the vocabulary; for several at once their domain.
    Need(Code),
    /// A need that the vocabulary does not have. Which one is not kept: anybody can write anything there.
    Other,
    /// No need was stated.
    Any,
}

impl Cell {
    /// What is counted of a search at `now`. `None`: it is not counted.
    ///
    /// Counted is the first page of what somebody asked: no later page, no search narrowed by a facet, none
    /// for services that nobody has confirmed, none that asks for nothing. Searches that name a
    /// nationality or a code that could mark a person are left out altogether. Each need of a bundle is
    /// a search.
    #[must_use]
    pub fn of(request: &Request, now: Timestamp) -> Option<Self> {
        let goes_on = !request.shown.is_empty() || request.also != Also::default();
        let unconfirmed = request.availability == Availability::Unconfirmed;
        if goes_on || unconfirmed || asks_nothing(request) || is_sensitive(request) {
            return None;
        }
        let place = request.serves.as_ref();
        let place = place.or(request.near.as_ref().map(|near| &near.place));
        Some(Self {
            week: Week::of(now),
            topic: request.need.as_ref().map_or(Topic::Any, Topic::of),
            county: place.and_then(county),
        })
    }
}

impl Topic {
    /// What a need is counted as.
    #[must_use]
    pub fn of(need: &Need) -> Self {
        let code = match need.any_of.as_slice() {
            [] => return Self::Any,
            [only] => Some(only.clone()),
            [first, ..] => first.parent().or_else(|| Some(first.clone())),
        };
        let known = code.filter(|code| code.is_need() && entry(code).is_some());
        known.map_or(Self::Other, Self::Need)
    }

    /// Whether it could mark a person. No search is counted under such a topic; a table that has one anyway is
    /// not published.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        matches!(self, Self::Need(code) if SENSITIVE.contains(&code.as_str()))
    }

    /// Reads what [`Topic`] is written as: a need of the vocabulary, `other` or `any`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "any" => Some(Self::Any),
            "other" => Some(Self::Other),
            code => {
                let code = Code::parse(code).ok()?;
                code.is_need().then_some(Self::Need(code))
            }
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Need(code) => code.fmt(f),
            Self::Other => f.write_str("other"),
            Self::Any => f.write_str("any"),
        }
    }
}

/// A look at everything there is, nobody's need.
fn asks_nothing(request: &Request) -> bool {
    let place = request.near.is_some() || request.serves.is_some();
    request.need.is_none() && request.text.is_none() && !place
}

fn is_sensitive(request: &Request) -> bool {
    let needs = request.need.iter();
    let mut codes = needs.flat_map(|need| need.any_of.iter().chain(&need.all_of));
    request.circumstances.nationality.is_some()
        || codes.any(|code| SENSITIVE.contains(&code.as_str()))
}

fn county(place: &Locality) -> Option<CountyFips> {
    let wide = matches!(place.kind, LocalityKind::State | LocalityKind::Country);
    let first = place.counties.first().filter(|_| !wide);
    first.map(|(county, _)| *county)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::{CountryCode, Kilometres, StateCode};
    use crate::search::{Near, QueryText};

    const NOW: Timestamp = Timestamp::constant(1_795_300_000, 0);

    fn place(kind: LocalityKind, counties: &[u32]) -> Locality {
        let counties = counties
            .iter()
            .filter_map(|fips| CountyFips::from_number(*fips));
        Locality {
            label: "somewhere".to_owned(),
            point: None,
            approximate: false,
            zip: None,
            counties: counties.map(|fips| (fips, 0.5)).collect(),
            state: StateCode::parse("TX").ok(),
            country: CountryCode::US,
            kind,
        }
    }

    fn needing(need: &str) -> Request {
        Request {
            need: Some(Need::parse(need).unwrap()),
            ..Request::any()
        }
    }

    fn topic(need: &str) -> String {
        Cell::of(&needing(need), NOW).unwrap().topic.to_string()
    }

    fn near(place: Locality) -> Near {
        let radius = Kilometres::new(40.0).unwrap();
        Near { place, radius }
    }

    #[test]
    fn a_need_is_counted_as_its_code_and_several_as_their_domain() {
        assert_eq!(topic("lc:bond"), "lc:bond");
        assert_eq!(topic("lc:bond,rep:full,cust:det-any"), "lc:bond");
        assert_eq!(topic("lc:bond,lc:asy-def"), "dom:leg");
        assert_eq!(topic("dom:leg,lc:bond"), "dom:leg");
        assert_eq!(topic("rep:full"), "any");
    }

    #[test]
    fn what_is_not_in_the_vocabulary_is_never_kept() {
        assert_eq!(topic("x-harbor:maria-lopez-a123456789"), "other");
        assert_eq!(topic("lc:maria-lopez"), "other");
        assert_eq!(topic("dom:555-0100"), "other");
    }

    #[test]
    fn the_county_is_that_of_the_place_to_be_served_first() {
        let served = place(LocalityKind::Zip, &[48_163, 48_013]);
        let request = Request {
            near: Some(near(place(LocalityKind::City, &[24_510]))),
            serves: Some(served),
            ..Request::any()
        };

        let cell = Cell::of(&request, NOW).unwrap();
        assert_eq!(cell.county, CountyFips::from_number(48_163));
        let cell = Cell::of(
            &Request {
                serves: None,
                ..request
            },
            NOW,
        )
        .unwrap();
        assert_eq!(cell.county, CountyFips::from_number(24_510));
    }

    #[test]
    fn a_state_or_country_is_no_county() {
        for kind in [LocalityKind::State, LocalityKind::Country] {
            let request = Request {
                serves: Some(place(kind, &[48_163, 48_013])),
                ..Request::any()
            };
            assert_eq!(Cell::of(&request, NOW).unwrap().county, None);
        }
    }

    #[test]
    fn later_pages_and_facets_are_the_same_search() {
        let mut page = needing("lc:bond");
        page.shown = vec![7];
        let mut facet = needing("lc:bond");
        facet.also.languages = vec![crate::catalog::LanguageTag::parse("es").unwrap()];
        let mut unconfirmed = needing("lc:bond");
        unconfirmed.availability = Availability::Unconfirmed;

        for request in [page, facet, unconfirmed, Request::any()] {
            assert_eq!(Cell::of(&request, NOW), None);
        }
    }

    #[test]
    fn what_could_mark_a_person_is_not_counted() {
        for code in SENSITIVE {
            assert_eq!(Cell::of(&needing(code), NOW), None, "{code}");
            assert!(entry(&Code::parse(code).unwrap()).is_some(), "{code}");
        }
        assert_eq!(Cell::of(&needing("ho:es,el:lgbtq"), NOW), None);
        let mut request = needing("lc:bond");
        request.circumstances.nationality = CountryCode::parse("HN").ok();
        assert_eq!(Cell::of(&request, NOW), None);
    }

    #[test]
    fn nothing_typed_is_in_what_is_kept() {
        let request = Request {
            text: QueryText::parse("secret plight").unwrap(),
            serves: Some(place(LocalityKind::Zip, &[48_163])),
            ..Request::any()
        };

        let cell = Cell::of(&request, NOW).unwrap();

        let kept = format!("{cell:?}");
        assert!(
            !kept.contains("secret") && !kept.contains("somewhere"),
            "{kept}"
        );
        assert_eq!(cell.topic, Topic::Any);
    }

    #[test]
    fn a_topic_is_read_as_it_was_written() {
        for need in ["lc:bond", "dom:hou", "x-a:b"] {
            let topic = Cell::of(&needing(need), NOW).unwrap().topic;
            assert_eq!(Topic::parse(&topic.to_string()), Some(topic));
        }
        for wrong in ["", "bond", "fee:free", "Any"] {
            assert_eq!(Topic::parse(wrong), None, "{wrong}");
        }
    }
}
