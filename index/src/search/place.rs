//! How an offer lies to the places searched: what `core::search` decides of it, decided on rows.

use std::cell::RefCell;

use referral_core::catalog::{Area, Cover, ServiceArea};
use referral_core::geo::{
    CountryCode, CountyFips, Kilometres, Locality, LocalityKind, Point, StateCode,
};
use referral_core::search::{Circumstances, Fit, condition};

use crate::part::{Areas, Chord, Letters, Lies, Offer, Ordinal, Part, SiteKind, Vector};
use crate::search::asked::{Asked, is_region};

/// How an offer lies to the places of a search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reach {
    /// True when it is near enough, or distance has no meaning for it.
    pub(crate) near: bool,
    /// True when its area does not exclude the place, and serves it where that is asked.
    pub(crate) area: bool,
    /// Its distance.
    pub(crate) away: Away,
    /// True when its reach is only assumed.
    pub(crate) assumed: bool,
}

/// A distance from the place searched near.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Away {
    /// It has no meaning or may not be known.
    Unknown,
    /// That of the offer's position, not worked out yet.
    Position,
    /// This far.
    Known(Kilometres),
}

/// The places of a search, with what was found out about areas so far.
pub(crate) struct Places {
    near: RefCell<Known>,
    near_at: Option<Vector>,
    serves: RefCell<Known>,
    serves_at: Option<Vector>,
}

/// What sets of areas came to, the latest ones: `None` where each offer has to be looked at.
struct Known(Vec<(u32, Option<bool>)>);

/// Sets of areas whose answers are kept.
const KEPT: usize = 1_024;

impl Known {
    fn new(asked: bool) -> Self {
        Self(vec![(u32::MAX, None); if asked { KEPT } else { 0 }])
    }

    /// * `inside` — the offer is in the region searched.
    fn of(&mut self, set: u32, inside: bool, find: impl FnOnce() -> Option<bool>) -> Option<bool> {
        let key = set * 2 + u32::from(inside);
        let place = (set as usize + usize::from(inside) * (KEPT / 2)) % KEPT;
        if self.0[place].0 != key {
            self.0[place] = (key, find());
        }
        self.0[place].1
    }
}

/// A place, and for whom it is searched.
struct Search<'a> {
    place: &'a Locality,
    /// The position of the place, where it has one.
    at: Option<Vector>,
    beside: &'a [CountyFips],
    given: Circumstances,
}

/// Which question is asked of areas.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// That of the search itself.
    Asked,
    /// For other circumstances, or with neighbouring counties.
    Changed(Circumstances, bool),
}

impl Places {
    /// Nothing found out yet.
    pub(crate) fn of(asked: &Asked<'_>) -> Self {
        let (near, serves) = (&asked.request.near, &asked.request.serves);
        let at = |place: &Locality| place.point.map(Vector::of);
        Self {
            near: RefCell::new(Known::new(near.is_some())),
            near_at: near.as_ref().and_then(|near| at(&near.place)),
            serves: RefCell::new(Known::new(serves.is_some())),
            serves_at: serves.as_ref().and_then(at),
        }
    }

    /// How an offer lies. `inside`: it is known to be within the radius, if it has a position. `area`: its
    /// areas are known to hold the places searched.
    pub(crate) fn reach(
        &self,
        asked: &Asked<'_>,
        part: &Part,
        ordinal: Ordinal,
        inside: bool,
        area: bool,
    ) -> Reach {
        let offer = part.offer(ordinal);
        let mut found = near(asked, part, ordinal, inside);
        found.area = area || self.area(asked, part, ordinal, offer, Whose::Asked);
        found
    }

    /// Whether the areas of an offer hold the places searched.
    pub(crate) fn area(
        &self,
        asked: &Asked<'_>,
        part: &Part,
        ordinal: Ordinal,
        offer: &Offer,
        whose: Whose,
    ) -> bool {
        let request = asked.request;
        let (given, neighbours) = match whose {
            Whose::Asked => (request.circumstances, request.neighbours),
            Whose::Changed(given, neighbours) => (given, neighbours),
        };
        let beside = |counties| if neighbours { counties } else { &[][..] };
        let near = request.near.as_ref().map(|near| &near.place);
        let near = near.is_none_or(|place| {
            let search = Search {
                place,
                at: self.near_at,
                beside: beside(&request.beside.near),
                given,
            };
            let known = (whose == Whose::Asked).then_some(&self.near);
            match (offer.site, offer.areas) {
                (SiteKind::Remote, 0) => is_home(offer.state.state(), place),
                (_, 0) => true,
                _ => search.serves(asked, part, ordinal, offer, known),
            }
        });
        near && request.serves.as_ref().is_none_or(|place| {
            let search = Search {
                place,
                at: self.serves_at,
                beside: beside(&request.beside.serves),
                given,
            };
            let known = (whose == Whose::Asked).then_some(&self.serves);
            offer.areas != 0 && search.serves(asked, part, ordinal, offer, known)
        })
    }
}

/// How an offer lies to the place searched near, areas aside.
pub(crate) fn near(asked: &Asked<'_>, part: &Part, ordinal: Ordinal, inside: bool) -> Reach {
    let mut found = Reach {
        near: true,
        area: true,
        away: Away::Unknown,
        assumed: false,
    };
    if asked.request.near.is_some() {
        near_place(asked, part, ordinal, inside, &mut found);
    }
    found
}

