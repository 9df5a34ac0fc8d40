//! A request, turned into what rows are compared with. Made once for each search.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use referral_core::catalog::LanguageTag;
use referral_core::feedback::Precision;
use referral_core::geo::{Locality, LocalityKind};
use referral_core::id::PublicId;
use referral_core::search::{Fit, Request, day, qualifies};
use referral_core::vocabulary::Code;

use crate::live::Moment;
use crate::part::{
    CODE_WORDS, Circle, LANGUAGE_WORDS, Languages, Marks, OTHER_LANGUAGE, Property, Service, Sets,
};
use crate::search::Around;

/// A search at a time.
pub(crate) struct Asked<'a> {
    /// What is asked.
    pub(crate) request: &'a Request,
    /// When.
    pub(crate) now: Timestamp,
    pub(crate) moment: Moment,
    pub(crate) today: Date,
    /// What rows refer to.
    pub(crate) sets: &'a Sets,
    /// Any of these codes answers the need.
    pub(crate) any_of: Codes,
    /// Those of them that the provider decides on, where the mark is set.
    gated: [(u8, [u64; CODE_WORDS]); 2],
    /// All of these must hold; each with the place of the first term equal to it.
    pub(crate) all_of: Vec<(Lookup, usize)>,
    /// Codes of facets that were chosen.
    pub(crate) also: Vec<Lookup>,
    /// Languages of facets that were chosen, each.
    pub(crate) also_languages: Vec<Languages>,
    /// Any of these languages answers.
    pub(crate) languages: Languages,
    /// Any of these codes makes it cheap enough.
    pub(crate) fee: Codes,
    /// The circle searched; none where the place has no position or is a region.
    pub(crate) circle: Option<Circle>,
    /// How far each service's "open" can be relied on, where that is known.
    reliance: &'a HashMap<PublicId, Precision>,
}

/// How rows know a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// By the bit of a vocabulary code.
    Bit(u32),
    /// By its number.
    Own(u32),
    /// No service ever had it.
    Unknown,
}

/// A set of codes of which a service has one.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    bits: [u64; CODE_WORDS],
    own: Vec<u32>,
    lookups: Vec<Lookup>,
}

impl<'a> Asked<'a> {
    /// The request at the time that `around` says.
    pub(crate) fn of(request: &'a Request, sets: &'a Sets, around: &Around<'a>) -> Self {
        let (look, now) = (around.look, around.now);
        let today = day(now);
        let need = request.need.as_ref();
        let any_of = need.map_or(&[][..], |need| &need.any_of);
        let all_of = need.map_or(&[][..], |need| &need.all_of);
        let bit = |tag: &LanguageTag| language(tag, sets);
        let also_languages = request.also.languages.iter();
        let fee = request.fee.map_or(&[][..], |fee| fee.codes());
        let fee: Vec<Code> = fee
            .iter()
            .filter_map(|code| Code::parse(code).ok())
            .collect();
        Self {
            request,
            now,
            moment: Moment::of(now),
            today,
            sets,
            any_of: Codes::of(any_of, look),
            gated: gated(any_of, look, today),
            all_of: terms(all_of, look),
            also: request.also.codes.iter().map(look).collect(),
            also_languages: also_languages.map(|tag| language_bit(tag, sets)).collect(),
            languages: union(request.languages.iter().map(bit)),
            fee: Codes::of(&fee, look),
            circle: circle(request),
            reliance: around.reliance,
        }
    }

    /// How far the "open" of a service can be relied on, where that is known.
    pub(crate) fn precision(&self, service: &Service) -> Option<Precision> {
        // Most of the time nothing is known of anybody.
        if self.reliance.is_empty() {
            return None;
        }
        let id = PublicId::from_u128(service.id);
        self.reliance.get(&id).copied()
    }

    /// How well a service answers the need that is listed with one of its codes. Its row is only read where the
    /// provider may have to decide.
    pub(crate) fn listed_fit(&self, service: &Service) -> Fit {
        let gated = self
            .gated
            .iter()
            .any(|(_, codes)| codes.iter().any(|word| *word != 0));
        if gated {
            self.need_fit(service)
        } else {
            Fit::Fits
        }
    }

    /// How well a service answers the need.
    pub(crate) fn need_fit(&self, service: &Service) -> Fit {
        if self.any_of.is_empty() {
            return Fit::Fits;
        }
        let mut codes = service.codes;
        let mut decides = false;
        for (mark, gated) in &self.gated {
            if service.marks.has(*mark) {
                for (word, gated) in codes.iter_mut().zip(gated) {
                    decides |= *word & gated != 0;
                    *word &= !gated;
                }
            }
        }
        if self.any_of.meet(&codes, service.own, self.sets) {
            Fit::Fits
        } else if decides {
            Fit::Decides
        } else {
            Fit::No
        }
    }

