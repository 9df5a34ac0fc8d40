//! A value of every point of demand, put in order once for all groups of counties.

use std::cell::OnceCell;

use crate::coverage::Amount;

use super::country::Country;

/// A value of every point, in the order of the table.
#[derive(Debug)]
pub(super) struct Column {
    values: Vec<Amount>,
    ranks: OnceCell<Ranks>,
}

/// Points by value, of equals by their people.
#[derive(Debug)]
struct Ranks {
    /// The rank of each point.
    of: Vec<u32>,
    /// The point at each rank.
    points: Vec<u32>,
}

impl Column {
    pub(super) fn of(values: Vec<Amount>) -> Self {
        Self {
            values,
            ranks: OnceCell::new(),
        }
    }

    pub(super) fn values(&self) -> &[Amount] {
        &self.values
    }

    /// The values of all points of some counties with their people, least first.
    pub(super) fn in_order(&self, country: &Country<'_>, counties: &[usize]) -> Vec<(Amount, f64)> {
        let both = |point: usize| (self.values[point], country.weight(point));
        if let [county] = counties {
            let points = country.counties[*county].origins.clone();
            if points.len() == 1 {
                return vec![both(points.start)];
            }
        }
        let ranks = self.ranks.get_or_init(|| Ranks::of(&self.values, country));
        if counties.len() == country.counties.len() {
            let points = ranks.points.iter();
            return points.map(|point| both(*point as usize)).collect();
        }
        let points = country.origins_of(counties);
        let mut some: Vec<u32> = points.map(|point| ranks.of[point]).collect();
        some.sort_unstable();
        let points = some.iter().map(|rank| ranks.points[*rank as usize]);
        points.map(|point| both(point as usize)).collect()
    }
}

impl Ranks {
    fn of(values: &[Amount], country: &Country<'_>) -> Self {
        let numbered = values.iter().zip(0_u32..);
        let mut keys: Vec<(u64, u64, u32)> = numbered
            .map(|(value, at)| (key(*value), ordered(country.weight(at as usize)), at))
            .collect();
        keys.sort_unstable();
        let points: Vec<u32> = keys.iter().map(|(.., point)| *point).collect();
        let mut of = vec![0; points.len()];
        for (point, rank) in points.iter().zip(0..) {
            of[*point as usize] = rank;
        }
        Self { of, points }
    }
}

/// A number in the order of [`Amount::total_cmp`]. No number of a report is infinite.
fn key(amount: Amount) -> u64 {
    match amount {
        Amount::Number(number) => ordered(number),
        Amount::None => u64::MAX - 1,
        Amount::Withheld => u64::MAX,
    }
}

/// A number in the order of [`f64::total_cmp`].
fn ordered(number: f64) -> u64 {
    let bits = number.to_bits();
    if bits >> 63 == 0 {
        bits | 1 << 63
    } else {
        !bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_amount() -> impl Strategy<Value = Amount> {
        prop_oneof![
            4 => (-1e9..1e9).prop_map(Amount::Number),
            1 => Just(Amount::Number(0.0)),
            1 => Just(Amount::None),
            1 => Just(Amount::Withheld),
        ]
    }

    proptest! {
        #[test]
        fn keys_are_in_the_order_of_amounts(a in any_amount(), b in any_amount()) {
            prop_assert_eq!(key(a).cmp(&key(b)), a.total_cmp(&b));
        }
    }
}
