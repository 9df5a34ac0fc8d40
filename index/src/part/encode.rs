//! From what matching knows of a service to the rows that hold it.

use std::sync::Arc;

use jiff::civil::Date;
use referral_core::catalog::{Area, LanguageMode, LanguageTag, ServiceArea};
use referral_core::geo::Point;
use referral_core::id::{LocalId, PublicId};
use referral_core::search::{Facts, Fit, OfferFacts, Site, is_spoken, organization_hash};
use referral_core::vocabulary::Code;

use crate::part::build::Placed;
use crate::part::curve::{NOWHERE, along};
use crate::part::row::{
    Alone, CODE_WORDS, LANGUAGE_WORDS, Languages, Letters, Marks, Offer, Service, SiteKind, Until,
};
use crate::part::sets::{OTHER_LANGUAGE, Register, bit_of};
use crate::part::sphere::{Chord, Vector};
use crate::slots::Slot;

/// A service in rows, in no part yet.
#[derive(Clone, Debug)]
pub(crate) struct Encoded {
    /// Its row; the slot is not given yet.
    pub(crate) service: Service,
    /// Its local id.
    pub(crate) key: Box<str>,
    /// Its offers.
    pub(crate) offers: Vec<Placed>,
    /// Its facts, where rows cannot hold all of them.
    pub(crate) facts: Option<Arc<Facts>>,
    /// Its codes until the days on which credentials lapse, where any does.
    pub(crate) days: Option<Arc<[Until]>>,
}

/// Where on the curve an offer comes.
pub(crate) fn curve_of(offer: &OfferFacts) -> u64 {
    let (kind, state) = match &offer.site {
        Site::At { point, .. } => return along(*point),
        Site::County(county) => (0, county.number()),
        Site::Unplaced { state, .. } => (1, number(Letters::of_state(*state))),
        Site::Remote(state) => (2, number(Letters::of_state(*state))),
        Site::NotStated(_) => (3, 0),
    };
    NOWHERE + (kind << 32) + u64::from(state)
}

fn number(letters: Letters) -> u32 {
    u32::try_from(letters.number()).unwrap_or(0)
}

impl Encoded {
    /// The rows of a service. What they have in common with others goes into `register`.
    pub(crate) fn of(facts: Facts, register: &mut Register) -> Self {
        let mut marks = Marks::default();
        marks.set(Marks::ANY_BY_PHONE, facts.any_language_by_phone);
        marks.set(Marks::COURT_DECIDES, decides("lc:bond", &facts));
        marks.set(Marks::FEDERAL_DECIDES, decides("lc:fed", &facts));
        let (codes, own) = codes(&facts, register);
        let days = days(&facts, &mut marks);
        let (spoken, phone) = languages(&facts, register, &mut marks);
        let offers = (0..).zip(&facts.offers);
        let offers = offers
            .map(|(nth, offer)| placed(nth, offer, register))
            .collect();
        Self {
            service: Service {
                codes,
                spoken,
                phone,
                id: facts.key.public_id().as_u128(),
                organization: organization_hash(&facts.organization),
                rules: register.rules(&facts.rules),
                own,
                agency: register.agency(&facts.key.agency),
                slot: Slot::MAX,
                marks,
            },
            key: facts.key.id.as_str().into(),
            offers,
            facts: marks.has(Marks::ODD).then(|| Arc::new(facts)),
            days,
        }
    }

    /// Its public id.
    pub(crate) fn id(&self) -> PublicId {
        PublicId::from_u128(self.service.id)
    }

    /// Where on the curve the service comes.
    pub(crate) fn curve(&self) -> u64 {
        self.offers.first().map_or(NOWHERE, |placed| placed.curve)
    }
}

/// Whether the provider has to decide on a code, whatever the day; services whose credentials lapse are
/// never asked.
fn decides(code: &str, facts: &Facts) -> bool {
    Code::parse(code).is_ok_and(|code| facts.qualifies(&code, Date::MIN) == Fit::Decides)
}

