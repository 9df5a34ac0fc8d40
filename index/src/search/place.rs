//! How an offer lies to the places searched: what `core::search` decides of it, decided on rows.

use std::cell::RefCell;

use referral_core::catalog::{Area, Cover, ServiceArea};
use referral_core::geo::{
    CountryCode, CountyFips, Kilometres, Locality, LocalityKind, Point, StateCode,
};
use referral_core::search::{Circumstances, Fit, condition};

use crate::part::{Areas, Letters, Lies, Offer, Ordinal, Part, SiteKind};
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
    serves: RefCell<Known>,
}

/// What sets of areas came to, the latest ones.
struct Known(Vec<(u32, bool)>);

/// Sets of areas whose answers are kept.
const KEPT: usize = 1_024;

impl Known {
    fn new(asked: bool) -> Self {
        Self(vec![(u32::MAX, false); if asked { KEPT } else { 0 }])
    }

    fn of(&mut self, set: u32, find: impl FnOnce() -> bool) -> bool {
        let place = set as usize % KEPT;
        if self.0[place].0 != set {
            self.0[place] = (set, find());
        }
        self.0[place].1
    }
}

/// A place, and for whom it is searched.
struct Search<'a> {
    place: &'a Locality,
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
        Self {
            near: RefCell::new(Known::new(asked.request.near.is_some())),
            serves: RefCell::new(Known::new(asked.request.serves.is_some())),
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
        let offer = &part.offers[ordinal as usize];
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
    let offer = &part.offers[ordinal as usize];
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
        let Some(areas) = asked.sets.areas.at(offer.areas as usize) else {
            return false;
        };
        let find = || {
            let point = (offer.site == SiteKind::At).then(|| part.point(ordinal));
            areas.all.iter().any(|area| self.holds(area, offer, point))
        };
        match known {
            Some(known) if !depends_on_site(areas, self.place) => {
                known.borrow_mut().of(offer.areas, find)
            }
            _ => find(),
        }
    }

    fn holds(&self, area: &ServiceArea, offer: &Offer, point: Option<Point>) -> bool {
        // What is least work comes first: distances and conditions are looked at where they decide.
        let holds = match &area.area {
            Area::County(county) => self.beside.binary_search(county).is_ok(),
            Area::Zip(_) | Area::Radius(_) => is_region(self.place) && in_region(self.place, offer),
            _ => false,
        };
        let excluded = || {
            let condition = |rule| condition(rule, self.given) == Some(Fit::No);
            area.condition.as_ref().is_some_and(condition)
        };
        (holds || area.area.covers(self.place, point) != Cover::No) && !excluded()
    }
}

fn depends_on_site(areas: &Areas, place: &Locality) -> bool {
    areas.around || is_region(place)
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
