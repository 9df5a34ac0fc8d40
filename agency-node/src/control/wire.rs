//! Between the node's own values and the messages of its local socket.

use jiff::Timestamp;
use referral_core::capacity::{State, Stated, Ttl};
use referral_core::id::{AgencyId, Kind, LocalId};
use referral_proto::convert::{self, time};
use referral_proto::v1;
use referral_runtime::accounts::SignInName;

use crate::catalog::RecordName;
use crate::operations::{
    AgeingCounts, Change, Confirmed, Dispute, Link, MailStanding, Outcome, Plan, Planned,
    Rejection, Status, Verification,
};
use crate::outbox::ReportKey;
use crate::outbox::codec::{Notice, Refusal, kind_from_wire};
use crate::people::{AccountView, Person};
use crate::reminder::Expiring;

impl From<Plan> for v1::ImportResponse {
    fn from(plan: Plan) -> Self {
        let records = plan.records.into_iter().map(|planned| v1::PlannedRecord {
            kind: v1::RecordKind::from(planned.name.kind).into(),
            local_id: planned.name.id.to_string(),
            name: planned.title,
            change: change_to_wire(planned.change).into(),
            fields: planned.fields,
            more_fields: count(planned.more_fields),
        });
        Self {
            records: records.collect(),
            applied: plan.applied,
        }
    }
}

/// The plan of an answer; `None` when it is not one that this version understands.
pub(super) fn plan(wire: v1::ImportResponse) -> Option<Plan> {
    let planned = |record: v1::PlannedRecord| {
        Some(Planned {
            name: name(record.kind, &record.local_id)?,
            change: change(record.change())?,
            more_fields: size(record.more_fields),
            title: record.name,
            fields: record.fields,
        })
    };
    let records = wire
        .records
        .into_iter()
        .map(planned)
        .collect::<Option<_>>()?;
    Some(Plan {
        records,
        applied: wire.applied,
    })
}

/// A record's name; `None` when it is none.
pub(super) fn name(kind: i32, id: &str) -> Option<RecordName> {
    Some(RecordName {
        kind: kind_from_wire(kind)?,
        id: LocalId::parse(id).ok()?,
    })
}

/// A record's name, as it travels.
pub(super) fn name_to_wire(name: &RecordName) -> v1::RecordName {
    v1::RecordName {
        kind: kind_to_wire(name.kind),
        local_id: name.id.to_string(),
    }
}

/// A record's name; `None` when it is none.
pub(super) fn name_from_wire(wire: &v1::RecordName) -> Option<RecordName> {
    name(wire.kind, &wire.local_id)
}

impl From<Dispute> for v1::Conflict {
    fn from(dispute: Dispute) -> Self {
        Self {
            number: dispute.number,
            record: Some(name_to_wire(&dispute.name)),
            name: dispute.title,
            found_at: Some(time::to_wire(dispute.found_at)),
            theirs: dispute.theirs,
            ours: dispute.ours,
        }
    }
}

/// The conflict of an answer; `None` when it is not one that this version understands.
pub(super) fn dispute(wire: v1::Conflict) -> Option<Dispute> {
    Some(Dispute {
        number: wire.number,
        name: wire.record.as_ref().and_then(name_from_wire)?,
        title: wire.name,
        found_at: wire.found_at.and_then(|at| time::from_wire(at).ok())?,
        theirs: wire.theirs,
        ours: wire.ours,
    })
}

impl From<Outcome> for v1::CapacityOutcome {
    fn from(outcome: Outcome) -> Self {
        let rejection = outcome.refusal.map(|refusal| {
            let kind = v1::RecordKind::Service.into();
            v1::Rejection {
                record_kind: kind,
                ..rejection(refusal)
            }
        });
        Self {
            cseq: outcome.cseq,
            acknowledged: outcome.acknowledged,
            rejection,
        }
    }
}

impl From<v1::CapacityOutcome> for Outcome {
    fn from(wire: v1::CapacityOutcome) -> Self {
        Self {
            cseq: wire.cseq,
            acknowledged: wire.acknowledged,
            refusal: wire.rejection.map(Into::into),
            shortened_to: None,
        }
    }
}

pub(super) fn confirmed_to_wire(confirmed: Confirmed<Outcome>) -> v1::ConfirmedCapacity {
    let state = confirmed
        .state
        .map(State::from)
        .map(v1::CapacityState::from);
    let (service_id, location_id) = about_to_wire(&confirmed.about);
    v1::ConfirmedCapacity {
        service_id,
        location_id,
        state: state.unwrap_or_default().into(),
        outcome: Some(confirmed.outcome.into()),
    }
}

