//! Coverage: where people can be helped, now or at a past moment. One operation behind gRPC, pages and commands.
//!
//! Start at [`Directory::coverage`]. It gathers supply ([`live`] from the index, [`past`] from the history), takes a
//! table of demand and lets `core::coverage` do the maths. Reports are made one at a time, on a thread that steps
//! back for searches ([`alone`]), and kept for a while ([`kept`]). Nothing of who asked is kept.

mod alone;
mod counties;
mod joined;
mod kept;
mod live;
mod openings;
mod past;
mod placement;
mod trend;
mod what_if;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use referral_core::coverage::{
    Demand, Evidence, Measure, Openings, Query, Question, Report, Supply, matching, report,
};
use referral_core::policy::{Operation, Viewer};
use referral_core::search::Refused;
use referral_core::tally::Frozen;
use referral_index::IndexError;
use referral_runtime::clock::Clock;

use super::Directory;
use crate::demand::{DEMAND, DemandError, Described, Loaded, Tables, ground};
use crate::history::{HistoryError, Past, Reader};
use crate::store::StoreError;
use crate::tally::Tables as Published;

pub use placement::Placement;
pub use trend::{Trend, TrendPoint};
pub use what_if::{Addition, WhatIf};

use alone::Turn;
use counties::Counties;
use kept::{Kept, Key};
use past::{Names, Then};

/// What coverage needs beside the rest of the directory.
#[derive(Debug)]
pub(super) struct Coverage {
    tables: Tables,
    searches: Published,
    counties: Counties,
    turn: Turn,
    reports: Kept<Arc<Report>>,
    points: Kept<Arc<TrendPoint>>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum CoverageError {
    /// The asker may not read reports: a token that is not for it.
    #[error("this token is not for coverage: make one with the scope coverage")]
    Denied,
    /// The question: the asker's to fix.
    #[error("the question cannot be understood")]
    Refused(Vec<Refused>),
    /// The table of demand.
    #[error(transparent)]
    Demand(#[from] DemandError),
    /// The index failed.
    #[error("the search index failed")]
    Index(#[from] IndexError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The history failed.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The history cannot be written, so that it is not complete.
    #[error(
        "the history of capacity and listings cannot be written: reports of the past come back with a restart"
    )]
    NoHistory,
    /// Others wait for reports. The asker's to try again.
    #[error("other reports are made just now: try again in a minute")]
    Busy,
    /// The thread that made the report failed.
    #[error("the report failed")]
    Failed,
}

/// A question that was understood.
#[derive(Clone)]
struct Asked {
    question: Question,
    demand: Arc<Demand>,
    /// True when it is of now.
    live: bool,
}

/// All that a report is made from but demand.
#[derive(Debug)]
struct Gathered {
    supply: Supply,
    /// The names of then; `None`: those of now.
    names: Option<Names>,
    openings: Option<Openings>,
    searches: Option<Arc<Frozen>>,
}

impl Coverage {
    pub(super) fn open(data: &Path, searches: Published) -> Self {
        Self {
            searches,
            tables: Tables::open(data.join(DEMAND)),
            counties: Counties::default(),
            turn: Turn::default(),
            reports: Kept::new(32),
            points: Kept::new(512),
        }
    }

    /// What takes long to read, in the turn of reports.
    pub(super) async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, CoverageError> + Send + 'static,
    ) -> Result<T, CoverageError> {
        self.turn.take(work).await
    }
}

impl Directory {
    /// The report that answers a question, off the async threads. One that was made a moment ago, or of a past moment
    /// at any time, is given again.
    ///
    /// # Errors
    /// [`CoverageError`].
    pub async fn coverage(
        self: &Arc<Self>,
        viewer: &Viewer,
        query: &Query,
    ) -> Result<Arc<Report>, CoverageError> {
        let asked = self.asked(viewer, query)?;
        if let Some(kept) = self.kept(&asked) {
            return Ok(kept);
        }
        let directory = Arc::clone(self);
        let work = move || directory.covered(&asked);
        self.coverage.turn.take(work).await
    }

    /// The tables of demand, residents first.
    ///
    /// # Errors
    /// [`CoverageError`] when they may not be read, or cannot be.
    pub fn demands(&self, viewer: &Viewer) -> Result<Vec<Arc<Demand>>, CoverageError> {
        if !viewer.may(Operation::ReadCoverage) {
            return Err(CoverageError::Denied);
        }
        Ok(self.coverage.tables.all()?)
    }

    /// Takes a table of demand in, see [`Tables::load`]. Blocks.
    ///
    /// # Errors
    /// [`DemandError`].
    pub fn load_demand(
        &self,
        described: &Described,
        csv: &[u8],
        leave_out: bool,
    ) -> Result<Loaded, DemandError> {
        let loaded = self.coverage.tables.load(described, csv, leave_out)?;
        self.forget_reports();
        Ok(loaded)
    }

    /// Removes a table of demand. Blocks.
    ///
    /// # Errors
    /// [`DemandError`].
    pub fn remove_demand(&self, name: &str) -> Result<(), DemandError> {
        self.coverage.tables.remove(name)?;
        self.forget_reports();
        Ok(())
    }

    fn forget_reports(&self) {
        self.coverage.reports.clear();
        self.coverage.points.clear();
    }

