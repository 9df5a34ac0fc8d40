//! Reports are made one at a time, each on a thread of its own that gives way to searches.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use super::CoverageError;

/// How long a question waits for those before it.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much less urgent than a search a report is: see nice(2).
const LESS_URGENT: i32 = 10;

/// The one turn there is.
#[derive(Debug)]
pub(super) struct Turn {
    free: Arc<Semaphore>,
    patience: Duration,
    running: Mutex<Option<JoinHandle<()>>>,
}

impl Default for Turn {
    fn default() -> Self {
        Self::patient(PATIENCE)
    }
}

impl Turn {
    fn patient(patience: Duration) -> Self {
        let free = Arc::new(Semaphore::new(1));
        Self {
            free,
            patience,
            running: Mutex::default(),
        }
    }

    /// Does some work in its turn. It goes on when nobody waits for it any more: what it makes is kept.
    pub(super) async fn take<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, CoverageError> + Send + 'static,
    ) -> Result<T, CoverageError> {
        let turn = timeout(self.patience, Arc::clone(&self.free).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(CoverageError::Busy);
        };
        let (tell, told) = oneshot::channel();
        let thread = thread::Builder::new().name("coverage".to_owned());
        let begun = thread.spawn(move || {
            let _until_done = turn;
            // Where the system refuses, it is as urgent as a search.
            let _refused = rustix::process::nice(LESS_URGENT);
            let _gone = tell.send(work());
        });
        *self.running() = Some(begun.map_err(|_| CoverageError::Failed)?);
        // A thread that panicked tells nothing.
        told.await.unwrap_or(Err(CoverageError::Failed))
    }

    /// Begins no more work and waits for what was begun: it holds the directory. Blocks.
    pub(super) fn close(&self) {
        self.free.close();
        let running = self.running().take();
        if let Some(running) = running {
            // A thread that panicked holds nothing any more.
            let _panicked = running.join();
        }
    }

    fn running(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_report_that_fails_leaves_its_turn() {
        let turn = Turn::default();
        let failed: Result<(), _> = turn.take(|| panic!("a report that fails")).await;

        assert!(matches!(failed, Err(CoverageError::Failed)));
        assert!(turn.take(|| Ok(())).await.is_ok());
    }

    #[tokio::test]
    async fn who_closes_waits_for_work_that_nobody_waits_for_any_more() {
        let turn = Turn::default();
        let (go, going) = std::sync::mpsc::channel::<()>();
        let held = Arc::new(());
        let holds = Arc::clone(&held);
        let work = turn.take(move || {
            let _until_told = going.recv();
            drop(holds);
            Ok(())
        });
        let begun = timeout(Duration::from_millis(1), work).await;
        assert!(begun.is_err(), "nobody waits any more");
        drop(go);

        turn.close();

        assert_eq!(Arc::strong_count(&held), 1);
        assert!(matches!(
            turn.take(|| Ok(())).await,
            Err(CoverageError::Busy)
        ));
    }

    #[tokio::test]
    async fn who_waits_too_long_is_told_to_come_again() {
        let turn = Turn::patient(Duration::from_millis(1));
        let _taken = Arc::clone(&turn.free).acquire_owned().await;

        assert!(matches!(
            turn.take(|| Ok(())).await,
            Err(CoverageError::Busy)
        ));
    }
}
