//! One service after another. What many have in common is written where it is met first, and known by its number
//! from then on.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use jiff::civil::Date;
use referral_core::catalog::{Rule, ServiceArea};
use referral_core::geo::Point;
use referral_core::id::{AgencyId, LocalId};
use referral_core::vocabulary::Code;

use super::bytes::{Bytes, Stored, write_all, write_text};
use crate::part::{
    Alone, CODE_WORDS, Chord, Encoded, Letters, Marks, Offer, Placed, Register, Service, Sets,
    SiteKind, Until, Vector, around, curve_at,
};
use crate::slots::Slot;

/// Numbers of this file, by the numbers of the index.
type Numbers<K> = HashMap<K, u32>;

/// Writes services.
pub(super) struct RowWriter<'a> {
    sets: &'a Sets,
    agencies: Numbers<u32>,
    rules: Numbers<u32>,
    areas: Numbers<u32>,
    own: Numbers<u32>,
}

/// Reads them.
pub(super) struct RowReader<'a> {
    register: &'a mut Register,
    agencies: Vec<(AgencyId, bool)>,
    numbers: Vec<u32>,
    rules: Vec<u32>,
    areas: Vec<(u32, Option<Chord>)>,
    own: Vec<u32>,
}

/// One that was read.
pub(super) enum Read {
    /// It is as it was.
    Row(Box<Encoded>),
    /// Its agency is not.
    Otherwise,
}

/// What a definition has to be: read back as it was written.
trait Same: Stored + PartialEq {
    fn survives(&self) -> bool {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        let mut from = Bytes(&bytes);
        Self::read(&mut from).is_some_and(|read| read == *self) && from.0.is_empty()
    }
}

impl<T: Stored + PartialEq> Same for T {}

impl<'a> RowWriter<'a> {
    pub(super) fn new(sets: &'a Sets) -> Self {
        Self {
            sets,
            agencies: HashMap::new(),
            rules: HashMap::new(),
            areas: HashMap::new(),
            own: HashMap::new(),
        }
    }

    /// Who publishes a service.
    pub(super) fn agency(&self, row: &Encoded) -> Option<&'a AgencyId> {
        self.sets.agencies.at(row.service.agency as usize)
    }

    /// Adds a service to `out`; false where it cannot be kept, and nothing is added.
    pub(super) fn write(&mut self, row: &Encoded, out: &mut Vec<u8>) -> bool {
        let (Some(rules), Some(own), Some(areas)) =
            (self.rules_of(row), self.own_of(row), self.areas_of(row))
        else {
            return false;
        };
        // The facts of a service that rows cannot hold are as long as a listing.
        let (Some(agency), None) = (self.agency(row), &row.facts) else {
            return false;
        };
        let service = &row.service;
        once(&mut self.agencies, service.agency, out, |out| {
            write_text(agency.as_str(), out);
        });
        once(&mut self.rules, service.rules, out, |out| {
            write_all(rules, out);
        });
        once(&mut self.own, service.own, out, |out| own.write(out));
        service.codes.write(out);
        service.spoken.write(out);
        service.phone.write(out);
        service.marks.number().write(out);
        service.organization.write(out);
        service.id.write(out);
        write_text(&row.key, out);
        let days = row.days.as_ref().map(|days| {
            let days = days.iter().map(|until| (until.last, until.codes));
            days.collect::<Vec<_>>()
        });
        days.write(out);
        u32::try_from(row.offers.len())
            .unwrap_or(u32::MAX)
            .write(out);
        for (placed, areas) in row.offers.iter().zip(areas) {
            once(&mut self.areas, placed.offer.areas, out, |out| {
                write_all(areas, out);
            });
            write_offer(placed, out);
        }
        true
    }

    fn rules_of(&self, row: &Encoded) -> Option<&'a [Rule]> {
        let rules: &[Rule] = self.sets.rules.at(row.service.rules as usize)?;
        let known = self.rules.contains_key(&row.service.rules);
        (known || rules.to_vec().survives()).then_some(rules)
    }

    fn own_of(&self, row: &Encoded) -> Option<Vec<Code>> {
        let own = self.sets.own.at(row.service.own as usize)?.iter();
        own.map(|code| self.sets.codes.at(*code as usize).cloned())
            .collect()
    }

    fn areas_of(&self, row: &Encoded) -> Option<Vec<&'a [ServiceArea]>> {
        let offers = row.offers.iter().map(|placed| placed.offer.areas);
        let areas = offers.map(|number| {
            let areas = &self.sets.areas.at(number as usize)?.all;
            let known = self.areas.contains_key(&number);
            (known || areas.survives()).then_some(areas.as_slice())
        });
        areas.collect()
    }
}

/// Writes the number of something, and what it is where it is met for the first time.
fn once<K: Eq + Hash>(
    numbers: &mut Numbers<K>,
    key: K,
    out: &mut Vec<u8>,
    define: impl FnOnce(&mut Vec<u8>),
) {
    let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    let number = *numbers.entry(key).or_insert(next);
    number.write(out);
    if number == next {
        define(out);
    }
}

