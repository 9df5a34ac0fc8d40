//! What the feed says.

use jiff::Timestamp;
use referral_core::capacity::Ttl;
use referral_core::federation::{Epoch, PublicKey};
use referral_core::id::{AgencyId, PublicId};

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
    /// An agency is a member: its id, its name, its listing key.
    Agency(AgencyId, String, PublicKey),
    /// A record was published, withdrawn or deleted.
    Listing(AgencyId, PublicKey, SignedBytes),
    /// Capacity was reported, believed for so long.
    Capacity(AgencyId, PublicKey, SignedBytes, Ttl),
    /// A record is public no longer, since the operation with this epoch and sequence number.
    Gone(AgencyId, PublicId, (Epoch, u64)),
}

impl FeedEntry {
    /// About how many bytes it takes on the wire.
    pub(super) fn bytes(&self) -> usize {
        let signed = match &self.entry {
            Entry::Listing(_, _, signed) | Entry::Capacity(_, _, signed, _) => signed.bytes.len(),
            Entry::Agency(_, name, _) => name.len(),
            Entry::Gone(..) => 0,
        };
        // The key, the signature, ids and times.
        signed + 200
    }
}
