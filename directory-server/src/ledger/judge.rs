//! Whether a submission may become a fact. Pure: heads in, facts out; nothing is written here.

use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::{Report, Ttl, ttl_for};
use referral_core::federation::Verdict;
use referral_core::id::{AgencyId, Kind, RecordKey};

use super::fact::{Fact, Membership, Refusal};
use super::heads::{AgencyHead, Heads};
use super::submission::{
    CheckedCapacity, CheckedOperation, FenceCause, Hello, JoinRefused, SessionEnd,
};

/// How far a node's clock may run ahead before its people are told.
const CLOCK_AHEAD: SignedDuration = SignedDuration::from_mins(2);

/// What to do with one operation or report.
#[derive(Debug)]
pub(super) enum Ruling {
    /// Append this.
    Fact(Box<Fact>),
    /// It was recorded before: acknowledge again.
    Seen,
    /// The session ends.
    End(SessionEnd),
}

/// Whether an agency may be invited.
pub(super) fn invite(heads: &Heads, agency: &AgencyId) -> Result<(), JoinRefused> {
    match heads.agency(agency) {
        Some(head) if head.membership.is_some() => Err(JoinRefused::AlreadyJoined),
        _ => Ok(()),
    }
}

/// Whether a node may join: `Some` is the membership it already has (the answer was lost), `None`
/// lets it in.
pub(super) fn join(
    heads: &Heads,
    asked: &Membership,
    now: Timestamp,
) -> Result<Option<Membership>, JoinRefused> {
    let head = heads.agency(&asked.agency).ok_or(JoinRefused::Token)?;
    if head.invitation.token_hash != asked.token_hash {
        return Err(JoinRefused::Token);
    }
    match &head.membership {
        None if head.invitation.expires_at <= now => Err(JoinRefused::Token),
        None if has_keys_of_another(heads, asked) => Err(JoinRefused::KeyInUse),
        None => Ok(None),
        Some(before)
            if before.tls_key_hash == asked.tls_key_hash
                && before.listing_key == asked.listing_key =>
        {
            Ok(Some(before.clone()))
        }
        Some(_) => Err(JoinRefused::Token),
    }
}

/// Keys are an agency's own: one node must not be able to speak for two.
fn has_keys_of_another(heads: &Heads, asked: &Membership) -> bool {
    let mut memberships = heads
        .agencies()
        .filter_map(|(_, head)| head.membership.as_ref());
    memberships.any(|other| {
        other.agency != asked.agency
            && (other.tls_key_hash == asked.tls_key_hash || other.listing_key == asked.listing_key)
    })
}

/// Whether a session may begin: the fact that begins it.
pub(super) fn hello(heads: &Heads, hello: &Hello) -> Result<Fact, SessionEnd> {
    let head = member(heads, hello)?;
    Ok(Fact::Session(
        hello.agency.clone(),
        head.session + 1,
        hello.boot,
    ))
}

fn member<'a>(heads: &'a Heads, hello: &Hello) -> Result<&'a AgencyHead, SessionEnd> {
    let not_member = SessionEnd {
        cause: FenceCause::NotMember,
        text: "this certificate is not (or no longer) the agency's: join the directory again",
    };
    let head = heads.agency(&hello.agency).ok_or(not_member)?;
    match &head.membership {
        Some(membership) if membership.tls_key_hash == hello.tls_key_hash => Ok(head),
        _ => Err(not_member),
    }
}

/// Whether this session is the agency's current one (R4).
pub(super) fn current(heads: &Heads, agency: &AgencyId, session: u64) -> Result<(), SessionEnd> {
    match heads.agency(agency) {
        Some(head) if head.session == session => Ok(()),
        _ => Err(SessionEnd {
            cause: FenceCause::Superseded,
            text: "another session of this agency has begun: only one node may publish for it",
        }),
    }
}

/// What to do with an operation (R2, R3).
pub(super) fn operation(heads: &Heads, agency: &AgencyId, checked: CheckedOperation) -> Ruling {
    let Some(head) = heads.agency(agency) else {
        return end(FenceCause::NotMember);
    };
    let Some(chain) = head.chain else {
        return end(FenceCause::NotMember);
    };
    let position = &checked.header.position;
    match chain.judge(position) {
        Verdict::Next => {}
        Verdict::Seen if head.recorded(position.seq, position.hash) == Some(false) => {
            return end(FenceCause::Fork);
        }
        Verdict::Seen => return Ruling::Seen,
        Verdict::Gap => return end(FenceCause::Gap),
        Verdict::WrongEpoch => return end(FenceCause::WrongEpoch),
        Verdict::Fork => return end(FenceCause::Fork),
    }
    let CheckedOperation {
        header,
        change,
        signed,
    } = checked;
    let change = change.and_then(|change| match fits(heads, agency, &change) {
        Ok(()) => Ok(change),
        Err(refusal) => Err(refusal),
    });
    Ruling::Fact(Box::new(match change {
        Ok(change) => Fact::Operation(header, Box::new(change), signed),
        Err(refusal) => Fact::OperationRefused(header, refusal, signed),
    }))
}

