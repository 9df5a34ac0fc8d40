//! Which rows could answer a search, found without looking at all of them.
//!
//! A posting list holds the rows that have one property. What comes out of [`Postings::narrow`] holds
//! every row that matches and some that do not: `core::search::matches` has the last word.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use referral_core::catalog::Area;
use referral_core::geo::{CountryCode, CountyFips, Locality, LocalityKind, StateCode, Zip};
use referral_core::search::{Facts, Near, OfferFacts, Request, Site};
use referral_core::vocabulary::Code;

use crate::grid::{Square, squares_around};
use crate::slots::Slot;

/// One property that rows are listed by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Property {
    /// It has this code.
    Code(Code),
    /// It speaks this language (primary part of the tag).
    Speaks(String),
    /// It has an offer in this square of the map.
    In(Square),
    /// It has an offer at a position in this state.
    InState(StateCode),
    /// It has an offer at a position in this country.
    InCountry(CountryCode),
    /// It has an offer of which only the county is known.
    InCounty(CountyFips),
    /// It has an offer without a position of its own.
    Unplaced,
    /// It serves this ZIP.
    ServesZip(Zip),
    /// It serves this county.
    ServesCounty(CountyFips),
    /// It serves this state.
    ServesState(StateCode),
    /// It serves this country; the whole United States for those that serve the nation.
    ServesCountry(CountryCode),
    /// It serves everywhere within some distance of its offer.
    ServesAround,
}

/// The rows by their properties. A clone shares the lists.
#[derive(Clone, Debug, Default)]
pub(crate) struct Postings {
    lists: Arc<HashMap<Property, Arc<Vec<Slot>>>>,
}

/// What becomes of one row's properties.
pub(crate) struct Change<'a> {
    /// The row.
    pub(crate) slot: Slot,
    /// What it was.
    pub(crate) before: Option<&'a Facts>,
    /// What it is from now on.
    pub(crate) after: Option<&'a Facts>,
}

impl Postings {
    /// Brings the lists up to date. Lists that no change touches stay shared.
    pub(crate) fn apply<'a>(&mut self, changes: impl IntoIterator<Item = Change<'a>>) {
        let mut edits: HashMap<Property, Edit> = HashMap::new();
        for change in changes {
            let before = change.before.map(properties).unwrap_or_default();
            let after = change.after.map(properties).unwrap_or_default();
            for lost in before.difference(&after) {
                let edit = edits.entry(lost.clone()).or_default();
                edit.lost.push(change.slot);
            }
            for gained in after.difference(&before) {
                let edit = edits.entry(gained.clone()).or_default();
                edit.gained.push(change.slot);
            }
        }
        if edits.is_empty() {
            return;
        }
        let lists = Arc::make_mut(&mut self.lists);
        for (property, edit) in edits {
            let list = lists.remove(&property).unwrap_or_default();
            let list = edit.made_to(&list);
            if !list.is_empty() {
                lists.insert(property, Arc::new(list));
            }
        }
    }

    /// The rows that could answer `request`, in order, each once; `None`: any row could.
    pub(crate) fn narrow(&self, request: &Request) -> Option<Vec<Slot>> {
        let ways = ways_in(request);
        let lists = ways.iter().map(|way| self.lists_of(way));
        let shortest =
            lists.min_by_key(|lists| lists.iter().map(|list| list.len()).sum::<usize>())?;
        let mut slots: Vec<Slot> = shortest.into_iter().flatten().copied().collect();
        slots.sort_unstable();
        slots.dedup();
        Some(slots)
    }

    fn lists_of(&self, way: &[Property]) -> Vec<&Vec<Slot>> {
        let lists = way.iter().filter_map(|property| self.lists.get(property));
        lists.map(Arc::as_ref).collect()
    }
}

/// What happens to one list.
#[derive(Default)]
struct Edit {
    lost: Vec<Slot>,
    gained: Vec<Slot>,
}

