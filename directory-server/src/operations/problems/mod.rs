//! What people report to be wrong with a listing: a code and no words, counted and passed on to the agency.
//!
//! Start at [`Directory::report_problem`], which returns once the report is on disk. The agency's node is told over its
//! open stream; at each hello it is told what stands and it was not told lately, so that nothing is lost with a stream.
//! A problem stands until the listing is published anew, and for [`LONGEST`] at most. Who reported is kept in memory
//! alone, as a hash of the network, for as long as reports are counted against it.

mod book;
mod pace;

use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use referral_core::id::{AgencyId, RecordKey};
use referral_core::policy::Viewer;
use referral_runtime::clock::Clock;
use tokio::task::spawn_blocking;

use super::Directory;
use super::search::SearchError;
use crate::ledger::Notice;
use book::Book;
use pace::Pace;

pub use book::Unwritten;

/// For so long a problem is told, where the listing does not change.
const LONGEST: SignedDuration = SignedDuration::from_hours(90 * 24);
/// A problem that stands is told again so often.
const AGAIN: SignedDuration = SignedDuration::from_hours(24);
/// What was told so shortly before a hello may have been lost with the stream before.
const UNSURE: SignedDuration = SignedDuration::from_mins(2);
/// Most problems told at one hello: a node remembers the latest alone.
const AT_ONCE: usize = 20;

/// What can be wrong with a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Problem {
    /// Nobody, or somebody else, answers the telephone.
    WrongPhone,
    /// It is not at this address.
    WrongAddress,
    /// It has moved.
    Moved,
    /// It does not exist any more.
    ClosedForGood,
    /// What it does is not what the listing says.
    NotAsDescribed,
    /// It refused somebody whom the listing says it takes.
    RefusedWrongly,
    /// Something else.
    Other,
}

impl Problem {
    /// Every problem, in the order in which people are asked.
    pub const ALL: [Self; 7] = [
        Self::WrongPhone,
        Self::WrongAddress,
        Self::Moved,
        Self::ClosedForGood,
        Self::NotAsDescribed,
        Self::RefusedWrongly,
        Self::Other,
    ];

    /// Its stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        // The name of the notice without what all of them begin with.
        self.code().trim_start_matches("problem_")
    }

    /// The problem of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|problem| problem.as_str() == name)
    }

    /// The code of the notice that the agency's node gets.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::WrongPhone => "problem_wrong_phone",
            Self::WrongAddress => "problem_wrong_address",
            Self::Moved => "problem_moved",
            Self::ClosedForGood => "problem_closed_for_good",
            Self::NotAsDescribed => "problem_not_as_described",
            Self::RefusedWrongly => "problem_refused_wrongly",
            Self::Other => "problem_other",
        }
    }

    /// What is reported, for the agency's people.
    fn words(self) -> &'static str {
        match self {
            Self::WrongPhone => "its telephone number is wrong",
            Self::WrongAddress => "its address is wrong",
            Self::Moved => "it has moved",
            Self::ClosedForGood => "it is closed for good",
            Self::NotAsDescribed => "it is not as described",
            Self::RefusedWrongly => "it refused somebody whom the listing says it takes",
            Self::Other => "something else is wrong with the listing",
        }
    }
}

/// Why a report was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ProblemRefused {
    /// There is no such service, or they may not know of it.
    #[error("there is no such service")]
    Nothing,
    /// Too many reports from there, or in all.
    #[error("too many reports at once: try again in an hour")]
    TooMany,
    /// It could not be written. Nothing was counted.
    #[error(transparent)]
    Unwritten(#[from] Unwritten),
    /// Whether there is such a service could not be read.
    #[error(transparent)]
    Search(#[from] SearchError),
}

impl ProblemRefused {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Nothing => "problem_of_nothing",
            Self::TooMany => "too_many_problems",
            Self::Unwritten(_) => "problem_not_written",
            Self::Search(_) => "problem_not_read",
        }
    }
}

/// What is reported of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// What.
    pub problem: Problem,
    /// How often since the listing was published last, as far as known.
    pub count: u64,
    /// When it was reported last.
    pub last: Timestamp,
}

/// The reports of a running directory.
#[derive(Debug)]
pub(super) struct Problems {
    book: Mutex<Book>,
    pace: Mutex<Pace>,
}

