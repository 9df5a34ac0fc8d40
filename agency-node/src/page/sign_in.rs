//! Signing in and out, and taking up an invitation.
//!
//! Every form here carries a token that its page was given with a cookie: another site can send neither. Nothing
//! says which accounts there are.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use referral_core::id::Hash;
use referral_runtime::accounts::{InvalidPassword, Password, Secret};
use referral_runtime::tls::random;
use referral_runtime::web::Fields;

use super::board::frame::Frame;
use super::late::Late;
use super::visitor::{SignedIn, Visitor};
use super::{House, render, say, stopping, tell, to};
use crate::people::SignInRefused;

/// Where somebody comes to whose form was sent after their session had ended.
pub(super) const TOO_LATE: &str = "/sign-in?late=yes";

/// The pages.
pub(super) fn routes() -> Router<Arc<House>> {
    Router::new()
        .route("/sign-in", get(form).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/welcome", get(welcome).post(accept))
        .route("/account", get(account))
}

/// `sign_in.html`.
#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    fault: Option<String>,
    notice: Option<String>,
    name: String,
    /// What they sent too late.
    late: Option<Late>,
    token: String,
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
    frame: Frame,
    name: String,
    organization: Option<String>,
    token: String,
}

async fn form(
    State(house): State<Arc<House>>,
    Extension(visitor): Extension<Visitor>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let late = Late::read(&query);
    let number = late.as_ref().and_then(Late::number);
    let notice = match (query.value("late"), number, visitor.signed_out) {
        ("yes", Some(number), _) => Some(tell("signed-out-typed", &[("number", number.into())])),
        ("yes", None, _) => Some(say("signed-out-late")),
        (_, _, true) => Some(say("signed-out")),
        _ => None,
    };
    let page = SignInPage {
        fault: None,
        notice,
        name: String::new(),
        late,
        token: new_token(),
    };
    let answer = render(StatusCode::OK, &page);
    with_form_cookie(&house, answer, &page.token)
}

async fn sign_in(
    State(house): State<Arc<House>>,
    Extension(visitor): Extension<Visitor>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let typed = Fields::read(&body);
    let done = if is_ours(&house, &headers, &typed) {
        let password = Password::typed(typed.value("password"));
        let people = house.node.people();
        let name = typed.value("name");
        people.sign_in(name, password, visitor.from).await
    } else {
        Err(SignInRefused::Failed)
    };
    match done {
        Ok(session) => signed_in(&house, &session, Late::read(&typed).as_ref()),
        Err(refused) => {
            let page = SignInPage {
                fault: Some(sentence(refused)),
                notice: None,
                name: typed.value("name").to_owned(),
                late: Late::read(&typed),
                token: new_token(),
            };
            let answer = render(status_of(refused), &page);
            with_form_cookie(&house, answer, &page.token)
        }
    }
}

async fn sign_out(State(house): State<Arc<House>>, who: SignedIn, body: Bytes) -> Response {
    let typed = Fields::read(&body);
    if typed.value("token") != who.token() {
        return to("/account");
    }
    let people = house.node.people();
    if typed.value("everywhere") == "yes" {
        people.sign_out_everywhere(&who.person.name);
    }
    people.sign_out(&who.session);
    let mut response = to("/sign-in");
    house.cookies.end(&mut response);
    let clear = HeaderValue::from_static("\"cache\", \"storage\"");
    let name = HeaderName::from_static("clear-site-data");
    response.headers_mut().insert(name, clear);
    response
}

async fn welcome(State(house): State<Arc<House>>, RawQuery(query): RawQuery) -> Response {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    welcome_page(&house, query.value("invitation"), None)
}

async fn accept(State(house): State<Arc<House>>, headers: HeaderMap, body: Bytes) -> Response {
    let typed = Fields::read(&body);
    let invitation = typed.value("invitation");
    let again =
        |fault: String| welcome_page(&house, invitation, Some((StatusCode::BAD_REQUEST, fault)));
    if !is_ours(&house, &headers, &typed) {
        return again(say("form-too-old"));
    }
    let Some(name) = house.node.people().invited(invitation) else {
        return welcome_page(&house, invitation, None);
    };
    if typed.value("password") != typed.value("again") {
        return again(say("passwords-differ"));
    }
    let password = match Password::new(typed.value("password"), name.as_str()) {
        Ok(password) => password,
        Err(InvalidPassword::Length) => return again(say("password-length")),
        Err(InvalidPassword::Guessable) => return again(say("password-guessable")),
    };
    match house.node.people().accept(invitation, password).await {
        Ok(session) => signed_in(&house, &session, None),
        Err(refused) => {
            let fault = Some((status_of(refused), sentence(refused)));
            welcome_page(&house, invitation, fault)
        }
    }
}

fn welcome_page(house: &House, invitation: &str, fault: Option<(StatusCode, String)>) -> Response {
    let invited = house.node.people().invited(invitation);
    let status = match (&fault, &invited) {
        (Some((status, _)), _) => *status,
        (None, Some(_)) => StatusCode::OK,
        (None, None) => StatusCode::NOT_FOUND,
    };
    let page = WelcomePage {
        fault: fault.map(|(_, text)| text),
        name: invited.map(|name| name.as_str().to_owned()),
        invitation: invitation.to_owned(),
        token: new_token(),
    };
    with_form_cookie(house, render(status, &page), &page.token)
}

async fn account(State(house): State<Arc<House>>, who: SignedIn) -> Response {
    let drawn = house.node.run(move |node| {
        let organization = who.person.organization.as_ref();
        AccountPage {
            frame: Frame::of(&node.desk(&who.person), "account"),
            name: who.person.name.as_str().to_owned(),
            organization: organization.map(ToString::to_string),
            token: who.token(),
        }
    });
    match drawn.await {
        Ok(page) => render(StatusCode::OK, &page),
        Err(_) => stopping(),
    }
}

/// To the list, with the session and what was sent too late.
fn signed_in(house: &House, session: &Secret, late: Option<&Late>) -> Response {
    let list = late.map(|late| format!("/?{}", late.query()));
    let mut response = to(list.as_deref().unwrap_or("/"));
    house.cookies.begin(&mut response, session);
    response
}

fn status_of(refused: SignInRefused) -> StatusCode {
    match refused {
        SignInRefused::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
        SignInRefused::Failed => StatusCode::BAD_REQUEST,
        SignInRefused::Wrong | SignInRefused::Invitation => StatusCode::FORBIDDEN,
    }
}

fn sentence(refused: SignInRefused) -> String {
    match refused {
        SignInRefused::Wrong => say("sign-in-wrong"),
        SignInRefused::TooMany(_) => say("sign-in-too-many"),
        SignInRefused::Invitation => say("invitation-over"),
        SignInRefused::Failed => say("sign-in-failed"),
    }
}

/// Whether a form is of a page that this browser was given.
fn is_ours(house: &House, headers: &HeaderMap, typed: &Fields) -> bool {
    let own = house.cookies.form(headers).unwrap_or_default();
    own.len() == 64 && own == typed.value("token")
}

fn new_token() -> String {
    // Without randomness no form is ours, and nobody signs in.
    let bytes: Result<[u8; 32], _> = random();
    bytes.map_or_else(|_| String::new(), |bytes| Hash::of(&[&bytes]).to_string())
}

fn with_form_cookie(house: &House, mut response: Response, token: &str) -> Response {
    house.cookies.set_form(&mut response, token);
    response
}
