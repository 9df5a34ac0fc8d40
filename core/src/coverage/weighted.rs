//! Medians, means and the Gini coefficient of numbers that stand for people.

use crate::coverage::Amount;

/// The smallest of values in order that at least `share` of the weight does not exceed; none counts as more than
/// any number. [`Amount::None`] of nothing.
pub(super) fn quantile(values: &[(Amount, f64)], share: f64) -> Amount {
    let all: f64 = values.iter().map(|(_, weight)| weight).sum();
    let mut reached = 0.0;
    for (value, weight) in values {
        reached += weight;
        if reached >= share * all {
            return *value;
        }
    }
    values.last().map_or(Amount::None, |(value, _)| *value)
}

/// The mean, none counting as zero; none where all are.
pub(super) fn mean(values: impl Iterator<Item = (Amount, f64)>) -> Amount {
    let (mut sum, mut all, mut some) = (0.0, 0.0, false);
    for (value, weight) in values {
        all += weight;
        if let Some(number) = value.number() {
            sum += number * weight;
            some = true;
        }
    }
    (some && all > 0.0).then(|| sum / all).into()
}

/// The population-weighted Gini coefficient: twice the area between the Lorenz curve and the diagonal, by
/// trapezoids. 0: all have the same. `None`: nobody has anything.
///
/// Source: Brown 1994, "Using Gini-style indices to evaluate the spatial patterns of health practitioners",
/// <https://doi.org/10.1016/0277-9536(94)90189-9>.
pub(super) fn gini(values: &mut [(f64, f64)]) -> Option<f64> {
    values.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let people: f64 = values.iter().map(|(_, weight)| weight).sum();
    let all: f64 = values.iter().map(|(value, weight)| value * weight).sum();
    if all <= 0.0 {
        return None;
    }
    let (mut before, mut twice_below) = (0.0, 0.0);
    for (value, weight) in values.iter() {
        let after = before + value * weight;
        twice_below += weight / people * ((before + after) / all);
        before = after;
    }
    Some((1.0 - twice_below).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn numbers(of: &[(f64, f64)]) -> Vec<(Amount, f64)> {
        of.iter().map(|(v, w)| (Amount::Number(*v), *w)).collect()
    }

    #[test]
    fn half_of_the_people_are_no_farther_than_the_median() {
        // 100 people at 5, 300 at 10, 600 at none: half of 1,000 is reached among those with none.
        let mut values = numbers(&[(5.0, 100.0), (10.0, 300.0)]);
        values.push((Amount::None, 600.0));
        assert_eq!(quantile(&values, 0.5), Amount::None);
        assert_eq!(quantile(&values, 0.4), Amount::Number(10.0));
        assert_eq!(quantile(&values, 0.1), Amount::Number(5.0));
        assert_eq!(quantile(&[], 0.5), Amount::None);
    }

    #[test]
    fn none_counts_as_zero_in_a_mean_unless_all_have_none() {
        let some = [(Amount::Number(4.0), 1.0), (Amount::None, 3.0)];
        assert_eq!(mean(some.into_iter()), Amount::Number(1.0));
        assert_eq!(mean([(Amount::None, 3.0)].into_iter()), Amount::None);
    }

    #[test]
    fn one_in_four_with_everything_is_a_gini_of_three_quarters() {
        assert_eq!(gini(&mut [(0.0, 3.0), (8.0, 1.0)]), Some(0.75));
        assert_eq!(gini(&mut [(2.0, 3.0), (2.0, 1.0)]), Some(0.0));
        assert_eq!(gini(&mut [(0.0, 3.0)]), None);
    }

    proptest! {
        /// Between 0 and 1, and no matter in what order or money.
        #[test]
        fn a_gini_is_a_share_and_knows_no_unit(mut values in vec((0.0..100.0, 0.1..50.0), 1..20)) {
            let one = gini(&mut values);
            let mut in_cents: Vec<_> = values.iter().rev().map(|(v, w)| (v * 100.0, *w)).collect();
            let same = gini(&mut in_cents);
            match (one, same) {
                (Some(one), Some(same)) => {
                    prop_assert!((0.0..=1.0).contains(&one));
                    prop_assert!((one - same).abs() < 1e-9);
                }
                (one, same) => prop_assert_eq!(one, same),
            }
        }
    }
}
