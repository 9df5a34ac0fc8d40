//! Whether a submission may become a fact. Pure: heads in, facts out; nothing is written here.
//!
//! Where an operation stands is decided by [`AgencyLog`]; here, what it says of which records.

use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::{Report, Ttl, ttl_for};
use referral_core::catalog::Record;
use referral_core::federation::{AgencyLog, Appends, Change, Entry};
use referral_core::id::{AgencyId, Kind, RecordKey, RecordName};
use referral_core::lookalike;
use referral_core::text::Name;

use super::about::{About, Hold, NameHold, RenewRefused, Shown, Standing};
use super::fact::{Fact, Membership, Refusal};
use super::heads::{AgencyHead, Heads, Look};
use super::notice::Notice;
use super::submission::{
    CheckedCapacity, CheckedOperation, FenceCause, Hello, JoinRefused, Renewal, SessionEnd,
};

/// What a node is told that shows a certificate which was replaced.
const SUPERSEDED: &str = "this node's certificate was replaced by a newer one: was the data directory copied, \
                          or restored from a backup? the directory's operator can let it in again";
/// Most ids of an agency, withdrawn ones too, for each service it may publish.
pub(super) const IDS_PER_SERVICE: usize = 5;
/// A withdrawal of a record that is there is always taken up to this length: its place in the log and 64 earlier
/// operations of 34 bytes each take less. Unit: bytes.
const WITHDRAWAL_BYTES: u64 = 4 << 10;
/// Most reports of an agency that wait for what they are about, for each service it may publish: nodes report before
/// they list, and a service may have places with reports of their own.
pub(super) const EARLY_PER_SERVICE: usize = 2;
/// How far a node's clock may run ahead before its people are told.
const CLOCK_AHEAD: SignedDuration = SignedDuration::from_mins(2);

