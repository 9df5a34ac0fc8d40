//! The gazetteer as a whole: its tables, and the lookups by part.

use std::sync::OnceLock;

use referral_core::geo::{CountryCode, CountyFips, Point, StateCode, Zip};

use crate::city::{City, Hit, Names, Search};
use crate::country::{Countries, Country};
use crate::county::{Counties, County};
use crate::data::{Damaged, Sections};
use crate::name;
use crate::outline::{Outlines, Polygon};
use crate::state::{State, States};
use crate::zip::{ZipPlace, Zips};
use crate::zone::Zones;

static EMBEDDED: &[u8] = include_bytes!("../data/places.bin.zst");
/// A point in no county belongs to the nearest one up to here: piers, lake shores, generalised coasts.
const SHORE_KM: f64 = 10.0;

/// The embedded gazetteer, decoded at the first call.
///
/// # Panics
/// Never: the embedded file is checked by the crate's tests.
#[must_use]
pub fn gazetteer() -> &'static Gazetteer {
    static GAZETTEER: OnceLock<Gazetteer> = OnceLock::new();
    #[expect(
        clippy::expect_used,
        reason = "the embedded file is part of the program and tested"
    )]
    GAZETTEER.get_or_init(|| Gazetteer::read(EMBEDDED).expect("the embedded gazetteer is whole"))
}

/// Places and everything asked of them. Get it by [`gazetteer`].
#[derive(Debug)]
pub struct Gazetteer {
    pub(crate) states: States,
    pub(crate) counties: Counties,
    pub(crate) outlines: Outlines,
    pub(crate) names: Names,
    pub(crate) zips: Zips,
    pub(crate) countries: Countries,
    pub(crate) zones: Zones,
    /// Cities whose counties are written down: name row, county rows.
    pub(crate) cities: Vec<(u16, Vec<u16>)>,
    /// County row, position and zone of every U.S. place, ordered by county.
    pub(crate) places: OnceLock<Vec<(u16, Point, u16)>>,
}

impl Gazetteer {
    /// Decodes a data file as `recipe/run` writes it.
    ///
    /// # Errors
    /// [`Damaged`] when it is not one, or not whole.
    pub fn read(packed: &[u8]) -> Result<Self, Damaged> {
        let sections = Sections::open(packed)?;
        let states = States::read(&sections)?;
        let counties = Counties::read(&sections, &states)?;
        Ok(Self {
            outlines: Outlines::read(&sections)?,
            names: Names::read(&sections)?,
            zips: Zips::read(&sections)?,
            countries: Countries::read(&sections)?,
            zones: Zones::read(&sections)?,
            cities: read_cities(&sections)?,
            places: OnceLock::new(),
            states,
            counties,
        })
    }

