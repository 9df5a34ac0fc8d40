//! Several parts made into one, without looking at any listing again.

use std::sync::Arc;

use referral_core::geo::Point;

use crate::part::build::{Builder, Placed};
use crate::part::curve::{NOWHERE, along};
use crate::part::encode::Encoded;
use crate::part::row::{Offer, SiteKind};
use crate::part::sets::Sets;
use crate::part::{Alive, Ordinal, Part};

/// One part of everything in `parts` that can still be found, with the capacity they know of.
pub(crate) fn merged(parts: &[(Arc<Part>, Arc<Alive>)], sets: &Sets) -> Part {
    let order = in_order(parts);
    let mut builder = Builder::default();
    for &(_, from, service) in &order {
        builder.push(parts[from].0.encoded(service));
    }
    let merged = builder.finish(sets);
    for ((_, from, before), after) in order.iter().zip(0..) {
        let part = &parts[*from].0;
        for &to in merged.ordinals(after) {
            let nth = merged.offer(to).nth;
            let mut ordinals = part.ordinals(*before).iter();
            let from = ordinals.find(|&&from| part.offer(from).nth == nth);
            if let Some(&from) = from {
                merged.cell(to).copy(part.cell(from));
                merged.beside(to).copy(part.beside(from));
            }
        }
    }
    merged
}

/// The services in `parts` that can still be found, in the order of the curve: where on it each comes, which part it
/// is in, and its number there.
pub(crate) fn in_order(parts: &[(Arc<Part>, Arc<Alive>)]) -> Vec<(u64, usize, u32)> {
    let mut order = Vec::new();
    for (from, (part, alive)) in parts.iter().enumerate() {
        let services = (0..).zip(&part.services).map(|(number, _)| number);
        let living = services.filter(|&service| part.is_alive(alive, service));
        order.extend(living.map(|service| (part.curve(service), from, service)));
    }
    order.sort_unstable();
    order
}

/// Where on the curve an offer comes.
pub(crate) fn curve_at(offer: &Offer, point: Option<Point>) -> u64 {
    let (kind, detail) = match offer.site {
        SiteKind::At => return point.map_or(NOWHERE, along),
        SiteKind::County => (0, u64::from(offer.detail)),
        SiteKind::Unplaced => (1, offer.state.number() as u64),
        SiteKind::Remote => (2, offer.state.number() as u64),
        SiteKind::NotStated => (3, 0),
    };
    NOWHERE + (kind << 32) + detail
}

impl Part {
    /// The rows of a service, as they were put in.
    pub(crate) fn encoded(&self, service: u32) -> Encoded {
        let offers = self.ordinals(service).iter();
        Encoded {
            service: self.services[service as usize].clone(),
            key: self.local_id(service).into(),
            offers: offers.map(|&ordinal| self.placed(ordinal)).collect(),
            facts: self.facts(service).cloned(),
            days: self.days.get(&service).cloned(),
        }
    }

    /// Where on the curve a service comes: where its first offer does.
    fn curve(&self, service: u32) -> u64 {
        let mut ordinals = self.ordinals(service).iter();
        let first = ordinals.find(|&&ordinal| self.offer(ordinal).nth == 0);
        first.map_or(NOWHERE, |&ordinal| self.curve_at(ordinal))
    }

    fn curve_at(&self, ordinal: Ordinal) -> u64 {
        let offer = self.offer(ordinal);
        let point = (offer.site == SiteKind::At).then(|| self.point(ordinal));
        curve_at(offer, point)
    }

    fn placed(&self, ordinal: Ordinal) -> Placed {
        let offer = self.offer(ordinal).clone();
        let offices = match offer.site {
            SiteKind::NotStated => self.offices(&offer).into(),
            _ => Box::default(),
        };
        Placed {
            curve: self.curve_at(ordinal),
            point: (offer.site == SiteKind::At).then(|| self.point(ordinal)),
            location: self.location_str(ordinal).into(),
            offer,
            offices,
        }
    }
}
