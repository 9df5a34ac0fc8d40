//! Pages of operators: agencies, what waits for a second person, what lapses, and how the directory fares.
//!
//! Start at [`routes`]. [`overview`] shows every agency, [`agency`] one of them, [`act`] does what a form asks. Who is
//! no operator, or signed in too long ago, sees none of it: the operations decide that, these pages only say it.
//! Everything here can be done with `directory-server agency` too.

mod act;
mod agency;
mod overview;
mod refused;
mod words;

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use referral_core::id::AgencyId;
use referral_core::policy::{Decision, Operation, What, policy};
use referral_runtime::web::Fields;

use self::act::{Done, Outcome};
use self::agency::Told;
use self::overview::Part;
use super::sign_in::to;
use super::visitor::Visitor;
use super::{NotFound, render};
use crate::operations::{AgencyOverview, Directory, Health};

/// The pages.
pub(super) fn routes() -> Router<Arc<Directory>> {
    Router::new()
        .route("/operator", get(overview))
        .route("/operator/enrol", post(enrol))
        .route("/operator/agency/{agency}", get(agency).post(decide))
}

/// `operator_denied.html`.
#[derive(Template)]
#[template(path = "operator_denied.html")]
struct Denied {
    /// They are an operator, and signed in too long ago.
    again: bool,
    signed_in: bool,
    /// What a form asked meanwhile: its address, and its fields without their token.
    typed: Option<(String, Vec<(String, String)>)>,
}

impl Denied {
    fn of(visitor: &Visitor) -> Self {
        let decision = policy(&visitor.viewer, What::Operation(Operation::ManageAgencies));
        Self {
            again: decision == Decision::SignInAgain,
            signed_in: visitor.session.is_some(),
            typed: None,
        }
    }

    /// Keeps what was typed, to be sent again after signing in. Without a token it changes nothing then: the form
    /// comes back filled in, and a person sends it.
    fn keeping(mut self, address: String, typed: &Fields) -> Response {
        if self.again || !self.signed_in {
            let typed = typed.iter().filter(|(name, _)| *name != "token");
            let typed = typed.map(|(name, value)| (name.to_owned(), value.to_owned()));
            self.typed = Some((address, typed.collect()));
        }
        self.response()
    }

    fn response(self) -> Response {
        render(StatusCode::FORBIDDEN, &self)
    }
}

/// What an operator sees, with the token of their forms.
struct Overseen {
    agencies: Vec<AgencyOverview>,
    health: Health,
    token: String,
}

/// What this visitor may oversee, or the page that says why they may not.
fn overseen(directory: &Directory, visitor: &Visitor) -> Result<Overseen, Denied> {
    let token = visitor
        .session
        .as_ref()
        .map(crate::people::Secret::form_token);
    match (directory.oversee(&visitor.viewer), token) {
        (Ok((agencies, health)), Some(token)) => Ok(Overseen {
            agencies,
            health,
            token,
        }),
        _ => Err(Denied::of(visitor)),
    }
}

async fn overview(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    match overseen(&directory, &visitor) {
        Ok(seen) => overview::Page::of(&directory, &seen, Part::asked(&query)).response(),
        Err(denied) => denied.response(),
    }
}

async fn enrol(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    body: Bytes,
) -> Response {
    let typed = Fields::read(&body);
    let token = match overseen(&directory, &visitor) {
        Ok(seen) if seen.token == typed.value("token") => {
            act::enrol(&directory, &visitor, &typed).await
        }
        Ok(_) => Err(act::old_form()),
        Err(denied) => return denied.keeping("/operator/enrol".to_owned(), &typed),
    };
    match overseen(&directory, &visitor) {
        Ok(seen) => overview::Page::of(&directory, &seen, Part::asked(&Fields::default()))
            .with(&typed, token)
            .response(),
        Err(denied) => denied.response(),
    }
}

async fn agency(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let told = Done::parse(query.value("done")).map_or(Told::Nothing, Told::Done);
    one(&directory, &visitor, &id, told)
}

async fn decide(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let Ok(agency) = AgencyId::parse(&id) else {
        return render(StatusCode::NOT_FOUND, &NotFound);
    };
    let typed = Fields::read(&body);
    let done = match overseen(&directory, &visitor) {
        Ok(seen) if seen.token == typed.value("token") => {
            act::decide(&directory, &visitor, agency, &typed).await
        }
        Ok(_) => Err(act::old_form()),
        Err(denied) => return denied.keeping(format!("/operator/agency/{id}"), &typed),
    };
    match done {
        // A page that is loaded again does nothing twice.
        Ok(Outcome::Done(done)) => to(&format!("/operator/agency/{id}?done={}", done.as_str())),
        Ok(Outcome::Invited(token)) => one(&directory, &visitor, &id, Told::Invited(token)),
        Err(fault) => one(&directory, &visitor, &id, Told::Fault(fault, typed)),
    }
}

/// The page of one agency.
fn one(directory: &Directory, visitor: &Visitor, id: &str, told: Told) -> Response {
    let seen = match overseen(directory, visitor) {
        Ok(seen) => seen,
        Err(denied) => return denied.response(),
    };
    let of = seen.agencies.iter().find(|of| of.agency.as_str() == id);
    match of {
        Some(of) => {
            let status = told.status();
            let looks = act::person(directory, visitor).unwrap_or_default();
            let page = agency::Page::of(directory, of, (&seen.token, &looks), told);
            render(status, &page)
        }
        None => render(StatusCode::NOT_FOUND, &NotFound),
    }
}
