//! How far what was said here has come, in one sentence.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::super::words::span;
use super::super::{reason, say, tell};
use crate::operations::Link;
use crate::operations::desk::{Board, Sent};

/// How far what was said here has come.
pub(super) struct Sync {
    /// The state whose icon and colour fit: open, waitlist or paused.
    pub(super) state: &'static str,
    pub(super) text: String,
    /// Why the directory cannot be reached, as far as known.
    pub(super) problem: Option<String>,
}

impl Sync {
    pub(super) fn of(link: &Link, board: &Board, now: Timestamp) -> Self {
        let since = board.rows.iter().filter_map(|row| match row.sent {
            Sent::Waits { since } => Some(since),
            _ => None,
        });
        let reports = u64::try_from(since.clone().count()).unwrap_or(u64::MAX);
        let waiting = board.records_waiting.saturating_add(reports);
        let since = since.min().map(|since| span(since, now));
        let (state, text) = match (link.connected, waiting, link.last_heard) {
            (true, 0, _) => match held(board) {
                0 => ("open", say("sync-all")),
                held => ("waitlist", tell("sync-held", &[("count", held.into())])),
            },
            (true, waiting, _) => {
                let waiting = [("count", waiting.into())];
                ("waitlist", tell("sync-under-way", &waiting))
            }
            (false, 0, None) => ("waitlist", say("sync-not-yet")),
            (false, 0, Some(heard)) => {
                let heard = [("time", span(heard, now).into())];
                ("paused", tell("sync-unreachable", &heard))
            }
            (false, waiting, _) => {
                let time = since.unwrap_or_else(|| say("span-moment"));
                let values = [("count", waiting.into()), ("time", time.into())];
                ("paused", tell("sync-waits", &values))
            }
        };
        Self {
            state,
            text,
            problem: reason::lost(link),
        }
    }
}

/// How many services are held; one may have a row for each of its locations.
fn held(board: &Board) -> usize {
    let held = board.rows.iter().filter(|row| row.held.is_some());
    let services: BTreeSet<_> = held.map(|row| &row.about.service).collect();
    services.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn said(link: &Link, records_waiting: u64) -> String {
        let board = Board {
            rows: Vec::new(),
            last: None,
            records_waiting,
            seen: 0,
        };
        Sync::of(link, &board, at("2026-05-01T12:00:00Z")).text
    }

    #[test]
    fn it_says_whether_the_directory_has_everything() {
        let connected = Link {
            connected: true,
            ..Link::default()
        };

        assert_eq!(said(&connected, 0), "The directory has everything.");
        assert_eq!(
            said(&connected, 2),
            "2 changes are saved here and on their way to the directory."
        );
    }

    #[test]
    fn it_says_since_when_the_directory_cannot_be_reached() {
        let gone = Link {
            last_heard: Some(at("2026-05-01T09:00:00Z")),
            ..Link::default()
        };

        assert_eq!(
            said(&gone, 0),
            "The directory cannot be reached; it was last heard 3 hours ago. It has everything."
        );
    }
}
