//! A reminder in words: a line on the command line, and a letter.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Unit, Zoned};

use super::{Expiring, LISTED, Letter};

/// What a command ends with: how many services go stale and have gone stale, and what to do; `None` while
/// there is nothing to tell.
#[must_use]
pub fn line(expiring: &[Expiring], zone: &TimeZone, now: Timestamp) -> Option<String> {
    let told: Vec<&Expiring> = expiring.iter().filter(|one| one.tell_at() <= now).collect();
    let what = summary(&told, zone, now)?;
    Some(format!(
        "{what}: confirm with `agency-node capacity confirm --all`"
    ))
}

/// The letter that speaks of these reports; there is at least one.
///
/// * `agency` — the agency's name.
#[must_use]
pub fn letter(expiring: &[&Expiring], agency: &str, zone: &TimeZone, now: Timestamp) -> Letter {
    let subject = summary(expiring, zone, now).unwrap_or_default();
    let mut body = format!(
        "{agency} has not confirmed these for a while. Once stale, the referral directory shows them as \
         \"not known, call first\":\n\n"
    );
    for one in expiring.iter().take(LISTED) {
        let at = when(one.stale_at, zone, now);
        let state = if one.is_stale(now) {
            "stale since"
        } else {
            "goes stale"
        };
        let service = &one.about.service;
        let place = one.about.location.as_ref();
        let place = place
            .map(|place| format!(" at {place}"))
            .unwrap_or_default();
        let _infallible = writeln!(body, "- {} ({service}{place}): {state} {at}", one.title);
    }
    if expiring.len() > LISTED {
        let _infallible = writeln!(body, "- and {} more", expiring.len() - LISTED);
    }
    body.push_str(
        "\nIf all is as it was:\n    agency-node capacity confirm --all\n\
         If only some is:\n    agency-node capacity confirm SERVICE-ID\n\
         If something changed:\n    agency-node capacity set SERVICE-ID STATE\n",
    );
    Letter { subject, body }
}

/// A time as people say it, e.g. `"today 14:20"`, `"tomorrow 09:00"`, `"Friday 09:00"`, `"December 3, 09:00"`.
#[must_use]
pub fn when(at: Timestamp, zone: &TimeZone, now: Timestamp) -> String {
    let (at, now) = (minute(at, zone), now.to_zoned(zone.clone()));
    let days = now
        .date()
        .until(at.date())
        .map_or(i32::MAX, |span| span.get_days());
    let day = match days {
        -1 => "yesterday".to_owned(),
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        2..=6 => at.strftime("%A").to_string(),
        _ => at.strftime("%B %-d,").to_string(),
    };
    format!("{day} {}", at.strftime("%H:%M"))
}

