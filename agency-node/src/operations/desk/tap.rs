//! The one-tap changes: what is reported next, worked out of what was reported last.

use jiff::Timestamp;
use referral_core::capacity::{Count, Draft, Source, Stated, Unit};
use serde::{Deserialize, Serialize};

use crate::outbox::ReportKey;

/// What somebody taps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tap {
    /// Takes new clients.
    Open,
    /// Has a waiting list.
    Waitlist,
    /// Takes nobody now: paused, with no place free.
    Full,
    /// One more place is free.
    OneMore,
    /// One place less is free; the last one makes it full.
    OneLess,
    /// So many places are free; none makes it full.
    Places(u32),
}

/// Why a tap makes no report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotTap {
    /// Nobody said how many places there are, so there is no one more and no one less.
    #[error("how many places are free was never said: type the number")]
    NotCounted,
    /// One more than there are.
    #[error("all {0} places are free already")]
    AllFree(u32),
    /// One less than none.
    #[error("no place is free already")]
    NoneFree,
}

impl CannotTap {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotCounted => "not_counted",
            Self::AllFree(_) => "all_free",
            Self::NoneFree => "none_free",
        }
    }
}

/// What a tap reports.
///
/// * `before` — what was reported last about the same thing; `None`: nothing.
/// * `now` — when somebody taps: then the new state is known.
///
/// # Errors
/// [`CannotTap`].
pub fn tapped(
    about: &ReportKey,
    before: Option<&Draft>,
    tap: Tap,
    now: Timestamp,
) -> Result<Draft, CannotTap> {
    let main = before.and_then(|before| before.counts.first().copied());
    let free = main.and_then(|count| count.available);
    let draft = match tap {
        Tap::Open => {
            // A number stands; that none is free does not.
            let free = free.filter(|free| *free > 0);
            afresh(about, before, Stated::Open, free, now)
        }
        Tap::Full => afresh(about, before, Stated::Paused, Some(0), now),
        Tap::Waitlist => {
            let list = before.filter(|before| before.state == Stated::Waitlist);
            Draft {
                waitlist_count: list.and_then(|list| list.waitlist_count),
                wait_band: list.and_then(|list| list.wait_band),
                ..afresh(about, before, Stated::Waitlist, Some(0), now)
            }
        }
        Tap::OneMore => {
            let free = free.ok_or(CannotTap::NotCounted)?;
            if let Some(all) = main
                .and_then(|count| count.maximum)
                .filter(|all| free >= *all)
            {
                return Err(CannotTap::AllFree(all));
            }
            counted(about, before, free.saturating_add(1), now)
        }
        Tap::OneLess => {
            let free = free.ok_or(CannotTap::NotCounted)?;
            let less = free.checked_sub(1).ok_or(CannotTap::NoneFree)?;
            counted(about, before, less, now)
        }
        Tap::Places(free) => counted(about, before, free, now),
    };
    Ok(draft)
}

/// A report with so many free places of the main unit.
fn counted(about: &ReportKey, before: Option<&Draft>, free: u32, now: Timestamp) -> Draft {
    let was = before.map(|before| before.state);
    match (free, was) {
        (0, _) => {
            let mut full = afresh(about, before, Stated::Paused, Some(0), now);
            main_count(&mut full.counts).available = Some(0);
            full
        }
        // As before, but for the number: notes and the like stay.
        (_, Some(Stated::Open | Stated::Limited)) => {
            let mut draft = before.cloned().unwrap_or_else(|| nothing(about, now));
            main_count(&mut draft.counts).available = Some(free);
            Draft {
                observed_at: now,
                source: Source::Person,
                ..draft
            }
        }
        _ => {
            let mut open = afresh(about, before, Stated::Open, None, now);
            main_count(&mut open.counts).available = Some(free);
            open
        }
    }
}

/// A report of another state: units, how many places there are in all and the time to live stand; what was said of
/// reopening, of the list and in a note belongs to the state before.
fn afresh(
    about: &ReportKey,
    before: Option<&Draft>,
    state: Stated,
    free: Option<u32>,
    now: Timestamp,
) -> Draft {
    let counts = before.map(|before| before.counts.as_slice());
    let counts = counts.unwrap_or_default().iter().enumerate();
    let counts = counts.map(|(at, count)| Count {
        // The number of another unit is not known any more, unless there is none of anything.
        available: free.filter(|free| at == 0 || *free == 0),
        ..*count
    });
    Draft {
        state,
        counts: counts.collect(),
        ttl: before.and_then(|before| before.ttl),
        ..nothing(about, now)
    }
}

