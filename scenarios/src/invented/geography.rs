//! Where things are: counties, ZIPs and origin countries, drawn by how many people they hold.
//!
//! Real places from the gazetteer; which of them have services is drawn. Weights of counties: residents
//! to the power of 1.6 for services that follow immigrants (fitted: the top 50 counties then hold 63 %),
//! to the power of 1.0 for all others (assumption). Inside a county: the square root of a ZIP's
//! residents times a log-normal number of the ZIP's own (fitted to Miami by eye).

use std::collections::HashMap;

use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;
use referral_core::geo::{CountyFips, Point, StateCode, Zip};
use referral_gazetteer::{Gazetteer, ZipPlace};

use super::borderlands;
use super::dice::{Dice, log_normal_sigma};
use super::plan::EVERYWHERE;

/// How services for immigrants concentrate in populous counties. Fitted.
const IMMIGRANT_EXPONENT: f64 = 1.6;
/// The spread of the ZIPs' own factor. Fitted by eye.
const ZIP_SPREAD: f64 = 1.3;
/// A border or detention county draws services as if it had at least so many residents (assumption).
const BORDERLAND_RESIDENTS: u32 = 250_000;

/// Whom a service follows over the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follows {
    Immigrants,
    Everyone,
}

/// A ZIP code somebody could have an office in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    pub(crate) zip: Zip,
    pub(crate) city: &'static str,
    pub(crate) state: StateCode,
    pub(crate) county: CountyFips,
    pub(crate) point: Point,
}

/// The map of one network.
#[derive(Debug)]
pub(crate) struct Geography {
    counties: Vec<Ground>,
    row_of: HashMap<CountyFips, usize>,
    nation: Region,
    states: Vec<(StateCode, Region)>,
}

#[derive(Debug)]
struct Ground {
    fips: CountyFips,
    state: StateCode,
    residents: u32,
    zips: Vec<(f64, Spot)>,
    draw: WeightedIndex<f64>,
}

/// Counties to draw from, by each weight.
#[derive(Debug)]
struct Region {
    rows: Vec<usize>,
    immigrants: WeightedIndex<f64>,
    everyone: WeightedIndex<f64>,
    /// All of its weight for [`Follows::Immigrants`].
    weight: f64,
}

impl Geography {
    /// The map with its `states` weightiest states, or everywhere, and the factors of its ZIPs drawn.
    pub(crate) fn new(map: &'static Gazetteer, states: usize, dice: &mut Dice) -> Self {
        let mut counties = grounds(map, dice);
        let mut of_states = regions(&counties);
        of_states.retain(|(code, _)| states == EVERYWHERE || code.as_str() != "DC");
        of_states.sort_by(|(_, one), (_, other)| other.weight.total_cmp(&one.weight));
        of_states.truncate(states);
        let kept = |state| of_states.iter().any(|(code, _)| *code == state);
        counties.retain(|ground| kept(ground.state));
        let row_of = (0..).zip(&counties).map(|(row, ground)| (ground.fips, row));
        let row_of = row_of.collect();
        let order: Vec<StateCode> = of_states.iter().map(|(code, _)| *code).collect();
        let mut states = regions(&counties);
        states.sort_by_key(|(code, _)| order.iter().position(|kept| kept == code));
        let nation = Region::new((0..counties.len()).collect(), &counties);
        #[expect(clippy::expect_used, reason = "the gazetteer has populous counties")]
        let nation = nation.expect("the nation has counties");
        Self {
            counties,
            row_of,
            nation,
            states,
        }
    }

    /// The states, those with most weight for immigrants first.
    pub(crate) fn states(&self) -> impl Iterator<Item = StateCode> {
        self.states.iter().map(|(state, _)| *state)
    }

    /// A county anywhere.
    pub(crate) fn county(&self, follows: Follows, dice: &mut Dice) -> CountyFips {
        self.drawn(&self.nation, follows, dice)
    }

    /// A county of the state; anywhere when the network is not in it.
    pub(crate) fn county_in(
        &self,
        state: StateCode,
        follows: Follows,
        dice: &mut Dice,
    ) -> CountyFips {
        let region = self.states.iter().find(|(code, _)| *code == state);
        self.drawn(
            region.map_or(&self.nation, |(_, region)| region),
            follows,
            dice,
        )
    }

