//! A backup of the running directory, the record of an authority that is exported, and the end of a rebuild.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use referral_core::policy::{Operation, Viewer};
use referral_runtime::panics::Panicked;
use tracing::info;

use super::{DecisionRefused, Directory};
use crate::audit::{Act, Who};
use crate::backup::{BackupError, Manifest, Source, take};
use crate::ledger::ActRefused;

impl Directory {
    /// Takes a backup into the new folder `to`, while everything else goes on; one at a time.
    ///
    /// # Errors
    /// [`BackupError`]; there is then no folder `to`.
    pub async fn backup(self: &Arc<Self>, to: PathBuf) -> Result<Manifest, BackupError> {
        let turn = Arc::clone(&self.backing_up).lock_owned().await;
        let operator = Viewer::at_the_machine();
        let folder = to.display().to_string();
        self.record(&operator, Act::BackupTaken, &folder, "")
            .await?;
        let directory = Arc::clone(self);
        let taken = tokio::task::spawn_blocking(move || {
            // Held to its end, also when nobody waits for it any more.
            let _turn = turn;
            directory.ledger.sync_history();
            let source = Source {
                data: &directory.life.data,
                generation: directory.life.generation,
                journal: directory.ledger.journal(),
            };
            take(&source, &to, directory.now())
        });
        taken
            .await
            .unwrap_or_else(|_| Err(BackupError::Copy(Box::new(Panicked))))
    }

    /// Records that the authority's key is about to be written into the file `to`. Who asks reads the key elsewhere:
    /// this process does not have it.
    ///
    /// # Errors
    /// [`DecisionRefused`]; the key is then not to be given out.
    pub async fn record_authority_export(
        &self,
        viewer: &Viewer,
        to: &str,
    ) -> Result<(), DecisionRefused> {
        if !viewer.may(Operation::ManageAgencies) {
            return Err(DecisionRefused::Denied);
        }
        let recorded = self.record(viewer, Act::AuthorityExported, to, "").await;
        Ok(recorded.map_err(ActRefused::from)?)
    }

    /// Whether the directory is being filled again by its agencies' nodes after a total loss: it does not
    /// hold everything yet, and agencies come back by their certificates alone.
    #[must_use]
    pub fn is_rebuilding(&self) -> bool {
        self.admits_by_certificate.load(Ordering::Relaxed)
    }

    /// Ends the rebuild. Says whether there was one, and how many agencies are members.
    ///
    /// # Errors
    /// What the disk says; the rebuild then goes on.
    pub fn end_rebuild(&self) -> io::Result<(bool, u32)> {
        let operator = Who::at_the_machine();
        let recorded = self
            .audit
            .record(&operator, Act::RebuildEnded, ("", ""), self.now());
        recorded.map_err(io::Error::other)?;
        self.life.end_rebuild()?;
        let ended = self.admits_by_certificate.swap(false, Ordering::Relaxed);
        let agencies = self.agencies();
        let members = agencies.iter().filter(|agency| agency.joined).count();
        let members = u32::try_from(members).unwrap_or(u32::MAX);
        if ended {
            info!("the rebuild was ended with {members} agencies");
        }
        Ok((ended, members))
    }
}
