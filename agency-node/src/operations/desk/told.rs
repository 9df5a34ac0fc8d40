//! What the directory said, what it shows, and how the connection to it is.

use referral_core::catalog::Category;
use referral_core::id::{Kind, LocalId, RecordName};

use super::Desk;
use crate::operations::policy::{About, may, may_touch};
use crate::operations::status::rejections;
use crate::operations::{HeldBack, HeldFor, Link, Rejection, Verification};
use crate::outbox::codec::Notice;
use crate::outbox::{OUTCOMES, Outbox};

/// Notices with a code that begins so are problems that caseworkers reported.
const PROBLEM: &str = "problem_";
/// Notices with a code that begins so tell of what nobody finds.
const HELD: &str = "held_";
/// The code of the notice that services are archived.
const ARCHIVED: &str = "held_archived";

/// What somebody should know, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// Problems that caseworkers reported, each with the name of the service.
    pub problems: Vec<(String, Notice)>,
    /// How referrals to services went, as caseworkers said it, each with the name of the service.
    pub outcomes: Vec<(String, Notice)>,
    /// What the directory has and nobody finds there, each with the name of the record, where it is about one.
    pub held: Vec<(String, Notice)>,
    /// Everything else that was said, each with the name of the record, where it is about one.
    pub notices: Vec<(String, Notice)>,
    /// What the directory refused, each with the name of the record.
    pub refused: Vec<(String, Rejection)>,
    /// Versions between which somebody has to choose; 0 for an account with a limit.
    pub conflicts: usize,
    /// Deletions that wait for a second person at the directory; 0 for an account with a limit.
    pub deletions_held: usize,
}

/// What the directory shows of the agency, as far as it was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// What the last comparison found; `None`: none was made since the node started.
    pub last: Option<Verification>,
    /// The names of the records that differ, in the order of its differences.
    pub titles: Vec<String>,
    /// True while an answer is waited for.
    pub is_asked: bool,
}

impl Desk<'_> {
    /// How the connection to the directory is.
    #[must_use]
    pub fn link(&self) -> Link {
        self.node.link().borrow().clone()
    }

    /// The public page of a service at the directory; `None`: it is not known where its pages are.
    #[must_use]
    pub fn public_page(&self, service: &LocalId) -> Option<String> {
        self.node.public_page(service)
    }

    /// The agency's name.
    #[must_use]
    pub fn agency(&self) -> &str {
        &self.node.membership().agency_name
    }

    /// What somebody should know.
    #[must_use]
    pub fn told(&self) -> Told {
        self.node.read(|outbox| {
            let notices = outbox.notices().filter_map(|notice| {
                let title = self.about(outbox, &notice.local_id)?;
                Some((title, notice.clone()))
            });
            let (problems, notices): (Vec<_>, Vec<_>) =
                notices.partition(|(_, notice)| is_problem(notice));
            let (outcomes, notices): (Vec<_>, Vec<_>) = notices
                .into_iter()
                .partition(|(_, notice)| notice.code == OUTCOMES);
            let now = self.node.held_back().borrow().clone();
            let (held, notices): (Vec<_>, Vec<_>) = notices
                .into_iter()
                .partition(|(_, notice)| notice.code.starts_with(HELD));
            let held = held.into_iter();
            let held = held.filter(|(_, notice)| is_held(now.as_ref(), notice));
            let refused = rejections(outbox).into_iter();
            let refused = refused.filter_map(|one| Some((self.title(outbox, &named(&one))?, one)));
            let whole = may(self.who, About::Node);
            Told {
                problems,
                outcomes,
                held: held.collect(),
                notices,
                refused: refused.collect(),
                conflicts: if whole { outbox.conflicts().len() } else { 0 },
                deletions_held: if whole { outbox.held().count() } else { 0 },
            }
        })
    }

    /// What the directory shows of the agency.
    #[must_use]
    pub fn shown(&self) -> Shown {
        let verifying = self.node.verifying().borrow().clone();
        let mut last = verifying.last;
        let mut titles = Vec::new();
        if let Some(found) = &mut last {
            self.node.read(|outbox| {
                found.differences.retain(|one| {
                    let title = self.title(outbox, &named(one));
                    titles.extend(title.clone());
                    title.is_some()
                });
                if !may(self.who, About::Node) {
                    let catalog = outbox.catalog();
                    let own = catalog.iter().filter(|(name, listed)| {
                        listed.payload.is_some() && may_touch(self.who, catalog, name)
                    });
                    found.records = own.count();
                    found.public_records = found.public_records.min(found.records);
                }
            });
        }
        Shown {
            last,
            titles,
            is_asked: verifying.asked > verifying.done,
        }
    }

    /// Asks the directory what it shows. Somebody who asks while an answer is waited for gets that one.
    pub fn ask(&self) {
        if !self.shown().is_asked {
            self.node.ask_verification();
        }
    }

    /// The name of what a notice is about, empty where it is about the node; `None`: it is not in reach.
    fn about(&self, outbox: &Outbox, id: &str) -> Option<String> {
        if id.is_empty() {
            return may(self.who, About::Node).then(String::new);
        }
        let id = LocalId::parse(id).ok()?;
        let kinds = [Kind::Service, Kind::Organization, Kind::Location];
        let names = kinds.map(|kind| RecordName {
            kind,
            id: id.clone(),
        });
        let known = names
            .iter()
            .find(|name| outbox.catalog().get(name).is_some());
        match known {
            Some(name) => self.title(outbox, name),
            None => may(self.who, About::Record(None)).then(|| id.to_string()),
        }
    }

    /// The name of a record, its id where it has none; `None`: it is not in reach.
    fn title(&self, outbox: &Outbox, name: &RecordName) -> Option<String> {
        if !may_touch(self.who, outbox.catalog(), name) {
            return None;
        }
        let listed = outbox.catalog().get(name);
        let title = listed.map(|listed| listed.title.clone());
        Some(
            title
                .filter(|title| !title.is_empty())
                .unwrap_or_else(|| name.id.to_string()),
        )
    }
}

/// Whether what a notice says is so now: the directory says anew what it holds back whenever that changes.
fn is_held(now: Option<&HeldBack>, notice: &Notice) -> bool {
    let Some(now) = now else {
        return true;
    };
    let category = notice.values.get("category");
    let category = category.and_then(|text| Category::parse(text).ok());
    let mut held = now.services.iter();
    held.any(|(id, why)| {
        let same_record = notice.local_id.is_empty() || notice.local_id == id.as_str();
        match why {
            HeldFor::Grant(needed) => same_record && category == Some(*needed),
            // It may be held for the name of its organization.
            HeldFor::Name => category.is_none() && notice.code != ARCHIVED,
            HeldFor::Archived => notice.code == ARCHIVED,
            HeldFor::Other => same_record,
        }
    })
}

fn is_problem(notice: &Notice) -> bool {
    notice.code.starts_with(PROBLEM)
}

fn named(one: &Rejection) -> RecordName {
    RecordName {
        kind: one.kind,
        id: one.id.clone(),
    }
}
