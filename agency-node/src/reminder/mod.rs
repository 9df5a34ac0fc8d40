//! Before a report goes stale, the people who can confirm it are told.
//!
//! [`Expiring`] is a report and when it goes stale; [`lead`] says how long before that it is time to tell. The
//! command line tells whenever it is time ([`line`]); a message goes out at office hours, groups what there is,
//! and speaks of each report once ([`due`]). Nothing here reads a clock, sends or stores; nothing here knows
//! anything about clients, only services, their ids and when.

mod ageing;
mod differing;
mod told;
mod words;

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::Ttl;

use crate::outbox::ReportKey;

pub use ageing::{AgeingTold, ageing_letter, ageing_line};
pub use differing::{Differing, alarm};
pub use referral_runtime::mail::Letter;
pub use told::Told;
pub use words::{letter, line, when};

/// The least time before a report goes stale in which it is told.
const LEAST: SignedDuration = SignedDuration::from_hours(2);
/// A message takes along what would be told within this time anyway.
const TOGETHER: SignedDuration = SignedDuration::from_hours(1);
/// The most services or differences a letter lists.
const LISTED: usize = 50;
/// The hours of the day in which messages may be sent, by the agency's own clock.
const OFFICE_HOURS: std::ops::Range<i8> = 7..20;

/// A report and when it goes stale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiring {
    /// What it is about.
    pub about: ReportKey,
    /// The service's name.
    pub title: String,
    /// When somebody knew what it says.
    pub observed_at: Timestamp,
    /// How long it is believed.
    pub ttl: Ttl,
    /// When it goes stale, or did.
    pub stale_at: Timestamp,
}

/// How long before it goes stale a report is told: a quarter of its time to live and at least 2 hours. One
/// that lives for less than 4 hours is told in the second half of its life.
#[must_use]
pub fn lead(ttl: Ttl) -> SignedDuration {
    let life = ttl.duration();
    (life / 4).max(LEAST).min(life / 2)
}

impl Expiring {
    /// When it is time to tell.
    #[must_use]
    pub fn tell_at(&self) -> Timestamp {
        let at = self.stale_at.saturating_sub(lead(self.ttl));
        at.unwrap_or(Timestamp::MIN)
    }

    /// Whether it has gone stale.
    #[must_use]
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now > self.stale_at
    }
}

/// What a message at `now` has to speak of, the first to go stale first; nothing: no message now.
///
/// * `expiring` — reports that go stale or have gone stale.
/// * `told` — the observation time of each report that a message spoke of already.
/// * `zone` — the agency's time zone. Between 20:00 and 7:00 a message goes out only for what goes stale before
///   7:00.
#[must_use]
pub fn due<'a>(
    expiring: &'a [Expiring],
    told: &BTreeMap<ReportKey, Timestamp>,
    zone: &TimeZone,
    now: Timestamp,
) -> Vec<&'a Expiring> {
    let is_new = |one: &&Expiring| told.get(&one.about) != Some(&one.observed_at);
    let mut new: Vec<&Expiring> = expiring.iter().filter(is_new).collect();
    new.sort_by(|a, b| (a.stale_at, &a.about).cmp(&(b.stale_at, &b.about)));
    let opens = opening(zone, now);
    let speaks = |one: &&Expiring| {
        let night_over = opens.is_none_or(|opens| one.stale_at < opens && !one.is_stale(now));
        one.tell_at() <= now && night_over
    };
    if !new.iter().any(speaks) {
        return Vec::new();
    }
    let soon = now.saturating_add(TOGETHER).unwrap_or(Timestamp::MAX);
    new.retain(|one| one.tell_at() <= soon);
    new
}

/// When office hours begin again; `None` within them.
fn opening(zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let local = now.to_zoned(zone.clone());
    if OFFICE_HOURS.contains(&local.hour()) {
        return None;
    }
    let day = if local.hour() < OFFICE_HOURS.start {
        local.date()
    } else {
        local.date().tomorrow().unwrap_or(local.date())
    };
    let opens = day.at(OFFICE_HOURS.start, 0, 0, 0).to_zoned(zone.clone());
    opens.ok().map(|opens| opens.timestamp())
}

