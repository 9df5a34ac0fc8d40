//! Reading a table of demand that somebody else made: a weight for each county or ZIP.

use std::collections::BTreeMap;

use crate::coverage::{Demand, DemandPoint, DemandSource, InvalidDemand, People};
use crate::geo::{CountyFips, Locality, Zip};
use crate::places::Places;

/// One row of a table of demand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DemandRow {
    /// So many people in a county.
    County(CountyFips, People),
    /// So many people in a ZIP.
    Zip(Zip, People),
}

/// A row that was not taken in, by its number in the table from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedRow {
    /// Which row.
    pub row: usize,
    /// Why.
    pub reason: InvalidDemand,
}

impl DemandRow {
    /// Reads a row from the text of its columns: a county by its FIPS code or a ZIP, and a weight.
    ///
    /// # Errors
    /// [`InvalidDemand`] for a code that cannot be one, and a weight that is no number, negative or not finite.
    pub fn parse(
        county: Option<&str>,
        zip: Option<&str>,
        weight: &str,
    ) -> Result<Self, InvalidDemand> {
        let people = weight.trim().parse().map_err(|_| InvalidDemand::Weight)?;
        let people = People::new(people)?;
        match (county, zip) {
            (Some(county), None) => CountyFips::parse(county)
                .map(|county| Self::County(county, people))
                .map_err(|_| InvalidDemand::Place),
            (None, Some(zip)) => Zip::parse(zip)
                .map(|zip| Self::Zip(zip, people))
                .map_err(|_| InvalidDemand::Place),
            _ => Err(InvalidDemand::Place),
        }
    }
}

impl Demand {
    /// A table from its rows. People of a county are spread over its points in `residents` as the residents are; people
    /// of a ZIP over its counties. Where nobody resides (a ZIP of post boxes) `map` says where it is. Rows about
    /// the same place are added up. Rows about places that neither knows are left out and told.
    ///
    /// # Errors
    /// [`InvalidDemand::Empty`] when nobody is left.
    pub fn from_rows(
        source: DemandSource,
        rows: &[DemandRow],
        residents: &Self,
        map: &dyn Places,
    ) -> Result<(Self, Vec<RefusedRow>), InvalidDemand> {
        let mut table = Spread::over(residents, map);
        let mut refused = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let known = match row {
                DemandRow::County(county, people) => table.add_county(*county, people.get()),
                DemandRow::Zip(zip, people) => table.add_zip(*zip, people.get()),
            };
            if !known {
                refused.push(RefusedRow {
                    row: at,
                    reason: InvalidDemand::Unknown,
                });
            }
        }
        let points = table.points.into_values().collect();
        Ok((Self::new(source, points)?, refused))
    }
}

/// People on their way to points.
struct Spread<'a> {
    residents: &'a [DemandPoint],
    /// The points of each ZIP, by their places among `residents`.
    zips: BTreeMap<Zip, Vec<usize>>,
    map: &'a dyn Places,
    points: BTreeMap<(CountyFips, Option<Zip>), DemandPoint>,
}

impl<'a> Spread<'a> {
    fn over(residents: &'a Demand, map: &'a dyn Places) -> Self {
        let mut zips: BTreeMap<Zip, Vec<usize>> = BTreeMap::new();
        for (at, point) in residents.points().iter().enumerate() {
            if let Some(zip) = point.zip {
                zips.entry(zip).or_default().push(at);
            }
        }
        Self {
            residents: residents.points(),
            zips,
            map,
            points: BTreeMap::new(),
        }
    }

    /// Whether the county is known.
    fn add_county(&mut self, county: CountyFips, people: f64) -> bool {
        let start = self.residents.partition_point(|of| of.county < county);
        let end = self.residents.partition_point(|of| of.county <= county);
        if start < end {
            self.spread(start..end, people);
            return true;
        }
        // A code of another year stands for parts of counties.
        let Some(place) = self.map.county(county) else {
            return false;
        };
        self.add_place(&place, None, people)
    }

    /// Whether the ZIP is known.
    fn add_zip(&mut self, zip: Zip, people: f64) -> bool {
        if let Some(points) = self.zips.get(&zip).cloned() {
            self.spread(points.into_iter(), people);
            return true;
        }
        let place = self.map.zip(zip).filter(|place| !place.approximate);
        place.is_some_and(|place| self.add_place(&place, Some(zip), people))
    }

    /// Gives each of these points of residents its share.
    fn spread(&mut self, points: impl Iterator<Item = usize> + Clone, people: f64) {
        let of = |at: usize| self.residents[at].people.get();
        let all = points.clone().fold(0.0, |sum, at| sum + of(at));
        for at in points {
            let point = self.residents[at];
            self.add(point, people * point.people.get() / all);
        }
    }

    fn add_place(&mut self, place: &Locality, zip: Option<Zip>, people: f64) -> bool {
        let Some(at) = place.point.filter(|_| !place.counties.is_empty()) else {
            return false;
        };
        for (county, share) in &place.counties {
            let point = DemandPoint {
                county: *county,
                zip,
                at,
                people: People::NOBODY,
            };
            self.add(point, people * share);
        }
        true
    }

    fn add(&mut self, point: DemandPoint, people: f64) {
        let kept = self.points.entry((point.county, point.zip));
        let kept = kept.or_insert(DemandPoint {
            people: People::NOBODY,
            ..point
        });
        // Both are finite and not negative, and so is their sum.
        kept.people = People::new(kept.people.get() + people).unwrap_or(kept.people);
    }
}
