//! Names of things: agencies, records, and the hashes that chain operations together.
//!
//! A record is known by ([`AgencyId`], [`Kind`], [`LocalId`]); [`RecordKey::public_id`] is the stable
//! UUID that APIs show for it. Definitions: `docs/ARCHITECTURE.md`, "Names and keys".

use std::fmt;

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The project's namespace for `UUIDv5` public ids (RFC 9562, section 5.5). Never changes.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f1d_5a0e_8c1b_5c6e_9a53_2f64_7d1e_0b3a);

/// A publisher: the owner of one node and one catalog. 2 to 40 of `a-z`, `0-9`, `-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AgencyId(String);

impl AgencyId {
    /// Reads an agency id.
    ///
    /// # Errors
    /// [`InvalidId`] unless it is 2 to 40 lower-case letters, digits and hyphens.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (2..=40).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidId::Agency)
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AgencyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A record's name within its agency and kind: 1 to 64 of `A-Z`, `a-z`, `0-9`, `.`, `_`, `-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalId(Box<str>);

impl LocalId {
    /// Reads a local id.
    ///
    /// # Errors
    /// [`InvalidId`] unless it is 1 to 64 of the allowed characters.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidId::Local)
        }
    }

    /// The local id for an id of the publisher's own: itself where it is allowed, otherwise `h-` and
    /// the first 32 hex digits of its SHA-256.
    #[must_use]
    pub fn from_source(source: &str) -> Self {
        Self::parse(source).unwrap_or_else(|_| {
            let digest = Sha256::digest(source.as_bytes());
            Self(format!("h-{}", hex(&digest[..16])).into())
        })
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LocalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text that is no id. The sender's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// Not an agency id.
    #[error("an agency id is 2 to 40 lower-case letters, digits and hyphens")]
    Agency,
    /// Not a local id.
    #[error("a record id is 1 to 64 letters, digits, dots, underscores and hyphens")]
    Local,
    /// Not a record kind.
    #[error("a record is an organization, a location or a service")]
    Kind,
    /// Not a 32-byte hash.
    #[error("a hash has 32 bytes")]
    Hash,
}

/// What a published record is. The order is the order in which records may refer to each other:
/// locations to organizations, services to both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// An HSDS organization.
    Organization,
    /// An HSDS location.
    Location,
    /// An HSDS service with its `service_at_locations`.
    Service,
}

impl Kind {
    /// Every kind, in order of reference.
    pub const ALL: [Self; 3] = [Self::Organization, Self::Location, Self::Service];

    /// The kind's stable name, as used in keys and in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Location => "location",
            Self::Service => "service",
        }
    }

    /// Reads a kind from its stable name.
    ///
    /// # Errors
    /// [`InvalidId::Kind`] for any other text.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(InvalidId::Kind)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A record's name within its agency. Ordered so that what a record refers to comes before it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordName {
    /// What it is.
    pub kind: Kind,
    /// Its id at the agency.
    pub id: LocalId,
}

impl fmt::Display for RecordName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}

/// The full name of a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordKey {
    /// Who publishes it.
    pub agency: AgencyId,
    /// What it is.
    pub kind: Kind,
    /// Its name at that agency.
    pub id: LocalId,
}

impl RecordKey {
    /// The stable UUID that APIs show for this record (`UUIDv5` of `agency/kind/id`).
    #[must_use]
    pub fn public_id(&self) -> PublicId {
        PublicId(Uuid::new_v5(&NAMESPACE, self.to_string().as_bytes()))
    }
}

impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.agency, self.kind, self.id)
    }
}

/// The id of a record in APIs and pages: stable, and meaningless by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicId(Uuid);

impl PublicId {
    /// Reads a public id in any of the UUID text forms.
    ///
    /// # Errors
    /// [`InvalidId::Local`] when it is no UUID.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        Uuid::try_parse(text)
            .map(Self)
            .map_err(|_| InvalidId::Local)
    }

    /// The id as a number, for compact keys.
    #[must_use]
    pub fn as_u128(self) -> u128 {
        self.0.as_u128()
    }

    /// The upper half of the number: what the cursors of searches name a service by.
    #[must_use]
    pub fn upper(self) -> u64 {
        self.0.as_u64_pair().0
    }

    /// The id with this number.
    #[must_use]
    pub fn from_u128(number: u128) -> Self {
        Self(Uuid::from_u128(number))
    }
}

impl fmt::Display for PublicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A SHA-256 hash of an operation or of a chain of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash([u8; 32]);

impl Hash {
    /// SHA-256 over `parts`, one after another.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl TryFrom<&[u8]> for Hash {
    type Error = InvalidId;
    fn try_from(bytes: &[u8]) -> Result<Self, InvalidId> {
        bytes.try_into().map(Self).map_err(|_| InvalidId::Hash)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0[..6]))
    }
}

/// Lower-case hexadecimal of `bytes`.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles
        .map(|nibble| char::from(DIGITS[usize::from(nibble)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_id_that_is_no_local_id_becomes_a_short_hash() {
        assert_eq!(LocalId::from_source("143903").as_str(), "143903");
        let hashed = LocalId::from_source("../../x");

        assert_eq!(hashed.as_str().len(), 34);
        assert!(hashed.as_str().starts_with("h-"));
        assert_eq!(hashed, LocalId::from_source("../../x"));
    }

    #[test]
    fn a_public_id_depends_on_every_part_of_the_key() {
        let key = |agency: &str, kind, id: &str| RecordKey {
            agency: AgencyId::parse(agency).unwrap(),
            kind,
            id: LocalId::parse(id).unwrap(),
        };
        let one = key("aa", Kind::Service, "1");

        assert_eq!(one.public_id(), one.clone().public_id());
        for other in [
            key("ab", Kind::Service, "1"),
            key("aa", Kind::Location, "1"),
            key("aa", Kind::Service, "2"),
        ] {
            assert_ne!(one.public_id(), other.public_id());
        }
    }
}
