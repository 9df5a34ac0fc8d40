//! What agencies report of their capacity: first when the network begins, then as days go by.
//!
//! How many of each kind accept people is the table's in [`super::ServiceKind`]. 15 % of services never
//! report; the others do so every 7 days (median, log-normal with sigma 1), or twice within the time a
//! report is believed where that is shorter. Places: median 12, 90th percentile 60, 2 % above 500;
//! beds: median 24. All of it assumptions.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use rand::RngExt;
use referral_core::capacity::{Count, Draft, Source, Stated, Unit, WaitBand, ttl_for};
use referral_core::catalog::Service;
use referral_core::id::LocalId;

use super::dice::{Dice, chance, log_normal, log_normal_sigma, one_of, weighted, whole};
use super::offering::Offering;
use super::{ServiceKind, Situation};

/// Services that never report.
pub(crate) const SILENT: f64 = 0.15;
/// Days between two reports: median, and sigma of the logarithm.
const INTERVAL_DAYS: (f64, f64) = (7.0, 1.0);
/// Places: median and 90th percentile.
const PLACES: (f64, f64) = (12.0, 60.0);
/// Beds: median; they spread as places do.
const BEDS: f64 = 24.0;
/// Services with more than [`MANY`] places.
const WITH_MANY: f64 = 0.02;
/// See [`WITH_MANY`].
const MANY: f64 = 500.0;
/// Reports that give a state and no numbers.
const WITHOUT_NUMBERS: f64 = 0.15;
/// Services with several offices that report each by itself.
pub(crate) const BY_OFFICE: f64 = 0.3;
const SECONDS_PER_DAY: f64 = 86_400.0;

/// What has been reported of a service by `now`; empty for those that never report.
pub(crate) fn so_far(
    service: &Service,
    offering: &Offering,
    now: Timestamp,
    dice: &mut Dice,
) -> Vec<Draft> {
    let Some(situation) = situation(offering.kind, dice) else {
        return Vec::new();
    };
    let by_office = service.offers.len() > 1 && chance(dice, BY_OFFICE);
    let about: Vec<Option<LocalId>> = if by_office {
        let offices = service.offers.iter();
        offices.map(|offer| Some(offer.location.clone())).collect()
    } else {
        vec![None]
    };
    let observed_at = now.saturating_sub(age(offering, dice)).unwrap_or(now);
    let report = |location| Draft {
        service: service.id.clone(),
        location,
        observed_at,
        source: *weighted(
            dice,
            &[
                (0.80, Source::Person),
                (0.15, Source::System),
                (0.05, Source::PhoneCheck),
            ],
        ),
        ..said(
            situation,
            offering.unit,
            maximum(offering.unit, dice),
            now,
            dice,
        )
    };
    about.into_iter().map(report).collect()
}

/// The next report about the same thing as `last`, observed at `now`: mostly a few places more or
/// fewer; a full service turns to its waiting list or closes, a closed one opens again.
#[must_use]
pub fn next_report(last: &Draft, now: Timestamp, dice: &mut Dice) -> Draft {
    let count = last.counts.first().copied();
    let unit = count.map_or(Unit::Client, |count| count.unit);
    let maximum = count
        .and_then(|count| count.maximum)
        .unwrap_or_else(|| maximum(unit, dice));
    let situation = match last.state {
        Stated::Open | Stated::Limited => {
            let left = count.and_then(|count| count.available).unwrap_or(maximum);
            let change = i64::from(dice.random_range(-3..=2_i32));
            let left = (i64::from(left) + change).clamp(0, i64::from(maximum));
            if left > 0 && !chance(dice, 0.08) {
                return still_open(last, unit, u32::try_from(left).unwrap_or(1), maximum, now);
            }
            *weighted(
                dice,
                &[(0.7, Situation::Waitlist), (0.3, Situation::Closed)],
            )
        }
        Stated::Waitlist | Stated::Assess | Stated::Window => *weighted(
            dice,
            &[(0.6, Situation::Waitlist), (0.4, Situation::Accepting)],
        ),
        Stated::Paused | Stated::Closed | Stated::Unknown => *weighted(
            dice,
            &[(0.5, Situation::Closed), (0.5, Situation::Accepting)],
        ),
    };
    Draft {
        service: last.service.clone(),
        location: last.location.clone(),
        source: last.source,
        ..said(situation, unit, maximum, now, dice)
    }
}

fn still_open(last: &Draft, unit: Unit, left: u32, maximum: u32, now: Timestamp) -> Draft {
    let state = if left.saturating_mul(10) <= maximum {
        Stated::Limited
    } else {
        Stated::Open
    };
    Draft {
        state,
        counts: vec![counted(unit, Some(left), maximum)],
        observed_at: now,
        ..last.clone()
    }
}

