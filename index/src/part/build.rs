//! Making a part: services in the order of the curve, offers in theirs, and what has which property.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use referral_core::catalog::{Area, ServiceArea};
use referral_core::geo::Point;
use referral_core::search::Facts;

use crate::live::{Beside, ById};
use crate::part::bits::{BLOCK, Bits, Ordinal, ones};
use crate::part::curve::NOWHERE;
use crate::part::encode::Encoded;
use crate::part::names::Names;
use crate::part::row::{Alone, Marks, Offer, Row, Service, SiteKind, Until};
use crate::part::sets::Sets;
use crate::part::sphere::Cuboid;
use crate::part::{Block, Part, Property, UPPER};

/// A part in the making. Services come in the order of [`Builder::push`].
#[derive(Default)]
pub(crate) struct Builder {
    services: Vec<Service>,
    keys: Names,
    offers: Vec<Placed>,
    offices: Vec<Box<[Point]>>,
    facts: HashMap<u32, Arc<Facts>>,
    days: HashMap<u32, Arc<[Until]>>,
}

/// One offer with what is kept beside its row.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    /// Where it comes in the part.
    pub(crate) curve: u64,
    /// Its row; the service's number and that of its offices are put in by [`Builder::push`].
    pub(crate) offer: Offer,
    /// Its position, where it has one.
    pub(crate) point: Option<Point>,
    /// Its location's id; empty for none.
    pub(crate) location: Box<str>,
    /// Positions of its organization, where no location is stated.
    pub(crate) offices: Box<[Point]>,
}

impl Builder {
    /// Adds a service.
    pub(crate) fn push(&mut self, row: Encoded) {
        let number = u32::try_from(self.services.len()).unwrap_or(u32::MAX);
        for mut placed in row.offers {
            placed.offer.service = number;
            if placed.offer.site == SiteKind::NotStated {
                placed.offer.detail = u32::try_from(self.offices.len()).unwrap_or(u32::MAX);
                self.offices.push(std::mem::take(&mut placed.offices));
            }
            self.offers.push(placed);
        }
        self.services.push(row.service);
        self.keys.push(&row.key);
        if let Some(facts) = row.facts {
            self.facts.insert(number, facts);
        }
        if let Some(days) = row.days {
            self.days.insert(number, days);
        }
    }

    /// The finished part. Its capacity is not known yet.
    pub(crate) fn finish(mut self, sets: &Sets) -> Part {
        self.offers
            .sort_unstable_by_key(|placed| (placed.curve, placed.offer.service, placed.offer.nth));
        let blocks = self.offers.len().div_ceil(BLOCK);
        let placed = self.offers.partition_point(|placed| placed.curve < NOWHERE);
        let (first, of_service) = by_service(self.services.len(), &self.offers);
        let mut locations = Names::default();
        for placed in &self.offers {
            locations.push(&placed.location);
        }
        locations.shrink();
        self.keys.shrink();
        self.services.shrink_to_fit();
        let points = self.offers.iter().map(|placed| placed.point);
        let middle = Point::new(0.0, 0.0);
        let points = points.map(|point| point.or(middle.ok()).unwrap_or_else(|| unreachable!()));
        let points = points.collect();
        let mut offers: Vec<Offer> = self.offers.into_iter().map(|placed| placed.offer).collect();
        for offer in &mut offers {
            let at = offer.service as usize;
            let marks = self.services[at].marks;
            offer.alone = match first[at + 1] - first[at] {
                1 if marks.has(Marks::ODD) || marks.has(Marks::LAPSES) => Alone::Odd,
                1 => Alone::Plain,
                _ => Alone::No,
            };
        }
        let mut part = Part {
            blocks: Vec::new(),
            upper: Vec::new(),
            bits: HashMap::default(),
            slots: self.services.iter().map(|row| row.slot).collect(),
            services: self.services,
            keys: self.keys,
            first,
            of_service,
            placed,
            points,
            locations,
            offices: self.offices,
            facts: self.facts,
            days: self.days,
            beside: offers.iter().map(|_| Beside::default()).collect(),
            rows: offers.into_iter().map(Row::of).collect(),
        };
        part.bits = properties(&part, sets, blocks);
        part.blocks = (0..blocks).map(|block| part.block(block, sets)).collect();
        part.upper = part.blocks.chunks(UPPER).map(Block::all).collect();
        part
    }
}

