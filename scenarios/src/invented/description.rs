//! What services say of themselves. Lengths are measured (Miami): median 353 characters, p90 748.

use std::sync::OnceLock;

use rand::seq::SliceRandom;
use referral_core::text::Text;

use super::ServiceKind;
use super::dice::{Dice, log_normal};
use super::words::text;

/// Median and 90th percentile of a description. Unit: characters.
const LENGTH: (f64, f64) = (353.0, 748.0);

/// A description of the service `title` for people in `place`. It is made of sentences of its kind,
/// each used once, so the longest real ones (3,285 characters) do not occur.
pub(crate) fn describe(kind: ServiceKind, title: &str, place: &str, dice: &mut Dice) -> Text {
    let length = log_normal(dice, LENGTH.0, LENGTH.1);
    let mut words = format!("{title}.");
    let (mut own, mut any): (Vec<&Sentence>, Vec<&Sentence>) = sentences()
        .iter()
        .filter(|sentence| sentence.kind.is_none_or(|of| of == kind))
        .partition(|sentence| sentence.kind.is_some());
    own.shuffle(dice);
    any.shuffle(dice);
    for sentence in own.into_iter().chain(any) {
        let so_far = u32::try_from(words.len()).unwrap_or(u32::MAX);
        let half = sentence.words.len() / 2;
        if f64::from(so_far) + f64::from(u32::try_from(half).unwrap_or(u32::MAX)) > length {
            break;
        }
        words.push(' ');
        words.push_str(&sentence.words.replace("{place}", place));
    }
    text(&words)
}

struct Sentence {
    /// `None`: fits every kind.
    kind: Option<ServiceKind>,
    words: &'static str,
}

fn sentences() -> &'static [Sentence] {
    static SENTENCES: OnceLock<Vec<Sentence>> = OnceLock::new();
    SENTENCES.get_or_init(|| {
        let lines = include_str!("sentences.tsv").lines().skip(1);
        lines.filter_map(read).collect()
    })
}

fn read(line: &'static str) -> Option<Sentence> {
    let (kind, words) = line.split_once('\t')?;
    let kind = match kind {
        "any" => None,
        kind => Some(ServiceKind::parse(kind)?),
    };
    Some(Sentence { kind, words })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invented::dice::seeded;

    #[test]
    fn every_line_is_a_sentence() {
        let lines = include_str!("sentences.tsv").lines().count() - 1;

        assert_eq!(sentences().len(), lines);
    }

    #[test]
    fn descriptions_are_as_long_as_real_ones() {
        let mut dice = seeded(1);

        let draw = |_| {
            describe(
                ServiceKind::Housing,
                "Emergency shelter",
                "Maryland",
                &mut dice,
            )
        };
        let mut lengths: Vec<usize> = (0..4_000)
            .map(draw)
            .map(|text| text.as_str().len())
            .collect();
        lengths.sort_unstable();
        let (median, p90) = (lengths[2_000], lengths[3_600]);

        assert!((320..390).contains(&median), "{median}");
        assert!((680..820).contains(&p90), "{p90}");
    }
}