/// Whether an agency may be invited.
///
/// * `again` — its node has joined before and has lost everything.
pub(super) fn invite(heads: &Heads, agency: &AgencyId, again: bool) -> Result<(), JoinRefused> {
    let head = heads.agency(agency);
    if head.is_some_and(|head| head.member.standing == Standing::Banned) {
        return Err(JoinRefused::Banned);
    }
    let joined = |head: &AgencyHead| head.membership.is_some();
    match head.is_some_and(joined) {
        true if !again => Err(JoinRefused::AlreadyJoined),
        false if again => Err(JoinRefused::NotJoined),
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
    let used = head.membership.as_ref();
    let used = used.filter(|membership| membership.token_hash == asked.token_hash);
    match used {
        None if head.invitation.expires_at <= now => Err(JoinRefused::Token),
        None if has_keys_of_another(heads, asked) => Err(JoinRefused::KeyInUse),
        None => Ok(None),
        Some(before)
            if before.tls_key_hash == asked.tls_key_hash
                && before.listing_key == asked.listing_key =>
        {
            Ok(Some(before.clone()))
        }
        Some(_) => Err(JoinRefused::TokenUsed),
    }
}

/// Whether a node may have a certificate to follow the one it shows: `Some` is the one to give again,
/// `None` lets one be signed.
pub(super) fn renew(
    heads: &Heads,
    asked: &Renewal,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, RenewRefused> {
    let head = heads.agency(&asked.agency).ok_or(RenewRefused::NotMember)?;
    let its_own = |membership: &Membership| membership.tls_key_hash == asked.tls_key_hash;
    if !head.membership.as_ref().is_some_and(its_own) {
        return Err(RenewRefused::NotMember);
    }
    if let Some(told) = head.member.refuses() {
        return Err(RenewRefused::Standing(told));
    }
    match head.member.pins.look(&asked.shown) {
        Shown::Current => Ok(head.member.pins.again(now).map(<[u8]>::to_vec)),
        Shown::Newer => Ok(None),
        Shown::Superseded if head.member.pins.forgiven => Ok(None),
        Shown::Superseded => Err(RenewRefused::Superseded),
    }
}

/// Whether the agency may publish at all: its standing, and whether its node has a certificate that is
/// still good.
pub(super) fn may_publish(
    heads: &Heads,
    agency: &AgencyId,
    now: Timestamp,
) -> Result<(), SessionEnd> {
    let head = heads.agency(agency);
    let head = head.ok_or(SessionEnd::of(FenceCause::NotMember))?;
    if let Some(text) = head.member.refuses() {
        let cause = FenceCause::Suspended;
        return Err(SessionEnd { cause, text });
    }
    if head.member.pins.until().is_some_and(|until| until <= now) {
        return Err(SessionEnd::of(FenceCause::Certificate));
    }
    Ok(())
}

/// What a hello decides about the certificate it came with: the fact that from now on no older one counts.
pub(super) fn shown(heads: &Heads, hello: &Hello) -> Result<Option<Fact>, SessionEnd> {
    let (Some(head), Some(leaf)) = (heads.agency(&hello.agency), &hello.shown) else {
        return Ok(None);
    };
    match head.member.pins.look(leaf) {
        Shown::Current => Ok(None),
        Shown::Newer => {
            let about = Box::new(About::Shown(*leaf));
            Ok(Some(Fact::About(hello.agency.clone(), about)))
        }
        Shown::Superseded => Err(SessionEnd {
            cause: FenceCause::Certificate,
            text: SUPERSEDED,
        }),
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

/// Whether something more is written for an agency: at the end of its budget it has to wait, and nobody else does.
///
/// * `hides` — it withdraws something, or begins a session in which that can be said.
fn budget(head: &AgencyHead, hides: bool, now: Timestamp) -> Result<(), SessionEnd> {
    if head.allowance().takes(head.spent, hides, now) {
        return Ok(());
    }
    Err(SessionEnd::of(FenceCause::Budget))
}

/// Whether a session may begin: the fact that begins it.
///
/// * `now` — when it would.
pub(super) fn hello(heads: &Heads, hello: &Hello, now: Timestamp) -> Result<Fact, SessionEnd> {
    let head = member(heads, hello)?;
    let log = head
        .log
        .as_ref()
        .ok_or(SessionEnd::of(FenceCause::NotMember))?;
    if let Some(text) = head.member.refuses() {
        let cause = FenceCause::Suspended;
        return Err(SessionEnd { cause, text });
    }
    budget(head, true, now)?;
    match log.hello(hello.boot) {
        Entry::Session { number, boot } => Ok(Fact::Session(hello.agency.clone(), number, boot)),
        _ => Err(SessionEnd::of(FenceCause::NotMember)),
    }
}

/// Whether this hello proves that two nodes publish as the agency (R8).
pub(super) fn proves_a_clone(heads: &Heads, hello: &Hello) -> bool {
    let head = heads.agency(&hello.agency);
    let log = head.and_then(|head| head.log.as_ref());
    log.is_some_and(|log| log.proves_a_clone(hello.boot))
}

/// Whether a session may have a new epoch: the fact that grants it, `None` when it has it already.
pub(super) fn new_epoch(
    heads: &Heads,
    agency: &AgencyId,
    session: u64,
    generation: u64,
) -> Result<Option<Fact>, SessionEnd> {
    match log(heads, agency)?.new_epoch(session, generation)? {
        Some(Entry::Epoch { session, epoch }) => {
            Ok(Some(Fact::Epoch(agency.clone(), session, epoch)))
        }
        _ => Ok(None),
    }
}

fn head<'a>(heads: &'a Heads, agency: &AgencyId) -> Result<&'a AgencyHead, SessionEnd> {
    let head = heads.agency(agency);
    head.ok_or(SessionEnd::of(FenceCause::NotMember))
}

/// The agency's log.
pub(super) fn log<'a>(heads: &'a Heads, agency: &AgencyId) -> Result<&'a AgencyLog, SessionEnd> {
    let head = heads.agency(agency);
    let log = head.and_then(|head| head.log.as_ref());
    log.ok_or(SessionEnd::of(FenceCause::NotMember))
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

/// What to do with an operation (R2, R3).
pub(super) fn operation(
    heads: &Heads,
    agency: &AgencyId,
    session: u64,
    now: Timestamp,
    checked: CheckedOperation,
) -> Result<Option<Fact>, SessionEnd> {
    let position = &checked.header.position;
    let head = head(heads, agency)?;
    if log(heads, agency)?.operation(session, position)? == Appends::Seen {
        return Ok(None);
    }
    let hides = |change: &Change| change.record.is_none();
    budget(head, checked.change.as_ref().is_ok_and(hides), now)?;
    let CheckedOperation {
        header,
        change,
        signed,
    } = checked;
    let change = change.and_then(|change| {
        fits(heads, agency, &change)?;
        quota(heads, agency, &change)?;
        room(heads, agency, &change, signed.bytes.len())?;
        brake(heads, agency, &change, now)?;
        Ok(change)
    });
    Ok(Some(match change {
        Ok(change) => Fact::Operation(header, Box::new(change), signed),
        Err(refusal) => Fact::OperationRefused(header, refusal, signed),
    }))
}

/// Whether a change fits the records there are: its base is current and what it refers to exists.
fn fits(heads: &Heads, agency: &AgencyId, change: &Change) -> Result<(), Refusal> {
    let refuse = |code, field, text| refusal(change, code, field, text);
    let beside = |kind: Kind, id| RecordKey {
        agency: agency.clone(),
        kind,
        id,
    };
    let current = heads.record(&key(agency, change));
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
            .record(&beside(kind, id.clone()))
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

/// Whether an agency has room for what it says: for a service more, and for an id more. A withdrawal of something is
/// never refused for want of room; one of nothing leaves an id that is known from then on, as the first word on any
/// other record does.
fn quota(heads: &Heads, agency: &AgencyId, change: &Change) -> Result<(), Refusal> {
    let Some(head) = heads.agency(agency) else {
        return Ok(());
    };
    let known = heads.record(&key(agency, change));
    let most = head.member.most_services();
    let is_live = known.is_some_and(|record| record.live);
    let publishes = change.kind == Kind::Service && change.record.is_some();
    if publishes && !is_live && head.services >= most {
        let text = format!(
            "this agency publishes {most} services, the most that was agreed: withdraw some, or ask the \
             directory's operator for more"
        );
        return Err(refusal(change, "quota_exceeded", "", &text));
    }
    // Organizations, locations and what was withdrawn stay known, and have to be bounded, too.
    let ids = usize::try_from(most)
        .unwrap_or(usize::MAX)
        .saturating_mul(IDS_PER_SERVICE);
    if known.is_none() && heads.known_records(agency) >= ids {
        let text = "this agency has used too many ids: use those again that were withdrawn, or ask the \
                    directory's operator for more";
        return Err(refusal(change, "quota_exceeded", "", text));
    }
    Ok(())
}

/// Whether an agency has room for so many bytes: none of it may fill the disk with long records, nor with long
/// withdrawals.
fn room(heads: &Heads, agency: &AgencyId, change: &Change, bytes: usize) -> Result<(), Refusal> {
    let Some(head) = heads.agency(agency) else {
        return Ok(());
    };
    let known = heads.record(&key(agency, change));
    let stored = known.map_or(0, |record| u64::from(record.bytes));
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    let most = head.member.most_bytes();
    // What gets shorter is taken from who is over it, too, and a withdrawal of what is there.
    let hides = change.record.is_none() && known.is_some() && bytes <= WITHDRAWAL_BYTES;
    if hides || bytes <= stored || (head.bytes - stored).saturating_add(bytes) <= most {
        return Ok(());
    }
    let text = format!(
        "this agency's records take {most} bytes, the most that was agreed: shorten or withdraw some, or ask the \
         directory's operator for more"
    );
    Err(refusal(change, "byte_quota_exceeded", "", &text))
}

fn key(agency: &AgencyId, change: &Change) -> RecordKey {
    RecordKey {
        agency: agency.clone(),
        kind: change.kind,
        id: change.id.clone(),
    }
}

/// What is wrong with the name in an operation that was accepted, so that a person has to look at it
/// before what it names is found.
pub(super) fn name_hold(heads: &Heads, agency: &AgencyId, change: &Change) -> Option<NameHold> {
    let record = change.record.as_ref()?;
    let names = match record {
        Record::Organization(organization) => [
            Some(&organization.name),
            organization.alternate_name.as_ref(),
        ],
        Record::Service(service) => [Some(&service.name), service.alternate_name.as_ref()],
        Record::Location(_) => return None,
    };
    let cleared = &heads.agency(agency)?.member.cleared;
    let wrong = |name: &Name| {
        if let Some(suspicion) = lookalike::suspicion(name.as_str()) {
            return Some(suspicion.code());
        }
        let poses =
            record.kind() == Kind::Organization && heads.poses(agency, Look::of(name.as_str()));
        poses.then_some("name_like_another")
    };
    names.into_iter().flatten().find_map(|name| {
        let code = wrong(name)?;
        let skeleton = lookalike::skeleton(name.as_str());
        (!cleared.contains(&skeleton)).then(|| NameHold {
            record: RecordName {
                kind: change.kind,
                id: change.id.clone(),
            },
            code: code.to_owned(),
            skeleton,
        })
    })
}

/// What an agency's people should know about a service that was accepted and is not found: which category
/// is not granted.
pub(super) fn held_notices(head: &AgencyHead, change: &Change) -> Vec<Notice> {
    let Some(Record::Service(service)) = &change.record else {
        return Vec::new();
    };
    match head.member.holds_back(service) {
        Some(Hold::NeedsGrant(category)) => {
            vec![Notice::needs_grant(category, 1).about(&change.id)]
        }
        Some(Hold::Name) => vec![Notice::name_held().about(&change.id)],
        // What was just said is not archived.
        Some(Hold::Banned | Hold::Archived) | None => Vec::new(),
    }
}

/// Whether a deletion has to wait for a second person (R9).
fn brake(heads: &Heads, agency: &AgencyId, change: &Change, now: Timestamp) -> Result<(), Refusal> {
    let held = change.for_good
        && heads.agency(agency).is_some_and(|head| {
            let live = usize::try_from(head.records).unwrap_or(usize::MAX);
            head.brake.holds(now, live)
        });
    if !held {
        return Ok(());
    }
    let text = "many records were deleted within an hour: this one stays until the directory's operator \
                allows more (directory-server agency allow-deletions)";
    Err(refusal(change, "deletion_held", "", text))
}

fn refusal(change: &Change, code: &str, field: &str, text: &str) -> Refusal {
    Refusal {
        kind: Some(change.kind),
        id: Some(change.id.clone()),
        code: code.to_owned(),
        field: field.to_owned(),
        text: text.to_owned(),
    }
}

/// What to do with a capacity report (R11).
pub(super) fn capacity(
    heads: &Heads,
    agency: &AgencyId,
    session: u64,
    now: Timestamp,
    checked: CheckedCapacity,
) -> Result<Option<Fact>, SessionEnd> {
    let CheckedCapacity {
        order,
        report,
        signed,
    } = checked;
    if log(heads, agency)?.report(session, order)? == Appends::Seen {
        return Ok(None);
    }
    budget(head(heads, agency)?, false, now)?;
    let report = report.and_then(|report| {
        waits(heads, agency, &report)?;
        Ok(report)
    });
    Ok(Some(match report {
        Ok(report) => Fact::Capacity(agency.clone(), order, Box::new(report), signed),
        Err(refusal) => Fact::CapacityRefused(agency.clone(), order, refusal),
    }))
}

/// Whether there is room for a report about what is not there yet.
fn waits(heads: &Heads, agency: &AgencyId, report: &Report) -> Result<(), Refusal> {
    let services = heads
        .agency(agency)
        .map_or(0, |head| head.member.most_services());
    let most = usize::try_from(services).unwrap_or(usize::MAX);
    let most = most.saturating_mul(EARLY_PER_SERVICE);
    let about = report.key();
    if heads.early_reports(agency) < most
        || heads.is_early(agency, about)
        || heads.is_offered(agency, about)
    {
        return Ok(());
    }
    let refuse = |code: &str, text: String| Refusal {
        kind: Some(Kind::Service),
        id: Some(about.0.clone()),
        code: code.to_owned(),
        field: String::new(),
        text,
    };
    let text = format!(
        "the directory does not know this service, or not at this place, and already holds {most} such reports \
         of this agency: publish the service first"
    );
    Err(refuse("service_unknown", text))
}

/// The longest a report is believed: by its service's codes and by its main unit. One that comes
/// before its service is shortened when the service's codes are known; until then nobody finds it.
pub(super) fn longest_ttl(heads: &Heads, agency: &AgencyId, report: &Report) -> Ttl {
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

/// What an agency's people should know when a session begins.
pub(super) fn welcome_notices(heads: &Heads, head: &AgencyHead, now: Timestamp) -> Vec<Notice> {
    let mut notices = Vec::new();
    if head.cloned_within_the_hour(now) {
        notices.push(Notice::cloned());
    }
    if head.brake.allowed > 0 {
        notices.push(Notice::deletions_allowed(head.brake.allowed));
    }
    let held_back = heads.held(&head.invitation.agency).into_iter();
    notices.extend(held_back.map(|(category, count)| Notice::needs_grant(category, count)));
    let archived = u32::try_from(head.member.archived.len()).unwrap_or(u32::MAX);
    notices.extend((archived > 0).then(|| Notice::archived(archived)));
    let names = head.member.holds.iter();
    notices.extend(names.map(|hold| Notice::name_held().about(&hold.record.id)));
    notices
}

/// What an agency's people should know about a report that was accepted.
pub(super) fn notices(report: &Report, longest: Ttl, received_at: Timestamp) -> Vec<Notice> {
    let said = report.said();
    let mut notices = Vec::new();
    if said.ttl.is_some_and(|ttl| ttl > longest) {
        let hours = longest.seconds() / 3_600;
        notices.push(Notice::ttl_shortened(hours).about(&said.service));
    }
    if said.observed_at.duration_since(received_at) > CLOCK_AHEAD {
        notices.push(Notice::clock_ahead().about(&said.service));
    }
    notices
}
