//! Headers on every answer: nothing is framed, sniffed, cached on shared computers or told to others. And headers
//! of requests that no browser sends.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Most bytes of a request's headers, as over HTTP/2.
const REQUEST_BYTES: usize = 16 << 10;

const ALWAYS: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; \
         frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Adds the headers; `no-store` where the page did not say otherwise.
#[must_use]
pub fn protect(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        // A file that is to work alone says what it may do itself.
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Refuses a request with more headers than a browser sends, or for two hosts (RFC 9112, 3.2).
pub async fn sound(request: Request, next: Next) -> Response {
    let headers = request.headers();
    if bytes(headers) > REQUEST_BYTES {
        let text =
            "this request has too many headers, or too long ones: delete this site's cookies";
        return (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, text).into_response();
    }
    if headers.get_all(header::HOST).iter().count() > 1 {
        let text = "this request names two hosts";
        return (StatusCode::BAD_REQUEST, text).into_response();
    }
    next.run(request).await
}

fn bytes(headers: &HeaderMap) -> usize {
    let each = headers.iter();
    each.map(|(name, value)| name.as_str().len() + value.len())
        .sum()
}
