//! The parts of the map a service serves.

use referral_core::catalog::{Area, ServiceArea};
use referral_core::geo::Kilometres;

use super::reading::{Fault, FromWire, Reading};
use super::text::ToText;
use crate::v1;
use crate::v1::service_area;

impl From<&ServiceArea> for v1::ServiceArea {
    fn from(area: &ServiceArea) -> Self {
        Self {
            area: Some(service_area::Area::from(&area.area)),
            condition: area.condition.as_ref().map(v1::EligibilityRule::from),
            name: area.name.to_text(),
        }
    }
}

impl FromWire for ServiceArea {
    type Wire = v1::ServiceArea;

    fn from_wire(wire: v1::ServiceArea, at: &mut Reading) -> Option<Self> {
        let condition = at.optional_part("condition", wire.condition);
        let name = at.optional("name", &wire.name);
        let area = at.given("area", wire.area)?;
        Some(Self {
            area: Area::from_wire(area, at)?,
            condition,
            name,
        })
    }
}

impl From<&Area> for service_area::Area {
    fn from(area: &Area) -> Self {
        match area {
            Area::Zip(zip) => Self::Zip(zip.to_text()),
            Area::County(county) => Self::CountyFips(county.to_text()),
            Area::State(state) => Self::State(state.to_text()),
            Area::Country(country) => Self::Country(country.to_text()),
            Area::Nation => Self::Nation(true),
            Area::Radius(radius) => Self::RadiusKm(radius.get()),
            Area::Court(court) => Self::Court(court.to_text()),
        }
    }
}

impl FromWire for Area {
    type Wire = service_area::Area;

    fn from_wire(wire: service_area::Area, at: &mut Reading) -> Option<Self> {
        match wire {
            service_area::Area::Zip(zip) => at.required("zip", &zip).map(Self::Zip),
            service_area::Area::CountyFips(fips) => {
                at.required("county_fips", &fips).map(Self::County)
            }
            service_area::Area::State(state) => at.required("state", &state).map(Self::State),
            service_area::Area::Country(country) => {
                at.required("country", &country).map(Self::Country)
            }
            service_area::Area::Nation(true) => Some(Self::Nation),
            service_area::Area::Nation(false) => {
                let text = "true is the whole nation; for anything else name another area";
                at.refuse("nation", Fault::new("nation_false", text));
                None
            }
            service_area::Area::RadiusKm(km) => {
                let radius = Kilometres::new(km);
                let radius = radius.map_err(|why| Fault::new("distance_invalid", why));
                at.keep("radius_km", radius).map(Self::Radius)
            }
            service_area::Area::Court(court) => at.required("court", &court).map(Self::Court),
        }
    }
}
