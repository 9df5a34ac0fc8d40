//! Forty counties where people cross the border or are detained: small in people, large in need.

use std::collections::HashSet;

use referral_core::geo::{CountyFips, StateCode};
use referral_gazetteer::Gazetteer;

/// Hand-picked (assumption): crossings of the Mexican and Canadian borders, and counties with large
/// immigration detention centres.
const COUNTIES: [(&str, &str); 40] = [
    ("Cochise County", "AZ"),
    ("Pima County", "AZ"),
    ("Pinal County", "AZ"),
    ("Santa Cruz County", "AZ"),
    ("Yuma County", "AZ"),
    ("Imperial County", "CA"),
    ("Kern County", "CA"),
    ("San Bernardino County", "CA"),
    ("San Diego County", "CA"),
    ("Baker County", "FL"),
    ("Glades County", "FL"),
    ("Charlton County", "GA"),
    ("Irwin County", "GA"),
    ("Stewart County", "GA"),
    ("Catahoula Parish", "LA"),
    ("Evangeline Parish", "LA"),
    ("LaSalle Parish", "LA"),
    ("Winn Parish", "LA"),
    ("Adams County", "MS"),
    ("Cibola County", "NM"),
    ("Doña Ana County", "NM"),
    ("Luna County", "NM"),
    ("Otero County", "NM"),
    ("Torrance County", "NM"),
    ("Clinton County", "NY"),
    ("Genesee County", "NY"),
    ("Clearfield County", "PA"),
    ("Cameron County", "TX"),
    ("El Paso County", "TX"),
    ("Frio County", "TX"),
    ("Hidalgo County", "TX"),
    ("Karnes County", "TX"),
    ("Maverick County", "TX"),
    ("Starr County", "TX"),
    ("Val Verde County", "TX"),
    ("Webb County", "TX"),
    ("Willacy County", "TX"),
    ("Caroline County", "VA"),
    ("Pierce County", "WA"),
    ("Whatcom County", "WA"),
];

/// Their codes, as the gazetteer knows them.
pub(crate) fn counties(map: &Gazetteer) -> HashSet<CountyFips> {
    let code = |(name, state): &(&str, &str)| {
        let state = StateCode::parse(state).ok()?;
        Some(map.county_named(name, state)?.fips)
    };
    COUNTIES.iter().filter_map(code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use referral_gazetteer::gazetteer;

    #[test]
    fn every_borderland_is_a_county_of_its_own() {
        assert_eq!(counties(gazetteer()).len(), COUNTIES.len());
    }
}
