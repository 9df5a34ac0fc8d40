//! Taking in a file: it is uploaded, the plan is shown, and a second tap applies it.
//!
//! `upload` puts the file on this machine's disk for as long as it is read; `job` reads, plans and applies it;
//! `plan` draws what came of it, and `progress` streams how far it is. Nothing is queued before the second tap.

mod job;
mod plan;
mod progress;
mod upload;

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use referral_runtime::web::Fields;
use tokio::time::timeout;

use super::board::frame::Frame;
use super::visitor::SignedIn;
use super::{House, failed, render, say, stopping, to};
use job::{Job, Stage};
use upload::{Refused, UPLOAD_BYTES};

pub(super) use job::Imports;
pub(super) use upload::FOLDER;

/// How long a tap waits for what it began; after that its progress is shown.
const SOON: Duration = Duration::from_secs(2);

/// The pages.
pub(super) fn routes() -> Router<Arc<House>> {
    Router::new()
        .route(
            "/import",
            get(choose)
                .post(read)
                // A file has a limit of its own.
                .layer(DefaultBodyLimit::max(UPLOAD_BYTES)),
        )
        .route("/import/{job}", get(show))
        .route("/import/{job}/apply", post(apply))
        .route("/import/{job}/drop", post(discard))
}

/// `import.html`.
#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    frame: Frame,
    token: String,
    fault: Option<String>,
    /// The import that somebody began before: its number and the file's name.
    begun: Option<(String, String)>,
}

async fn choose(State(house): State<Arc<House>>, who: SignedIn) -> Response {
    form(&house, who, StatusCode::OK, None).await
}

async fn read(State(house): State<Arc<House>>, who: SignedIn, form: Multipart) -> Response {
    let running = house.imports.of(&who.person);
    if let Some(job) = running.filter(|job| job.is_running()) {
        return soon(&job).await;
    }
    let files = match upload::take(form, &who.token(), house.imports.folder()).await {
        Ok(files) => files,
        Err(refused) => {
            let status = match refused {
                Refused::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                Refused::Foreign => StatusCode::FORBIDDEN,
                Refused::Disk => StatusCode::SERVICE_UNAVAILABLE,
                Refused::NoFile | Refused::Broken => StatusCode::BAD_REQUEST,
            };
            return self::form(&house, who, status, Some(refused.words())).await;
        }
    };
    let job = house.imports.begin(&who.person, &files);
    job::read(Arc::clone(&house.node), who.person, files, &job);
    soon(&job).await
}

async fn show(
    State(house): State<Arc<House>>,
    who: SignedIn,
    Path(number): Path<String>,
) -> Response {
    let Some(job) = house.imports.find(&who.person, &number) else {
        return gone(&house, who).await;
    };
    if job.is_running() {
        return progress::stream(&house.node, &who, &job).await;
    }
    plan::page(&house.node, who, &job).await
}

async fn apply(
    State(house): State<Arc<House>>,
    who: SignedIn,
    Path(number): Path<String>,
    body: Bytes,
) -> Response {
    if Fields::read(&body).value("token") != who.token() {
        return failed(StatusCode::FORBIDDEN, say("form-too-old"));
    }
    let Some(job) = house.imports.find(&who.person, &number) else {
        return gone(&house, who).await;
    };
    // A second tap finds that it is under way, or done.
    if let Some(import) = job.begin_applying() {
        job::apply(Arc::clone(&house.node), who.person, import, &job);
    }
    soon(&job).await
}

async fn discard(
    State(house): State<Arc<House>>,
    who: SignedIn,
    Path(number): Path<String>,
    body: Bytes,
) -> Response {
    if Fields::read(&body).value("token") != who.token() {
        return failed(StatusCode::FORBIDDEN, say("form-too-old"));
    }
    house.imports.forget(&who.person, &number);
    to("/import")
}

/// The page of an import: at once where it is soon done.
async fn soon(job: &Arc<Job>) -> Response {
    let mut stage = job.watch();
    let _late = timeout(SOON, stage.wait_for(|stage| !stage.is_running())).await;
    to(&format!("/import/{}", job.number()))
}

async fn gone(house: &Arc<House>, who: SignedIn) -> Response {
    form(house, who, StatusCode::NOT_FOUND, Some(say("import-gone"))).await
}

async fn form(
    house: &Arc<House>,
    who: SignedIn,
    status: StatusCode,
    fault: Option<String>,
) -> Response {
    let begun = house.imports.of(&who.person);
    let begun = begun.filter(|job| !matches!(&*job.watch().borrow(), Stage::Done(_)));
    let begun = begun.map(|job| (job.number().to_owned(), job.file().to_owned()));
    let drawn = house.node.run(move |node| ImportPage {
        frame: Frame::of(&node.desk(&who.person), "import"),
        token: who.token(),
        fault,
        begun,
    });
    match drawn.await {
        Ok(page) => render(status, &page),
        Err(_) => stopping(),
    }
}
