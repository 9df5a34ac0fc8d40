//! Forms of other sites are refused.
//!
//! `Sec-Fetch-Site` decides where the browser sends it; otherwise `Origin` must be this host. Our pages
//! send no referrer, so old browsers say `Origin: null` even for our own form: that passes, since every form
//! that changes something also carries a token that only its own page was given.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header, uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Lets a request pass unless it is a form that another site sends.
pub async fn only(request: Request, next: Next) -> Response {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let authority = request.uri().authority().map(uri::Authority::as_str);
    if safe || is_ours(request.headers(), authority) {
        return next.run(request).await;
    }
    let text = "This form was sent by another site. Start from the search page.\n";
    (StatusCode::FORBIDDEN, text).into_response()
}

/// `authority`: the host as HTTP/2 says it; HTTP/1.1 says it in a header.
fn is_ours(headers: &HeaderMap, authority: Option<&str>) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match text(header::ORIGIN.as_str()) {
        None | Some("null") => true,
        Some(origin) => {
            let from = origin.split_once("://").map(|(_, host)| host);
            from.is_some() && from == authority.or(text(header::HOST.as_str()))
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn ours(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        });
        is_ours(&headers.collect(), None)
    }

    #[test]
    fn a_form_of_another_site_is_not_ours() {
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site"), ("origin", "null")],
            &[
                ("origin", "https://evil.example"),
                ("host", "referral.example"),
            ],
            &[("origin", "?"), ("host", "referral.example")],
        ] {
            assert!(!ours(headers), "{headers:?}");
        }
    }

    #[test]
    fn our_form_is_ours_in_new_and_old_browsers() {
        for headers in [
            &[("sec-fetch-site", "same-origin"), ("origin", "null")][..],
            &[("sec-fetch-site", "none")],
            &[
                ("origin", "https://referral.example"),
                ("host", "referral.example"),
            ],
            &[("origin", "null")],
            &[],
        ] {
            assert!(ours(headers), "{headers:?}");
        }
    }
}
