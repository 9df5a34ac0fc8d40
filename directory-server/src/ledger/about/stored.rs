//! The stored form of what is decided about agencies. Field numbers never change their meaning.

use std::sync::Arc;

use jiff::Timestamp;
use prost::{Message, Oneof};
use referral_core::catalog::Category;
use referral_core::id::{AgencyId, Kind as RecordKind, LocalId, RecordName};
use referral_runtime::tls::{Leaf, Serial};

use super::{
    About, Alarm, Alarms, Grant, Grants, Member, NameHold, Person, Pins, Proposal, Standing,
};

/// A decision about an agency, as the journal holds it.
#[derive(Clone, PartialEq, Message)]
pub(in crate::ledger) struct Stored {
    #[prost(string, tag = "1")]
    agency: String,
    #[prost(oneof = "Kind", tags = "2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14")]
    kind: Option<Kind>,
}

#[derive(Clone, PartialEq, Oneof)]
enum Kind {
    #[prost(message, tag = "2")]
    Issuing(Issuing),
    #[prost(bytes, tag = "3")]
    Renewed(Vec<u8>),
    #[prost(message, tag = "4")]
    Shown(StoredLeaf),
    #[prost(message, tag = "5")]
    Standing(Said),
    #[prost(message, tag = "6")]
    Proposed(StoredProposal),
    #[prost(message, tag = "7")]
    Granted(Said),
    #[prost(message, tag = "8")]
    Revoked(Said),
    #[prost(string, tag = "9")]
    Lapsed(String),
    #[prost(message, tag = "10")]
    Alarm(StoredAlarm),
    #[prost(message, tag = "11")]
    NameCleared(Said),
    #[prost(message, tag = "12")]
    NameHeld(StoredHold),
    #[prost(uint32, tag = "13")]
    Quota(u32),
    #[prost(message, tag = "14")]
    Archived(StoredIds),
}

#[derive(Clone, PartialEq, Message)]
struct StoredIds {
    #[prost(string, repeated, tag = "1")]
    ids: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
struct StoredHold {
    #[prost(string, tag = "1")]
    kind: String,
    #[prost(string, tag = "2")]
    id: String,
    #[prost(string, tag = "3")]
    code: String,
    #[prost(string, tag = "4")]
    skeleton: String,
}

#[derive(Clone, PartialEq, Message)]
struct Issuing {
    #[prost(bytes = "vec", tag = "1")]
    serial: Vec<u8>,
    #[prost(int64, tag = "2")]
    expires_at_us: i64,
}

#[derive(Clone, PartialEq, Message)]
struct StoredLeaf {
    #[prost(bytes = "vec", tag = "1")]
    serial: Vec<u8>,
    #[prost(int64, tag = "2")]
    not_before_us: i64,
    #[prost(int64, tag = "3")]
    not_after_us: i64,
}

/// What a person said: of what, who, why.
#[derive(Clone, PartialEq, Message)]
struct Said {
    #[prost(string, tag = "1")]
    what: String,
    #[prost(string, tag = "2")]
    by: String,
    #[prost(string, tag = "3")]
    why: String,
}

#[derive(Clone, PartialEq, Message)]
struct StoredProposal {
    #[prost(string, tag = "1")]
    category: String,
    #[prost(string, tag = "2")]
    evidence: String,
    #[prost(int64, tag = "3")]
    expires_at_us: i64,
    #[prost(string, tag = "4")]
    by: String,
    /// Empty: nobody yet.
    #[prost(string, tag = "5")]
    approved_by: String,
}

#[derive(Clone, PartialEq, Message)]
struct StoredAlarm {
    #[prost(string, tag = "1")]
    code: String,
    #[prost(int64, tag = "2")]
    at_us: i64,
}

/// How an agency stands as a member, as a snapshot holds it.
#[derive(Clone, PartialEq, Message)]
pub(in crate::ledger) struct StoredMember {
    #[prost(string, tag = "1")]
    standing: String,
    #[prost(message, optional, tag = "2")]
    current: Option<StoredLeaf>,
    /// DER; empty: none.
    #[prost(bytes = "vec", tag = "3")]
    next: Vec<u8>,
    #[prost(message, optional, tag = "4")]
    issuing: Option<Issuing>,
    #[prost(bool, tag = "5")]
    forgiven: bool,
    #[prost(message, repeated, tag = "6")]
    grants: Vec<StoredProposal>,
    #[prost(message, repeated, tag = "7")]
    alarms: Vec<StoredAlarm>,
    #[prost(string, repeated, tag = "8")]
    cleared: Vec<String>,
    #[prost(message, repeated, tag = "9")]
    holds: Vec<StoredHold>,
    #[prost(uint32, optional, tag = "10")]
    quota: Option<u32>,
    #[prost(bool, tag = "11")]
    named: bool,
    /// Nothing in older snapshots.
    #[prost(message, optional, tag = "12")]
    archived: Option<StoredIds>,
}

impl Stored {
    /// The stored form.
    pub(in crate::ledger) fn of(agency: &AgencyId, about: &About) -> Self {
        let said = |what: &str, by: &Person, why: &str| Said {
            what: what.to_owned(),
            by: by.to_string(),
            why: why.to_owned(),
        };
        let kind = match about {
            About::Issuing(serial, expires_at) => Kind::Issuing(issuing((*serial, *expires_at))),
            About::Renewed(certificate) => Kind::Renewed(certificate.clone()),
            About::Shown(leaf) => Kind::Shown(leaf.into()),
            About::Standing(standing, by, why) => Kind::Standing(said(standing.as_str(), by, why)),
            About::Proposed(category, proposal) => {
                Kind::Proposed(StoredProposal::of(*category, proposal, None))
            }
            About::Granted(category, by) => Kind::Granted(said(category.as_str(), by, "")),
            About::Revoked(category, by, why) => Kind::Revoked(said(category.as_str(), by, why)),
            About::Lapsed(category) => Kind::Lapsed(category.as_str().to_owned()),
            About::Alarm(alarm) => Kind::Alarm(alarm.into()),
            About::Quota(services) => Kind::Quota(*services),
            About::Archived(services) => Kind::Archived(StoredIds::of(services)),
            About::NameHeld(hold) => Kind::NameHeld(hold.into()),
            About::NameCleared(name, by) => Kind::NameCleared(said(name, by, "")),
        };
        Self {
            agency: agency.to_string(),
            kind: Some(kind),
        }
    }

