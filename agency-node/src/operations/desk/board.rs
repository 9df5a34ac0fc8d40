//! The list of services: what was said last of each, how long it is still believed, and whether the directory has
//! it. What goes stale first is on top.

use std::collections::BTreeMap;

use jiff::Timestamp;
use referral_core::capacity::{Draft, Held, Order, Report, State, Stated};
use referral_core::id::{Kind, LocalId, RecordName};

use super::{Desk, LastChange, order_of, said};
use crate::catalog::Listed;
use crate::operations::HeldFor;
use crate::operations::expiring::{is_superseded, longest};
use crate::operations::policy::{About, may, may_touch};
use crate::outbox::codec::Refusal;
use crate::outbox::{Current, Outbox, ReportKey};
use crate::reminder::lead;

/// What somebody sees first.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    /// The services in reach, the first to go stale first; those that do not go stale after them, and those of which
    /// nothing was ever said last.
    pub rows: Vec<Row>,
    /// What this person changed last; `None`: nothing lately.
    pub last: Option<LastChange>,
    /// Records that wait to be sent; 0 for an account with a limit.
    pub records_waiting: u64,
    /// The counter of the last report that was queued: by it a form says what its page showed.
    pub seen: u64,
}

/// A service, or a service at one location.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it is.
    pub about: ReportKey,
    /// The service's name.
    pub title: String,
    /// The location's name, where the row is about one.
    pub location: Option<String>,
    /// What was said last; `None`: nothing.
    pub said: Option<Draft>,
    /// The state as the directory believes it now.
    pub state: State,
    /// When it goes stale, or did; `None`: it does not.
    pub stale_at: Option<Timestamp>,
    /// True when it is time to confirm it.
    pub is_due: bool,
    /// The place of what was said last: a change says on which it is based.
    pub order: Option<Order>,
    /// Whether the directory has it.
    pub sent: Sent,
    /// Why searches do not find the service though the directory has it; `None`: they do, as far as known.
    pub held: Option<HeldFor>,
    /// Whether the directory has accepted the service itself.
    pub is_published: bool,
}

/// How far what was said has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Sent {
    /// Nothing was said.
    Nothing,
    /// It is on this node's disk, and the directory has not acknowledged it.
    Waits {
        /// Since when.
        since: Timestamp,
    },
    /// The directory has it.
    Acknowledged,
    /// The directory refused it, and shows what was said before.
    Refused(Refusal),
}

impl Row {
    /// Whether somebody said how it is.
    #[must_use]
    pub fn is_said(&self) -> bool {
        let said = self.said.as_ref();
        said.is_some_and(|said| said.state != Stated::Unknown)
    }
}

impl Desk<'_> {
    /// The services in reach.
    #[must_use]
    pub fn board(&self) -> Board {
        let now = self.node.clock().now();
        let last = self.node.last_changes.of(&self.who.name);
        self.node.read(|outbox| Board {
            rows: self.rows(outbox, now),
            last,
            records_waiting: if may(self.who, About::Node) {
                outbox
                    .tip()
                    .applied
                    .saturating_sub(outbox.settled().applied)
            } else {
                0
            },
            seen: outbox.reports().last(),
        })
    }

    fn rows(&self, outbox: &Outbox, now: Timestamp) -> Vec<Row> {
        let held = self.node.held_back().borrow().clone().unwrap_or_default();
        let mut reports: BTreeMap<&LocalId, Vec<(&ReportKey, &Current)>> = BTreeMap::new();
        for (about, current) in outbox.reports().iter() {
            if !is_superseded(outbox, about, current) {
                let of_service = reports.entry(&about.service).or_default();
                of_service.push((about, current));
            }
        }
        let mut rows = Vec::new();
        for (name, listed) in outbox.catalog().iter() {
            let shown = name.kind == Kind::Service && listed.payload.is_some();
            if !shown || !may_touch(self.who, outbox.catalog(), name) {
                continue;
            }
            match reports.get(&name.id) {
                Some(found) => rows.extend(
                    found
                        .iter()
                        .map(|(about, current)| row(outbox, listed, about, current, now)),
                ),
                None => rows.push(unsaid(name, listed)),
            }
        }
        for row in &mut rows {
            row.held = held.services.get(&row.about.service).copied();
        }
        rows.sort_by(|a, b| placed(a).cmp(&placed(b)));
        rows
    }
}

/// By what rows are sorted.
fn placed(row: &Row) -> (bool, bool, Option<Timestamp>, &str, &ReportKey) {
    let (never, unsaid) = (row.stale_at.is_none(), row.said.is_none());
    (unsaid, never, row.stale_at, &row.title, &row.about)
}

fn unsaid(name: &RecordName, listed: &Listed) -> Row {
    Row {
        about: ReportKey {
            service: name.id.clone(),
            location: None,
        },
        title: listed.title.clone(),
        location: None,
        said: None,
        state: State::Unknown,
        stale_at: None,
        is_due: false,
        order: None,
        sent: Sent::Nothing,
        held: None,
        is_published: is_published(listed),
    }
}

fn row(
    outbox: &Outbox,
    listed: &Listed,
    about: &ReportKey,
    current: &Current,
    now: Timestamp,
) -> Row {
    let order = order_of(outbox, current);
    let said = said(current);
    let held = said.clone().and_then(|draft| {
        let unit = draft.counts.first().map(|count| count.unit);
        let report = Report::parse(draft, Timestamp::MAX).ok()?;
        let longest = longest(listed, unit);
        Some(Held::receive(report, order, longest, current.queued_at))
    });
    let stale_at = held.as_ref().and_then(Held::expires_at);
    let is_due = held.as_ref().zip(stale_at).is_some_and(|(held, at)| {
        let tell_at = at.saturating_sub(lead(held.ttl));
        tell_at.is_ok_and(|tell_at| tell_at <= now)
    });
    let location = about.location.as_ref().map(|id| {
        let name = RecordName {
            kind: Kind::Location,
            id: id.clone(),
        };
        let listed = outbox.catalog().get(&name);
        let title = listed.map(|listed| listed.title.clone());
        title
            .filter(|title| !title.is_empty())
            .unwrap_or_else(|| id.to_string())
    });
    Row {
        about: about.clone(),
        title: listed.title.clone(),
        location,
        state: held
            .as_ref()
            .map_or(State::Unknown, |held| held.state_at(now)),
        stale_at,
        is_due,
        sent: sent(outbox, about, current),
        said,
        order: Some(order),
        held: None,
        is_published: is_published(listed),
    }
}

fn is_published(listed: &Listed) -> bool {
    listed.accepted().is_some_and(|there| there.live)
}

fn sent(outbox: &Outbox, about: &ReportKey, current: &Current) -> Sent {
    if outbox.reports().is_waiting(current) {
        return Sent::Waits {
            since: current.queued_at,
        };
    }
    let refused = outbox.refused().reports();
    let mut refused =
        refused.filter(|(key, refusal)| *key == about && refusal.cseq == current.cseq);
    match refused.next() {
        Some((_, refusal)) => Sent::Refused(refusal.clone()),
        None => Sent::Acknowledged,
    }
}
