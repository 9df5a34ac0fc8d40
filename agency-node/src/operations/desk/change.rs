//! Changing what is said, confirming it, and taking the last change back.
//!
//! A form says what its page showed: a change of something that is not so any more is refused, and the same form
//! sent twice counts once.

use jiff::Timestamp;
use referral_core::capacity::{Draft, Order};
use referral_journal::FileStorage;

use super::tap::{self, CannotTap, Tap, tapped};
use super::{Desk, Row, order, said, service_name};
use crate::operations::CapacityRefused;
use crate::operations::capacity::queue;
use crate::operations::confirm::again;
use crate::operations::expiring::is_superseded;
use crate::outbox::{Ledger, NotQueued, Outbox, ReportKey};

/// What somebody changed last.
#[derive(Clone, Debug, PartialEq)]
pub struct LastChange {
    /// When.
    pub at: Timestamp,
    /// What, by the service's name.
    pub changed: Vec<(ReportKey, String)>,
    /// What it was.
    pub kind: LastKind,
    pub(super) taken: Vec<Taken>,
}

/// What kind of change it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastKind {
    /// One thing was changed, on what was said in this place.
    Tap(Tap, Option<Order>),
    /// It was said to be as before: one thing on what was said in this place.
    Same(Option<Order>),
    /// Everything was said to be as before, when the last report had this counter.
    AllSame(u64),
    /// The change before was taken back.
    Undone,
}

/// One report that was made, and what it took the place of.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Taken {
    pub(super) about: ReportKey,
    pub(super) made: Order,
    pub(super) before: Option<Draft>,
    /// Reports about single locations, which one about the whole service stands in for.
    pub(super) beside: Vec<Draft>,
}