    /// A ZIP of the county; anywhere when the network is not in it.
    pub(crate) fn spot(&self, county: CountyFips, dice: &mut Dice) -> Spot {
        let row = self.row_of.get(&county).copied();
        let row = row.unwrap_or_else(|| self.nation.draw(Follows::Everyone, dice));
        let ground = &self.counties[row];
        ground.zips[ground.draw.sample(dice)].1
    }

    /// Whether offices can be in the county.
    pub(crate) fn holds(&self, county: CountyFips) -> bool {
        self.row_of.contains_key(&county)
    }

    /// The state of a county the network is in.
    pub(crate) fn state_of(&self, county: CountyFips) -> Option<StateCode> {
        let row = self.row_of.get(&county)?;
        Some(self.counties[*row].state)
    }

    fn drawn(&self, region: &Region, follows: Follows, dice: &mut Dice) -> CountyFips {
        self.counties[region.draw(follows, dice)].fips
    }
}

impl Region {
    /// `None` where the rows hold nobody.
    fn new(rows: Vec<usize>, counties: &[Ground]) -> Option<Self> {
        let weigh = |exponent: f64| -> Vec<f64> {
            let residents = rows.iter().map(|row| counties[*row].residents);
            residents
                .map(|people| f64::from(people).powf(exponent))
                .collect()
        };
        let immigrants = weigh(IMMIGRANT_EXPONENT);
        Some(Self {
            weight: immigrants.iter().sum(),
            immigrants: WeightedIndex::new(immigrants).ok()?,
            everyone: WeightedIndex::new(weigh(1.0)).ok()?,
            rows,
        })
    }

    fn draw(&self, follows: Follows, dice: &mut Dice) -> usize {
        let drawn = match follows {
            Follows::Immigrants => self.immigrants.sample(dice),
            Follows::Everyone => self.everyone.sample(dice),
        };
        self.rows[drawn]
    }
}

/// The counties of the 50 states and the District of Columbia that have ZIPs with a city and residents.
fn grounds(map: &'static Gazetteer, dice: &mut Dice) -> Vec<Ground> {
    let mut zips: HashMap<CountyFips, Vec<(f64, Spot)>> = HashMap::new();
    for place in map.zips() {
        if let Some(spot) = spot(map, place) {
            let own = log_normal_sigma(dice, 1.0, ZIP_SPREAD);
            let weight = f64::from(place.population).sqrt() * own;
            zips.entry(spot.county).or_default().push((weight, spot));
        }
    }
    let borderlands = borderlands::counties(map);
    let ground = |county: &referral_gazetteer::County| {
        let zips = zips.remove(&county.fips)?;
        let draw = WeightedIndex::new(zips.iter().map(|(weight, _)| *weight)).ok()?;
        let raised = if borderlands.contains(&county.fips) {
            BORDERLAND_RESIDENTS
        } else {
            0
        };
        Some(Ground {
            fips: county.fips,
            state: county.state,
            residents: county.population.max(raised),
            zips,
            draw,
        })
    };
    map.counties().iter().filter_map(ground).collect()
}

/// The ZIP as a place for an office: its city, and the county its point and most of its people are in.
fn spot(map: &'static Gazetteer, place: ZipPlace<'static>) -> Option<Spot> {
    let city = place.city.filter(|_| place.population > 0)?;
    let county = map.county_of(place.point)?;
    let (main, _) = *map.counties_of_zip(place.zip).first()?;
    let state = map.county(county)?.state;
    (main == county && state == place.state).then_some(Spot {
        zip: place.zip,
        city,
        state,
        county,
        point: place.point,
    })
}

fn regions(counties: &[Ground]) -> Vec<(StateCode, Region)> {
    let mut rows: Vec<(StateCode, Vec<usize>)> = Vec::new();
    for (row, ground) in counties.iter().enumerate() {
        match rows.iter_mut().find(|(state, _)| *state == ground.state) {
            Some((_, rows)) => rows.push(row),
            None => rows.push((ground.state, vec![row])),
        }
    }
    let region = |(state, rows)| Some((state, Region::new(rows, counties)?));
    rows.into_iter().filter_map(region).collect()
}
