//! What an import would do or has done, drawn.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use referral_core::hsds::RowIssue;
use referral_core::id::Kind;

use super::super::board::frame::Frame;
use super::super::visitor::SignedIn;
use super::super::{reason, render, say, stopping, tell};
use super::job::{self, Job, Stage};
use crate::operations::desk::Taken;
use crate::operations::{Change, Node, Planned};

/// Most entries of one list.
const SHOWN: usize = 100;

/// `import_plan.html`.
#[derive(Template)]
#[template(path = "import_plan.html")]
struct PlanPage {
    frame: Frame,
    token: String,
    number: String,
    file: String,
    stage: Outcome,
    /// How records of each kind compare: added, changed, the same, missing.
    counts: Vec<(String, [usize; 4])>,
    lists: Vec<List>,
    /// Capacity that the file states.
    reports: usize,
    /// How many records are queued, or would be.
    queued: usize,
}

/// What came of it.
#[derive(PartialEq, Eq)]
enum Outcome {
    /// To be applied or dropped.
    Planned,
    /// The same as before: there is nothing to apply.
    Nothing,
    /// On the disk.
    Done,
    /// Refused as a whole, and why.
    Failed(String),
}

/// Records or rows of which the same is said.
struct List {
    id: &'static str,
    title: String,
    hint: String,
    /// What it is, and where and why.
    entries: Vec<(String, String)>,
    more: Option<String>,
}

/// The page of an import that does not run just now.
pub(super) async fn page(node: &Arc<Node>, who: SignedIn, job: &Arc<Job>) -> Response {
    let (stage, job) = (job.watch().borrow().clone(), Arc::clone(job));
    let drawn = node.run(move |node| {
        let frame = Frame::of(&node.desk(&who.person), "import");
        let (outcome, taken, lists, reports) = match &stage {
            Stage::Planned(planned) => {
                let reports = planned.import.reports.len();
                (
                    outcome(planned),
                    Some(&planned.taken),
                    of_plan(planned),
                    reports,
                )
            }
            Stage::Done(taken) => (Outcome::Done, Some(&**taken), of_taken(taken), 0),
            Stage::Failed(why) => (Outcome::Failed(why.clone()), None, Vec::new(), 0),
            // It runs again: somebody tapped meanwhile.
            Stage::Reading { .. } | Stage::Comparing { .. } | Stage::Applying { .. } => {
                (Outcome::Failed(say("import-runs")), None, Vec::new(), 0)
            }
        };
        PlanPage {
            frame,
            token: who.token(),
            number: job.number().to_owned(),
            file: job.file().to_owned(),
            counts: taken.map(counts).unwrap_or_default(),
            queued: taken.map_or(0, |taken| {
                taken.plan.count(Change::Added) + taken.plan.count(Change::Changed)
            }),
            stage: outcome,
            lists,
            reports,
        }
    });
    match drawn.await {
        Ok(page) => render(StatusCode::OK, &page),
        Err(_) => stopping(),
    }
}

fn outcome(planned: &job::Planned) -> Outcome {
    let plan = &planned.taken.plan;
    let changes = plan.count(Change::Added) + plan.count(Change::Changed);
    if changes + planned.import.reports.len() == 0 {
        Outcome::Nothing
    } else {
        Outcome::Planned
    }
}

fn counts(taken: &Taken) -> Vec<(String, [usize; 4])> {
    let changes = [
        Change::Added,
        Change::Changed,
        Change::Unchanged,
        Change::Missing,
    ];
    let kinds = Kind::ALL.iter().map(|kind| {
        let of_kind = taken.plan.records.iter();
        let of_kind: Vec<_> = of_kind.filter(|one| one.name.kind == *kind).collect();
        let counts =
            changes.map(|change| of_kind.iter().filter(|one| one.change == change).count());
        (say(&format!("kind-{}", kind.as_str())), counts)
    });
    kinds.collect()
}

fn of_plan(planned: &job::Planned) -> Vec<List> {
    let too_large = planned.too_large.iter();
    let too_large = too_large.map(|name| (name.clone(), say("why-row-record-too-large")));
    let mut lists = vec![
        rows(
            "refused",
            &say("rows-refused"),
            say("rows-refused-hint"),
            &planned.refused,
        ),
        rows(
            "withheld",
            &say("rows-withheld"),
            say("rows-withheld-hint"),
            &planned.withheld,
        ),
        rows(
            "repaired",
            &say("rows-repaired"),
            say("rows-repaired-hint"),
            &planned.repaired,
        ),
        list(
            "too-large",
            &say("records-too-large"),
            String::new(),
            too_large.collect(),
        ),
        list(
            "skipped",
            &say("files-skipped"),
            String::new(),
            planned
                .skipped
                .iter()
                .map(|file| (file.clone(), String::new()))
                .collect(),
        ),
    ];
    lists.retain(|list| !list.entries.is_empty());
    lists.splice(0..0, of_taken(&planned.taken));
    lists
}

fn of_taken(taken: &Taken) -> Vec<List> {
    let of = |change: Change| -> Vec<(String, String)> {
        let records = taken.plan.records.iter();
        let records = records.filter(|one| one.change == change);
        let entries = records.map(|one| {
            let title = match one.title.as_str() {
                "" => one.name.id.to_string(),
                title => title.to_owned(),
            };
            let kind = say(&format!("kind-{}", one.name.kind.as_str()));
            let about = match what_changes(one) {
                what if what.is_empty() => kind,
                what => format!("{kind}. {what}"),
            };
            (title, about)
        });
        entries.collect()
    };
    let outside = taken.outside.iter();
    let outside = outside.map(|name| {
        let kind = say(&format!("kind-{}", name.kind.as_str()));
        (name.id.to_string(), kind)
    });
    let mut lists = vec![
        list(
            "added",
            &say("change-added"),
            String::new(),
            of(Change::Added),
        ),
        list(
            "changed",
            &say("change-changed"),
            String::new(),
            of(Change::Changed),
        ),
        list(
            "missing",
            &say("change-missing"),
            say("change-missing-hint"),
            of(Change::Missing),
        ),
        list(
            "outside",
            &say("change-outside"),
            say("change-outside-hint"),
            outside.collect(),
        ),
    ];
    lists.retain(|list| !list.entries.is_empty());
    lists
}

/// Which fields of a record change; empty where that is not known.
fn what_changes(planned: &Planned) -> String {
    if planned.fields.is_empty() {
        return String::new();
    }
    let fields = planned.fields.iter().map(|field| words(field));
    let fields = fields.collect::<Vec<String>>().join(", ");
    let values = [
        ("fields", fields.into()),
        ("more", planned.more_fields.into()),
    ];
    tell("plan-fields", &values)
}

/// The name of a field in words: `last modified` of `lastModified`.
fn words(field: &str) -> String {
    let mut words = String::new();
    for letter in field.chars() {
        if letter.is_uppercase() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

fn rows(id: &'static str, title: &str, hint: String, rows: &[RowIssue]) -> List {
    let entries = rows.iter().map(|row| {
        let place = [
            ("file", row.file.as_ref().into()),
            ("row", row.row.as_str().into()),
        ];
        (tell("row-place", &place), reason::row(row))
    });
    list(id, title, hint, entries.collect())
}

fn list(id: &'static str, title: &str, hint: String, entries: Vec<(String, String)>) -> List {
    let all = entries.len();
    let more = all.saturating_sub(SHOWN);
    List {
        id,
        title: format!("{title}: {all}"),
        hint,
        entries: entries.into_iter().take(SHOWN).collect(),
        more: (more > 0).then(|| tell("and-more", &[("count", more.into())])),
    }
}
