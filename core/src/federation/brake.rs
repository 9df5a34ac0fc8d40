//! The brake on deletions: many within an hour wait for a second person (R9).

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

/// How far back deletions count.
const WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// Deletions within the window that are always let through.
const ALWAYS: usize = 10;
/// The share of an agency's records that may be deleted within the window: one in this many.
const ONE_IN: usize = 5;

/// Deletions of one agency within the last hour, and how many more a second person has allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brake {
    /// When they were received, oldest first.
    pub recent: VecDeque<Timestamp>,
    /// How many may be deleted beyond the limit.
    pub allowed: u64,
}

impl Brake {
    /// Whether one more deletion has to wait: more than 10, and more than a fifth of the records there
    /// were an hour ago.
    ///
    /// * `live` — records of the agency that are not withdrawn.
    #[must_use]
    pub fn holds(&self, now: Timestamp, live: usize) -> bool {
        let deleted = self.within(now);
        let limit = ((live + deleted) / ONE_IN).max(ALWAYS);
        deleted >= limit && self.allowed == 0
    }

    /// Counts a deletion that was let through.
    ///
    /// * `live` — records of the agency that were not withdrawn before it.
    pub fn count(&mut self, now: Timestamp, live: usize) {
        let deleted = self.within(now);
        if deleted >= ((live + deleted) / ONE_IN).max(ALWAYS) {
            self.allowed = self.allowed.saturating_sub(1);
        }
        while self.recent.front().is_some_and(|at| !is_recent(*at, now)) {
            self.recent.pop_front();
        }
        self.recent.push_back(now);
    }

    /// A second person lets this many more through.
    pub fn allow(&mut self, more: u64) {
        self.allowed = self.allowed.saturating_add(more);
    }

    fn within(&self, now: Timestamp) -> usize {
        self.recent.iter().filter(|at| is_recent(**at, now)).count()
    }
}

fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) < WINDOW
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_777_000_000 + 60 * minute).unwrap()
    }

    /// Deletes until the brake holds.
    fn let_through(brake: &mut Brake, mut live: usize, minute: i64) -> usize {
        let before = live;
        while live > 0 && !brake.holds(at(minute), live) {
            brake.count(at(minute), live);
            live -= 1;
        }
        before - live
    }

    #[test]
    fn ten_or_a_fifth_an_hour_go_through() {
        assert_eq!(let_through(&mut Brake::default(), 30, 0), 10);
        assert_eq!(let_through(&mut Brake::default(), 1_000, 0), 200);
        assert_eq!(let_through(&mut Brake::default(), 8, 0), 8);
    }

    #[test]
    fn the_hour_passes() {
        let mut brake = Brake::default();
        let_through(&mut brake, 100, 0);
        assert_eq!(let_through(&mut brake, 80, 59), 0);
        assert_eq!(let_through(&mut brake, 80, 60), 16);
    }

    #[test]
    fn a_second_person_lets_so_many_more_through() {
        let mut brake = Brake::default();
        let_through(&mut brake, 100, 0);
        brake.allow(7);
        assert_eq!(let_through(&mut brake, 80, 1), 7);
    }
}
