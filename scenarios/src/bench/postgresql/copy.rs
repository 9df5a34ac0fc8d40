//! Rows as `COPY` reads them.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::super::offer::Offer;
use super::super::tokens::Token;
use super::statement::{lexeme, metres};

/// Most places of one word that a `tsvector` keeps.
const PLACES: usize = 255;
/// The last place a `tsvector` knows.
const LAST: usize = 16_383;

/// A row as a line.
#[must_use]
pub fn line(offer: &Offer) -> String {
    let mut line = format!("{}\t{}\t", offer.service, offer.turn);
    let _infallible = match offer.point {
        Some(point) => write!(line, "POINT({:?} {:?})", point.lon(), point.lat()),
        None => write!(line, "\\N"),
    };
    let area_m = offer.area_km.map(metres);
    let _infallible = writeln!(
        line,
        "\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{:?}\t{}\t{}\t{}\t{}",
        offer.far,
        offer.remote,
        offer.stated,
        array(&offer.areas),
        area_m.map_or_else(|| "\\N".to_owned(), |m| format!("{m:?}")),
        array(&offer.home),
        array(&offer.codes),
        array(&offer.sure),
        array(&offer.languages),
        offer.capacity,
        offer.worth,
        offer
            .observed_at
            .map_or_else(|| "\\N".to_owned(), |at| at.to_string()),
        offer.ttl,
        array(&offer.facets),
        tsvector(offer),
    );
    line
}

fn array(tokens: &[Token]) -> String {
    let numbers: Vec<String> = tokens.iter().map(ToString::to_string).collect();
    format!("{{{}}}", numbers.join(","))
}

/// Words with their places, those of names with the greatest weight; codes without.
fn tsvector(offer: &Offer) -> String {
    let mut places: BTreeMap<&str, String> = BTreeMap::new();
    let names = offer.names.split(' ').map(|word| (word, "A"));
    let words = offer.words.split(' ').map(|word| (word, ""));
    let all = names.chain(words).filter(|(word, _)| !word.is_empty());
    for (at, (word, weight)) in (1..=LAST).zip(all) {
        let places = places.entry(word).or_default();
        if places.matches(',').count() < PLACES - 1 {
            let comma = if places.is_empty() { "" } else { "," };
            let _infallible = write!(places, "{comma}{at}{weight}");
        }
    }
    let words = places
        .iter()
        .map(|(word, places)| format!("'{word}':{places}"));
    let codes = offer.meanings.iter().map(|code| lexeme(*code));
    words.chain(codes).collect::<Vec<_>>().join(" ")
}
