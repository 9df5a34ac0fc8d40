//! What became of referrals, as caseworkers say it with one tap: kept without a person, told and ranked by once a week.
//!
//! Start at [`Directory::say_outcome`], which returns once the tap is on disk. What it means is in
//! [`referral_core::feedback`]; `known` folds taps, `names` calls people and organizations what nobody can turn
//! back, `book` is the file, `tables` are what the task force gets. Only weeks that are over are ranked by and told: nobody
//! can watch a number move while somebody taps.

mod book;
mod known;
mod names;
mod pace;
mod tables;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use referral_core::feedback::{Figure, Outcome, Place, Said, Table};
use referral_core::id::{AgencyId, RecordKey};
use referral_core::policy::{AccountId, Clearance, Decision, Viewer, What, policy};
use referral_core::tally::Week;
use referral_runtime::clock::Clock;
use tokio::task::spawn_blocking;
use tracing::error;

use super::search::{Asking, SearchError};
use super::stop::Stop;
use super::{CoverageError, Directory, ServiceView};
use crate::ledger::Notice;
use crate::life::{FEEDBACK, make_private};
use book::{Book, Tap};
use known::{Ended, day_of};
use names::{Names, Pseudonym};
use pace::Pace;

pub use book::OutcomeUnwritten;
pub use tables::{OutcomeTables, TablesError};

/// The code of the notice that an agency's node gets.
const NOTICE: &str = "outcomes";
/// What was told so shortly before a hello may have been lost with the stream before.
const UNSURE: SignedDuration = SignedDuration::from_mins(2);
/// Most figures told at one hello.
const AT_ONCE: usize = 20;

/// Why an outcome was not taken.
#[derive(Debug, thiserror::Error)]
pub enum FeedbackRefused {
    /// They may not say it.
    #[error(
        "outcomes are said by signed-in caseworkers, and by tokens with the scope feedback, never of \
         their own agency"
    )]
    Denied,
    /// There is no such service, or they may not know of it.
    #[error("there is no such service")]
    Nothing,
    /// The service did not say lately that it takes referrals: there is nothing to confirm.
    #[error(
        "the service was not shown open within the last 7 days: the directory knows that it may not take people"
    )]
    NotOpen,
    /// Too many from this account.
    #[error("too many outcomes at once: try again in a minute")]
    TooMany,
    /// It could not be written. Nothing was counted.
    #[error(transparent)]
    Unwritten(#[from] OutcomeUnwritten),
    /// Whether there is such a service could not be read.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// Whether it was open lately could not be read. Nothing was counted.
    #[error("whether the service was open lately could not be read: try again in a minute")]
    Past(#[source] CoverageError),
}

impl FeedbackRefused {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Denied => "outcome_denied",
            Self::Nothing => "outcome_of_nothing",
            Self::NotOpen => "outcome_not_open",
            Self::TooMany => "too_many_outcomes",
            Self::Unwritten(_) => "outcome_not_written",
            Self::Search(_) => "outcome_not_read",
            Self::Past(_) => "outcome_past_not_read",
        }
    }
}

/// Whether somebody is asked how a referral to a service went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutcomeAsked {
    /// What they said of it today.
    pub said: Option<Outcome>,
}

/// The outcomes of a running directory.
#[derive(Debug)]
pub(super) struct Feedback {
    folder: PathBuf,
    kept: Mutex<Kept>,
    pace: Mutex<Pace>,
    figures: RwLock<Arc<BTreeMap<RecordKey, Figure>>>,
    /// When the agency was told a figure last, since the start.
    told: Mutex<HashMap<RecordKey, (Figure, Timestamp)>>,
}

#[derive(Debug)]
struct Kept {
    book: Book,
    names: Names,
}

/// The folder of what caseworkers say, in the data directory.
pub(super) fn folder(data: &Path) -> PathBuf {
    let folder = data.join(FEEDBACK);
    if let Err(failed) = make_private(&folder) {
        error!(error.type = "feedback", "nothing that caseworkers say can be kept: {failed}");
    }
    folder
}

/// The published tables of outcomes in a data directory, by week.
///
/// # Errors
/// [`TablesError`].
pub fn read_outcome_tables(data: &Path) -> Result<OutcomeTables, TablesError> {
    tables::read(&data.join(FEEDBACK))
}

