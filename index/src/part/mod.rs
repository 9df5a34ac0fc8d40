//! A part of the index: services that never change, numbered so that what is near is together.
//!
//! An offer's number is its *ordinal*: along the Hilbert curve for offers with a position, after them the
//! others. 64 ordinals are a block, with a box around it; for every property there is a list or a bit set of
//! the ordinals that have it. So a search looks at boxes first, then at words of 64 bits, and only then at
//! rows. What may change is in cells: capacity, and whether an offer is still there.

mod alive;
mod bits;
mod build;
mod curve;
mod encode;
mod merge;
mod names;
mod row;
mod sets;
mod sphere;

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use jiff::civil::Date;
use referral_core::geo::{CountryCode, Kilometres, Point, StateCode};
use referral_core::id::{Kind, LocalId, RecordKey};
use referral_core::search::Facts;

use crate::live::{Beside, ById, Cell, Reports};
use crate::slots::Slot;

pub(crate) use alive::Alive;
pub(crate) use bits::{BLOCK, Bits, Ordinal, Reader, ones, split};
pub(crate) use build::{Builder, Placed};
pub(crate) use curve::NOWHERE;
pub(crate) use encode::{Encoded, around, curve_of};
pub(crate) use merge::{curve_at, in_order, merged};
pub(crate) use names::Names;
pub(crate) use row::{
    Alone, CODE_WORDS, LANGUAGE_WORDS, Languages, Letters, Marks, Offer, Row, Service, SiteKind,
    Until,
};
pub(crate) use sets::{Areas, OTHER_LANGUAGE, Register, Sets, bit_of};
pub(crate) use sphere::{Chord, Circle, Cuboid, Lies, Vector};

/// Blocks that are looked at together first.
pub(crate) const UPPER: usize = 32;

/// Services that are searched together.
#[derive(Debug)]
pub(crate) struct Part {
    /// Services in the order of the curve.
    pub(crate) services: Vec<Service>,
    /// Their slots, also for those who go through many and want nothing else of their rows.
    slots: Vec<Slot>,
    /// Local ids of the services.
    keys: Names,
    /// Where the ordinals of each service begin in `of_service`.
    first: Vec<u32>,
    of_service: Vec<Ordinal>,
    /// Offers by ordinal, each with what is reported of it.
    rows: Vec<Row>,
    /// What coverage reads beside each.
    beside: Vec<Beside>,
    /// How many offers have a position: they come first.
    pub(crate) placed: usize,
    points: Vec<Point>,
    locations: Names,
    offices: Vec<Box<[Point]>>,
    /// Facts of services that rows cannot hold, by number.
    facts: HashMap<u32, Arc<Facts>>,
    /// Codes of services whose credentials lapse, by number.
    days: HashMap<u32, Arc<[Until]>>,
    bits: HashMap<Property, Bits, BuildHasherDefault<ById>>,
    /// Boxes around blocks, and around 32 of them.
    pub(crate) blocks: Vec<Block>,
    pub(crate) upper: Vec<Block>,
}

/// What is around the offers of a block that have a position.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    /// All of their positions.
    pub(crate) cuboid: Cuboid,
    /// The farthest that any of them serves around itself.
    pub(crate) reach_km: f64,
}

/// What offers are listed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Property {
    /// A vocabulary code, by its bit.
    Code(u32),
    /// A code without a bit, by its number.
    Own(u32),
    /// A language it is given in, by its bit.
    Spoken(u32),
    /// A language with an interpreter by phone.
    Phone(u32),
    /// An interpreter by phone for languages not stated.
    AnyByPhone,
    /// What kind of site it is at.
    Site(SiteKind),
    /// A position in a state.
    AtIn(Letters),
    /// A position in a country.
    AtInCountry(Letters),
    /// A confidential place in a county.
    InCounty(u32),
    /// A site of this kind without a position, whose area is not stated.
    NoArea(SiteKind),
    /// It serves a ZIP.
    ServesZip(u32),
    /// It serves a county.
    ServesCounty(u32),
    /// It serves a state.
    ServesState(StateCode),
    /// It serves a country; the United States for those that serve the nation.
    ServesCountry(CountryCode),
    /// It serves everywhere within some distance of it.
    ServesAround,
    /// One of its areas has a condition or is a circle: what it serves does not say all.
    Doubtful,
}

impl Block {
    /// Whether any of its offers could serve so far around itself as to hold a position.
    pub(crate) fn serves(&self, point: Point) -> bool {
        self.reach_km > 0.0
            && Kilometres::new(self.reach_km)
                .is_ok_and(|reach| Circle::new(point, reach).meets(&self.cuboid) != Lies::Outside)
    }
}

