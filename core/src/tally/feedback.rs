//! What agencies say of referrals, as far as it may be told.

/// The fewest agencies that a number stands on.
const AGENCIES: usize = 3;
/// The fewest reports that are told.
const FEWEST: u64 = 11;

/// The sum of what several agencies reported, where it may be told: at least three agencies reported, none of them
/// more than 80 % of it, and there are 11 reports or more. `by_agency` has one count for each agency; zeros do not
/// count as agencies. `None`: not told, not even whether there is any.
///
/// Source: the dominance rule of statistical disclosure control (Hundepool et al. 2012, section 4.2).
#[must_use]
pub fn told_of_agencies(by_agency: &[u64]) -> Option<u64> {
    let reporting = by_agency.iter().filter(|count| **count > 0).count();
    let all = by_agency
        .iter()
        .fold(0_u64, |sum, count| sum.saturating_add(*count));
    let most = by_agency.iter().copied().max().unwrap_or(0);
    let dominated = u128::from(most) * 10 > u128::from(all) * 8;
    (reporting >= AGENCIES && all >= FEWEST && !dominated).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_agencies_none_of_them_dominant_are_told() {
        for (by_agency, told) in [
            (&[5, 5, 5][..], Some(15)),
            (&[8, 1, 1][..], None),
            (&[80, 10, 10][..], Some(100)),
            (&[81, 10, 9][..], None),
            (&[50, 50][..], None),
            (&[50, 50, 0][..], None),
            (&[4, 4, 3][..], Some(11)),
            (&[4, 3, 3][..], None),
            (&[][..], None),
        ] {
            assert_eq!(told_of_agencies(by_agency), told, "{by_agency:?}");
        }
    }
}