impl Problems {
    /// Opens the reports in `folder`.
    pub(super) fn open(folder: &Path) -> Self {
        Self {
            book: Mutex::new(Book::open(folder)),
            pace: Mutex::default(),
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Directory {
    /// Takes a report in that something is wrong with a service. It is on disk when this returns, and its agency was
    /// told where a stream of it is open.
    ///
    /// * `from` — where the report comes from: for counting, and nothing else.
    ///
    /// # Errors
    /// [`ProblemRefused`].
    pub async fn report_problem(
        self: &Arc<Self>,
        viewer: &Viewer,
        service: &RecordKey,
        problem: Problem,
        from: Option<IpAddr>,
    ) -> Result<(), ProblemRefused> {
        if !self.may_know(viewer, service).await? {
            return Err(ProblemRefused::Nothing);
        }
        let elapsed = self.clock.elapsed();
        let counts = self.problems.pace().count(from, service, problem, elapsed);
        match counts {
            pace::Counts::Yes => {}
            // On disk already.
            pace::Counts::Again => return Ok(()),
            pace::Counts::TooMany => return Err(ProblemRefused::TooMany),
        }
        let (directory, key, now) = (Arc::clone(self), service.clone(), self.now());
        let written = spawn_blocking(move || directory.write_problem(&key, problem, now));
        let written = written.await.unwrap_or(Err(Unwritten::Failed.into()));
        written.inspect_err(|_| self.problems.pace().take_back(from, service, problem))
    }

    /// What is reported of an agency's services and stands, the latest first.
    #[must_use]
    pub fn problems_of(&self, agency: &AgencyId) -> Vec<(RecordKey, Reported)> {
        let now = self.now();
        let of = self.problems.book().of(agency);
        let standing = of.into_iter().filter(|(service, reported)| {
            let published = self.store.record(service).ok().flatten();
            let is_listed = published
                .as_ref()
                .is_some_and(|stored| stored.record.is_some());
            let since = published.map_or(Timestamp::MIN, |stored| stored.received_at);
            is_listed && since <= reported.last && now.duration_since(reported.last) < LONGEST
        });
        let mut standing: Vec<_> = standing.collect();
        standing.sort_by_key(|(_, reported)| std::cmp::Reverse(reported.last));
        standing
    }

    /// What the node of an agency is told as its session begins. Reads the disk.
    pub(super) fn problems_at_hello(&self, agency: &AgencyId) -> Vec<Notice> {
        let now = self.now();
        let standing = self.problems_of(agency);
        let mut book = self.problems.book();
        let due = standing.into_iter().filter(|(service, reported)| {
            let told = book.told_at(service, reported.problem);
            let age = told.map(|at| now.duration_since(at));
            age.is_none_or(|age| age < UNSURE || age >= AGAIN)
        });
        let due: Vec<_> = due.take(AT_ONCE).collect();
        for (service, reported) in &due {
            book.told(service, reported.problem, now);
        }
        due.into_iter()
            .map(|(service, reported)| notice(&service, &reported))
            .collect()
    }

    fn write_problem(
        &self,
        service: &RecordKey,
        problem: Problem,
        now: Timestamp,
    ) -> Result<(), ProblemRefused> {
        let stored = self.store.record(service).map_err(SearchError::from)?;
        let published = stored.map_or(Timestamp::MIN, |stored| stored.received_at);
        let mut book = self.problems.book();
        let reported = book.write(service, problem, published, now)?;
        if self.sessions.is_connected(&service.agency) {
            book.told(service, problem, now);
            self.sessions
                .tell(&service.agency, notice(service, &reported));
        }
        Ok(())
    }

    /// Whether there is such a service for them.
    async fn may_know(
        self: &Arc<Self>,
        viewer: &Viewer,
        service: &RecordKey,
    ) -> Result<bool, ProblemRefused> {
        let clearance = self
            .asking(viewer, &super::stop::Stop::default())?
            .clearance;
        let (directory, key) = (Arc::clone(self), service.clone());
        let shown = spawn_blocking(move || directory.findable(&key, clearance));
        let shown = shown.await.map_err(|_| SearchError::Failed)?;
        Ok(shown.map_err(SearchError::from)?.is_some())
    }
}

fn notice(service: &RecordKey, reported: &Reported) -> Notice {
    let times = match reported.count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    };
    let day = reported.last.strftime("%Y-%m-%d");
    let words = reported.problem.words();
    let text = format!(
        "people report that {words}: {times}, last on {day}; check the listing and publish it anew"
    );
    let notice = Notice::new(reported.problem.code(), text).about(&service.id);
    notice.naming("count", &reported.count).naming("day", &day)
}
