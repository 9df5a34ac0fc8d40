//! What every engine can do, so that all are put through the same.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use referral_core::capacity::Held;
use referral_core::geo::Point;
use referral_core::id::AgencyId;
use referral_core::search::{Query, Request};

use super::answer::Answer;
use super::clock::{Cost, now};
use super::question::Question;
use super::tokens::Token;

/// One search, in every form in which an engine is asked it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The kind of search.
    pub class: &'static str,
    /// As it is typed: for the whole directory.
    pub query: Query,
    /// As it is understood: for the engine in this process.
    pub request: Request,
    /// In numbers: for the others.
    pub question: Question,
}

impl Asked {
    /// The same search for so many results.
    #[must_use]
    pub fn limited(&self, limit: u32) -> Self {
        let mut asked = self.clone();
        asked.request.limit = limit;
        asked.question.limit = limit;
        asked
    }
}

/// A newer report about a service.
#[derive(Clone, Debug)]
pub struct Update {
    /// Who says it.
    pub agency: AgencyId,
    /// What is said.
    pub held: Held,
    /// The service's number.
    pub service: i64,
    /// The state of capacity it puts the service in.
    pub capacity: Token,
    /// Where one of its offers is.
    pub point: Point,
}

/// An engine.
pub trait Peer {
    /// Answers a search.
    ///
    /// # Errors
    /// When the engine fails.
    fn search(&mut self, asked: &Asked) -> anyhow::Result<(Answer, Cost)>;

    /// Answers every search once, on so many threads at the same time; gives the time that took.
    ///
    /// # Errors
    /// When the engine fails.
    fn all(&mut self, asked: &[Asked], threads: usize) -> anyhow::Result<Duration>;

    /// Takes a report in; gives the time until a search that begins then sees it, where that can be
    /// done.
    ///
    /// # Errors
    /// When the engine fails or does not show the report.
    fn report(&mut self, update: &Update) -> anyhow::Result<Option<Duration>>;

    /// Memory of the engine in bytes.
    fn memory(&self) -> u64;
}

/// Does `work` with every search once, on so many threads, each with a `hand` of its own; gives the time
/// that took once all hands were ready.
///
/// # Errors
/// The first of a thread.
pub fn share<H: Send>(
    asked: &[Asked],
    hands: Vec<H>,
    work: impl Fn(&mut H, &Asked) -> anyhow::Result<()> + Sync,
) -> anyhow::Result<Duration> {
    let next = AtomicUsize::new(0);
    let (next, work) = (&next, &work);
    let start = now();
    std::thread::scope(|scope| {
        let threads: Vec<_> = hands
            .into_iter()
            .map(|mut hand| {
                scope.spawn(move || {
                    while let Some(asked) = asked.get(next.fetch_add(1, Ordering::Relaxed)) {
                        work(&mut hand, asked)?;
                    }
                    anyhow::Ok(())
                })
            })
            .collect();
        for thread in threads {
            let done = thread.join();
            done.map_err(|_| anyhow::anyhow!("a thread ended in a panic"))??;
        }
        Ok(start.elapsed())
    })
}
