//! The words of the federation stream and what they mean to the ledger. Pure: no stream, no task, no clock.

use std::collections::BTreeMap;

use jiff::Timestamp;
use prost::Message;
use referral_core::federation::{Digest, Tip};
use referral_core::id::{AgencyId, Hash, Kind, LocalId, RecordName};
use referral_proto::convert;
use referral_proto::convert::limits::SIGNED_BYTES;
use referral_proto::v1;
use referral_proto::v1::publish_response::Message as Down;

use crate::ledger::{
    FenceCause, Granted, Hello, Hold, Notice, Outcome, Refusal, SessionEnd, SignedBytes, Welcome,
};
use crate::operations::{ReceivedCapacity, ReceivedOperation};

/// Most operations or reports in one message.
const BATCH: usize = 500;
/// Most operations a node may have sent and not yet seen acknowledged.
const MAX_IN_FLIGHT: u32 = 2_000;
/// Most listing keys of earlier nodes that a grant names.
const EARLIER_KEYS: usize = 16;
/// How long a fenced node waits before it says hello again. Unit: milliseconds.
const RETRY_AFTER_MS: u32 = 1_000;
/// The same for one whose agency has spent its budget: every minute 11 KiB of it come free, at least.
const BUDGET_AFTER_MS: u32 = 60_000;
/// The most bytes of one answer that has several messages: half a minute of a link of 9,600 bit/s.
const PART: usize = 32 * 1024;

/// What a node sends cannot be read. The session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub &'static str);

/// The opening of a session.
///
/// * `agency`, `tls_key_hash` — from the certificate.
///
/// # Errors
/// [`Malformed`].
pub fn hello(
    agency: AgencyId,
    tls_key_hash: Hash,
    hello: &v1::PublishHello,
) -> Result<Hello, Malformed> {
    let malformed = Malformed("hello could not be read");
    Ok(Hello {
        agency,
        tls_key_hash,
        shown: None,
        epoch: convert::federation::epoch(hello.epoch).map_err(|_| malformed)?,
        seq: hello.seq,
        acknowledged: hello.acknowledged,
        capacity_acknowledged: hello.capacity_acknowledged,
        boot: hello.boot.as_slice().try_into().map_err(|_| malformed)?,
    })
}

/// Operations, in order.
///
/// # Errors
/// [`Malformed`] when not even the headers can be read: then nobody can say which operations they are.
pub fn operations(batch: v1::OperationBatch) -> Result<Vec<ReceivedOperation>, Malformed> {
    read_batch(batch.operations, read_operation)
}

/// Capacity reports, in order.
///
/// * `now` — the directory's time: a report from more than a day ahead of it is refused.
///
/// # Errors
/// [`Malformed`] when not even the headers can be read.
pub fn reports(
    batch: v1::CapacityBatch,
    now: Timestamp,
) -> Result<Vec<ReceivedCapacity>, Malformed> {
    read_batch(batch.reports, |signed| read_capacity(signed, now))
}

/// The records a node asks for.
///
/// # Errors
/// [`Malformed`].
pub fn names(asked: v1::FetchRequest) -> Result<Vec<RecordName>, Malformed> {
    if asked.records.is_empty() || asked.records.len() > BATCH {
        return Err(Malformed("a request names 1 to 500 records"));
    }
    let name = |name: v1::RecordName| {
        Some(RecordName {
            kind: kind(v1::RecordKind::try_from(name.kind).ok()?)?,
            id: LocalId::parse(&name.local_id).ok()?,
        })
    };
    let names: Option<Vec<_>> = asked.records.into_iter().map(name).collect();
    names.ok_or(Malformed("a request names a record that cannot be"))
}

/// The services whose reports a request asks for; none: all.
///
/// # Errors
/// [`Malformed`].
pub fn services(asked: &v1::ReportsRequest) -> Result<Vec<LocalId>, Malformed> {
    if asked.service_ids.len() > BATCH {
        return Err(Malformed("a request names at most 500 services"));
    }
    let services = asked.service_ids.iter().map(|id| LocalId::parse(id).ok());
    let services: Option<Vec<_>> = services.collect();
    services.ok_or(Malformed("a request names a service that cannot be"))
}

/// The root in a beat.
///
/// # Errors
/// [`Malformed`].
pub fn root(beat: &v1::Beat) -> Result<Hash, Malformed> {
    let root = Hash::try_from(beat.root.as_slice());
    root.map_err(|_| Malformed("a beat holds a root of 32 bytes"))
}

/// The answers to hello.
///
/// * `pages` — how people reach the directory's pages; empty: not known.
#[must_use]
pub fn welcome(welcome: Welcome, generation: u64, pages: &str) -> Vec<Down> {
    let answer = v1::PublishWelcome {
        session: welcome.session,
        generation,
        epoch: Some(welcome.epoch.into()),
        applied: welcome.applied,
        head: welcome.head.as_bytes().to_vec(),
        capacity_applied: welcome.cseq,
        max_in_flight: MAX_IN_FLIGHT,
        now: Some(convert::time::to_wire(welcome.now)),
        records: welcome.records,
        capacity_hash: welcome
            .last_report
            .map(convert::federation::hash_bytes)
            .unwrap_or_default(),
        pages: pages.to_owned(),
    };
    let standing = Outcome {
        applied: welcome.applied,
        cseq: welcome.cseq,
        refused: welcome.refused,
        notices: welcome.notices,
    };
    let mut answers = vec![Down::Welcome(answer)];
    answers.extend(outcome(standing, welcome.now));
    answers
}

