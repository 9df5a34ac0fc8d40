//! People for each open place that is in a county.

use super::country::Country;
use super::measured::{Measured, different};
use super::pools::{Counting, counties_of, is_open, may_be_open};
use crate::coverage::{Amount, Figure, Quantity, Supply};

/// The places in each county, in the order of [`Country::counties`].
#[derive(Debug)]
pub(super) struct PerPlace {
    open: Vec<f64>,
    maybe: Vec<f64>,
    behind: Vec<Vec<u32>>,
    pools: usize,
}

impl PerPlace {
    /// People for each place = people of the county / open places at sites in it. The places of a pool with sites in
    /// several counties are divided equally among these, so that the counties' places add up to those of the
    /// country. What is remote or at no known place is in no county.
    ///
    /// Source: the ratio of population to provider, e.g. Guagliardo 2004, <https://doi.org/10.1186/1476-072X-3-3>.
    pub(super) fn of(country: &Country<'_>, supply: &Supply, counting: Counting) -> Self {
        let nothing = vec![0.0; country.counties.len()];
        let mut all = Self {
            open: nothing.clone(),
            maybe: nothing,
            behind: vec![Vec::new(); country.counties.len()],
            pools: supply.pools().len(),
        };
        for (pool, number) in supply.pools().iter().zip(0_u32..) {
            if !may_be_open(pool) {
                continue;
            }
            let counties = counties_of(supply, number as usize);
            let equal = f64::from(u32::try_from(counties.len()).unwrap_or(u32::MAX));
            let part = f64::from(counting.places(pool)) / equal;
            let known = counties.iter();
            for county in known.filter_map(|county| country.place_of(*county)) {
                all.maybe[county] += part;
                if is_open(pool) {
                    all.open[county] += part;
                    all.behind[county].push(number);
                }
            }
        }
        all
    }
}

impl Measured for PerPlace {
    fn quantity(&self) -> Quantity {
        Quantity::PeoplePerPlace
    }

    fn figure(&self, country: &Country<'_>, counties: &[usize]) -> Figure {
        let people = country.people(counties).get();
        let ratio = |places: &[f64]| -> Amount {
            let places: f64 = counties.iter().map(|at| places[*at]).sum();
            (places > 0.0).then(|| people / places).into()
        };
        let value = ratio(&self.open);
        let behind = counties.iter().map(|at| self.behind[*at].as_slice());
        Figure {
            value,
            lower: ratio(&self.maybe),
            upper: value,
            n: different(behind, self.pools),
        }
    }
}
