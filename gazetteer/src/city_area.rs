//! Where a city is and which counties it lies in, as far as its ZIPs tell.

use std::cmp::Ordering;

use referral_core::geo::{CountyFips, Point};

use crate::county::WHOLE;
use crate::gazetteer::Gazetteer;
use crate::zip::middle;

/// A county with a smaller share of a city's people than this is no part of the city.
const CITY_SHARE: f64 = 0.01;

impl Gazetteer {
    /// The counties of a city: as written down, else by the people of its ZIPs, parts below 1 % left
    /// out, else that of its point.
    pub(crate) fn counties_of_city(&self, name: u16) -> Vec<(CountyFips, f64)> {
        let mut people = self.people_by_county(name);
        let all: f64 = people.iter().map(|(_, people)| people).sum();
        people.retain(|(_, part)| *part >= all * CITY_SHARE);
        let kept: f64 = people.iter().map(|(_, people)| people).sum();
        if kept <= 0.0 {
            let county = self
                .name_point(name)
                .and_then(|point| self.county_of(point));
            return county.map(|fips| (fips, 1.0)).into_iter().collect();
        }
        people.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        let share = |(row, part): (u16, f64)| Some((self.counties.at(row)?.fips, part / kept));
        people.into_iter().filter_map(share).collect()
    }

    fn people_by_county(&self, name: u16) -> Vec<(u16, f64)> {
        if let Some((_, counties)) = self.cities.iter().find(|(city, _)| *city == name) {
            let people = |row: &u16| Some((*row, f64::from(self.counties.at(*row)?.population)));
            return counties.iter().filter_map(people).collect();
        }
        let mut people: Vec<(u16, f64)> = Vec::new();
        for row in self.zips_of_city(name) {
            let residents = f64::from(self.zips.residents(row));
            for (county, weight) in self.zips.counties(row) {
                let part = residents * f64::from(*weight) / WHOLE;
                match people.iter_mut().find(|(other, _)| other == county) {
                    Some((_, sum)) => *sum += part,
                    None => people.push((*county, part)),
                }
            }
        }
        people
    }

    /// The ZIPs that carry a city's name, nearest first, until they hold as many people as the city:
    /// postal names reach far into the suburbs.
    fn zips_of_city(&self, name: u16) -> Vec<usize> {
        let mut rows: Vec<usize> = self.zips.named(name).collect();
        let place = self.names.point(name).zip(self.names.population(name));
        let Some((center, population)) = place.filter(|(_, population)| *population > 0) else {
            return rows;
        };
        let apart = |row: &usize| {
            self.zips
                .point(*row)
                .map(|point| point.distance(center).get())
        };
        rows.sort_by(|one, other| {
            apart(one)
                .partial_cmp(&apart(other))
                .unwrap_or(Ordering::Equal)
        });
        let mut held = 0;
        rows.retain(|row| {
            let wanted = held < population;
            held += self.zips.residents(*row);
            wanted
        });
        rows
    }

    /// A place's position, or the middle of a postal name's ZIPs.
    pub(crate) fn name_point(&self, name: u16) -> Option<Point> {
        self.names.point(name).or_else(|| {
            let zips = self.zips.named(name).filter_map(|row| self.zips.point(row));
            middle(&zips.collect::<Vec<_>>())
        })
    }
}
