//! Which nodes are silent, and whether the directory itself has lost contact with agencies (R13, R14).
//!
//! All of it is information for people: no state, no age and no rank depends on it. [`silent_since`] is about
//! one node, [`contact`] about all of them at once. Nothing here reads a clock.

use jiff::{SignedDuration, Timestamp};

/// A node that is not heard from for longer than this is silent: three beats and a little.
pub const SILENT_AFTER: SignedDuration = SignedDuration::from_secs(90);
/// Nodes that fall silent within this time of each other may have one cause.
const TOGETHER: SignedDuration = SignedDuration::from_mins(2);
/// How long a directory that has just started waits for nodes to come back.
const STARTING: SignedDuration = SignedDuration::from_mins(3);
/// More than this share of the nodes must fall silent together. Unit: percent.
const SHARE: usize = 15;
/// At least this many nodes must fall silent together. Of six agencies one is more than 15 %, and one or two
/// offices that close for the night are no lost contact: their own results say that they are silent.
const FEWEST: usize = 3;
/// Nodes that fell silent longer ago than this have left; it is no lost contact any more.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// How the directory's contact with its agencies is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact {
    /// As usual: at most some nodes are silent, each for itself.
    Held,
    /// The directory started less than 3 minutes ago, and nodes have not come back yet.
    Starting {
        /// Nodes not heard from since the start.
        awaited: usize,
        /// Nodes there are.
        of: usize,
    },
    /// Many nodes fell silent within 2 minutes: the cause is likely the directory's own.
    Lost {
        /// Nodes that fell silent together and still are.
        silent: usize,
        /// Nodes that were in contact until then.
        of: usize,
    },
}

/// Since when a node is silent, `None` while it is not.
///
/// * `heard` — when it was last heard from; `None`: nobody knows.
/// * `started` — when the directory started: a node has 90 s from then to come back.
///
/// Returns `heard`, so that silence that began before a restart is told with its true beginning.
#[must_use]
pub fn silent_since(
    heard: Option<Timestamp>,
    started: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    let heard = heard.unwrap_or(started);
    let silent = now.duration_since(heard.max(started)) > SILENT_AFTER;
    silent.then_some(heard)
}

/// How the contact with all nodes is at `now`.
///
/// * `heard` — when each node was last heard from; `None`: nobody knows.
/// * `started` — when the directory started.
#[must_use]
pub fn contact(
    heard: impl IntoIterator<Item = Option<Timestamp>>,
    started: Timestamp,
    now: Timestamp,
) -> Contact {
    let (mut of, mut awaited, mut alive) = (0, 0, 0);
    let mut silent = Vec::new();
    for heard in heard {
        of += 1;
        if heard.is_none_or(|heard| heard < started) {
            awaited += 1;
        }
        match silent_since(heard, started, now) {
            None => alive += 1,
            Some(since) => silent.push(since),
        }
    }
    if awaited > 0 && now.duration_since(started) < STARTING {
        return Contact::Starting { awaited, of };
    }
    // Before its start nobody listened: silence counts from then at the earliest.
    silent.retain(|since| now.duration_since((*since).max(started)) <= REMEMBERED);
    let together = most_together(silent);
    let of = alive + together;
    if together >= FEWEST && together * 100 > of * SHARE {
        Contact::Lost {
            silent: together,
            of,
        }
    } else {
        Contact::Held
    }
}

