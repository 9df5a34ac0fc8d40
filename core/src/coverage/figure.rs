//! One number of a report: its value, its bounds, and how many providers stand behind it.

use std::cmp::Ordering;

/// A value that may be missing for a reason.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// This many, in the [`Quantity`] of the figure. Finite.
    Number(f64),
    /// None: nobody open is in reach. Never printed as zero or infinity.
    None,
    /// Not told: it counts 1 to 10 searches or would give such a count away, or no evidence was given.
    Withheld,
}

/// What a number counts, and in what unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quantity {
    /// A distance in kilometres; people are shown miles.
    Kilometres,
    /// A share of people, or of searches: 0..=1.
    Share,
    /// Open places for each 1,000 people.
    PlacesPerThousand,
    /// People for each open place.
    PeoplePerPlace,
    /// Days.
    Days,
}

/// One number of a report.
///
/// `value` counts what is open and confirmed in time, and areas without a condition. What is stale, what nobody
/// knows, and areas that hold only on a condition could add to it: `lower` and `upper` are the least and the most
/// the number can be, whatever of that turns out to be open. `lower <= value <= upper`; in distances and people
/// for a place [`Amount::None`] is above every number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// With what is certain.
    pub value: Amount,
    /// The least it can be.
    pub lower: Amount,
    /// The most it can be.
    pub upper: Amount,
    /// How many pools of places (for dead ends: searches, as far as published) stand behind `value`.
    pub n: u64,
}

impl Amount {
    /// The number, where there is one.
    #[must_use]
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number),
            Self::None | Self::Withheld => None,
        }
    }

    /// The order from least to most, with none above every number and withheld above that.
    #[must_use]
    pub fn total_cmp(&self, other: &Self) -> Ordering {
        let rank = |amount: &Self| match amount {
            Self::Number(_) => 0,
            Self::None => 1,
            Self::Withheld => 2,
        };
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (a, b) => rank(a).cmp(&rank(b)),
        }
    }
}

impl From<Option<f64>> for Amount {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::None, Self::Number)
    }
}

impl Figure {
    /// A figure without doubt.
    #[must_use]
    pub fn certain(value: Amount, n: u64) -> Self {
        Self {
            value,
            lower: value,
            upper: value,
            n,
        }
    }
}

impl Quantity {
    /// A stable name, as exports write it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Kilometres => "kilometres",
            Self::Share => "share",
            Self::PlacesPerThousand => "places_per_thousand_people",
            Self::PeoplePerPlace => "people_per_place",
            Self::Days => "days",
        }
    }

    /// Whether a greater number is better for people.
    #[must_use]
    pub fn more_is_better(self) -> bool {
        matches!(self, Self::Share | Self::PlacesPerThousand)
    }
}
