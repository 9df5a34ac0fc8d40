//! The people of a table of demand, county by county.

use std::ops::Range;

use crate::coverage::{County, Demand, DemandPoint, Ground, People, Rurality};
use crate::geo::{CountyFips, StateCode};

use super::sphere::Vector;

/// People in one place, who look for help.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'a> {
    pub(super) point: &'a DemandPoint,
    pub(super) vector: Vector,
}

/// One county and its people.
#[derive(Clone, Debug)]
pub(super) struct Peopled {
    pub(super) county: CountyFips,
    pub(super) people: People,
    pub(super) rurality: Rurality,
    /// Its points by their places in the table; at least one.
    pub(super) origins: Range<usize>,
}

/// All people of a table of demand.
#[derive(Debug)]
pub(super) struct Country<'a> {
    /// Ordered by county and ZIP.
    points: &'a [DemandPoint],
    /// Where they are.
    vectors: &'a [Vector],
    /// Ordered by code.
    pub(super) counties: Vec<Peopled>,
    /// For each code the place of the county among them, from 1; 0 for none.
    places: Vec<u32>,
}

impl<'a> Country<'a> {
    pub(super) fn of(demand: &'a Demand, ground: &Ground) -> Self {
        let points = demand.points();
        let mut counties: Vec<Peopled> = Vec::new();
        for together in points.chunk_by(|a, b| a.county == b.county) {
            let start = counties.last().map_or(0, |county| county.origins.end);
            let county = together[0].county;
            let people: People = together.iter().map(|point| point.people).sum();
            let known = ground.county(county);
            // A county the map does not know is judged by the table itself.
            let rurality = known.map_or_else(|| Rurality::of(people), County::rurality);
            counties.push(Peopled {
                county,
                people,
                rurality,
                origins: start..start + together.len(),
            });
        }
        let last = counties.last().map_or(0, |of| of.county.number());
        let mut places = vec![0; last as usize + 1];
        for (of, place) in counties.iter().zip(1..) {
            places[of.county.number() as usize] = place;
        }
        Self {
            points,
            vectors: demand.vectors(),
            counties,
            places,
        }
    }

    /// How many points there are.
    pub(super) fn size(&self) -> usize {
        self.points.len()
    }

    /// One of the points.
    pub(super) fn origin(&self, at: usize) -> Origin<'a> {
        Origin {
            point: &self.points[at],
            vector: self.vectors[at],
        }
    }

    /// Where the points are, in their order.
    pub(super) fn vectors(&self) -> &'a [Vector] {
        self.vectors
    }

    /// The place of a county among [`Country::counties`]; `None`: nobody of the table lives there.
    pub(super) fn place_of(&self, county: CountyFips) -> Option<usize> {
        let place = *self.places.get(county.number() as usize)?;
        (place as usize).checked_sub(1)
    }

    /// Every county, by its place among [`Country::counties`].
    pub(super) fn everyone(&self) -> Vec<usize> {
        (0..self.counties.len()).collect()
    }

    /// The counties that are rural, or those that are not.
    pub(super) fn of_rurality(&self, rurality: Rurality) -> Vec<usize> {
        let all = 0..self.counties.len();
        all.filter(|at| self.counties[*at].rurality == rurality)
            .collect()
    }

    /// The counties of each state, in the order of their codes.
    pub(super) fn states(&self) -> Vec<(StateCode, Vec<usize>)> {
        let all = self.everyone();
        let state = |at: &usize| self.counties[*at].county.state();
        all.chunk_by(|a, b| state(a) == state(b))
            .filter_map(|counties| Some((state(&counties[0])?, counties.to_vec())))
            .collect()
    }

    /// The people of these counties.
    pub(super) fn people(&self, counties: &[usize]) -> People {
        counties.iter().map(|at| self.counties[*at].people).sum()
    }

    /// The points of these counties, by their places in the table.
    pub(super) fn origins_of(&self, counties: &[usize]) -> impl Iterator<Item = usize> {
        counties
            .iter()
            .flat_map(|at| self.counties[*at].origins.clone())
    }

    /// How many people a point stands for.
    pub(super) fn weight(&self, origin: usize) -> f64 {
        self.points[origin].people.get()
    }
}
