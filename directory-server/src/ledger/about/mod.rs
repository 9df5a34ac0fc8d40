//! What the directory decides about an agency as a member: its certificates, its standing, its grants.
//!
//! [`About`] is one such decision as a fact of the journal. [`Pins`] says which certificates of an agency count,
//! [`Grants`] which categories of services it may offer. Nothing here is said by the agency.

mod grants;
mod member;
mod pins;
mod standing;
mod stored;

use jiff::Timestamp;
use referral_core::catalog::Category;
use referral_core::id::LocalId;
use referral_runtime::tls::{Leaf, Serial};

pub use grants::{Grant, GrantRefused, Grants, LONGEST_GRANT, Person, Proposal};
pub use member::{Hold, MOST_SERVICES, Member};
pub use pins::{Pins, RenewRefused, Shown};
pub use standing::{Alarm, Alarms, NameHold, Standing};
pub(in crate::ledger) use stored::{Stored, StoredMember};

/// One decision about an agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A certificate is about to be signed: (its serial number, good until then).
    Issuing(Serial, Timestamp),
    /// A certificate was signed to follow the current one: DER.
    Renewed(Vec<u8>),
    /// The agency's node has shown this certificate: no older one counts any more.
    Shown(Leaf),
    /// The operator changed its standing: (to what, who, why).
    Standing(Standing, Person, String),
    /// A person found the evidence for a category good; a second one has to.
    Proposed(Category, Proposal),
    /// A second person did: the category is granted.
    Granted(Category, Person),
    /// A person took a grant back, or turned a proposal down: (which, who, why).
    Revoked(Category, Person, String),
    /// A grant has come to its end.
    Lapsed(Category),
    /// These services were not said again for so long that nobody finds them any more (R13).
    Archived(Vec<LocalId>),
    /// Something happened that a person has to look at.
    Alarm(Alarm),
    /// The most services it may publish.
    Quota(u32),
    /// A name of this record looks like another's, or is written to hide what it is: its services are held.
    NameHeld(NameHold),
    /// A person looked at names that look like another agency's, and let them stand: (which, who).
    NameCleared(String, Person),
}
