//! A clock that does not follow the machine's when that jumps (R20).
//!
//! [`WatchedClock`] looks at the wall clock and at the clock that nobody can set whenever it is asked, so that
//! no jump gets past it. Something should ask it every few seconds, so that a slow drift is told from a jump.
//! What is believed is decided in [`ClockWatch`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use referral_core::federation::{ClockWatch, Suspicion};
use tracing::{error, info};

use crate::clock::Clock;

/// Two readings further apart than this do not belong together.
const ONE_MOMENT: Duration = Duration::from_secs(1);
/// How often readings are taken again that do not belong together.
const TRIES: usize = 8;

/// The machine's clock, for as long as it can be believed.
#[derive(Debug)]
pub struct WatchedClock {
    machine: Arc<dyn Clock>,
    watch: Mutex<ClockWatch>,
}

impl WatchedClock {
    /// Watches this clock from now on.
    #[must_use]
    pub fn new(machine: Arc<dyn Clock>) -> Self {
        let (wall, elapsed) = read(&*machine);
        Self {
            watch: Mutex::new(ClockWatch::start(wall, elapsed)),
            machine,
        }
    }

    /// Takes into account that it has been `known` before: see [`ClockWatch::not_before`].
    pub fn not_before(&self, known: Timestamp) {
        let mut watch = self.watch();
        let before = watch.suspicion();
        watch.not_before(known);
        tell(before, watch.suspicion());
    }

    /// Why the machine's time of day is not believed; `None` while it is.
    #[must_use]
    pub fn suspicion(&self) -> Option<Suspicion> {
        self.look();
        self.watch().suspicion()
    }

    /// An operator has looked: the machine's time of day is right as it is now. Gives that time.
    pub fn confirm(&self) -> Timestamp {
        let mut watch = self.watch();
        let (wall, elapsed) = read(&*self.machine);
        watch.confirm(wall, elapsed);
        info!("the machine's clock was confirmed: it is {wall}");
        wall
    }

    fn look(&self) -> Timestamp {
        let mut watch = self.watch();
        let (wall, elapsed) = read(&*self.machine);
        let before = watch.suspicion();
        let now = watch.look(wall, elapsed);
        tell(before, watch.suspicion());
        now
    }

    fn watch(&self) -> MutexGuard<'_, ClockWatch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for WatchedClock {
    /// The time that is trusted: the machine's, or, while that is not believed, the last one that was with
    /// the time that has passed since.
    fn now(&self) -> Timestamp {
        self.look()
    }

    fn elapsed(&self) -> Duration {
        self.machine.elapsed()
    }
}

/// Both readings of one moment: a process that was held up between them would see a jump that is none.
fn read(machine: &dyn Clock) -> (Timestamp, Duration) {
    let mut before = machine.elapsed();
    for _ in 1..TRIES {
        let wall = machine.now();
        let after = machine.elapsed();
        if after.saturating_sub(before) < ONE_MOMENT {
            return (wall, after);
        }
        before = after;
    }
    (machine.now(), machine.elapsed())
}

fn tell(before: Option<Suspicion>, now: Option<Suspicion>) {
    if let (None, Some(Suspicion { ahead, .. })) = (before, now) {
        let (by, direction) = match ahead.as_secs() {
            behind @ ..0 => (behind.unsigned_abs(), "back"),
            ahead => (ahead.unsigned_abs(), "forward"),
        };
        let by = SignedDuration::from_secs(i64::try_from(by).unwrap_or(i64::MAX));
        error!(
            error.type = "clock_suspect",
            "the machine's clock went {direction} by {by:#}: it is not believed until somebody has looked \
             and confirms it"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    const NOON: Timestamp = Timestamp::constant(1_780_315_200, 0);

    #[test]
    fn a_jump_is_not_followed_until_it_is_confirmed() {
        let machine = Arc::new(ManualClock::new(NOON));
        let clock = WatchedClock::new(machine.clone());
        machine.jump(SignedDuration::from_hours(48));
        machine.advance(Duration::from_mins(1));
        assert_eq!(clock.now(), NOON + SignedDuration::from_mins(1));
        assert_eq!(clock.suspicion().unwrap().ahead.as_hours(), 48);

        assert_eq!(clock.confirm(), machine.now());

        assert_eq!((clock.now(), clock.suspicion()), (machine.now(), None));
    }

    #[test]
    fn time_that_passes_unseen_is_no_jump() {
        let machine = Arc::new(ManualClock::new(NOON));
        let clock = WatchedClock::new(machine.clone());

        machine.advance(Duration::from_hours(1_000));

        assert_eq!((clock.now(), clock.suspicion()), (machine.now(), None));
    }
}
