//! Whether each record fits the wire: what the directory would refuse is refused here, where its row is
//! known.

use std::collections::HashSet;

use referral_core::catalog::Record;
use referral_core::hsds::{Converted, Entity, Origin, RowIssue};
use referral_core::id::{Kind, LocalId};
use referral_core::text::Text;
use referral_proto::v1;

/// Moves records that the wire has no room for to the refused ones, and with them what refers to them.
/// An offer at a refused location is left out of its service.
pub(super) fn refuse_what_does_not_fit(converted: &mut Converted) {
    let mut gone: HashSet<(Kind, LocalId)> = HashSet::new();
    let (mut records, mut origins) = (Vec::new(), Vec::new());
    let all = std::mem::take(&mut converted.records);
    for (mut record, origin) in all.into_iter().zip(std::mem::take(&mut converted.origins)) {
        leave_out_refused_locations(&mut record, &gone);
        match misfit(&record, &gone) {
            None => {
                records.push(record);
                origins.push(origin);
            }
            Some((field, code, reason)) => {
                gone.insert((record.kind(), record.id().clone()));
                converted
                    .refused
                    .push(issue(&record, &origin, field, code, reason));
            }
        }
    }
    converted.reports.retain(|report| {
        let at = report.location.clone().map(|id| (Kind::Location, id));
        !gone.contains(&(Kind::Service, report.service.clone()))
            && at.is_none_or(|at| !gone.contains(&at))
    });
    (converted.records, converted.origins) = (records, origins);
}

fn leave_out_refused_locations(record: &mut Record, gone: &HashSet<(Kind, LocalId)>) {
    if let Record::Service(service) = record {
        service
            .offers
            .retain(|offer| !gone.contains(&(Kind::Location, offer.location.clone())));
    }
}

/// Why a record cannot be published: the field, a stable name and the reason.
fn misfit(
    record: &Record,
    gone: &HashSet<(Kind, LocalId)>,
) -> Option<(String, &'static str, String)> {
    let mut references = record.references().into_iter();
    if references.any(|(kind, id)| gone.contains(&(kind, id.clone()))) {
        let reason = "the organization it belongs to was refused".to_owned();
        return Some(("organization_id".to_owned(), "organization_refused", reason));
    }
    let violations = Record::try_from(v1::Record::from(record)).err()?;
    let first = violations.first();
    Some((first.field.clone(), first.code, first.text.clone()))
}

fn issue(
    record: &Record,
    origin: &Origin,
    field: String,
    code: &'static str,
    reason: String,
) -> RowIssue {
    let (entity, source_id): (Entity, &Text) = match record {
        Record::Organization(one) => (Entity::Organization, &one.source_id),
        Record::Location(one) => (Entity::Location, &one.source_id),
        Record::Service(one) => (Entity::Service, &one.source_id),
    };
    RowIssue {
        entity,
        file: origin.file.clone(),
        row: origin.row.clone(),
        id: Some(source_id.to_string()),
        field,
        code,
        reason,
    }
}
