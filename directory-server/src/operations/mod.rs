//! What the directory does: a handful of operations on [`Directory`], the same for gRPC, pages and
//! commands. They take and give domain values and know nothing of any of those.

mod ages;
mod alerts;
mod asking;
mod backup;
mod budget;
mod bundle;
mod called;
mod coverage;
mod enrol;
mod facet;
mod feedback;
mod handed;
mod heard;
mod help;
mod holding;
mod live;
mod looking;
mod notices;
mod overseeing;
mod people;
mod printed;
mod problems;
mod publish;
mod reason;
mod renew;
mod returning;
mod search;
mod service;
mod sessions;
mod signed;
mod standing;
mod stop;
mod watch;
mod words;

use std::fmt;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use referral_core::federation::Suspicion;
use referral_core::places::Places;
use referral_runtime::clock::Clock;
use referral_runtime::tls::Authority;
use referral_runtime::watched_clock::WatchedClock;

use crate::audit::Audit;
use crate::ledger::{Ledger, Opened, Searchable};
use crate::life::Life;
use crate::people::People;
use crate::people::provider::Provider;
use crate::store::Store;
use crate::tally::{Tables as Published, Tally};

pub use alerts::{Alerts, AlertsError, Standing, Unkept, Watched, Watching};
pub use budget::LISTINGS_A_DAY;
pub use bundle::{Bundle, BundleAnswer, Covering};
pub(crate) use called::{meaning, needs_value, valued};
pub use coverage::{Addition, CoverageError, Placement, Trend, TrendPoint, WhatIf};
pub use enrol::{Admission, AgencyOverview, EnrolError, JoinRequest};
pub use facet::{Facet, FacetValue, field_of, filter_label, filter_of};
pub use feedback::{
    FeedbackRefused, OutcomeAsked, OutcomeTables, OutcomeUnwritten, TablesError,
    read_outcome_tables,
};
pub use help::{Best, Help};
pub use holding::{Held, HoldingError};
pub use live::{LivePage, LiveRefused, LiveState, MOST_PAGES, MOST_STATES, Wording};
pub use looking::{Askable, LookError};
pub use notices::{BEHIND, Notice, index_behind};
pub use overseeing::{Health, OLD_BACKUP};
pub use printed::Inventory;
pub use problems::{Problem, ProblemRefused, Reported, Unwritten};
pub use publish::{BadSignature, ReceivedCapacity, ReceivedOperation, Session};
pub(crate) use reason::name as about;
pub use renew::{RenewRequest, Renewed};
pub use returning::NotLetBackIn;
pub use search::{Answer, Found, FoundPlace, SearchError, Silence};
pub use service::{
    OfferView, Opening, Origin, OriginOf, OtherService, PastPool, PastReport, PastReports,
    ServiceView, Watched as WatchedOffer, opening,
};
pub use sessions::Notices;
pub use signed::{ServedRecord, ServedReport, SignedError, SignedRecords, Withheld};
pub use standing::DecisionRefused;
pub use watch::{
    Bookmark, Entry, FeedEntry, FeedMessage, Follower, MOST_WATCHERS, Member, Portion,
    SnapshotReason, WatchError,
};
pub use words::{CapacityWords, ago, name as state_name};

/// The directory: everything an operation needs.
pub struct Directory {
    ledger: Ledger,
    store: Arc<Store>,
    searchable: Arc<Searchable>,
    tally: Tally,
    authority: Authority,
    life: Life,
    /// True while agencies are let back in by their certificates alone.
    admits_by_certificate: AtomicBool,
    backing_up: Arc<tokio::sync::Mutex<()>>,
    budgets: budget::Budgets,
    map: &'static (dyn Places + Send + Sync),
    zones: fn(referral_core::geo::Point) -> Option<&'static str>,
    clock: Arc<WatchedClock>,
    sessions: sessions::Sessions,
    heard: heard::HeardFile,
    audit: Audit,
    people: People,
    provider: OnceLock<Provider>,
    address: OnceLock<String>,
    rebuilding: notices::Rebuilding,
    turns: asking::Turns,
    watch: alerts::Watch,
    watchers: watch::Watchers,
    coverage: coverage::Coverage,
    challenges: renew::Challenges,
    ages: ages::Ages,
    problems: problems::Problems,
    feedback: feedback::Feedback,
    pages: live::Pages,
}