fn near_place(asked: &Asked<'_>, part: &Part, ordinal: Ordinal, inside: bool, found: &mut Reach) {
    let Some(near) = &asked.request.near else {
        return;
    };
    let offer = part.offer(ordinal);
    match offer.site {
        SiteKind::At if is_region(&near.place) => found.near = in_region(&near.place, offer),
        SiteKind::At => {
            let Some(circle) = &asked.circle else {
                found.near = false;
                return;
            };
            found.away = Away::Position;
            if !inside {
                found.near = match circle.holds(offer.at) {
                    Lies::Inside => true,
                    Lies::Outside => false,
                    Lies::Across => {
                        let distance = distance(asked, part.point(ordinal));
                        distance.is_some_and(|distance| distance <= near.radius)
                    }
                };
            }
        }
        SiteKind::County => {
            let counties = &near.place.counties;
            let among = counties
                .iter()
                .any(|(fips, _)| fips.number() == offer.detail);
            found.near = among || in_region(&near.place, offer);
        }
        SiteKind::Unplaced => found.near = in_region(&near.place, offer) || offer.areas != 0,
        SiteKind::Remote => found.assumed = offer.areas == 0,
        SiteKind::NotStated if offer.areas == 0 => {
            let offices = part.offices(offer).iter();
            let from = !is_region(&near.place);
            let distances = offices.filter_map(|office| distance(asked, *office).filter(|_| from));
            let nearest = distances.min_by(|a, b| a.get().total_cmp(&b.get()));
            found.near = nearest.is_some_and(|nearest| nearest <= near.radius);
            found.away = nearest.map_or(Away::Unknown, Away::Known);
        }
        SiteKind::NotStated => {}
    }
}

/// The distance of a position from the place searched near.
pub(crate) fn distance(asked: &Asked<'_>, point: Point) -> Option<Kilometres> {
    let near = asked.request.near.as_ref()?;
    Some(near.place.point?.distance(point))
}

impl Search<'_> {
    fn serves(
        &self,
        asked: &Asked<'_>,
        part: &Part,
        ordinal: Ordinal,
        offer: &Offer,
        known: Option<&RefCell<Known>>,
    ) -> bool {
        let inside = is_region(self.place) && in_region(self.place, offer);
        if let Some((chord, from)) = offer.around.zip(self.at) {
            match chord.lies(from, offer.at) {
                _ if inside => return true,
                Lies::Inside => return true,
                Lies::Outside => return false,
                Lies::Across => {}
            }
        }
        let sets = &asked.sets.areas;
        let find = |areas: &Areas| {
            let at = (offer.site == SiteKind::At).then_some((offer.at, ordinal));
            let mut each = areas.all.iter().zip(&areas.chords);
            each.any(|(area, chord)| self.holds(area, *chord, inside, part, at))
        };
        let whole = || {
            sets.at(offer.areas as usize)
                .is_some_and(|areas| find(areas))
        };
        let Some(known) = known else {
            return whole();
        };
        // In the region searched circles count wherever they are; elsewhere it depends on where the offer is.
        let of_set = || {
            let areas = sets.at(offer.areas as usize);
            areas.map_or(Some(false), |areas| {
                (inside || !areas.around).then(|| find(areas))
            })
        };
        let known = known.borrow_mut().of(offer.areas, inside, of_set);
        known.unwrap_or_else(whole)
    }

    /// * `chord` — the radius of the area, where it is a circle.
    /// * `inside` — the offer is in the region searched.
    /// * `at` — where the offer is.
    fn holds(
        &self,
        area: &ServiceArea,
        chord: Option<Chord>,
        inside: bool,
        part: &Part,
        at: Option<(Vector, Ordinal)>,
    ) -> bool {
        // What is least work comes first: distances and conditions are looked at where they decide.
        let holds = match &area.area {
            Area::County(county) => self.beside.binary_search(county).is_ok(),
            Area::Zip(_) | Area::Radius(_) => inside,
            _ => false,
        };
        let excluded = || {
            let condition = |rule| condition(rule, self.given) == Some(Fit::No);
            area.condition.as_ref().is_some_and(condition)
        };
        let covers = || match (chord, self.at, at) {
            (Some(chord), Some(from), Some((at, ordinal))) => match chord.lies(from, at) {
                Lies::Inside => true,
                Lies::Outside => false,
                Lies::Across => {
                    area.area.covers(self.place, Some(part.point(ordinal))) != Cover::No
                }
            },
            (Some(_), ..) => false,
            (None, ..) => area.area.covers(self.place, None) != Cover::No,
        };
        (holds || covers()) && !excluded()
    }
}

/// A remote service without an area is assumed to serve its organization's state, else the nation.
fn is_home(state: Option<StateCode>, place: &Locality) -> bool {
    match state {
        Some(state) => place.state == Some(state),
        None => place.country == CountryCode::US,
    }
}

fn in_region(place: &Locality, offer: &Offer) -> bool {
    let known = matches!(
        offer.site,
        SiteKind::At | SiteKind::Unplaced | SiteKind::County
    );
    match (place.kind, offer.site) {
        (LocalityKind::State, _) => {
            known
                && offer.state != Letters::default()
                && offer.state == Letters::of_state(place.state)
        }
        (LocalityKind::Country, SiteKind::At | SiteKind::Unplaced) => {
            offer.country == Letters::of_country(place.country)
        }
        (LocalityKind::Country, SiteKind::County) => place.country == CountryCode::US,
        _ => false,
    }
}
