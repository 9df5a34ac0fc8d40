//! What the task force and the operator are told without asking: looked for every hour, kept until it passes.
//!
//! Start at [`Directory::look_for_alerts`]. The rules are `core::coverage`'s; [`found`] gathers what they judge, [`words`]
//! says what they found, [`kept`] remembers since when. Page, feed, digest and metrics show [`Directory::alerts`] and
//! nothing else. An alert names providers, agencies and counties, never a person.

mod found;
mod kept;
mod words;

use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use referral_core::geo::Kilometres;
use referral_core::vocabulary::Code;

use super::{CoverageError, Directory};
use crate::store::StoreError;

pub use kept::Unkept;

use kept::Kept;

/// What is watched.
#[derive(Clone, Debug, PartialEq)]
pub struct Watched {
    /// Needs whose last open provider is missed.
    pub needs: Vec<Code>,
    /// What counts as near.
    pub within: Kilometres,
    /// Against how long ago coverage is compared.
    pub against: Duration,
}

/// What stands, as of the last look.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alerts {
    /// When it was looked last; `None`: not yet.
    pub looked_at: Option<Timestamp>,
    /// What was found, the newest first.
    pub standing: Vec<Standing>,
    /// Kinds of alerts that could not be looked for, and why.
    pub missed: Vec<String>,
}

/// One alert: something that should be known, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What it is about, the same for as long as it stands.
    pub key: String,
    /// What kind it is: see [`referral_core::coverage::Alert::code`].
    pub code: &'static str,
    /// What it is, in one line.
    pub title: String,
    /// What is known of it, and what to do.
    pub text: String,
    /// Since when it has been known.
    pub since: Timestamp,
    /// True once a digest has told it.
    pub told: bool,
    /// How many it is about: counties of a need and state, else 1.
    pub size: u64,
}

/// Why it was not looked for alerts.
#[derive(Debug, thiserror::Error)]
pub enum AlertsError {
    /// Coverage.
    #[error(transparent)]
    Coverage(#[from] CoverageError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was found could not be kept.
    #[error(transparent)]
    Kept(#[from] Unkept),
    /// The thread that looked failed.
    #[error("looking for alerts failed")]
    Failed,
}

impl AlertsError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Coverage(error) => error.code(),
            Self::Store(_) => "alerts_store",
            Self::Kept(_) => "alerts_kept",
            Self::Failed => "alerts_failed",
        }
    }
}

/// How looking and sending went, since the start.
#[derive(Debug, Default)]
pub struct Watching {
    /// Looks that failed.
    pub looks_failed: AtomicU64,
    /// Digests sent.
    pub digests_sent: AtomicU64,
    /// Digests that could not be sent.
    pub digests_failed: AtomicU64,
}

/// The alerts of one data directory.
#[derive(Debug)]
pub(super) struct Watch {
    kept: Mutex<Kept>,
    last: Mutex<Arc<Alerts>>,
    watching: Watching,
}

impl Watch {
    pub(super) fn open(data: &Path) -> Self {
        Self {
            kept: Mutex::new(Kept::open(data)),
            last: Mutex::default(),
            watching: Watching::default(),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn last(&self) -> MutexGuard<'_, Arc<Alerts>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Directory {
    /// What stands, as of the last look.
    #[must_use]
    pub fn alerts(&self) -> Arc<Alerts> {
        Arc::clone(&self.watch.last())
    }

    /// Looks for alerts, off the async threads, and remembers them. What one kind of alert lacks does not keep the
    /// others from being found: it is named in [`Alerts::missed`].
    ///
    /// # Errors
    /// [`AlertsError`].
    pub async fn look_for_alerts(
        self: &Arc<Self>,
        watched: &Watched,
    ) -> Result<Arc<Alerts>, AlertsError> {
        let now = self.now();
        let (gone, mut missed) = self.gone(watched, now).await;
        let directory = Arc::clone(self);
        let rest = tokio::task::spawn_blocking(move || directory.rest(now)).await;
        let mut found = gone;
        match rest {
            Ok(Ok(rest)) => found.extend(rest),
            Ok(Err(error)) => missed.push(error.to_string()),
            Err(_) => return Err(AlertsError::Failed),
        }
        let standing = {
            let mut kept = self.watch.kept();
            // What could not be looked for is not over.
            kept.take(found, now, missed.is_empty())?
        };
        let alerts = Arc::new(Alerts {
            looked_at: Some(now),
            standing,
            missed,
        });
        *self.watch.last() = Arc::clone(&alerts);
        Ok(alerts)
    }

    /// Remembers that a digest told these.
    ///
    /// # Errors
    /// [`Unkept`] when that cannot be written: they may be told again.
    pub fn alerts_told(&self, alerts: &Alerts, at: Timestamp) -> Result<(), Unkept> {
        let keys = alerts.standing.iter().map(|alert| alert.key.as_str());
        self.watch.kept().told(keys, at)?;
        let mut last = self.watch.last();
        let mut known = Alerts::clone(&last);
        for alert in &mut known.standing {
            alert.told |= alerts.standing.iter().any(|told| told.key == alert.key);
        }
        *last = Arc::new(known);
        Ok(())
    }

    /// How looking and sending went, since the start.
    #[must_use]
    pub fn watching(&self) -> &Watching {
        &self.watch.watching
    }

    /// When the last digest was sent; `None`: never.
    #[must_use]
    pub fn last_digest(&self) -> Option<Timestamp> {
        self.watch.kept().last_digest()
    }
}