/// `"3 services go stale before tomorrow 09:00, the first today 14:20; 1 service went stale yesterday 18:00"`.
fn summary(expiring: &[&Expiring], zone: &TimeZone, now: Timestamp) -> Option<String> {
    let (gone, going): (Vec<&Expiring>, Vec<&Expiring>) =
        expiring.iter().copied().partition(|one| one.is_stale(now));
    let told = |at: Timestamp| when(at, zone, now);
    let first_and_last = |all: &[&Expiring]| {
        let times = all.iter().map(|one| one.stale_at);
        Some((times.clone().min()?, times.max()?))
    };
    let going_words = first_and_last(&going).map(|(first, last)| match services(&going) {
        1 => format!("1 service goes stale {}", told(first)),
        n if minute(first, zone) == minute(last, zone) => {
            format!("{n} services go stale {}", told(first))
        }
        n => {
            // In the minute itself the last one may be stale already.
            let before = last.saturating_add(SignedDuration::from_mins(1));
            let (before, first) = (told(before.unwrap_or(last)), told(first));
            format!("{n} services go stale before {before}, the first {first}")
        }
    });
    let gone_words = first_and_last(&gone).map(|(first, _)| match services(&gone) {
        1 => format!("1 service went stale {}", told(first)),
        n => format!("{n} services have gone stale, the first {}", told(first)),
    });
    let words: Vec<String> = going_words.into_iter().chain(gone_words).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// How many services these are about: one may have a report for each of its locations.
fn services(all: &[&Expiring]) -> usize {
    let mut services: Vec<_> = all.iter().map(|one| &one.about.service).collect();
    services.sort_unstable();
    services.dedup();
    services.len()
}

/// The minute a time lies in.
fn minute(at: Timestamp, zone: &TimeZone) -> Zoned {
    let whole = jiff::ZonedRound::new()
        .smallest(Unit::Minute)
        .mode(jiff::RoundMode::Floor);
    let at = at.to_zoned(zone.clone());
    at.round(whole).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, chicago, expiring};
    use super::*;

    const NOW: &str = "2026-06-02T15:00:00Z";

    fn said(all: &[Expiring]) -> Option<String> {
        line(all, &chicago(), at(NOW))
    }

    #[test]
    fn the_line_says_how_many_until_when_and_what_to_do() {
        let first = expiring("a", "2026-06-01T19:20:00Z", 24);
        let last = expiring("b", "2026-06-01T20:59:59Z", 24);
        let alone = said(std::slice::from_ref(&first)).unwrap();
        let both = said(&[last, first]).unwrap();

        assert_eq!(
            alone,
            "1 service goes stale today 14:20: confirm with `agency-node capacity confirm --all`"
        );
        assert_eq!(
            both,
            "2 services go stale before today 16:00, the first today 14:20: confirm with \
             `agency-node capacity confirm --all`"
        );
    }

    #[test]
    fn what_has_gone_stale_is_told_too_and_what_is_fresh_is_not() {
        let gone = expiring("a", "2026-05-31T19:20:00Z", 24);
        let fresh = expiring("b", "2026-06-02T14:00:00Z", 24);

        assert_eq!(
            said(&[gone, fresh.clone()]).unwrap(),
            "1 service went stale yesterday 14:20: confirm with `agency-node capacity confirm --all`"
        );
        assert_eq!(said(&[fresh]), None);
    }

    #[test]
    fn times_are_told_as_people_say_them() {
        for (time, words) in [
            ("2026-06-02T19:20:59Z", "today 14:20"),
            ("2026-06-03T14:00:00Z", "tomorrow 09:00"),
            ("2026-06-03T04:59:00Z", "today 23:59"),
            ("2026-06-05T14:00:00Z", "Friday 09:00"),
            ("2026-06-09T14:00:00Z", "June 9, 09:00"),
            ("2026-05-20T14:00:00Z", "May 20, 09:00"),
        ] {
            assert_eq!(when(at(time), &chicago(), at(NOW)), words);
        }
    }

    #[test]
    fn a_letter_names_services_ids_and_times_and_the_commands() {
        let mut beds = expiring("beds", "2026-06-01T19:20:00Z", 24);
        beds.about.location = Some(referral_core::id::LocalId::parse("dock").unwrap());

        let letter = letter(&[&beds], "Harbor House", &chicago(), at(NOW));

        assert_eq!(letter.subject, "1 service goes stale today 14:20");
        for words in [
            "Harbor House",
            "- Service beds (beds at dock): goes stale today 14:20\n",
            "agency-node capacity confirm --all",
        ] {
            assert!(letter.body.contains(words), "{}", letter.body);
        }
    }

    #[test]
    fn a_letter_about_very_many_services_says_how_many_more() {
        let many: Vec<Expiring> = (0..60)
            .map(|n| expiring(&format!("s{n}"), "2026-06-01T19:20:00Z", 24))
            .collect();

        let all: Vec<&Expiring> = many.iter().collect();
        let letter = letter(&all, "Harbor House", &chicago(), at(NOW));

        assert!(
            letter
                .subject
                .starts_with("60 services go stale today 14:20")
        );
        assert!(letter.body.contains("- and 10 more\n"));
    }
}
