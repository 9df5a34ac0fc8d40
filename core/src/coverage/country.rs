//! The people of a table of demand, county by county.

use std::ops::Range;

use crate::coverage::{County, Demand, DemandPoint, Ground, People, Rurality};
use crate::geo::{CountyFips, StateCode};

use super::sphere::Vector;

/// People in one place, who look for help.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    pub(super) point: DemandPoint,
    pub(super) vector: Vector,
}

/// One county and its people.
#[derive(Clone, Debug)]
pub(super) struct Peopled {
    pub(super) county: CountyFips,
    pub(super) people: People,
    pub(super) rurality: Rurality,
    /// Its points among [`Country::origins`]; at least one.
    pub(super) origins: Range<usize>,
}

/// All people of a table of demand.
#[derive(Debug)]
pub(super) struct Country {
    /// Ordered by county and ZIP.
    pub(super) origins: Vec<Origin>,
    /// Ordered by code.
    pub(super) counties: Vec<Peopled>,
}

impl Country {
    pub(super) fn of(demand: &Demand, ground: &Ground) -> Self {
        let origins: Vec<Origin> = demand
            .points()
            .iter()
            .map(|point| Origin {
                point: *point,
                vector: Vector::of(point.at),
            })
            .collect();
        let mut counties: Vec<Peopled> = Vec::new();
        for together in origins.chunk_by(|a, b| a.point.county == b.point.county) {
            let start = counties.last().map_or(0, |county| county.origins.end);
            let county = together[0].point.county;
            let people: People = together.iter().map(|origin| origin.point.people).sum();
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
        Self { origins, counties }
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

    /// The points of these counties, by their places among [`Country::origins`].
    pub(super) fn origins_of(&self, counties: &[usize]) -> impl Iterator<Item = usize> {
        counties
            .iter()
            .flat_map(|at| self.counties[*at].origins.clone())
    }

    /// How many people a point stands for.
    pub(super) fn weight(&self, origin: usize) -> f64 {
        self.origins[origin].point.people.get()
    }
}
