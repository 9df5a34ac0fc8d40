//! Pages of the task force: where people can be helped, where not, why, and what would change it.
//!
//! Start at [`routes`]. [`ask`] reads what is asked and makes the query; [`page`] shows the report with its map
//! and table, [`county`] one county, [`brief`] one page to print, [`trend`] the weeks, [`what_if`] what more places
//! would change, [`alerts`] what stands out, [`outcomes`] how referrals went. [`words`] says amounts. Every page and file is made of reports and of nothing else.

mod alerts;
mod ask;
mod brief;
mod chart;
mod choices;
mod county;
mod failed;
mod outcomes;
mod page;
#[cfg(test)]
pub(super) mod samples;
#[cfg(test)]
mod tests;
mod trend;
mod what_if;
pub(super) mod words;

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use referral_core::coverage::{DemandSource, Query, Report};
use referral_core::geo::CountyFips;
use referral_core::policy::Viewer;
use tower_http::compression::CompressionLayer;

use self::ask::Ask;
use self::failed::Failed;
use self::what_if::Wish;
use super::visitor::Visitor;
use super::{NotFound, asset, render};
use crate::export::{self, Form};
use crate::operations::Directory;

/// The stylesheet of these pages, compiled in.
const STYLE: &str = include_str!("../../../static/coverage.css");
/// Weeks of a trend that nobody asked otherwise.
const WEEKS: u32 = 26;

/// Providers that are placed where they would help most.
const NEXT: usize = 5;

/// The pages, compressed: a map is 200 kB of outlines.
pub(super) fn routes() -> Router<Arc<Directory>> {
    Router::new()
        .route("/coverage", get(report))
        .route("/coverage/county/{county}", get(one_county))
        .route("/coverage/brief", get(printed))
        .route("/coverage/trend", get(weeks))
        .route("/coverage/what-if", get(more_places))
        .route("/coverage/alerts", get(alerts::page))
        .route("/coverage/alerts.atom", get(alerts::feed))
        .route("/coverage/outcomes", get(outcomes::page))
        .route("/coverage/outcomes.csv", get(outcomes::csv))
        .route("/coverage/outcomes.json", get(outcomes::json))
        .route("/coverage/{file}", get(file))
        .route(
            "/coverage.css",
            get(async || asset("text/css; charset=utf-8", STYLE)),
        )
        .layer(CompressionLayer::new())
}

/// A question that was answered.
struct Answered {
    ask: Ask,
    query: Query,
    demands: Vec<DemandSource>,
    report: Arc<Report>,
}

/// The report that an address asks for; else the page that says why there is none.
async fn answered(
    directory: &Arc<Directory>,
    visitor: &Visitor,
    typed: Option<&str>,
) -> Result<Answered, Failed> {
    let ask = Ask::read(typed);
    let demands = match demands(directory, &visitor.viewer).await {
        Ok(demands) => demands,
        Err(error) => return Err(Failed::new(ask, Vec::new(), error)),
    };
    let (query, wrong) = ask.query(directory.now());
    if !wrong.is_empty() {
        // Everything wrong is said at once, also what only the directory knows.
        let wrong = Failed::both(wrong, directory, &query);
        return Err(Failed::wrong(ask, demands, wrong));
    }
    match directory.coverage(&visitor.viewer, &query).await {
        Ok(report) => Ok(Answered {
            ask,
            query,
            demands,
            report,
        }),
        Err(error) => Err(Failed::new(ask, demands, error)),
    }
}

/// The tables of demand there are; reading them for the first time blocks.
async fn demands(
    directory: &Arc<Directory>,
    viewer: &Viewer,
) -> Result<Vec<DemandSource>, crate::operations::CoverageError> {
    let (directory, viewer) = (Arc::clone(directory), viewer.clone());
    let read = tokio::task::spawn_blocking(move || directory.demands(&viewer)).await;
    let tables = read.map_err(|_| crate::operations::CoverageError::Failed)??;
    Ok(tables.iter().map(|table| table.source().clone()).collect())
}

async fn report(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    RawQuery(typed): RawQuery,
) -> Response {
    match answered(&directory, &visitor, typed.as_deref()).await {
        Ok(found) => render(
            StatusCode::OK,
            &page::Page::found(found.ask, &found.demands, &found.report),
        ),
        Err(failed) => failed.page(),
    }
}

