//! Services that grow old, told by letter: once when they are five months old, once when searches show them as old, and
//! once when searches do not find them any more.
//!
//! A small file keeps of what a letter spoke, so that a daemon that starts again does not tell it again. Losing it
//! costs one letter too many.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use referral_core::id::LocalId;
use referral_runtime::data_dir::write_secret;
use referral_runtime::mail::Letter;
use referral_runtime::texts::Value;

use super::{LISTED, kept, opening};
use crate::operations::{Age, AgeingCounts, Unsaid};
use crate::{say, tell};

/// The file's name in the data directory.
const FILE: &str = "ageing_told";
/// A letter about what grew old goes out only when the last one is so long ago: services of one agency are rarely of
/// one day.
const APART: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What letters spoke of.
#[derive(Debug)]
pub struct AgeingTold {
    path: PathBuf,
    last: Option<Timestamp>,
    told: BTreeMap<LocalId, Age>,
}

impl AgeingTold {
    /// What the file in a data directory says; a line that says nothing is left out.
    ///
    /// # Errors
    /// When there is a file and it cannot be read.
    pub fn open(data: &Path) -> io::Result<Self> {
        let path = data.join(FILE);
        let text = kept(&path)?;
        let mut lines = text.lines();
        let last = lines.next().and_then(|line| line.parse().ok());
        let told = lines.filter_map(read).collect();
        Ok(Self { path, last, told })
    }

    /// What a letter has to speak of now: in office hours, at most once a week, and of no service twice at one age.
    #[must_use]
    pub fn due<'a>(
        &self,
        unsaid: &'a [Unsaid],
        zone: &TimeZone,
        now: Timestamp,
    ) -> Vec<&'a Unsaid> {
        let waits = |last| now.duration_since(last) < APART;
        if self.last.is_some_and(waits) || opening(zone, now).is_some() {
            return Vec::new();
        }
        let is_new = |one: &&Unsaid| {
            let told = self.told.get(&one.service);
            told.is_none_or(|told| *told < Age::of(one.said_at, now))
        };
        unsaid.iter().filter(is_new).collect()
    }

    /// Keeps that a letter spoke of these at `now`, and forgets what is not `unsaid` any more.
    ///
    /// # Errors
    /// When the file cannot be written; it is remembered in memory all the same.
    pub fn keep(&mut self, told: &[Unsaid], unsaid: &[Unsaid], now: Timestamp) -> io::Result<()> {
        self.last = Some(now);
        for one in told {
            let age = Age::of(one.said_at, now);
            self.told.insert(one.service.clone(), age);
        }
        let current: std::collections::BTreeSet<_> =
            unsaid.iter().map(|one| &one.service).collect();
        self.told.retain(|service, _| current.contains(service));
        let mut text = format!("{now}\n");
        for (service, age) in &self.told {
            let _infallible = writeln!(text, "{service} {}", code(*age));
        }
        write_secret(&self.path, text.as_bytes())
    }
}

/// What `status` says of services that grow old; `None`: there are none.
#[must_use]
pub fn ageing_line(counts: &AgeingCounts, zone: &TimeZone) -> Option<String> {
    if counts.services == 0 {
        return None;
    }
    let mut line = tell("ageing-line", &[("count", number(counts.services))]);
    if counts.old > 0 {
        line.push_str(&tell("ageing-line-old", &[("count", number(counts.old))]));
    }
    if counts.archived > 0 {
        let gone = tell(
            "ageing-line-archived",
            &[("count", number(counts.archived))],
        );
        line.push_str(&gone);
    }
    if let Some(next) = counts.next_old_at {
        let day = day(next, zone);
        line.push_str(&tell(
            "ageing-line-next",
            &[("day", Value::from(day.as_str()))],
        ));
    }
    line.push_str(&say("ageing-line-do"));
    Some(line)
}

/// The letter that speaks of these services; there is at least one.
///
/// * `agency` — the agency's name.
#[must_use]
pub fn ageing_letter(unsaid: &[&Unsaid], agency: &str, zone: &TimeZone, now: Timestamp) -> Letter {
    let subject = tell("ageing-letter-subject", &[("count", number(unsaid.len()))]);
    let mut body = tell("ageing-letter-begin", &[("agency", Value::from(agency))]);
    body.push_str("\n\n");
    for one in unsaid.iter().take(LISTED) {
        let said = one.said_at.map(|at| day(at, zone));
        let said = said.unwrap_or_else(|| say("ageing-letter-unknown"));
        let day = [("day", Value::from(said.as_str()))];
        let how = match Age::of(one.said_at, now) {
            Age::Young => tell("ageing-young-said", &day),
            Age::Old => tell("ageing-old-said", &day),
            Age::Archived => tell("ageing-archived-said", &day),
        };
        let _infallible = writeln!(body, "- {} ({}): {how}", one.title, one.service);
    }
    if unsaid.len() > LISTED {
        let more = tell(
            "ageing-letter-more",
            &[("count", number(unsaid.len() - LISTED))],
        );
        let _infallible = writeln!(body, "- {more}");
    }
    let _infallible = write!(
        body,
        "\n{}\n    agency-node affirm --all\n{}\n    agency-node affirm SERVICE-ID\n{}\n",
        say("ageing-letter-all"),
        say("ageing-letter-some"),
        say("ageing-letter-changed"),
    );
    Letter { subject, body }
}

