//! The rows of a part: what matching and counting need of services and offers, in fixed sizes.

use jiff::civil::Date;
use referral_core::geo::{CountryCode, StateCode};

use crate::live::Cell;
use crate::part::sphere::{Chord, Vector};
use crate::slots::Slot;

/// Words of a set of vocabulary codes.
pub(crate) const CODE_WORDS: usize = 4;
/// Words of a set of languages.
pub(crate) const LANGUAGE_WORDS: usize = 2;

/// A set of languages, a bit for each.
pub(crate) type Languages = [u64; LANGUAGE_WORDS];

/// What is the same for all offers of a service. What every match needs is in the first line of the
/// processor's cache, the rest in the second.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(crate) struct Service {
    /// Vocabulary codes, a bit for each.
    pub(crate) codes: [u64; CODE_WORDS],
    /// Languages it is given in, without an interpreter by phone.
    pub(crate) spoken: Languages,
    /// Its rules, as a number of [`super::Sets`].
    pub(crate) rules: u32,
    /// Its codes that are no vocabulary codes, as a number of [`super::Sets`].
    pub(crate) own: u32,
    /// Its slot.
    pub(crate) slot: Slot,
    /// What is rare about it.
    pub(crate) marks: Marks,
    /// Languages with an interpreter by phone.
    pub(crate) phone: Languages,
    /// What its organization is turned by among equals, and known by in bundles.
    pub(crate) organization: u64,
    /// Who publishes it, as a number of [`super::Sets`].
    pub(crate) agency: u32,
    /// Its public id.
    pub(crate) id: u128,
}

/// What is rare about a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks(u8);

impl Marks {
    /// Rows cannot hold all of it: its facts have the last word.
    pub(crate) const ODD: u8 = 1;
    /// Its codes change when a credential lapses: see [`super::Part::on`].
    pub(crate) const LAPSES: u8 = 16;
    /// It has an interpreter by phone and does not say for which languages.
    pub(crate) const ANY_BY_PHONE: u8 = 2;
    /// Whether it may take cases before the immigration court is for the provider to say.
    pub(crate) const COURT_DECIDES: u8 = 4;
    /// The same for federal courts.
    pub(crate) const FEDERAL_DECIDES: u8 = 8;

    /// The marks with this number.
    pub(crate) fn of(number: u8) -> Self {
        Self(number)
    }

    /// All of them as a number.
    pub(crate) fn number(self) -> u8 {
        self.0
    }

    /// Sets a mark.
    pub(crate) fn set(&mut self, mark: u8, on: bool) {
        if on {
            self.0 |= mark;
        }
    }

    /// Whether a mark is set.
    pub(crate) fn has(self, mark: u8) -> bool {
        self.0 & mark != 0
    }
}

/// One offer, and what is reported of it: one line of the processor's cache.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Row {
    pub(crate) offer: Offer,
    pub(crate) cell: Cell,
}

impl Row {
    /// An offer of which nothing is reported.
    pub(crate) fn of(offer: Offer) -> Self {
        Self {
            offer,
            cell: Cell::default(),
        }
    }
}

/// One offer of a service.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    /// Where it is; anything for offers without a position.
    pub(crate) at: Vector,
    /// How far it serves around itself, where that is all there is to its areas.
    pub(crate) around: Option<Chord>,
    /// Its service, within the part.
    pub(crate) service: u32,
    /// Its areas, as a number of [`super::Sets`]; 0: not stated.
    pub(crate) areas: u32,
    /// The county of a confidential place; the number of its organization's positions where no location
    /// is stated.
    pub(crate) detail: u32,
    /// The state of its site, or of the organization of a remote one.
    pub(crate) state: Letters,
    /// The country of its site.
    pub(crate) country: Letters,
    /// Its number among the offers of the service.
    pub(crate) nth: u16,
    /// What kind of site it is at.
    pub(crate) site: SiteKind,
    /// Whether the service has other offers, and whether rows say everything about it.
    pub(crate) alone: Alone,
}

/// Whether an offer is all there is to know of its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alone {
    /// The service has other offers.
    No,
    /// It has not, but its codes lapse, or rows cannot hold all of it.
    Odd,
    /// It has not, and what offers are listed by is exact.
    Plain,
}

/// What codes a service has until a day.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Until {
    /// The last day.
    pub(crate) last: Date,
    /// Vocabulary codes, a bit for each.
    pub(crate) codes: [u64; CODE_WORDS],
}

/// What kind of site an offer is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SiteKind {
    /// At a position.
    At,
    /// Somewhere in a county.
    County,
    /// At an address no map knows.
    Unplaced,
    /// Nowhere.
    Remote,
    /// Not stated.
    NotStated,
}

/// A code of two letters; zeros for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Letters(pub(crate) [u8; 2]);

impl Letters {
    /// The letters of a state.
    pub(crate) fn of_state(state: Option<StateCode>) -> Self {
        state.map_or_else(Self::default, |state| Self::of(state.as_str()))
    }

    /// The letters of a country.
    pub(crate) fn of_country(country: CountryCode) -> Self {
        Self::of(country.as_str())
    }

    /// The state with these letters.
    pub(crate) fn state(self) -> Option<StateCode> {
        StateCode::parse(std::str::from_utf8(&self.0).ok()?).ok()
    }

    /// The letters as a number.
    pub(crate) fn number(self) -> usize {
        usize::from(u16::from_be_bytes(self.0))
    }

    fn of(text: &str) -> Self {
        text.as_bytes().try_into().map(Self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_one_line_of_the_cache() {
        assert_eq!(size_of::<Row>(), 64);
    }
}
