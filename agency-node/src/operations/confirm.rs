//! Confirming capacity: "the same as before", said now.

use jiff::Timestamp;
use referral_core::capacity::{Draft, Stated};
use referral_core::id::{Kind, LocalId};
use referral_proto::convert;

use super::expiring::{expiring, is_superseded};
use super::{CapacityRefused, Node, Outcome, Reported};
use crate::outbox::{Current, NotQueued, Outbox, ReportKey};

/// What is confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// What goes stale soon or has gone stale: what people are reminded of.
    Expiring,
    /// Every current report about these services.
    Services(Vec<LocalId>),
}

/// A report that was to be confirmed.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirmed<T> {
    /// What it is about.
    pub about: ReportKey,
    /// What it said and says again; `None`: nothing was ever reported.
    pub state: Option<Stated>,
    /// What became of it.
    pub outcome: T,
}

impl Node {
    /// Reports again what was reported last, as known now. Each that can be is queued.
    ///
    /// # Errors
    /// [`NotQueued`] when the journal could not be written; then none is queued.
    pub fn confirm_capacity(
        &self,
        which: &Which,
    ) -> Result<Vec<Confirmed<Result<Reported, CapacityRefused>>>, NotQueued> {
        let now = self.clock().now();
        self.change(|ledger| {
            let outbox = ledger.outbox();
            let about: Vec<ReportKey> = match which {
                Which::Expiring => {
                    let all = expiring(outbox, now).into_iter();
                    let told = all.filter(|one| one.tell_at() <= now);
                    told.map(|one| one.about).collect()
                }
                Which::Services(services) => services
                    .iter()
                    .flat_map(|service| current(outbox, service))
                    .collect(),
            };
            let mut confirmed = Vec::with_capacity(about.len());
            let mut drafts = Vec::with_capacity(about.len());
            for about in about {
                let (state, draft) = again(outbox, &about, now);
                confirmed.push((about, state));
                drafts.push(draft);
            }
            let outcomes = super::capacity::queue(ledger, drafts, now)?;
            let confirmed = confirmed.into_iter().zip(outcomes);
            let confirmed = confirmed.map(|((about, state), outcome)| Confirmed {
                about,
                state,
                outcome,
            });
            Ok(confirmed.collect())
        })
    }
}

impl Node {
    /// What has become of confirmed reports by now.
    #[must_use]
    pub fn confirmed(
        &self,
        confirmed: Vec<Confirmed<Result<Reported, CapacityRefused>>>,
    ) -> Vec<Confirmed<Outcome>> {
        let mut about = Vec::with_capacity(confirmed.len());
        let mut answers = Vec::with_capacity(confirmed.len());
        for one in confirmed {
            about.push((one.about, one.state));
            answers.push(one.outcome);
        }
        let outcomes = about.into_iter().zip(self.outcomes(answers));
        let confirmed = outcomes.map(|((about, state), outcome)| Confirmed {
            about,
            state,
            outcome,
        });
        confirmed.collect()
    }
}

/// The reports about a service that count; its own name where there are none.
fn current(outbox: &Outbox, service: &LocalId) -> Vec<ReportKey> {
    let of_service = outbox.reports().iter().filter(|(about, current)| {
        about.service == *service && !is_superseded(outbox, about, current)
    });
    let mut about: Vec<ReportKey> = of_service.map(|(about, _)| about.clone()).collect();
    if about.is_empty() {
        about.push(ReportKey {
            service: service.clone(),
            location: None,
        });
    }
    about
}

/// What was reported, as known at `now`.
pub(super) fn again(
    outbox: &Outbox,
    about: &ReportKey,
    now: Timestamp,
) -> (Option<Stated>, Result<Draft, CapacityRefused>) {
    let report = outbox.reports().get(about).and_then(Current::report);
    let draft = report.and_then(|report| convert::capacity::draft(report, now).ok());
    let Some(draft) = draft else {
        let name = crate::catalog::RecordName {
            kind: Kind::Service,
            id: about.service.clone(),
        };
        let service = about.service.clone();
        let refused = match outbox.catalog().wanted(&name) {
            Some(_) => CapacityRefused::NeverReported { service },
            None => super::capacity::unknown(outbox.catalog(), service),
        };
        return (None, Err(refused));
    };
    let state = draft.state;
    if let Some(changed) = past_change(&draft, now) {
        let service = about.service.clone();
        let refused = CapacityRefused::HasChanged {
            service,
            on: changed,
        };
        return (Some(state), Err(refused));
    }
    let draft = Draft {
        observed_at: now,
        ..draft
    };
    (Some(state), Ok(draft))
}

/// The day on which it was to change, where that has passed: then it cannot be the same as before.
fn past_change(draft: &Draft, now: Timestamp) -> Option<String> {
    if !matches!(
        draft.state,
        Stated::Paused | Stated::Closed | Stated::Window
    ) {
        return None;
    }
    let day = draft.reopens_at.filter(|day| {
        let midnight = day.to_zoned(jiff::tz::TimeZone::UTC);
        midnight.is_ok_and(|midnight| midnight.timestamp() <= now)
    });
    let opened = draft.opens_at.filter(|at| *at <= now);
    let opened = opened.map(|at| at.strftime("%F").to_string());
    day.map(|day| day.to_string()).or(opened)
}