/// What became of "the same as before".
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Same {
    /// How many reports were confirmed.
    pub confirmed: usize,
    /// Those that could not be, by the service's name.
    pub refused: Vec<(String, CapacityRefused)>,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum NotChanged {
    /// There is no such service, or the account does not reach it.
    #[error("this service is not in the list: it was withdrawn, or it is not yours")]
    Unknown,
    /// What the page showed is not so any more.
    #[error("this was changed since the page was made: look at it and tap again")]
    Meanwhile,
    /// The tap makes no sense on what was said.
    #[error(transparent)]
    Tap(#[from] CannotTap),
    /// The report is refused.
    #[error(transparent)]
    Refused(#[from] CapacityRefused),
    /// There is nothing to take back, or it was changed again since.
    #[error("there is nothing to take back: it was changed again since")]
    NothingToUndo,
    /// It could not be written.
    #[error(transparent)]
    NotQueued(#[from] NotQueued),
}

impl NotChanged {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "service_unknown",
            Self::Meanwhile => "changed_meanwhile",
            Self::Tap(cannot) => cannot.code(),
            Self::Refused(refused) => refused.code(),
            Self::NothingToUndo => "nothing_to_undo",
            Self::NotQueued(error) => error.code(),
        }
    }
}

impl Desk<'_> {
    /// Does what somebody tapped. Once this returns, it is on the disk and waits for the directory.
    ///
    /// * `seen` — the place of what the page showed; `None`: it showed that nothing was said.
    ///
    /// # Errors
    /// [`NotChanged`]; nothing is queued then.
    pub fn change(
        &self,
        about: &ReportKey,
        seen: Option<Order>,
        tap: Tap,
    ) -> Result<(), NotChanged> {
        let kind = LastKind::Tap(tap, seen);
        self.one(about, seen, kind, |outbox, now| {
            let current = outbox.reports().get(about).and_then(said);
            Ok(tapped(about, current.as_ref(), tap, now)?)
        })
    }

    /// Says that one thing is the same as before. As [`Desk::change`].
    ///
    /// # Errors
    /// [`NotChanged`]; nothing is queued then.
    pub fn same(&self, about: &ReportKey, seen: Option<Order>) -> Result<(), NotChanged> {
        self.one(about, seen, LastKind::Same(seen), |outbox, now| {
            Ok(again(outbox, about, now).1?)
        })
    }

    /// Says that everything in reach is the same as before. What cannot be is named, and the rest is done.
    ///
    /// * `seen` — the counter of the last report when the page was made.
    ///
    /// # Errors
    /// [`NotChanged::NotQueued`]; nothing is queued then.
    pub fn all_same(&self, seen: u64) -> Result<Same, NotChanged> {
        let now = self.node.clock().now();
        if self.did(LastKind::AllSame(seen)) {
            return Ok(Same::default());
        }
        let rows = self.board().rows;
        let rows = rows.into_iter().filter(Row::is_said);
        self.node.change(|ledger| {
            let mut same = Same::default();
            let (mut drafts, mut titles) = (Vec::new(), Vec::new());
            for row in rows {
                match again(ledger.outbox(), &row.about, now).1 {
                    Ok(draft) => {
                        drafts.push((row.about, draft));
                        titles.push(row.title);
                    }
                    Err(refused) => same.refused.push((row.title, refused)),
                }
            }
            let taken = report(ledger, drafts, now)?;
            let mut changed = Vec::new();
            let mut done = Vec::new();
            for (one, title) in taken.into_iter().zip(titles) {
                match one {
                    Ok(taken) => {
                        changed.push((taken.about.clone(), title));
                        done.push(taken);
                    }
                    Err(refused) => same.refused.push((title, refused)),
                }
            }
            same.confirmed = done.len();
            self.remember(now, LastKind::AllSame(seen), changed, done);
            Ok(same)
        })
    }

    /// Takes the last change back: what was said before is said again, with the time it was known at. What was
    /// changed again since stays.
    ///
    /// # Errors
    /// [`NotChanged`]; nothing is queued then.
    pub fn undo(&self) -> Result<(), NotChanged> {
        let now = self.node.clock().now();
        let last = self.node.last_changes.of(&self.who.name);
        let last = last.ok_or(NotChanged::NothingToUndo)?;
        if last.kind == LastKind::Undone {
            return Ok(());
        }
        self.node.change(|ledger| {
            let (mut drafts, mut changed) = (Vec::new(), Vec::new());
            let titled = last.taken.into_iter().zip(last.changed);
            for (taken, (about, title)) in titled {
                let outbox = ledger.outbox();
                let still = order(outbox, &about) == Some(taken.made);
                if !still || !self.reaches(outbox, &about.service) {
                    continue;
                }
                let before = taken.before.unwrap_or_else(|| tap::unsaid(&about, now));
                drafts.push((about.clone(), before));
                drafts.extend(taken.beside.into_iter().map(|draft| (key(&draft), draft)));
                changed.push((about, title));
            }
            if drafts.is_empty() {
                return Err(NotChanged::NothingToUndo);
            }
            for one in report(ledger, drafts, now)? {
                one?;
            }
            self.remember(now, LastKind::Undone, changed, Vec::new());
            Ok(())
        })
    }

    fn one(
        &self,
        about: &ReportKey,
        seen: Option<Order>,
        kind: LastKind,
        next: impl FnOnce(&Outbox, Timestamp) -> Result<Draft, NotChanged>,
    ) -> Result<(), NotChanged> {
        let now = self.node.clock().now();
        self.node.change(|ledger| {
            let outbox = ledger.outbox();
            if !self.reaches(outbox, &about.service) {
                return Err(NotChanged::Unknown);
            }
            if order(outbox, about) != seen {
                let done = self.did(kind) && self.is_last(about, order(outbox, about));
                return if done {
                    Ok(())
                } else {
                    Err(NotChanged::Meanwhile)
                };
            }
            let listed = outbox.catalog().get(&service_name(&about.service));
            let title = listed.map_or_else(String::new, |listed| listed.title.clone());
            let draft = next(outbox, now)?;
            let taken = report(ledger, vec![(about.clone(), draft)], now)?;
            let taken: Result<Vec<Taken>, CapacityRefused> = taken.into_iter().collect();
            self.remember(now, kind, vec![(about.clone(), title)], taken?);
            Ok(())
        })
    }

    /// Whether this is what somebody did last: their browser sent the form twice.
    fn did(&self, kind: LastKind) -> bool {
        let last = self.node.last_changes.of(&self.who.name);
        last.is_some_and(|last| last.kind == kind)
    }

    /// Whether what somebody did last is what is said of something now.
    fn is_last(&self, about: &ReportKey, order: Option<Order>) -> bool {
        let last = self.node.last_changes.of(&self.who.name);
        let mut taken = last.into_iter().flat_map(|last| last.taken);
        taken.any(|taken| taken.about == *about && Some(taken.made) == order)
    }

    fn remember(
        &self,
        at: Timestamp,
        kind: LastKind,
        changed: Vec<(ReportKey, String)>,
        taken: Vec<Taken>,
    ) {
        let change = LastChange {
            at,
            changed,
            kind,
            taken,
        };
        self.node.last_changes.set(&self.who.name, change);
    }
}

/// Queues reports in one write; says of each what it took the place of.
fn report(
    ledger: &mut Ledger<FileStorage>,
    drafts: Vec<(ReportKey, Draft)>,
    now: Timestamp,
) -> Result<Vec<Result<Taken, CapacityRefused>>, NotQueued> {
    let before: Vec<_> = drafts
        .iter()
        .map(|(about, _)| {
            let outbox = ledger.outbox();
            let before = outbox.reports().get(about).and_then(said);
            (about.clone(), before, beside(outbox, about))
        })
        .collect();
    let drafts = drafts.into_iter().map(|(_, draft)| Ok(draft)).collect();
    let queued = queue(ledger, drafts, now)?;
    let epoch = ledger.outbox().tip().epoch;
    let taken = before.into_iter().zip(queued);
    let taken = taken.map(|((about, before, beside), queued)| {
        let cseq = queued?.cseq;
        Ok(Taken {
            about,
            made: Order { epoch, cseq },
            before,
            beside,
        })
    });
    Ok(taken.collect())
}

/// What is said of single locations of a service and counts, where a report is about the whole service.
fn beside(outbox: &Outbox, about: &ReportKey) -> Vec<Draft> {
    if about.location.is_some() {
        return Vec::new();
    }
    let reports = outbox.reports().iter();
    let beside = reports.filter(|(key, current)| {
        key.service == about.service
            && key.location.is_some()
            && !is_superseded(outbox, key, current)
    });
    beside.filter_map(|(_, current)| said(current)).collect()
}

fn key(draft: &Draft) -> ReportKey {
    ReportKey {
        service: draft.service.clone(),
        location: draft.location.clone(),
    }
}