/// The most of these times that lie within [`TOGETHER`] of each other.
fn most_together(mut times: Vec<Timestamp>) -> usize {
    times.sort_unstable();
    let mut first = 0;
    let within = times.iter().enumerate().map(|(last, time)| {
        while time.duration_since(times[first]) > TOGETHER {
            first += 1;
        }
        last + 1 - first
    });
    within.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const START: Timestamp = Timestamp::constant(1_780_000_000, 0);
    const HOUR: i64 = 3_600;

    fn at(seconds: i64) -> Timestamp {
        START + SignedDuration::from_secs(seconds)
    }

    /// The contact at `now` with nodes last heard from at these seconds after the start.
    fn contact_at(now: i64, heard: &[i64]) -> Contact {
        contact(heard.iter().map(|at_s| Some(at(*at_s))), START, at(now))
    }

    #[test]
    fn a_node_is_silent_after_90_seconds_and_since_it_was_last_heard() {
        let heard = Some(at(HOUR));

        assert_eq!(silent_since(heard, START, at(HOUR + 90)), None);
        assert_eq!(silent_since(heard, START, at(HOUR + 91)), heard);
    }

    #[test]
    fn after_a_restart_a_node_has_90_seconds_to_come_back_and_is_silent_since_before_it() {
        let heard = Some(at(-HOUR));

        assert_eq!(silent_since(heard, START, at(90)), None);
        assert_eq!(silent_since(heard, START, at(91)), heard);
        assert_eq!(silent_since(None, START, at(91)), Some(START));
    }

    #[test]
    fn a_directory_that_has_just_started_says_so_until_all_are_back_or_three_minutes_have_passed() {
        let waiting = Contact::Starting { awaited: 1, of: 2 };

        assert_eq!(
            contact_at(0, &[-60, -60]),
            Contact::Starting { awaited: 2, of: 2 }
        );
        assert_eq!(contact_at(179, &[-60, 170]), waiting);
        assert_eq!(contact_at(20, &[10, 15]), Contact::Held);
        assert_eq!(contact_at(180, &[-60, 170]), Contact::Held);
        assert_eq!(contact_at(0, &[]), Contact::Held);
    }

    #[test]
    fn contact_is_lost_when_more_than_15_percent_fall_silent_within_two_minutes() {
        let now = HOUR;
        let nodes = |silent: usize, alive: usize| {
            let silent = (0..silent).map(|n| now - 100 - i64::try_from(n).unwrap_or(0) * 10);
            let alive = std::iter::repeat_n(now - 30, alive);
            silent.chain(alive).collect::<Vec<i64>>()
        };

        assert_eq!(contact_at(now, &nodes(3, 17)), Contact::Held, "15 %");
        let lost = Contact::Lost { silent: 4, of: 20 };
        assert_eq!(contact_at(now, &nodes(4, 16)), lost, "20 %");
    }

    #[test]
    fn one_or_two_silent_nodes_are_never_lost_contact_however_few_there_are() {
        let (silent, alive) = (HOUR - 100, HOUR);

        assert_eq!(contact_at(HOUR, &[silent]), Contact::Held);
        assert_eq!(contact_at(HOUR, &[silent, silent]), Contact::Held);
        assert_eq!(
            contact_at(HOUR, &[silent, silent, alive, alive]),
            Contact::Held
        );
        let three = Contact::Lost { silent: 3, of: 6 };
        assert_eq!(
            contact_at(HOUR, &[silent, silent, silent, alive, alive, alive]),
            three
        );
    }

    #[test]
    fn nodes_that_fell_silent_one_after_the_other_are_no_lost_contact() {
        let over_the_day = [100, 400, 700, 1_000, 1_300, 1_600];

        assert_eq!(contact_at(HOUR, &over_the_day), Contact::Held);
    }

    #[test]
    fn lost_contact_ends_when_nodes_come_back_or_after_a_day() {
        let silent = [HOUR, HOUR, HOUR];
        let later = HOUR + 600;

        assert_eq!(
            contact_at(later, &silent),
            Contact::Lost { silent: 3, of: 3 }
        );
        assert_eq!(contact_at(later, &[HOUR, HOUR, later]), Contact::Held);
        assert_eq!(contact_at(25 * HOUR + 1, &silent), Contact::Held);
    }

    #[test]
    fn nodes_that_do_not_come_back_after_a_restart_are_lost_contact() {
        let before_it_stopped = [-700, -690, -680, -675, 175, 175];

        let lost = Contact::Lost { silent: 4, of: 6 };
        assert_eq!(contact_at(180, &before_it_stopped), lost);
    }

    proptest! {
        /// Hearing from one more node never turns good contact into lost contact.
        #[test]
        fn hearing_from_a_node_never_loses_contact(
            heard in proptest::collection::vec(-HOUR..HOUR, 1..40), which in any::<prop::sample::Index>(),
        ) {
            let which = which.index(heard.len());
            let mut more = heard.clone();
            more[which] = HOUR;

            let lost = |contact| matches!(contact, Contact::Lost { .. });
            prop_assert!(lost(contact_at(HOUR, &heard)) || !lost(contact_at(HOUR, &more)));
        }
    }
}
