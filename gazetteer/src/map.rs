//! The gazetteer as the map that the rules of the heart ask.

use referral_core::geo::{CountryCode, CountyFips, Locality, LocalityKind, Point, StateCode, Zip};
use referral_core::places::{Located, Places, Slip, UnknownPlace};

use crate::gazetteer::Gazetteer;
use crate::locality::country_locality;
use crate::plausible::{Fault, Plausibility};
use crate::unresolved::Unresolved;

impl Gazetteer {
    /// What the reason names, in full.
    fn named(&self, unresolved: Unresolved) -> Vec<String> {
        match unresolved {
            Unresolved::ZipElsewhere(state) | Unresolved::UnknownInState(state) => {
                let known = Self::state(self, state);
                vec![known.map_or_else(|| state.to_string(), |known| known.name.clone())]
            }
            Unresolved::Ambiguous(places) | Unresolved::Misspelt(places) => places,
            Unresolved::Empty
            | Unresolved::TooLong
            | Unresolved::NoSuchPoint
            | Unresolved::UnknownZip
            | Unresolved::Unknown => Vec::new(),
        }
    }
}

impl Places for Gazetteer {
    fn resolve(&self, text: &str) -> Result<Locality, UnknownPlace> {
        let place = Self::resolve(self, text).map_err(|unresolved| match unresolved {
            Unresolved::Ambiguous(candidates) => UnknownPlace::Several(candidates),
            other => UnknownPlace::Refused {
                code: other.code(),
                text: other.to_string(),
                named: self.named(other),
            },
        })?;
        Ok(self.with_counties(place))
    }

    fn zip(&self, zip: Zip) -> Option<Locality> {
        self.resolve_zip(zip).ok()
    }

    fn city(&self, name: &str, state: StateCode) -> Option<Locality> {
        Self::city(self, name, state)?;
        Self::resolve(self, &format!("{name}, {state}")).ok()
    }

    fn county_named(&self, name: &str, state: StateCode) -> Option<CountyFips> {
        Self::county_named(self, name, state).map(|county| county.fips)
    }

    fn county_of(&self, point: Point) -> Option<CountyFips> {
        Self::county_of(self, point)
    }

    fn county(&self, county: CountyFips) -> Option<Locality> {
        self.resolve_county(county)
    }

    fn neighbours(&self, county: CountyFips) -> Vec<CountyFips> {
        Self::neighbours(self, county)
    }

    fn state_named(&self, name: &str) -> Option<StateCode> {
        Self::state_named(self, name).map(|state| state.code)
    }

    fn country_named(&self, name: &str) -> Option<CountryCode> {
        Self::country_named(self, name).map(|country| country.code)
    }

    fn country(&self, country: CountryCode) -> Option<Locality> {
        Self::country(self, country).map(|country| country_locality(country, false))
    }

    fn locate(&self, lat: f64, lon: f64, zip: Option<Zip>, state: Option<StateCode>) -> Located {
        match self.plausible(lat, lon, zip, state) {
            Plausibility::Fine(point) => Located::Fine(point),
            Plausibility::Repaired(point, fault) => Located::Repaired(point, slip(fault)),
            Plausibility::Refused(fault) => Located::Wrong(slip(fault)),
        }
    }
}

impl Gazetteer {
    /// A state lies in all of its counties, each with its share of the state's people.
    fn with_counties(&self, mut place: Locality) -> Locality {
        let Some(state) = place.state.filter(|_| place.kind == LocalityKind::State) else {
            return place;
        };
        let people = |county: &crate::County| f64::from(county.population);
        let total: f64 = self.counties_in(state).map(people).sum();
        place.counties = self
            .counties_in(state)
            .map(|county| (county.fips, people(county) / total.max(1.0)))
            .collect();
        place
            .counties
            .sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        place
    }
}

fn slip(fault: Fault) -> Slip {
    match fault {
        Fault::NotANumber | Fault::OffEarth => Slip::OutOfRange,
        Fault::Zero => Slip::Zero,
        Fault::Swapped => Slip::Swapped,
        Fault::WebMercator => Slip::Metres,
        Fault::SignlessLongitude => Slip::Signless,
        Fault::FarFromZip(_) | Fault::FarFromState(_) => Slip::Elsewhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gazetteer::gazetteer;

    #[test]
    fn a_state_lies_in_all_of_its_counties() {
        let maryland = Places::resolve(gazetteer(), "Maryland").unwrap();

        let people: f64 = maryland.counties.iter().map(|(_, share)| share).sum();
        assert_eq!(maryland.counties.len(), 24);
        assert!((people - 1.0).abs() < 1e-9, "{people}");
    }

    #[test]
    fn a_misspelt_place_is_refused_with_what_may_have_been_meant() {
        let refused = Places::resolve(gazetteer(), "Philidelphia").unwrap_err();

        assert_eq!(refused.code(), "place_misspelt");
        assert!(
            refused.to_string().contains("Philadelphia, PA"),
            "{refused}"
        );
    }
}
