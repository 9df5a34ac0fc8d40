//! How referrals went: the latest weeks as a table, and all of them as files.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use referral_core::feedback::{Outcome, Table};
use referral_core::policy::Operation;
use referral_core::tally::Topic;
use referral_gazetteer::gazetteer;
use tokio::task::spawn_blocking;

use super::download;
use crate::export::{self, Form};
use crate::operations::{Directory, OutcomeTables, meaning};
use crate::web::service::outcome_words as words;
use crate::web::visitor::Visitor;
use crate::web::{NotFound, render};
use crate::{say, tell};

/// Weeks on the page; all of them are in the files.
const WEEKS: usize = 4;

/// `coverage_outcomes.html`.
#[derive(Template)]
#[template(path = "coverage_outcomes.html")]
struct Page {
    columns: Vec<String>,
    weeks: Vec<Week>,
    /// True when the tables could not be read.
    failed: bool,
}

struct Week {
    name: String,
    rows: Vec<Row>,
}

struct Row {
    need: String,
    state: String,
    numbers: Vec<Option<u64>>,
}

/// Answers with the page.
pub(super) async fn page(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
) -> Response {
    match tables(&directory, &visitor).await {
        Ok(tables) => render(StatusCode::OK, &Page::of(&tables)),
        Err(refused) => refused,
    }
}

/// Answers with all weeks as CSV.
pub(super) async fn csv(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
) -> Response {
    file(&directory, &visitor, Form::Csv).await
}

/// Answers with all weeks as JSON.
pub(super) async fn json(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
) -> Response {
    file(&directory, &visitor, Form::Json).await
}

async fn file(directory: &Arc<Directory>, visitor: &Visitor, form: Form) -> Response {
    match tables(directory, visitor).await {
        Ok(tables) => download(form, "outcomes", export::outcomes(form, &tables)),
        Err(refused) => refused,
    }
}

async fn tables(directory: &Arc<Directory>, visitor: &Visitor) -> Result<OutcomeTables, Response> {
    if !visitor.viewer.may(Operation::ReadCoverage) {
        return Err(render(StatusCode::NOT_FOUND, &NotFound));
    }
    let directory = Arc::clone(directory);
    let read = spawn_blocking(move || directory.outcome_tables()).await;
    match read {
        Ok(Ok(tables)) => Ok(tables),
        failed => {
            let why = match failed {
                Ok(Err(failed)) => failed.to_string(),
                _ => "it was not read to the end".to_owned(),
            };
            tracing::error!(error.type = "outcomes", "tables of outcomes are not shown: {why}");
            let page = Page {
                failed: true,
                ..Page::of(&BTreeMap::new())
            };
            Err(render(StatusCode::INTERNAL_SERVER_ERROR, &page))
        }
    }
}

impl Page {
    fn of(tables: &OutcomeTables) -> Self {
        let latest = tables.values().rev();
        Self {
            columns: Outcome::ALL.map(words).to_vec(),
            weeks: latest.take(WEEKS).map(|table| Week::of(table)).collect(),
            failed: false,
        }
    }
}

impl Week {
    fn of(table: &Table) -> Self {
        let rows = table.cells.iter().map(|(place, numbers)| {
            let state = place.state.map(|code| {
                let known = gazetteer().state(code);
                known.map_or_else(|| code.to_string(), |state| state.name.clone())
            });
            Row {
                need: need(&place.topic),
                state: state.unwrap_or_else(|| say("outcomes-no-state")),
                numbers: numbers.to_vec(),
            }
        });
        Self {
            name: tell("outcomes-week", &[("week", table.week.to_string().into())]),
            rows: rows.collect(),
        }
    }
}

fn need(topic: &Topic) -> String {
    match topic {
        Topic::Need(code) => meaning(code),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use referral_core::feedback::Place;
    use referral_core::geo::StateCode;

    use super::*;

    #[test]
    fn what_is_not_told_is_said_to_be_so() {
        let week = referral_core::tally::Week::parse("2026-W47").unwrap();
        let place = Place {
            topic: Topic::parse("dom:leg").unwrap(),
            state: StateCode::parse("TX").ok(),
        };
        let cells = BTreeMap::from([(place, [Some(12), None, None, None])]);
        let tables = BTreeMap::from([(week, Arc::new(Table { week, cells }))]);

        let html = Page::of(&tables).render().unwrap();

        assert!(
            html.contains("Texas") && html.contains("<td class=\"number\">12</td>"),
            "{html}"
        );
        assert_eq!(html.matches("\">not told</td>").count(), 3, "{html}");
    }

    #[test]
    fn without_a_table_the_page_says_why() {
        let html = Page::of(&BTreeMap::new()).render().unwrap();

        assert!(html.contains("Nothing is published yet"), "{html}");
    }
}