    /// The terms a service lacks, see [`referral_core::search::Need::missing_terms`].
    pub(crate) fn missing_terms(&self, service: &Service) -> u32 {
        let lacks = |(term, _): &&(Lookup, usize)| !term.is_of(service, self.sets);
        let missing = self.all_of.iter().filter(lacks);
        missing.fold(0, |missing, (_, first)| missing | 1 << first.min(&31))
    }
}

fn terms(all_of: &[Code], look: &dyn Fn(&Code) -> Lookup) -> Vec<(Lookup, usize)> {
    let first = |code: &Code| all_of.iter().position(|term| term == code);
    let terms = all_of.iter();
    terms
        .map(|code| (look(code), first(code).unwrap_or_default()))
        .collect()
}

impl Lookup {
    /// Whether a service has the code.
    pub(crate) fn is_of(self, service: &Service, sets: &Sets) -> bool {
        match self {
            Self::Bit(bit) => {
                let bit = bit as usize;
                service.codes[bit / 64] & (1 << (bit % 64)) != 0
            }
            Self::Own(number) => own(service.own, sets).contains(&number),
            Self::Unknown => false,
        }
    }

    /// What offers with the code are listed by.
    pub(crate) fn property(self) -> Option<Property> {
        match self {
            Self::Bit(bit) => Some(Property::Code(bit)),
            Self::Own(number) => Some(Property::Own(number)),
            Self::Unknown => None,
        }
    }
}

impl Codes {
    fn of(codes: &[Code], look: &dyn Fn(&Code) -> Lookup) -> Self {
        let mut all = Self::default();
        for code in codes {
            let lookup = look(code);
            all.lookups.push(lookup);
            match lookup {
                Lookup::Bit(bit) => all.bits[bit as usize / 64] |= 1 << (bit % 64),
                Lookup::Own(number) => all.own.push(number),
                Lookup::Unknown => {}
            }
        }
        all
    }

    /// True when no code is asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.lookups.is_empty()
    }

    /// Whether a service has one of them.
    pub(crate) fn any_of(&self, service: &Service, sets: &Sets) -> bool {
        self.meet(&service.codes, service.own, sets)
    }

    /// What offers with one of them are listed by.
    pub(crate) fn properties(&self) -> impl Iterator<Item = Property> {
        self.lookups.iter().filter_map(|lookup| lookup.property())
    }

    fn meet(&self, codes: &[u64; CODE_WORDS], own_set: u32, sets: &Sets) -> bool {
        let bits = self.bits.iter().zip(codes);
        let any = bits.fold(0, |any, (asked, has)| any | (asked & has));
        any != 0
            || (!self.own.is_empty() && own(own_set, sets).iter().any(|n| self.own.contains(n)))
    }
}

fn own(set: u32, sets: &Sets) -> &[u32] {
    sets.own.at(set as usize).map_or(&[], |own| own)
}

/// Codes of a need that want a credential, by the mark that says that none is stated.
fn gated(
    codes: &[Code],
    look: &dyn Fn(&Code) -> Lookup,
    today: Date,
) -> [(u8, [u64; CODE_WORDS]); 2] {
    let (mut court, mut federal) = ([0; CODE_WORDS], [0; CODE_WORDS]);
    let full = Code::parse("cred:rep-f").map(|code| [(code, None)]);
    for code in codes {
        if qualifies(code, &[], today) != Fit::Decides {
            continue;
        }
        let lawyers_only = full
            .as_ref()
            .is_ok_and(|full| qualifies(code, full, today) == Fit::No);
        let words = if lawyers_only {
            &mut federal
        } else {
            &mut court
        };
        if let Lookup::Bit(bit) = look(code) {
            words[bit as usize / 64] |= 1 << (bit % 64);
        }
    }
    [
        (Marks::COURT_DECIDES, court),
        (Marks::FEDERAL_DECIDES, federal),
    ]
}

/// The bit of a language; the one that rare languages share where it has none.
fn language(tag: &LanguageTag, sets: &Sets) -> usize {
    let all = 0..sets.languages.len();
    let mut known = all.filter(|bit| sets.languages.at(*bit).is_some_and(|l| l == tag.primary()));
    known.next().unwrap_or(OTHER_LANGUAGE)
}

/// A language as rows have it.
pub(crate) fn language_bit(tag: &LanguageTag, sets: &Sets) -> Languages {
    union([language(tag, sets)])
}

fn union(bits: impl IntoIterator<Item = usize>) -> Languages {
    let mut words = [0; LANGUAGE_WORDS];
    for bit in bits {
        words[bit / 64] |= 1 << (bit % 64);
    }
    words
}

fn circle(request: &Request) -> Option<Circle> {
    let near = request
        .near
        .as_ref()
        .filter(|near| !is_region(&near.place))?;
    Some(Circle::new(near.place.point?, near.radius))
}

/// States and countries are searched in, not around.
pub(crate) fn is_region(place: &Locality) -> bool {
    matches!(place.kind, LocalityKind::State | LocalityKind::Country)
}
