//! When services are open. Measured (Miami): 64 % of services say so, in 4.4 rows each.

use jiff::civil::Time;
use referral_core::catalog::{Frequency, Schedule};

use super::dice::{Dice, chance, one_of, weighted};
use super::words::name;

/// Services that state any hours.
const STATED: f64 = 0.64;

/// Weekdays, one row each where the hours differ; 4.4 on average.
const WEEKS: [(f64, &[&str]); 5] = [
    (0.68, &["MO", "TU", "WE", "TH", "FR"]),
    (0.06, &["MO", "TU", "WE", "TH", "FR", "SA"]),
    (0.14, &["MO,WE", "TU,TH", "FR"]),
    (0.07, &["TU", "TH"]),
    (0.05, &["SA"]),
];

/// Opening and closing hours, local time.
const HOURS: [(i8, i8); 5] = [(9, 17), (8, 16), (10, 18), (9, 13), (13, 20)];

/// The weekly hours of a service; empty where it states none.
pub(crate) fn hours(dice: &mut Dice) -> Vec<Schedule> {
    if !chance(dice, STATED) {
        return Vec::new();
    }
    let days = *weighted(dice, &WEEKS);
    let (opens, closes) = *one_of(dice, &HOURS);
    days.iter().map(|day| weekly(day, opens, closes)).collect()
}

fn weekly(day: &str, opens: i8, closes: i8) -> Schedule {
    let at = |hour| Some(Time::constant(hour, 0, 0, 0));
    Schedule {
        frequency: Some(Frequency::Weekly),
        interval: Some(1),
        byday: Some(name(day)),
        opens_at: at(opens),
        closes_at: at(closes),
        ..Schedule::default()
    }
}
