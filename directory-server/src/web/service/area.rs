//! Where a service serves people: in words, and drawn where that is a part of the country.

use std::collections::BTreeSet;

use referral_core::catalog::{Area as Part, ServiceArea};
use referral_core::geo::{CountryCode, CountyFips, Kilometres, Point};
use referral_gazetteer::gazetteer;

use crate::operations::ServiceView;
use crate::web::places_map::{PlacesMap, Spot};
use crate::web::rules;
use crate::{say, tell};

/// Most lines in words.
const LINES: usize = 60;

/// The area served.
pub(super) struct Area {
    pub(super) lines: Vec<String>,
    /// How many lines are left out.
    pub(super) more: usize,
    pub(super) map: Option<PlacesMap>,
    /// What is seen on the map.
    pub(super) key: String,
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
        let map = drawn(&areas, &counties, sites);
        Self {
            key: map.as_ref().map(|map| key(map, &areas)).unwrap_or_default(),
            map,
            lines,
            more,
        }
    }
}

/// The map of the areas: none where nothing that can be drawn would be all it serves.
fn drawn(
    areas: &[&ServiceArea],
    counties: &BTreeSet<CountyFips>,
    sites: Vec<Point>,
) -> Option<PlacesMap> {
    let label = say("area-map");
    if areas.iter().any(|area| is_nation(&area.area)) {
        return Some(PlacesMap::nation(label));
    }
    if counties.is_empty() && areas.iter().any(|area| !is_drawn(&area.area)) {
        return None;
    }
    let spots = sites.into_iter().map(|point| Spot { point, pin: None });
    PlacesMap::of(label, counties, spots.collect())
}

/// What is seen on the map.
fn key(map: &PlacesMap, areas: &[&ServiceArea]) -> String {
    let nation = areas.iter().any(|area| is_nation(&area.area));
    let mut key = Vec::new();
    if nation {
        key.push(say("area-map-nation"));
    } else if !map.meant.is_empty() {
        key.push(say("area-map-counties"));
        if areas.iter().any(|area| !is_drawn(&area.area)) {
            key.push(say("area-map-rest"));
        }
    }
    if !map.dots.is_empty() {
        let count = [("count", map.dots.len().into())];
        key.push(tell("area-map-dots", &count));
    }
    key.join(" ")
}

fn is_nation(area: &Part) -> bool {
    match area {
        Part::Nation => true,
        Part::Country(country) => *country == CountryCode::US,
        _ => false,
    }
}

/// Countries abroad and the cases of a court are no part of the map.
fn is_drawn(area: &Part) -> bool {
    is_nation(area) || !matches!(area, Part::Country(_) | Part::Court(_))
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
        .map(|rule| format!(", {}", rules::condition(rule)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use referral_core::text::Name;

    fn map(areas: &[Part]) -> Option<PlacesMap> {
        let los_angeles = Point::new(34.05, -118.24).unwrap();
        let areas: Vec<ServiceArea> = areas
            .iter()
            .map(|area| ServiceArea {
                area: area.clone(),
                condition: None,
                name: None,
            })
            .collect();
        let areas: Vec<&ServiceArea> = areas.iter().collect();
        let counties = areas
            .iter()
            .flat_map(|area| counties(&area.area, &[los_angeles]));
        let counties = counties.collect();
        drawn(&areas, &counties, vec![los_angeles])
    }

    #[test]
    fn the_whole_country_is_drawn_and_shaded() {
        let map = map(&[Part::Nation]).unwrap();

        assert_eq!(
            (map.width, map.meant.is_empty(), map.dots.len()),
            (1_000, false, 0)
        );
    }

    #[test]
    fn abroad_and_courts_have_no_map_rather_than_a_wrong_one() {
        let honduras = Part::Country(CountryCode::parse("HN").unwrap());
        let court = Part::Court(Name::parse("Baltimore").unwrap());

        assert!(map(&[honduras]).is_none());
        assert!(map(&[court]).is_none());
    }

    #[test]
    fn the_key_says_what_a_dot_is_and_that_a_part_is_not_drawn() {
        let area = |area| ServiceArea {
            area,
            condition: None,
            name: None,
        };
        let county = area(Part::County(CountyFips::parse("06037").unwrap()));
        let court = area(Part::Court(Name::parse("Baltimore").unwrap()));
        let areas = [&county, &court];
        let drawn = map(&[county.area.clone(), court.area.clone()]).unwrap();

        assert_eq!(
            key(&drawn, &areas),
            "Shaded: counties it serves, as a whole or in part. Courts and countries abroad are not drawn. \
             The red dot: where it is."
        );
    }
}
