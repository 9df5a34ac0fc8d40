//! A search as it is typed, and how it becomes a [`Request`]. Every adapter makes one of these.

use std::fmt;

use crate::capacity::{Availability, State};
use crate::catalog::LanguageTag;
use crate::geo::{Kilometres, Locality};
use crate::places::Places;
use crate::search::refused::{Refused, Wrong, stated};
use crate::search::{
    Access, Age, Also, Beside, Circumstances, Custody, Fee, Immigration, InvalidCircumstance,
    InvalidRequest, MOST_NEEDS, Near, Need, QueryText, Request, WorkPermit, resume,
};
use crate::vocabulary::Code;

/// A search as typed. Empty texts and a zero mean "not stated".
#[derive(Clone, Default, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent choices, each a box to tick"
)]
pub struct Query {
    /// Vocabulary codes, separated by commas.
    pub need: String,
    /// Words.
    pub text: String,
    /// A place to be near.
    pub near: String,
    /// How far, in miles.
    pub radius_miles: f64,
    /// A place to be served.
    pub serves: String,
    /// Language tags.
    pub languages: Vec<String>,
    /// Which states of capacity.
    pub availability: Availability,
    /// Custody: see [`Custody::parse`].
    pub custody: String,
    /// Age in whole years.
    pub age: String,
    /// Immigration situation: see [`Immigration::parse`].
    pub immigration: String,
    /// A country, by name or code.
    pub nationality: String,
    /// Work permit: see [`WorkPermit::parse`].
    pub work_permit: String,
    /// How the service is reached: see [`Access::parse`].
    pub access: String,
    /// The most it may cost: see [`Fee::parse`].
    pub fee: String,
    /// True when an interpreter by phone answers a language too.
    pub interpreter: bool,
    /// True when an area that holds a neighbouring county answers too.
    pub neighbours: bool,
    /// Values of facets that were chosen.
    pub also: Chosen,
    /// Most results.
    pub limit: u32,
    /// What turns equal results, on a first page.
    pub seed: u64,
    /// The cursor of the page asked for; empty for the first.
    pub cursor: String,
    /// True when facets are counted.
    pub facets: bool,
    /// True when near misses are looked for.
    pub near_misses: bool,
}

/// Values of facets as typed. What is empty was not chosen.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Vocabulary codes.
    pub codes: Vec<String>,
    /// Language tags.
    pub languages: Vec<String>,
    /// A state of capacity.
    pub state: String,
    /// A U.S. state, by name or code.
    pub in_state: String,
    /// How the offer is reached.
    pub access: String,
}

impl Query {
    /// The request this query means, places looked up on `map`.
    ///
    /// # Errors
    /// Every field at fault, each with its reason.
    pub fn understand(&self, map: &dyn Places) -> Result<Request, Vec<Refused>> {
        let mut wrong = Wrong(Vec::new());
        let request = self.request(map, &mut wrong);
        let request = match request.check() {
            Ok(request) => request,
            Err(e) => {
                wrong.refuse(field_of(e), e.code(), e);
                return Err(wrong.0);
            }
        };
        if !wrong.0.is_empty() {
            return Err(wrong.0);
        }
        if self.cursor.trim().is_empty() {
            return Ok(request);
        }
        resume(request, &self.cursor).map_err(|e| {
            wrong.refuse("cursor", e.code(), e);
            wrong.0
        })
    }