/// What a small file that remembers letters says; nothing where there is none.
fn kept(path: &Path) -> io::Result<String> {
    match fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use referral_core::id::LocalId;

    const HOUR: u32 = 3_600;

    pub(crate) fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    pub(crate) fn about(service: &str) -> ReportKey {
        ReportKey {
            service: LocalId::parse(service).unwrap(),
            location: None,
        }
    }

    pub(crate) fn expiring(service: &str, observed_at: &str, hours: u32) -> Expiring {
        let observed_at = at(observed_at);
        let ttl = Ttl::clamped(hours * HOUR);
        Expiring {
            about: about(service),
            title: format!("Service {service}"),
            observed_at,
            ttl,
            stale_at: observed_at + ttl.duration(),
        }
    }

    pub(crate) fn chicago() -> TimeZone {
        TimeZone::get("America/Chicago").unwrap()
    }

    /// The services a message at this time speaks of.
    fn told_at(all: &[Expiring], now: &str) -> Vec<String> {
        let due = due(all, &BTreeMap::new(), &chicago(), at(now));
        due.iter()
            .map(|one| one.about.service.to_string())
            .collect()
    }

    #[test]
    fn a_report_is_told_a_quarter_of_its_life_before_it_goes_stale_and_at_least_two_hours() {
        for (life, before) in [(30 * 24, 180), (24, 6), (6, 2), (4, 2), (2, 1)] {
            let hours = lead(Ttl::clamped(life * HOUR)).as_hours();
            assert_eq!(hours, i64::from(before), "{life} h");
        }
    }

    #[test]
    fn a_message_speaks_of_a_report_once_its_time_has_come_and_not_before() {
        // Stale at 14:00 in Chicago, told from 8:00 on.
        let beds = [expiring("beds", "2026-06-01T19:00:00Z", 24)];

        assert_eq!(told_at(&beds, "2026-06-02T12:59:59Z"), Vec::<String>::new());
        assert_eq!(told_at(&beds, "2026-06-02T13:00:00Z"), ["beds"]);
    }

    #[test]
    fn each_report_is_spoken_of_once_and_a_newer_one_again() {
        let beds = [expiring("beds", "2026-06-01T19:00:00Z", 24)];
        let now = at("2026-06-02T15:00:00Z");
        let spoken = |observed: &str| {
            let told = BTreeMap::from([(about("beds"), at(observed))]);
            due(&beds, &told, &chicago(), now).len()
        };

        assert_eq!(spoken("2026-06-01T19:00:00Z"), 0);
        assert_eq!(spoken("2026-05-31T19:00:00Z"), 1);
    }

    #[test]
    fn at_night_a_message_goes_out_only_for_what_goes_stale_before_seven() {
        // Told from 22:00 on: stale at 4:00 and at 8:00 in Chicago.
        let early = expiring("early", "2026-06-02T09:00:00Z", 24);
        let late = expiring("late", "2026-06-02T13:00:00Z", 24);

        let (night, seven) = ("2026-06-03T06:00:00Z", "2026-06-03T12:00:00Z");
        assert_eq!(
            told_at(std::slice::from_ref(&late), night),
            Vec::<String>::new()
        );
        assert_eq!(told_at(std::slice::from_ref(&late), seven), ["late"]);
        assert_eq!(told_at(&[late, early], night), ["early", "late"]);
    }

    #[test]
    fn one_message_takes_along_what_is_told_within_the_hour() {
        let all = [
            expiring("later", "2026-06-01T21:30:00Z", 24),
            expiring("second", "2026-06-01T19:50:00Z", 24),
            expiring("first", "2026-06-01T19:00:00Z", 24),
        ];

        assert_eq!(told_at(&all, "2026-06-02T13:00:00Z"), ["first", "second"]);
    }

    #[test]
    fn what_went_stale_unseen_is_told_in_the_next_office_hours() {
        let beds = [expiring("beds", "2026-05-29T19:00:00Z", 24)];

        assert_eq!(told_at(&beds, "2026-06-01T04:00:00Z"), Vec::<String>::new());
        assert_eq!(told_at(&beds, "2026-06-01T13:00:00Z"), ["beds"]);
    }

    proptest! {
        // Each case is three weeks.
        #![proptest_config(ProptestConfig::with_cases(16))]

        /// Whoever looks every 15 minutes and tells what is due tells every report exactly once, before it goes
        /// stale, and by night only what would be stale in the morning.
        #[test]
        fn every_report_is_told_once_and_in_time(
            reports in proptest::collection::vec((0..48 * 60u32, 4..400u32), 1..12),
        ) {
            let start = at("2026-06-01T00:00:00Z");
            let all: Vec<Expiring> = reports.iter().enumerate().map(|(n, (minute, hours))| {
                let observed_at = start + SignedDuration::from_mins(i64::from(*minute));
                let mut one = expiring(&format!("s{n}"), "2026-06-01T00:00:00Z", *hours);
                one.observed_at = observed_at;
                one.stale_at = observed_at + one.ttl.duration();
                one
            }).collect();
            let (mut told, zone) = (BTreeMap::new(), chicago());
            let mut now = start;
            for _ in 0..(20 * 24 * 4) {
                for one in due(&all, &told.clone(), &zone, now) {
                    prop_assert!(now <= one.stale_at, "{one:?} is told at {now}");
                    prop_assert_eq!(told.insert(one.about.clone(), one.observed_at), None);
                }
                now += SignedDuration::from_mins(15);
            }
            prop_assert_eq!(told.len(), all.len());
        }
    }
}
