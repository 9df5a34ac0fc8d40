//! The tip of one record.

use jiff::Timestamp;
use prost::Message;
use referral_core::capacity::{Ttl, ttl_for};
use referral_core::catalog::{Category, Record, needed};
use referral_core::federation::{Ancestry, Change, Tip};
use referral_core::id::{AgencyId, Hash, Kind, LocalId, RecordKey, RecordName};
use referral_core::lookalike;
use referral_core::text::fold;

/// The tip of one record: small, for there are millions. What few have stands elsewhere.
#[derive(Clone, Debug)]
pub(in super::super) struct RecordHead {
    /// Its name at its agency.
    pub(in super::super) name: RecordName,
    /// Its current operation; a withdrawal too.
    pub(in super::super) hash: Hash,
    /// False once withdrawn.
    pub(in super::super) live: bool,
    /// How long its current operation is. Unit: bytes.
    pub(in super::super) bytes: u32,
    /// When its current operation was received.
    said_at: Microseconds,
    /// How many live records refer to it.
    pub(in super::super) referrers: u32,
    /// How long capacity of this service is believed.
    pub(in super::super) ttl: Ttl,
    /// The categories that its agency has to be granted before it is found.
    pub(in super::super) needs: Needs,
    pub(super) references: Box<[u128]>,
    rare: Option<Box<Rare>>,
}

/// Since 1970. A time of nanoseconds takes twice as much.
type Microseconds = i64;

/// What few tips have.
#[derive(Clone, Debug)]
struct Rare {
    /// What an organization's name looks like, and the hash of its agency's id.
    look: Option<(Look, u64)>,
    ancestors: Box<[Hash]>,
}

/// The tip of one record as it stands in a file of tips, without the names of its agency and kind. It lives as long
/// as the program that wrote it: see `ledger/snapshot/tips.rs`.
#[derive(Clone, PartialEq, Message)]
pub(in super::super) struct StoredHead {
    /// 16 bytes.
    #[prost(bytes = "vec", tag = "1")]
    public_id: Vec<u8>,
    #[prost(string, tag = "2")]
    id: String,
    #[prost(bytes = "vec", tag = "3")]
    hash: Vec<u8>,
    #[prost(bool, tag = "4")]
    live: bool,
    #[prost(uint32, tag = "5")]
    bytes: u32,
    /// Unit: microseconds since 1970-01-01T00:00:00Z.
    #[prost(int64, tag = "6")]
    said_at_us: i64,
    /// Unit: seconds.
    #[prost(uint32, tag = "7")]
    ttl_s: u32,
    #[prost(uint32, tag = "8")]
    needs: u32,
    /// What its name looks like, and its words.
    #[prost(fixed64, repeated, tag = "9")]
    look: Vec<u64>,
    /// Public ids of 16 bytes, one after another.
    #[prost(bytes = "vec", tag = "10")]
    references: Vec<u8>,
    /// Hashes of 32 bytes, one after another.
    #[prost(bytes = "vec", tag = "11")]
    ancestors: Vec<u8>,
}

impl StoredHead {
    pub(in super::super) fn of((id, head): (u128, &RecordHead)) -> Self {
        // Named one by one: a field that is added has to be thought of here. Referrers are counted anew.
        let RecordHead {
            name,
            hash,
            live,
            bytes,
            said_at,
            referrers: _counted,
            ttl,
            needs,
            references,
            rare,
        } = head;
        let look = rare.as_ref().and_then(|rare| rare.look);
        let ancestors = rare.iter().flat_map(|rare| &rare.ancestors);
        let references = references.iter().flat_map(|id| id.to_be_bytes());
        Self {
            public_id: id.to_be_bytes().to_vec(),
            id: name.id.to_string(),
            hash: hash.as_bytes().to_vec(),
            live: *live,
            bytes: *bytes,
            said_at_us: *said_at,
            ttl_s: ttl.seconds(),
            needs: needs.0.into(),
            look: look.map_or_else(Vec::new, |(look, _)| vec![look.skeleton, look.words]),
            references: references.collect(),
            ancestors: ancestors.flat_map(Hash::as_bytes).copied().collect(),
        }
    }

    /// The public id and the tip, to which nothing refers yet; `None` when it is not readable.
    ///
    /// * `agency` — the hash of its agency's id.
    pub(in super::super) fn read(self, agency: u64, kind: Kind) -> Option<(u128, RecordHead)> {
        let id = u128::from_be_bytes(self.public_id.try_into().ok()?);
        let look = match self.look.as_slice() {
            [] => None,
            [skeleton, words] => Some(Look {
                skeleton: *skeleton,
                words: *words,
            }),
            _ => return None,
        };
        let (references, []) = self.references.as_chunks() else {
            return None;
        };
        let ancestors = self.ancestors.chunks(32).map(Hash::try_from);
        let head = RecordHead {
            name: RecordName {
                kind,
                id: LocalId::parse(&self.id).ok()?,
            },
            hash: Hash::try_from(self.hash.as_slice()).ok()?,
            live: self.live,
            bytes: self.bytes,
            said_at: readable(self.said_at_us)?,
            referrers: 0,
            ttl: Ttl::clamped(self.ttl_s),
            needs: Needs(u8::try_from(self.needs).ok()?),
            references: references
                .iter()
                .map(|id| u128::from_be_bytes(*id))
                .collect(),
            rare: Rare::of(
                look.map(|look| (look, agency)),
                ancestors.collect::<Result<_, _>>().ok()?,
            ),
        };
        Some((id, head))
    }
}

