//! What the directory said: problems that caseworkers reported, how their referrals went, notices, and what it refused.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use jiff::Timestamp;

use super::board::frame::Frame;
use super::visitor::SignedIn;
use super::words::ago;
use super::{House, reason, render, stopping, tell};
use crate::outbox::codec::Notice;

/// Most entries of one kind on the page.
const SHOWN: usize = 100;

/// The page.
pub(super) fn routes() -> Router<Arc<House>> {
    Router::new().route("/messages", get(messages))
}

/// `told.html`.
#[derive(Template)]
#[template(path = "told.html")]
struct ToldPage {
    frame: Frame,
    problems: Vec<Entry>,
    outcomes: Vec<Entry>,
    held: Vec<Entry>,
    notices: Vec<Entry>,
    refused: Vec<Entry>,
    /// What waits for somebody's decision on the command line or at the directory.
    decisions: Vec<String>,
}

/// One thing that was said.
struct Entry {
    /// What it is about; empty: the node.
    title: String,
    text: String,
    /// When, and how long ago; `None`: not known.
    at: Option<(String, String)>,
}

async fn messages(State(house): State<Arc<House>>, who: SignedIn) -> Response {
    let drawn = house.node.run(move |node| {
        let now = node.clock().now();
        let desk = node.desk(&who.person);
        let told = desk.told();
        let mut decisions = Vec::new();
        if told.conflicts > 0 {
            decisions.push(tell("conflicts-wait", &[("count", told.conflicts.into())]));
        }
        if told.deletions_held > 0 {
            let count = [("count", told.deletions_held.into())];
            decisions.push(tell("deletions-wait", &count));
        }
        let entries = |notices: Vec<(String, Notice)>| {
            let notices = notices.into_iter().take(SHOWN);
            let entries = notices.map(|(title, notice)| entry(title, &notice, now));
            entries.collect()
        };
        let refused = told.refused.into_iter().take(SHOWN);
        let refused = refused.map(|(title, one)| Entry {
            title,
            text: reason::refused(&one.refusal),
            at: None,
        });
        ToldPage {
            frame: Frame::of(&desk, "told"),
            problems: entries(told.problems),
            outcomes: entries(told.outcomes),
            held: entries(told.held),
            notices: entries(told.notices),
            refused: refused.collect(),
            decisions,
        }
    });
    match drawn.await {
        Ok(page) => render(StatusCode::OK, &page),
        Err(_) => stopping(),
    }
}

fn entry(title: String, notice: &Notice, now: Timestamp) -> Entry {
    let at = Timestamp::from_microsecond(notice.at_us).ok();
    Entry {
        title,
        text: reason::told(notice),
        at: at.map(|at| (at.to_string(), ago(at, now))),
    }
}
