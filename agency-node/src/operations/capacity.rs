//! Setting capacity: checked against what this node publishes, queued before it says so.

use std::collections::BTreeMap;

use jiff::Timestamp;
use referral_core::capacity::{Draft, InvalidReport, Report, Ttl, ttl_for};
use referral_core::catalog::Record;
use referral_core::id::{Kind, LocalId};
use referral_journal::FileStorage;
use referral_proto::v1;

use super::Node;
use crate::catalog::{Catalog, RecordName};
use crate::outbox::codec::{Notice, Refusal};
use crate::outbox::{Ledger, NotQueued};

/// How many ids are offered for one that is unknown.
const OFFERED: usize = 3;

/// A capacity report that was queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported {
    /// Its counter.
    pub cseq: u64,
    /// The time to live it got, where it asked for a longer one.
    pub shortened_to: Option<Ttl>,
}

/// What became of a capacity report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The counter it was queued under; 0: refused here.
    pub cseq: u64,
    /// True when the directory has acknowledged it.
    pub acknowledged: bool,
    /// Why it was refused, here or by the directory; `None`: it was not.
    pub refusal: Option<Refusal>,
    /// The time to live it got, where it asked for a longer one. Only this process's own node says it.
    pub shortened_to: Option<Ttl>,
}

/// Why a capacity report was refused. Every variant is the caller's to fix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CapacityRefused {
    /// The node publishes no such service.
    #[error("this node publishes no service {service}{}", did_you_mean(nearest))]
    UnknownService {
        /// What was asked for.
        service: LocalId,
        /// What could have been meant, best first.
        nearest: Vec<LocalId>,
    },
    /// The service is not offered there.
    #[error(
        "service {service} is not offered at location {location}{}",
        offered_at(at)
    )]
    UnknownLocation {
        /// The service.
        service: LocalId,
        /// What was asked for.
        location: LocalId,
        /// Where it is offered.
        at: Vec<LocalId>,
    },
    /// There is nothing to confirm.
    #[error(
        "nothing was ever reported of service {service}: say it with `agency-node capacity set`"
    )]
    NeverReported {
        /// The service.
        service: LocalId,
    },
    /// It said itself that it would change by now.
    #[error(
        "service {service} was to open on {on}, so it is not as it was: say how it is with `agency-node capacity set`"
    )]
    HasChanged {
        /// The service.
        service: LocalId,
        /// The day, ISO 8601.
        on: String,
    },
    /// Numbers that cannot be true together.
    #[error(transparent)]
    Invalid(#[from] InvalidReport),
}

impl CapacityRefused {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownService { .. } => "service_unknown",
            Self::UnknownLocation { .. } => "location_unknown",
            Self::NeverReported { .. } => "never_reported",
            Self::HasChanged { .. } => "has_changed",
            Self::Invalid(invalid) => invalid.code(),
        }
    }

    /// The field at fault; empty: the whole.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::UnknownService { .. } | Self::NeverReported { .. } => "service_id",
            Self::UnknownLocation { .. } => "location",
            Self::Invalid(InvalidReport::AvailableExceedsMaximum(..)) => "available",
            Self::HasChanged { .. } | Self::Invalid(InvalidReport::OpenWithoutPlaces) => "state",
            Self::Invalid(_) => "",
        }
    }
}

impl Node {
    /// Queues capacity reports, each that can be. The answers come in the order of `drafts`.
    ///
    /// # Errors
    /// [`NotQueued`] when the journal could not be written; then none is queued.
    pub fn set_capacity(
        &self,
        drafts: Vec<Draft>,
    ) -> Result<Vec<Result<Reported, CapacityRefused>>, NotQueued> {
        let now = self.clock().now();
        let drafts = drafts.into_iter().map(Ok).collect();
        self.change(|ledger| queue(ledger, drafts, now))
    }
}