    /// What it says; `None` when it is not readable.
    pub(in crate::ledger) fn read(bytes: &[u8]) -> Option<(AgencyId, About)> {
        let stored = Self::decode(bytes).ok()?;
        let person = |text: &str| Person::parse(text).ok();
        let category = |text: &str| Category::parse(text).ok();
        let about = match stored.kind? {
            Kind::Issuing(stored) => {
                let (serial, expires_at) = read_issuing(&stored)?;
                About::Issuing(serial, expires_at)
            }
            Kind::Renewed(certificate) => About::Renewed(certificate),
            Kind::Shown(leaf) => About::Shown(leaf.read()?),
            Kind::Standing(said) => {
                About::Standing(Standing::parse(&said.what)?, person(&said.by)?, said.why)
            }
            Kind::Proposed(stored) => {
                let (category, proposal, _) = stored.read()?;
                About::Proposed(category, proposal)
            }
            Kind::Granted(said) => About::Granted(category(&said.what)?, person(&said.by)?),
            Kind::Revoked(said) => {
                About::Revoked(category(&said.what)?, person(&said.by)?, said.why)
            }
            Kind::Lapsed(text) => About::Lapsed(category(&text)?),
            Kind::Alarm(stored) => About::Alarm(stored.read()?),
            Kind::Quota(services) => About::Quota(services),
            Kind::Archived(services) => About::Archived(services.read()?),
            Kind::NameHeld(stored) => About::NameHeld(stored.read()?),
            Kind::NameCleared(said) => About::NameCleared(said.what, person(&said.by)?),
        };
        Some((AgencyId::parse(&stored.agency).ok()?, about))
    }
}

impl StoredMember {
    /// The stored form.
    pub(in crate::ledger) fn of(member: &Member) -> Self {
        // Named one by one: a field that is added has to be thought of here.
        let Member {
            standing,
            pins,
            grants,
            alarms,
            cleared,
            holds,
            archived,
            quota,
            named,
            cloned: _with_the_proofs,
        } = member;
        let Pins {
            current,
            next,
            issuing: about_to,
            forgiven,
        } = pins;
        let granted = grants.granted.iter().map(|(category, grant)| {
            StoredProposal::of(*category, &grant.proposal, Some(&grant.approved_by))
        });
        let proposed = grants.proposed.iter();
        let proposed =
            proposed.map(|(category, proposal)| StoredProposal::of(*category, proposal, None));
        Self {
            standing: standing.as_str().to_owned(),
            current: current.as_ref().map(Into::into),
            next: next
                .as_ref()
                .map(|(_, certificate)| certificate.clone())
                .unwrap_or_default(),
            issuing: about_to.map(issuing),
            forgiven: *forgiven,
            grants: granted.chain(proposed).collect(),
            alarms: alarms.iter().map(Into::into).collect(),
            cleared: cleared.clone(),
            holds: holds.iter().map(Into::into).collect(),
            quota: *quota,
            named: *named,
            archived: Some(StoredIds::of(&**archived)),
        }
    }

