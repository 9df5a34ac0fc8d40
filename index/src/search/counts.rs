//! Facets, counted while the matches are found.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::OnceLock;

use referral_core::capacity::State;
use referral_core::catalog::LanguageTag;
use referral_core::search::{Access, Facets, Filter, MOST_VALUES, Values};
use referral_core::vocabulary::{Code, entries};

use crate::live::ById;
use crate::part::{CODE_WORDS, LANGUAGE_WORDS, Letters, Offer, Service, Sets, SiteKind, ones};

/// Words of what one service has: codes, then languages.
const WORDS: usize = CODE_WORDS + LANGUAGE_WORDS;
/// Digits of the counters that every bit has: so many services are added before they are emptied.
const DIGITS: usize = 8;
/// Pairs of letters, for states.
const PAIRS: usize = 26 * 26;

/// Counts by number.
type ByNumber = HashMap<u32, u32, BuildHasherDefault<ById>>;

/// How many services have each value, so far.
pub(crate) struct Counts {
    /// The lowest digits of a counter for every bit, in base two: the bits of a word are counted together.
    digits: [[u64; WORDS]; DIGITS],
    /// How many were added to them.
    added: u32,
    bits: [[u32; 64]; WORDS],
    /// How many services have each set of codes without a bit.
    own: ByNumber,
    access: [u32; 2],
    states: [u32; State::ALL.len()],
    regions: Vec<u32>,
    odd: HashMap<Filter, usize>,
}

/// What the matching offers of one service have, beside what the service has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Have {
    access: u8,
    states: u16,
    region: Option<usize>,
}

impl Have {
    /// What one offer has.
    pub(crate) fn of(offer: &Offer, state: State) -> Self {
        let remote = offer.site == SiteKind::Remote;
        Self {
            access: 1 << u8::from(remote),
            states: 1 << place(state),
            region: pair(offer.state.0).filter(|_| !remote),
        }
    }
}

/// The place of a state among all.
pub(crate) fn place(state: State) -> usize {
    state as usize
}

/// The place of a state among all pairs of letters.
fn pair(letters: [u8; 2]) -> Option<usize> {
    let [first, second] = letters.map(|letter| usize::from(letter.wrapping_sub(b'A')));
    (first < 26 && second < 26).then_some(first * 26 + second)
}

impl Counts {
    /// Nothing counted yet.
    pub(crate) fn new() -> Self {
        Self {
            digits: [[0; WORDS]; DIGITS],
            added: 0,
            bits: [[0; 64]; WORDS],
            own: ByNumber::default(),
            access: [0; 2],
            states: [0; State::ALL.len()],
            regions: vec![0; PAIRS],
            odd: HashMap::new(),
        }
    }

    /// Counts a service whose matching offers have these.
    pub(crate) fn add(&mut self, service: &Service, have: &[Have]) {
        let mut carry = [0; WORDS];
        carry[..CODE_WORDS].copy_from_slice(&service.codes);
        carry[CODE_WORDS..].copy_from_slice(&service.spoken);
        for digit in &mut self.digits {
            for (digit, carry) in digit.iter_mut().zip(&mut carry) {
                let both = *digit & *carry;
                *digit ^= *carry;
                *carry = both;
            }
            // Compared as a whole, they would be compared by a call.
            if carry.iter().fold(0, |any, word| any | word) == 0 {
                break;
            }
        }
        self.added += 1;
        if self.added == (1 << DIGITS) - 1 {
            self.empty();
        }
        if service.own != 0 {
            *self.own.entry(service.own).or_default() += 1;
        }
        self.offers(have);
    }

    /// Counts a service that rows cannot hold: `values` are those of the service.
    pub(crate) fn add_odd(&mut self, values: Values, have: &[Have]) {
        for value in values {
            *self.odd.entry(value).or_default() += 1;
        }
        self.offers(have);
    }

    /// Adds the digits up.
    fn empty(&mut self) {
        for (power, digit) in self.digits.iter_mut().enumerate() {
            for (word, counts) in digit.iter_mut().zip(&mut self.bits) {
                for bit in ones(std::mem::take(word)) {
                    counts[bit as usize] += 1 << power;
                }
            }
        }
        self.added = 0;
    }

    fn offers(&mut self, have: &[Have]) {
        let (mut access, mut states) = (0, 0);
        for (at, one) in have.iter().enumerate() {
            access |= one.access;
            states |= one.states;
            let mut earlier = have[..at].iter();
            let again = earlier.any(|earlier| earlier.region == one.region);
            if let Some(region) = one.region.filter(|_| !again) {
                self.regions[region] += 1;
            }
        }
        for (way, count) in self.access.iter_mut().enumerate() {
            *count += u32::from(access >> way & 1);
        }
        for state in ones(states.into()) {
            self.states[state as usize] += 1;
        }
    }

    /// The facets of what was counted.
    pub(crate) fn facets(mut self, sets: &Sets) -> Facets {
        self.empty();
        let mut all: Vec<(Filter, usize)> = Vec::with_capacity(256);
        self.of_services(sets, &mut all);
        self.of_offers(&mut all);
        if self.odd.is_empty() {
            return Facets::of(all);
        }
        for (filter, count) in all {
            *self.odd.entry(filter).or_default() += count;
        }
        Facets::of(self.odd)
    }