    /// The requests of a bundle: one for each of `needs`, at most [`MOST_NEEDS`], everything else
    /// shared. Without needs, or with one, it is [`Query::understand`] with that need.
    ///
    /// # Errors
    /// Every field at fault, each with its reason; a cursor, since it belongs to one need.
    pub fn bundle(&self, needs: &[String], map: &dyn Places) -> Result<Vec<Request>, Vec<Refused>> {
        if let [] | [_] = needs {
            let one = Self {
                need: needs.first().unwrap_or(&self.need).clone(),
                ..self.clone()
            };
            return one.understand(map).map(|request| vec![request]);
        }
        let mut wrong = Wrong(Vec::new());
        if needs.len() > MOST_NEEDS {
            let text = "a search bundles at most 8 needs";
            wrong.refuse("need", "too_many_needs", text);
        }
        if !self.cursor.trim().is_empty() {
            let text = "several needs have no further pages: ask for one need alone";
            wrong.refuse("cursor", "cursor_of_a_bundle", text);
        }
        let shared = Self {
            need: String::new(),
            cursor: String::new(),
            ..self.clone()
        };
        let shared = shared
            .understand(map)
            .map_err(|refused| wrong.0.extend(refused));
        let needs = needs.iter().take(MOST_NEEDS).map(|need| Need::parse(need));
        let needs: Vec<Option<Need>> = needs
            .map(|need| wrong.keep(need, |wrong, e| wrong.refuse("need", e.code(), e)))
            .collect();
        let Ok(shared) = shared else {
            return Err(wrong.0);
        };
        if !wrong.0.is_empty() {
            return Err(wrong.0);
        }
        let each = needs.into_iter().map(|need| Request {
            need,
            ..shared.clone()
        });
        Ok(each.collect())
    }

    fn request(&self, map: &dyn Places, wrong: &mut Wrong) -> Request {
        let need = stated(&self.need).map(Need::parse).transpose();
        let need = wrong.keep(need, |wrong, e| wrong.refuse("need", e.code(), e));
        let text = QueryText::parse(&self.text);
        let text = wrong.keep(text, |wrong, e| wrong.refuse("text", e.code(), e));
        let near = place("near", &self.near, map, wrong);
        let serves = place("serves", &self.serves, map, wrong);
        let near = near.and_then(|place| self.around(place, wrong));
        if self.radius_miles != 0.0 && stated(&self.near).is_none() {
            let text = "a radius needs a place: say near where";
            wrong.refuse("radius_miles", "radius_without_place", text);
        }
        let access = access("access", &self.access, wrong);
        let fee = stated(&self.fee).map(Fee::parse).transpose();
        let fee = wrong.keep(fee, |wrong, e| wrong.refuse("fee", e.code(), e));
        Request {
            need: need.flatten(),
            text: text.flatten(),
            beside: Beside::of(near.as_ref(), serves.as_ref(), map),
            near,
            serves,
            languages: languages("languages", &self.languages, wrong),
            availability: self.availability,
            circumstances: self.circumstances(map, wrong),
            access,
            fee: fee.flatten(),
            interpreter: self.interpreter,
            neighbours: self.neighbours,
            also: self.also.understand(map, wrong),
            limit: if self.limit == 0 { 20 } else { self.limit },
            seed: self.seed,
            facets: self.facets,
            near_misses: self.near_misses,
            ..Request::any()
        }
    }

    fn around(&self, place: Locality, wrong: &mut Wrong) -> Option<Near> {
        if self.radius_miles == 0.0 {
            return Some(Near {
                place,
                radius: Request::default_radius(),
            });
        }
        let radius = Kilometres::from_miles(self.radius_miles).map_err(|_| InvalidRequest::Radius);
        let radius = wrong.keep(radius, |wrong, e| {
            wrong.refuse("radius_miles", e.code(), e);
        })?;
        Some(Near { place, radius })
    }

    fn circumstances(&self, map: &dyn Places, wrong: &mut Wrong) -> Circumstances {
        let nation = |text: &str| {
            let named = map.country_named(text.trim());
            named.ok_or(InvalidCircumstance::Nationality)
        };
        Circumstances {
            custody: fact("custody", &self.custody, Custody::parse, wrong),
            age: fact("age", &self.age, Age::parse, wrong),
            immigration: fact("immigration", &self.immigration, Immigration::parse, wrong),
            nationality: fact("nationality", &self.nationality, nation, wrong),
            work_permit: fact("work_permit", &self.work_permit, WorkPermit::parse, wrong),
        }
    }
}

