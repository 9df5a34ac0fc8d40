//! Drawing: the few distributions the network is made of.
//!
//! Everything random comes from one [`Dice`] that the caller seeds; nothing here reads a clock or the
//! system's randomness, so the same seed gives the same network on every machine and in every release.

use std::ops::RangeInclusive;

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, LogNormal, Zipf};

/// The generator of random numbers: portable, and the same in every release of `rand`.
pub type Dice = rand::rngs::Xoshiro256PlusPlus;

/// Standard deviations between the median and the 90th percentile of a normal distribution.
const P90: f64 = 1.281_551_6;

/// Dice that always fall the same way for the same `seed`.
#[must_use]
pub fn seeded(seed: u64) -> Dice {
    Dice::seed_from_u64(seed)
}

/// True with probability `share`, which is brought into 0..=1.
pub(crate) fn chance(dice: &mut Dice, share: f64) -> bool {
    dice.random_bool(share.clamp(0.0, 1.0))
}

/// One of `choices`, each as likely.
///
/// # Panics
/// When there are none: the tables of this module all have some.
pub(crate) fn one_of<'a, T>(dice: &mut Dice, choices: &'a [T]) -> &'a T {
    &choices[dice.random_range(0..choices.len())]
}

/// A copy of one of `choices`, each as likely; panics as [`one_of`].
pub(crate) fn pick<T: Copy>(dice: &mut Dice, choices: &[T]) -> T {
    *one_of(dice, choices)
}

/// One of `choices`, each as likely as its weight says; weights need not sum to anything.
///
/// # Panics
/// When there are none: the tables of this module all have some.
pub(crate) fn weighted<'a, T>(dice: &mut Dice, choices: &'a [(f64, T)]) -> &'a T {
    let total: f64 = choices.iter().map(|(weight, _)| weight).sum();
    let mut left = dice.random_range(0.0..1.0) * total;
    for (weight, choice) in choices {
        left -= weight;
        if left < 0.0 {
            return choice;
        }
    }
    &choices[choices.len() - 1].1
}

/// A positive number, log-normal with this median and 90th percentile.
pub(crate) fn log_normal(dice: &mut Dice, median: f64, p90: f64) -> f64 {
    log_normal_sigma(dice, median, (p90 / median).ln() / P90)
}

/// A positive number, log-normal with this median and standard deviation of its logarithm.
pub(crate) fn log_normal_sigma(dice: &mut Dice, median: f64, sigma: f64) -> f64 {
    #[expect(clippy::expect_used, reason = "medians and spreads are constants")]
    let distribution = LogNormal::new(median.ln(), sigma).expect("the spread is finite");
    distribution.sample(dice)
}

/// 1 to `most`, k with a probability that falls as k to the power of -`exponent`.
pub(crate) fn power_law(dice: &mut Dice, most: u32, exponent: f64) -> u32 {
    #[expect(clippy::expect_used, reason = "bounds and exponents are constants")]
    let distribution = Zipf::new(f64::from(most), exponent).expect("the exponent is positive");
    whole(distribution.sample(dice), 1..=most)
}

/// `number` rounded and brought into `range`.
pub(crate) fn whole(number: f64, range: RangeInclusive<u32>) -> u32 {
    let inside = number
        .round()
        .clamp(f64::from(*range.start()), f64::from(*range.end()));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the range, whose bounds are u32"
    )]
    let whole = inside as u32;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Widest error of a share or quantile over this many draws.
    const DRAWS: u32 = 20_000;

    fn quantiles(mut drawn: Vec<f64>) -> (f64, f64) {
        drawn.sort_by(f64::total_cmp);
        (drawn[drawn.len() / 2], drawn[drawn.len() * 9 / 10])
    }

    #[test]
    fn log_normal_numbers_have_the_median_and_percentile_asked_for() {
        let mut dice = seeded(1);

        let drawn = (0..DRAWS).map(|_| log_normal(&mut dice, 12.0, 60.0));
        let (median, p90) = quantiles(drawn.collect());

        assert!((median - 12.0).abs() < 0.6, "{median}");
        assert!((p90 - 60.0).abs() < 4.0, "{p90}");
    }

    #[test]
    fn a_power_law_favours_one_and_reaches_its_end() {
        let mut dice = seeded(2);

        let drawn: Vec<u32> = (0..DRAWS).map(|_| power_law(&mut dice, 80, 1.8)).collect();
        let ones = drawn.iter().filter(|k| **k == 1).count();

        // P(1) = 1 / sum(k^-1.8, k = 1..80) = 0.542.
        assert!((10_400..11_300).contains(&ones), "{ones}");
        assert!(drawn.iter().all(|k| (1..=80).contains(k)));
        assert!(drawn.iter().any(|k| *k > 60));
    }

    #[test]
    fn a_choice_is_as_likely_as_its_weight() {
        let mut dice = seeded(3);

        let drawn = (0..DRAWS).filter(|_| *weighted(&mut dice, &[(3.0, true), (1.0, false)]));
        let share = f64::from(u32::try_from(drawn.count()).unwrap()) / f64::from(DRAWS);

        assert!((share - 0.75).abs() < 0.02, "{share}");
    }
}