impl Feedback {
    /// Opens the outcomes in `folder`, with the keys in `data`.
    pub(super) fn open(data: &Path, folder: &Path) -> Self {
        let book = Book::open(folder);
        let figures = RwLock::new(Arc::new(book.known().figures()));
        Self {
            folder: folder.to_owned(),
            kept: Mutex::new(Kept {
                book,
                names: Names::open(data),
            }),
            pace: Mutex::default(),
            figures,
            told: Mutex::default(),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn figures(&self) -> Arc<BTreeMap<RecordKey, Figure>> {
        let figures = self.figures.read();
        Arc::clone(&figures.unwrap_or_else(PoisonError::into_inner))
    }
}

impl Kept {
    /// What somebody and their organization are called today where they speak of a service.
    fn called(
        &self,
        account: &AccountId,
        agency: Option<&AgencyId>,
        service: &RecordKey,
    ) -> Option<(Pseudonym, Pseudonym)> {
        let person = self.names.person(account, service)?;
        Some((person, self.names.organization(agency)?))
    }
}

impl Directory {
    /// Takes in how a referral to a service went, or that what was said today is taken back. It is on disk when this
    /// returns. A second outcome of the same day replaces the first.
    ///
    /// # Errors
    /// [`FeedbackRefused`].
    pub async fn say_outcome(
        self: &Arc<Self>,
        viewer: &Viewer,
        service: &RecordKey,
        outcome: Option<Outcome>,
    ) -> Result<(), FeedbackRefused> {
        let may = policy(viewer, What::Outcome(&service.agency)) == Decision::Allow;
        let Some(account) = viewer.account.clone().filter(|_| may) else {
            return Err(FeedbackRefused::Denied);
        };
        let elapsed = self.clock.elapsed();
        let pace = self.feedback.pace.lock();
        if !pace
            .unwrap_or_else(PoisonError::into_inner)
            .allows(&account, elapsed)
        {
            return Err(FeedbackRefused::TooMany);
        }
        let view = self.seen(viewer, service).await?;
        if outcome.is_some() && !view.is_open() {
            let was_open = self.was_open(&view).await;
            if !was_open.map_err(FeedbackRefused::Past)? {
                return Err(FeedbackRefused::NotOpen);
            }
        }
        let (directory, viewer, service) = (Arc::clone(self), viewer.clone(), service.clone());
        let written = spawn_blocking(move || {
            directory.write_outcome(&account, viewer.agency.as_ref(), &service, outcome)
        });
        written
            .await
            .unwrap_or(Err(OutcomeUnwritten::Failed.into()))
    }

    /// Whether this viewer is asked how a referral to a service went, and what they said today.
    ///
    /// * `open` — whether it is shown to take referrals now, or was lately: [`ServiceView::is_asked_about`].
    #[must_use]
    pub fn outcome_asked(
        &self,
        viewer: &Viewer,
        service: &RecordKey,
        open: bool,
    ) -> Option<OutcomeAsked> {
        let may = policy(viewer, What::Outcome(&service.agency)) == Decision::Allow;
        let account = viewer.account.as_ref().filter(|_| may)?;
        let kept = self.feedback.kept();
        let said = kept
            .called(account, None, service)
            .and_then(|(person, _)| kept.book.known().today.get(&(service.clone(), person)))
            .map(|(_, outcome)| *outcome);
        (open || said.is_some()).then_some(OutcomeAsked { said })
    }

    /// How far a service's "open" can be relied on, from weeks that are over, where it may be told.
    #[must_use]
    pub fn outcome_figure(&self, service: &RecordKey) -> Option<Figure> {
        self.feedback.figures().get(service).copied()
    }

    /// Of how many services of an agency outcomes are kept, and how many lines that is.
    pub(super) fn outcomes_held(&self, agency: &AgencyId) -> (usize, usize) {
        let kept = self.feedback.kept();
        let known = kept.book.known();
        let keys = known.over.keys().map(|(service, _)| service);
        let keys = keys.chain(known.earlier.keys().map(|(service, _)| service));
        let keys = keys.chain(known.today.keys().map(|(service, _)| service));
        let of: Vec<&RecordKey> = keys.filter(|key| key.agency == *agency).collect();
        let services: BTreeSet<&RecordKey> = of.iter().copied().collect();
        (services.len(), of.len())
    }

    /// The published tables of outcomes, by week. Reads the disk.
    ///
    /// # Errors
    /// [`TablesError`].
    pub fn outcome_tables(&self) -> Result<OutcomeTables, TablesError> {
        tables::read(&self.feedback.folder)
    }

    /// Begins the day of `now` where it has not begun; with the week come its table and new figures. Blocks.
    pub(super) fn begin_feedback(&self, now: Timestamp) {
        match self.begin_day(&mut self.feedback.kept(), now) {
            // An unreadable file was told of when it was opened.
            Ok(()) | Err(OutcomeUnwritten::Unreadable) => {}
            Err(failed) => {
                error!(error.type = "feedback", "the day of outcomes has not begun: {failed}");
            }
        }
    }

    /// Lets searches rank by the figures in force.
    pub(super) fn rely_on_feedback(&self) {
        let figures = self.feedback.figures();
        let precisions = figures.iter();
        let precisions =
            precisions.map(|(service, figure)| (service.public_id(), figure.precision));
        self.searchable.rely_on(precisions.collect());
    }

    /// What the node of an agency is told as its session begins: figures that it was not told since the start.
    pub(super) fn outcomes_at_hello(&self, agency: &AgencyId) -> Vec<Notice> {
        let now = self.now();
        let figures = self.feedback.figures();
        let of = figures.iter().filter(|(key, _)| key.agency == *agency);
        let told = self.feedback.told.lock();
        let mut told = told.unwrap_or_else(PoisonError::into_inner);
        let due = of.filter(|(service, figure)| {
            told.get(*service)
                .is_none_or(|(before, at)| before != *figure || now.duration_since(*at) < UNSURE)
        });
        let due: Vec<_> = due.take(AT_ONCE).collect();
        let notices = due.iter().map(|(service, figure)| {
            told.insert((*service).clone(), (**figure, now));
            notice(service, **figure)
        });
        notices.collect()
    }

    fn write_outcome(
        &self,
        account: &AccountId,
        agency: Option<&AgencyId>,
        service: &RecordKey,
        outcome: Option<Outcome>,
    ) -> Result<(), FeedbackRefused> {
        let mut kept = self.feedback.kept();
        self.begin_day(&mut kept, self.now())?;
        let called = kept.called(account, agency, service);
        let (person, organization) = called.ok_or(OutcomeUnwritten::Failed)?;
        let tap = Tap {
            service,
            person,
            organization,
            outcome,
        };
        Ok(kept.book.say(tap)?)
    }

    fn begin_day(&self, kept: &mut Kept, now: Timestamp) -> Result<(), OutcomeUnwritten> {
        let day = day_of(now);
        let begun = kept.book.known().day;
        // The clock may have gone back: the day that has begun goes on.
        let day = begun.map_or(day, |begun| begun.max(day));
        let week_has_ended = kept.book.begin(day, |ended| self.publish_outcomes(ended))?;
        kept.names.begin(day, Week::of(now))?;
        if week_has_ended {
            let figures = Arc::new(kept.book.known().figures());
            let mut in_force = self
                .feedback
                .figures
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            *in_force = figures;
            drop(in_force);
            self.rely_on_feedback();
            self.tell_outcomes();
        }
        Ok(())
    }

    /// Keeps the table of a week that has ended; the first one made stays.
    fn publish_outcomes(&self, ended: &Ended) -> io::Result<()> {
        let known = tables::read(&self.feedback.folder).map_err(io::Error::other)?;
        if known.contains_key(&ended.week) {
            return Ok(());
        }
        let mut said = Vec::new();
        for (service, organization, outcomes) in &ended.said {
            // What not everybody may know of is counted nowhere, nor is what was withdrawn.
            let shown = self.store.shown(service, Clearance::Public, self.map);
            let shown = shown.map_err(io::Error::other)?;
            if let Some(place) = shown.and_then(|shown| Place::of(&shown.facts)) {
                said.push(Said {
                    place,
                    by: organization.0,
                    of: service.agency.clone(),
                    outcomes: *outcomes,
                });
            }
        }
        tables::keep(&self.feedback.folder, &Table::of(ended.week, &said))
    }

    /// Tells the agencies that are connected their new figures.
    fn tell_outcomes(&self) {
        let figures = self.feedback.figures();
        let mut agencies: Vec<&AgencyId> = figures.keys().map(|key| &key.agency).collect();
        agencies.dedup();
        for agency in agencies {
            if self.sessions.is_connected(agency) {
                for notice in self.outcomes_at_hello(agency) {
                    self.sessions.tell(agency, notice);
                }
            }
        }
    }

    /// The service as this viewer sees it.
    async fn seen(
        self: &Arc<Self>,
        viewer: &Viewer,
        service: &RecordKey,
    ) -> Result<ServiceView, FeedbackRefused> {
        let (directory, viewer, service) = (Arc::clone(self), viewer.clone(), service.clone());
        let view = spawn_blocking(move || {
            let stop = Stop::default();
            // Whoever may say how a referral went need not be allowed to search.
            let asking = Asking {
                stop: &stop,
                viewer: &viewer,
                clearance: directory.clearance_today(&viewer),
                counted: false,
            };
            directory.view(&service, &asking)
        });
        let view = view.await.unwrap_or(Err(SearchError::Failed))?;
        view.ok_or(FeedbackRefused::Nothing)
    }
}

fn notice(service: &RecordKey, figure: Figure) -> Notice {
    let Figure { tenths, about, .. } = figure;
    let text = format!(
        "of about {about} referrals made while you were shown open, about {tenths} in 10 were taken; \
         see to it that what you report is what people meet"
    );
    let notice = Notice::new(NOTICE, text).about(&service.id);
    notice.naming("about", &about).naming("tenths", &tenths)
}