/// Whether a change fits the records there are: its base is current and what it refers to exists.
fn fits(
    heads: &Heads,
    agency: &AgencyId,
    change: &referral_core::federation::Change,
) -> Result<(), Refusal> {
    let refuse = |code: &str, field: &str, text: &str| Refusal {
        kind: Some(change.kind),
        id: Some(change.id.clone()),
        code: code.to_owned(),
        field: field.to_owned(),
        text: text.to_owned(),
    };
    let key = |kind: Kind, id| RecordKey {
        agency: agency.clone(),
        kind,
        id,
    };
    let current = heads.record(&key(change.kind, change.id.clone()));
    if current.map(|head| head.hash) != change.base {
        let text = "the directory holds another version of this record than the node thinks";
        return Err(refuse("base_mismatch", "base_hash", text));
    }
    let Some(record) = &change.record else {
        return match current {
            Some(head) if head.live && head.referrers > 0 => {
                let text = "other records still refer to this one: withdraw those first";
                Err(refuse("still_referenced", "", text))
            }
            _ => Ok(()),
        };
    };
    for (kind, id) in record.references() {
        if !heads
            .record(&key(kind, id.clone()))
            .is_some_and(|head| head.live)
        {
            let field = if kind == Kind::Organization {
                "organization_id"
            } else {
                "location_id"
            };
            let text = "the record it refers to is not published: publish that first";
            return Err(refuse("reference_unknown", field, text));
        }
    }
    Ok(())
}

/// What to do with a capacity report (R11).
pub(super) fn capacity(heads: &Heads, agency: &AgencyId, checked: CheckedCapacity) -> Ruling {
    let Some(head) = heads.agency(agency) else {
        return end(FenceCause::NotMember);
    };
    let CheckedCapacity {
        order,
        report,
        signed,
    } = checked;
    if head.chain.map(|chain| chain.epoch) != Some(order.epoch) {
        return end(FenceCause::WrongEpoch);
    }
    if order.cseq <= head.cseq {
        return Ruling::Seen;
    }
    Ruling::Fact(Box::new(match report {
        Ok(report) => Fact::Capacity(agency.clone(), order, Box::new(report), signed),
        Err(refusal) => Fact::CapacityRefused(agency.clone(), order, refusal),
    }))
}

/// The longest a report is believed: by its service's codes and by its main unit. One that comes
/// before its service is shortened when the service's codes are known; until then nobody finds it.
pub(crate) fn longest_ttl(heads: &Heads, agency: &AgencyId, report: &Report) -> Ttl {
    let unit = report.main_count().map(|count| count.unit);
    let id = report.said().service.clone();
    let key = RecordKey {
        agency: agency.clone(),
        kind: Kind::Service,
        id,
    };
    let by_service = heads.record(&key).map_or(Ttl::LONGEST, |head| head.ttl);
    by_service.min(ttl_for([], unit))
}

/// What an agency's people should know about a report that was accepted.
pub(super) fn notices(
    report: &Report,
    longest: Ttl,
    received_at: Timestamp,
) -> Vec<(&'static str, String, String)> {
    let said = report.said();
    let mut notices = Vec::new();
    if said.ttl.is_some_and(|ttl| ttl > longest) {
        let hours = longest.seconds() / 3_600;
        let text = format!("capacity of this kind is believed for at most {hours} hours");
        notices.push(("ttl_shortened", text, said.service.to_string()));
    }
    if said.observed_at.duration_since(received_at) > CLOCK_AHEAD {
        let text = "this node's clock runs ahead of the directory's: set it".to_owned();
        notices.push(("clock_ahead", text, said.service.to_string()));
    }
    notices
}

fn end(cause: FenceCause) -> Ruling {
    let text = match cause {
        FenceCause::Fork => {
            "this node's log and the directory's copy have diverged: was the node restored or copied?"
        }
        FenceCause::Gap => "operations between are missing: say hello again and resend",
        FenceCause::WrongEpoch => "this operation belongs to another epoch of the agency's log",
        FenceCause::Superseded => "another session of this agency has begun",
        FenceCause::Storage => {
            "the directory cannot write just now; nothing was lost: send again later"
        }
        FenceCause::NotMember => "this agency has not joined the directory",
    };
    Ruling::End(SessionEnd { cause, text })
}
