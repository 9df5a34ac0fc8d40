//! One capacity report, valid by construction.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::capacity::{Stated, Ttl};
use crate::id::LocalId;
use crate::text::Text;

/// The most different units one report may count.
const UNITS: usize = 6;
/// How far ahead of the receiver's clock a report may say it was observed before it is malformed.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// What a place is counted in. Units are never added up together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unit {
    /// One person.
    Client,
    /// One household.
    Family,
    /// One bed.
    Bed,
    /// One seat in a group.
    Seat,
    /// One hour of work.
    Hour,
    /// One legal case.
    Case,
}

/// How many places there are in one unit. `None` is unknown, which is not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// What is counted.
    pub unit: Unit,
    /// Places free now.
    pub available: Option<u32>,
    /// Places there are in all.
    pub maximum: Option<u32>,
}

/// How long people on the list wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WaitBand {
    /// Less than 2 weeks.
    UnderTwoWeeks,
    /// 2 to 6 weeks.
    TwoToSixWeeks,
    /// 6 to 12 weeks.
    SixToTwelveWeeks,
    /// More than 12 weeks.
    OverTwelveWeeks,
}

/// Who or what knows the number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Source {
    /// A person typed it.
    #[default]
    Person,
    /// Another system of the agency.
    System,
    /// Somebody called and asked.
    PhoneCheck,
    /// Worked out from something else.
    Derived,
}

/// What somebody wants to report, not yet checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The service.
    pub service: LocalId,
    /// The location; `None` is the service as a whole.
    pub location: Option<LocalId>,
    /// Its state.
    pub state: Stated,
    /// Its places, the main unit first.
    pub counts: Vec<Count>,
    /// People on the waiting list.
    pub waitlist_count: Option<u32>,
    /// How long they wait.
    pub wait_band: Option<WaitBand>,
    /// When a window opens.
    pub opens_at: Option<Timestamp>,
    /// The day a paused or closed service is to reopen.
    pub reopens_at: Option<Date>,
    /// When somebody knew this.
    pub observed_at: Timestamp,
    /// How long it may be believed; `None`: as long as the directory allows.
    pub ttl: Option<Ttl>,
    /// Who or what knows it.
    pub source: Source,
    /// A note to caseworkers.
    pub note: Option<Text>,
}

/// A checked capacity report: about one service, optionally at one location.
#[derive(Clone, Debug, PartialEq)]
pub struct Report(Draft);

/// Why a capacity report was refused. Every variant is the sender's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReport {
    /// More places are available than exist: (available, maximum).
    #[error("{0} places available out of {1}: correct one of the two")]
    AvailableExceedsMaximum(u32, u32),
    /// Open with nothing free.
    #[error("open or limited with 0 places available: say waitlist, paused or closed instead")]
    OpenWithoutPlaces,
    /// The same unit twice, or more units than there are.
    #[error("each unit may be counted once")]
    UnitTwice,
    /// Observed in the future.
    #[error("observed more than a day in the future: check the clock")]
    ObservedInFuture,
}

impl InvalidReport {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::AvailableExceedsMaximum(..) => "available_exceeds_maximum",
            Self::OpenWithoutPlaces => "open_without_places",
            Self::UnitTwice => "unit_twice",
            Self::ObservedInFuture => "observed_in_future",
        }
    }
}

impl Report {
    /// Checks a report at `now`, the checker's own time.
    ///
    /// # Errors
    /// [`InvalidReport`] for numbers that cannot be true together.
    pub fn parse(draft: Draft, now: Timestamp) -> Result<Self, InvalidReport> {
        for (at, count) in draft.counts.iter().enumerate() {
            if let (Some(available), Some(maximum)) = (count.available, count.maximum)
                && available > maximum
            {
                return Err(InvalidReport::AvailableExceedsMaximum(available, maximum));
            }
            if draft.counts[..at]
                .iter()
                .any(|other| other.unit == count.unit)
                || at >= UNITS
            {
                return Err(InvalidReport::UnitTwice);
            }
        }
        let main = draft.counts.first().and_then(|count| count.available);
        if matches!(draft.state, Stated::Open | Stated::Limited) && main == Some(0) {
            return Err(InvalidReport::OpenWithoutPlaces);
        }
        if draft.observed_at > now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX) {
            return Err(InvalidReport::ObservedInFuture);
        }
        Ok(Self(draft))
    }

    /// What it says.
    #[must_use]
    pub fn said(&self) -> &Draft {
        &self.0
    }

    /// What it is about: the service, and the location where it names one.
    #[must_use]
    pub fn key(&self) -> (&LocalId, Option<&LocalId>) {
        (&self.0.service, self.0.location.as_ref())
    }

    /// The main count: the first.
    #[must_use]
    pub fn main_count(&self) -> Option<Count> {
        self.0.counts.first().copied()
    }
}

impl Unit {
    /// Every unit.
    pub const ALL: [Self; 6] = [
        Self::Client,
        Self::Family,
        Self::Bed,
        Self::Seat,
        Self::Hour,
        Self::Case,
    ];

    /// The unit's stable name, singular.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Family => "family",
            Self::Bed => "bed",
            Self::Seat => "seat",
            Self::Hour => "hour",
            Self::Case => "case",
        }
    }

    /// Reads a unit by its name, singular or with an `s`, in any case; `None` for other words.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let word = text.trim().to_lowercase();
        let word = if word == "families" {
            "family"
        } else {
            word.strip_suffix('s').unwrap_or(&word)
        };
        Self::ALL.into_iter().find(|unit| unit.as_str() == word)
    }
}

impl WaitBand {
    /// The band as people read it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnderTwoWeeks => "<2w",
            Self::TwoToSixWeeks => "2-6w",
            Self::SixToTwelveWeeks => "6-12w",
            Self::OverTwelveWeeks => ">12w",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(state: Stated, available: Option<u32>, maximum: Option<u32>) -> Draft {
        Draft {
            service: LocalId::from_source("s"),
            location: None,
            state,
            counts: vec![Count {
                unit: Unit::Bed,
                available,
                maximum,
            }],
            waitlist_count: None,
            wait_band: None,
            opens_at: None,
            reopens_at: None,
            observed_at: Timestamp::UNIX_EPOCH,
            ttl: None,
            source: Source::Person,
            note: None,
        }
    }

    fn parse(draft: Draft) -> Result<Report, InvalidReport> {
        Report::parse(draft, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn more_places_than_exist_are_refused() {
        let refused = parse(draft(Stated::Open, Some(12), Some(10)));

        assert_eq!(refused, Err(InvalidReport::AvailableExceedsMaximum(12, 10)));
    }

    #[test]
    fn open_with_nothing_free_is_refused_and_full_with_nothing_free_is_not() {
        let open = parse(draft(Stated::Open, Some(0), Some(10)));

        assert_eq!(open, Err(InvalidReport::OpenWithoutPlaces));
        assert!(parse(draft(Stated::Waitlist, Some(0), Some(10))).is_ok());
    }

    #[test]
    fn an_unknown_number_is_not_zero() {
        assert!(parse(draft(Stated::Open, None, None)).is_ok());
    }

    #[test]
    fn units_are_read_as_people_write_them() {
        assert_eq!(Unit::parse("Beds"), Some(Unit::Bed));
        assert_eq!(Unit::parse("families"), Some(Unit::Family));
        assert_eq!(Unit::parse("Kilogram"), None);
    }
}
