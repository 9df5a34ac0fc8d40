//! Searches asked from async code: a few at a time, none for longer than an asker waits.
//!
//! More at once than processors would only make all of them slower. Who cannot begin in time is told to
//! come again rather than kept waiting.

use std::sync::Arc;
use std::time::Duration;

use referral_core::search::Query;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::search::{Answer, SearchError};
use super::stop::Stop;
use super::{Bundle, BundleAnswer, Directory};

/// How long a search waits for its turn, and how long it then may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// The turns of searches.
#[derive(Debug)]
pub(super) struct Turns(Arc<Semaphore>);

impl Default for Turns {
    /// As many as there are processors, and one more for those that wait for the disk.
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Semaphore::new(processors + 1)))
    }
}

impl Directory {
    /// Answers a search, off the async threads. Dropping the future stops the search.
    ///
    /// # Errors
    /// [`SearchError`]; [`SearchError::Busy`] when too many others search, [`SearchError::Late`] when
    /// it takes longer than anybody waits.
    pub async fn find(self: &Arc<Self>, query: Query) -> Result<Answer, SearchError> {
        self.in_turn(move |directory, stop| directory.search_until(&query, stop))
            .await
    }

    /// Answers several needs at once, off the async threads. Dropping the future stops the searches.
    ///
    /// # Errors
    /// [`SearchError`]; [`SearchError::Busy`] when too many others search, [`SearchError::Late`] when
    /// it takes longer than anybody waits.
    pub async fn find_bundle(
        self: &Arc<Self>,
        bundle: Bundle,
    ) -> Result<BundleAnswer, SearchError> {
        self.in_turn(move |directory, stop| directory.search_bundle_until(&bundle, stop))
            .await
    }

    async fn in_turn<T: Send + 'static>(
        self: &Arc<Self>,
        search: impl FnOnce(&Self, &Stop) -> Result<T, SearchError> + Send + 'static,
    ) -> Result<T, SearchError> {
        let turns = Arc::clone(&self.turns.0);
        let turn = timeout(PATIENCE, turns.acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(SearchError::Busy);
        };
        let (directory, stop) = (Arc::clone(self), Stop::default());
        let _pulled_with_this_future = stop.when_dropped();
        let done = spawn_blocking(move || {
            let _until_done = turn;
            search(&directory, &stop)
        });
        match timeout(PATIENCE, done).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(SearchError::Failed),
            Err(_) => Err(SearchError::Late),
        }
    }
}