    fn asked(&self, viewer: &Viewer, query: &Query) -> Result<Asked, CoverageError> {
        if !viewer.may(Operation::ReadCoverage) {
            return Err(CoverageError::Denied);
        }
        let now = self.now();
        let mut question = query
            .understand(self.map, now)
            .map_err(CoverageError::Refused)?;
        let demand = self.coverage.tables.find(question.demand.as_str())?;
        // What is not asked for changes no answer and makes no other one.
        question.filter = matching(&question.filter);
        question.demand = demand.source().name.clone();
        Ok(Asked {
            question,
            demand,
            live: query.as_of.is_none(),
        })
    }

    /// A report that was made before and still answers.
    fn kept(&self, asked: &Asked) -> Option<Arc<Report>> {
        let key = Key::of(&asked.question, asked.live);
        self.coverage.reports.get(&key, self.state(asked))
    }

    /// What tells whether an answer of now still is one.
    fn state(&self, asked: &Asked) -> kept::State {
        let written = self.ledger.written();
        let all_found = self.ledger.behind().is_none();
        let written = all_found.then_some(written);
        asked.live.then(|| (written, self.clock.elapsed()))
    }

    /// Begins no more reports and waits for the one that is made. Blocks.
    pub(super) fn close_coverage(&self) {
        self.coverage.turn.close();
    }

    fn covered(&self, asked: &Asked) -> Result<Arc<Report>, CoverageError> {
        if let Some(kept) = self.kept(asked) {
            return Ok(kept);
        }
        let key = Key::of(&asked.question, asked.live);
        // Before supply is gathered: what is written meanwhile makes another report.
        let state = self.state(asked);
        let made = Arc::new(self.make(asked)?);
        self.coverage.reports.keep(key, state, Arc::clone(&made));
        Ok(made)
    }

    fn make(&self, asked: &Asked) -> Result<Report, CoverageError> {
        let gathered = self.gathered(asked)?;
        self.told(gathered.report(asked), &gathered)
    }

    /// All that a report is made from but demand.
    fn gathered(&self, asked: &Asked) -> Result<Gathered, CoverageError> {
        let waits = matches!(asked.question.measure, Measure::TimeToFirstOpen);
        if asked.live && !waits {
            let supply = self.supply_now(&asked.question)?;
            return Ok(self.with_searches(asked, supply, None));
        }
        let reader = self.ledger.history().ok_or(CoverageError::NoHistory)?;
        let past = reader.as_of(asked.question.as_of)?;
        self.gathered_of(asked, &reader, &past)
    }

    fn gathered_of(
        &self,
        asked: &Asked,
        reader: &Reader,
        past: &Past,
    ) -> Result<Gathered, CoverageError> {
        let Then {
            supply,
            names,
            pools,
        } = self.supply_of(&asked.question, reader, past)?;
        let openings = match asked.question.measure {
            Measure::TimeToFirstOpen => openings::of(&pools, reader, asked.question.as_of)?,
            _ => None,
        };
        Ok(Gathered {
            openings,
            ..self.with_searches(asked, supply, Some(names))
        })
    }

    fn with_searches(&self, asked: &Asked, supply: Supply, names: Option<Names>) -> Gathered {
        Gathered {
            supply,
            names,
            openings: None,
            searches: self.coverage.searches.last(asked.question.as_of),
        }
    }

    /// A report with the names of the services in it.
    fn told(&self, report: Report, gathered: &Gathered) -> Result<Report, CoverageError> {
        let providers = match &gathered.names {
            Some(names) => names.of(&report),
            None => self.named(&report)?,
        };
        Ok(Report {
            providers,
            ..report
        })
    }

    /// Publishes the weeks of searches that are over. Blocks.
    pub(super) fn publish_searches(&self, now: Timestamp) {
        let searches = self.life.data.join(crate::tally::SEARCHES);
        if let Err(failed) = self.coverage.searches.keep_up(&searches, now) {
            tracing::error!(error.type = "publish", "searches are not published: {failed}");
        }
    }

    /// The published tables of searches, oldest first.
    #[must_use]
    pub fn published_searches(&self) -> Vec<Arc<Frozen>> {
        self.coverage.searches.all()
    }
}

impl Gathered {
    fn evidence<'a>(&'a self, asked: &'a Asked) -> Evidence<'a> {
        let mut evidence = Evidence::new(&asked.demand, &self.supply, ground());
        if let Some(searches) = &self.searches {
            evidence = evidence.with_searches(searches);
        }
        if let Some(openings) = &self.openings {
            evidence = evidence.with_openings(openings);
        }
        evidence
    }

    fn report(&self, asked: &Asked) -> Report {
        report(&asked.question, &self.evidence(asked))
    }
}

impl Asked {
    /// The same question of another moment.
    fn at(&self, as_of: Timestamp) -> Self {
        let mut asked = self.clone();
        asked.question.as_of = as_of;
        asked.live = false;
        asked
    }
}

impl CoverageError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Denied => "coverage_denied",
            Self::Refused(_) => "coverage_refused",
            Self::Demand(error) => error.code(),
            Self::Index(_) => "coverage_index",
            Self::Store(_) => "coverage_store",
            Self::History(_) => "coverage_history",
            Self::NoHistory => "coverage_no_history",
            Self::Busy => "coverage_busy",
            Self::Failed => "coverage_failed",
        }
    }
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asked(..)")
    }
}
