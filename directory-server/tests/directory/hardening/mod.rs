//! Those who want the directory to stop: silent connections, floods of HTTP/2, too much of everything.

mod bombs;
mod floods;
mod http2;
mod silent;

use std::time::{Duration, Instant};

use tokio::time::timeout;

use crate::support::House;

/// How soon a search is answered after an attack.
const RECOVERY: Duration = Duration::from_secs(5);

/// A search over a new connection is answered within five seconds; how long it took.
#[expect(clippy::disallowed_methods, reason = "a test that measures")]
async fn searched(house: &House) -> Duration {
    let began = Instant::now();
    let answered = timeout(RECOVERY, house.everything()).await;
    assert!(answered.is_ok(), "no search is answered within 5 s");
    began.elapsed()
}