/// A confirmed report of an answer; `None` when it is not one that this version understands.
pub(super) fn confirmed(wire: v1::ConfirmedCapacity) -> Option<Confirmed<Outcome>> {
    let state = match wire.state() {
        v1::CapacityState::Unspecified => None,
        state => Some(Stated::try_from(state).ok()?),
    };
    Some(Confirmed {
        about: about(&wire.service_id, &wire.location_id)?,
        state,
        outcome: wire.outcome?.into(),
    })
}

fn about_to_wire(about: &ReportKey) -> (String, String) {
    let location = about.location.as_ref();
    let location = location.map(ToString::to_string).unwrap_or_default();
    (about.service.to_string(), location)
}

fn about(service: &str, location: &str) -> Option<ReportKey> {
    let location = match location {
        "" => None,
        id => Some(LocalId::parse(id).ok()?),
    };
    Some(ReportKey {
        service: LocalId::parse(service).ok()?,
        location,
    })
}

fn expiring_to_wire(one: Expiring) -> v1::ExpiringReport {
    let (service_id, location_id) = about_to_wire(&one.about);
    v1::ExpiringReport {
        service_id,
        location_id,
        name: one.title,
        observed_at: Some(time::to_wire(one.observed_at)),
        ttl_seconds: one.ttl.seconds(),
        stale_at: Some(time::to_wire(one.stale_at)),
    }
}

fn expiring(wire: v1::ExpiringReport) -> Option<Expiring> {
    let instant = |at: Option<_>| time::from_wire(at?).ok();
    Some(Expiring {
        about: about(&wire.service_id, &wire.location_id)?,
        title: wire.name,
        observed_at: instant(wire.observed_at)?,
        ttl: Ttl::clamped(wire.ttl_seconds),
        stale_at: instant(wire.stale_at)?,
    })
}

fn ageing_to_wire(counts: AgeingCounts) -> v1::Ageing {
    v1::Ageing {
        services: count(counts.services),
        old: count(counts.old),
        archived: count(counts.archived),
        next_old_at: counts.next_old_at.map(time::to_wire),
    }
}

fn ageing(wire: v1::Ageing) -> AgeingCounts {
    AgeingCounts {
        services: size(wire.services),
        old: size(wire.old),
        archived: size(wire.archived),
        next_old_at: wire.next_old_at.and_then(|at| time::from_wire(at).ok()),
    }
}

impl From<Status> for v1::StatusResponse {
    fn from(status: Status) -> Self {
        Self {
            agency_id: status.agency.to_string(),
            agency_name: status.agency_name,
            directory: status.directory,
            connected: status.link.connected,
            last_heard: status.link.last_heard.map(time::to_wire),
            problem: status.link.problem,
            services: count(status.services),
            locations: count(status.locations),
            organizations: count(status.organizations),
            queued: status.queued,
            acknowledged: status.acknowledged,
            capacity_pending: count(status.capacity_pending),
            pending_since: status.pending_since.map(time::to_wire),
            rejections: status.rejections.into_iter().map(Into::into).collect(),
            notices: status.notices.into_iter().map(notice_to_wire).collect(),
            certificate_expires: Some(time::to_wire(status.certificate_expires)),
            capacity: status.capacity.iter().map(Into::into).collect(),
            expiring: status.expiring.into_iter().map(expiring_to_wire).collect(),
            mail: status.mail.map(|mail| v1::MailStanding {
                recipients: count(mail.recipients),
                last_sent: mail.last_sent.map(time::to_wire),
                problem: mail.problem,
            }),
            conflicts: count(status.conflicts),
            not_ours: status.not_ours.into_iter().map(Into::into).collect(),
            deletions_held: count(status.deletions_held),
            verification: status.verification.map(Into::into),
            ageing: Some(ageing_to_wire(status.ageing)),
        }
    }
}

/// The status of an answer; `None` when it is not one that this version understands.
pub(super) fn status(wire: v1::StatusResponse) -> Option<Status> {
    let instant = |at| time::from_wire(at).ok();
    Some(Status {
        agency: AgencyId::parse(&wire.agency_id).ok()?,
        agency_name: wire.agency_name,
        directory: wire.directory,
        link: Link {
            connected: wire.connected,
            last_heard: wire.last_heard.and_then(instant),
            problem: wire.problem,
            ..Link::default()
        },
        organizations: size(wire.organizations),
        locations: size(wire.locations),
        services: size(wire.services),
        queued: wire.queued,
        acknowledged: wire.acknowledged,
        capacity_pending: size(wire.capacity_pending),
        pending_since: wire.pending_since.and_then(instant),
        rejections: wire
            .rejections
            .into_iter()
            .map(read_rejection)
            .collect::<Option<_>>()?,
        notices: wire
            .notices
            .iter()
            .map(|notice| Notice::from_wire(notice, 0))
            .collect(),
        certificate_expires: wire.certificate_expires.and_then(instant)?,
        capacity: wire
            .capacity
            .into_iter()
            .map(|report| convert::capacity::draft(report, Timestamp::MAX).ok())
            .collect::<Option<_>>()?,
        expiring: wire
            .expiring
            .into_iter()
            .map(expiring)
            .collect::<Option<_>>()?,
        mail: wire.mail.map(|mail| MailStanding {
            recipients: size(mail.recipients),
            last_sent: mail.last_sent.and_then(instant),
            problem: mail.problem,
        }),
        conflicts: size(wire.conflicts),
        not_ours: wire
            .not_ours
            .into_iter()
            .map(read_rejection)
            .collect::<Option<_>>()?,
        deletions_held: size(wire.deletions_held),
        ageing: wire.ageing.map(ageing).unwrap_or_default(),
        verification: match wire.verification {
            Some(found) => Some(verification(found)?),
            None => None,
        },
    })
}

