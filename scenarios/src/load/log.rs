//! What publishers say, made and signed before the clock starts.

use std::collections::HashSet;
use std::ops::Range;

use jiff::Timestamp;
use referral_core::catalog::Record;
use referral_core::id::LocalId;
use referral_proto::v1;
use referral_proto::v1::publish_request::Message as Up;

use super::member::Member;
use super::rate::{Rate, What};
use crate::national::National;

/// What one publisher says, as messages.
pub(super) struct Log {
    /// Before the clock starts.
    pub(super) before: Vec<Batch>,
    pub(super) measured: Vec<Batch>,
}

/// One message, and how far it is acknowledged when it is.
pub(super) struct Batch {
    pub(super) message: Up,
    pub(super) count: usize,
    pub(super) last: u64,
    pub(super) reports: bool,
}

/// Makes and signs everything.
pub(super) fn logs(
    members: &mut [Member],
    rate: &Rate,
    now: Timestamp,
) -> anyhow::Result<Vec<Log>> {
    // A service brings its organization and locations: fewer services than operations are needed.
    let each = u32::try_from(rate.each)?;
    let services = each * u32::try_from(members.len())?;
    let national = National::at(services, 1, now);
    let mut logs = Vec::new();
    for (at, member) in (0..).zip(members) {
        let listings = match rate.what {
            What::Listings => rate.each,
            What::Reports => rate.each.min(200),
        };
        let (operations, services) =
            listed(member, &national, at * each..(at + 1) * each, listings, now);
        let operations = batches(&operations, rate.batch, 0, |operations| {
            Up::Operations(v1::OperationBatch { operations })
        });
        logs.push(match rate.what {
            What::Listings => Log {
                before: Vec::new(),
                measured: operations,
            },
            What::Reports => Log {
                before: operations,
                measured: reports(member, &services, rate, now),
            },
        });
    }
    Ok(logs)
}

/// So many operations of an agency, or a few more with the last service, and the services among them.
pub(super) fn listed(
    member: &mut Member,
    national: &National,
    part: Range<u32>,
    count: usize,
    now: Timestamp,
) -> (Vec<v1::Signed>, Vec<LocalId>) {
    let (mut operations, mut services) = (Vec::with_capacity(count), Vec::new());
    let mut known = HashSet::new();
    for one in national.part(part) {
        let organization = Record::Organization(Box::new(one.listing.organization));
        let locations = one.listing.locations.into_iter();
        let locations = locations.map(|location| Record::Location(Box::new(location)));
        for record in std::iter::once(organization).chain(locations) {
            if known.insert((record.kind(), record.id().clone())) {
                operations.push(member.publish(record, now));
            }
        }
        services.push(one.listing.service.id.clone());
        operations.push(member.publish(Record::Service(Box::new(one.listing.service)), now));
        if operations.len() >= count {
            break;
        }
    }
    (operations, services)
}

fn reports(member: &mut Member, services: &[LocalId], rate: &Rate, now: Timestamp) -> Vec<Batch> {
    let reports = (0..rate.each).map(|number| {
        let service = &services[number % services.len()];
        member.report(report(
            service,
            u32::try_from(number % 50).unwrap_or(0),
            now,
        ))
    });
    let reports: Vec<v1::Signed> = reports.collect();
    batches(&reports, rate.batch, 0, |reports| {
        Up::Capacity(v1::CapacityBatch { reports })
    })
}

/// A report of free beds.
pub(super) fn report(service: &LocalId, beds: u32, now: Timestamp) -> v1::CapacityReport {
    let count = v1::CapacityCount {
        unit: v1::CapacityUnit::Bed.into(),
        available: Some(beds + 1),
        maximum: None,
    };
    v1::CapacityReport {
        service_id: service.to_string(),
        state: v1::CapacityState::Open.into(),
        counts: vec![count],
        observed_at: Some(referral_proto::convert::time::to_wire(now)),
        source: v1::CapacitySource::System.into(),
        ..v1::CapacityReport::default()
    }
}

fn batches(
    signed: &[v1::Signed],
    size: usize,
    after: u64,
    message: impl Fn(Vec<v1::Signed>) -> Up,
) -> Vec<Batch> {
    let mut last = after;
    let chunks = signed.chunks(size);
    chunks
        .map(|chunk| {
            last += chunk.len() as u64;
            let message = message(chunk.to_vec());
            Batch {
                reports: matches!(message, Up::Capacity(_)),
                message,
                count: chunk.len(),
                last,
            }
        })
        .collect()
}
