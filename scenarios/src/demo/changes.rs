//! Capacities change: somewhere, every moment, an agency reports.

use std::collections::BTreeMap;
use std::sync::Arc;

use agency_node::operations::Node;
use jiff::Timestamp;
use rand::RngExt;
use referral_core::capacity::{Availability, Draft, Report, State, Stated};

use super::arrival::Arrival;
use crate::network::{Dice, next_report};

/// The services that report, and what they said last.
pub(super) struct Changes {
    dice: Dice,
    reporting: Vec<Reporting>,
    /// Services that have never reported.
    silent: usize,
    made: usize,
}

struct Reporting {
    node: Arc<Node>,
    agency: String,
    service: String,
    place: Option<String>,
    last: Draft,
}

/// A report that a node has queued.
#[derive(Debug)]
pub(super) struct Change {
    /// Whose.
    pub(super) agency: String,
    /// Of what, and where.
    pub(super) service: String,
    pub(super) place: Option<String>,
    /// What was said before.
    pub(super) before: Draft,
    /// What is said now.
    pub(super) now: Draft,
}

/// How many services were last reported in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Open or limited.
    pub(super) open: usize,
    /// With a waiting list, a screening or a window.
    pub(super) waiting: usize,
    /// Paused or closed.
    pub(super) closed: usize,
    /// Without any report.
    pub(super) silent: usize,
    /// Changes so far.
    pub(super) changes: usize,
}

impl Changes {
    pub(super) fn new(dice: Dice) -> Self {
        Self {
            dice,
            reporting: Vec::new(),
            silent: 0,
            made: 0,
        }
    }

    /// From now on the agency's services change too.
    pub(super) fn add(&mut self, arrival: Arrival) {
        for published in arrival.services {
            if published.reports.is_empty() {
                self.silent += 1;
            }
            for last in published.reports {
                self.reporting.push(Reporting {
                    node: Arc::clone(&arrival.node),
                    agency: arrival.name.clone(),
                    service: published.service.name.to_string(),
                    place: published.place.clone(),
                    last,
                });
            }
        }
    }

    /// Lets one service report what is so at `now`; `None` while there is none that reports.
    pub(super) async fn next(&mut self, now: Timestamp) -> anyhow::Result<Option<Change>> {
        if self.reporting.is_empty() {
            return Ok(None);
        }
        let drawn = self.dice.random_range(0..self.reporting.len());
        let reporting = &mut self.reporting[drawn];
        let report = next_report(&reporting.last, now, &mut self.dice);
        // What the node checks again: a refusal here would be this program's mistake.
        let report = Report::parse(report, now)?.said().clone();
        let sent = vec![report.clone()];
        for answer in reporting
            .node
            .run(move |node| node.set_capacity(sent))
            .await??
        {
            answer?;
        }
        self.made += 1;
        let before = std::mem::replace(&mut reporting.last, report.clone());
        Ok(Some(Change {
            agency: reporting.agency.clone(),
            service: reporting.service.clone(),
            place: reporting.place.clone(),
            before,
            now: report,
        }))
    }

    /// What was last reported, counted.
    pub(super) fn tally(&self) -> Tally {
        let mut by_state: BTreeMap<Stated, usize> = BTreeMap::new();
        for reporting in &self.reporting {
            *by_state.entry(reporting.last.state).or_default() += 1;
        }
        let mut tally = Tally {
            silent: self.silent,
            changes: self.made,
            ..Tally::default()
        };
        for (state, count) in by_state {
            let shown = State::from(state);
            let group = if Availability::Open.includes(shown) {
                &mut tally.open
            } else if Availability::Waitlist.includes(shown) {
                &mut tally.waiting
            } else if Availability::Unconfirmed.includes(shown) {
                &mut tally.silent
            } else {
                &mut tally.closed
            };
            *group += count;
        }
        tally
    }
}
