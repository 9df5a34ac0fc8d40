//! Hashing passwords in turn, off the async threads.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// Passwords that are hashed at once: each takes 19 MiB and a processor.
const AT_ONCE: usize = 2;

/// Lets a few passwords be hashed at once.
#[derive(Clone, Debug)]
pub struct Hashing(Arc<Semaphore>);

impl Default for Hashing {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Hashing {
    /// Does what takes a processor and much memory in its turn; `None`: the process is ending, or the work
    /// panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let turn = Arc::clone(&self.0).acquire_owned().await.ok()?;
        let done = tokio::task::spawn_blocking(move || {
            let _until_done = turn;
            work()
        });
        done.await.ok()
    }
}
