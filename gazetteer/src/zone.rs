//! Country and time zone of a point.
//!
//! Inside the U.S. the county tells the zone; in the few counties with two, its nearest place does.
//! Elsewhere the nearest of 12,677 places does, kept so that each of GeoNames' 234,908 places gets its
//! own country and zone (`recipe/zones.py`).

use referral_core::geo::{CountryCode, Point};

use crate::data::{Damaged, Sections};
use crate::gazetteer::Gazetteer;

/// Farther than this from any known place nothing is said: open sea, ice. Unit: km.
const REACH_KM: f64 = 500.0;

#[derive(Debug)]
pub(crate) struct Zones {
    names: Vec<String>,
    /// Country row and zone of each label.
    labels: Vec<(u16, u16)>,
    /// On the unit sphere, with its label; ordered by height, so that a search can stop early.
    places: Vec<([f64; 3], u16)>,
}

impl Zones {
    pub(crate) fn read(sections: &Sections) -> Result<Self, Damaged> {
        let mut columns = sections.section("ZONE")?;
        let names = columns.strings()?.map(str::to_owned).collect();
        let countries: Vec<u16> = columns.differences()?;
        let zones: Vec<u16> = columns.differences()?;
        let labels = countries.into_iter().zip(zones).collect();
        let place_labels: Vec<u16> = columns.differences()?;
        let points = columns.points(1e2)?.into_iter().map(on_sphere);
        let mut places: Vec<_> = points.zip(place_labels).collect();
        places.sort_by(|(one, _), (other, _)| one[2].total_cmp(&other[2]));
        Ok(Self {
            names,
            labels,
            places,
        })
    }

    pub(crate) fn name(&self, zone: u16) -> Option<&str> {
        self.names.get(usize::from(zone)).map(String::as_str)
    }

    /// Country row and zone at the place nearest to `point`, when one is within reach.
    pub(crate) fn nearest(&self, point: Point) -> Option<(u16, u16)> {
        let at = on_sphere(point);
        let middle = self.places.partition_point(|(place, _)| place[2] < at[2]);
        let (below, above) = self.places.split_at(middle);
        let mut best = (chord(REACH_KM), None);
        let sides: [&mut dyn Iterator<Item = &([f64; 3], u16)>; 2] =
            [&mut above.iter(), &mut below.iter().rev()];
        for side in sides {
            for (place, label) in side {
                let height = place[2] - at[2];
                if height * height > best.0 {
                    break;
                }
                let apart = squared(*place, at);
                if apart < best.0 {
                    best = (apart, Some(*label));
                }
            }
        }
        self.labels.get(usize::from(best.1?)).copied()
    }
}

impl Gazetteer {
    /// The country a point lies in: the U.S. inside its counties, else that of the nearest place
    /// within 500 km.
    #[must_use]
    pub fn country_of(&self, point: Point) -> Option<CountryCode> {
        if self.county_row(point).is_some() {
            return Some(CountryCode::US);
        }
        self.country_of_place(point)
    }

    /// The country of the nearest place within reach.
    pub(crate) fn country_of_place(&self, point: Point) -> Option<CountryCode> {
        let (country, _) = self.zones.nearest(point)?;
        Some(self.countries.at(country)?.code)
    }

    /// The IANA time zone at a point, e.g. `"America/Chicago"`; none far out at sea.
    #[must_use]
    pub fn time_zone(&self, point: Point) -> Option<&str> {
        let by_county = self
            .county_row(point)
            .and_then(|county| self.county_zone(county, point));
        let zone = by_county.or_else(|| Some(self.zones.nearest(point)?.1))?;
        self.zones.name(zone)
    }

    /// The zone of the county's nearest place; none where a county has no place.
    fn county_zone(&self, county: u16, point: Point) -> Option<u16> {
        let places = self.places.get_or_init(|| self.places_by_county());
        let first = places.partition_point(|(other, ..)| *other < county);
        let end = places.partition_point(|(other, ..)| *other <= county);
        let apart = |(_, place, _): &(u16, Point, u16)| place.distance(point).get();
        let places = places.get(first..end)?.iter();
        let nearest = places.min_by(|one, other| apart(one).total_cmp(&apart(other)));
        nearest.map(|(_, _, zone)| *zone)
    }

    fn places_by_county(&self) -> Vec<(u16, Point, u16)> {
        let row = |(point, zone)| Some((self.county_row(point)?, point, zone));
        let mut rows: Vec<_> = self.names.zones().filter_map(row).collect();
        rows.sort_by_key(|(county, ..)| *county);
        rows
    }
}

/// Squared straight line through the unit sphere between points `km` apart on the Earth.
fn chord(km: f64) -> f64 {
    (2.0 * (km / 6_371.0 / 2.0).sin()).powi(2)
}

fn on_sphere(point: Point) -> [f64; 3] {
    let (lat, lon) = (point.lat().to_radians(), point.lon().to_radians());
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}

fn squared(one: [f64; 3], other: [f64; 3]) -> f64 {
    one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum()
}
