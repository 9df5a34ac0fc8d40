//! Whether a reach serves somebody.

use crate::coverage::{Area, Areas, DemandPoint, Reach, Serving, Supply};
use crate::geo::{CountyFips, Kilometres, Point};

use super::sphere::Limit;

/// How surely people are served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Served {
    /// Not at all.
    #[default]
    No,
    /// On a condition.
    May,
    /// Without one.
    Yes,
}

/// Somebody who may be served by a site.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client<'a> {
    /// Their county, and its place among all counties.
    pub(super) county: CountyFips,
    pub(super) place: u32,
    /// The squared chord from the site to them.
    pub(super) chord2: f64,
    pub(super) point: &'a DemandPoint,
}

/// The areas of one reach, asked about many people.
#[derive(Debug)]
pub(super) struct Cover<'a> {
    servings: &'a [Serving],
    site: Point,
    not_stated: bool,
    zips: bool,
    /// The widest radius, and the widest without a condition.
    around: Option<Limit>,
    around_surely: Option<Limit>,
    counties: &'a mut ByCounty,
}

/// What is the same for a whole county, worked out once for each reach.
#[derive(Debug, Default)]
pub(super) struct ByCounty {
    /// Which reach the answers are for.
    reach: u32,
    /// By place among all counties: for which reach it was worked out, and what came out.
    known: Vec<(u32, Served)>,
}

impl ByCounty {
    /// Room for so many counties.
    pub(super) fn new(counties: usize) -> Self {
        Self {
            reach: 0,
            known: vec![(0, Served::No); counties],
        }
    }
}

impl<'a> Cover<'a> {
    pub(super) fn of(
        supply: &'a Supply,
        reach: &Reach,
        site: Point,
        counties: &'a mut ByCounty,
    ) -> Self {
        let servings = supply.servings(reach.areas);
        counties.reach += 1;
        Self {
            servings,
            site,
            not_stated: reach.areas == Areas::NOT_STATED,
            zips: servings
                .iter()
                .any(|serving| matches!(serving.area, Area::Zip(..))),
            around: widest(servings.iter()),
            around_surely: widest(servings.iter().filter(|serving| !serving.conditional)),
            counties,
        }
    }

    /// How surely somebody is served; where in their county they are is asked where it matters.
    pub(super) fn serves(&mut self, client: &Client<'_>) -> Served {
        if self.not_stated {
            return Served::Yes;
        }
        let of_county = self.serves_county(client);
        if of_county == Served::Yes {
            return of_county;
        }
        of_county
            .max(self.serves_around(client))
            .max(self.serves_zip(client.point))
    }

    /// By what covers whole counties.
    fn serves_county(&mut self, client: &Client<'_>) -> Served {
        let reach = self.counties.reach;
        let (of, served) = self.counties.known[client.place as usize];
        if of == reach {
            return served;
        }
        let county = client.county;
        let served = self.best(|area| match area {
            Area::Nation => true,
            Area::State(state) => county.state() == Some(*state),
            Area::County(only) => *only == county,
            Area::Zip(..) | Area::Radius(_) => false,
        });
        self.counties.known[client.place as usize] = (reach, served);
        served
    }

    fn serves_around(&self, client: &Client<'_>) -> Served {
        let apart = || self.site.distance(client.point.at);
        let holds = |limit: &Option<Limit>| {
            let limit = limit.as_ref();
            limit.is_some_and(|limit| limit.holds(client.chord2, apart))
        };
        if holds(&self.around_surely) {
            Served::Yes
        } else if holds(&self.around) {
            Served::May
        } else {
            Served::No
        }
    }

    fn serves_zip(&self, point: &DemandPoint) -> Served {
        if !self.zips {
            return Served::No;
        }
        self.best(|area| match area {
            Area::Zip(zip, county) => {
                *county == point.county && point.zip.is_none_or(|of| of == *zip)
            }
            Area::Nation | Area::State(_) | Area::County(_) | Area::Radius(_) => false,
        })
    }

    fn best(&self, covers: impl Fn(&Area) -> bool) -> Served {
        let covering = self.servings.iter().filter(|serving| covers(&serving.area));
        let served = covering.map(|serving| {
            if serving.conditional {
                Served::May
            } else {
                Served::Yes
            }
        });
        served.max().unwrap_or(Served::No)
    }
}

fn widest<'a>(servings: impl Iterator<Item = &'a Serving>) -> Option<Limit> {
    let radii = servings.filter_map(|serving| match serving.area {
        Area::Radius(radius) => Some(radius),
        _ => None,
    });
    let widest = radii.reduce(|a: Kilometres, b| if b > a { b } else { a });
    widest.map(Limit::of)
}
