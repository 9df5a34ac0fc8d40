//! The daemon's task: looks at what goes stale, and sends what is due.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Mailer, NotSent};
use crate::operations::{MailStanding, Node};
use crate::reminder::{Expiring, Told, due, letter};
use referral_runtime::causes::one_line;

/// How often it is looked whether something is due.
const LOOK: Duration = Duration::from_mins(5);
/// The longest that a letter which could not be sent waits for the next try.
const LONGEST: Duration = Duration::from_hours(1);

/// Sends reminders until `stop` is cancelled. Nothing waits for it: a mail that cannot be sent is tried
/// again, and [`Node::mail`] says why.
///
/// * `back_off` — how long the first failure waits; doubled by each that follows.
pub async fn remind(node: Arc<Node>, mailer: Mailer, back_off: Duration, stop: CancellationToken) {
    let mut told = match Told::open(node.data_dir().path()) {
        Ok(told) => told,
        Err(error) => {
            let problem = format!("what was told already cannot be read: {error}");
            warn!(error.type = "reminders", "no reminders are sent: {problem}");
            stands(&node, &mailer, |standing| standing.problem = problem);
            return;
        }
    };
    stands(&node, &mailer, |_| {});
    let mut wait = back_off;
    loop {
        let pause = match look(&node, &mailer, &mut told, &stop).await {
            Look::Stopped => return,
            Look::Done => {
                wait = back_off;
                LOOK
            }
            Look::Failed(failure) => {
                let pause = wait;
                wait = (wait * 2).min(LONGEST);
                failed(&node, &mailer, &failure, pause);
                pause
            }
        };
        tokio::select! {
            () = sleep(pause) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// How one look ended.
enum Look {
    /// There was nothing to send, or it was sent.
    Done,
    Failed(NotSent),
    Stopped,
}

async fn look(
    node: &Arc<Node>,
    mailer: &Mailer,
    told: &mut Told,
    stop: &CancellationToken,
) -> Look {
    let Ok(expiring) = node.run(Node::expiring).await else {
        return Look::Stopped;
    };
    let now = node.clock().now();
    let due = due(&expiring, told.observed(), mailer.zone(), now);
    if due.is_empty() {
        return Look::Done;
    }
    let letter = letter(&due, &node.membership().agency_name, mailer.zone(), now);
    let sent = tokio::select! {
        sent = mailer.send(&letter) => sent,
        () = stop.cancelled() => return Look::Stopped,
    };
    if let Err(failure) = sent {
        return Look::Failed(failure);
    }
    let due: Vec<Expiring> = due.into_iter().cloned().collect();
    sent_now(node, mailer, due.len(), now);
    if let Err(error) = told.keep(&due, &expiring) {
        warn!(error.type = "reminders", "a reminder may be sent again: {error}");
    }
    Look::Done
}

fn sent_now(node: &Node, mailer: &Mailer, reports: usize, now: Timestamp) {
    info!(
        referral.agency.id = %node.membership().agency,
        "a reminder of {reports} reports was sent"
    );
    stands(node, mailer, |standing| {
        standing.last_sent = Some(now);
        standing.problem.clear();
    });
}

fn failed(node: &Node, mailer: &Mailer, failure: &NotSent, pause: Duration) {
    let (text, seconds) = (one_line(failure), pause.as_secs_f64());
    warn!(
        referral.agency.id = %node.membership().agency,
        error.type = failure.code(),
        "a reminder could not be sent: {text}; next try in {seconds:.1} s"
    );
    stands(node, mailer, |standing| {
        standing.problem = format!("{text}; next try in {seconds:.1} s");
    });
}

fn stands(node: &Node, mailer: &Mailer, change: impl FnOnce(&mut MailStanding)) {
    node.mail().send_modify(|standing| {
        let standing = standing.get_or_insert_default();
        standing.recipients = mailer.recipients();
        change(standing);
    });
}
