//! In which county a position lies, remembered: outlines are looked at once for each position.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use referral_core::coverage::Whereabouts;
use referral_core::geo::{CountyFips, Point, Zip};
use referral_gazetteer::gazetteer;

/// Positions that are remembered, at most: those of a network of a million services.
const MOST: usize = 2_000_000;

/// What was looked up so far.
#[derive(Debug, Default)]
pub(super) struct Counties(RwLock<HashMap<(u64, u64), Option<CountyFips>>>);

impl Whereabouts for Counties {
    fn county_of(&self, point: Point) -> Option<CountyFips> {
        let key = (point.lat().to_bits(), point.lon().to_bits());
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(county) = known.get(&key) {
            return *county;
        }
        drop(known);
        let county = gazetteer().county_of(point);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key, county);
        county
    }

    fn counties_of(&self, zip: Zip) -> Vec<CountyFips> {
        let counties = gazetteer().counties_of_zip(zip).into_iter();
        let inside = counties.filter(|(_, share)| *share > 0.0);
        inside.map(|(county, _)| county).collect()
    }
}