fn write_offer(placed: &Placed, out: &mut Vec<u8>) {
    let offer = &placed.offer;
    site_number(offer.site).write(out);
    offer.detail.write(out);
    offer.state.0.write(out);
    offer.country.0.write(out);
    offer.nth.write(out);
    placed.point.write(out);
    write_text(&placed.location, out);
    write_all(&placed.offices, out);
}

fn site_number(site: SiteKind) -> u8 {
    match site {
        SiteKind::At => 0,
        SiteKind::County => 1,
        SiteKind::Unplaced => 2,
        SiteKind::Remote => 3,
        SiteKind::NotStated => 4,
    }
}

fn site_of(number: u8) -> Option<SiteKind> {
    Some(match number {
        0 => SiteKind::At,
        1 => SiteKind::County,
        2 => SiteKind::Unplaced,
        3 => SiteKind::Remote,
        4 => SiteKind::NotStated,
        _ => return None,
    })
}

impl<'a> RowReader<'a> {
    /// What services have in common goes into `register`, which is empty.
    pub(super) fn new(register: &'a mut Register) -> Self {
        Self {
            register,
            agencies: Vec::new(),
            numbers: Vec::new(),
            rules: Vec::new(),
            areas: Vec::new(),
            own: Vec::new(),
        }
    }

    /// The next service; `None`: it is not there.
    ///
    /// * `is_as_it_was` — asked once for each agency.
    pub(super) fn read(
        &mut self,
        from: &mut Bytes<'_>,
        is_as_it_was: &dyn Fn(&AgencyId) -> bool,
    ) -> Option<Read> {
        let agency = self.agency(from, is_as_it_was)?;
        let rules = number(from, &mut self.rules, |from| {
            Some(self.register.rules(&Vec::<Rule>::read(from)?))
        })?;
        let own = number(from, &mut self.own, |from| {
            let codes = Vec::<Code>::read(from)?;
            Some(self.register.own(&codes.iter().collect::<Vec<_>>()))
        })?;
        let service = Service {
            codes: Stored::read(from)?,
            spoken: Stored::read(from)?,
            phone: Stored::read(from)?,
            marks: Marks::of(u8::read(from)?),
            organization: u64::read(from)?,
            id: u128::read(from)?,
            rules,
            own,
            agency: *self.numbers.get(agency)?,
            slot: Slot::MAX,
        };
        let key = LocalId::parse(from.text()?).ok()?;
        let days = Option::<Vec<(Date, [u64; CODE_WORDS])>>::read(from)?;
        let days = days.map(|days| -> Arc<[Until]> {
            let days = days.into_iter();
            days.map(|(last, codes)| Until { last, codes }).collect()
        });
        let offers = u32::read(from)?;
        let offers: Option<Vec<Placed>> = (0..offers).map(|_| self.offer(from)).collect();
        let row = Encoded {
            service,
            key: key.as_str().into(),
            offers: offers?,
            facts: None,
            days,
        };
        let is_as_it_was = self.agencies.get(agency)?.1;
        Some(if is_as_it_was {
            Read::Row(Box::new(row))
        } else {
            Read::Otherwise
        })
    }

    fn agency(
        &mut self,
        from: &mut Bytes<'_>,
        is_as_it_was: &dyn Fn(&AgencyId) -> bool,
    ) -> Option<usize> {
        let number = usize::try_from(u32::read(from)?).ok()?;
        if number == self.agencies.len() {
            let agency = AgencyId::parse(from.text()?).ok()?;
            self.numbers.push(self.register.agency(&agency));
            let asked = is_as_it_was(&agency);
            self.agencies.push((agency, asked));
        }
        Some(number)
    }

    fn offer(&mut self, from: &mut Bytes<'_>) -> Option<Placed> {
        let (areas, chord) = number(from, &mut self.areas, |from| {
            let areas = Vec::<ServiceArea>::read(from)?;
            Some((self.register.areas(&areas), around(&areas)))
        })?;
        let site = site_of(u8::read(from)?)?;
        let (detail, state) = (u32::read(from)?, Letters(Stored::read(from)?));
        let (country, nth) = (Letters(Stored::read(from)?), u16::read(from)?);
        let point = Option::<Point>::read(from)?;
        let at = match (site, point) {
            (SiteKind::At, Some(point)) => Vector::of(point),
            (SiteKind::At, None) | (_, Some(_)) => return None,
            (_, None) => Vector::default(),
        };
        let offer = Offer {
            at,
            around: chord.filter(|_| site == SiteKind::At),
            service: 0,
            areas,
            detail,
            state,
            country,
            nth,
            site,
            alone: Alone::No,
        };
        Some(Placed {
            curve: curve_at(&offer, point),
            offer,
            point,
            location: from.text()?.into(),
            offices: Vec::<Point>::read(from)?.into(),
        })
    }
}

/// What the next number stands for; where it comes for the first time, what it is follows.
fn number<T: Copy>(
    from: &mut Bytes<'_>,
    known: &mut Vec<T>,
    define: impl FnOnce(&mut Bytes<'_>) -> Option<T>,
) -> Option<T> {
    let number = usize::try_from(u32::read(from)?).ok()?;
    if number == known.len() {
        let defined = define(from)?;
        known.push(defined);
    }
    known.get(number).copied()
}