/// What has become durable, and what its people should know.
pub fn outcome(outcome: Outcome, now: Timestamp) -> impl Iterator<Item = Down> {
    let ack = v1::PublishAck {
        applied: outcome.applied,
        capacity_applied: outcome.cseq,
        rejections: outcome.refused.into_iter().map(rejection).collect(),
    };
    let notices = outcome.notices.into_iter();
    std::iter::once(Down::Ack(ack)).chain(notices.map(move |said| notice(said, now)))
}

/// Something the agency's people should know.
#[must_use]
pub fn notice(notice: Notice, now: Timestamp) -> Down {
    let values = notice.values.into_iter();
    Down::Notice(v1::Notice {
        code: notice.code.to_owned(),
        text: notice.text,
        local_id: notice.record,
        at: Some(convert::time::to_wire(now)),
        values: values
            .map(|(place, value)| (place.to_owned(), value))
            .collect(),
    })
}

/// Whether an answer says that something is held back.
#[must_use]
pub fn says_held(answer: &Down) -> bool {
    matches!(answer, Down::Notice(notice) if notice.code.starts_with("held_"))
}

/// Which services are held back, in as many messages as it takes.
#[must_use]
pub fn held(services: &BTreeMap<LocalId, Hold>) -> Vec<Down> {
    let services = services.iter().filter_map(|(id, hold)| {
        let (code, category) = match hold {
            Hold::NeedsGrant(category) => ("needs_grant", category.to_string()),
            Hold::Name => ("name", String::new()),
            Hold::Archived => ("archived", String::new()),
            // Its node does not publish.
            Hold::Banned => return None,
        };
        Some(v1::HeldBackService {
            local_id: id.to_string(),
            code: code.to_owned(),
            category,
        })
    });
    let say = |(services, last)| Down::Held(v1::HeldBack { services, last });
    parts(services.collect()).into_iter().map(say).collect()
}

/// A new epoch.
#[must_use]
pub fn grant(granted: Granted) -> Down {
    Down::Grant(v1::Grant {
        epoch: Some(granted.epoch.into()),
        records: granted.records,
        earlier_listing_keys: granted
            .earlier_keys
            .into_iter()
            .rev()
            .take(EARLIER_KEYS)
            .map(|key| key.as_bytes().to_vec())
            .collect(),
    })
}

/// Where records stand, in as many messages as it takes.
#[must_use]
pub fn tips(tips: Vec<(RecordName, Tip)>) -> Vec<Down> {
    let tips = tips.into_iter().map(|(name, tip)| v1::RecordTip {
        record: Some(v1::RecordName {
            kind: v1::RecordKind::from(name.kind).into(),
            local_id: name.id.to_string(),
        }),
        hash: convert::federation::hash_bytes(tip.hash),
        live: tip.live,
        ancestors: convert::federation::ancestry_bytes(&tip.ancestors),
    });
    let parts = parts(tips.collect());
    let say = |(tips, last)| Down::Tips(v1::RecordTips { tips, last });
    parts.into_iter().map(say).collect()
}

/// Signed operations, in as many messages as it takes.
#[must_use]
pub fn fetched(operations: Vec<SignedBytes>) -> Vec<Down> {
    let say = |(operations, last)| Down::Fetched(v1::FetchedRecords { operations, last });
    signed_parts(operations).into_iter().map(say).collect()
}

/// Signed capacity reports in force, in as many messages as it takes.
#[must_use]
pub fn standing(reports: Vec<SignedBytes>) -> Vec<Down> {
    let say = |(reports, last)| Down::Reports(v1::StandingReports { reports, last });
    signed_parts(reports).into_iter().map(say).collect()
}

/// The answer to a beat; `differs`: the directory's digest, when the node's is another.
#[must_use]
pub fn beat_ack(differs: Option<&Digest>, now: Timestamp) -> Down {
    let buckets = differs.map(Digest::buckets).unwrap_or_default();
    Down::BeatAck(v1::BeatAck {
        root_ok: differs.is_none(),
        bits: differs.map_or(0, Digest::bits),
        buckets: buckets
            .iter()
            .map(|bucket| convert::federation::hash_bytes(*bucket))
            .collect(),
        now: Some(convert::time::to_wire(now)),
    })
}

/// The end of a session.
#[must_use]
pub fn fence(reason: v1::FenceReason, text: String) -> Down {
    Down::Fence(v1::Fence {
        reason: reason.into(),
        text,
        retry_after_ms: match reason {
            v1::FenceReason::Budget => BUDGET_AFTER_MS,
            _ => RETRY_AFTER_MS,
        },
    })
}

