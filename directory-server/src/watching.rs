//! The task that looks for alerts and sends the digest of new ones.
//!
//! Nothing waits for it: what cannot be looked for or sent is tried again at the next look, said in the log, on the
//! page of alerts and in the metrics.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use referral_runtime::causes::one_line;
use referral_runtime::mail::{Letter, Mailer};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::operations::{Alerts, Directory, Standing, Watched};

/// Most new alerts that a digest tells in full.
const TOLD: usize = 50;

/// How often to look, and when to send.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What is watched.
    pub watched: Watched,
    /// How often it is looked.
    pub every: Duration,
    /// The least time between two digests.
    pub digest: Duration,
    /// Who sends it; `None`: nobody.
    pub mailer: Option<Mailer>,
}

/// Looks for alerts until `stop` is cancelled.
pub async fn watch(directory: Arc<Directory>, plan: Plan, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = look(&directory, &plan) => {}
            () = stop.cancelled() => return,
        }
        tokio::select! {
            () = tokio::time::sleep(plan.every) => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn look(directory: &Arc<Directory>, plan: &Plan) {
    let watching = directory.watching();
    let alerts = match directory.look_for_alerts(&plan.watched).await {
        Ok(alerts) => alerts,
        Err(error) => {
            watching.looks_failed.fetch_add(1, Ordering::Relaxed);
            let why = one_line(&error);
            warn!(error.type = error.code(), "it was not looked for alerts: {why}");
            return;
        }
    };
    for missed in &alerts.missed {
        warn!(error.type = "alerts_missed", "some alerts were not looked for: {missed}");
    }
    let Some(mailer) = &plan.mailer else {
        return;
    };
    let now = directory.now();
    let Some(letter) = digest(&alerts, directory.last_digest(), plan.digest, now) else {
        return;
    };
    match mailer.send(&letter).await {
        Ok(()) => {
            watching.digests_sent.fetch_add(1, Ordering::Relaxed);
            info!("a digest of alerts was sent");
            if let Err(error) = directory.alerts_told(&alerts, now) {
                let why = one_line(&error);
                warn!(error.type = "alerts_kept", "a digest may be sent again: {why}");
            }
        }
        Err(error) => {
            watching.digests_failed.fetch_add(1, Ordering::Relaxed);
            let why = one_line(&error);
            warn!(error.type = error.code(), "the digest of alerts could not be sent: {why}");
        }
    }
}

/// The letter about what is new; `None` where nothing is, or the last one was sent too lately.
fn digest(
    alerts: &Alerts,
    last: Option<Timestamp>,
    pause: Duration,
    now: Timestamp,
) -> Option<Letter> {
    let new: Vec<&Standing> = alerts.standing.iter().filter(|alert| !alert.told).collect();
    let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX);
    let lately = last.is_some_and(|last| now.duration_since(last) < pause);
    if new.is_empty() || lately {
        return None;
    }
    let number = match new.len() {
        1 => "1 new alert".to_owned(),
        number => format!("{number} new alerts"),
    };
    let mut body = format!("{number}, {} standing in all.\n", alerts.standing.len());
    for alert in new.iter().take(TOLD) {
        put(
            &mut body,
            format_args!("\n{}\n{}\n", alert.title, alert.text),
        );
    }
    if let Some(more) = new.len().checked_sub(TOLD).filter(|more| *more > 0) {
        put(&mut body, format_args!("\nand {more} more\n"));
    }
    body.push_str("\nAll of them: the page /coverage/alerts of the directory.\n");
    Some(Letter {
        subject: format!("Referral directory: {number}"),
        body,
    })
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let written = text.write_fmt(arguments);
    debug_assert!(written.is_ok(), "a string takes whatever is written");
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(hours * 3_600).unwrap()
    }

    fn alerts(told: &[bool]) -> Alerts {
        let standing = told.iter().enumerate().map(|(number, told)| Standing {
            key: number.to_string(),
            code: "agency_silent",
            title: format!("Agency {number} is silent"),
            text: "Call it.".to_owned(),
            since: at(0),
            told: *told,
            size: 1,
        });
        Alerts {
            looked_at: Some(at(0)),
            standing: standing.collect(),
            missed: Vec::new(),
        }
    }

    #[test]
    fn a_digest_tells_what_is_new_and_how_much_stands() {
        let letter = digest(&alerts(&[true, false]), None, DAY, at(0)).unwrap();

        assert_eq!(letter.subject, "Referral directory: 1 new alert");
        assert!(letter.body.starts_with("1 new alert, 2 standing in all.\n"));
        assert!(letter.body.contains("Agency 1 is silent\nCall it."));
        assert!(!letter.body.contains("Agency 0"));
    }

    #[test]
    fn nothing_new_is_no_digest_and_nor_is_one_too_soon() {
        assert_eq!(digest(&alerts(&[true]), None, DAY, at(0)), None);
        assert_eq!(digest(&alerts(&[false]), Some(at(0)), DAY, at(23)), None);
        assert!(digest(&alerts(&[false]), Some(at(0)), DAY, at(24)).is_some());
    }

    #[test]
    fn a_long_digest_ends_with_how_many_more() {
        let letter = digest(&alerts(&[false; 60]), None, DAY, at(0)).unwrap();

        assert!(letter.body.contains("\nand 10 more\n"));
    }
}
