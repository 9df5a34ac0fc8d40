//! How far an import is: a page that grows while it runs, without a script and without loading itself again.

use std::convert::Infallible;
use std::sync::Arc;

use askama::Template;
use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{StreamExt, once};

use super::super::board::frame::Frame;
use super::super::visitor::SignedIn;
use super::super::{stopping, tell};
use super::job::{Job, Stage};
use crate::operations::Node;

/// Where the lines go in the page; no text of ours or of a file can hold it, which escapes `<`.
const LINES: &str = "<!--lines-->";

/// `import_progress.html`.
#[derive(Template)]
#[template(path = "import_progress.html")]
struct ProgressPage {
    frame: Frame,
    file: String,
    number: String,
}

/// The page up to the lines at once, a line for each step, and the rest when the work is done.
pub(super) async fn stream(node: &Arc<Node>, who: &SignedIn, job: &Arc<Job>) -> Response {
    let (person, file, number) = (
        who.person.clone(),
        job.file().to_owned(),
        job.number().to_owned(),
    );
    let page = node.run(move |node| {
        let frame = Frame::of(&node.desk(&person), "import");
        let page = ProgressPage {
            frame,
            file,
            number,
        };
        page.render()
    });
    let (Ok(Ok(page)), stages) = (page.await, job.watch()) else {
        return stopping();
    };
    let (begin, end) = page.split_once(LINES).unwrap_or((&page, ""));
    let steps = WatchStream::new(stages).map_while(|stage| line(&stage));
    let parts = once(begin.to_owned())
        .chain(steps)
        .chain(once(end.to_owned()));
    let parts = parts.map(|part| Ok::<_, Infallible>(Bytes::from(part)));
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (StatusCode::OK, kind, Body::from_stream(parts)).into_response()
}

/// What is said of a step; `None`: it was the last.
fn line(stage: &Stage) -> Option<String> {
    let text = match stage {
        Stage::Reading { rows } => tell("import-reading", &[("rows", (*rows).into())]),
        Stage::Comparing { records } => tell("import-comparing", &[("records", (*records).into())]),
        Stage::Applying { records } => tell("import-applying", &[("records", (*records).into())]),
        Stage::Planned(_) | Stage::Done(_) | Stage::Failed(_) => return None,
    };
    Some(format!("<li>{text}</li>\n"))
}
