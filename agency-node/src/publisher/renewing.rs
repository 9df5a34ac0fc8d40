//! Renewing the node's certificate while it runs, without a word to the stream that is open.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rand::RngExt;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::identity::{RenewError, renew};
use crate::operations::Node;
use referral_runtime::causes::one_line;

/// How often the node looks whether it is time.
const LOOK: Duration = Duration::from_mins(1);
/// The longest the node waits after it was refused. After it failed to reach the directory it looks again.
const REFUSED: Duration = Duration::from_mins(30);
/// How far this machine's clock and the directory's may be apart before people are told.
const CLOCKS_APART: SignedDuration = SignedDuration::from_mins(5);
/// The share of a certificate's life after which a session that begins has it renewed first.
pub(super) const DUE: f64 = 0.55;

/// Renews the certificate at half its life, more or less by a tenth, until `stop` is cancelled.
pub async fn renew_on_time(node: Arc<Node>, stop: CancellationToken) {
    let share = rand::rng().random_range(0.45..=DUE);
    let mut wait = Duration::ZERO;
    while stop.run_until_cancelled(sleep(wait)).await.is_some() {
        wait = match renew_if_due(&node, share).await {
            Ok(()) => LOOK,
            Err(RenewError::Refused { .. }) => REFUSED,
            Err(_) => LOOK.mul_f64(rand::rng().random_range(1.0..=5.0)),
        };
    }
}

/// Renews the certificate if this share of its life is over, or the directory did not take it.
///
/// # Errors
/// [`RenewError`]; it was logged.
pub(super) async fn renew_if_due(node: &Arc<Node>, share: f64) -> Result<(), RenewError> {
    let _one_at_a_time = node.renewing().lock().await;
    if !node.renewal_is_due(share) {
        return Ok(());
    }
    let agency = &node.membership().agency;
    let renewed = renew(node.data_dir().path(), Arc::clone(node.clock())).await;
    let renewed = renewed.inspect_err(|error| {
        warn!(
            referral.agency.id = %agency,
            error.type = error.code(),
            "the certificate of agency {agency} was not renewed: {}", one_line(error)
        );
    })?;
    let own = node.clock().now();
    tell_of_clocks(own, renewed.directory_now);
    info!(
        referral.agency.id = %agency,
        "agency {agency} has a new certificate, good until {}", renewed.leaf.not_after
    );
    node.take_certificate(renewed, own);
    Ok(())
}

fn tell_of_clocks(own: Timestamp, directory: Timestamp) {
    let apart = own.duration_since(directory);
    if apart.abs() > CLOCKS_APART {
        warn!(
            "this machine's clock says {own:.0} and the directory's says {directory:.0}: set the one that is wrong"
        );
    }
}
