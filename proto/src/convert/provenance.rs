//! Where a record comes from, and who may see it.

use referral_core::catalog::{Provenance, Tier};

use super::reading::{FromWire, Reading};
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
