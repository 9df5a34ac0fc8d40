//! Needs, languages, dates and hours in the words of a language.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time};
use referral_core::catalog::{Frequency, Language, LanguageTag, Schedule, english_name};
use referral_runtime::texts::Texts;

use crate::web::choices::NEEDS;
use crate::web::travel::asked::label;

/// Days of the week as RFC 5545 writes them, from Monday.
const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
/// Most lines of hours.
const LINES: usize = 3;

/// Words, and whether they are as published: those are English, or whatever the provider wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) text: String,
    pub(super) published: bool,
}

impl Words {
    /// Words of the page's own language.
    pub(super) fn own(text: String) -> Self {
        let published = false;
        Self { text, published }
    }

    /// Words as somebody published them.
    pub(super) fn published(text: String) -> Self {
        let published = true;
        Self { text, published }
    }
}

/// The key of a need's name: `need-lc-bond` for `lc:bond`.
pub(super) fn need_key(code: &str) -> String {
    match code {
        "" => "need-any".to_owned(),
        code => format!("need-{}", code.replace(':', "-")),
    }
}

/// What a need is called. Of several codes the first says it; one without a name is called as in the search form.
pub(super) fn need(need: &str, texts: &Texts) -> Words {
    let first = need.split(',').next().unwrap_or_default().trim();
    if NEEDS.contains(&first) {
        Words::own(texts.say(&need_key(first)))
    } else {
        Words::published(label(need))
    }
}

/// The languages of a service, in one line. Every language that has a common name has one in the file; another is
/// called as it was published, else by its tag.
pub(super) fn languages<'a>(
    spoken: impl IntoIterator<Item = &'a Language>,
    texts: &Texts,
) -> Option<String> {
    let each = spoken.into_iter().map(|language| {
        let tag = &language.tag;
        if english_name(tag).is_some() {
            return texts.say(&language_key(tag));
        }
        let published = language.name.as_ref();
        published.map_or_else(|| tag.to_string(), ToString::to_string)
    });
    let mut names: Vec<String> = each.collect();
    names.sort();
    names.dedup();
    list(names, texts)
}

/// The key of a language's name: `language-ht`.
pub(super) fn language_key(tag: &LanguageTag) -> String {
    format!("language-{}", tag.primary())
}

/// A day.
pub(super) fn date(day: Date, texts: &Texts) -> String {
    let month = texts.say(&format!("month-{}", day.month()));
    let date = texts.tell(
        "date",
        &[
            ("day", day.day().to_string().into()),
            ("month", month.into()),
            ("year", day.year().to_string().into()),
        ],
    );
    plain(&date)
}

/// A text that goes into another without the marks around its own parts: what stands within marks alone tells no
/// direction (UAX 9, rule P2), so that a date of three marked parts would run from left to right in Arabic.
fn plain(text: &str) -> String {
    text.replace(['\u{2068}', '\u{2069}'], "")
}

/// When somebody is there on `today`, at most three lines: by the week where it is stated so, else in the
/// publisher's words.
pub(super) fn hours(schedules: &[Schedule], today: Date, texts: &Texts) -> Vec<Words> {
    let holds = |schedule: &&Schedule| {
        let begun = schedule.valid_from.is_none_or(|from| from <= today);
        begun && schedule.valid_to.is_none_or(|to| to >= today)
    };
    let now: Vec<&Schedule> = schedules.iter().filter(holds).collect();
    let mut weekly: BTreeMap<(Time, Time), [bool; 7]> = BTreeMap::new();
    let mut said = Vec::new();
    for schedule in now {
        match week(schedule) {
            Some((hours, days)) => {
                let kept = weekly.entry(hours).or_default();
                for (kept, day) in kept.iter_mut().zip(days) {
                    *kept |= day;
                }
            }
            None => said.extend(schedule.description.as_ref().map(ToString::to_string)),
        }
    }
    let mut by_day: Vec<_> = weekly.into_iter().collect();
    by_day.sort_by_key(|(hours, days)| (days.iter().position(|open| *open), *hours));
    let lines = by_day.into_iter().map(|((opens, closes), open)| {
        Words::own(texts.tell(
            "hours-line",
            &[
                ("days", days(open, texts).into()),
                ("opens", time(opens, texts).into()),
                ("closes", time(closes, texts).into()),
            ],
        ))
    });
    said.dedup();
    lines
        .chain(said.into_iter().map(Words::published))
        .take(LINES)
        .collect()
}

/// The hours and days of a plain weekly schedule.
fn week(schedule: &Schedule) -> Option<((Time, Time), [bool; 7])> {
    let weekly = schedule.frequency.unwrap_or(Frequency::Weekly) == Frequency::Weekly
        && schedule.interval.unwrap_or(1) == 1;
    let hours = (schedule.opens_at?, schedule.closes_at?);
    let mut open = [false; 7];
    for day in schedule.byday.as_ref()?.as_str().split(',') {
        *open.get_mut(DAYS.iter().position(|known| *known == day.trim())?)? = true;
    }
    weekly.then_some((hours, open))
}