/// What somebody would say, or nothing where nobody does.
pub(crate) fn situation(kind: ServiceKind, dice: &mut Dice) -> Option<Situation> {
    let situations = kind.situations();
    let unknown = |(share, situation): &(f64, Situation)| {
        if *situation == Situation::Unknown {
            *share
        } else {
            0.0
        }
    };
    let unknown: f64 = situations.iter().map(unknown).sum();
    let silent = ((SILENT - unknown) / (1.0 - unknown)).max(0.0);
    match *weighted(dice, &situations) {
        Situation::Unknown => None,
        _ if chance(dice, silent) => None,
        known => Some(known),
    }
}

/// A report in the words of `situation`, about no service yet.
pub(crate) fn said(
    situation: Situation,
    unit: Unit,
    maximum: u32,
    now: Timestamp,
    dice: &mut Dice,
) -> Draft {
    let state = stated(situation, dice);
    let part = |most: f64, dice: &mut Dice| {
        let share = dice.random_range(0.0..most);
        whole(f64::from(maximum) * share, 1..=maximum)
    };
    let available = match state {
        Stated::Open => Some(part(0.4, dice)),
        Stated::Limited => Some(part(0.1, dice)),
        Stated::Waitlist | Stated::Paused | Stated::Closed => Some(0),
        Stated::Assess | Stated::Window | Stated::Unknown => None,
    };
    let counts = if chance(dice, WITHOUT_NUMBERS) {
        Vec::new()
    } else {
        vec![counted(unit, available, maximum)]
    };
    let waiting =
        (state == Stated::Waitlist).then(|| whole(log_normal(dice, 20.0, 80.0), 1..=2_000));
    let in_days = |days: i64| {
        now.saturating_add(SignedDuration::from_hours(days * 24))
            .ok()
    };
    let opens_at = (state == Stated::Window).then(|| dice.random_range(1..30));
    let reopens = state == Stated::Paused && chance(dice, 0.7);
    let reopens = reopens.then(|| dice.random_range(7..90_i32));
    let today = now.to_zoned(TimeZone::UTC).date();
    Draft {
        service: LocalId::from_source("-"),
        location: None,
        state,
        counts,
        waitlist_count: waiting,
        wait_band: waiting.map(|_| *one_of(dice, &BANDS)),
        opens_at: opens_at.and_then(in_days),
        reopens_at: reopens.map(|days| today.saturating_add(days.days())),
        observed_at: now,
        ttl: None,
        source: Source::Person,
        note: None,
    }
}

const BANDS: [WaitBand; 4] = [
    WaitBand::UnderTwoWeeks,
    WaitBand::TwoToSixWeeks,
    WaitBand::SixToTwelveWeeks,
    WaitBand::OverTwelveWeeks,
];

fn stated(situation: Situation, dice: &mut Dice) -> Stated {
    let words: &[(f64, Stated)] = match situation {
        Situation::Accepting => &[(0.85, Stated::Open), (0.15, Stated::Limited)],
        Situation::Waitlist => &[
            (0.85, Stated::Waitlist),
            (0.10, Stated::Assess),
            (0.05, Stated::Window),
        ],
        Situation::Closed => &[(0.6, Stated::Closed), (0.4, Stated::Paused)],
        Situation::Unknown => &[(1.0, Stated::Unknown)],
    };
    *weighted(dice, words)
}

fn counted(unit: Unit, available: Option<u32>, maximum: u32) -> Count {
    Count {
        unit,
        available,
        maximum: Some(maximum),
    }
}

/// Places there are in all.
pub(crate) fn maximum(unit: Unit, dice: &mut Dice) -> u32 {
    let (median, p90) = PLACES;
    let places = if chance(dice, WITH_MANY) {
        MANY + log_normal(dice, MANY / 2.0, MANY * 2.0)
    } else if unit == Unit::Bed {
        log_normal(dice, BEDS, BEDS * p90 / median)
    } else {
        log_normal(dice, median, p90)
    };
    whole(places, 1..=20_000)
}

/// How long ago the last report was: anywhere in the interval it belongs to.
fn age(offering: &Offering, dice: &mut Dice) -> SignedDuration {
    let believed = ttl_for(&offering.codes, Some(offering.unit));
    let believed = f64::from(believed.seconds()) / SECONDS_PER_DAY;
    let (median, sigma) = INTERVAL_DAYS;
    let interval = log_normal_sigma(dice, median.min(believed / 2.0), sigma);
    let seconds = dice.random_range(0.0..1.0) * interval * SECONDS_PER_DAY;
    SignedDuration::from_secs(i64::from(whole(seconds, 0..=u32::MAX)))
}
