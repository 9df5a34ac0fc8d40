//! Who looks at a page: whoever the session's cookie or the token says, or anybody.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use referral_core::policy::{Role, Viewer};
use referral_runtime::web::cookie;

use super::live::LIVE;
use crate::operations::Directory;
use crate::people::Secret;
use crate::rpc::viewer::{bearer, peer_address};
use crate::{say, tell};

/// The cookie of a session. The prefix makes browsers keep it to this host, over TLS (or this machine).
pub(super) const SESSION: &str = "__Host-session";

/// Who looks at a page.
#[derive(Clone, Debug, Default)]
pub(super) struct Visitor {
    /// Who they are.
    pub(super) viewer: Viewer,
    /// Their session, where they have one.
    pub(super) session: Option<Secret>,
    /// They had a session, and it has ended by itself.
    pub(super) signed_out: bool,
    /// Where they are: for counting tries to sign in, and nothing else.
    pub(super) from: Option<IpAddr>,
}

impl Visitor {
    /// What they are, in words; none: not signed in.
    pub(super) fn role_words(&self) -> Option<String> {
        Some(match self.viewer.role {
            Role::Public => return None,
            Role::Caseworker => say("role-caseworker"),
            Role::Specialist => say("role-specialist"),
            Role::TaskForce => say("role-task-force"),
            Role::AgencyStaff => say("role-agency-staff"),
            Role::Operator => say("role-operator"),
        })
    }
}

/// Puts the [`Visitor`] into every request. A token that is not good is refused, a session that has ended is
/// no session.
pub(super) async fn identify(
    State(directory): State<Arc<Directory>>,
    mut request: Request,
    next: Next,
) -> Response {
    let from = peer_address(request.extensions());
    let headers = request.headers();
    let mut visitor = match headers.get(header::AUTHORIZATION) {
        None => of_cookie(&directory, headers, request.uri().path() == LIVE),
        Some(value) => {
            let token = value.to_str().ok().and_then(bearer);
            let Some(viewer) = token.and_then(|token| directory.people().of_token(token)) else {
                let text = say("token-refused") + "\n";
                return (StatusCode::UNAUTHORIZED, text).into_response();
            };
            Visitor {
                viewer,
                ..Visitor::default()
            }
        }
    };
    visitor.from = from;
    let role = visitor.role_words();
    request.extensions_mut().insert(visitor);
    ROLE.scope(role, next.run(request)).await
}

tokio::task_local! {
    /// What the visitor is whose request is answered, so that every page says the same at its top.
    static ROLE: Option<String>;
}

/// What the link to the account says: as what somebody is signed in, or that they can.
pub(crate) fn who() -> String {
    let role = ROLE.try_with(Option::clone).ok().flatten();
    match role {
        Some(role) => tell("signed-in-as", &[("role", role.into())]),
        None => say("sign-in"),
    }
}

fn of_cookie(directory: &Directory, headers: &HeaderMap, by_itself: bool) -> Visitor {
    let Some(cookie) = cookie(headers, SESSION) else {
        return Visitor::default();
    };
    let people = directory.people();
    let session = if by_itself {
        people.of_session_unseen(cookie)
    } else {
        people.of_session(cookie)
    };
    match session {
        Some((viewer, session)) => Visitor {
            viewer,
            session: Some(session),
            ..Visitor::default()
        },
        None => Visitor {
            signed_out: true,
            ..Visitor::default()
        },
    }
}