    /// Adds what services have.
    fn of_services(&self, sets: &Sets, all: &mut Vec<(Filter, usize)>) {
        let (codes, languages) = self.bits.split_at(CODE_WORDS);
        let codes = codes.as_flattened();
        let mut needs = Vec::with_capacity(codes.len());
        for &(bit, code) in shown() {
            let count = codes.get(bit).copied().unwrap_or(0);
            if count > 0 {
                all.push((Filter::Code(code.clone()), count as usize));
                needs.extend(code.is_need().then_some(count));
            }
        }
        for (bit, &count) in languages.as_flattened().iter().enumerate() {
            if count > 0 {
                let tag = sets.languages.at(bit);
                let tag = tag.and_then(|tag| LanguageTag::parse(tag).ok());
                all.extend(tag.map(|tag| (Filter::Language(tag), count as usize)));
            }
        }
        let least = if self.odd.is_empty() {
            least_of(&mut needs)
        } else {
            0
        };
        let own = own_codes(&self.own, sets, least).into_iter();
        all.extend(own.map(|(code, count)| (Filter::Code(code.clone()), count as usize)));
    }

    /// Adds what offers have.
    fn of_offers(&self, all: &mut Vec<(Filter, usize)>) {
        let ways = [Access::InPerson, Access::Remote].map(Filter::Access);
        let ways = ways.into_iter().zip(self.access);
        let states = State::ALL.into_iter().map(Filter::State).zip(self.states);
        let letters = (b'A'..=b'Z')
            .flat_map(|first| (b'A'..=b'Z').map(move |second| Letters([first, second])));
        let regions = letters.zip(self.regions.iter().copied());
        let regions = regions.filter(|(_, count)| *count > 0);
        let regions = regions.filter_map(|(at, count)| Some((Filter::InState(at.state()?), count)));
        let counted = ways.chain(states).chain(regions);
        let counted = counted.filter(|(_, count)| *count > 0);
        all.extend(counted.map(|(filter, count)| (filter, count as usize)));
    }
}

/// The codes without a bit that the matches have and facets show.
///
/// * `least` — publishers' own terms, which may be thousands, are left out where fewer services have them.
fn own_codes<'a>(own: &ByNumber, sets: &'a Sets, least: u32) -> Vec<(&'a Code, u32)> {
    let mut counts = ByNumber::default();
    for (set, count) in own {
        for number in sets.own.at(*set as usize).iter().flat_map(|own| own.iter()) {
            *counts.entry(*number).or_default() += count;
        }
    }
    let is_term = |number: u32| sets.terms.at(number as usize) == Some(&true);
    let named = |(number, count)| Some((sets.codes.at(number as usize)?, count));
    let (mut terms, others): (Vec<_>, Vec<_>) =
        counts.into_iter().partition(|(number, _)| is_term(*number));
    terms.retain(|(_, count)| *count >= least);
    if least > 0 && terms.len() > MOST_VALUES {
        let by_count = |(_, count): &(u32, u32)| Reverse(*count);
        let (_, fewest, _) = terms.select_nth_unstable_by_key(MOST_VALUES - 1, by_count);
        let fewest = fewest.1;
        // Of those that as few have, thousands maybe, the first by name; every name is looked at once.
        let (greater, equal): (Vec<_>, Vec<_>) = terms
            .into_iter()
            .filter(|(_, count)| *count >= fewest)
            .partition(|(_, count)| *count > fewest);
        let mut equal: Vec<(&Code, u32)> = equal.into_iter().filter_map(named).collect();
        let room = MOST_VALUES - greater.len();
        if equal.len() > room {
            equal.select_nth_unstable_by_key(room, |(code, _)| *code);
            equal.truncate(room);
        }
        let others = greater.into_iter().chain(others).filter_map(named);
        let codes = others.chain(equal);
        return codes.filter(|(code, _)| is_shown(code)).collect();
    }
    let codes = terms.into_iter().chain(others).filter_map(named);
    codes.filter(|(code, _)| is_shown(code)).collect()
}

/// The least count that the greatest values of the needs have, 1 or more.
fn least_of(needs: &mut [u32]) -> u32 {
    if needs.len() < MOST_VALUES {
        return 1;
    }
    let (_, least, _) = needs.select_nth_unstable_by_key(MOST_VALUES - 1, |count| Reverse(*count));
    *least
}

/// The codes that facets show with their bits, by name.
fn shown() -> &'static [(usize, &'static Code)] {
    static SHOWN: OnceLock<Vec<(usize, &'static Code)>> = OnceLock::new();
    SHOWN.get_or_init(|| {
        let codes = entries().iter().map(|entry| &entry.code).enumerate();
        let mut shown: Vec<_> = codes.filter(|(_, code)| is_shown(code)).collect();
        shown.sort_unstable_by_key(|(_, code)| code.as_str());
        shown
    })
}

fn is_shown(code: &Code) -> bool {
    code.is_need() || matches!(code.class(), "acc" | "fee")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_their_places() {
        for (at, state) in State::ALL.into_iter().enumerate() {
            assert_eq!(place(state), at);
        }
    }
}
