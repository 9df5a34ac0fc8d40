//! The hand-out: what was found, on paper, in the client's language, one sheet for each need.
//!
//! Start at [`by_form`]. [`languages`] has the files of fixed texts, [`words`] says needs, dates and hours with them,
//! [`entry`] is one place, [`qr`] the code of the link. Everything on it is what anybody may see, whoever prints it,
//! and nothing on it is about the client.

mod entry;
pub(crate) mod languages;
mod qr;
mod words;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use referral_runtime::texts::Texts;

use self::entry::Entry;
use self::languages::Written;
use self::qr::Code;
use self::words::Words;
use super::travel::asked::Asked;
use super::travel::{failed, too_long};
use super::visitor::Visitor;
use super::wrong::settled;
use super::{asset, render};
use crate::operations::{Answer, BundleAnswer, Directory};

/// The stylesheet of the hand-out and of the pages that lead to it, compiled in.
const STYLE: &str = include_str!("../../../static/handout.css");
/// Lines of places that a sheet of Letter or A4 has room for, in large type.
const ROOM: usize = 34;
/// Most places on a sheet.
const PLACES: usize = 5;

/// The page and its stylesheet.
pub(super) fn routes() -> Router<Arc<Directory>> {
    Router::new()
        .route("/handout", get(by_link).post(by_form))
        .route(
            "/handout.css",
            get(async || asset("text/css; charset=utf-8", STYLE)),
        )
}

/// `handout.html`.
#[derive(Template)]
#[template(path = "handout.html")]
struct Page {
    texts: &'static Texts,
    /// The day the list was true: for machines, and in words.
    day: String,
    date: String,
    sheets: Vec<Sheet>,
    written: Vec<Written>,
    /// What the buttons for other languages send again.
    kept: Vec<(&'static str, String)>,
    /// Whether a native speaker has not looked at the texts yet.
    unreviewed: bool,
}

/// The sheet of one need.
struct Sheet {
    need: Words,
    near: Option<String>,
    shown: String,
    entries: Vec<Entry>,
    /// The whole address of the newest list, and its code.
    link: Option<(String, Option<Code>)>,
}

/// Answers `GET /handout`, the link of a code: needs and place. Its language is that of the browser.
async fn by_link(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    RawQuery(typed): RawQuery,
) -> Response {
    let asked = Asked::read_link(typed.as_deref().unwrap_or_default().as_bytes());
    answer(&directory, &visitor, &headers, asked).await
}

/// Answers `POST /handout`: a search, or several needs, in the language chosen.
async fn by_form(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match body {
        Ok(body) => answer(&directory, &visitor, &headers, Asked::read(&body)).await,
        Err(_) => too_long(&visitor),
    }
}

async fn answer(
    directory: &Arc<Directory>,
    visitor: &Visitor,
    headers: &HeaderMap,
    asked: Asked,
) -> Response {
    if !asked.form.asked {
        return Redirect::to("/travel").into_response();
    }
    let accepted = headers.get(header::ACCEPT_LANGUAGE);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    let texts = languages::texts(&asked.write)
        .unwrap_or_else(|| languages::accepted(accepted.unwrap_or_default()));
    let (bundle, wrong) = asked.bundle();
    let found = directory.find_to_print(bundle).await;
    match settled(found, wrong) {
        Ok(found) => {
            let page = Page::of(&asked, &found, directory.address(), texts);
            render(StatusCode::OK, &page)
        }
        Err(error) => failed(visitor, asked, error),
    }
}

impl Page {
    fn of(asked: &Asked, found: &BundleAnswer, home: &str, texts: &'static Texts) -> Self {
        let mut places = found.answers.iter().flat_map(|answer| &answer.results);
        let zone = places.next().map_or(TimeZone::UTC, entry::zone);
        let day = entry::day(found.as_of, &zone);
        let needs = asked.each_need();
        let sheets = found.answers.iter().zip(&needs);
        Self {
            texts,
            day: day.to_string(),
            date: words::date(day, texts),
            sheets: sheets
                .map(|(answer, need)| {
                    let link = asked.link("/handout", &of_need(need));
                    let link = link.map(|path| format!("{home}{path}"));
                    Sheet::of(need, answer, link, found.as_of, texts)
                })
                .collect(),
            written: languages::offered(&texts.language()),
            kept: asked.kept(),
            unreviewed: !texts.say("review").trim().is_empty(),
        }
    }
}

fn of_need(need: &str) -> Vec<String> {
    if need.is_empty() {
        Vec::new()
    } else {
        vec![need.to_owned()]
    }
}

impl Sheet {
    fn of(
        need: &str,
        answer: &Answer,
        link: Option<String>,
        now: Timestamp,
        texts: &Texts,
    ) -> Self {
        let all = answer.results.iter();
        let entries = fitting(all.map(|found| Entry::of(found, now, texts)));
        Self {
            need: words::need(need, texts),
            near: answer.near.clone(),
            shown: texts.tell(
                "shown",
                &[
                    ("total", answer.total.into()),
                    ("shown", entries.len().into()),
                ],
            ),
            entries,
            link: link.map(|address| {
                let code = Code::of(&address);
                (address, code)
            }),
        }
    }
}

/// The first places that fit on one sheet, and always one.
fn fitting(entries: impl Iterator<Item = Entry>) -> Vec<Entry> {
    let mut used = 0;
    entries
        .take(PLACES)
        .enumerate()
        .take_while(|(at, entry)| {
            used += entry.height();
            *at == 0 || used <= ROOM
        })
        .map(|(_, entry)| entry)
        .collect()
}
