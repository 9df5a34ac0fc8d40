//! Asking to see a part of a listing that is shown only after a recorded request.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Extension, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use referral_core::catalog::Part;
use referral_core::id::{AgencyId, Kind, LocalId, RecordKey};
use referral_runtime::web::Fields;

use super::render;
use super::result::words_of;
use super::visitor::Visitor;
use crate::operations::{Directory, LookError};
use crate::say;

/// `look.html`.
#[derive(Template)]
#[template(path = "look.html")]
struct LookPage {
    fault: Option<String>,
    /// The service's name; none: there is nothing to see.
    service: Option<String>,
    part: String,
    recorded: bool,
    reason: String,
    /// What the form sends again.
    kept: Vec<(&'static str, String)>,
    /// What the part says; none: it was not asked for yet.
    lines: Option<Vec<String>>,
}

/// Answers `GET /look`: the form in which they say why.
pub(super) async fn form(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    RawQuery(query): RawQuery,
) -> Response {
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    page(&directory, &visitor, &fields, None, None)
}

/// Answers `POST /look`: what the part says.
pub(super) async fn look(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    body: Bytes,
) -> Response {
    let fields = Fields::read(&body);
    let token = visitor
        .session
        .as_ref()
        .map(crate::people::Secret::form_token);
    let (Some((service, part)), true) = (
        asked(&fields),
        token.as_deref() == Some(fields.value("token")),
    ) else {
        return page(&directory, &visitor, &fields, None, None);
    };
    let reason = fields.value("reason");
    match directory
        .reveal(&visitor.viewer, &service, part, reason)
        .await
    {
        Ok(lines) => page(&directory, &visitor, &fields, None, Some(lines)),
        Err(LookError::Nothing) => page(&directory, &visitor, &fields, None, None),
        Err(error) => {
            let fault = match error {
                LookError::Reason => say("look-reason"),
                _ => say("look-failed"),
            };
            page(&directory, &visitor, &fields, Some(fault), None)
        }
    }
}

/// The service and part that are asked for.
fn asked(fields: &Fields) -> Option<(RecordKey, Part)> {
    let service = RecordKey {
        agency: AgencyId::parse(fields.value("agency")).ok()?,
        kind: Kind::Service,
        id: LocalId::parse(fields.value("service")).ok()?,
    };
    Some((service, Part::parse(fields.value("part"))?))
}

fn page(
    directory: &Directory,
    visitor: &Visitor,
    fields: &Fields,
    fault: Option<String>,
    lines: Option<Vec<String>>,
) -> Response {
    let asked = asked(fields);
    let found = asked.as_ref().and_then(|(service, part)| {
        let found = directory.askable(&visitor.viewer, service, *part);
        found.ok().map(|askable| (askable, *part))
    });
    let status = match (&found, &fault) {
        (None, _) => StatusCode::NOT_FOUND,
        (Some(_), Some(_)) => StatusCode::BAD_REQUEST,
        (Some(_), None) => StatusCode::OK,
    };
    let token = visitor
        .session
        .as_ref()
        .map(crate::people::Secret::form_token);
    let kept = ["agency", "service", "part"];
    let kept = kept.map(|name| (name, fields.value(name).to_owned()));
    let page = LookPage {
        fault,
        part: found
            .as_ref()
            .map_or_else(String::new, |(_, part)| words_of(*part)),
        recorded: found.as_ref().is_some_and(|(askable, _)| askable.recorded),
        service: found.map(|(askable, _)| askable.service),
        reason: fields.value("reason").to_owned(),
        kept: kept
            .into_iter()
            .chain([("token", token.unwrap_or_default())])
            .collect(),
        lines,
    };
    render(status, &page)
}
