//! Measures what misspelt cities come to: every slip of one letter in the names of cities that have a ZIP.
//! The figures of docs/decisions/0008-misspelt-places.md.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and prints"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use referral_gazetteer::{Unresolved, gazetteer};

fn main() {
    let cities: BTreeSet<(&str, String, u32)> = gazetteer()
        .zips()
        .filter_map(|zip| {
            let city = gazetteer().city(zip.city?, zip.state)?;
            Some((city.name, zip.state.to_string(), city.population?))
        })
        .collect();
    let of = |least| cities.iter().filter(move |city| city.2 >= least);
    tell(
        "with their state, 1,000 people and more",
        of(1_000),
        |slip, state| format!("{slip}, {state}"),
    );
    tell("alone, 100,000 people and more", of(100_000), |slip, _| {
        slip.to_owned()
    });
}

fn tell<'a>(
    what: &str,
    cities: impl Iterator<Item = &'a (&'a str, String, u32)>,
    typed: impl Fn(&str, &str) -> String,
) {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let start = Instant::now();
    for (name, state, _) in cities {
        let label = format!("{name}, {state}");
        for slip in slips(name) {
            *counts
                .entry(outcome(&typed(&slip, state), &label))
                .or_default() += 1;
        }
    }
    let all: u32 = counts.values().sum();
    let each = start.elapsed().as_secs_f64() * 1e6 / f64::from(all.max(1));
    println!("{what}: {all} texts, {each:.0} microseconds each");
    for (outcome, count) in counts {
        println!("    {outcome}: {count}");
    }
}

fn outcome(typed: &str, meant: &str) -> &'static str {
    match gazetteer().resolve(typed) {
        Ok(place) if place.label.trim_end_matches(" (spelling corrected)") == meant => "right",
        Ok(place) if place.label.contains("corrected") => "another place, labelled",
        Ok(_) => "another place of just that name",
        Err(Unresolved::Misspelt(names)) if names.first().is_some_and(|name| name == meant) => {
            "refused, listed first"
        }
        Err(Unresolved::Misspelt(names)) if names.iter().any(|name| name == meant) => {
            "refused, listed"
        }
        Err(_) => "refused, not listed",
    }
}

/// The name with one letter, not the first, left out, doubled, swapped with the next, or another vowel.
fn slips(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut slips: Vec<Vec<char>> = Vec::new();
    let alphabetic = |at: usize| letters.get(at).is_some_and(|letter| letter.is_alphabetic());
    for at in (1..letters.len()).filter(|at| alphabetic(*at)) {
        let mut slip = |change: &dyn Fn(&mut Vec<char>)| {
            let mut slipped = letters.clone();
            change(&mut slipped);
            slips.push(slipped);
        };
        slip(&|letters| {
            letters.remove(at);
        });
        slip(&|letters| letters.insert(at, letters[at]));
        if alphabetic(at + 1) && letters[at] != letters[at + 1] {
            slip(&|letters| letters.swap(at, at + 1));
        }
        for vowel in "aeiou".chars().filter(|vowel| *vowel != letters[at]) {
            if "aeiou".contains(letters[at]) {
                slip(&|letters| letters[at] = vowel);
            }
        }
    }
    slips.into_iter().map(String::from_iter).collect()
}
