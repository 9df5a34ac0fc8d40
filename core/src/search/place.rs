//! Whether an offer is where it is asked for, and whether its area holds the place.
//!
//! [`reach`] decides both, and says why where somebody wants to know. Which of the two tests an offer
//! can fail depends on what is known of its site: decision 7 has the table.

use crate::catalog::{Area, Cover, ServiceArea};
use crate::geo::{CountryCode, CountyFips, Kilometres, Locality, LocalityKind, StateCode};
use crate::search::{Circumstances, Fit, Near, OfferFacts, Reason, Request, Site, condition};

/// How an offer lies to the places searched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reach {
    /// True when it is near enough, or distance has no meaning for it.
    pub(crate) near: bool,
    /// True when its area does not exclude the place, and serves it where that is asked.
    pub(crate) area: bool,
    /// Its distance, where it may be known, beyond the radius too.
    pub(crate) distance: Option<Kilometres>,
    /// True when its reach is only assumed.
    pub(crate) assumed: bool,
}

/// Where reasons go: nowhere while offers are judged, into a list for those that are shown.
#[derive(Debug)]
pub(crate) enum Why {
    /// Nobody asks.
    Silent,
    /// Kept, each once.
    Kept(Vec<Reason>),
}

impl Why {
    pub(crate) fn because(&mut self, reason: impl FnOnce() -> Reason) {
        if let Self::Kept(reasons) = self {
            let reason = reason();
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
    }
}

/// How an offer lies to the places of `request`, for a client in these circumstances.
///
/// * `neighbours` — whether areas that hold a county next to the place count.
pub(crate) fn reach(
    request: &Request,
    offer: &OfferFacts,
    given: Circumstances,
    neighbours: bool,
    why: &mut Why,
) -> Reach {
    let mut found = Reach {
        near: true,
        area: true,
        distance: None,
        assumed: false,
    };
    let beside = |counties| if neighbours { counties } else { &[][..] };
    if let Some(near) = &request.near {
        let search = Search {
            place: &near.place,
            beside: beside(&request.beside.near),
            given,
        };
        near_place(near, &search, offer, &mut found, why);
    }
    if let Some(place) = &request.serves {
        let search = Search {
            place,
            beside: beside(&request.beside.serves),
            given,
        };
        found.area &= search.serves(offer, why);
    }
    found
}

fn near_place(
    near: &Near,
    search: &Search<'_>,
    offer: &OfferFacts,
    found: &mut Reach,
    why: &mut Why,
) {
    match &offer.site {
        Site::At {
            point, approximate, ..
        } => {
            let about = *approximate || near.place.approximate;
            if is_region(&near.place) {
                found.near = in_region(&near.place, &offer.site);
                why.because(|| Reason::InRegion);
            } else {
                let distance = near.place.point.map(|from| from.distance(*point));
                found.within(distance, near.radius);
                if let Some(distance) = distance {
                    why.because(|| Reason::Distance { distance, about });
                }
            }
            found.area = search.allows(offer, why);
        }
        Site::County(county) => {
            let inside = near.place.counties.iter().any(|(fips, _)| fips == county);
            found.near = inside || in_region(&near.place, &offer.site);
            why.because(|| Reason::InCounty(*county));
            found.area = search.allows(offer, why);
        }
        Site::Unplaced { .. } => {
            let inside = in_region(&near.place, &offer.site);
            found.near = inside || !offer.areas.is_empty();
            if inside {
                why.because(|| Reason::InRegion);
            }
            found.area = search.allows(offer, why);
        }
        Site::Remote(state) if offer.areas.is_empty() => {
            found.area = is_home(*state, &near.place);
            found.assumed = true;
            why.because(|| Reason::RemoteAssumed(*state));
        }
        Site::Remote(_) => found.area = search.serves(offer, why),
        Site::NotStated(offices) => {
            why.because(|| Reason::LocationNotStated);
            found.area = search.allows(offer, why);
            if offer.areas.is_empty() {
                let from = near.place.point.filter(|_| !is_region(&near.place));
                let distances = offices
                    .iter()
                    .filter_map(|office| Some(from?.distance(*office)));
                let nearest = distances.min_by(|a, b| a.get().total_cmp(&b.get()));
                found.within(nearest, near.radius);
                if let Some(nearest) = nearest {
                    why.because(|| Reason::OrganizationNearby(nearest));
                }
            }
        }
    }
}

impl Reach {
    fn within(&mut self, distance: Option<Kilometres>, radius: Kilometres) {
        self.near = distance.is_some_and(|distance| distance <= radius);
        self.distance = distance;
    }
}

/// A place, and for whom it is searched.
struct Search<'a> {
    place: &'a Locality,
    beside: &'a [CountyFips],
    given: Circumstances,
}