fn nothing(about: &ReportKey, now: Timestamp) -> Draft {
    Draft {
        service: about.service.clone(),
        location: about.location.clone(),
        state: Stated::Unknown,
        counts: Vec::new(),
        waitlist_count: None,
        wait_band: None,
        opens_at: None,
        reopens_at: None,
        observed_at: now,
        ttl: None,
        source: Source::Person,
        note: None,
    }
}

/// What is taken back to: nobody said anything.
pub(super) fn unsaid(about: &ReportKey, now: Timestamp) -> Draft {
    nothing(about, now)
}

fn main_count(counts: &mut Vec<Count>) -> &mut Count {
    if counts.is_empty() {
        counts.push(Count {
            unit: Unit::Client,
            available: None,
            maximum: None,
        });
    }
    &mut counts[0]
}

#[cfg(test)]
mod tests {
    use referral_core::capacity::{Report, Ttl};
    use referral_core::id::LocalId;

    use super::*;

    fn about() -> ReportKey {
        ReportKey {
            service: LocalId::parse("beds").unwrap(),
            location: None,
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn beds(state: Stated, available: u32) -> Draft {
        Draft {
            state,
            counts: vec![Count {
                unit: Unit::Bed,
                available: Some(available),
                maximum: Some(12),
            }],
            ttl: Some(Ttl::clamped(7_200)),
            ..nothing(&about(), at("2026-05-01T08:00:00Z"))
        }
    }

    fn tap(before: &Draft, tap: Tap) -> Result<Draft, CannotTap> {
        let now = at("2026-05-01T12:00:00Z");
        let draft = tapped(&about(), Some(before), tap, now)?;
        assert_eq!((draft.observed_at, draft.ttl), (now, before.ttl));
        assert!(Report::parse(draft.clone(), now).is_ok(), "{draft:?}");
        Ok(draft)
    }

    fn free(draft: &Draft) -> Option<u32> {
        draft.counts.first().and_then(|count| count.available)
    }

    #[test]
    fn one_more_and_one_less_count_the_places() {
        let before = beds(Stated::Limited, 3);

        let (more, less) = (
            tap(&before, Tap::OneMore).unwrap(),
            tap(&before, Tap::OneLess).unwrap(),
        );

        assert_eq!((free(&more), more.state), (Some(4), Stated::Limited));
        assert_eq!((free(&less), less.state), (Some(2), Stated::Limited));
    }

    #[test]
    fn the_last_place_taken_makes_it_full_and_one_given_back_opens_it() {
        let full = tap(&beds(Stated::Open, 1), Tap::OneLess).unwrap();
        let open = tap(&full, Tap::OneMore).unwrap();

        assert_eq!((free(&full), full.state), (Some(0), Stated::Paused));
        assert_eq!((free(&open), open.state), (Some(1), Stated::Open));
        assert_eq!(open.counts[0].maximum, Some(12));
    }

    #[test]
    fn there_is_no_place_beyond_all_and_none_below_zero() {
        assert_eq!(
            tap(&beds(Stated::Open, 12), Tap::OneMore),
            Err(CannotTap::AllFree(12))
        );
        assert_eq!(
            tap(&beds(Stated::Paused, 0), Tap::OneLess),
            Err(CannotTap::NoneFree)
        );
    }

    #[test]
    fn what_was_never_counted_has_no_one_more() {
        let now = at("2026-05-01T12:00:00Z");

        let refused = tapped(&about(), None, Tap::OneMore, now);
        let open = tapped(&about(), None, Tap::Open, now).unwrap();

        assert_eq!(refused, Err(CannotTap::NotCounted));
        assert_eq!((open.state, open.counts.len()), (Stated::Open, 0));
    }

    #[test]
    fn a_typed_number_of_places_opens_and_none_makes_it_full() {
        let now = at("2026-05-01T12:00:00Z");

        let open = tapped(&about(), None, Tap::Places(4), now).unwrap();
        let full = tap(&beds(Stated::Open, 4), Tap::Places(0)).unwrap();

        assert_eq!((free(&open), open.state), (Some(4), Stated::Open));
        assert_eq!((free(&full), full.state), (Some(0), Stated::Paused));
    }

    #[test]
    fn open_again_does_not_say_that_nothing_is_free() {
        let open = tap(&beds(Stated::Paused, 0), Tap::Open).unwrap();

        assert_eq!((free(&open), open.state), (None, Stated::Open));
        assert_eq!(open.counts[0].maximum, Some(12));
    }

    #[test]
    fn a_waiting_list_that_goes_on_keeps_its_length() {
        let list = Draft {
            waitlist_count: Some(9),
            ..beds(Stated::Waitlist, 0)
        };

        assert_eq!(tap(&list, Tap::Waitlist).unwrap().waitlist_count, Some(9));
        assert_eq!(tap(&list, Tap::Open).unwrap().waitlist_count, None);
    }
}
