//! Streams on which nothing is said, on a clock that is moved by hand (bad input 53).

use std::time::Duration;

use referral_proto::v1::FenceReason;

use crate::support::records::{organization, service};
use crate::support::{Agency, House, Stream};

/// Less than a ping and its answer may take: neither side takes the other for dead.
const STEP: Duration = Duration::from_secs(5);
/// So many of them are ten minutes.
const TEN_MINUTES: u32 = 120;

/// Time passes. In every step the connections have their turn.
async fn pass(steps: u32, house: &House, speaks: &mut Stream) {
    for _ in 0..steps {
        tokio::time::pause();
        tokio::time::advance(STEP).await;
        tokio::time::resume();
        speaks.beat().await;
        assert_eq!(house.names(""), ["Legal Clinic"]);
    }
}

#[tokio::test]
async fn a_stream_that_says_nothing_for_ten_minutes_is_kept_alive_and_then_closed_politely() {
    let house = House::new().await;
    let (mut silent, other) = (
        Agency::join(&house, "silent").await,
        Agency::join(&house, "other").await,
    );
    let mut stream = silent.stream(&house).await;
    stream.accepted(silent.publish(organization("org"))).await;
    stream
        .accepted(silent.publish(service("legal", "Legal Clinic")))
        .await;
    house.until_found("Legal Clinic").await;
    let mut speaks = other.stream(&house).await;

    pass(TEN_MINUTES - 6, &house, &mut speaks).await;
    stream.beat().await;
    pass(TEN_MINUTES - 6, &house, &mut speaks).await;
    stream.accepted(silent.publish(organization("org"))).await;
    pass(TEN_MINUTES + 6, &house, &mut speaks).await;

    let fence = stream.fenced().await;
    assert_eq!(fence.reason(), FenceReason::Silent);
    assert!(fence.text.ends_with("say hello again"), "{}", fence.text);
    assert!(fence.retry_after_ms > 0, "when");
    let mut again = silent.stream(&house).await;
    again.beat().await;
    speaks.beat().await;
}
