//! Searches asked from async code: a few at a time, none for longer than an asker waits.
//!
//! More at once than processors would only make all of them slower. Who cannot begin in time is told to
//! come again rather than kept waiting.

use std::sync::Arc;
use std::time::Duration;

use referral_core::policy::Viewer;
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
pub(super) struct Turns {
    free: Arc<Semaphore>,
    patience: Duration,
}

impl Default for Turns {
    /// As many as there are processors, and one more for those that wait for the disk.
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self::of(processors + 1, PATIENCE)
    }
}

impl Turns {
    fn of(turns: usize, patience: Duration) -> Self {
        let free = Arc::new(Semaphore::new(turns));
        Self { free, patience }
    }

    /// Runs a search in its turn, off the async threads. Dropping the future pulls its [`Stop`].
    pub(super) async fn take<T: Send + 'static>(
        &self,
        search: impl FnOnce(&Stop) -> Result<T, SearchError> + Send + 'static,
    ) -> Result<T, SearchError> {
        let turn = timeout(self.patience, Arc::clone(&self.free).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(SearchError::Busy);
        };
        let stop = Stop::default();
        let _pulled_with_this_future = stop.when_dropped();
        let done = spawn_blocking(move || {
            let _until_done = turn;
            search(&stop)
        });
        match timeout(self.patience, done).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(SearchError::Failed),
            Err(_) => Err(SearchError::Late),
        }
    }
}

impl Directory {
    /// Answers a search, off the async threads. Dropping the future stops the search.
    ///
    /// # Errors
    /// [`SearchError`]; [`SearchError::Busy`] when too many others search, [`SearchError::Late`] when
    /// it takes longer than anybody waits.
    pub async fn find(
        self: &Arc<Self>,
        viewer: Viewer,
        query: Query,
    ) -> Result<Answer, SearchError> {
        let directory = Arc::clone(self);
        let search = move |stop: &Stop| {
            let asking = directory.asking(&viewer, stop)?;
            directory.search_until(&query, &asking)
        };
        self.turns.take(search).await
    }

    /// Answers several needs at once, off the async threads. Dropping the future stops the searches.
    ///
    /// # Errors
    /// As for [`Directory::find`].
    pub async fn find_bundle(
        self: &Arc<Self>,
        viewer: Viewer,
        bundle: Bundle,
    ) -> Result<BundleAnswer, SearchError> {
        let directory = Arc::clone(self);
        let search = move |stop: &Stop| {
            let asking = directory.asking(&viewer, stop)?;
            directory.search_bundle_until(&bundle, &asking)
        };
        self.turns.take(search).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Long enough on any machine.
    const LONG: Duration = Duration::from_mins(1);

    /// A search that goes on until it is stopped, and says when it began and ended.
    fn endless(
        says: mpsc::Sender<&'static str>,
    ) -> impl FnOnce(&Stop) -> Result<(), SearchError> + Send + 'static {
        move |stop| {
            let _heard = says.send("began");
            while stop.check().is_ok() {
                std::thread::yield_now();
            }
            let _heard = says.send("stopped");
            Err(SearchError::Abandoned)
        }
    }

    async fn heard(
        says: mpsc::Receiver<&'static str>,
    ) -> (&'static str, mpsc::Receiver<&'static str>) {
        let listen = move || (says.recv_timeout(LONG).unwrap(), says);
        spawn_blocking(listen).await.unwrap()
    }

    #[tokio::test]
    async fn a_search_stops_when_its_asker_is_gone_and_leaves_its_turn() {
        let turns = Turns::of(1, LONG);
        let (says, said) = mpsc::channel();
        let said = tokio::select! {
            _ = turns.take(endless(says)) => panic!("it goes on until its asker is gone"),
            (first, said) = heard(said) => {
                assert_eq!(first, "began");
                said
            }
        };

        let (then, _) = heard(said).await;

        assert_eq!(then, "stopped");
        assert!(turns.take(|_| Ok(())).await.is_ok(), "the turn is free");
    }

    #[tokio::test]
    async fn who_waits_too_long_for_a_turn_is_told_to_come_again() {
        let turns = Turns::of(1, Duration::from_millis(1));
        let _taken = Arc::clone(&turns.free).acquire_owned().await;

        let asked = turns.take(|_| Ok(())).await;

        assert!(matches!(asked, Err(SearchError::Busy)));
    }

    #[tokio::test]
    async fn a_search_that_takes_too_long_is_stopped_and_said_to_be_late() {
        let turns = Turns::of(1, Duration::from_millis(1));
        let (says, said) = mpsc::channel();

        let asked = turns.take(endless(says)).await;

        assert!(matches!(asked, Err(SearchError::Late)));
        let (_, said) = heard(said).await;
        assert_eq!(heard(said).await.0, "stopped");
    }
}
