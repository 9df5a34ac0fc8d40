//! A copy of the log, for a backup.

use std::path::Path;

use referral_runtime::data_dir::write_secret;

use super::log::{HEAD, LOG, bytes, text, whole};
use super::{AuditError, FOLDER, verify};
use crate::life::make_private;

/// Copies the log of the data directory `data`, which may go on growing, into the folder `to`, up to its last
/// entry that is whole; then reads the copy. Nothing is copied where there is no log.
///
/// # Errors
/// [`AuditError`] when the disk fails, or the copy is damaged.
pub(crate) fn copy(data: &Path, to: &Path) -> Result<(), AuditError> {
    let (from, folder) = (data.join(FOLDER), to.join(FOLDER));
    // The head first: the log goes on at least as far.
    let head = text(&from.join(HEAD))?;
    let Some(log) = bytes(&from.join(LOG))? else {
        return Ok(());
    };
    make_private(&folder)?;
    write_secret(&folder.join(LOG), &log[..whole(&log)])?;
    if let Some(head) = head {
        write_secret(&folder.join(HEAD), head.as_bytes())?;
    }
    verify(to, None)?;
    Ok(())
}
