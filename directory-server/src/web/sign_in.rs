//! Signing in and out, taking up an invitation, and what one is signed in as.
//!
//! Every form here carries a token that its page was given with a cookie: another site can send neither. Nothing
//! says which accounts there are.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use referral_core::policy::Role;
use referral_runtime::tls::random;
use referral_runtime::web::{Fields, cookie, end_cookie, set_cookie};

use super::render;
use super::visitor::{SESSION, Visitor};
use crate::operations::Directory;
use crate::people::{InvalidPassword, Password, Secret, SignInRefused};
use crate::say;

/// The cookie that goes with the forms of people who are not signed in.
const FORM: &str = "__Host-form";
/// The cookie that says which way to the provider and back is this browser's.
const WAY: &str = "__Host-way";

/// The pages.
pub(super) fn routes() -> Router<Arc<Directory>> {
    Router::new()
        .route("/sign-in", get(form).post(sign_in))
        .route("/sign-in/provider", get(to_provider))
        .route("/sign-in/back", get(back))
        .route("/sign-out", post(sign_out))
        .route("/welcome", get(welcome).post(accept))
        .route("/account", get(account))
}

/// `sign_in.html`.
#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    fault: Option<String>,
    name: String,
    token: String,
    provider: bool,
}

/// `welcome.html`.
#[derive(Template)]
#[template(path = "welcome.html")]
struct WelcomePage {
    fault: Option<String>,
    name: Option<String>,
    invitation: String,
    token: String,
}

/// `account.html`.
#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    role: String,
    account: String,
    is_operator: bool,
    fresh: bool,
    token: String,
}

async fn form(State(directory): State<Arc<Directory>>) -> Response {
    let page = SignInPage {
        fault: None,
        name: String::new(),
        token: new_token(),
        provider: directory.provider().is_some(),
    };
    with_form_cookie(render(StatusCode::OK, &page), &page.token)
}

async fn sign_in(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let typed = Fields::read(&body);
    let done = if is_ours(&headers, &typed) {
        let password = Password::typed(typed.value("password"));
        let people = directory.people();
        people
            .sign_in(typed.value("name"), password, visitor.from)
            .await
    } else {
        Err(SignInRefused::Failed)
    };
    match done {
        Ok(session) => signed_in(&session),
        Err(refused) => {
            let page = SignInPage {
                fault: Some(sentence(refused)),
                name: typed.value("name").to_owned(),
                token: new_token(),
                provider: directory.provider().is_some(),
            };
            with_form_cookie(render(status_of(refused), &page), &page.token)
        }
    }
}

async fn to_provider(State(directory): State<Arc<Directory>>) -> Response {
    let Some(provider) = directory.provider() else {
        return to("/sign-in");
    };
    match provider.begin().await {
        Ok((address, state)) => {
            let mut response = to(address.as_str());
            set_cookie(&mut response, WAY, &state);
            response
        }
        Err(error) => {
            tracing::error!(error.type = error.code(), "the provider cannot be reached: {error}");
            refused_at_provider(&directory, SignInRefused::Failed)
        }
    }
}

async fn back(
    State(directory): State<Arc<Directory>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let (code, state) = (query.value("code"), query.value("state"));
    let own = cookie(&headers, WAY).is_some_and(|own| !own.is_empty() && own == state);
    if !own || code.is_empty() {
        return refused_at_provider(&directory, SignInRefused::Failed);
    }
    match directory.sign_in_with_provider(code, state).await {
        Ok(session) => signed_in(&session),
        Err(refused) => refused_at_provider(&directory, refused),
    }
}

async fn sign_out(
    State(directory): State<Arc<Directory>>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let typed = Fields::read(&body);
    if let Some(session) = &visitor.session {
        if typed.value("token") != session.form_token() {
            return to("/account");
        }
        if let (Some(account), "yes") = (&visitor.viewer.account, typed.value("everywhere")) {
            directory.people().sign_out_everywhere(account);
        }
    }
    if let Some(cookie) = cookie(&headers, SESSION) {
        directory.people().sign_out(cookie);
    }
    let mut response = to("/");
    end_cookie(&mut response, SESSION);
    let clear = HeaderValue::from_static("\"cache\", \"cookies\", \"storage\"");
    let name = HeaderName::from_static("clear-site-data");
    response.headers_mut().insert(name, clear);
    response
}

async fn welcome(State(directory): State<Arc<Directory>>, RawQuery(query): RawQuery) -> Response {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    welcome_page(&directory, query.value("invitation"), None)
}

