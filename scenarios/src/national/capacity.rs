//! What was reported of a service, as the directory holds it.
//!
//! Of all services 80 % reported within half their time to live, 15 % never did, and 5 % are late: most
//! of them past it, a quarter of them for more than 90 days. How many take people is the kind's table.

use jiff::{SignedDuration, Timestamp};
use rand::RngExt;
use referral_core::capacity::{Draft, Held, Order, Report, Source, Ttl, Unit, ttl_for};
use referral_core::catalog::Service;
use referral_core::federation::Epoch;
use referral_core::id::LocalId;

use crate::invented::dice::{Dice, chance, log_normal, weighted};
use crate::invented::offering::Offering;
use crate::invented::reports::{BY_OFFICE, SILENT, maximum, said, situation};

/// Services that reported within half their time to live.
const FRESH: f64 = 0.80;
/// Days since late services reported: median and 90th percentile; a quarter is beyond 90 (assumption).
const LATE_DAYS: (f64, f64) = (45.0, 170.0);
/// Services of several offices that reported as a whole, too, before or after (assumption).
const BOTH: f64 = 0.2;
/// The epoch every publisher is in.
const EPOCH: Epoch = Epoch {
    generation: 1,
    number: 1,
};

/// The reports held about the service with this number, at most one for each office and one for the
/// whole; none where it never reported.
pub(super) fn held(
    service: &Service,
    number: u32,
    offering: &Offering,
    now: Timestamp,
    dice: &mut Dice,
) -> Vec<Held> {
    let Some(situation) = situation(offering.kind, dice) else {
        return Vec::new();
    };
    let late = chance(dice, 1.0 - FRESH / (1.0 - SILENT));
    let longest = longest(service, offering.unit);
    let mut reports = Vec::new();
    for (at, location) in (1..).zip(about(service, dice)) {
        let observed_at = now.saturating_sub(age(longest, late, dice)).unwrap_or(now);
        let places = maximum(offering.unit, dice);
        let draft = Draft {
            service: service.id.clone(),
            location,
            source: source(dice),
            ..said(situation, offering.unit, places, observed_at, dice)
        };
        let order = Order {
            epoch: EPOCH,
            cseq: u64::from(number) * 8 + at,
        };
        if let Ok(report) = Report::parse(draft, now) {
            reports.push(Held::receive(report, order, longest, now));
        }
    }
    reports
}

/// What is reported about: the service, its offices, or both in either order.
fn about(service: &Service, dice: &mut Dice) -> Vec<Option<LocalId>> {
    if service.offers.len() < 2 || !chance(dice, BY_OFFICE) {
        return vec![None];
    }
    let offices = service.offers.iter();
    let mut about: Vec<_> = offices.map(|offer| Some(offer.location.clone())).collect();
    if chance(dice, BOTH) {
        about.insert(dice.random_range(0..=about.len()), None);
    }
    about
}

/// As the directory fixes it at receipt: the shorter of what the codes and the unit allow.
fn longest(service: &Service, unit: Unit) -> Ttl {
    let codes = service.attributes.iter().map(|attribute| &attribute.code);
    ttl_for(codes, None).min(ttl_for([], Some(unit)))
}

/// How long ago somebody knew it: whole seconds, as the directory keeps them.
fn age(longest: Ttl, late: bool, dice: &mut Dice) -> SignedDuration {
    let half = i64::from(longest.seconds()) / 2;
    if !late {
        return SignedDuration::from_secs(dice.random_range(0..=half));
    }
    let days = log_normal(dice, LATE_DAYS.0, LATE_DAYS.1).min(1_500.0);
    let late = SignedDuration::from_secs_f64((days * 86_400.0).floor());
    late.max(SignedDuration::from_secs(half + 1))
}

fn source(dice: &mut Dice) -> Source {
    let sources = [
        (0.80, Source::Person),
        (0.15, Source::System),
        (0.05, Source::PhoneCheck),
    ];
    *weighted(dice, &sources)
}