/// What the directory keeps beside the ledger.
#[derive(Debug)]
pub struct Kept {
    /// Searches, counted.
    pub tally: Tally,
    /// The tables of searches it has published.
    pub published: Published,
    /// What operators and people did.
    pub audit: Audit,
    /// Who may sign in.
    pub people: People,
}

impl Directory {
    /// The directory over opened data, in the life that `life` says; `data` is where it keeps what it remembers of
    /// its agencies' silence.
    #[must_use]
    pub fn new(
        opened: Opened,
        kept: Kept,
        authority: Authority,
        life: Life,
        clock: Arc<WatchedClock>,
        data: &Path,
    ) -> Self {
        let Kept {
            tally,
            published,
            audit,
            people,
        } = kept;
        let Opened {
            ledger,
            store,
            searchable,
            ..
        } = opened;
        let (heard, before) = heard::HeardFile::open(data);
        let sessions = {
            let heads = ledger.heads();
            let joined = heads
                .agencies()
                .filter(|(_, head)| head.membership.is_some());
            let joined = joined.map(|(agency, _)| agency.clone());
            sessions::Sessions::new(joined, &before, clock.now())
        };
        let said = feedback::folder(data);
        let challenges = renew::Challenges::new(authority.secret_for(b"renewal challenges"));
        let directory = Self {
            ledger,
            store,
            searchable,
            tally,
            authority,
            admits_by_certificate: AtomicBool::new(life.is_rebuilding()),
            life,
            backing_up: Arc::default(),
            budgets: budget::Budgets::default(),
            map: referral_gazetteer::gazetteer(),
            zones: |point| referral_gazetteer::gazetteer().time_zone(point),
            clock,
            sessions,
            heard,
            audit,
            people,
            provider: OnceLock::new(),
            address: OnceLock::new(),
            rebuilding: notices::Rebuilding::default(),
            turns: asking::Turns::default(),
            watch: alerts::Watch::open(data),
            watchers: watch::Watchers::default(),
            coverage: coverage::Coverage::open(data, published),
            challenges,
            ages: ages::Ages::default(),
            problems: problems::Problems::open(&said),
            feedback: feedback::Feedback::open(data, &said),
            pages: live::Pages::default(),
        };
        directory.rely_on_feedback();
        directory
    }

    /// The authority that lets agencies in.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The directory's time.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// The directory's clock, which does not follow the machine's when that jumps.
    #[must_use]
    pub fn clock(&self) -> &Arc<WatchedClock> {
        &self.clock
    }

    /// An operator has looked: the machine's clock is right. Gives its time, and why it was not believed.
    pub fn confirm_clock(&self) -> (jiff::Timestamp, Option<Suspicion>) {
        let suspicion = self.clock.suspicion();
        (self.clock.confirm(), suspicion)
    }

    /// Looks at the clock, keeps when agencies were heard from, and counts who has to send again what a backup
    /// lacked. To be called every few seconds. Blocks.
    pub fn keep_up(&self) {
        let now = self.clock.now();
        self.count_rebuilding(now);
        self.publish_searches(now);
        self.begin_feedback(now);
        self.heard
            .keep(self.sessions.all_heard(), self.clock.elapsed());
    }

    /// Returns when nothing can be written any more: the process should end and be started again.
    pub async fn ended(&self) {
        self.ledger.ended().await;
    }

    /// Whether the write path has ended because the disk can no longer be trusted.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.ledger.has_failed()
    }

    /// Stops taking changes and counting searches, and waits until everything is written. Blocks.
    pub fn close(&self) {
        self.close_coverage();
        self.ledger.close();
        self.tally.close();
        self.heard
            .write(self.sessions.all_heard(), self.clock.elapsed());
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Directory(..)")
    }
}
