//! How keys are written. Ids hold no `/`, so a key has one reading and prefixes scan cleanly.

use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};

/// The journal index folded so far.
pub(super) const FOLDED: &[u8] = b"m/folded";
/// Capacity reports in force.
pub(super) const CAPACITY: &[u8] = b"c/";
/// What the tree knows of the files with the bytes of records.
pub(super) const KEPT: &[u8] = b"m/kept";
/// Everything that is a record.
pub(super) const RECORDS: &[u8] = b"r/";

/// A record's key. Kinds come first, so that all services lie together.
pub(super) fn record(key: &RecordKey) -> String {
    format!("r/{}/{}/{}", key.kind, key.agency, key.id)
}

/// The prefix of every record of a kind.
pub(super) fn records(kind: Kind) -> String {
    format!("r/{kind}/")
}

/// The prefix of every record of a kind of an agency.
pub(super) fn records_of(kind: Kind, agency: &AgencyId) -> String {
    format!("r/{kind}/{agency}/")
}

/// What comes after every record of a kind of an agency: `0` is the character after `/`.
pub(super) fn after_records_of(kind: Kind, agency: &AgencyId) -> String {
    format!("r/{kind}/{agency}0")
}

/// The record a key names.
pub(super) fn read_record(key: &[u8]) -> Option<RecordKey> {
    let mut parts = std::str::from_utf8(key).ok()?.split('/').skip(1);
    let kind = Kind::parse(parts.next()?).ok()?;
    let agency = AgencyId::parse(parts.next()?).ok()?;
    Some(RecordKey {
        agency,
        kind,
        id: LocalId::parse(parts.next()?).ok()?,
    })
}

/// The key that says that `from` refers to `to`.
pub(super) fn reference(to: &RecordKey, from: &RecordKey) -> String {
    format!("{}{}", referrers_of_kind(to, from.kind), from.id)
}

/// The prefix of all records of a kind that refer to `to`. An organization has a handful of locations
/// and may have thousands of services: who wants the one does not read the other.
pub(super) fn referrers_of_kind(to: &RecordKey, kind: Kind) -> String {
    format!("x/{}/{}/{}/{kind}/", to.agency, to.kind, to.id)
}

/// The record that refers to another, from a key made by [`reference`].
pub(super) fn read_referrer(key: &[u8]) -> Option<RecordKey> {
    let mut parts = std::str::from_utf8(key).ok()?.split('/').skip(1);
    let agency = AgencyId::parse(parts.next()?).ok()?;
    let mut parts = parts.skip(2);
    let kind = Kind::parse(parts.next()?).ok()?;
    Some(RecordKey {
        agency,
        kind,
        id: LocalId::parse(parts.next()?).ok()?,
    })
}

/// The prefix of every capacity report of an agency.
pub(super) fn capacities_by(agency: &AgencyId) -> String {
    format!("c/{agency}/")
}

/// What comes after every capacity report of an agency.
pub(super) fn after_capacities_by(agency: &AgencyId) -> String {
    format!("c/{agency}0")
}

/// The agency of a key made by [`capacity`].
pub(super) fn read_capacity(key: &[u8]) -> Option<AgencyId> {
    let mut parts = std::str::from_utf8(key).ok()?.split('/').skip(1);
    AgencyId::parse(parts.next()?).ok()
}

/// The prefix of every capacity report about a service.
pub(super) fn capacities_of(service: &RecordKey) -> String {
    format!("c/{}/{}/", service.agency, service.id)
}

/// The key of a capacity report in force.
pub(super) fn capacity(agency: &AgencyId, about: (&LocalId, Option<&LocalId>)) -> Vec<u8> {
    let location = about.1.map(LocalId::as_str).unwrap_or_default();
    format!("c/{agency}/{}/{location}", about.0).into_bytes()
}