/// "Monday to Friday", "Tuesday, Thursday".
fn days(open: [bool; 7], texts: &Texts) -> String {
    let name = |day: usize| texts.say(&format!("day-{}", DAYS[day].to_ascii_lowercase()));
    let mut parts = Vec::new();
    let mut day = 0;
    while day < 7 {
        let run = open[day..].iter().take_while(|open| **open).count();
        match run {
            0 => day += 1,
            1 | 2 => {
                parts.extend((day..day + run).map(name));
                day += run;
            }
            run => {
                let ends = [
                    ("from", name(day).into()),
                    ("to", name(day + run - 1).into()),
                ];
                parts.push(plain(&texts.tell("days-range", &ends)));
                day += run;
            }
        }
    }
    list(parts, texts).unwrap_or_default()
}

/// A time of day, of twelve hours as doors in the United States say it.
fn time(time: Time, texts: &Texts) -> String {
    let hour = match time.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let half = if time.hour() < 12 { "am" } else { "pm" };
    let minute = format!("{:02}", time.minute());
    let parts = [
        ("hour", hour.to_string().into()),
        ("minute", minute.into()),
        ("half", half.into()),
    ];
    plain(&texts.tell("time", &parts))
}

/// The items in one line.
fn list(items: Vec<String>, texts: &Texts) -> Option<String> {
    let join = |before: String, after: String| {
        let parts = [("before", before.into()), ("after", after.into())];
        plain(&texts.tell("list", &parts))
    };
    items.into_iter().reduce(join)
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date as on, time as at};
    use referral_core::catalog::LanguageMode;
    use referral_core::text::{Name, Text};

    use super::*;
    use crate::web::handout::languages::texts;

    fn open(days: &str, from: i8, to: i8) -> Schedule {
        Schedule {
            byday: Some(Name::parse(days).unwrap()),
            opens_at: Some(at(from, 30, 0, 0)),
            closes_at: Some(at(to, 0, 0, 0)),
            ..Schedule::default()
        }
    }

    fn lines(schedules: &[Schedule], language: &str) -> Vec<String> {
        let texts = texts(language).unwrap();
        let lines = hours(schedules, on(2026, 11, 22), texts);
        lines.into_iter().map(|words| words.text).collect()
    }

    #[test]
    fn days_with_the_same_hours_are_one_line() {
        let week = [
            open("MO,TU,WE", 8, 17),
            open("TH", 8, 17),
            open("SA,SU", 12, 14),
        ];

        assert_eq!(
            lines(&week, "en"),
            [
                "Monday to Thursday: 8:30 AM to 5:00 PM",
                "Saturday, Sunday: 12:30 PM to 2:00 PM"
            ]
        );
        assert_eq!(
            lines(&week[..2], "es"),
            ["de lunes a jueves: de 8:30 a. m. a 5:00 p. m."]
        );
    }

    #[test]
    fn hours_that_are_no_plain_week_are_said_as_published() {
        let mut monthly = open("1MO", 9, 12);
        monthly.frequency = Some(Frequency::Monthly);
        monthly.description = Some(Text::parse("First Monday of the month").unwrap());

        assert_eq!(lines(&[monthly], "ht"), ["First Monday of the month"]);
    }

    #[test]
    fn hours_that_are_over_are_left_out() {
        let mut over = open("MO", 9, 12);
        over.valid_to = Some(on(2026, 11, 21));

        assert_eq!(lines(&[over], "en"), Vec::<String>::new());
    }

    #[test]
    fn a_date_is_said_in_the_words_of_its_language() {
        let day = on(2026, 11, 22);
        let said = |language| date(day, texts(language).unwrap());

        assert_eq!(said("en"), "November 22, 2026");
        assert_eq!(said("es"), "22 de noviembre de 2026");
        assert_eq!(said("ht"), "22 novanm 2026");
        assert_eq!(said("ar"), "22 تشرين الثاني (نوفمبر) 2026");
    }

    #[test]
    fn a_need_without_a_name_is_called_as_in_the_search_form() {
        let spanish = texts("es").unwrap();

        assert_eq!(need("dom:med", spanish), Words::own("Un médico".to_owned()));
        assert!(need("lc:u-visa", spanish).published);
    }

    #[test]
    fn languages_are_named_in_the_language_of_the_page() {
        let spoken = ["en", "el", "ti", "ht-HT"].map(|tag| spoken(tag, None));

        let named = |language| languages(&spoken, texts(language).unwrap()).unwrap();

        assert_eq!(named("es"), "criollo haitiano, griego, inglés, tigriña");
        assert_eq!(named("ht"), "anglè, grèk, kreyòl ayisyen, tigrinya");
        assert!(!named("ar").contains("Greek"), "{}", named("ar"));
    }

    #[test]
    fn a_language_without_a_common_name_is_called_as_it_was_published() {
        let published = [spoken("qqq", Some("Akateko")), spoken("qqr", None)];

        let named = languages(&published, texts("es").unwrap());

        assert_eq!(named.as_deref(), Some("Akateko, qqr"));
    }

    fn spoken(tag: &str, name: Option<&str>) -> Language {
        Language {
            tag: LanguageTag::parse(tag).unwrap(),
            mode: LanguageMode::Unstated,
            name: name.map(|name| Name::parse(name).unwrap()),
            note: None,
        }
    }
}