async fn one_county(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    Path(county): Path<String>,
    RawQuery(typed): RawQuery,
) -> Response {
    let Ok(county) = CountyFips::parse(&county) else {
        return render(StatusCode::NOT_FOUND, &NotFound);
    };
    match answered(&directory, &visitor, typed.as_deref()).await {
        Ok(found) => match county::Page::of(&found.ask, &found.report, county) {
            Some(page) => render(StatusCode::OK, &page),
            None => render(StatusCode::NOT_FOUND, &NotFound),
        },
        Err(failed) => failed.page(),
    }
}

async fn printed(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    RawQuery(typed): RawQuery,
) -> Response {
    match answered(&directory, &visitor, typed.as_deref()).await {
        Ok(found) => render(StatusCode::OK, &brief::Page::of(&found.ask, &found.report)),
        Err(failed) => failed.page(),
    }
}

async fn weeks(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    RawQuery(typed): RawQuery,
) -> Response {
    let found = match answered(&directory, &visitor, typed.as_deref()).await {
        Ok(found) => found,
        Err(failed) => return failed.page(),
    };
    match directory
        .coverage_trend(&visitor.viewer, &found.query, found.ask.weeks(WEEKS))
        .await
    {
        Ok(trend) => render(
            StatusCode::OK,
            &trend::Page::of(&found.ask, &found.report, &trend.points),
        ),
        Err(error) => Failed::new(found.ask, found.demands, error).page(),
    }
}

async fn more_places(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    RawQuery(typed): RawQuery,
) -> Response {
    let found = match answered(&directory, &visitor, typed.as_deref()).await {
        Ok(found) => found,
        Err(failed) => return failed.page(),
    };
    let wish = match Wish::read(&found.ask) {
        Ok(Some(wish)) => wish,
        Ok(None) => return next_places(&directory, &visitor, found).await,
        Err(wrong) => {
            let page = what_if::Page::empty(found.ask, &found.report, wrong, &[]);
            return render(StatusCode::BAD_REQUEST, &page);
        }
    };
    let added = vec![wish.addition];
    match directory
        .coverage_what_if(&visitor.viewer, &found.query, added)
        .await
    {
        Ok(changed) => render(
            StatusCode::OK,
            &what_if::Page::found(found.ask, &wish, &changed),
        ),
        Err(error) => Failed::new(found.ask, found.demands, error).page(),
    }
}

/// Nothing was typed yet: where providers would help most is a beginning.
async fn next_places(directory: &Arc<Directory>, visitor: &Visitor, found: Answered) -> Response {
    match directory
        .coverage_placement(&visitor.viewer, &found.query, NEXT)
        .await
    {
        Ok(next) => {
            let page = what_if::Page::empty(found.ask, &found.report, Vec::new(), &next.placed);
            render(StatusCode::OK, &page)
        }
        Err(error) => Failed::new(found.ask, found.demands, error).page(),
    }
}

/// `report.csv`, `trend.json` and the like.
async fn file(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    Path(name): Path<String>,
    RawQuery(typed): RawQuery,
) -> Response {
    let Some((stem, form)) = name
        .split_once('.')
        .and_then(|(stem, extension)| Some((stem, Form::parse(extension)?)))
        .filter(|(stem, form)| *stem == "report" || (*stem == "trend" && *form != Form::GeoJson))
    else {
        return render(StatusCode::NOT_FOUND, &NotFound);
    };
    let found = match answered(&directory, &visitor, typed.as_deref()).await {
        Ok(found) => found,
        Err(failed) => return failed.text(),
    };
    let (report, state) = (Arc::clone(&found.report), found.ask.state());
    if stem == "report" {
        let written = tokio::task::spawn_blocking(move || form.write(&report, state)).await;
        return download(form, "coverage", written.ok());
    }
    match directory
        .coverage_trend(&visitor.viewer, &found.query, found.ask.weeks(WEEKS))
        .await
    {
        Ok(trend) => {
            let written = export::trend(form, &report, &trend.points);
            download(form, "coverage-by-week", written)
        }
        Err(error) => Failed::new(found.ask, found.demands, error).text(),
    }
}

fn download(form: Form, stem: &str, written: Option<String>) -> Response {
    let Some(written) = written else {
        tracing::error!(error.type = "export", "an export failed");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let name = format!("attachment; filename=\"{stem}.{}\"", form.extension());
    let headers = [
        (header::CONTENT_TYPE, form.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    (headers, written).into_response()
}