impl Chosen {
    fn understand(&self, map: &dyn Places, wrong: &mut Wrong) -> Also {
        let codes = self.codes.iter().filter_map(|text| stated(text));
        let codes = codes.filter_map(|text| {
            wrong.keep(Code::parse(text), |wrong, e| {
                wrong.refuse("also_codes", "code_invalid", e);
            })
        });
        let codes = codes.collect();
        // A filter may name every state of capacity, the two that nobody can report among them.
        let named = |text: &str| State::ALL.into_iter().find(|state| state.as_str() == text);
        let state = stated(&self.state).map(|text| {
            named(text).ok_or(
            "a state is open, limited, assess, waitlist, window, paused, closed, stale or unknown",
        )
        });
        let state = wrong.keep(state.transpose(), |wrong, why| {
            wrong.refuse("also_state", "state_invalid", why);
        });
        let in_state = stated(&self.in_state).map(|text| {
            let named = map.state_named(text);
            named.ok_or("a U.S. state is its name or its two-letter code, such as MD")
        });
        let in_state = wrong.keep(in_state.transpose(), |wrong, why| {
            wrong.refuse("also_in_state", "in_state_invalid", why);
        });
        Also {
            codes,
            languages: languages("also_languages", &self.languages, wrong),
            state: state.flatten(),
            in_state: in_state.flatten(),
            access: access("also_access", &self.access, wrong),
        }
    }
}

/// Typed words may name a person's plight: the redacted form.
impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Query(..)")
    }
}

impl fmt::Debug for Chosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chosen(..)")
    }
}

fn place(
    field: &'static str,
    typed: &str,
    map: &dyn Places,
    wrong: &mut Wrong,
) -> Option<Locality> {
    stated(typed)?;
    wrong.keep(map.resolve(typed), |wrong, e| wrong.refuse_place(field, &e))
}

fn languages(field: &'static str, typed: &[String], wrong: &mut Wrong) -> Vec<LanguageTag> {
    let typed = typed.iter().filter_map(|tag| stated(tag));
    typed
        .filter_map(|tag| {
            wrong.keep(LanguageTag::parse(tag), |wrong, e| {
                wrong.refuse(field, "language_invalid", e);
            })
        })
        .collect()
}

fn access(field: &'static str, typed: &str, wrong: &mut Wrong) -> Access {
    let access = stated(typed).map(Access::parse).transpose();
    let access = wrong.keep(access, |wrong, e| wrong.refuse(field, e.code(), e));
    access.flatten().unwrap_or_default()
}

fn fact<T>(
    field: &'static str,
    typed: &str,
    parse: impl FnOnce(&str) -> Result<T, InvalidCircumstance>,
    wrong: &mut Wrong,
) -> Option<T> {
    let fact = stated(typed).map(parse).transpose();
    let fact = wrong.keep(fact, |wrong, e| wrong.refuse(field, e.code(), e));
    fact.flatten()
}

