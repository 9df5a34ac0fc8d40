//! The daemon's task: looks at what goes stale, and at what the directory shows otherwise than it was published, and
//! sends what is due.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Mailer, NotSent};
use crate::operations::{MailStanding, Node, Unsaid};
use crate::reminder::{
    AgeingTold, Differing, Expiring, Letter, Told, ageing_letter, alarm, due, letter,
};
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
    let data = node.data_dir().path();
    let mut told = match Letters::open(data) {
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
    let mut verifying = node.verifying().subscribe();
    loop {
        verifying.mark_unchanged();
        let looked = look_at_all(&node, &mailer, &mut told, &stop).await;
        let pause = match looked {
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
            _ = verifying.changed(), if pause == LOOK => {}
            () = stop.cancelled() => return,
        }
    }
}

/// What letters have told already.
struct Letters {
    reports: Told,
    differing: Differing,
    ageing: AgeingTold,
}

impl Letters {
    fn open(data: &Path) -> io::Result<Self> {
        Ok(Self {
            reports: Told::open(data)?,
            differing: Differing::open(data)?,
            ageing: AgeingTold::open(data)?,
        })
    }
}

/// How one look ended.
enum Look {
    /// There was nothing to send, or it was sent.
    Done,
    Failed(NotSent),
    Stopped,
}

/// Sends what is due, the most urgent first.
async fn look_at_all(
    node: &Arc<Node>,
    mailer: &Mailer,
    told: &mut Letters,
    stop: &CancellationToken,
) -> Look {
    let mut looked = look_at_records(node, mailer, &mut told.differing, stop).await;
    if matches!(looked, Look::Done) {
        looked = look(node, mailer, &mut told.reports, stop).await;
    }
    if matches!(looked, Look::Done) {
        looked = look_at_ages(node, mailer, &mut told.ageing, stop).await;
    }
    looked
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
    let due: Vec<Expiring> = due.into_iter().cloned().collect();
    let sent = send(node, mailer, &letter, stop).await;
    if !matches!(sent, Look::Done) {
        return sent;
    }
    info!(
        referral.agency.id = %node.membership().agency,
        "a reminder of {} reports was sent", due.len()
    );
    if let Err(error) = told.keep(&due, &expiring) {
        warn!(error.type = "reminders", "a reminder may be sent again: {error}");
    }
    Look::Done
}

/// Tells what the last verification found and no letter has told: at any hour, for people may be misled.
async fn look_at_records(
    node: &Arc<Node>,
    mailer: &Mailer,
    differing: &mut Differing,
    stop: &CancellationToken,
) -> Look {
    let Some(found) = node.verifying().borrow().last.clone() else {
        return Look::Done;
    };
    let new = differing.untold(&found);
    if !new.is_empty() {
        let (agency, now) = (&node.membership().agency_name, node.clock().now());
        let letter = alarm(&new, agency, found.at, mailer.zone(), now);
        let sent = send(node, mailer, &letter, stop).await;
        if !matches!(sent, Look::Done) {
            return sent;
        }
        info!(
            referral.agency.id = %node.membership().agency,
            "a letter of {} records that differ was sent", new.len()
        );
    }
    if let Err(error) = differing.keep(&found) {
        warn!(error.type = "reminders", "a difference may be told again: {error}");
    }
    Look::Done
}

/// Tells which services nobody has published again for long.
async fn look_at_ages(
    node: &Arc<Node>,
    mailer: &Mailer,
    told: &mut AgeingTold,
    stop: &CancellationToken,
) -> Look {
    let Ok(unsaid) = node.run(Node::unsaid).await else {
        return Look::Stopped;
    };
    let now = node.clock().now();
    let due = told.due(&unsaid, mailer.zone(), now);
    if due.is_empty() {
        return Look::Done;
    }
    let letter = ageing_letter(&due, &node.membership().agency_name, mailer.zone(), now);
    let due: Vec<Unsaid> = due.into_iter().cloned().collect();
    let sent = send(node, mailer, &letter, stop).await;
    if !matches!(sent, Look::Done) {
        return sent;
    }
    info!(
        referral.agency.id = %node.membership().agency,
        "a letter of {} services that grow old was sent", due.len()
    );
    if let Err(error) = told.keep(&due, &unsaid, now) {
        warn!(error.type = "reminders", "a letter of what grows old may be sent again: {error}");
    }
    Look::Done
}

async fn send(node: &Node, mailer: &Mailer, letter: &Letter, stop: &CancellationToken) -> Look {
    let sent = tokio::select! {
        sent = mailer.send(letter) => sent,
        () = stop.cancelled() => return Look::Stopped,
    };
    if let Err(failure) = sent {
        return Look::Failed(failure);
    }
    let now = node.clock().now();
    stands(node, mailer, |standing| {
        standing.last_sent = Some(now);
        standing.problem.clear();
    });
    Look::Done
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
