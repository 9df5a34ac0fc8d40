//! Whether an offer answers a search, and why.

use crate::catalog::{Cover, LanguageTag, ServiceArea};
use crate::geo::{CountryCode, Kilometres, Locality, LocalityKind, Point};
use crate::search::{Facts, Near, Need, OfferFacts, Reason, Request, Site};

/// An offer that answers a search, capacity and words aside.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Distance from the place searched near; none where it may not be known or has no meaning.
    pub distance: Option<Kilometres>,
    /// True for offers whose reach is only assumed: they come last.
    pub assumed: bool,
    /// Why it is there.
    pub reasons: Vec<Reason>,
}

/// Whether an offer of a service answers `request`. Capacity and words are decided elsewhere.
///
/// Needs, terms, languages and place must all fit. Near a place: the offer is within the radius and
/// its area, where it states one, holds the place; without a position its area decides. Serving a
/// place: its area holds it; an area not stated never does.
#[must_use]
pub fn matches(request: &Request, facts: &Facts, offer: &OfferFacts) -> Option<Match> {
    let mut found = Match {
        distance: None,
        assumed: false,
        reasons: Vec::new(),
    };
    if let Some(need) = &request.need {
        found.reasons.extend(offers_need(need, facts)?);
    }
    if !request.languages.is_empty() {
        found.reasons.extend(speaks_any(&request.languages, facts)?);
    }
    if let Some(near) = &request.near {
        near_place(near, offer, &mut found)?;
    }
    if let Some(place) = &request.serves {
        let serves = area_reason(&offer.areas, place, offer.site.point())?;
        if !found.reasons.contains(&serves) {
            found.reasons.push(serves);
        }
    }
    if matches!(offer.site, Site::Remote(_)) {
        found.reasons.push(Reason::Remote);
    }
    Some(found)
}

fn offers_need(need: &Need, facts: &Facts) -> Option<Vec<Reason>> {
    let has = |code| facts.codes.binary_search(code).is_ok();
    if !need.all_of.iter().all(has) {
        return None;
    }
    let asked: Vec<Reason> = need
        .any_of
        .iter()
        .filter(|code| has(code))
        .map(|code| Reason::Offers(code.clone()))
        .collect();
    if asked.is_empty() && !need.any_of.is_empty() {
        return None;
    }
    let narrowed = need.all_of.iter().map(|code| Reason::Offers(code.clone()));
    Some(asked.into_iter().chain(narrowed).collect())
}

/// Languages compare by their primary part: who asks for `zh` finds `zh-Hant`.
fn speaks_any(asked: &[LanguageTag], facts: &Facts) -> Option<Vec<Reason>> {
    let wanted = |tag: &LanguageTag| asked.iter().any(|asked| asked.primary() == tag.primary());
    let spoken: Vec<Reason> = facts
        .languages
        .iter()
        .filter(|(tag, _)| wanted(tag))
        .map(|(tag, mode)| Reason::Speaks(tag.clone(), *mode))
        .collect();
    (!spoken.is_empty()).then_some(spoken)
}

fn near_place(near: &Near, offer: &OfferFacts, found: &mut Match) -> Option<()> {
    match &offer.site {
        Site::At {
            point, approximate, ..
        } => {
            let stated = stated_area(offer, &near.place)?;
            near_point(near, &offer.site, *point, *approximate, found)?;
            found.reasons.push(stated);
        }
        Site::County(county) => {
            let inside = near.place.counties.iter().any(|(fips, _)| fips == county);
            if !inside {
                return None;
            }
            let stated = stated_area(offer, &near.place)?;
            found.reasons.extend([Reason::InCounty(*county), stated]);
        }
        Site::Unplaced { .. } => {
            let in_region = in_region(&near.place, &offer.site).then_some(Reason::InRegion);
            let serves = area_reason(&offer.areas, &near.place, None);
            found.reasons.push(in_region.or(serves)?);
        }
        Site::Remote(state) => {
            let Some(serves) = area_reason(&offer.areas, &near.place, None) else {
                remote_assumed(*state, &offer.areas, &near.place)?;
                found.assumed = true;
                found.reasons.push(Reason::RemoteAssumed(*state));
                return Some(());
            };
            found.reasons.push(serves);
        }
        Site::NotStated(organization) => not_stated(near, organization, offer, found)?,
    }
    Some(())
}

fn near_point(
    near: &Near,
    site: &Site,
    point: Point,
    about: bool,
    found: &mut Match,
) -> Option<()> {
    if in_region(&near.place, site) {
        found.reasons.push(Reason::InRegion);
        return Some(());
    }
    let distance = near.place.point?.distance(point);
    if distance > near.radius {
        return None;
    }
    found.distance = Some(distance);
    found.reasons.push(Reason::Distance {
        distance,
        about: about || near.place.approximate,
    });
    Some(())
}

fn not_stated(
    near: &Near,
    organization: &[Point],
    offer: &OfferFacts,
    found: &mut Match,
) -> Option<()> {
    found.reasons.push(Reason::LocationNotStated);
    if !offer.areas.is_empty() {
        found
            .reasons
            .push(area_reason(&offer.areas, &near.place, None)?);
        return Some(());
    }
    let from = near.place.point?;
    let nearest = organization.iter().map(|office| from.distance(*office));
    let nearest = nearest.min_by(|a, b| a.get().total_cmp(&b.get()))?;
    if nearest > near.radius {
        return None;
    }
    found.distance = Some(nearest);
    found
        .reasons
        .extend([Reason::OrganizationNearby(nearest), Reason::AreaNotStated]);
    Some(())
}

/// The reason an offer's own areas give; the caution when it states none; `None` when they exclude
/// the place.
fn stated_area(offer: &OfferFacts, place: &Locality) -> Option<Reason> {
    if offer.areas.is_empty() {
        Some(Reason::AreaNotStated)
    } else {
        area_reason(&offer.areas, place, offer.site.point())
    }
}

/// The area that holds most of `place`: whole before part, unconditional before conditional.
fn area_reason(areas: &[ServiceArea], place: &Locality, site: Option<Point>) -> Option<Reason> {
    let held = areas
        .iter()
        .map(|area| (area.area.covers(place, site), area));
    let held = held.filter(|(cover, _)| *cover != Cover::No);
    let (cover, best) = held.max_by_key(|(cover, area)| (area.condition.is_none(), *cover))?;
    Some(Reason::Serves {
        area: best.area.clone(),
        cover,
        conditional: best.condition.is_some(),
    })
}

fn remote_assumed(
    state: Option<crate::geo::StateCode>,
    areas: &[ServiceArea],
    place: &Locality,
) -> Option<()> {
    let at_home = match state {
        Some(state) => place.state == Some(state),
        None => place.country == CountryCode::US,
    };
    (areas.is_empty() && at_home).then_some(())
}

/// States and countries are searched in, not around.
fn in_region(place: &Locality, site: &Site) -> bool {
    let (Site::At { state, country, .. } | Site::Unplaced { state, country }) = site else {
        return false;
    };
    match place.kind {
        LocalityKind::State => state.is_some() && *state == place.state,
        LocalityKind::Country => *country == place.country,
        _ => false,
    }
}
