//! The tasks of a process, and how it ends: told to stop, everything is asked to finish, then waited for.

use std::future::Future;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{Instrument, error, info, info_span};

use crate::panics;

/// SIGXFSZ on Linux and macOS: sent when a file would grow past the process's limit.
const FILE_SIZE_EXCEEDED: i32 = 25;
/// How long a task rests that panicked.
const REST: Duration = Duration::from_secs(1);

/// The tasks of a process. A clone speaks of the same tasks.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
    failure: Arc<OnceLock<TaskFailed>>,
}

/// Why the process ended without having been asked to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{task} failed: {why}")]
pub struct TaskFailed {
    /// The task's name.
    pub task: &'static str,
    /// The whole chain of causes.
    pub why: String,
}

/// Some tasks did not end in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{left} tasks did not end within {} s", bound.as_secs_f64())]
pub struct NotDrained {
    /// How many were still running.
    pub left: usize,
    /// How long they were given.
    pub bound: Duration,
}

impl Tasks {
    /// No tasks yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs a task that may end at any time. It should end soon after [`Tasks::token`] is cancelled.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.tracker
            .spawn(task.instrument(info_span!("task", task.name = name)));
    }

    /// Runs a task that nothing waits for and that is begun again soon after it panicked.
    pub fn spawn_again<F>(&self, name: &'static str, task: impl Fn() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let stop = self.token();
        self.spawn(name, async move {
            while panics::catch(task()).await.is_err() {
                error!(task.name = name, "{name} failed and is begun again");
                if stop.run_until_cancelled(sleep(REST)).await.is_none() {
                    return;
                }
            }
        });
    }

    /// Runs a task that the process cannot do without: when it fails or panics, the process stops, and
    /// [`Tasks::failure`] says why.
    pub fn spawn_vital<E>(
        &self,
        name: &'static str,
        task: impl Future<Output = Result<(), E>> + Send + 'static,
    ) where
        E: Into<anyhow::Error> + Send + 'static,
    {
        let task = self
            .tracker
            .spawn(task.instrument(info_span!("task", task.name = name)));
        let tasks = self.clone();
        self.tracker.spawn(async move {
            let why = match task.await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => format!("{:#}", error.into()),
                Err(_) => "it panicked".to_owned(),
            };
            error!(task.name = name, "{name} failed: {why}");
            let _first_counts = tasks.failure.set(TaskFailed { task: name, why });
            tasks.stop.cancel();
        });
    }

    /// Cancelled when the process is to stop. Long work listens to it.
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Asks all tasks to end.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// The failure of a vital task, if there was one.
    #[must_use]
    pub fn failure(&self) -> Option<&TaskFailed> {
        self.failure.get()
    }

    /// Waits until the process is told to stop: by SIGINT, SIGTERM, [`Tasks::stop`] or a vital task that
    /// failed. Then all tasks are asked to end.
    ///
    /// # Errors
    /// When signals cannot be listened for.
    pub async fn wait(&self) -> io::Result<()> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = interrupt.recv() => info!("SIGINT: stopping"),
            _ = terminate.recv() => info!("SIGTERM: stopping"),
            () = self.stop.cancelled() => {}
        }
        self.stop.cancel();
        Ok(())
    }

    /// Asks all tasks to end and waits for them, but no longer than `bound`, nor than a second SIGINT.
    ///
    /// # Errors
    /// [`NotDrained`] when some did not end.
    pub async fn drain(&self, bound: Duration) -> Result<(), NotDrained> {
        self.stop.cancel();
        self.tracker.close();
        let ended = async {
            tokio::select! {
                () = self.tracker.wait() => true,
                () = interrupted() => false,
            }
        };
        match timeout(bound, ended).await {
            Ok(true) => Ok(()),
            _ => Err(NotDrained {
                left: self.tracker.len(),
                bound,
            }),
        }
    }
}

/// Makes a write past the file size limit an error instead of the end of the process. (Writing to a closed
/// pipe is one already: the standard library sees to it.)
///
/// # Errors
/// When the signal cannot be listened for.
pub fn survive_file_size_limit() -> io::Result<()> {
    // Once listened for, a signal's default action is gone for good.
    signal(SignalKind::from_raw(FILE_SIZE_EXCEEDED)).map(drop::<Signal>)
}

async fn interrupted() {
    if let Ok(mut interrupt) = signal(SignalKind::interrupt()) {
        interrupt.recv().await;
    } else {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn draining_waits_for_tasks_that_end_when_asked() {
        let tasks = Tasks::new();
        let token = tasks.token();
        tasks.spawn("listener", async move { token.cancelled().await });

        assert_eq!(tasks.drain(Duration::from_mins(1)).await, Ok(()));
    }

    #[tokio::test]
    async fn draining_gives_up_on_a_task_that_does_not_end() {
        let tasks = Tasks::new();
        tasks.spawn("stuck", std::future::pending());

        let bound = Duration::from_millis(10);

        assert_eq!(tasks.drain(bound).await, Err(NotDrained { left: 1, bound }));
    }

    #[tokio::test]
    async fn a_vital_task_that_fails_stops_the_process_and_says_why() {
        let tasks = Tasks::new();
        tasks.spawn_vital("applier", async { Err(anyhow::anyhow!("store is gone")) });

        tasks.wait().await.unwrap();

        let failure = tasks.failure().unwrap();
        assert_eq!(failure.to_string(), "applier failed: store is gone");
    }

    #[tokio::test]
    async fn a_vital_task_that_panics_stops_the_process() {
        let tasks = Tasks::new();
        tasks.spawn_vital("applier", async {
            assert!(tasks_are_fine(), "broken on purpose");
            Ok::<(), anyhow::Error>(())
        });

        tasks.wait().await.unwrap();

        assert_eq!(tasks.failure().unwrap().task, "applier");
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_panics_is_begun_again_until_it_ends() {
        let tasks = Tasks::new();
        let begun = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&begun);
        tasks.spawn_again("looks", move || {
            let before = count.fetch_add(1, Ordering::Relaxed);
            async move { assert!(before == 2, "broken on purpose") }
        });

        tasks.tracker.close();
        tasks.tracker.wait().await;

        assert_eq!(begun.load(Ordering::Relaxed), 3);
    }

    fn tasks_are_fine() -> bool {
        false
    }
}