fn codes(facts: &Facts, register: &mut Register) -> ([u64; CODE_WORDS], u32) {
    let own = facts.codes.iter().filter(|code| bit_of(code).is_none());
    let own: Vec<&Code> = own.collect();
    (bits(facts.codes.iter()), register.own(&own))
}

/// What a credential with a last day allows changes with that day: the codes until each of these days,
/// and after the last.
fn days(facts: &Facts, marks: &mut Marks) -> Option<Arc<[Until]>> {
    let mut last: Vec<Date> = facts
        .credentials
        .iter()
        .filter_map(|(_, last)| *last)
        .collect();
    if last.is_empty() {
        return None;
    }
    last.push(Date::MAX);
    last.sort_unstable();
    last.dedup();
    // Codes without a bit are not known by day.
    let mut unnumbered = facts.codes.iter().filter(|code| bit_of(code).is_none());
    if unnumbered.any(|code| facts.qualifies(code, Date::MAX) == Fit::No) {
        marks.set(Marks::ODD, true);
        return None;
    }
    marks.set(Marks::LAPSES, true);
    let days = last.into_iter().map(|last| Until {
        last,
        codes: bits(facts.codes_on(last)),
    });
    Some(days.collect())
}

fn bits<'a>(codes: impl Iterator<Item = &'a Code>) -> [u64; CODE_WORDS] {
    let mut words = [0; CODE_WORDS];
    for bit in codes.filter_map(bit_of) {
        words[bit as usize / 64] |= 1 << (bit % 64);
    }
    words
}

fn languages(facts: &Facts, register: &mut Register, marks: &mut Marks) -> (Languages, Languages) {
    let (mut spoken, mut phone) = ([0; LANGUAGE_WORDS], [0; LANGUAGE_WORDS]);
    for (tag, mode) in &facts.languages {
        let words = match mode {
            LanguageMode::InterpreterByPhone => &mut phone,
            mode if is_spoken(*mode) => &mut spoken,
            _ => continue,
        };
        let bit = register.language(LanguageTag::primary(tag));
        marks.set(Marks::ODD, bit.is_none());
        let bit = bit.unwrap_or(OTHER_LANGUAGE);
        words[bit / 64] |= 1 << (bit % 64);
    }
    (spoken, phone)
}

/// The radius of areas that are one circle, for everybody.
pub(crate) fn around(areas: &[ServiceArea]) -> Option<Chord> {
    match areas {
        [
            ServiceArea {
                area: Area::Radius(radius),
                condition: None,
                ..
            },
        ] => Some(Chord::of(*radius)),
        _ => None,
    }
}

fn placed(nth: u16, facts: &OfferFacts, register: &mut Register) -> Placed {
    let mut offer = Offer {
        at: Vector::default(),
        around: None,
        service: 0,
        areas: register.areas(&facts.areas),
        detail: 0,
        state: Letters::of_state(facts.site.state()),
        country: Letters::default(),
        nth,
        site: SiteKind::At,
        alone: Alone::No,
    };
    let mut offices: Box<[Point]> = Box::default();
    match &facts.site {
        Site::At { point, country, .. } => {
            offer.at = Vector::of(*point);
            offer.around = around(&facts.areas);
            offer.country = Letters::of_country(*country);
        }
        Site::County(county) => {
            offer.site = SiteKind::County;
            offer.detail = county.number();
        }
        Site::Unplaced { country, .. } => {
            offer.site = SiteKind::Unplaced;
            offer.country = Letters::of_country(*country);
        }
        Site::Remote(state) => {
            offer.site = SiteKind::Remote;
            offer.state = Letters::of_state(*state);
        }
        Site::NotStated(points) => {
            offer.site = SiteKind::NotStated;
            offices = points.as_slice().into();
        }
    }
    Placed {
        curve: curve_of(facts),
        offer,
        point: facts.site.point(),
        location: facts.location.as_ref().map_or("", LocalId::as_str).into(),
        offices,
    }
}