fn field_of(invalid: InvalidRequest) -> &'static str {
    match invalid {
        InvalidRequest::TextTooLong
        | InvalidRequest::TextControl
        | InvalidRequest::TextWithoutWords => "text",
        InvalidRequest::TooManyLanguages => "languages",
        InvalidRequest::Radius => "radius_miles",
        InvalidRequest::Limit => "limit",
        InvalidRequest::TooManyFilters => "also_codes",
        InvalidRequest::TooManyShown => "cursor",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hsds::tests::SmallMap;
    use crate::id::PublicId;
    use crate::search::{Circumstance, cursor_after};

    fn fields(refused: &[Refused]) -> Vec<&'static str> {
        refused.iter().map(|wrong| wrong.field).collect()
    }

    fn typed(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_search_means_what_was_typed() {
        let query = Query {
            need: "lc:bond".to_owned(),
            near: "Baltimore, MD".to_owned(),
            custody: "det".to_owned(),
            nationality: "Honduras".to_owned(),
            access: "in-person".to_owned(),
            fee: "low_cost".to_owned(),
            also: Chosen {
                state: "stale".to_owned(),
                in_state: "Maryland".to_owned(),
                ..Chosen::default()
            },
            ..Query::default()
        };

        let request = query.understand(&SmallMap).unwrap();

        let given: Vec<_> = request.circumstances.given().collect();
        assert_eq!(given, [Circumstance::Custody, Circumstance::Nationality]);
        assert_eq!(
            (request.access, request.fee),
            (Access::InPerson, Some(Fee::LowCost))
        );
        assert_eq!(request.also.state, Some(State::Stale));
        assert_eq!(request.also.in_state.unwrap().as_str(), "MD");
        let beside = request.beside.near.iter().map(ToString::to_string);
        assert_eq!(beside.collect::<Vec<_>>(), ["24005"]);
        assert_eq!(request.limit, 20);
    }

    #[test]
    fn every_field_at_fault_is_named_and_nothing_typed_is_repeated() {
        let wrong = || "secret".to_owned();
        let query = Query {
            need: wrong(),
            near: wrong(),
            serves: wrong(),
            languages: vec!["no language".to_owned()],
            custody: wrong(),
            age: wrong(),
            immigration: wrong(),
            nationality: wrong(),
            work_permit: wrong(),
            access: wrong(),
            fee: wrong(),
            also: Chosen {
                codes: vec![wrong()],
                languages: vec!["no language".to_owned()],
                state: wrong(),
                in_state: wrong(),
                access: wrong(),
            },
            ..Query::default()
        };

        let mut refused = query.understand(&SmallMap).unwrap_err();

        assert!(refused.iter().all(|wrong| !wrong.text.contains("secret")));
        refused.sort_by_key(|wrong| wrong.field);
        assert_eq!(
            fields(&refused),
            [
                "access",
                "age",
                "also_access",
                "also_codes",
                "also_in_state",
                "also_languages",
                "also_state",
                "custody",
                "fee",
                "immigration",
                "languages",
                "nationality",
                "near",
                "need",
                "serves",
                "work_permit",
            ]
        );
    }

    #[test]
    fn a_next_page_is_of_the_same_search() {
        let bond = Query {
            need: "lc:bond".to_owned(),
            seed: 7,
            ..Query::default()
        };
        let first = bond.understand(&SmallMap).unwrap();
        let cursor = cursor_after(&first, [PublicId::from_u128(1 << 64)]);
        let next = |query: &Query| {
            let query = Query {
                cursor: cursor.clone(),
                ..query.clone()
            };
            query.understand(&SmallMap)
        };

        let later = Query { seed: 8, ..bond };
        assert_eq!(
            next(&later).map(|next| (next.seed, next.shown)),
            Ok((7, vec![1]))
        );
        let refused = next(&Query::default()).unwrap_err();
        assert_eq!(refused[0].code, "cursor_of_another_search");
    }

    #[test]
    fn a_bundle_is_one_search_for_each_need() {
        let shared = Query {
            near: "Baltimore, MD".to_owned(),
            ..Query::default()
        };

        let bundle = shared
            .bundle(&typed(&["lc:bond", "ho:es"]), &SmallMap)
            .unwrap();

        let needs = ["lc:bond", "ho:es"].map(|need| Some(Need::parse(need).unwrap()));
        assert_eq!([&bundle[0].need, &bundle[1].need], [&needs[0], &needs[1]]);
        assert!(bundle[0].near.is_some() && bundle[0].near == bundle[1].near);
        assert_eq!(shared.bundle(&[], &SmallMap).unwrap().len(), 1);
    }

    #[test]
    fn a_bundle_names_each_fault_once() {
        let shared = Query {
            near: "nowhere".to_owned(),
            cursor: "AQ".to_owned(),
            ..Query::default()
        };

        let refused = shared
            .bundle(&typed(&["lc:bond", "bond"]), &SmallMap)
            .unwrap_err();

        assert_eq!(fields(&refused), ["cursor", "near", "need"]);
        let nine = vec!["lc:bond".to_owned(); 9];
        let refused = Query::default().bundle(&nine, &SmallMap).unwrap_err();
        assert_eq!(refused[0].code, "too_many_needs");
    }
}
