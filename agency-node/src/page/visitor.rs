//! Who looks at a page: whoever the session's cookie says, or nobody.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use referral_runtime::accounts::Secret;
use referral_runtime::web::{cookie, end_cookie, set_cookie, set_plain_cookie};
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};

use super::{House, sign_in, to};
use crate::people::Person;

/// The names of the cookies, and how they are set.
#[derive(Clone, Debug)]
pub(super) struct Cookies {
    session: String,
    form: String,
    secure: bool,
}

impl Cookies {
    /// Over TLS the prefix makes browsers keep a cookie to this host. Without, which is for this machine alone, cookies
    /// do not tell ports apart: their names do.
    pub(super) fn new(port: Option<u16>) -> Self {
        match port {
            None => Self {
                session: "__Host-session".to_owned(),
                form: "__Host-form".to_owned(),
                secure: true,
            },
            Some(port) => Self {
                session: format!("node-session-{port}"),
                form: format!("node-form-{port}"),
                secure: false,
            },
        }
    }

    /// What the browser says of the form it was given before anybody was signed in.
    pub(super) fn form<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        cookie(headers, &self.form)
    }

    pub(super) fn set_form(&self, response: &mut Response, token: &str) {
        self.set(response, &self.form, token);
    }

    pub(super) fn begin(&self, response: &mut Response, session: &Secret) {
        self.set(response, &self.session, &session.reveal());
        end_cookie(response, &self.form);
    }

    pub(super) fn end(&self, response: &mut Response) {
        end_cookie(response, &self.session);
    }

    fn set(&self, response: &mut Response, name: &str, value: &str) {
        if self.secure {
            set_cookie(response, name, value);
        } else {
            set_plain_cookie(response, name, value);
        }
    }
}

/// Who looks at a page.
#[derive(Clone, Debug, Default)]
pub(super) struct Visitor {
    /// Who they are, and their session.
    pub(super) signed_in: Option<SignedIn>,
    /// They had a session, and it has ended by itself.
    pub(super) signed_out: bool,
    /// Where they are: for counting tries to sign in, and nothing else.
    pub(super) from: Option<IpAddr>,
}

/// Somebody who is signed in. Asking for it in a handler sends everybody else to sign in.
#[derive(Clone, Debug)]
pub(super) struct SignedIn {
    pub(super) person: Person,
    pub(super) session: Secret,
}

impl SignedIn {
    /// What their forms carry.
    pub(super) fn token(&self) -> String {
        self.session.form_token()
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let visitor = parts.extensions.get::<Visitor>();
        let signed_in = visitor.and_then(|visitor| visitor.signed_in.clone());
        // A form that was sent too late says so; a page is only asked for again.
        signed_in.ok_or_else(|| match parts.method {
            Method::GET | Method::HEAD => to("/sign-in"),
            _ => to(sign_in::TOO_LATE),
        })
    }
}

/// Puts the [`Visitor`] into every request.
pub(super) async fn identify(
    State(house): State<Arc<House>>,
    mut request: Request,
    next: Next,
) -> Response {
    let cookie = cookie(request.headers(), &house.cookies.session);
    let known = cookie.map(|session| house.node.people().of_session(session));
    let visitor = Visitor {
        signed_out: matches!(known, Some(None)),
        signed_in: known
            .flatten()
            .map(|(person, session)| SignedIn { person, session }),
        from: address(request.extensions()),
    };
    request.extensions_mut().insert(visitor);
    next.run(request).await
}

fn address(of_request: &Extensions) -> Option<IpAddr> {
    let plain = of_request.get::<TcpConnectInfo>();
    let tls = of_request.get::<TlsConnectInfo<TcpConnectInfo>>();
    let info = plain.or(tls.map(TlsConnectInfo::get_ref))?;
    info.remote_addr().map(|address| address.ip())
}
