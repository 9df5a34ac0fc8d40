//! Why a change was not made, in words of the file of texts.

use referral_core::capacity::InvalidReport;

use crate::operations::CapacityRefused;
use crate::operations::desk::{CannotTap, NotChanged};
use crate::page::{say, tell};

/// A change of the list.
pub(super) fn not_changed(wrong: &NotChanged) -> String {
    match wrong {
        NotChanged::Unknown => say("wrong-unknown"),
        NotChanged::Meanwhile => say("wrong-meanwhile"),
        NotChanged::NothingToUndo => say("wrong-nothing-to-undo"),
        NotChanged::Tap(cannot) => cannot_tap(*cannot),
        NotChanged::Refused(refused) => capacity(refused),
        NotChanged::NotQueued(_) => say("not-saved"),
    }
}

/// What was said of the places of a service.
pub(super) fn capacity(refused: &CapacityRefused) -> String {
    match refused {
        CapacityRefused::UnknownService { .. } | CapacityRefused::UnknownLocation { .. } => {
            say("wrong-unknown")
        }
        CapacityRefused::NeverReported { .. } => say("wrong-never-said"),
        CapacityRefused::HasChanged { on, .. } => {
            tell("wrong-has-changed", &[("day", on.as_str().into())])
        }
        CapacityRefused::Invalid(invalid) => report(*invalid),
    }
}

fn cannot_tap(cannot: CannotTap) -> String {
    match cannot {
        CannotTap::NotCounted => say("wrong-not-counted"),
        CannotTap::AllFree(all) => tell("wrong-all-free", &[("all", all.into())]),
        CannotTap::NoneFree => say("wrong-none-free"),
    }
}

/// Numbers that cannot be true together.
pub(in crate::page) fn report(invalid: InvalidReport) -> String {
    match invalid {
        InvalidReport::AvailableExceedsMaximum(free, all) => {
            let values = [("free", free.into()), ("all", all.into())];
            tell("wrong-more-than-all", &values)
        }
        InvalidReport::OpenWithoutPlaces => say("wrong-open-without-places"),
        InvalidReport::UnitTwice => say("wrong-unit-twice"),
        InvalidReport::ObservedInFuture => say("wrong-clock"),
    }
}