impl From<Verification> for v1::Verification {
    fn from(found: Verification) -> Self {
        Self {
            at: Some(time::to_wire(found.at)),
            records: count(found.records),
            differences: found.differences.into_iter().map(Into::into).collect(),
            public_records: count(found.public_records),
            public_problem: found.public_problem,
        }
    }
}

/// The verification of an answer; `None` when it is not one that this version understands.
pub(super) fn verification(wire: v1::Verification) -> Option<Verification> {
    let differences = wire.differences.into_iter().map(read_rejection);
    Some(Verification {
        at: wire.at.and_then(|at| time::from_wire(at).ok())?,
        records: size(wire.records),
        differences: differences.collect::<Option<_>>()?,
        public_records: size(wire.public_records),
        public_problem: wire.public_problem,
    })
}

impl From<Rejection> for v1::Rejection {
    fn from(refused: Rejection) -> Self {
        Self {
            record_kind: v1::RecordKind::from(refused.kind).into(),
            local_id: refused.id.to_string(),
            ..rejection(refused.refusal)
        }
    }
}

fn rejection(refusal: Refusal) -> v1::Rejection {
    v1::Rejection {
        seq: refusal.seq,
        cseq: refusal.cseq,
        record_kind: 0,
        local_id: String::new(),
        code: refusal.code,
        field: refusal.field,
        text: refusal.text,
    }
}

fn read_rejection(wire: v1::Rejection) -> Option<Rejection> {
    let RecordName { kind, id } = name(wire.record_kind, &wire.local_id)?;
    Some(Rejection {
        kind,
        id,
        refusal: wire.into(),
    })
}

/// Somebody to invite, or what is wrong with how they were named.
pub(super) fn person(sign_in: &str, organization: &str) -> Result<Person, String> {
    let name = SignInName::parse(sign_in).map_err(|error| error.to_string())?;
    let organization = match organization {
        "" => None,
        id => Some(LocalId::parse(id).map_err(|error| error.to_string())?),
    };
    Ok(Person { name, organization })
}

impl From<AccountView> for v1::Worker {
    fn from(account: AccountView) -> Self {
        let AccountView { person, .. } = account;
        Self {
            sign_in_name: person.name.as_str().to_owned(),
            organization_id: person
                .organization
                .map_or_else(String::new, |id| id.to_string()),
            joined: account.joined,
            since: Some(time::to_wire(account.since)),
            sessions: count(account.sessions),
        }
    }
}

/// An account; `None` when it is not one that this version understands.
pub(super) fn account(wire: &v1::Worker) -> Option<AccountView> {
    Some(AccountView {
        person: person(&wire.sign_in_name, &wire.organization_id).ok()?,
        joined: wire.joined,
        since: time::from_wire(wire.since?).ok()?,
        sessions: size(wire.sessions),
    })
}

fn notice_to_wire(notice: Notice) -> v1::Notice {
    v1::Notice {
        code: notice.code,
        text: notice.text,
        local_id: notice.local_id,
        at: Timestamp::from_microsecond(notice.at_us)
            .ok()
            .map(time::to_wire),
        values: notice.values,
    }
}

fn change_to_wire(change: Change) -> v1::ImportChange {
    match change {
        Change::Added => v1::ImportChange::Added,
        Change::Changed => v1::ImportChange::Changed,
        Change::Unchanged => v1::ImportChange::Unchanged,
        Change::Missing => v1::ImportChange::Missing,
    }
}

fn change(wire: v1::ImportChange) -> Option<Change> {
    match wire {
        v1::ImportChange::Unspecified => None,
        v1::ImportChange::Added => Some(Change::Added),
        v1::ImportChange::Changed => Some(Change::Changed),
        v1::ImportChange::Unchanged => Some(Change::Unchanged),
        v1::ImportChange::Missing => Some(Change::Missing),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The kind as the command line writes it.
pub(super) fn kind_to_wire(kind: Kind) -> i32 {
    v1::RecordKind::from(kind).into()
}