impl Rare {
    fn of(look: Option<(Look, u64)>, ancestors: Box<[Hash]>) -> Option<Box<Self>> {
        let is_there = look.is_some() || !ancestors.is_empty();
        is_there.then(|| Box::new(Self { look, ancestors }))
    }
}

fn readable(at: Microseconds) -> Option<Microseconds> {
    Timestamp::from_microsecond(at).is_ok().then_some(at)
}

/// Categories, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Needs(u8);

/// What a name looks like and what it is, as hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Look {
    /// Of its skeleton.
    pub(super) skeleton: u64,
    /// Of its words.
    words: u64,
}

impl Needs {
    fn of(record: &Record) -> Self {
        let Record::Service(service) = record else {
            return Self::default();
        };
        let bits = needed(service).into_iter().map(bit);
        Self(bits.fold(0, |all, one| all | one))
    }

    pub(in super::super) fn contains(self, category: Category) -> bool {
        self.0 & bit(category) != 0
    }
}

fn bit(category: Category) -> u8 {
    match category {
        Category::Legal => 1,
        Category::Shelter => 2,
        Category::Medical => 4,
    }
}

impl Look {
    pub(in super::super) fn of(name: &str) -> Self {
        Self {
            skeleton: hash_of(&lookalike::skeleton(name)),
            words: hash_of(&fold(name)),
        }
    }

    /// Whether one can be taken for the other and is another name.
    pub(super) fn poses_as(self, other: Self) -> bool {
        self.skeleton == other.skeleton && self.words != other.words
    }
}

/// The first 8 bytes of the SHA-256.
pub(in super::super) fn hash_of(text: &str) -> u64 {
    let hash = Hash::of(&[text.as_bytes()]);
    let first = hash.as_bytes().first_chunk().copied();
    u64::from_be_bytes(first.unwrap_or_default())
}

impl RecordHead {
    /// The tip after `change`, whose operation has this hash and length, and was received then.
    pub(super) fn after(
        agency: &AgencyId,
        (hash, bytes, said_at): (Hash, u32, Timestamp),
        change: &Change,
        referrers: u32,
    ) -> Self {
        let look = change.record.as_ref().and_then(look_of);
        Self {
            name: RecordName {
                kind: change.kind,
                id: change.id.clone(),
            },
            hash,
            live: change.record.is_some(),
            bytes,
            said_at: said_at.as_microsecond(),
            referrers,
            ttl: change.record.as_ref().map_or(Ttl::LONGEST, ttl_of),
            needs: change.record.as_ref().map_or(Needs::default(), Needs::of),
            references: references(agency, change),
            rare: Rare::of(
                look.map(|look| (look, hash_of(agency.as_str()))),
                change.ancestors.iter().copied().collect(),
            ),
        }
    }

    /// When its current operation was received.
    pub(in super::super) fn said_at(&self) -> Timestamp {
        Timestamp::from_microsecond(self.said_at).unwrap_or(Timestamp::MAX)
    }

    /// What an organization's name looks like.
    pub(super) fn look(&self) -> Option<Look> {
        self.look_at_agency().map(|(look, _)| look)
    }

    /// The same, and the hash of its agency's id.
    pub(super) fn look_at_agency(&self) -> Option<(Look, u64)> {
        self.rare.as_ref()?.look
    }

    /// How many earlier operations are known of it.
    pub(super) fn earlier(&self) -> usize {
        self.rare.as_ref().map_or(0, |rare| rare.ancestors.len())
    }

    /// What its agency's node is told of it.
    pub(super) fn tip(&self) -> Tip {
        let ancestors = self.rare.iter().flat_map(|rare| &rare.ancestors);
        Tip {
            hash: self.hash,
            live: self.live,
            ancestors: ancestors.copied().collect::<Ancestry>(),
        }
    }
}

fn references(agency: &AgencyId, change: &Change) -> Box<[u128]> {
    let Some(record) = &change.record else {
        return Box::default();
    };
    let mut ids: Vec<u128> = record
        .references()
        .into_iter()
        .map(|(kind, id)| RecordKey {
            agency: agency.clone(),
            kind,
            id: id.clone(),
        })
        .map(|key| key.public_id().as_u128())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into()
}

fn look_of(record: &Record) -> Option<Look> {
    match record {
        Record::Organization(organization) => Some(Look::of(organization.name.as_str())),
        _ => None,
    }
}

fn ttl_of(record: &Record) -> Ttl {
    match record {
        Record::Service(service) => ttl_for(service.attributes.iter().map(|a| &a.code), None),
        _ => Ttl::LONGEST,
    }
}
