//! How long to wait before the next try: full jitter, so that many nodes do not come back at once (R18).
//!
//! Source: Brooker 2015, "Exponential Backoff and Jitter", and the factor 1.6 of gRPC's connection
//! back-off.

use std::time::Duration;

use rand::{Rng, RngExt};

/// The longest a directory's own wish may make the first wait.
const LONGEST_HINT: Duration = Duration::from_secs(30);
/// By how much the ceiling grows with each try.
const FACTOR: f64 = 1.6;

/// The waits between tries.
#[derive(Clone, Debug)]
pub struct BackOff {
    base: Duration,
    limit: Duration,
    tries: i32,
}

impl BackOff {
    /// Waits of up to `base` at first, growing to `limit`.
    #[must_use]
    pub fn new(base: Duration, limit: Duration) -> Self {
        Self {
            base,
            limit,
            tries: 0,
        }
    }

    /// Begins again, after the directory has said welcome.
    pub fn reset(&mut self) {
        self.tries = 0;
    }

    /// From now on the longest waits: another try will hardly help.
    pub fn lengthen(&mut self) {
        self.tries = i32::from(u8::MAX);
    }

    /// The next wait: between 0 and a ceiling, evenly.
    ///
    /// * `hint` — how long the directory asked to wait.
    pub fn next(&mut self, hint: Option<Duration>, rng: &mut impl Rng) -> Duration {
        let ceiling = match hint {
            Some(hint) if self.tries == 0 => hint.min(LONGEST_HINT),
            _ => self.ceiling(),
        };
        self.tries = self.tries.saturating_add(1);
        ceiling.mul_f64(rng.random_range(0.0..=1.0))
    }

    fn ceiling(&self) -> Duration {
        let grown = self.base.as_secs_f64() * FACTOR.powi(self.tries);
        Duration::from_secs_f64(grown.min(self.limit.as_secs_f64()))
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const LIMIT: Duration = Duration::from_mins(2);

    #[test]
    fn waits_stay_below_a_ceiling_that_grows_to_its_limit() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut back_off = BackOff::new(SECOND, LIMIT);

        let waits: Vec<Duration> = (0..500).map(|_| back_off.next(None, &mut rng)).collect();

        assert!(waits[0] <= SECOND);
        assert!(waits[1] <= SECOND.mul_f64(1.6));
        assert!(waits.iter().all(|wait| *wait <= LIMIT));
        assert!(waits.iter().any(|wait| *wait > LIMIT / 2));
        assert!(
            waits[20..].iter().any(|wait| *wait < LIMIT / 10),
            "full jitter begins at zero"
        );
    }

    #[test]
    fn the_first_wait_follows_the_directorys_wish_up_to_30_s() {
        let mut rng = StdRng::seed_from_u64(1);
        for _ in 0..100 {
            let mut back_off = BackOff::new(SECOND, LIMIT);
            assert!(back_off.next(Some(LIMIT), &mut rng) <= LONGEST_HINT);
        }
    }

    #[test]
    fn a_welcome_begins_the_waits_again() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut back_off = BackOff::new(SECOND, LIMIT);
        back_off.lengthen();
        back_off.reset();

        assert!(back_off.next(None, &mut rng) <= SECOND);
    }
}
