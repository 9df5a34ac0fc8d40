//! The rows of the indexes in files, so that a start need not read every listing again.
//!
//! They are of use where they are of this journal, written by this very program, whole, and not ahead of the words
//! beside them. What they say of an agency counts for as long as the journal says nothing after them that could change
//! what is listed of that agency, or to whom it is shown: [`touches`]. All listings of every other agency are read.
//! Where anything is amiss all listings are, as if there were no files. Decision 25.

use std::collections::{BTreeSet, HashSet};
use std::io;
use std::sync::Arc;

use prost::Message;
use referral_core::id::AgencyId;
use referral_index::{Index, Kept};
use referral_journal::{Archive, Storage};
use tracing::warn;

use super::fact::Fact;
use super::searchable::Searchable;
use crate::program;

/// The rows of every index there is, as of one place in the journal or later.
#[derive(Debug)]
pub(super) struct Warm {
    indexes: Vec<(Arc<Index>, Kept)>,
    /// That place.
    pub(super) cursor: u64,
}

/// What rows are bound to.
#[derive(Clone, PartialEq, Message)]
struct Bond {
    /// SHA-256 of the program.
    #[prost(bytes = "vec", tag = "1")]
    program: Vec<u8>,
    /// The journal record that they are as of: its time, generation and CRC-32.
    #[prost(int64, tag = "2")]
    received_at_us: i64,
    #[prost(uint64, tag = "3")]
    generation: u64,
    #[prost(uint32, tag = "4")]
    checksum: u32,
    /// How many indexes there were.
    #[prost(uint32, tag = "5")]
    indexes: u32,
}

/// The agency of which a fact may change what is listed, or to whom it is shown.
pub(super) fn touches(fact: &Fact) -> Option<&AgencyId> {
    match fact {
        Fact::Operation(header, ..) => Some(&header.agency),
        Fact::Invited(invitation) => Some(&invitation.agency),
        Fact::Joined(membership) => Some(&membership.agency),
        Fact::Readmitted(agency) | Fact::About(agency, _) => Some(agency),
        Fact::Session(..)
        | Fact::Epoch(..)
        | Fact::OperationRefused(..)
        | Fact::Capacity(..)
        | Fact::CapacityRefused(..)
        | Fact::CapacityDropped(..)
        | Fact::DeletionsAllowed(..) => None,
    }
}

/// The rows that fit, where every index has them.
///
/// * `indexed` — the place in the journal that the words of all indexes have reached.
pub(super) fn find<S: Storage>(
    searchable: &Searchable,
    archive: &Archive<S>,
    indexed: u64,
) -> Option<Warm> {
    match try_to_find(searchable, archive, indexed) {
        Ok(found) => found,
        Err(unusable) => {
            say_unusable(&unusable);
            None
        }
    }
}

fn try_to_find<S: Storage>(
    searchable: &Searchable,
    archive: &Archive<S>,
    indexed: u64,
) -> io::Result<Option<Warm>> {
    let all: Vec<_> = searchable.each().map(|(_, index)| index).collect();
    let (mut found, mut cursor) = (Vec::new(), indexed);
    for index in &all {
        let Some(kept) = index.kept()? else {
            return Ok(None);
        };
        let at = kept.cursor();
        if at > indexed {
            return Err(io::Error::other("the words are older"));
        }
        if bond(archive, all.len(), at).is_none_or(|bond| bond != kept.bond()) {
            let what = "they are of another program, another journal or an earlier time";
            return Err(io::Error::other(what));
        }
        cursor = cursor.min(at);
        found.push((Arc::clone(index), kept));
    }
    Ok(Some(Warm {
        indexes: found,
        cursor,
    }))
}

impl Warm {
    /// Fills the indexes with the rows of the agencies that are not `touched`. Gives those whose listings have to be
    /// read; `None`: all.
    pub(super) fn bring_back(self, touched: &HashSet<AgencyId>) -> Option<BTreeSet<AgencyId>> {
        let mut left: BTreeSet<AgencyId> = touched.iter().cloned().collect();
        for (index, kept) in self.indexes {
            match index.bring_back(kept, &|agency| !touched.contains(agency)) {
                Ok(left_out) => left.extend(left_out),
                Err(unusable) => {
                    say_unusable(&unusable);
                    return None;
                }
            }
        }
        Some(left)
    }
}

fn say_unusable(why: &io::Error) {
    warn!(error.type = "index_rows", "the rows of the search index are of no use, all listings are read: {why}");
}

/// Writes the rows of every index for the next start.
pub(super) fn keep<S: Storage>(searchable: &Searchable, archive: &Archive<S>) -> io::Result<()> {
    let all: Vec<_> = searchable.each().map(|(_, index)| index).collect();
    for index in &all {
        let written = index.keep(|cursor| bond(archive, all.len(), cursor))?;
        failpoint!("snapshot.rows_written");
        if let Some(written) = written {
            written.name()?;
            failpoint!("snapshot.rows_named");
        }
    }
    Ok(())
}

/// What rows of now are bound to; `None`: it is not known.
fn bond<S: Storage>(archive: &Archive<S>, indexes: usize, cursor: u64) -> Option<Vec<u8>> {
    let record = archive.read_from(cursor).ok()?.next()?.ok()?;
    let bond = Bond {
        program: program::fingerprint()?.as_bytes().to_vec(),
        received_at_us: record.received_at_us,
        generation: record.generation,
        checksum: crc32fast::hash(&record.bytes),
        indexes: u32::try_from(indexes).ok()?,
    };
    (record.index == cursor).then(|| bond.encode_to_vec())
}
