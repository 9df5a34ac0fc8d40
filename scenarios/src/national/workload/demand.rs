//! From where people search: places by residents, and the towns of the border and of detention.

use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;
use referral_core::geo::{CountyFips, StateCode};
use referral_gazetteer::{Gazetteer, gazetteer};

use crate::invented::borderlands;
use crate::invented::dice::{Dice, chance, weighted};

/// How searches gather in populous counties: as the residents with pending court cases do, of whom the
/// top 100 counties had 73 % (TRAC 2017). Fitted.
const COUNTY_EXPONENT: f64 = 1.6;
/// Searches from counties of the border and of detention (assumption).
const FROM_BORDER: f64 = 0.1;

/// Where searches are from.
#[derive(Debug)]
pub(super) struct Demand {
    everywhere: Homes,
    border: Homes,
    states: Vec<(f64, StateCode)>,
}

/// ZIPs by how many searches are from them.
#[derive(Debug)]
struct Homes {
    homes: Vec<Home>,
    draw: WeightedIndex<f64>,
}

#[derive(Clone, Copy, Debug)]
struct Home {
    zip: referral_core::geo::Zip,
    city: &'static str,
    county: CountyFips,
    state: StateCode,
}

impl Demand {
    pub(super) fn new() -> Self {
        let map = gazetteer();
        let border = borderlands::counties(map);
        let all: Vec<(f64, Home)> = homes(map).collect();
        let of_border = all.iter().copied();
        let of_border = of_border.filter(|(_, home)| border.contains(&home.county));
        let states = map.states().iter().filter_map(|state| {
            let people: u32 = map
                .counties_in(state.code)
                .map(|county| county.population)
                .sum();
            let inside = all.iter().any(|(_, home)| home.state == state.code);
            inside.then_some((f64::from(people), state.code))
        });
        Self {
            border: Homes::new(of_border.collect()),
            states: states.collect(),
            everywhere: Homes::new(all),
        }
    }

    /// A place as somebody types it: a ZIP, a town or a county. The gazetteer knows it.
    pub(super) fn place(&self, dice: &mut Dice) -> String {
        let homes = if chance(dice, FROM_BORDER) {
            &self.border
        } else {
            &self.everywhere
        };
        let home = homes.homes[homes.draw.sample(dice)];
        let zip = home.zip.to_string();
        let typed = match *weighted(dice, &[(0.55, 0), (0.3, 1), (0.09, 2), (0.06, 3)]) {
            1 => format!("{}, {}", home.city, home.state),
            2 => format!("{} {}", home.city, home.state).to_lowercase(),
            3 => {
                let county = gazetteer().county(home.county);
                county.map_or_else(String::new, |county| {
                    format!("{}, {}", county.name, county.state)
                })
            }
            _ => return zip,
        };
        // Some postal names mean several places: who has such an address types the ZIP.
        if gazetteer().resolve(&typed).is_ok() {
            typed
        } else {
            zip
        }
    }

    /// A state as somebody types it: its name or its code.
    pub(super) fn state(&self, dice: &mut Dice) -> String {
        let code = *weighted(dice, &self.states);
        let name = gazetteer().state(code).filter(|_| chance(dice, 0.6));
        name.map_or_else(|| code.to_string(), |state| state.name.clone())
    }
}

impl Homes {
    fn new(weighted: Vec<(f64, Home)>) -> Self {
        #[expect(clippy::expect_used, reason = "the gazetteer has ZIPs with residents")]
        let draw = WeightedIndex::new(weighted.iter().map(|(weight, _)| *weight))
            .expect("some ZIPs have residents");
        Self {
            homes: weighted.into_iter().map(|(_, home)| home).collect(),
            draw,
        }
    }
}

/// ZIPs with residents and a town in the states, each with its weight.
fn homes(map: &'static Gazetteer) -> impl Iterator<Item = (f64, Home)> {
    map.zips().filter_map(move |place| {
        let city = place.city.filter(|_| place.population > 0)?;
        let (county, _) = *map.counties_of_zip(place.zip).first()?;
        let county = map.county(county).filter(|county| county.population > 0)?;
        let gathered = f64::from(county.population).powf(COUNTY_EXPONENT - 1.0);
        let home = Home {
            zip: place.zip,
            city,
            county: county.fips,
            state: county.state,
        };
        Some((f64::from(place.population) * gathered, home))
    })
}