    /// The ZIP's place, when it is a ZIP of the Census or of GeoNames. Military and unknown ones are
    /// [`Gazetteer::resolve_zip`]'s to explain.
    #[must_use]
    pub fn zip(&self, zip: Zip) -> Option<ZipPlace<'_>> {
        self.zip_at(self.zips.row(zip)?)
    }

    /// All ZIPs, ascending.
    pub fn zips(&self) -> impl Iterator<Item = ZipPlace<'_>> {
        (0..self.zips.len()).filter_map(|row| self.zip_at(row))
    }

    /// The counties a ZIP reaches into with the share of its people in each: 0..=1 to 1/255, largest
    /// first, summing to 1. A ZIP without residents has the county of its point; an unknown one none.
    #[must_use]
    pub fn counties_of_zip(&self, zip: Zip) -> Vec<(CountyFips, f64)> {
        let Some(row) = self.zips.row(zip) else {
            return Vec::new();
        };
        let counted = self.zips.counties(row);
        if !counted.is_empty() {
            return self.counties.shares(counted);
        }
        let county = self.zips.point(row).and_then(|point| self.county_of(point));
        county.map(|fips| (fips, 1.0)).into_iter().collect()
    }

    /// Whether the shares of [`Gazetteer::counties_of_zip`] were counted by the Census, not taken from
    /// the ZIP's point.
    #[must_use]
    pub fn counted_by_county(&self, zip: Zip) -> bool {
        let row = self.zips.row(zip);
        row.is_some_and(|row| !self.zips.counties(row).is_empty())
    }

    /// The city, town or postal city of that name in the state: case, accents, usual short forms, a
    /// suffix like Township and one or two wrong letters forgiven. `None` when nothing fits, and when it
    /// is not certain which misspelt name was meant.
    #[must_use]
    pub fn city(&self, name: &str, state: StateCode) -> Option<City<'_>> {
        match self.names.search(&name::key(name), self.states.row(state)?) {
            Search::Found(hit) => self.city_at(hit),
            Search::Near(_) | Search::Nothing => None,
        }
    }

    /// The county with that code; an alias (retired code, Connecticut planning region) gives the county
    /// that holds most of its people.
    #[must_use]
    pub fn county(&self, fips: CountyFips) -> Option<&County> {
        let (main, _) = *self.counties.of_code(fips).first()?;
        self.counties.at(self.counties.row(main)?)
    }

    /// The counties a code stands for with the share of its people in each, largest first, summing to
    /// 1: the county itself, or the parts of a retired code or Connecticut planning region (09110 to
    /// 09190). Empty for an unknown code.
    #[must_use]
    pub fn counties_of_code(&self, fips: CountyFips) -> Vec<(CountyFips, f64)> {
        self.counties.of_code(fips)
    }

    /// The county of that name in the state, e.g. `"Baltimore County"`, `"Baltimore city"`, `"Orleans"`.
    /// A name without its kind means the county before an independent city; one with its kind may be a
    /// letter or two off.
    #[must_use]
    pub fn county_named(&self, name: &str, state: StateCode) -> Option<&County> {
        let named = self.counties.named(name, state);
        named.or_else(|| self.counties.misspelt(name, state))
    }

    /// All 3,231 counties, ordered by code.
    #[must_use]
    pub fn counties(&self) -> &[County] {
        &self.counties.rows
    }

    /// The counties of a state, ordered by code.
    pub fn counties_in(&self, state: StateCode) -> impl Iterator<Item = &County> {
        self.counties.in_state(state)
    }

    /// The county whose outline holds the point, else the nearest within 10 km where the nearest place
    /// is in the U.S., else none (abroad, at sea). Outlines are generalised to about 300 m.
    #[must_use]
    pub fn county_of(&self, point: Point) -> Option<CountyFips> {
        let row = self.county_row(point)?;
        Some(self.counties.at(row)?.fips)
    }

    /// The counties that share a border with this one, ordered by code. Aliases as in
    /// [`Gazetteer::county`].
    #[must_use]
    pub fn neighbours(&self, fips: CountyFips) -> Vec<CountyFips> {
        let row = self
            .county(fips)
            .and_then(|county| self.counties.row(county.fips));
        let rows = row
            .into_iter()
            .flat_map(|row| self.outlines.neighbours(row));
        rows.filter_map(|row| Some(self.counties.at(row)?.fips))
            .collect()
    }

    /// The county's outline, one polygon for each piece; empty for an unknown code and for Falls Church
    /// city (51610), which this scale shrinks to a line: its points are in Fairfax County (51059).
    /// Aliases as in [`Gazetteer::county`].
    #[must_use]
    pub fn polygon(&self, fips: CountyFips) -> Vec<Polygon> {
        let row = self
            .county(fips)
            .and_then(|county| self.counties.row(county.fips));
        row.map(|row| self.outlines.polygons(row))
            .unwrap_or_default()
    }

    /// The lines of which all outlines are made, each once and from one meeting of borders to the next, numbered
    /// from 0. Whoever draws them coarser does so here, so that neighbours still touch.
    pub fn borders(&self) -> impl Iterator<Item = Vec<Point>> {
        self.outlines.borders()
    }

    /// The rings of the county's outline, each as steps along [`Gazetteer::borders`]: `n` is border n, `!n` the
    /// same walked backwards. Empty for an unknown code; a ring may have shrunk to a line at this scale.
    #[must_use]
    pub fn rings(&self, fips: CountyFips) -> Vec<&[i32]> {
        let row = self
            .county(fips)
            .and_then(|county| self.counties.row(county.fips));
        row.map(|row| self.outlines.rings(row)).unwrap_or_default()
    }

    /// The state, district or territory with that code.
    #[must_use]
    pub fn state(&self, code: StateCode) -> Option<&State> {
        self.states.at(self.states.row(code)?)
    }

    /// The state, district or territory of that name or code, e.g. `"maryland"`, `"N. Carolina"`, `"PR"`.
    #[must_use]
    pub fn state_named(&self, name: &str) -> Option<&State> {
        self.states.named(name)
    }

    /// The 50 states, the District of Columbia and the five territories, ordered by FIPS code.
    #[must_use]
    pub fn states(&self) -> &[State] {
        &self.states.rows
    }

    /// The country with that code.
    #[must_use]
    pub fn country(&self, code: CountryCode) -> Option<&Country> {
        self.countries
            .rows
            .iter()
            .find(|country| country.code == code)
    }

    /// The country of that English name, other usual name, or ISO alpha code.
    #[must_use]
    pub fn country_named(&self, name: &str) -> Option<&Country> {
        self.countries.named(name)
    }

    /// All countries, ordered by code.
    #[must_use]
    pub fn countries(&self) -> &[Country] {
        &self.countries.rows
    }

    fn zip_at(&self, row: usize) -> Option<ZipPlace<'_>> {
        let city = self.zips.name(row).map(|name| self.names.name(name));
        let place = self.zips.at(row, &self.states)?;
        Some(ZipPlace { city, ..place })
    }

    pub(crate) fn city_at(&self, hit: Hit) -> Option<City<'_>> {
        Some(City {
            name: self.names.name(hit.row),
            state: self.states.at(self.names.state(hit.row))?.code,
            point: self.name_point(hit.row)?,
            confidence: hit.confidence,
            population: self.names.population(hit.row),
        })
    }

    /// Over the border in Tijuana or Windsor a U.S. county is near too, but the nearest place is not.
    pub(crate) fn county_row(&self, point: Point) -> Option<u16> {
        let inside = self.outlines.holding(point);
        inside.or_else(|| {
            let (row, _) = self.outlines.nearest(point, SHORE_KM)?;
            (self.country_of_place(point)? == CountryCode::US).then_some(row)
        })
    }
}

fn read_cities(sections: &Sections) -> Result<Vec<(u16, Vec<u16>)>, Damaged> {
    let mut columns = sections.section("CITY")?;
    let names: Vec<u16> = columns.differences()?;
    let counts: Vec<usize> = columns.unsigned()?;
    let mut counties = columns.unsigned()?.into_iter();
    let cities = names.into_iter().zip(counts);
    Ok(cities
        .map(|(name, count)| (name, counties.by_ref().take(count).collect()))
        .collect())
}
