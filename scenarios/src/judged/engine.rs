//! The only file of the judged set that knows the index: filling it, and asking it for an order.

use std::path::Path;

use jiff::Timestamp;
use referral_core::capacity::State;
use referral_core::id::RecordKey;
use referral_core::search::Request;
use referral_index::{Index, IndexError};

use super::Collection;

/// An index of `collection` in `dir`, which is empty or missing.
///
/// # Errors
/// [`IndexError`] when the disk refuses.
pub fn filled(dir: &Path, collection: &Collection) -> Result<Index, IndexError> {
    let (index, _) = Index::open(dir)?;
    for published in &collection.published {
        index.put(&published.listing, &published.organization_places)?;
    }
    for (agency, held) in &collection.reports {
        index.report(agency, held);
    }
    index.commit(0)?;
    Ok(index)
}

/// The services that answer, best first, each with the state of its capacity; and how many there are.
///
/// # Errors
/// [`IndexError`] when the index cannot be read.
pub fn ranked(
    index: &Index,
    request: &Request,
    now: Timestamp,
) -> Result<(Vec<(RecordKey, State)>, usize), IndexError> {
    let answer = index.search(request, now)?;
    let hits = answer.hits.into_iter();
    Ok((hits.map(|hit| (hit.key, hit.state)).collect(), answer.total))
}
