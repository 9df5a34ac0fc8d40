//! Whether a reach serves somebody.

use crate::coverage::{Area, Areas, DemandPoint, Reach, Serving, Supply};
use crate::geo::{CountyFips, Point};

/// How surely people are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Served {
    /// Not at all.
    No,
    /// On a condition.
    May,
    /// Without one.
    Yes,
}

/// The areas of one reach, asked about many people: what is the same for a whole county is worked out once.
#[derive(Debug)]
pub(super) struct Cover<'a> {
    servings: &'a [Serving],
    site: Option<Point>,
    not_stated: bool,
    /// Whether some areas are finer than counties.
    fine: bool,
    last: Option<(CountyFips, Served)>,
}

impl<'a> Cover<'a> {
    pub(super) fn of(supply: &'a Supply, reach: &Reach, site: Option<Point>) -> Self {
        let servings = supply.servings(reach.areas);
        let fine = |serving: &Serving| matches!(serving.area, Area::Zip(..) | Area::Radius(_));
        Self {
            servings,
            site,
            not_stated: reach.areas == Areas::NOT_STATED,
            fine: servings.iter().any(fine),
            last: None,
        }
    }

    /// How surely people of `county` are served; where in it they are is asked where it matters.
    pub(super) fn serves<'p>(
        &mut self,
        county: CountyFips,
        point: impl FnOnce() -> &'p DemandPoint,
    ) -> Served {
        if self.not_stated {
            return Served::Yes;
        }
        let of_county = match self.last {
            Some((last, served)) if last == county => served,
            _ => self.serves_county(county),
        };
        self.last = Some((county, of_county));
        if self.fine && of_county != Served::Yes {
            of_county.max(self.serves_within(point()))
        } else {
            of_county
        }
    }

    /// By what covers whole counties.
    fn serves_county(&self, county: CountyFips) -> Served {
        self.best(|area| match area {
            Area::Nation => true,
            Area::State(state) => county.state() == Some(*state),
            Area::County(only) => *only == county,
            Area::Zip(..) | Area::Radius(_) => false,
        })
    }

    /// By what covers parts of counties.
    fn serves_within(&self, point: &DemandPoint) -> Served {
        self.best(|area| match area {
            Area::Zip(zip, county) => {
                *county == point.county && point.zip.is_none_or(|of| of == *zip)
            }
            Area::Radius(radius) => self
                .site
                .is_some_and(|site| site.distance(point.at) <= *radius),
            Area::Nation | Area::State(_) | Area::County(_) => false,
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
