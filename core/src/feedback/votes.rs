//! Outcomes of a week as votes: each organization has one.

use super::{Outcome, Outcomes};

/// The votes of a week on one service. An organization whose people reported has one vote, split as they reported:
/// one that reports more often weighs no more.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Votes {
    /// Organizations that voted.
    pub organizations: u32,
    /// The part of their votes that says accepted: 0 to `organizations`.
    pub accepted: f64,
}

/// What is kept of one service and a week that is over.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Closed {
    /// The votes.
    pub votes: Votes,
    /// Reports behind them.
    pub reports: u32,
}

impl Closed {
    /// What is kept of the outcomes of one week, given by organization. Those that were not eligible are left out: they
    /// say nothing of whether the service was open.
    #[must_use]
    pub fn of(by_organization: impl IntoIterator<Item = Outcomes>) -> Self {
        let mut closed = Self::default();
        for outcomes in by_organization {
            let about = outcomes.about_open();
            if about > 0 {
                let accepted = f64::from(outcomes.of(Outcome::Accepted));
                closed.votes.organizations += 1;
                closed.votes.accepted += accepted / f64::from(about);
                closed.reports = closed.reports.saturating_add(about);
            }
        }
        closed
    }
}