/// One area that holds the place; of several the greatest says why.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Holds {
    /// True when it holds the place itself, not a county next to it.
    directly: bool,
    /// True when it has no condition, or the search meets it.
    certainly: bool,
    cover: Cover,
}

impl Search<'_> {
    /// Whether the areas hold the place; an area not stated excludes nobody.
    fn allows(&self, offer: &OfferFacts, why: &mut Why) -> bool {
        if offer.areas.is_empty() {
            why.because(|| Reason::AreaNotStated);
            return true;
        }
        self.serves(offer, why)
    }

    /// Whether the areas hold the place; an area not stated serves nobody.
    fn serves(&self, offer: &OfferFacts, why: &mut Why) -> bool {
        let held = offer
            .areas
            .iter()
            .filter_map(|area| Some((self.holds(area, &offer.site)?, area)));
        // Of equals the first: `max_by` keeps the last.
        let best = held.reduce(|best, next| if next.0 > best.0 { next } else { best });
        let Some((holds, area)) = best else {
            return false;
        };
        why.because(|| reason(&holds, area));
        true
    }

    fn holds(&self, area: &ServiceArea, site: &Site) -> Option<Holds> {
        let certainly = match &area.condition {
            None => true,
            Some(rule) => match condition(rule, self.given) {
                Some(Fit::No) => return None,
                fit => fit == Some(Fit::Fits),
            },
        };
        let holds = |directly, cover| Holds {
            directly,
            certainly,
            cover,
        };
        match self.cover(&area.area, site) {
            Cover::No => {
                let Area::County(county) = &area.area else {
                    return None;
                };
                let beside = self.beside.binary_search(county).is_ok();
                beside.then(|| holds(false, Cover::Part))
            }
            cover => Some(holds(true, cover)),
        }
    }

    /// A ZIP or a circle around an office that lies in the region searched is a part of it.
    fn cover(&self, area: &Area, site: &Site) -> Cover {
        let cover = area.covers(self.place, site.point());
        let inside = || is_region(self.place) && in_region(self.place, site);
        match area {
            Area::Zip(_) | Area::Radius(_) if cover == Cover::No && inside() => Cover::Part,
            _ => cover,
        }
    }
}

fn reason(holds: &Holds, area: &ServiceArea) -> Reason {
    let conditional = !holds.certainly;
    match (&area.area, holds.directly) {
        (Area::County(county), false) => Reason::ServesNeighbour {
            county: *county,
            conditional,
        },
        (area, _) => Reason::Serves {
            area: area.clone(),
            cover: holds.cover,
            conditional,
        },
    }
}

/// A remote service without an area is assumed to serve its organization's state, else the nation.
fn is_home(state: Option<StateCode>, place: &Locality) -> bool {
    match state {
        Some(state) => place.state == Some(state),
        None => place.country == CountryCode::US,
    }
}

/// States and countries are searched in, not around.
fn is_region(place: &Locality) -> bool {
    matches!(place.kind, LocalityKind::State | LocalityKind::Country)
}

fn in_region(place: &Locality, site: &Site) -> bool {
    match (place.kind, site) {
        (LocalityKind::State, _) => site.state().is_some() && site.state() == place.state,
        (LocalityKind::Country, Site::At { country, .. } | Site::Unplaced { country, .. }) => {
            *country == place.country
        }
        (LocalityKind::Country, Site::County(_)) => place.country == CountryCode::US,
        _ => false,
    }
}
