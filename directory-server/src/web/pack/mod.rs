//! The offline pack: one file with everything open in an area, which works without network.
//!
//! Start at [`page`], which says what a pack would hold and how large it is, and [`file`], which gives it. The file
//! has its style inside, named by its hash in the policy that the file itself carries, and no script: what is too old
//! is said by a plain date. It holds what anybody may see.

mod drawn;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use referral_core::capacity::Availability;
use referral_core::search::Query;
use tower_http::compression::CompressionLayer;

use self::drawn::{Drawn, draw, policy};
use super::choices::{Choice, NEEDS, RADII, choices, label};
use super::form::Form;
use super::render;
use super::wrong::{NoAnswer, Wrong};
use crate::operations::{Directory, Inventory};

/// The page, and the file.
pub(super) fn routes() -> Router<Arc<Directory>> {
    Router::new()
        .route("/pack", get(page))
        .route("/pack/file", get(file))
        .layer(CompressionLayer::new())
}

/// The page's fields.
const FIELDS: [&str; 2] = ["near", "radius_miles"];

/// `pack.html`.
#[derive(Template)]
#[template(path = "pack.html")]
struct Page {
    near: String,
    radii: Vec<Choice>,
    wrong: Vec<Wrong>,
    /// What the pack would hold, how large it is, and where it is.
    pack: Option<Offered>,
}

struct Offered {
    said: String,
    link: String,
}

/// Answers `GET /pack`.
async fn page(State(directory): State<Arc<Directory>>, RawQuery(typed): RawQuery) -> Response {
    let typed = typed.unwrap_or_default();
    let form = Form::read_link(typed.as_bytes());
    if !form.asked {
        return render(StatusCode::OK, &Page::of(&form, Vec::new(), None));
    }
    match drawn(&directory, &form).await {
        Ok(drawn) => {
            let pack = Offered {
                said: crate::tell(
                    "pack-said",
                    &[
                        ("services", drawn.services.into()),
                        ("size", kilobytes(&drawn).into()),
                        ("place", drawn.place.as_str().into()),
                    ],
                ),
                link: format!("/pack/file?{}", link(&form)),
            };
            render(StatusCode::OK, &Page::of(&form, Vec::new(), Some(pack)))
        }
        Err(error) => failed(&form, error),
    }
}

/// Answers `GET /pack/file`.
async fn file(State(directory): State<Arc<Directory>>, RawQuery(typed): RawQuery) -> Response {
    let form = Form::read_link(typed.unwrap_or_default().as_bytes());
    match drawn(&directory, &form).await {
        Ok(drawn) => {
            let name = format!("attachment; filename=\"{}\"", drawn.name);
            let headers: [(HeaderName, String); 3] = [
                (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
                (header::CONTENT_DISPOSITION, name),
                (
                    header::CONTENT_SECURITY_POLICY,
                    format!("{}; frame-ancestors 'none'", policy()),
                ),
            ];
            (headers, drawn.html).into_response()
        }
        Err(error) => failed(&form, error),
    }
}

/// The pack of the place that was typed.
async fn drawn(directory: &Arc<Directory>, form: &Form) -> Result<Drawn, NoAnswer> {
    let (query, mut wrong) = form.query();
    if form.value("near").is_empty() {
        wrong.push(Wrong::of("near", "near_missing"));
    }
    if !wrong.is_empty() {
        return Err(NoAnswer::wrong(wrong));
    }
    let domains = NEEDS.iter().filter(|code| code.starts_with("dom:"));
    let mut groups: Vec<(String, Inventory)> = Vec::new();
    for code in domains {
        let query = Query {
            need: (*code).to_owned(),
            availability: Availability::Open,
            seed: 0,
            ..query.clone()
        };
        groups.push((label("need", code), directory.inventory(query).await?));
    }
    let address = format!("{}/pack?{}", directory.address(), link(form));
    Ok(draw(&groups, &address)?)
}

fn link(form: &Form) -> String {
    let mut link = form_urlencoded::Serializer::new(String::new());
    for name in ["near", "radius"] {
        let value = form.value(name);
        if !value.is_empty() {
            link.append_pair(name, value);
        }
    }
    link.finish()
}

/// Thousands of bytes, rounded up.
fn kilobytes(drawn: &Drawn) -> usize {
    drawn.html.len().div_ceil(1_000)
}

fn failed(form: &Form, NoAnswer { status, wrong }: NoAnswer) -> Response {
    render(status, &Page::of(form, wrong, None))
}

impl Page {
    fn of(form: &Form, wrong: Vec<Wrong>, pack: Option<Offered>) -> Self {
        let radius = form.value("radius");
        let radius = if radius.is_empty() { "25" } else { radius };
        Self {
            near: form.value("near").to_owned(),
            radii: choices("radius", &RADII, radius),
            wrong: Wrong::sorted(wrong, &FIELDS),
            pack,
        }
    }

    /// What is wrong with a field, for the line beside it.
    fn fault(&self, field: &str) -> Option<&str> {
        let fault = self.wrong.iter().find(|wrong| wrong.field == field);
        fault.map(|wrong| wrong.text.as_str())
    }
}
