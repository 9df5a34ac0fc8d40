//! Joining again with new keys, and what is here stays: the queue, what the directory acknowledged, the people.
//!
//! The new identity is made beside the one in use, in a subdirectory, so that a lost answer is asked for again with
//! the same keys. Once it is whole the journal has noted the change, and only then its files take the places of the
//! ones in use; a move that was cut short is finished at the next start.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use referral_core::federation::ListingKey;
use referral_journal::FileStorage;
use referral_runtime::clock::Clock;
use referral_runtime::data_dir::{DataDir, sync_folder};
use referral_runtime::tls::{Address, JoinToken};

use super::files::IdentityError;
use super::join::{JoinError, enrol};
use super::journal::JOURNAL;
use super::{Joined, Keys, Membership, keys, membership};
use crate::outbox::Ledger;

/// The subdirectory of the identity that is to come.
const NEXT: &str = "next";

/// Joins a directory again as the same agency, with new keys. Everything that is in `data_dir` stays, and is signed
/// again with them when the node next speaks to the directory.
///
/// # Errors
/// [`JoinError`]. The node is who it was before, and the same call may be tried again.
pub async fn join_again(
    address: Address,
    token: &JoinToken,
    data_dir: &DataDir,
    clock: Arc<dyn Clock>,
) -> Result<Membership, JoinError> {
    let finished = finish(data_dir)?;
    let now = Joined::load(data_dir.path())?;
    if finished {
        // The token was good for that, and is used up.
        return Ok(now.membership);
    }
    let next = data_dir.subdirectory(NEXT)?;
    let keys = Keys::load_or_make(&next)?;
    let membership = enrol(address, token, &keys, Arc::clone(&clock)).await?;
    if membership.agency != now.membership.agency {
        // These keys are that agency's by now: nobody else joins with them.
        forget(&next)?;
        return Err(JoinError::OtherAgency {
            here: now.membership.agency,
            token: membership.agency,
        });
    }
    let membership = Membership {
        // The journal goes on: its first epoch stays.
        epoch: now.membership.epoch,
        ..membership
    };
    note_change(data_dir, &now.membership, now.listing_key, clock.as_ref())?;
    failpoint!("node.rejoin.noted");
    membership.store(&next)?;
    failpoint!("node.rejoin.stored");
    finish(data_dir)?;
    Ok(membership)
}

/// Finishes the move of a new identity to its place; false where there is none to be moved.
///
/// # Errors
/// [`IdentityError`].
pub(crate) fn finish(data_dir: &DataDir) -> Result<bool, IdentityError> {
    let next = data_dir.path().join(NEXT);
    if Membership::load(&next)?.is_none() {
        return Ok(false);
    }
    // The membership goes last, when the rest is there for good: as long as it is there, the move is not finished.
    let folders = [data_dir.path(), next.as_path()];
    for file in keys::FILES.into_iter().chain([membership::FILE]) {
        if file == membership::FILE {
            folders.iter().try_for_each(|folder| sync(folder))?;
        }
        put(&next.join(file), &data_dir.path().join(file))?;
        failpoint!("node.rejoin.moving");
    }
    folders.iter().try_for_each(|folder| sync(folder))?;
    Ok(true)
}

fn sync(folder: &Path) -> Result<(), IdentityError> {
    sync_folder(folder).map_err(|source| IdentityError::Io {
        action: "sync",
        path: folder.to_owned(),
        source,
    })
}

fn forget(next: &Path) -> Result<(), IdentityError> {
    fs::remove_dir_all(next).map_err(|source| IdentityError::Io {
        action: "remove",
        path: next.to_owned(),
        source,
    })
}

fn put(from: &Path, to: &Path) -> Result<(), IdentityError> {
    match fs::rename(from, to) {
        Ok(()) => Ok(()),
        // It was moved before the move was cut short.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(IdentityError::Io {
            action: "move",
            path: from.to_owned(),
            source,
        }),
    }
}

fn note_change(
    data_dir: &DataDir,
    membership: &Membership,
    key: ListingKey,
    clock: &dyn Clock,
) -> Result<(), JoinError> {
    let storage = FileStorage::new(&data_dir.subdirectory(JOURNAL)?);
    let (mut ledger, _) = Ledger::open(storage, membership.agency.clone(), membership.epoch, key)?;
    Ok(ledger.change_key(clock.now())?)
}
