//! What many searches cost, in a few numbers.

use std::fmt;
use std::time::Duration;

use super::clock::Cost;

/// What searches of one kind cost one engine.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    cpu: Vec<Duration>,
    wall: Vec<Duration>,
}

/// Mean and percentiles, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// Half are at or below it.
    pub p50: f64,
    /// 95 of a hundred are at or below it.
    pub p95: f64,
    /// 99 of a hundred are at or below it.
    pub p99: f64,
}

impl Figures {
    /// Adds what one search cost.
    pub fn add(&mut self, cost: Cost) {
        self.cpu.push(cost.cpu);
        self.wall.push(cost.wall);
    }

    /// Adds something of which only the time on the wall was measured.
    pub fn add_wall(&mut self, wall: Duration) {
        self.wall.push(wall);
    }

    /// Adds what others cost.
    pub fn add_all(&mut self, others: &Self) {
        self.cpu.extend(&others.cpu);
        self.wall.extend(&others.wall);
    }

    /// How many searches there were.
    #[must_use]
    pub fn number(&self) -> usize {
        self.cpu.len()
    }

    /// Processor time.
    #[must_use]
    pub fn cpu(&self) -> Spread {
        Spread::of(&self.cpu)
    }

    /// Time on the wall.
    #[must_use]
    pub fn wall(&self) -> Spread {
        Spread::of(&self.wall)
    }
}

impl Spread {
    fn of(times: &[Duration]) -> Self {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        let count = f64::from(u32::try_from(sorted.len().max(1)).unwrap_or(u32::MAX));
        // Nearest rank: the smallest that so many of a hundred do not exceed.
        let rank = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100).max(1) - 1;
            sorted.get(rank).copied().map_or(0.0, milliseconds)
        };
        Self {
            mean: milliseconds(sorted.iter().sum()) / count,
            p50: rank(50),
            p95: rank(95),
            p99: rank(99),
        }
    }
}

/// How many services the searches match.
#[derive(Clone, Debug, Default)]
pub struct Matches(Vec<u64>);

impl Matches {
    /// Adds a search.
    pub fn add(&mut self, total: u64) {
        let place = self.0.partition_point(|known| *known < total);
        self.0.insert(place, total);
    }

    /// How many searches there are.
    #[must_use]
    pub fn number(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for Matches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = u64::try_from(self.0.len().max(1)).unwrap_or(1);
        let at = |percent: usize| {
            let place = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
            self.0.get(place).copied().unwrap_or(0)
        };
        let none = self.0.partition_point(|total| *total == 0);
        write!(
            f,
            "services that match: mean {}, median {}, p95 {}, most {}; {none} searches match none",
            self.0.iter().sum::<u64>() / number,
            at(50),
            at(95),
            at(100)
        )
    }
}

/// A time in milliseconds.
#[must_use]
pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_nearest_rank() {
        let mut figures = Figures::default();
        for ms in (1..=200).rev() {
            let time = Duration::from_millis(ms);
            figures.add(Cost {
                cpu: time,
                wall: time,
            });
        }

        let spread = figures.cpu();

        let expected = (100.5, 100.0, 190.0, 198.0);
        assert_eq!((spread.mean, spread.p50, spread.p95, spread.p99), expected);
    }
}
