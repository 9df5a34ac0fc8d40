//! Panics are mistakes of the program: each takes the request or the task with it in which it happens, and nothing else.
//!
//! [`watch`] has every panic counted, and told by its place in the code. [`caught`] answers the request; [`catch`] and
//! [`catch_blocking`] are for tasks and threads that go on. What a panic says is repeated nowhere: it may hold what
//! somebody sent. What it leaves half done is behind locks, and whoever has them next takes it as it is.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use tonic::Status;
use tonic::service::Routes;
use tracing::error;

use crate::web::headers::protect;

/// What whoever asked is told.
const FAILED: &str =
    "this could not be answered: a part of the program failed; try again, and tell who runs it";

static COUNT: AtomicU64 = AtomicU64::new(0);

/// Something ended in a panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a part of the program failed; its log names the place")]
pub struct Panicked;

/// From now on every panic of this process is counted, and logged without what it says.
pub fn watch() {
    set_hook(Box::new(|panic| {
        COUNT.fetch_add(1, Ordering::Relaxed);
        let place = place(panic);
        error!(error.type = "panic", code.location = place, "a part of the program panicked at {place}");
    }));
}

/// How many panics there were since [`watch`].
#[must_use]
pub fn count() -> u64 {
    COUNT.load(Ordering::Relaxed)
}

/// What comes of a future.
///
/// # Errors
/// [`Panicked`].
pub async fn catch<T>(future: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut future = pin!(future);
    poll_fn(|context| {
        let polled = catch_blocking(|| future.as_mut().poll(context));
        polled.map_or(Poll::Ready(Err(Panicked)), |polled| polled.map(Ok))
    })
    .await
}

/// What comes of some work.
///
/// # Errors
/// [`Panicked`].
pub fn catch_blocking<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| Panicked)
}

/// The same routes; a request whose handler panics is answered with an error, as gRPC or as a page.
#[must_use]
pub fn caught(routes: Routes) -> Routes {
    let all = routes.into_axum_router();
    #[cfg(feature = "failpoints")]
    let all = all.layer(from_fn(injected));
    Routes::from(all.layer(from_fn(answered)))
}

async fn answered(request: Request, next: Next) -> Response {
    let kind = request.headers().get(CONTENT_TYPE).cloned();
    let answer = catch(next.run(request)).await;
    answer.unwrap_or_else(|Panicked| failed(kind))
}

fn failed(asked: Option<HeaderValue>) -> Response {
    match asked.filter(|kind| kind.as_bytes().starts_with(b"application/grpc")) {
        // A browser that speaks gRPC-Web is answered in its kind.
        Some(kind) => {
            let mut response = Status::internal(FAILED).into_http();
            response.headers_mut().insert(CONTENT_TYPE, kind);
            response
        }
        None => protect((StatusCode::INTERNAL_SERVER_ERROR, FAILED).into_response()),
    }
}

fn place(panic: &PanicHookInfo<'_>) -> String {
    panic
        .location()
        .map_or_else(|| "a place unknown".to_owned(), ToString::to_string)
}

/// Where a test plans it, the handler of a request with the header `x-panic` panics with that header's value.
#[cfg(feature = "failpoints")]
async fn injected(request: Request, next: Next) -> Response {
    if referral_failpoints::is_on("request.panic")
        && let Some(said) = request.headers().get("x-panic")
    {
        panic!("{said:?}");
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::panic::take_hook;
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::routing::get;
    use tower::ServiceExt;
    use tracing::subscriber::with_default;

    use super::*;

    async fn broken() -> &'static str {
        panic!("210-555-0177")
    }

    async fn asked(path: &str, kind: &str) -> Response {
        let router = Router::new()
            .route("/broken", get(broken))
            .route("/sound", get(async || "sound"));
        let request = Request::get(path).header(CONTENT_TYPE, kind);
        let request = request.body(Body::empty()).unwrap();
        let router = caught(Routes::from(router)).into_axum_router();
        router.oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn a_page_whose_handler_panics_is_an_error_that_says_nothing_of_it() {
        let answer = asked("/broken", "text/plain").await;

        assert_eq!(answer.status(), 500);
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let body = to_bytes(answer.into_body(), 1 << 10).await.unwrap();
        assert_eq!(body, FAILED);
        assert_eq!(asked("/sound", "text/plain").await.status(), 200);
    }

    #[tokio::test]
    async fn a_call_whose_handler_panics_ends_with_internal() {
        for kind in ["application/grpc", "application/grpc-web+proto"] {
            let answer = asked("/broken", kind).await;

            assert_eq!(answer.headers()["grpc-status"], "13", "{kind}");
            assert_eq!(answer.headers()["content-type"], kind);
        }
    }

    #[tokio::test]
    async fn what_does_not_panic_comes_out_of_it() {
        assert_eq!(catch(async { 5 }).await, Ok(5));
        assert_eq!(catch(broken()).await, Err(Panicked));
        assert_eq!(catch_blocking(|| 5), Ok(5));
    }

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_is_counted_and_told_by_its_place_alone() {
        let log = Log::default();
        let writer = log.clone();
        let lines = tracing_subscriber::fmt().with_writer(move || writer.clone());
        let before = count();

        let caught = with_default(lines.finish(), || {
            watch();
            catch_blocking(|| panic!("{}", "210-555-0177"))
        });
        drop(take_hook());

        assert_eq!(caught, Err(Panicked));
        assert!(count() > before);
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(log.contains("panics.rs:"), "{log}");
        assert!(!log.contains("0177"), "{log}");
    }
}
