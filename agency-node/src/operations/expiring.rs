//! Which current reports go stale, and when.

use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::{Held, Order, Report, State, Ttl, ttl_for};
use referral_core::catalog::Record;
use referral_core::id::Kind;
use referral_proto::convert;

use super::Node;
use crate::catalog::{Listed, RecordName};
use crate::outbox::{Current, Outbox, ReportKey};
use crate::reminder::Expiring;

/// Reports younger than this, which do not ask for less, are told by nobody yet: the shortest time to live is 24
/// hours. Most reports need no closer look.
const YOUNG: SignedDuration = SignedDuration::from_hours(17);

impl Node {
    /// The current reports that go stale soon or have gone stale, the first to go stale first.
    #[must_use]
    pub fn expiring(&self) -> Vec<Expiring> {
        let now = self.clock().now();
        self.read(|outbox| expiring(outbox, now))
    }
}

pub(super) fn expiring(outbox: &Outbox, now: Timestamp) -> Vec<Expiring> {
    let reports = outbox.reports().iter();
    let mut expiring: Vec<Expiring> = reports
        .filter(|(about, current)| !is_superseded(outbox, about, current))
        .filter_map(|(about, current)| expiry(outbox, about, current, now))
        .collect();
    expiring.sort_by(|a, b| (a.stale_at, &a.about).cmp(&(b.stale_at, &b.about)));
    expiring
}

/// A report about the whole service stands in for what was said of its locations before.
pub(super) fn is_superseded(outbox: &Outbox, about: &ReportKey, current: &Current) -> bool {
    let whole = ReportKey {
        service: about.service.clone(),
        location: None,
    };
    let whole = about
        .location
        .as_ref()
        .and_then(|_| outbox.reports().get(&whole));
    whole.is_some_and(|whole| whole.cseq > current.cseq)
}

fn expiry(
    outbox: &Outbox,
    about: &ReportKey,
    current: &Current,
    now: Timestamp,
) -> Option<Expiring> {
    let draft = convert::capacity::draft(current.report()?, Timestamp::MAX).ok()?;
    if draft.ttl.is_none() && now.duration_since(draft.observed_at) < YOUNG {
        return None;
    }
    let name = RecordName {
        kind: Kind::Service,
        id: about.service.clone(),
    };
    let listed = outbox.catalog().wanted(&name)?;
    let unit = draft.counts.first().map(|count| count.unit);
    let order = Order {
        epoch: outbox.tip().epoch,
        cseq: current.cseq,
    };
    let report = Report::parse(draft, Timestamp::MAX).ok()?;
    let held = Held::receive(report, order, longest(listed, unit), current.queued_at);
    if held.state_at(now) == State::Unknown {
        return None;
    }
    Some(Expiring {
        about: about.clone(),
        title: listed.title.clone(),
        observed_at: held.observed_at,
        ttl: held.ttl,
        stale_at: held.expires_at()?,
    })
}

/// How long capacity of a service is believed at the longest.
pub(super) fn longest(listed: &Listed, unit: Option<referral_core::capacity::Unit>) -> Ttl {
    match listed.record().map(Record::try_from) {
        Some(Ok(Record::Service(service))) => {
            let codes = service.attributes.iter().map(|attribute| &attribute.code);
            ttl_for(codes, unit)
        }
        _ => ttl_for([], unit),
    }
}
