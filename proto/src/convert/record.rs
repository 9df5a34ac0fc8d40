//! A record of any kind: where reading a catalog starts.

use prost::Message;
use referral_core::catalog::{
    Accessibility, Address, Attribute, Contact, CostOption, Credential, Language, Offer, Phone,
    Place, Program, Provenance, Record, RequiredDocument, Rule, Schedule, ServiceArea,
};
use referral_core::geo::Point;
use referral_core::id::Kind;

use super::reading::{Fault, FromWire, Reading, Unspecified};
use super::text::ToText;
use super::{Violations, limits, location, organization, service};
use crate::v1;

impl From<&Record> for v1::Record {
    fn from(record: &Record) -> Self {
        let local_id = record.id().to_text();
        let record = match record {
            Record::Organization(organization) => {
                v1::record::Record::Organization(organization.as_ref().into())
            }
            Record::Location(location) => v1::record::Record::Location(location.as_ref().into()),
            Record::Service(service) => v1::record::Record::Service(service.as_ref().into()),
        };
        Self {
            local_id,
            record: Some(record),
        }
    }
}

impl TryFrom<v1::Record> for Record {
    type Error = Violations;

    fn try_from(wire: v1::Record) -> Result<Self, Violations> {
        Reading::of(|at| Self::from_wire(wire, at))
    }
}

impl FromWire for Record {
    type Wire = v1::Record;

    fn from_wire(wire: v1::Record, at: &mut Reading) -> Option<Self> {
        if wire.encoded_len() > limits::RECORD_BYTES {
            let text = "a record has at most 64 KiB: shorten its texts or lists";
            at.refuse("", Fault::new("record_too_large", text));
            return None;
        }
        let id = at.required("local_id", &wire.local_id);
        match at.given("record", wire.record)? {
            v1::record::Record::Organization(wire) => {
                let read = at.within("organization", |at| organization::read(id, wire, at));
                read.map(Box::new).map(Self::Organization)
            }
            v1::record::Record::Location(wire) => {
                let read = at.within("location", |at| location::read(id, wire, at));
                read.map(Box::new).map(Self::Location)
            }
            v1::record::Record::Service(wire) => {
                let read = at.within("service", |at| service::read(id, wire, at));
                read.map(Box::new).map(Self::Service)
            }
        }
    }
}

/// A part read by itself, its faults' paths counted from the part.
macro_rules! by_itself {
    ($($part:ty: $wire:ty,)*) => { $(
        impl TryFrom<$wire> for $part {
            type Error = Violations;

            fn try_from(wire: $wire) -> Result<Self, Violations> {
                Reading::of(|at| Self::from_wire(wire, at))
            }
        }
    )* };
}

by_itself! {
    Accessibility: v1::Accessibility,
    Address: v1::Address,
    Attribute: v1::Attribute,
    Contact: v1::Contact,
    CostOption: v1::CostOption,
    Credential: v1::Credential,
    Language: v1::Language,
    Offer: v1::Offer,
    Phone: v1::Phone,
    Place: v1::Place,
    Point: v1::LatLon,
    Program: v1::Program,
    Provenance: v1::Provenance,
    RequiredDocument: v1::RequiredDocument,
    Rule: v1::EligibilityRule,
    Schedule: v1::Schedule,
    ServiceArea: v1::ServiceArea,
}

impl From<Kind> for v1::RecordKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Organization => Self::Organization,
            Kind::Location => Self::Location,
            Kind::Service => Self::Service,
        }
    }
}

impl TryFrom<v1::RecordKind> for Kind {
    type Error = Unspecified;

    fn try_from(kind: v1::RecordKind) -> Result<Self, Unspecified> {
        match kind {
            v1::RecordKind::Unspecified => Err(Unspecified),
            v1::RecordKind::Organization => Ok(Self::Organization),
            v1::RecordKind::Location => Ok(Self::Location),
            v1::RecordKind::Service => Ok(Self::Service),
        }
    }
}

/// Every item as it travels, in order.
pub(crate) fn each<'a, T, W: From<&'a T>>(items: &'a [T]) -> Vec<W> {
    items.iter().map(W::from).collect()
}

/// Every item as the string it travels as, in order.
pub(crate) fn texts<T: ToText>(items: &[T]) -> Vec<String> {
    items.iter().map(T::to_text).collect()
}