impl Part {
    /// The offers that have a property; `None`: none has.
    pub(crate) fn having(&self, property: Property) -> Option<&Bits> {
        self.bits.get(&property)
    }

    /// Whether a service can still be found.
    pub(crate) fn is_alive(&self, alive: &Alive, service: u32) -> bool {
        let first = self.ordinals(service).first();
        first.is_some_and(|&ordinal| alive.has(ordinal))
    }

    /// Takes a service out of every search that begins from now on.
    pub(crate) fn hide(&self, alive: &Alive, service: u32) {
        for &ordinal in self.ordinals(service) {
            alive.remove(ordinal);
        }
    }

    /// All of its offers: none is removed yet.
    pub(crate) fn all_alive(&self) -> Alive {
        Alive::all(self.size())
    }

    /// How many offers it has, those too that cannot be found any more.
    pub(crate) fn size(&self) -> usize {
        self.rows.len()
    }

    /// An offer.
    pub(crate) fn offer(&self, ordinal: Ordinal) -> &Offer {
        &self.rows[ordinal as usize].offer
    }

    /// What is reported of an offer.
    pub(crate) fn cell(&self, ordinal: Ordinal) -> &Cell {
        &self.rows[ordinal as usize].cell
    }

    /// What stands beside the cell of an offer.
    pub(crate) fn beside(&self, ordinal: Ordinal) -> &Beside {
        &self.beside[ordinal as usize]
    }

    /// Reads a little of what coverage asks of an offer, so that it is near when it is asked for.
    pub(crate) fn touch_beside(&self, ordinal: Ordinal) -> u64 {
        self.beside(ordinal).stamp() ^ self.point(ordinal).lat().to_bits()
    }

    /// The same of a service.
    pub(crate) fn touch_service(&self, service: u32) -> u64 {
        let row = &self.services[service as usize];
        row.organization ^ u64::from(row.id == 0)
    }

    /// The slot of a service.
    pub(crate) fn slot(&self, service: u32) -> Slot {
        self.slots[service as usize]
    }

    /// The ordinals of a service, in their order.
    pub(crate) fn ordinals(&self, service: u32) -> &[Ordinal] {
        let at = service as usize;
        let range = self.first[at] as usize..self.first[at + 1] as usize;
        &self.of_service[range]
    }

    /// A service as it is on a day: some of its codes may have lapsed.
    pub(crate) fn on(&self, today: Date, service: u32) -> Cow<'_, Service> {
        let row = &self.services[service as usize];
        if !row.marks.has(Marks::LAPSES) {
            return Cow::Borrowed(row);
        }
        let days = self.days.get(&service).map_or(&[][..], |days| days);
        let codes = days.iter().find(|until| today <= until.last);
        Cow::Owned(Service {
            codes: codes.map_or([0; CODE_WORDS], |until| until.codes),
            ..row.clone()
        })
    }

    /// The position of an offer that has one.
    pub(crate) fn point(&self, ordinal: Ordinal) -> Point {
        self.points[ordinal as usize]
    }

    /// The positions of the organization of an offer whose location is not stated.
    pub(crate) fn offices(&self, offer: &Offer) -> &[Point] {
        let offices = self.offices.get(offer.detail as usize);
        offices.map_or(&[], |offices| offices)
    }

    /// The facts of a service, where its rows cannot hold all of them.
    pub(crate) fn facts(&self, service: u32) -> Option<&Arc<Facts>> {
        self.facts.get(&service)
    }

    /// The local id of an offer's location.
    pub(crate) fn location(&self, ordinal: Ordinal) -> Option<LocalId> {
        LocalId::parse(self.location_str(ordinal)).ok()
    }

    /// The same as text; empty for none.
    pub(crate) fn location_str(&self, ordinal: Ordinal) -> &str {
        self.locations.at(ordinal as usize)
    }

    fn local_id(&self, service: u32) -> &str {
        self.keys.at(service as usize)
    }

    /// The full name of a service.
    pub(crate) fn key(&self, service: u32, sets: &Sets) -> Option<RecordKey> {
        let agency = sets
            .agencies
            .at(self.services[service as usize].agency as usize)?;
        Some(RecordKey {
            agency: agency.clone(),
            kind: Kind::Service,
            id: LocalId::parse(self.local_id(service)).ok()?,
        })
    }

    /// Puts what is reported of a service into the cells of its offers.
    pub(crate) fn report(&self, service: u32, reports: &Reports) {
        for &ordinal in self.ordinals(service) {
            self.cell(ordinal).begin();
        }
        for &ordinal in self.ordinals(service) {
            let location = self.location_str(ordinal);
            let location = (!location.is_empty()).then_some(location);
            let held = reports.effective(location);
            self.beside(ordinal).store(held);
            self.cell(ordinal).store(held);
        }
    }
}
