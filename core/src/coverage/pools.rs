//! Counting pools and their places: in what unit, and where.

use std::collections::BTreeMap;

use crate::capacity::Unit;
use crate::coverage::{
    Areas, Ground, Here, Places, Pool, Question, Reach, Site, Standing, Supply, SupplyShares,
};
use crate::geo::CountyFips;

use super::country::Country;
use super::ways::position;

/// How places are counted in a report: in one unit, since units are never added up together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counting {
    unit: Option<Unit>,
    assumed: u32,
}

impl Counting {
    /// The unit asked for, else the one that most open pools are counted in; of equals the first.
    pub(super) fn of(question: &Question, supply: &Supply) -> Self {
        let mut counted: BTreeMap<Unit, u32> = BTreeMap::new();
        let open = supply.pools().iter().filter(|pool| is_open(pool));
        for pool in open {
            if let Places::Counted(_, unit) = pool.places {
                *counted.entry(unit).or_default() += 1;
            }
        }
        let most = counted
            .into_iter()
            .reduce(|most, next| if next.1 > most.1 { next } else { most });
        Self {
            unit: question.unit.or(most.map(|(unit, _)| unit)),
            assumed: question.assumed_places,
        }
    }

    /// The unit; `None`: nothing open is counted.
    pub(super) fn unit(self) -> Option<Unit> {
        self.unit
    }

    /// Its places in the unit of the report, or what one without a count stands for.
    pub(super) fn places(self, pool: &Pool) -> u32 {
        self.counted(pool).unwrap_or(self.assumed)
    }

    fn counted(self, pool: &Pool) -> Option<u32> {
        match pool.places {
            Places::Counted(places, unit) if Some(unit) == self.unit => Some(places),
            Places::Counted(..) | Places::Assumed => None,
        }
    }
}

/// What matched, and how much of it is in doubt. `stranded` are the places of catchments that nobody reaches.
pub(super) fn shares(
    supply: &Supply,
    ground: &Ground,
    counting: Counting,
    stranded: u64,
) -> SupplyShares {
    let mut shares = SupplyShares {
        pools: supply.pools().len() as u64,
        stranded_places: stranded,
        unit: counting.unit,
        ..SupplyShares::default()
    };
    for (at, pool) in supply.pools().iter().enumerate() {
        match pool.standing {
            Standing::Open => shares.open += 1,
            Standing::Stale => shares.stale += 1,
            Standing::Unknown => shares.unknown += 1,
            Standing::NotOpen(_) => {}
        }
        if !is_open(pool) {
            continue;
        }
        let reaches = supply.reaches(at);
        let placed = reaches
            .iter()
            .any(|reach| position(reach, ground).is_some());
        let remote = reaches.iter().any(|reach| reach.site == Site::Remote);
        let unstated = |areas| areas == Areas::NOT_STATED;
        shares.assumed += u64::from(counting.counted(pool).is_none());
        shares.area_not_stated += u64::from(reaches.iter().any(|reach| unstated(reach.areas)));
        shares.remote += u64::from(!placed && remote);
        shares.unplaced += u64::from(!placed && !remote);
    }
    shares
}

/// Pools that are in each county, by standing, in the order of [`Country::counties`]; a pool with several sites is
/// counted in each county once.
pub(super) fn here(supply: &Supply, country: &Country<'_>) -> Vec<Here> {
    let mut all = vec![Here::default(); country.counties.len()];
    let mut count = |county, standing| {
        let Some(place) = country.place_of(county) else {
            return;
        };
        let here = &mut all[place];
        match standing {
            Standing::Open => here.open += 1,
            Standing::Stale => here.stale += 1,
            Standing::Unknown => here.unknown += 1,
            Standing::NotOpen(_) => here.not_open += 1,
        }
    };
    for (at, pool) in supply.pools().iter().enumerate() {
        if let [reach] = supply.reaches(at) {
            if let Some(county) = county_of(reach) {
                count(county, pool.standing);
            }
            continue;
        }
        for county in counties_of(supply, at) {
            count(county, pool.standing);
        }
    }
    all
}

/// The counties in which a pool has sites, each once.
pub(super) fn counties_of(supply: &Supply, pool: usize) -> Vec<CountyFips> {
    let reaches = supply.reaches(pool).iter();
    let mut counties: Vec<CountyFips> = reaches.filter_map(county_of).collect();
    counties.sort_unstable();
    counties.dedup();
    counties
}

fn county_of(reach: &Reach) -> Option<CountyFips> {
    match reach.site {
        Site::At { county, .. } => county,
        Site::County(county) => Some(county),
        Site::Remote | Site::Unplaced => None,
    }
}

/// Whether it takes referrals, confirmed in time.
pub(super) fn is_open(pool: &Pool) -> bool {
    pool.standing == Standing::Open
}

/// Whether it may take referrals: open, or nobody knows.
pub(super) fn may_be_open(pool: &Pool) -> bool {
    !matches!(pool.standing, Standing::NotOpen(_))
}
