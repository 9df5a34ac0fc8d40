//! A report as the directory holds it: age and time to live fixed at receipt.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::capacity::{Believed, Report, State, Stated, Ttl};
use crate::federation::Epoch;

/// The place of a report in its agency's stream: newer is greater. Never a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Order {
    /// The epoch it was sent in.
    pub epoch: Epoch,
    /// Its counter within the epoch, from 1, gaps allowed.
    pub cseq: u64,
}

/// A report the directory has accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// What the agency said.
    pub report: Report,
    /// Its place in the agency's stream.
    pub order: Order,
    /// When somebody knew this, in whole seconds: never later than the directory's receipt.
    pub observed_at: Timestamp,
    /// How long it is believed.
    pub ttl: Ttl,
    /// True when the directory was restored from a backup since: what the agency reported after that backup
    /// is not known until it sends its reports again, so this one counts as stale.
    pub before_restore: bool,
}

impl Held {
    /// Takes a report in at `received_at`. The observation time is clamped to the receipt and cut to
    /// whole seconds, so that every copy of it is the same; the time to live is clamped to `longest` (from [`crate::capacity::ttl_for`]).
    #[must_use]
    pub fn receive(report: Report, order: Order, longest: Ttl, received_at: Timestamp) -> Self {
        let observed_at = whole_seconds(report.said().observed_at.min(received_at));
        let ttl = report.said().ttl.map_or(longest, |ttl| ttl.min(longest));
        Self {
            report,
            order,
            observed_at,
            ttl,
            before_restore: false,
        }
    }

    /// The report as a directory of this generation sees it: one that was recorded under an earlier generation
    /// is from before a restore.
    #[must_use]
    pub fn in_generation(self, generation: u64) -> Self {
        Self {
            before_restore: self.order.epoch.generation < generation,
            ..self
        }
    }

    /// The state at `now`, as [`Believed::state_at`] says.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> State {
        let believed = Believed {
            stated: self.report.said().state,
            changes_at: self.changes_at(),
            expires_at: self.expires_at(),
            before_restore: self.before_restore,
        };
        believed.state_at(now)
    }

    /// When a paused, closed or window service was to change, if it said. A day begins at midnight
    /// UTC: the agency's own midnight is up to 14 hours off, and early is the safe side.
    #[must_use]
    pub fn changes_at(&self) -> Option<Timestamp> {
        let said = self.report.said();
        if !matches!(said.state, Stated::Paused | Stated::Closed | Stated::Window) {
            return None;
        }
        let reopens = said
            .reopens_at
            .and_then(|day| day.to_zoned(TimeZone::UTC).ok());
        let reopens = reopens.map(|midnight| midnight.timestamp());
        match (reopens, said.opens_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// When it becomes stale; never for closed and unknown. A report from before a restore was never
    /// fresh.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        match self.report.said().state {
            Stated::Closed | Stated::Unknown => None,
            _ if self.before_restore => Some(self.observed_at),
            _ => Some(
                self.observed_at
                    .saturating_add(self.ttl.duration())
                    .unwrap_or(Timestamp::MAX),
            ),
        }
    }
}

/// The last whole second at or before `at`; the first there is stays itself.
fn whole_seconds(at: Timestamp) -> Timestamp {
    let seconds = at.as_nanosecond().div_euclid(1_000_000_000);
    let floor = i64::try_from(seconds).map(Timestamp::from_second);
    floor.ok().and_then(Result::ok).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::{Draft, Source};
    use crate::id::LocalId;
    use jiff::SignedDuration;
    use jiff::civil::date;

    fn held(state: Stated, change: impl FnOnce(&mut Draft)) -> Held {
        let observed_at: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
        let mut draft = Draft {
            service: LocalId::from_source("s"),
            location: None,
            state,
            counts: vec![],
            waitlist_count: None,
            wait_band: None,
            opens_at: None,
            reopens_at: None,
            observed_at,
            ttl: None,
            source: Source::Person,
            note: None,
        };
        change(&mut draft);
        let order = Order {
            epoch: Epoch {
                generation: 1,
                number: 1,
            },
            cseq: 1,
        };
        let report = Report::parse(draft, observed_at).unwrap();
        Held::receive(report, order, Ttl::clamped(86_400), observed_at)
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_report_is_stale_only_after_its_time_to_live() {
        let open = held(Stated::Open, |_| ());

        assert_eq!(open.state_at(at("2026-05-02T12:00:00Z")), State::Open);
        assert_eq!(open.state_at(at("2026-05-02T12:00:01Z")), State::Stale);
    }

    #[test]
    fn closed_never_becomes_stale_but_past_its_reopening_it_is_unknown() {
        let closed = held(Stated::Closed, |draft| {
            draft.reopens_at = Some(date(2026, 9, 1));
        });

        assert_eq!(closed.state_at(at("2026-08-31T23:59:59Z")), State::Closed);
        assert_eq!(closed.state_at(at("2026-09-01T00:00:00Z")), State::Unknown);
    }

    #[test]
    fn a_report_may_ask_to_be_believed_for_less_time_never_more() {
        let less = held(Stated::Open, |draft| draft.ttl = Some(Ttl::clamped(60)));
        let more = held(Stated::Open, |draft| draft.ttl = Some(Ttl::LONGEST));

        assert_eq!(less.ttl.seconds(), 60);
        assert_eq!(more.ttl.seconds(), 86_400);
    }

    #[test]
    fn an_observation_from_the_future_counts_from_its_receipt() {
        let ahead = held(Stated::Open, |draft| {
            draft.observed_at += SignedDuration::from_hours(2);
        });

        assert_eq!(ahead.observed_at, at("2026-05-01T12:00:00Z"));
    }

    #[test]
    fn after_a_restore_a_report_is_stale_until_it_is_sent_again_and_closed_stays_closed() {
        let now = at("2026-05-01T12:00:00Z");
        let states = [Stated::Open, Stated::Waitlist, Stated::Closed];
        let seen = |generation| {
            states.map(|state| {
                let held = held(state, |_| ()).in_generation(generation);
                (held.state_at(now), held.before_restore)
            })
        };

        let restored = [State::Stale, State::Stale, State::Closed];
        assert_eq!(seen(2), restored.map(|state| (state, true)));
        assert_eq!(seen(1), states.map(|state| (state.into(), false)));
    }

    #[test]
    fn after_a_restore_a_report_past_its_reopening_is_unknown_as_before() {
        let closed = held(Stated::Closed, |draft| {
            draft.reopens_at = Some(date(2026, 9, 1));
        });

        let closed = closed.in_generation(2);

        assert_eq!(closed.state_at(at("2026-09-01T00:00:00Z")), State::Unknown);
    }

    #[test]
    fn an_observation_counts_from_its_whole_second() {
        let precise = held(Stated::Open, |draft| {
            draft.observed_at = at("2026-05-01T11:59:58.999999999Z");
        });

        assert_eq!(precise.observed_at, at("2026-05-01T11:59:58Z"));
        assert_eq!(
            whole_seconds(at("1969-12-31T23:59:58.5Z")),
            at("1969-12-31T23:59:58Z")
        );
    }
}
