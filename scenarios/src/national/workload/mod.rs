//! What caseworkers ask of a national network: searches in classes, as typed and as understood.
//!
//! [`Workload::new`] makes as many as wanted from a seed; [`Workload::unlike`] makes others of which none
//! is in the first, for checking that nothing was tuned on the searches themselves. Places are drawn by
//! demand, needs by kind, languages by what courts hear, words from what services say and what people
//! call it, some in Spanish, some misspelt.

mod asked;
mod class;
mod demand;
mod filters;

pub use class::Class;

use rand::seq::SliceRandom;
use referral_core::capacity::Availability;
use referral_core::search::{Query, Request};
use referral_gazetteer::gazetteer;

use super::National;
use super::seeds::{For, dice};
use crate::invented::dice::{Dice, chance, weighted};
use demand::Demand;

/// Radii and how often each is asked. Unit: miles.
const RADII: [(f64, f64); 4] = [(2.0, 10.0), (3.0, 25.0), (2.0, 50.0), (1.0, 100.0)];
/// Searches by words alone that name a service (assumption).
const BY_NAME: f64 = 0.15;
/// How often another search is drawn where one is refused or known.
const TRIES: usize = 200;

/// Searches, in an order in which the classes are mixed.
#[derive(Clone, Debug)]
pub struct Workload {
    searches: Vec<Search>,
}

/// One search.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// What it asks by.
    pub class: Class,
    /// As it is typed.
    pub query: Query,
    /// As it is understood. Every other search asks for facets, none for near misses.
    pub request: Request,
}

impl Workload {
    /// So many searches. The same network, seed and number give the same searches.
    #[must_use]
    pub fn new(national: &National, seed: u64, searches: usize) -> Self {
        Self::drawn(national, seed, searches, &[])
    }

    /// So many searches of which none is in this workload.
    #[must_use]
    pub fn unlike(&self, national: &National, seed: u64, searches: usize) -> Self {
        Self::drawn(national, seed, searches, &self.searches)
    }

    /// The searches.
    #[must_use]
    pub fn searches(&self) -> &[Search] {
        &self.searches
    }

    fn drawn(national: &National, seed: u64, searches: usize, known: &[Search]) -> Self {
        let mut dice = dice(seed, For::Workload, 0);
        let demand = Demand::new();
        let mut classes = Class::portions(searches);
        classes.shuffle(&mut dice);
        let known: Vec<Query> = known.iter().map(Search::without_facets).collect();
        let mut made = Vec::with_capacity(searches);
        for (number, class) in classes.into_iter().enumerate() {
            let drawn = || search(national, &demand, class, &mut dice);
            let mut drawn = std::iter::repeat_with(drawn).take(TRIES).flatten();
            let found = drawn.find(|search| !known.contains(&search.query));
            made.extend(found.map(|search| search.with_facets(number % 2 == 1)));
        }
        Self { searches: made }
    }
}

impl Search {
    fn with_facets(mut self, facets: bool) -> Self {
        self.query.facets = facets;
        self.request.facets = facets;
        self
    }

    /// What tells it from other searches.
    fn without_facets(&self) -> Query {
        Query {
            facets: false,
            ..self.query.clone()
        }
    }
}

/// A search of the class; `None` where what was typed is not understood.
fn search(national: &National, demand: &Demand, class: Class, dice: &mut Dice) -> Option<Search> {
    let query = query(national, demand, class, dice);
    let request = query.understand(gazetteer()).ok()?;
    Some(Search {
        class,
        query,
        request,
    })
}

fn query(national: &National, demand: &Demand, class: Class, dice: &mut Dice) -> Query {
    let offering = asked::offering(national.breadth, dice);
    let mut query = Query {
        availability: Availability::Any,
        limit: 20,
        ..Query::default()
    };
    if class.has_need() {
        query.need = asked::need(offering, dice);
    }
    if class.has_radius() {
        query.near = demand.place(dice);
        query.radius_miles = *weighted(dice, &RADII);
    }
    match class {
        Class::NearNeed | Class::Near => {}
        Class::NearNeedText | Class::NearText | Class::NationwideText => {
            query.text = asked::words(offering, dice);
        }
        Class::NearNeedOpen => query.availability = Availability::Open,
        Class::NearNeedLanguage => query.languages = vec![asked::language(dice)],
        Class::AllFilters => {
            query.availability = Availability::Open;
            query.languages = vec![asked::language(dice)];
            filters::fill_in(&mut query, dice);
            if chance(dice, 0.5) {
                query.text = asked::words(offering, dice);
            }
        }
        Class::Serves => query.serves = demand.place(dice),
        Class::StatewideNeed => query.near = demand.state(dice),
        Class::StatewideText => {
            query.near = demand.state(dice);
            query.text = asked::words(offering, dice);
        }
        Class::AnyWord => query.text = asked::common_words(dice),
    }
    if class.is_of_words() && chance(dice, BY_NAME) {
        by_name(national, class, &mut query, dice);
    }
    query
}

/// Searches for one service that somebody has heard of, where it is.
fn by_name(national: &National, class: Class, query: &mut Query, dice: &mut Dice) {
    let Some(known) = asked::known(national, dice) else {
        return;
    };
    match (class, known.home) {
        (Class::NationwideText, _) => {}
        (Class::NearText, Some((zip, _))) => query.near = zip.to_string(),
        (Class::StatewideText, Some((_, state))) => query.near = state.to_string(),
        _ => return,
    }
    query.text = known.words;
}
