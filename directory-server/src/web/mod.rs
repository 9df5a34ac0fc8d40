//! Pages: server-rendered, no script needed, nothing from another host.

mod headers;
mod search;

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use crate::operations::Directory;

/// The stylesheet, compiled in.
const STYLE: &str = include_str!("../../static/style.css");

/// The pages over a directory.
pub fn pages(directory: Arc<Directory>) -> Router {
    Router::new()
        .route("/", get(search::page))
        .route("/style.css", get(style))
        .fallback(not_found)
        .layer(axum::middleware::map_response(headers::protect))
        .with_state(directory)
}

async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, STYLE).into_response()
}

async fn not_found() -> Response {
    let page = include_str!("../../static/not_found.html");
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}
