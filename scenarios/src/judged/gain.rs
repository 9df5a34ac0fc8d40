//! How good one order of results is, as a number: discounted cumulated gain, normalised, at 10.

use std::fmt;

/// How many results count: one page as a caseworker reads it.
pub const DEPTH: usize = 10;

/// How much a caseworker gains from one result. A service that nobody judged gains nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grade {
    /// Worth a call when the better ones say no.
    Worth,
    /// Good.
    Good,
    /// To be called first.
    First,
}

/// Normalised discounted cumulated gain at [`DEPTH`]: 0 when nothing judged is among the results, 1 when
/// no order would be better.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Ndcg(f64);

/// A search for which no service was judged: no order of results is better than another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no service is judged: name at least one that is worth a call")]
pub struct NothingJudged;

impl Ndcg {
    /// The number of an answer.
    ///
    /// * `shown` — what each result gains, best first; `None` for results that gain nothing. Only the
    ///   first [`DEPTH`] count.
    /// * `judged` — every grade given for this search, in any order.
    ///
    /// The gain of a result is its grade, 1 to 3. Each is divided by log2(1 + rank), and the sum by the
    /// greatest sum that the judged services allow.
    ///
    /// # Errors
    /// [`NothingJudged`] when `judged` is empty.
    ///
    /// Source: Järvelin & Kekäläinen 2002, <https://doi.org/10.1145/582415.582418>, with the gains 0 to
    /// 3 and, at logarithms of base 2, one departure: there the first two ranks share the discount 1;
    /// here rank counts from 2 in the logarithm, so that the first place is worth more than the second.
    pub fn at_10(shown: &[Option<Grade>], judged: &[Grade]) -> Result<Self, NothingJudged> {
        let mut best: Vec<Option<Grade>> = judged.iter().copied().map(Some).collect();
        best.sort_unstable_by(|a, b| b.cmp(a));
        if best.is_empty() {
            return Err(NothingJudged);
        }
        Ok(Self(cumulated(shown) / cumulated(&best)))
    }

    /// The number, 0..=1.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }

    /// The mean of several; `None` of none.
    #[must_use]
    pub fn mean(of: impl IntoIterator<Item = Self>) -> Option<Self> {
        let (mut sum, mut number) = (0.0, 0.0);
        for Self(one) in of {
            sum += one;
            number += 1.0;
        }
        (number > 0.0).then(|| Self(sum / number))
    }
}

impl fmt::Display for Ndcg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl Grade {
    /// 1 to 3.
    #[must_use]
    pub fn gain(self) -> u8 {
        match self {
            Self::Worth => 1,
            Self::Good => 2,
            Self::First => 3,
        }
    }
}

/// Discounted cumulated gain of the first [`DEPTH`] results.
fn cumulated(shown: &[Option<Grade>]) -> f64 {
    let discounts = (2_u8..).map(|rank| f64::from(rank).log2());
    let counted = shown.iter().take(DEPTH).zip(discounts);
    let gained = counted.filter_map(|(grade, discount)| Some((grade.as_ref()?, discount)));
    gained.fold(0.0, |sum, (grade, discount)| {
        sum + f64::from(grade.gain()) / discount
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Grade::{First, Good, Worth};

    const JUDGED: [Grade; 4] = [First, Good, Good, Worth];

    fn ndcg(shown: &[Option<Grade>]) -> f64 {
        Ndcg::at_10(shown, &JUDGED).unwrap().get()
    }

    #[test]
    fn the_ideal_order_is_worth_one_whatever_follows_it() {
        let ideal = [Some(First), Some(Good), Some(Good), Some(Worth), None, None];

        assert!((ndcg(&ideal) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_reverse_of_the_ideal_order_is_worth_less() {
        let reversed = [Some(Worth), Some(Good), Some(Good), Some(First)];

        assert!(ndcg(&reversed) < 0.9);
    }

    #[test]
    fn every_change_of_two_neighbours_for_the_worse_costs_something() {
        let ideal = [Some(First), Some(Good), Some(Good), Some(Worth), None];
        for at in [0, 2, 3] {
            let mut worse = ideal;
            worse.swap(at, at + 1);

            assert!(ndcg(&worse) < ndcg(&ideal), "{at}");
        }
    }

    #[test]
    fn results_nobody_judged_and_those_after_the_tenth_gain_nothing() {
        let mut late = vec![None; DEPTH];
        late.push(Some(First));

        assert!(ndcg(&late).abs() < 1e-12);
        assert!(ndcg(&[]).abs() < 1e-12);
    }

    #[test]
    fn a_worked_example_gives_the_number_it_gives_by_hand() {
        // (2/1 + 3/log2(3)) / (3/1 + 2/log2(3) + 2/log2(4) + 1/log2(5))
        let by_hand = (2.0 + 1.892_789) / (3.0 + 1.261_860 + 1.0 + 0.430_677);

        assert!((ndcg(&[Some(Good), Some(First)]) - by_hand).abs() < 1e-5);
    }

    #[test]
    fn a_search_without_judgements_is_refused() {
        assert_eq!(Ndcg::at_10(&[Some(First)], &[]), Err(NothingJudged));
    }
}