/// Queues reports, each that can be, in one write.
pub(super) fn queue(
    ledger: &mut Ledger<FileStorage>,
    drafts: Vec<Result<Draft, CapacityRefused>>,
    now: Timestamp,
) -> Result<Vec<Result<Reported, CapacityRefused>>, NotQueued> {
    let mut composer = ledger.compose(now);
    let mut answers = Vec::with_capacity(drafts.len());
    let mut notices = Vec::new();
    for draft in drafts {
        let checked = draft.and_then(|draft| check(ledger.outbox().catalog(), draft, now));
        answers.push(checked.map(|(report, shortened_to)| {
            if let Some(ttl) = shortened_to {
                notices.push(shortened(&report.said().service, ttl, now));
            }
            let cseq = composer.report(v1::CapacityReport::from(&report), None);
            Reported { cseq, shortened_to }
        }));
    }
    let set = composer.finish();
    if !set.is_empty() {
        ledger.queue(set, now)?;
    }
    if !notices.is_empty() {
        ledger.heard(None, notices, now)?;
    }
    Ok(answers)
}

impl Node {
    /// What has become of reports by now.
    #[must_use]
    pub fn outcomes(&self, answers: Vec<Result<Reported, CapacityRefused>>) -> Vec<Outcome> {
        self.read(|outbox| {
            let outcomes = answers.into_iter().map(|answer| match answer {
                Err(refused) => Outcome {
                    refusal: Some(refused.into()),
                    ..Outcome::default()
                },
                Ok(Reported { cseq, shortened_to }) => Outcome {
                    cseq,
                    acknowledged: outbox.reports().settled() >= cseq,
                    refusal: outbox.refused().report(cseq).cloned(),
                    shortened_to,
                },
            });
            outcomes.collect()
        })
    }
}

impl From<CapacityRefused> for Refusal {
    fn from(refused: CapacityRefused) -> Self {
        Self {
            code: refused.code().to_owned(),
            field: refused.field().to_owned(),
            text: refused.to_string(),
            ..Self::default()
        }
    }
}

fn check(
    catalog: &Catalog,
    mut draft: Draft,
    now: Timestamp,
) -> Result<(Report, Option<Ttl>), CapacityRefused> {
    let name = RecordName {
        kind: Kind::Service,
        id: draft.service.clone(),
    };
    let Some(listed) = catalog.wanted(&name) else {
        return Err(unknown(catalog, draft.service));
    };
    let mut longest = Ttl::LONGEST;
    if let Some(Ok(Record::Service(service))) = listed.record().map(Record::try_from) {
        if let Some(location) = &draft.location
            && !service
                .offers
                .iter()
                .any(|offer| offer.location == *location)
        {
            return Err(CapacityRefused::UnknownLocation {
                service: service.id,
                location: location.clone(),
                at: service
                    .offers
                    .into_iter()
                    .map(|offer| offer.location)
                    .collect(),
            });
        }
        let unit = draft.counts.first().map(|count| count.unit);
        longest = ttl_for(
            service.attributes.iter().map(|attribute| &attribute.code),
            unit,
        );
    }
    let shortened = draft.ttl.filter(|ttl| *ttl > longest).map(|_| longest);
    draft.ttl = shortened.or(draft.ttl);
    Ok((Report::parse(draft, now)?, shortened))
}

/// The refusal of a service that this node does not publish.
pub(super) fn unknown(catalog: &Catalog, service: LocalId) -> CapacityRefused {
    let nearest = catalog.nearest(Kind::Service, service.as_str(), OFFERED);
    let nearest = nearest.into_iter().cloned().collect();
    CapacityRefused::UnknownService { service, nearest }
}

fn shortened(service: &LocalId, ttl: Ttl, now: Timestamp) -> Notice {
    let hours = ttl.seconds() / 3_600;
    Notice {
        code: "ttl_shortened".to_owned(),
        text: format!("capacity of this kind is believed for at most {hours} hours"),
        local_id: service.to_string(),
        at_us: now.as_microsecond(),
        values: BTreeMap::from([("hours".to_owned(), hours.to_string())]),
    }
}

fn did_you_mean(nearest: &[LocalId]) -> String {
    if nearest.is_empty() {
        "; a service has the id that its file gives it".to_owned()
    } else {
        format!("; did you mean {}?", list(nearest, " or "))
    }
}

fn offered_at(at: &[LocalId]) -> String {
    if at.is_empty() {
        "; leave the location out".to_owned()
    } else {
        format!("; it is offered at {}", list(&at[..at.len().min(10)], ", "))
    }
}

fn list(ids: &[LocalId], between: &str) -> String {
    ids.iter()
        .map(LocalId::as_str)
        .collect::<Vec<_>>()
        .join(between)
}
