//! Facets, counted while the matches are found.

use std::collections::HashMap;

use referral_core::capacity::State;
use referral_core::catalog::LanguageTag;
use referral_core::search::{Access, Facets, Filter, Values};
use referral_core::vocabulary::{Code, entries};

use crate::part::{CODE_WORDS, LANGUAGE_WORDS, Letters, Offer, Service, Sets, SiteKind, ones};

/// How many services have each value, so far.
pub(crate) struct Counts {
    codes: [u32; CODE_WORDS * 64],
    /// Codes that facets show.
    shown: [u64; CODE_WORDS],
    languages: [u32; LANGUAGE_WORDS * 64],
    own: HashMap<u32, u32>,
    access: [u32; 2],
    states: [u32; State::ALL.len()],
    regions: Vec<(u16, u32)>,
    odd: HashMap<Filter, usize>,
}

/// What the matching offers of one service have, beside what the service has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Have {
    access: u8,
    states: u16,
    region: Option<u16>,
}

impl Have {
    /// What one offer has.
    pub(crate) fn of(offer: &Offer, state: State) -> Self {
        let remote = offer.site == SiteKind::Remote;
        let number = u16::from_be_bytes(offer.state.0);
        Self {
            access: 1 << u8::from(remote),
            states: 1 << place(state),
            region: (!remote && number != 0).then_some(number),
        }
    }
}

fn place(state: State) -> usize {
    let mut all = State::ALL.iter();
    all.position(|each| *each == state).unwrap_or_default()
}

impl Counts {
    /// Nothing counted yet.
    pub(crate) fn new() -> Self {
        let mut shown = [0; CODE_WORDS];
        for (bit, entry) in entries().iter().take(CODE_WORDS * 64).enumerate() {
            if entry.code.is_need() || matches!(entry.code.class(), "acc" | "fee") {
                shown[bit / 64] |= 1 << (bit % 64);
            }
        }
        Self {
            codes: [0; CODE_WORDS * 64],
            shown,
            languages: [0; LANGUAGE_WORDS * 64],
            own: HashMap::new(),
            access: [0; 2],
            states: [0; State::ALL.len()],
            regions: Vec::new(),
            odd: HashMap::new(),
        }
    }

    /// Counts a service whose matching offers have these.
    pub(crate) fn add(&mut self, service: &Service, have: &[Have], sets: &Sets) {
        for (word, (has, shown)) in service.codes.iter().zip(&self.shown).enumerate() {
            for bit in ones(has & shown) {
                self.codes[word * 64 + bit as usize] += 1;
            }
        }
        for (word, has) in service.spoken.iter().enumerate() {
            for bit in ones(*has) {
                self.languages[word * 64 + bit as usize] += 1;
            }
        }
        if let Some(own) = sets.own.at(service.own as usize) {
            for number in own.iter() {
                *self.own.entry(*number).or_default() += 1;
            }
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

    fn offers(&mut self, have: &[Have]) {
        let (mut access, mut states) = (0, 0);
        for (at, one) in have.iter().enumerate() {
            access |= one.access;
            states |= one.states;
            let again = have[..at]
                .iter()
                .any(|earlier| earlier.region == one.region);
            if let Some(region) = one.region.filter(|_| !again) {
                match self
                    .regions
                    .iter_mut()
                    .find(|(number, _)| *number == region)
                {
                    Some((_, count)) => *count += 1,
                    None => self.regions.push((region, 1)),
                }
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
    pub(crate) fn facets(self, sets: &Sets) -> Facets {
        let mut all = self.odd;
        let mut add = |filter: Option<Filter>, count: u32| {
            if let Some(filter) = filter.filter(|_| count > 0) {
                *all.entry(filter).or_default() += count as usize;
            }
        };
        for (entry, count) in entries().iter().zip(self.codes) {
            if count > 0 {
                add(Some(Filter::Code(entry.code.clone())), count);
            }
        }
        for (bit, count) in self.languages.into_iter().enumerate() {
            if count > 0 {
                let tag = sets
                    .languages
                    .at(bit)
                    .and_then(|tag| LanguageTag::parse(tag).ok());
                add(tag.map(Filter::Language), count);
            }
        }
        for (number, count) in self.own {
            let code = sets.codes.at(number as usize).cloned();
            add(code.filter(is_shown).map(Filter::Code), count);
        }
        for (way, count) in [Access::InPerson, Access::Remote]
            .into_iter()
            .zip(self.access)
        {
            add(Some(Filter::Access(way)), count);
        }
        for (state, count) in State::ALL.into_iter().zip(self.states) {
            add(Some(Filter::State(state)), count);
        }
        for (number, count) in self.regions {
            let letters = Letters(number.to_be_bytes());
            add(letters.state().map(Filter::InState), count);
        }
        Facets::of(all)
    }
}

fn is_shown(code: &Code) -> bool {
    code.is_need() || matches!(code.class(), "acc" | "fee")
}
