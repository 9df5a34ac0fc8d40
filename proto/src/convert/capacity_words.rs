//! The closed lists of capacity: states, units, waiting times, sources, and what a search asks for.

use referral_core::capacity::{Availability, InvalidState, Source, State, Stated, Unit, WaitBand};

use super::reading::{Fault, Unspecified};
use crate::v1;

impl From<State> for v1::CapacityState {
    fn from(state: State) -> Self {
        match state {
            State::Open => Self::Open,
            State::Limited => Self::Limited,
            State::Assess => Self::Assess,
            State::Waitlist => Self::Waitlist,
            State::Window => Self::Window,
            State::Paused => Self::Paused,
            State::Closed => Self::Closed,
            State::Stale => Self::Stale,
            State::Unknown => Self::Unknown,
        }
    }
}

impl From<Stated> for v1::CapacityState {
    fn from(state: Stated) -> Self {
        State::from(state).into()
    }
}

impl TryFrom<v1::CapacityState> for State {
    type Error = Unspecified;

    fn try_from(state: v1::CapacityState) -> Result<Self, Unspecified> {
        match state {
            v1::CapacityState::Unspecified => Err(Unspecified),
            v1::CapacityState::Open => Ok(Self::Open),
            v1::CapacityState::Limited => Ok(Self::Limited),
            v1::CapacityState::Assess => Ok(Self::Assess),
            v1::CapacityState::Waitlist => Ok(Self::Waitlist),
            v1::CapacityState::Window => Ok(Self::Window),
            v1::CapacityState::Paused => Ok(Self::Paused),
            v1::CapacityState::Closed => Ok(Self::Closed),
            v1::CapacityState::Stale => Ok(Self::Stale),
            v1::CapacityState::Unknown => Ok(Self::Unknown),
        }
    }
}

/// What an agency may say: every state but `STALE`, which only time brings about.
impl TryFrom<v1::CapacityState> for Stated {
    type Error = InvalidState;

    fn try_from(state: v1::CapacityState) -> Result<Self, InvalidState> {
        let state = State::try_from(state).map_err(|_| InvalidState::State)?;
        Self::ALL
            .into_iter()
            .find(|stated| State::from(*stated) == state)
            .ok_or(InvalidState::State)
    }
}

impl From<InvalidState> for Fault {
    fn from(why: InvalidState) -> Self {
        match why {
            InvalidState::State => Self::new("capacity_state_invalid", why),
            InvalidState::Availability => Self::new("availability_invalid", why),
        }
    }
}

impl From<Unit> for v1::CapacityUnit {
    fn from(unit: Unit) -> Self {
        match unit {
            Unit::Client => Self::Client,
            Unit::Family => Self::Family,
            Unit::Bed => Self::Bed,
            Unit::Seat => Self::Seat,
            Unit::Hour => Self::Hour,
            Unit::Case => Self::Case,
        }
    }
}

impl TryFrom<v1::CapacityUnit> for Unit {
    type Error = Unspecified;

    fn try_from(unit: v1::CapacityUnit) -> Result<Self, Unspecified> {
        match unit {
            v1::CapacityUnit::Unspecified => Err(Unspecified),
            v1::CapacityUnit::Client => Ok(Self::Client),
            v1::CapacityUnit::Family => Ok(Self::Family),
            v1::CapacityUnit::Bed => Ok(Self::Bed),
            v1::CapacityUnit::Seat => Ok(Self::Seat),
            v1::CapacityUnit::Hour => Ok(Self::Hour),
            v1::CapacityUnit::Case => Ok(Self::Case),
        }
    }
}

impl From<Option<WaitBand>> for v1::WaitBand {
    fn from(band: Option<WaitBand>) -> Self {
        match band {
            None => Self::Unspecified,
            Some(WaitBand::UnderTwoWeeks) => Self::Under2Weeks,
            Some(WaitBand::TwoToSixWeeks) => Self::WaitBand2To6Weeks,
            Some(WaitBand::SixToTwelveWeeks) => Self::WaitBand6To12Weeks,
            Some(WaitBand::OverTwelveWeeks) => Self::Over12Weeks,
        }
    }
}

/// How long people wait; `None` where that is not stated.
impl From<v1::WaitBand> for Option<WaitBand> {
    fn from(band: v1::WaitBand) -> Self {
        match band {
            v1::WaitBand::Unspecified => None,
            v1::WaitBand::Under2Weeks => Some(WaitBand::UnderTwoWeeks),
            v1::WaitBand::WaitBand2To6Weeks => Some(WaitBand::TwoToSixWeeks),
            v1::WaitBand::WaitBand6To12Weeks => Some(WaitBand::SixToTwelveWeeks),
            v1::WaitBand::Over12Weeks => Some(WaitBand::OverTwelveWeeks),
        }
    }
}

impl From<Source> for v1::CapacitySource {
    fn from(source: Source) -> Self {
        match source {
            Source::Person => Self::Person,
            Source::System => Self::System,
            Source::PhoneCheck => Self::PhoneCheck,
            Source::Derived => Self::Derived,
        }
    }
}

impl From<v1::CapacitySource> for Source {
    fn from(source: v1::CapacitySource) -> Self {
        match source {
            v1::CapacitySource::Unspecified | v1::CapacitySource::Person => Self::Person,
            v1::CapacitySource::System => Self::System,
            v1::CapacitySource::PhoneCheck => Self::PhoneCheck,
            v1::CapacitySource::Derived => Self::Derived,
        }
    }
}

impl From<Availability> for v1::Availability {
    fn from(availability: Availability) -> Self {
        match availability {
            Availability::Open => Self::Open,
            Availability::Waitlist => Self::Waitlist,
            Availability::Unconfirmed => Self::Unconfirmed,
            Availability::Any => Self::Any,
        }
    }
}

impl From<v1::Availability> for Availability {
    fn from(availability: v1::Availability) -> Self {
        match availability {
            v1::Availability::Unspecified | v1::Availability::Open => Self::Open,
            v1::Availability::Waitlist => Self::Waitlist,
            v1::Availability::Unconfirmed => Self::Unconfirmed,
            v1::Availability::Any => Self::Any,
        }
    }
}
