//! Rows and questions as the Java driver reads them.

use std::fmt::{Display, Write};

use jiff::Timestamp;

use super::super::offer::Offer;
use super::super::question::{Around, Question};

/// The names of the columns, in the order of [`line`].
pub const HEADER: &str = "service\tturn\tlat\tlon\tfar\tremote\tstated\tareas\tarea_km\thome\tcodes\tsure\tmeanings\t\
    languages\tcapacity\tworth\tobserved_at\tttl\tfacets\tnames\twords\n";

/// A row as a line.
#[must_use]
pub fn line(offer: &Offer) -> String {
    format!(
        "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{:?}\t{}\t{}\t{}\t{}\t{}\n",
        offer.service,
        offer.turn,
        or_empty(offer.point.map(referral_core::geo::Point::lat)),
        or_empty(offer.point.map(referral_core::geo::Point::lon)),
        offer.far,
        offer.remote,
        offer.stated,
        list(&offer.areas),
        or_empty(offer.area_km),
        list(&offer.home),
        list(&offer.codes),
        list(&offer.sure),
        list(&offer.meanings),
        list(&offer.languages),
        offer.capacity,
        offer.worth,
        or_empty(offer.observed_at),
        offer.ttl,
        list(&offer.facets),
        offer.names,
        offer.words,
    )
}

/// A question as a line, without its end.
#[must_use]
pub fn question(asked: &Question, now: Timestamp) -> String {
    let mut line = format!("limit={}\tnow={}", asked.limit, now.as_second());
    let mut add = |name: &str, value: &str| {
        let _infallible = write!(line, "\t{name}={value}");
    };
    for group in [&asked.need, &asked.fee] {
        if !group.is_empty() {
            add("any", &list(group));
        }
    }
    if asked.doubtful {
        add("sure", &list(&asked.need));
    }
    if let Some(remote) = asked.remote {
        add("remote", flag(remote));
    }
    let lists = [
        ("all", &asked.all_codes),
        ("languages", &asked.languages),
        ("capacity", &asked.capacity),
    ];
    for (name, tokens) in lists {
        if !tokens.is_empty() {
            add(name, &list(tokens));
        }
    }
    for word in &asked.words {
        let text = format!(
            "{}|{}|{}",
            word.text,
            word.longer.join(","),
            list(&word.codes)
        );
        add("word", &text);
    }
    for (name, place) in [("near", &asked.near), ("serves", &asked.serves)] {
        if let Some(place) = place {
            add(name, &at(place));
            add(&format!("{name}_areas"), &list(&place.areas));
            add(&format!("{name}_home"), &list(&place.home));
        }
    }
    if asked.facets {
        add("facets", "T");
    }
    line
}

fn at(place: &Around) -> String {
    format!(
        "{},{},{:?},{}",
        or_empty(place.point.map(referral_core::geo::Point::lat)),
        or_empty(place.point.map(referral_core::geo::Point::lon)),
        place.km,
        flag(place.region)
    )
}

fn flag(set: bool) -> &'static str {
    if set { "T" } else { "F" }
}

fn or_empty(value: Option<impl Display>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn list<T: Display>(tokens: &[T]) -> String {
    let texts: Vec<String> = tokens.iter().map(ToString::to_string).collect();
    texts.join(",")
}
