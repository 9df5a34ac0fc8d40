//! Where a record comes from, and who may see it.

use referral_core::catalog::{Part, Provenance, Tier};

use super::reading::{Fault, FromWire, Reading};
use super::text::ToText;
use super::time;
use crate::v1;

impl From<&Provenance> for v1::Provenance {
    fn from(provenance: &Provenance) -> Self {
        Self {
            source: provenance.source.to_text(),
            assured_date: provenance.assured_date.to_text(),
            last_modified: provenance.last_modified.map(time::to_wire),
        }
    }
}

impl FromWire for Provenance {
    type Wire = v1::Provenance;

    fn from_wire(wire: v1::Provenance, at: &mut Reading) -> Option<Self> {
        Some(Self {
            source: at.optional("source", &wire.source),
            assured_date: at.optional("assured_date", &wire.assured_date),
            last_modified: at.optional_instant("last_modified", wire.last_modified),
        })
    }
}

impl From<Tier> for v1::Tier {
    fn from(tier: Tier) -> Self {
        match tier {
            Tier::Public => Self::Public,
            Tier::Member => Self::Member,
            Tier::Net => Self::Net,
            Tier::Ask => Self::Ask,
            Tier::Seal => Self::Seal,
        }
    }
}

impl From<v1::Tier> for Tier {
    fn from(tier: v1::Tier) -> Self {
        match tier {
            v1::Tier::Unspecified | v1::Tier::Public => Self::Public,
            v1::Tier::Member => Self::Member,
            v1::Tier::Net => Self::Net,
            v1::Tier::Ask => Self::Ask,
            v1::Tier::Seal => Self::Seal,
        }
    }
}

/// The tier of one part of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PartTier(pub(crate) Part, pub(crate) Tier);

impl From<(Part, Tier)> for v1::PartTier {
    fn from((part, tier): (Part, Tier)) -> Self {
        Self {
            part: v1::ServicePart::from(part).into(),
            tier: v1::Tier::from(tier).into(),
        }
    }
}

impl FromWire for PartTier {
    type Wire = v1::PartTier;

    fn from_wire(wire: v1::PartTier, at: &mut Reading) -> Option<Self> {
        let part = at.number::<v1::ServicePart>("part", wire.part);
        let part = at.keep("part", part_of(part?));
        let tier = at.number::<v1::Tier>("tier", wire.tier).map(Tier::from);
        Some(Self(part?, tier?))
    }
}

impl From<Part> for v1::ServicePart {
    fn from(part: Part) -> Self {
        match part {
            Part::Description => Self::Description,
            Part::Phones => Self::Phones,
            Part::Contacts => Self::Contacts,
            Part::Web => Self::Web,
            Part::Hours => Self::Hours,
            Part::Intake => Self::Intake,
            Part::Capacity => Self::Capacity,
        }
    }
}

fn part_of(part: v1::ServicePart) -> Result<Part, Fault> {
    Ok(match part {
        v1::ServicePart::Unspecified => {
            return Err(Fault::new("required", "say which part this is about"));
        }
        v1::ServicePart::Description => Part::Description,
        v1::ServicePart::Phones => Part::Phones,
        v1::ServicePart::Contacts => Part::Contacts,
        v1::ServicePart::Web => Part::Web,
        v1::ServicePart::Hours => Part::Hours,
        v1::ServicePart::Intake => Part::Intake,
        v1::ServicePart::Capacity => Part::Capacity,
    })
}
