//! What the feed says.

use jiff::Timestamp;
use referral_core::capacity::Ttl;
use referral_core::federation::PublicKey;
use referral_core::id::{AgencyId, Hash};

use crate::ledger::SignedBytes;

/// One thing that was accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedEntry {
    /// Its journal index; 0: an entry of a snapshot.
    pub index: u64,
    /// When the directory received it.
    pub received_at: Timestamp,
    /// Not what changed at this index, but what becomes public with it.
    pub beside: bool,
    /// What it is.
    pub entry: Entry,
}

/// What was accepted.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// An agency is a member.
    Agency(Member),
    /// A record was published.
    Listing(AgencyId, PublicKey, SignedBytes),
    /// Capacity was reported, believed for so long.
    Capacity(AgencyId, PublicKey, SignedBytes, Ttl),
    /// The record that stands by the operation with this hash is public no longer. Nothing else is said of it:
    /// whoever was never given that operation learns nothing.
    Gone(Hash),
}

/// An agency that is a member.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its id.
    pub agency: AgencyId,
    /// The name people know it by.
    pub name: String,
    /// It may not list here at present: what it listed carries a caution.
    pub unverified: bool,
    /// The key that signs its listings.
    pub listing_key: PublicKey,
    /// The keys of its nodes before, which lost their data, oldest first: what they signed still stands.
    pub earlier_keys: Vec<PublicKey>,
}

impl FeedEntry {
    /// About how many bytes it takes on the wire.
    pub(super) fn bytes(&self) -> usize {
        let signed = match &self.entry {
            Entry::Listing(_, _, signed) | Entry::Capacity(_, _, signed, _) => signed.bytes.len(),
            Entry::Agency(member) => member.name.len() + 32 * member.earlier_keys.len(),
            Entry::Gone(..) => 0,
        };
        // The key, the signature, ids and times.
        signed + 200
    }
}
