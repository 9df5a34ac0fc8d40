//! ZIP codes: their points, states, postal names and counties.

use referral_core::geo::{CountryCode, Point, StateCode, Zip};

use crate::data::{Damaged, Sections};
use crate::state::States;

/// A ZIP code the gazetteer holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ZipPlace<'a> {
    /// The code.
    pub zip: Zip,
    /// Where it is: the Census's point of its area, else GeoNames' point (PO boxes, single buildings).
    pub point: Point,
    /// The state or territory it belongs to.
    pub state: StateCode,
    /// Its postal city, e.g. `"Dilley"`; none in the territories.
    pub city: Option<&'a str>,
    /// Residents; 0 where nobody lives or nobody counted.
    pub population: u32,
    /// True when `point` is the Census's, false when it is GeoNames'.
    pub census: bool,
}

/// What a five-digit number is, when no row holds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Unlisted {
    /// A military post office: no position.
    Military(&'static str),
    /// A country in free association, which uses U.S. ZIP codes.
    Country(CountryCode),
    /// Near others with the same three digits: their middle and state.
    Prefix(Point, StateCode),
    /// No ZIP begins so.
    Unassigned,
}

/// All ZIPs, ascending.
#[derive(Debug)]
pub(crate) struct Zips {
    numbers: Vec<u32>,
    states: Vec<u8>,
    points: Vec<Point>,
    population: Vec<u32>,
    /// Row of the name table + 1; 0 for none.
    names: Vec<u16>,
    census: Vec<u8>,
    county_ends: Vec<u32>,
    /// County row and weight in 255ths, largest first within a ZIP.
    counties: Vec<(u16, u8)>,
}

impl Zips {
    pub(crate) fn read(sections: &Sections) -> Result<Self, Damaged> {
        let mut columns = sections.section("ZIPS")?;
        let numbers: Vec<u32> = columns.differences()?;
        let states = columns.differences()?;
        let points = columns.points(1e4)?;
        let population = columns.unsigned()?;
        let names = columns.differences()?;
        let census = columns.unsigned()?;
        let counts: Vec<u32> = columns.unsigned()?;
        let rows: Vec<u16> = columns.differences()?;
        let weights: Vec<u8> = columns.unsigned()?;
        let mut end = 0;
        let county_ends = counts.iter().map(|count| {
            end += count;
            end
        });
        let county_ends = county_ends.collect();
        let counties = rows.into_iter().zip(weights).collect();
        Ok(Self {
            numbers,
            states,
            points,
            population,
            names,
            census,
            county_ends,
            counties,
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }

    pub(crate) fn row(&self, zip: Zip) -> Option<usize> {
        self.numbers.binary_search(&zip.number()).ok()
    }

    /// The ZIP in a row; its city is the caller's to add, by [`Zips::name`].
    pub(crate) fn at<'a>(&self, row: usize, states: &States) -> Option<ZipPlace<'a>> {
        Some(ZipPlace {
            zip: Zip::from_number(*self.numbers.get(row)?)?,
            point: *self.points.get(row)?,
            state: states.at(*self.states.get(row)?)?.code,
            city: None,
            population: *self.population.get(row)?,
            census: *self.census.get(row)? == 1,
        })
    }

    /// The row of its postal name in the name table.
    pub(crate) fn name(&self, row: usize) -> Option<u16> {
        self.names.get(row)?.checked_sub(1)
    }

    /// Rows of the ZIPs with that postal name.
    pub(crate) fn named(&self, name: u16) -> impl Iterator<Item = usize> {
        let rows = self.names.iter().enumerate();
        rows.filter(move |(_, other)| other.checked_sub(1) == Some(name))
            .map(|(row, _)| row)
    }

    pub(crate) fn residents(&self, row: usize) -> u32 {
        self.population.get(row).copied().unwrap_or(0)
    }

    pub(crate) fn point(&self, row: usize) -> Option<Point> {
        self.points.get(row).copied()
    }

    /// Counties and weights as the Census counted them; empty for ZIPs without an area.
    pub(crate) fn counties(&self, row: usize) -> &[(u16, u8)] {
        let end = |row: usize| self.county_ends.get(row).map_or(0, |end| *end as usize);
        let first = row.checked_sub(1).map_or(0, end);
        self.counties.get(first..end(row)).unwrap_or_default()
    }

    /// What can be said of a ZIP that has no row.
    pub(crate) fn unlisted(&self, zip: Zip, states: &States) -> Unlisted {
        if let Some(post) = military(zip) {
            return Unlisted::Military(post);
        }
        if let Some(country) = freely_associated(zip) {
            return Unlisted::Country(country);
        }
        let first = zip.number() / 100 * 100;
        let begin = self.numbers.partition_point(|other| *other < first);
        let end = self.numbers.partition_point(|other| *other < first + 100);
        let state = self.states.get(begin).and_then(|row| states.at(*row));
        let middle = middle(self.points.get(begin..end).unwrap_or_default());
        match (middle, state) {
            (Some(point), Some(state)) => Unlisted::Prefix(point, state.code),
            _ => Unlisted::Unassigned,
        }
    }
}

/// The mean of the points' coordinates; none of none. Fit for points of one region.
pub(crate) fn middle(points: &[Point]) -> Option<Point> {
    let count = f64::from(u32::try_from(points.len()).ok()?);
    let lat: f64 = points.iter().map(|point| point.lat()).sum();
    let lon: f64 = points.iter().map(|point| point.lon()).sum();
    Point::new(lat / count, lon / count).ok()
}

/// Military post offices by ZIP: Americas 340, Europe 090-098, Pacific 962-966.
fn military(zip: Zip) -> Option<&'static str> {
    match zip.number() / 100 {
        340 => Some("AA"),
        90..=98 => Some("AE"),
        962..=966 => Some("AP"),
        _ => None,
    }
}

/// The three countries in free association, whose mail the U.S. carries.
fn freely_associated(zip: Zip) -> Option<CountryCode> {
    let code = match zip.number() {
        96_939 | 96_940 => "PW",
        96_941..=96_944 => "FM",
        96_960 | 96_970 => "MH",
        _ => return None,
    };
    CountryCode::parse(code).ok()
}