/// For each service where its ordinals begin, and all the ordinals.
fn by_service(services: usize, offers: &[Placed]) -> (Vec<u32>, Vec<Ordinal>) {
    let mut first = vec![0u32; services + 1];
    for placed in offers {
        first[placed.offer.service as usize + 1] += 1;
    }
    for at in 0..services {
        first[at + 1] += first[at];
    }
    let mut next = first.clone();
    let mut of_service = vec![0; offers.len()];
    for (ordinal, placed) in (0..).zip(offers) {
        let at = &mut next[placed.offer.service as usize];
        of_service[*at as usize] = ordinal;
        *at += 1;
    }
    (first, of_service)
}

fn properties(
    part: &Part,
    sets: &Sets,
    blocks: usize,
) -> HashMap<Property, Bits, BuildHasherDefault<ById>> {
    let mut lists: HashMap<Property, Vec<Ordinal>> = HashMap::new();
    for (ordinal, offer) in (0..).zip(part.rows.iter().map(|row| &row.offer)) {
        let service = &part.services[offer.service as usize];
        each_property(service, offer, sets, &mut |property| {
            let list = lists.entry(property).or_default();
            // Areas may say the same thing twice.
            if list.last() != Some(&ordinal) {
                list.push(ordinal);
            }
        });
    }
    let bits = lists.into_iter();
    bits.map(|(property, list)| (property, Bits::of(list, blocks)))
        .collect()
}

fn each_property(service: &Service, offer: &Offer, sets: &Sets, add: &mut dyn FnMut(Property)) {
    let bits = |words: &[u64]| -> Vec<u32> {
        let words = (0..).step_by(64).zip(words);
        words
            .flat_map(|(start, &word)| ones(word).map(move |bit| start + bit))
            .collect()
    };
    bits(&service.codes)
        .into_iter()
        .map(Property::Code)
        .for_each(&mut *add);
    bits(&service.spoken)
        .into_iter()
        .map(Property::Spoken)
        .for_each(&mut *add);
    bits(&service.phone)
        .into_iter()
        .map(Property::Phone)
        .for_each(&mut *add);
    if let Some(own) = sets.own.at(service.own as usize) {
        own.iter().copied().map(Property::Own).for_each(&mut *add);
    }
    if service.marks.has(Marks::ANY_BY_PHONE) {
        add(Property::AnyByPhone);
    }
    match offer.site {
        SiteKind::At => {
            add(Property::AtIn(offer.state));
            add(Property::AtInCountry(offer.country));
        }
        SiteKind::County => add(Property::InCounty(offer.detail)),
        SiteKind::Unplaced | SiteKind::Remote | SiteKind::NotStated => {}
    }
    add(Property::Site(offer.site));
    if offer.areas == 0 {
        add(Property::NoArea(offer.site));
    }
    if let Some(areas) = sets.areas.at(offer.areas as usize) {
        areas
            .all
            .iter()
            .filter_map(|area| serves(&area.area))
            .for_each(&mut *add);
        let doubtful =
            |area: &ServiceArea| area.condition.is_some() || matches!(area.area, Area::Radius(_));
        if areas.all.iter().any(doubtful) {
            add(Property::Doubtful);
        }
    }
}

/// The property an area gives; a court is never matched by where people live.
fn serves(area: &Area) -> Option<Property> {
    match area {
        Area::Zip(zip) => Some(Property::ServesZip(zip.number())),
        Area::County(county) => Some(Property::ServesCounty(county.number())),
        Area::State(state) => Some(Property::ServesState(*state)),
        Area::Country(country) => Some(Property::ServesCountry(*country)),
        Area::Nation => Some(Property::ServesCountry(referral_core::geo::CountryCode::US)),
        Area::Radius(_) => Some(Property::ServesAround),
        Area::Court(_) => None,
    }
}

impl Part {
    fn block(&self, block: usize, sets: &Sets) -> Block {
        let from = block * BLOCK;
        let to = (from + BLOCK).min(self.size());
        let mut all = Block {
            cuboid: Cuboid::EMPTY,
            reach_km: 0.0,
        };
        for Row { offer, .. } in &self.rows[from..to] {
            if offer.site != SiteKind::At {
                continue;
            }
            all.cuboid.add(offer.at);
            let areas = sets.areas.at(offer.areas as usize);
            for area in areas.iter().flat_map(|areas| &areas.all) {
                if let Area::Radius(radius) = area.area {
                    all.reach_km = all.reach_km.max(radius.get());
                }
            }
        }
        all
    }
}

impl Block {
    fn all(blocks: &[Self]) -> Self {
        let mut all = Self {
            cuboid: Cuboid::EMPTY,
            reach_km: 0.0,
        };
        for block in blocks {
            all.cuboid.add_all(&block.cuboid);
            all.reach_km = all.reach_km.max(block.reach_km);
        }
        all
    }
}
