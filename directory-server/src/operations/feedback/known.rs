//! What is known of outcomes, folded from what was said: of today by person, of this week by organization, of earlier
//! weeks as votes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use referral_core::feedback::{Closed, Figure, KEPT, Outcome, Outcomes};
use referral_core::id::RecordKey;
use referral_core::tally::Week;

use super::names::Pseudonym;

/// What is known of outcomes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Known {
    /// The last day that began here; everything in `today` was said on it.
    pub(super) day: Option<Date>,
    /// By service and person: whose people they are, and what they said last.
    pub(super) today: BTreeMap<(RecordKey, Pseudonym), (Pseudonym, Outcome)>,
    /// Earlier days of the same week, by service and organization.
    pub(super) earlier: BTreeMap<(RecordKey, Pseudonym), Outcomes>,
    /// Weeks that are over.
    pub(super) over: BTreeMap<(RecordKey, Week), Closed>,
}

/// A week that has just ended: its last moment with organizations in it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ended {
    pub(super) week: Week,
    pub(super) said: Vec<(RecordKey, Pseudonym, Outcomes)>,
}

/// The day of a moment, UTC.
pub(super) fn day_of(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

impl Known {
    /// Begins a day: who said what the day before is forgotten, and in a new week which organizations did.
    pub(super) fn begin(&mut self, day: Date) -> Option<Ended> {
        let before = self.day.filter(|before| *before < day);
        if self.day.is_some() && before.is_none() {
            return None;
        }
        self.day = Some(day);
        let before = before?;
        for ((service, _), (organization, outcome)) in std::mem::take(&mut self.today) {
            let entry = self.earlier.entry((service, organization)).or_default();
            entry.add(outcome);
        }
        let week = week_of(before);
        if week_of(day) == week {
            return None;
        }
        let said = std::mem::take(&mut self.earlier).into_iter();
        let said: Vec<_> = said
            .map(|((service, organization), outcomes)| (service, organization, outcomes))
            .collect();
        self.close(week, &said);
        let now = midnight(day);
        self.over
            .retain(|(_, week), _| age(*week, now).is_some_and(|age| age < KEPT));
        Some(Ended { week, said })
    }

    /// What somebody says now of a service; none: they take back what they said today.
    pub(super) fn say(
        &mut self,
        service: &RecordKey,
        person: Pseudonym,
        organization: Pseudonym,
        outcome: Option<Outcome>,
    ) {
        let key = (service.clone(), person);
        match outcome {
            Some(outcome) => drop(self.today.insert(key, (organization, outcome))),
            None => drop(self.today.remove(&key)),
        }
    }

    /// The figures of weeks that are over, of every service that has one.
    pub(super) fn figures(&self) -> BTreeMap<RecordKey, Figure> {
        let Some(now) = self.day.map(midnight) else {
            return BTreeMap::new();
        };
        let mut weeks: BTreeMap<&RecordKey, Vec<(u32, Closed)>> = BTreeMap::new();
        for ((service, week), closed) in &self.over {
            if let Some(age) = age(*week, now) {
                weeks.entry(service).or_default().push((age, *closed));
            }
        }
        let figures = weeks
            .into_iter()
            .filter_map(|(service, weeks)| Some((service.clone(), Figure::of(weeks)?)));
        figures.collect()
    }

    fn close(&mut self, week: Week, said: &[(RecordKey, Pseudonym, Outcomes)]) {
        let mut by_service: BTreeMap<&RecordKey, Vec<Outcomes>> = BTreeMap::new();
        for (service, _, outcomes) in said {
            by_service.entry(service).or_default().push(*outcomes);
        }
        for (service, outcomes) in by_service {
            let closed = Closed::of(outcomes);
            if closed.reports > 0 {
                self.over.insert((service.clone(), week), closed);
            }
        }
    }
}

/// Whole weeks between a week that is over and the one that ended last; none: it is not over.
fn age(week: Week, now: Timestamp) -> Option<u32> {
    u32::try_from(week.days_since(now) - 1)
        .ok()
        .map(|days| days / 7)
}

fn week_of(day: Date) -> Week {
    Week::of(midnight(day))
}

fn midnight(day: Date) -> Timestamp {
    let zoned = day.to_zoned(TimeZone::UTC);
    zoned.map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use referral_core::id::{AgencyId, Kind, LocalId};

    use super::*;

    fn service() -> RecordKey {
        RecordKey {
            agency: AgencyId::parse("harbor").unwrap(),
            kind: Kind::Service,
            id: LocalId::parse("a").unwrap(),
        }
    }

    fn name(number: u8) -> Pseudonym {
        Pseudonym([number; 16])
    }

    fn known_on(day: &str) -> Known {
        let mut known = Known::default();
        known.begin(day.parse().unwrap());
        known
    }

    #[test]
    fn a_second_tap_replaces_the_first_and_can_be_taken_back() {
        let mut known = known_on("2026-11-18");
        let say = |known: &mut Known, outcome| known.say(&service(), name(1), name(9), outcome);
        say(&mut known, Some(Outcome::Full));
        say(&mut known, Some(Outcome::Accepted));
        assert_eq!(known.today.len(), 1);
        assert_eq!(known.today[&(service(), name(1))].1, Outcome::Accepted);

        say(&mut known, None);

        assert_eq!(known.today.len(), 0);
    }

    #[test]
    fn after_the_day_nobody_is_left_and_after_the_week_no_organization() {
        let mut known = known_on("2026-11-21");
        for person in 0..3 {
            known.say(&service(), name(person), name(9), Some(Outcome::Full));
        }

        assert_eq!(known.begin("2026-11-22".parse().unwrap()), None);
        assert_eq!(known.today.len(), 0);
        let expected = Outcomes::from_numbers([0, 3, 0, 0]);
        assert_eq!(known.earlier[&(service(), name(9))], expected);

        let ended = known.begin("2026-11-23".parse().unwrap()).unwrap();
        assert_eq!(ended.week, Week::parse("2026-W47").unwrap());
        assert_eq!(ended.said, [(service(), name(9), expected)]);
        assert_eq!(known.earlier.len(), 0);
        let closed = known.over[&(service(), ended.week)];
        assert_eq!((closed.votes.organizations, closed.reports), (1, 3));
    }

    #[test]
    fn a_clock_that_goes_back_begins_no_day() {
        let mut known = known_on("2026-11-23");
        let before = known.clone();

        assert_eq!(known.begin("2026-11-22".parse().unwrap()), None);
        assert_eq!(known, before);
    }

    #[test]
    fn a_figure_comes_with_the_monday_and_goes_after_thirteen_weeks() {
        let mut known = known_on("2026-11-18");
        for number in 0..20 {
            known.say(&service(), name(number), name(number), Some(Outcome::Full));
        }
        assert!(known.figures().is_empty());

        known.begin("2026-11-23".parse().unwrap());
        let figure = known.figures()[&service()];
        assert_eq!(figure.precision.hundredths(), 27);

        known.begin("2027-02-22".parse().unwrap());
        assert!(known.figures().is_empty());
        assert!(known.over.is_empty());
    }
}
