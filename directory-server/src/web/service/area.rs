//! Where a service serves people: in words, and drawn where that is a part of the country.

use std::collections::BTreeSet;

use referral_core::catalog::{Area as Part, ServiceArea};
use referral_core::geo::{CountyFips, Kilometres, Point};
use referral_gazetteer::gazetteer;

use crate::operations::ServiceView;
use crate::web::places_map::{PlacesMap, Spot};
use crate::{say, tell};

/// Most lines in words.
const LINES: usize = 60;

/// The area served.
pub(super) struct Area {
    pub(super) lines: Vec<String>,
    /// How many lines are left out.
    pub(super) more: usize,
    pub(super) map: Option<PlacesMap>,
}

impl Area {
    pub(super) fn of(view: &ServiceView) -> Self {
        let service = &view.listing.service;
        let own = service.offers.iter().flat_map(|offer| &offer.areas);
        let own: Vec<&ServiceArea> = own.collect();
        let areas = if own.is_empty() {
            service.areas.iter().collect()
        } else {
            own
        };
        let sites = view.offers.iter().filter_map(|offer| offer.place.as_ref());
        let sites: Vec<Point> = sites
            .filter_map(|place| place.location.place.point())
            .collect();
        let notes = service.area_notes.iter().map(ToString::to_string);
        let mut lines: Vec<String> = areas.iter().map(|area| said(area)).chain(notes).collect();
        lines.dedup();
        let more = lines.len().saturating_sub(LINES);
        lines.truncate(LINES);
        let counties: BTreeSet<CountyFips> = areas
            .iter()
            .flat_map(|area| counties(&area.area, &sites))
            .collect();
        let spots = sites.into_iter().map(|point| Spot { point, pin: None });
        let label = say("area-map");
        Self {
            map: PlacesMap::of(label, &counties, spots.collect()),
            lines,
            more,
        }
    }
}

fn said(area: &ServiceArea) -> String {
    let place = match &area.area {
        Part::Zip(zip) => tell("area-zip", &[("zip", zip.to_string().into())]),
        Part::County(county) => gazetteer().county(*county).map_or_else(
            || county.to_string(),
            |known| format!("{}, {}", known.name, known.state),
        ),
        Part::State(state) => gazetteer()
            .state(*state)
            .map_or_else(|| state.to_string(), |known| known.name.clone()),
        Part::Country(country) => gazetteer()
            .country(*country)
            .map_or_else(|| country.to_string(), |known| known.name.clone()),
        Part::Nation => say("area-nation"),
        Part::Radius(reach) => {
            let miles = format!("{:.0}", reach.miles());
            tell("area-radius", &[("miles", miles.into())])
        }
        Part::Court(court) => tell("area-court", &[("court", court.to_string().into())]),
    };
    let name = area.name.as_ref().map(|name| format!(" ({name})"));
    let condition = area
        .condition
        .as_ref()
        .map(|_| format!(", {}", say("area-conditional")));
    format!(
        "{place}{}{}",
        name.unwrap_or_default(),
        condition.unwrap_or_default()
    )
}

/// The counties an area lies in, as far as it can be drawn.
fn counties(area: &Part, sites: &[Point]) -> Vec<CountyFips> {
    let map = gazetteer();
    match area {
        Part::Zip(zip) => map
            .counties_of_zip(*zip)
            .into_iter()
            .map(|(county, _)| county)
            .collect(),
        Part::County(county) => vec![*county],
        Part::State(state) => map.counties_in(*state).map(|county| county.fips).collect(),
        Part::Radius(reach) => within(*reach, sites),
        Part::Country(_) | Part::Nation | Part::Court(_) => Vec::new(),
    }
}

/// The counties whose middle is in reach of a site, and those of the sites.
fn within(reach: Kilometres, sites: &[Point]) -> Vec<CountyFips> {
    let map = gazetteer();
    let in_reach = |point: Point| sites.iter().any(|site| site.distance(point) <= reach);
    let near = map
        .counties()
        .iter()
        .filter(|county| in_reach(county.label));
    let own = sites.iter().filter_map(|site| map.county_of(*site));
    near.map(|county| county.fips).chain(own).collect()
}