/// Why a session ends, as the wire has it.
#[must_use]
pub fn reason(end: SessionEnd) -> v1::FenceReason {
    match end.cause {
        FenceCause::Superseded => v1::FenceReason::Superseded,
        FenceCause::Fork => v1::FenceReason::Fork,
        FenceCause::Gap => v1::FenceReason::Gap,
        FenceCause::WrongEpoch => v1::FenceReason::WrongEpoch,
        FenceCause::Storage => v1::FenceReason::Storage,
        FenceCause::Suspended => v1::FenceReason::Suspended,
        FenceCause::Certificate => v1::FenceReason::Certificate,
        FenceCause::Budget => v1::FenceReason::Budget,
        FenceCause::NotMember => v1::FenceReason::Unspecified,
    }
}

fn signed_parts(all: Vec<SignedBytes>) -> Vec<(Vec<v1::Signed>, bool)> {
    let wire = all.into_iter().map(|signed| v1::Signed {
        bytes: signed.bytes,
        signature: signed.signature,
    });
    parts(wire.collect())
}

/// Splits an answer into parts of at most [`PART`] bytes, at least one; the last is marked.
fn parts<T: Message>(all: Vec<T>) -> Vec<(Vec<T>, bool)> {
    let mut parts = vec![(Vec::new(), false)];
    let mut bytes = 0;
    for one in all {
        bytes += one.encoded_len();
        if bytes > PART {
            parts.push((Vec::new(), false));
            bytes = one.encoded_len();
        }
        if let Some((part, _)) = parts.last_mut() {
            part.push(one);
        }
    }
    if let Some((_, last)) = parts.last_mut() {
        *last = true;
    }
    parts
}

fn read_batch<T>(
    batch: Vec<v1::Signed>,
    read: impl Fn(v1::Signed) -> Option<T>,
) -> Result<Vec<T>, Malformed> {
    if batch.is_empty() || batch.len() > BATCH {
        return Err(Malformed("a batch holds 1 to 500 operations"));
    }
    if batch.iter().any(|signed| signed.bytes.len() > SIGNED_BYTES) {
        return Err(Malformed("an operation is larger than 68 KiB"));
    }
    let read: Option<Vec<T>> = batch.into_iter().map(read).collect();
    read.ok_or(Malformed("an operation could not be read"))
}

/// `None` when not even the header can be read: then nobody can say which operation it is.
fn read_operation(signed: v1::Signed) -> Option<ReceivedOperation> {
    let wire = v1::Operation::decode(signed.bytes.as_slice()).ok()?;
    let header = convert::federation::header(&wire, &signed.bytes).ok()?;
    let kind = v1::RecordKind::try_from(wire.record_kind)
        .ok()
        .and_then(kind);
    let id = LocalId::parse(&wire.local_id).ok();
    let change = convert::twice::check("referral.v1.Operation", &wire, &signed.bytes)
        .and_then(|()| convert::federation::change(wire))
        .map_err(|violations| Refusal::of(kind, id, &violations));
    Some(ReceivedOperation {
        header,
        change,
        signed: bytes(signed),
    })
}

/// `now` is the directory's time: a report from more than a day ahead of it is refused.
fn read_capacity(signed: v1::Signed, now: Timestamp) -> Option<ReceivedCapacity> {
    let wire = v1::CapacityOperation::decode(signed.bytes.as_slice()).ok()?;
    let (agency, order) = convert::federation::capacity_header(&wire).ok()?;
    let service = wire.report.as_ref().map(|report| &report.service_id);
    let id = service.and_then(|id| LocalId::parse(id).ok());
    let report = convert::twice::check("referral.v1.CapacityOperation", &wire, &signed.bytes)
        .and_then(|()| convert::federation::said(wire, now))
        .map_err(|violations| Refusal::of(Some(Kind::Service), id, &violations));
    Some(ReceivedCapacity {
        agency,
        order,
        report,
        signed: bytes(signed),
    })
}

fn bytes(signed: v1::Signed) -> SignedBytes {
    SignedBytes {
        bytes: signed.bytes,
        signature: signed.signature,
    }
}

fn kind(wire: v1::RecordKind) -> Option<Kind> {
    match wire {
        v1::RecordKind::Unspecified => None,
        v1::RecordKind::Organization => Some(Kind::Organization),
        v1::RecordKind::Location => Some(Kind::Location),
        v1::RecordKind::Service => Some(Kind::Service),
    }
}

fn rejection((seq, cseq, refusal): (u64, u64, Refusal)) -> v1::Rejection {
    let kind = match refusal.kind {
        None => v1::RecordKind::Unspecified,
        Some(Kind::Organization) => v1::RecordKind::Organization,
        Some(Kind::Location) => v1::RecordKind::Location,
        Some(Kind::Service) => v1::RecordKind::Service,
    };
    v1::Rejection {
        seq,
        cseq,
        record_kind: kind.into(),
        local_id: refusal.id.map(|id| id.to_string()).unwrap_or_default(),
        code: refusal.code,
        field: refusal.field,
        text: refusal.text,
    }
}