impl Edit {
    fn made_to(mut self, list: &[Slot]) -> Vec<Slot> {
        self.lost.sort_unstable();
        let stays = |slot: &&Slot| self.lost.binary_search(slot).is_err();
        let mut slots: Vec<Slot> = list.iter().filter(stays).copied().collect();
        slots.append(&mut self.gained);
        slots.sort_unstable();
        slots
    }
}

fn properties(facts: &Facts) -> BTreeSet<Property> {
    let codes = facts.codes.iter().cloned().map(Property::Code);
    let languages = facts.languages.iter();
    let languages = languages.map(|(tag, _)| Property::Speaks(tag.primary().to_owned()));
    let offers = facts.offers.iter().flat_map(|offer| {
        let areas = offer.areas.iter().filter_map(|area| serves(&area.area));
        areas.chain(places(offer))
    });
    codes.chain(languages).chain(offers).collect()
}

fn places(offer: &OfferFacts) -> Vec<Property> {
    match &offer.site {
        Site::At {
            point,
            state,
            country,
            ..
        } => {
            let state = state.map(Property::InState);
            let square = Property::In(Square::of(*point));
            state
                .into_iter()
                .chain([square, Property::InCountry(*country)])
                .collect()
        }
        Site::County(county) => vec![Property::InCounty(*county)],
        Site::Unplaced { .. } | Site::Remote(_) | Site::NotStated(_) => vec![Property::Unplaced],
    }
}

/// The property an area gives; a court is never matched by where people live.
fn serves(area: &Area) -> Option<Property> {
    match area {
        Area::Zip(zip) => Some(Property::ServesZip(*zip)),
        Area::County(county) => Some(Property::ServesCounty(*county)),
        Area::State(state) => Some(Property::ServesState(*state)),
        Area::Country(country) => Some(Property::ServesCountry(*country)),
        Area::Nation => Some(Property::ServesCountry(CountryCode::US)),
        Area::Radius(_) => Some(Property::ServesAround),
        Area::Court(_) => None,
    }
}

/// Ways to reach every row that can match: each is a set of properties of which a match has one.
fn ways_in(request: &Request) -> Vec<Vec<Property>> {
    let mut ways = Vec::new();
    if let Some(need) = &request.need {
        if !need.any_of.is_empty() {
            ways.push(need.any_of.iter().cloned().map(Property::Code).collect());
        }
        let terms = need.all_of.iter().cloned();
        ways.extend(terms.map(|term| vec![Property::Code(term)]));
    }
    if !request.languages.is_empty() {
        let tags = request.languages.iter();
        ways.push(
            tags.map(|tag| Property::Speaks(tag.primary().to_owned()))
                .collect(),
        );
    }
    ways.extend(request.near.as_ref().and_then(near));
    ways.extend(request.serves.as_ref().map(serving));
    ways
}

fn near(near: &Near) -> Option<Vec<Property>> {
    let place = &near.place;
    let mut way = vec![Property::Unplaced];
    way.extend(
        place
            .counties
            .iter()
            .map(|(county, _)| Property::InCounty(*county)),
    );
    match place.kind {
        LocalityKind::State => way.extend(place.state.map(Property::InState)),
        LocalityKind::Country => way.push(Property::InCountry(place.country)),
        _ => {}
    }
    if let Some(point) = place.point {
        let squares = squares_around(point, near.radius)?;
        way.extend(squares.into_iter().map(Property::In));
    }
    Some(way)
}

fn serving(place: &Locality) -> Vec<Property> {
    let mut way = vec![
        Property::ServesAround,
        Property::ServesCountry(place.country),
    ];
    way.extend(place.zip.map(Property::ServesZip));
    way.extend(place.state.map(Property::ServesState));
    way.extend(
        place
            .counties
            .iter()
            .map(|(county, _)| Property::ServesCounty(*county)),
    );
    way
}
