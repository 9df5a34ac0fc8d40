//! Providers whose place nobody knows. They are in no distance: but whoever they may serve may have one at the door, and
//! bounds say so.

use std::collections::{BTreeMap, BTreeSet};

use crate::coverage::{Area, Pool, Site, Supply};
use crate::geo::{CountyFips, Zip};

use super::pools::may_be_open;

/// Pools that may be open at a place nobody knows, by whom they may serve: each once for everybody.
#[derive(Debug, Default)]
pub(super) struct Unplaced<'a> {
    pools: &'a [Pool],
    nation: Vec<u32>,
    states: BTreeMap<u8, Vec<u32>>,
    counties: BTreeMap<CountyFips, Vec<u32>>,
    zips: BTreeMap<CountyFips, Vec<(Zip, u32)>>,
}

/// Those that may serve people of one county.
#[derive(Clone, Copy, Debug)]
pub(super) struct AnyPlace<'a> {
    pools: &'a [Pool],
    whole: [&'a [u32]; 3],
    zips: &'a [(Zip, u32)],
}

impl<'a> Unplaced<'a> {
    /// A radius around nobody knows where says nothing of whom it serves, and no area neither.
    pub(super) fn of(supply: &'a Supply) -> Self {
        let mut all = Self {
            pools: supply.pools(),
            ..Self::default()
        };
        for (pool, number) in supply.pools().iter().zip(0_u32..) {
            let reaches = supply.reaches(number as usize).iter();
            let mut unplaced = reaches.filter(|reach| reach.site == Site::Unplaced);
            if may_be_open(pool)
                && let Some(first) = unplaced.next()
            {
                let servings = std::iter::once(first).chain(unplaced);
                let servings = servings.flat_map(|reach| supply.servings(reach.areas));
                all.add(number, servings.map(|serving| serving.area));
            }
        }
        all
    }

    /// Those that may serve people of a county.
    pub(super) fn local(&self, county: CountyFips) -> AnyPlace<'_> {
        let state = self.states.get(&county.state_fips());
        let own = self.counties.get(&county);
        AnyPlace {
            pools: self.pools,
            whole: [
                &self.nation,
                state.map_or(&[], Vec::as_slice),
                own.map_or(&[], Vec::as_slice),
            ],
            zips: self.zips.get(&county).map_or(&[], Vec::as_slice),
        }
    }

    /// Takes a pool in, by the widest of the areas that hold each other.
    fn add(&mut self, pool: u32, areas: impl Iterator<Item = Area>) {
        let (mut states, mut counties) = (BTreeSet::new(), BTreeSet::new());
        let mut zips = BTreeSet::new();
        for area in areas {
            match area {
                Area::Nation => {
                    self.nation.push(pool);
                    return;
                }
                Area::State(state) => states.extend(state.fips()),
                Area::County(county) => _ = counties.insert(county),
                Area::Zip(zip, county) => _ = zips.insert((county, zip)),
                Area::Radius(_) => {}
            }
        }
        for state in &states {
            self.states.entry(*state).or_default().push(pool);
        }
        counties.retain(|county| !states.contains(&county.state_fips()));
        for county in &counties {
            self.counties.entry(*county).or_default().push(pool);
        }
        zips.retain(|(county, _)| {
            !states.contains(&county.state_fips()) && !counties.contains(county)
        });
        for (county, zip) in zips {
            self.zips.entry(county).or_default().push((zip, pool));
        }
    }
}

impl<'a> AnyPlace<'a> {
    /// The pools that may serve people of a ZIP, or of one that is not told. Where it is not told, a pool may come twice.
    pub(super) fn serving(self, zip: Option<Zip>) -> impl Iterator<Item = &'a Pool> {
        let whole = self.whole.into_iter().flatten().copied();
        let zips = self.zips.iter();
        let zips = zips.filter(move |(own, _)| zip.is_none_or(|zip| zip == *own));
        let all = whole.chain(zips.map(|(_, pool)| *pool));
        all.map(move |pool| &self.pools[pool as usize])
    }
}