async fn accept(
    State(directory): State<Arc<Directory>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let typed = Fields::read(&body);
    let invitation = typed.value("invitation");
    if !is_ours(&headers, &typed) {
        let fault = (StatusCode::BAD_REQUEST, say("form-too-old"));
        return welcome_page(&directory, invitation, Some(fault));
    }
    let invited = directory.people().invited(invitation);
    let Some((_, name)) = invited else {
        return welcome_page(&directory, invitation, None);
    };
    if typed.value("password") != typed.value("again") {
        let fault = say("password-differs");
        return welcome_page(
            &directory,
            invitation,
            Some((StatusCode::BAD_REQUEST, fault)),
        );
    }
    let password = match Password::new(typed.value("password"), name.as_str()) {
        Ok(password) => password,
        Err(why) => {
            let fault = match why {
                InvalidPassword::Length => say("password-wrong-length"),
                InvalidPassword::Guessable => say("password-guessable"),
            };
            return welcome_page(
                &directory,
                invitation,
                Some((StatusCode::BAD_REQUEST, fault)),
            );
        }
    };
    match directory.accept_invitation(invitation, password).await {
        Ok(session) => signed_in(&session),
        Err(refused) => {
            let fault = Some((status_of(refused), sentence(refused)));
            welcome_page(&directory, invitation, fault)
        }
    }
}

fn welcome_page(
    directory: &Directory,
    invitation: &str,
    fault: Option<(StatusCode, String)>,
) -> Response {
    let invited = directory.people().invited(invitation);
    let status = match (&fault, &invited) {
        (Some((status, _)), _) => *status,
        (None, Some(_)) => StatusCode::OK,
        (None, None) => StatusCode::NOT_FOUND,
    };
    let page = WelcomePage {
        fault: fault.map(|(_, text)| text),
        name: invited.map(|(_, name)| name.as_str().to_owned()),
        invitation: invitation.to_owned(),
        token: new_token(),
    };
    with_form_cookie(render(status, &page), &page.token)
}

async fn account(Extension(visitor): Extension<Visitor>) -> Response {
    let (Some(role), Some(session)) = (visitor.role_words(), &visitor.session) else {
        return to("/sign-in");
    };
    let account = visitor.viewer.account.as_ref();
    let page = AccountPage {
        role,
        account: account.map(ToString::to_string).unwrap_or_default(),
        is_operator: visitor.viewer.role == Role::Operator,
        fresh: visitor.viewer.fresh,
        token: session.form_token(),
    };
    render(StatusCode::OK, &page)
}

fn refused_at_provider(directory: &Directory, refused: SignInRefused) -> Response {
    let page = SignInPage {
        fault: Some(sentence(refused)),
        name: String::new(),
        token: new_token(),
        provider: directory.provider().is_some(),
    };
    with_form_cookie(render(status_of(refused), &page), &page.token)
}

/// To the search page, with the session.
fn signed_in(session: &Secret) -> Response {
    let mut response = to("/");
    set_cookie(&mut response, SESSION, &session.reveal());
    end_cookie(&mut response, FORM);
    end_cookie(&mut response, WAY);
    response
}

fn status_of(refused: SignInRefused) -> StatusCode {
    match refused {
        SignInRefused::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
        SignInRefused::Failed => StatusCode::BAD_REQUEST,
        SignInRefused::Wrong | SignInRefused::NotInvited | SignInRefused::Invitation => {
            StatusCode::FORBIDDEN
        }
    }
}

fn sentence(refused: SignInRefused) -> String {
    match refused {
        SignInRefused::Wrong => say("refused-wrong"),
        SignInRefused::TooMany(_) => say("refused-too-many"),
        SignInRefused::Invitation => say("refused-invitation"),
        SignInRefused::NotInvited => say("refused-not-invited"),
        SignInRefused::Failed => say("refused-failed"),
    }
}

/// Whether a form is of a page that this browser was given.
fn is_ours(headers: &HeaderMap, typed: &Fields) -> bool {
    let own = cookie(headers, FORM).unwrap_or_default();
    own.len() == 64 && own == typed.value("token")
}

fn new_token() -> String {
    // Without randomness no form is ours, and nobody signs in.
    let bytes: Result<[u8; 32], _> = random();
    bytes.map_or_else(
        |_| String::new(),
        |bytes| referral_core::id::Hash::of(&[&bytes]).to_string(),
    )
}

fn with_form_cookie(mut response: Response, token: &str) -> Response {
    set_cookie(&mut response, FORM, token);
    response
}

/// Another page, to be asked for with GET.
pub(super) fn to(address: &str) -> Response {
    match HeaderValue::from_str(address) {
        Ok(address) => (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