fn number(count: usize) -> Value<'static> {
    Value::from(count)
}

/// The day a time lies in, e.g. `"June 9, 2026"`.
fn day(at: Timestamp, zone: &TimeZone) -> String {
    let at = at.to_zoned(zone.clone());
    at.strftime("%B %-d, %Y").to_string()
}

fn code(age: Age) -> &'static str {
    match age {
        Age::Young => "young",
        Age::Old => "old",
        Age::Archived => "archived",
    }
}

fn read(line: &str) -> Option<(LocalId, Age)> {
    let (service, age) = line.split_once(' ')?;
    let ages = [Age::Young, Age::Old, Age::Archived];
    let age = ages.into_iter().find(|one| code(*one) == age)?;
    Some((LocalId::parse(service).ok()?, age))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, chicago};
    use super::*;

    const NOW: &str = "2026-06-02T15:00:00Z";

    fn unsaid(service: &str, days: i64) -> Unsaid {
        Unsaid {
            service: LocalId::parse(service).unwrap(),
            title: format!("Service {service}"),
            said_at: Some(at(NOW) - SignedDuration::from_hours(24 * days)),
        }
    }

    fn due(told: &AgeingTold, all: &[Unsaid], now: Timestamp) -> Vec<String> {
        let due = told.due(all, &chicago(), now).into_iter();
        due.map(|one| one.service.to_string()).collect()
    }

    #[test]
    fn each_service_is_spoken_of_once_at_each_age_after_a_restart_too() {
        let data = tempfile::tempdir().unwrap();
        let mut told = AgeingTold::open(data.path()).unwrap();
        let all = [unsaid("a", 151), unsaid("b", 200), unsaid("c", 400)];
        assert_eq!(due(&told, &all, at(NOW)), ["a", "b", "c"]);
        told.keep(&all, &all, at(NOW)).unwrap();

        let again = AgeingTold::open(data.path()).unwrap();
        let month = at(NOW) + SignedDuration::from_hours(24 * 30);

        assert_eq!(due(&again, &all, at(NOW)), [""; 0]);
        assert_eq!(due(&again, &all, month), ["a"], "it is shown as old by now");
    }

    #[test]
    fn a_letter_goes_out_in_office_hours_and_once_a_week() {
        let data = tempfile::tempdir().unwrap();
        let mut told = AgeingTold::open(data.path()).unwrap();
        let first = [unsaid("a", 151)];
        let both = [unsaid("a", 151), unsaid("b", 150)];
        let night = at("2026-06-02T09:00:00Z");
        assert_eq!(due(&told, &first, night), [""; 0]);
        told.keep(&first, &first, at(NOW)).unwrap();

        let days = |days: i64| at(NOW) + SignedDuration::from_hours(24 * days);

        assert_eq!(due(&told, &both, days(6)), [""; 0]);
        assert_eq!(due(&told, &both, days(7)), ["b"]);
    }

    #[test]
    fn what_was_published_again_is_spoken_of_again_when_it_grows_old_again() {
        let data = tempfile::tempdir().unwrap();
        let mut told = AgeingTold::open(data.path()).unwrap();
        let all = [unsaid("a", 400)];
        told.keep(&all, &all, at(NOW)).unwrap();
        told.keep(&[], &[], at(NOW)).unwrap();

        let later = at(NOW) + SignedDuration::from_hours(24 * 8);

        assert_eq!(due(&told, &[unsaid("a", 151)], later), ["a"]);
    }

    #[test]
    fn the_letter_names_services_and_days_and_the_commands() {
        let all = [
            unsaid("young", 151),
            unsaid("old", 200),
            unsaid("gone", 400),
        ];
        let all: Vec<&Unsaid> = all.iter().collect();

        let letter = ageing_letter(&all, "Harbor House", &chicago(), at(NOW));

        assert_eq!(
            letter.subject,
            "3 services have not been published again for long"
        );
        for words in [
            "Harbor House",
            "- Service young (young): published January 2, 2026",
            "- Service old (old): published November 14, 2025; searches show it as old",
            "- Service gone (gone): published April 28, 2025; searches do not find it any more",
            "agency-node affirm --all",
        ] {
            assert!(letter.body.contains(words), "{}", letter.body);
        }
    }

    #[test]
    fn the_line_says_how_many_how_searches_show_them_and_what_to_do() {
        let counts = AgeingCounts {
            services: 4,
            old: 2,
            archived: 1,
            next_old_at: Some(at("2026-07-01T15:00:00Z")),
        };

        assert_eq!(ageing_line(&AgeingCounts::default(), &chicago()), None);
        assert_eq!(
            ageing_line(&counts, &chicago()).unwrap(),
            "4 services have not been published again for 150 days; searches show 2 as old; they do not find 1 any more; \
             the next one is shown as old from July 1, 2026 on: `agency-node affirm` says what is still true"
        );
    }
}
