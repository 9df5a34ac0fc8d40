//! How much may be on its way to the directory: little at the beginning of a session, more as the link carries it.
//!
//! A link of 9,600 bit/s has to bring an acknowledgement before anybody takes it for dead, and a fast one is not
//! to wait for round trips. So a message is at most half of a window: two of them keep the link busy. The window
//! grows to four times what was acknowledged quickly, and falls to half when that took long. Pure.

use std::collections::VecDeque;
use std::time::Duration;

use super::cursor::BATCH_BYTES;

/// The window of a session that begins. Unit: bytes. At 9,600 bit/s that is 14 s.
const FIRST: usize = 16 << 10;
/// The largest: four full messages.
const MOST: usize = 4 * BATCH_BYTES;
/// How many times as much goes on its way as was acknowledged quickly.
const GROWTH: usize = 4;
/// What is quick, as a part of the time an acknowledgement may take.
const QUICK: u32 = 30;
/// What is slow.
const SLOW: u32 = 7;

/// What is on its way, and how much may be.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    quick: Duration,
    slow: Duration,
    window: usize,
    on_the_way: usize,
    sent: VecDeque<Sent>,
}

/// A message that was not acknowledged.
#[derive(Clone, Debug)]
struct Sent {
    /// The number of the last thing in it.
    last: u64,
    bytes: usize,
    /// What was on its way then, this message too.
    on_the_way: usize,
    at: Duration,
}

impl Pace {
    /// That of a session that begins.
    ///
    /// * `acknowledgement` — how long one may take.
    pub(super) fn new(acknowledgement: Duration) -> Self {
        Self {
            quick: acknowledgement / QUICK,
            slow: acknowledgement / SLOW,
            window: FIRST,
            on_the_way: 0,
            sent: VecDeque::new(),
        }
    }

    /// Whether another message may be sent.
    pub(super) fn has_room(&self) -> bool {
        self.on_the_way <= self.window / 2
    }

    /// The most bytes of a message.
    pub(super) fn largest(&self) -> usize {
        (self.window / 2).min(BATCH_BYTES)
    }

    /// A message is on its way. `last`: the number of the last thing in it.
    pub(super) fn sent(&mut self, last: u64, bytes: usize, now: Duration) {
        self.on_the_way += bytes;
        self.sent.push_back(Sent {
            last,
            bytes,
            on_the_way: self.on_the_way,
            at: now,
        });
    }

    /// Everything up to this number was acknowledged.
    pub(super) fn acknowledged(&mut self, last: u64, now: Duration) {
        while let Some(sent) = self.sent.pop_front_if(|sent| sent.last <= last) {
            self.on_the_way -= sent.bytes;
            let took = now.saturating_sub(sent.at);
            if took <= self.quick {
                self.window = (GROWTH * sent.on_the_way).clamp(self.window, MOST);
            } else if took > self.slow {
                self.window = (self.window / 2).max(FIRST);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How long an acknowledgement may take.
    const OWED: Duration = Duration::from_mins(1);

    /// A link with a sender that has always something to send, in things of one size.
    struct Link {
        pace: Pace,
        bytes_per_s: u64,
        /// There and back, when the link is empty.
        round_trip: Duration,
        thing: usize,
        now: Duration,
        /// When the link has carried what was sent.
        free_at: Duration,
        /// What comes back, and when.
        acks: VecDeque<(Duration, u64)>,
        count: u64,
        slowest: Duration,
    }

    impl Link {
        fn new(bytes_per_s: u32, round_trip: Duration, thing: usize) -> Self {
            Self {
                pace: Pace::new(OWED),
                bytes_per_s: bytes_per_s.into(),
                round_trip,
                thing,
                now: Duration::ZERO,
                free_at: Duration::ZERO,
                acks: VecDeque::new(),
                count: 0,
                slowest: Duration::ZERO,
            }
        }

        fn send(&mut self) {
            while self.pace.has_room() {
                let things = (self.pace.largest() / self.thing).max(1);
                let bytes = things * self.thing;
                self.count += things as u64;
                self.pace.sent(self.count, bytes, self.now);
                let micros = bytes as u64 * 1_000_000 / self.bytes_per_s;
                self.free_at = self.free_at.max(self.now) + Duration::from_micros(micros);
                let back_at = self.free_at + self.round_trip;
                self.slowest = self.slowest.max(back_at.saturating_sub(self.now));
                self.acks.push_back((back_at, self.count));
            }
        }

        fn hear(&mut self) {
            let (at, last) = self.acks.pop_front().unwrap();
            self.now = at;
            self.pace.acknowledged(last, at);
        }

        /// Sends so much in all.
        fn carry(&mut self, bytes: u64) {
            while self.count * (self.thing as u64) < bytes {
                self.send();
                self.hear();
            }
        }
    }

    proptest! {
        /// Whoever takes a link for dead after 36 s of silence never does so here.
        #[test]
        fn a_steady_link_is_never_silent_for_long(
            bytes_per_s in 1_200_u32..2_000_000,
            round_trip_ms in 0_u64..1_500,
            thing in 100_usize..4_000,
        ) {
            let round_trip = Duration::from_millis(round_trip_ms);
            let mut link = Link::new(bytes_per_s, round_trip, thing);

            link.carry(3_000_000);

            prop_assert!(link.slowest <= Duration::from_secs(17) + round_trip, "{:?}", link.slowest);
        }

        /// Small steps at the beginning cost a slow link nothing, and a distant one little.
        #[test]
        fn a_link_is_kept_busy(
            bytes_per_s in 1_200_u32..1_000_000,
            round_trip_ms in 0_u64..300,
        ) {
            let round_trip = Duration::from_millis(round_trip_ms);
            let mut link = Link::new(bytes_per_s, round_trip, 1_000);

            link.carry(3_000_000);

            let alone = Duration::from_secs_f64(3_000_000.0 / f64::from(bytes_per_s));
            let more = link.now.saturating_sub(alone);
            prop_assert!(more <= 10 * round_trip + alone / 20, "{more:?} more than {alone:?}");
        }
    }

    #[test]
    fn a_fast_link_carries_full_messages_after_five_round_trips() {
        let round_trip = Duration::from_millis(100);
        let mut link = Link::new(u32::MAX, round_trip, 500);

        while link.pace.largest() < BATCH_BYTES {
            link.send();
            link.hear();
        }

        assert!(link.now < 6 * round_trip, "{:?}", link.now);
    }

    #[test]
    fn a_link_that_has_become_slow_gets_less_and_a_little_at_least() {
        let mut pace = Pace::new(OWED);
        let before = pace.largest();
        pace.sent(1, 4 * before, Duration::ZERO);
        pace.acknowledged(1, Duration::from_secs(1));
        let grown = pace.largest();

        pace.sent(2, grown, Duration::from_secs(1));
        pace.acknowledged(2, Duration::from_secs(11));
        let fallen = pace.largest();
        for n in 3..20 {
            let sent = Duration::from_secs(20 * n);
            pace.sent(n, before, sent);
            pace.acknowledged(n, sent + Duration::from_secs(19));
        }

        assert_eq!((grown, fallen), (8 * before, 4 * before));
        assert_eq!((pace.largest(), pace.on_the_way), (before, 0));
    }

    #[test]
    fn what_is_small_says_nothing_of_what_is_large() {
        let mut pace = Pace::new(OWED);
        let before = pace.largest();

        for n in 1..100 {
            pace.sent(n, 300, Duration::from_secs(n));
            pace.acknowledged(n, Duration::from_secs(n));
        }

        assert_eq!(pace.largest(), before);
    }
}