    /// What it says; `None` when it is not readable.
    pub(in crate::ledger) fn read(self) -> Option<Member> {
        let holds = self.holds.into_iter().map(StoredHold::read);
        let holds = holds.collect::<Option<_>>()?;
        let mut grants = Grants::default();
        for stored in self.grants {
            let (category, proposal, approved_by) = stored.read()?;
            match approved_by {
                Some(approved_by) => {
                    let grant = Grant {
                        proposal,
                        approved_by,
                    };
                    grants.granted.insert(category, grant);
                }
                None => grants.propose(category, proposal),
            }
        }
        let mut alarms = Alarms::default();
        for stored in self.alarms {
            alarms.note(stored.read()?);
        }
        let current = match self.current {
            Some(leaf) => Some(leaf.read()?),
            None => None,
        };
        let about_to = match &self.issuing {
            Some(stored) => Some(read_issuing(stored)?),
            None => None,
        };
        let pins = Pins {
            current,
            next: Leaf::of(&self.next).map(|leaf| (leaf, self.next)),
            issuing: about_to,
            forgiven: self.forgiven,
        };
        let standing = Standing::parse(&self.standing)?;
        let archived = match self.archived {
            Some(archived) => archived.read()?,
            None => Vec::new(),
        };
        Some(Member {
            archived: Arc::new(archived.into_iter().collect()),
            standing,
            pins,
            grants,
            alarms,
            cleared: self.cleared,
            holds,
            quota: self.quota,
            named: self.named,
            cloned: false,
        })
    }
}

impl StoredProposal {
    fn of(category: Category, proposal: &Proposal, approved_by: Option<&Person>) -> Self {
        Self {
            category: category.as_str().to_owned(),
            evidence: proposal.evidence.clone(),
            expires_at_us: proposal.expires_at.as_microsecond(),
            by: proposal.by.to_string(),
            approved_by: approved_by.map(ToString::to_string).unwrap_or_default(),
        }
    }

    fn read(self) -> Option<(Category, Proposal, Option<Person>)> {
        let proposal = Proposal {
            evidence: self.evidence,
            expires_at: Timestamp::from_microsecond(self.expires_at_us).ok()?,
            by: Person::parse(&self.by).ok()?,
        };
        let approved_by = match self.approved_by.as_str() {
            "" => None,
            name => Some(Person::parse(name).ok()?),
        };
        Some((Category::parse(&self.category).ok()?, proposal, approved_by))
    }
}

impl From<&Leaf> for StoredLeaf {
    fn from(leaf: &Leaf) -> Self {
        Self {
            serial: leaf.serial.as_bytes().to_vec(),
            not_before_us: leaf.not_before.as_microsecond(),
            not_after_us: leaf.not_after.as_microsecond(),
        }
    }
}

impl StoredLeaf {
    fn read(&self) -> Option<Leaf> {
        Some(Leaf {
            serial: serial(&self.serial)?,
            not_before: Timestamp::from_microsecond(self.not_before_us).ok()?,
            not_after: Timestamp::from_microsecond(self.not_after_us).ok()?,
        })
    }
}

impl From<&Alarm> for StoredAlarm {
    fn from(alarm: &Alarm) -> Self {
        Self {
            code: alarm.code.clone(),
            at_us: alarm.at.as_microsecond(),
        }
    }
}

impl StoredAlarm {
    fn read(self) -> Option<Alarm> {
        Some(Alarm {
            code: self.code,
            at: Timestamp::from_microsecond(self.at_us).ok()?,
        })
    }
}

impl StoredIds {
    fn of<'a>(ids: impl IntoIterator<Item = &'a LocalId>) -> Self {
        let ids = ids.into_iter().map(ToString::to_string);
        Self { ids: ids.collect() }
    }

    fn read(self) -> Option<Vec<LocalId>> {
        let ids = self.ids.iter().map(|id| LocalId::parse(id).ok());
        ids.collect()
    }
}

impl From<&NameHold> for StoredHold {
    fn from(hold: &NameHold) -> Self {
        Self {
            kind: hold.record.kind.to_string(),
            id: hold.record.id.to_string(),
            code: hold.code.clone(),
            skeleton: hold.skeleton.clone(),
        }
    }
}

impl StoredHold {
    fn read(self) -> Option<NameHold> {
        let record = RecordName {
            kind: RecordKind::parse(&self.kind).ok()?,
            id: LocalId::parse(&self.id).ok()?,
        };
        Some(NameHold {
            record,
            code: self.code,
            skeleton: self.skeleton,
        })
    }
}

fn issuing((serial, expires_at): (Serial, Timestamp)) -> Issuing {
    Issuing {
        serial: serial.as_bytes().to_vec(),
        expires_at_us: expires_at.as_microsecond(),
    }
}

fn read_issuing(stored: &Issuing) -> Option<(Serial, Timestamp)> {
    let expires_at = Timestamp::from_microsecond(stored.expires_at_us).ok()?;
    Some((serial(&stored.serial)?, expires_at))
}

fn serial(bytes: &[u8]) -> Option<Serial> {
    Some(Serial::from_bytes(bytes.try_into().ok()?))
}
