//! How long many things took, in a few numbers.

use std::time::Duration;

/// Durations in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Times(Vec<Duration>);

impl Times {
    pub(super) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// How many there are.
    pub(super) fn number(&self) -> usize {
        self.0.len()
    }

    /// So many of a hundred are at or below it (nearest rank). Unit: seconds.
    pub(super) fn seconds(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).max(1) - 1;
        self.0.get(rank).map_or(0.0, Duration::as_secs_f64)
    }

    /// The same in milliseconds.
    pub(super) fn milliseconds(&self, percent: usize) -> f64 {
        self.seconds(percent) * 1_000.0
    }
}

/// How many a second, when there were so many in that time.
pub(super) fn per_second(count: usize, time: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / time.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_nearest_rank() {
        let times = Times::of((1..=200).rev().map(Duration::from_millis).collect());

        let at = [50, 99, 100].map(|percent| format!("{:.0}", times.milliseconds(percent)));

        assert_eq!(at, ["100", "198", "200"]);
    }
}
