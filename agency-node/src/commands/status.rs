//! `agency-node status`: how the node stands, and what its people should look at.

use std::fmt::Write;
use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use referral_core::capacity::{Draft, State, Ttl};
use referral_runtime::clock::Clock;
use referral_runtime::exit::Exit;
use referral_runtime::paint::Tone;
use serde_json::{Value, json};

use super::Data;
use super::exit::coded;
use super::output::{instant, lines, print, print_json, since, table};
use super::remind::reminder;
use super::verify;
use crate::control::Handle;
use crate::operations::{MailStanding, Rejection, Status};
use crate::outbox::DELETION_HELD;
use crate::outbox::codec::Notice;
use crate::reminder::{Expiring, ageing_line};

/// Show how the node stands: what waits, what the directory refused, and what it has to say
#[derive(Args, Debug)]
#[command(after_help = EXAMPLE)]
pub(super) struct StatusCommand {
    #[command(flatten)]
    data: Data,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

const EXAMPLE: &str = "\
Example:
  agency-node status --data ./node
  agency-node status --data ./node --json | jq .rejections";

impl StatusCommand {
    pub(super) async fn run(self, clock: Arc<dyn Clock>) -> anyhow::Result<Exit> {
        let handle = coded(Handle::open(&self.data.directory, &clock).await)?;
        let status = coded(handle.status().await)?;
        let running = handle.is_running();
        let now = clock.now();
        if self.json {
            print_json(&document(&status, running, now))?;
        } else {
            print(&text(&status, running, now))?;
        }
        Ok(Exit::Done)
    }
}

fn document(status: &Status, running: bool, now: Timestamp) -> Value {
    let rejections = status.rejections.iter().map(rejection);
    let notices = status.notices.iter().map(notice);
    let capacity = status.capacity.iter().map(capacity);
    let pending = status.pending_since.map(|at| now.duration_since(at));
    let expiring = status.expiring.iter().map(|one| expiring(one, now));
    let mail = status.mail.as_ref().map(mail_document);
    json!({
        "agency": { "id": status.agency.as_str(), "name": status.agency_name },
        "directory": status.directory,
        "running": running,
        "connected": status.link.connected,
        "last_heard": status.link.last_heard.map(instant),
        "problem": status.link.problem,
        "organizations": status.organizations,
        "locations": status.locations,
        "services": status.services,
        "queued": status.queued,
        "acknowledged": status.acknowledged,
        "capacity_pending": status.capacity_pending,
        "pending_since": status.pending_since.map(instant),
        "pending_for_seconds": pending.map(|since| since.as_secs().max(0)),
        "rejections": rejections.collect::<Vec<_>>(),
        "notices": notices.collect::<Vec<_>>(),
        "certificate_expires": instant(status.certificate_expires),
        "capacity": capacity.collect::<Vec<_>>(),
        "expiring": expiring.collect::<Vec<_>>(),
        "ageing": {
            "services": status.ageing.services,
            "old": status.ageing.old,
            "archived": status.ageing.archived,
            "next_old_at": status.ageing.next_old_at.map(instant),
        },
        "mail": mail,
        "conflicts": status.conflicts,
        "not_ours": status.not_ours.iter().map(rejection).collect::<Vec<_>>(),
        "deletions_held": status.deletions_held,
        "verification": status.verification.as_ref().map(verify::document),
    })
}

fn expiring(one: &Expiring, now: Timestamp) -> Value {
    json!({
        "service_id": one.about.service.as_str(),
        "location_id": one.about.location.as_ref().map(ToString::to_string),
        "name": one.title,
        "stale_at": instant(one.stale_at),
        "is_stale": one.is_stale(now),
        "to_confirm": one.tell_at() <= now,
    })
}

fn mail_document(mail: &MailStanding) -> Value {
    json!({
        "recipients": mail.recipients,
        "last_sent": mail.last_sent.map(instant),
        "problem": mail.problem,
    })
}

fn rejection(rejection: &Rejection) -> Value {
    let refusal = &rejection.refusal;
    json!({
        "kind": rejection.kind.as_str(),
        "id": rejection.id.as_str(),
        "what": what(rejection),
        "field": refusal.field,
        "code": refusal.code,
        "reason": refusal.text,
    })
}

fn notice(notice: &Notice) -> Value {
    json!({
        "at": at(notice),
        "code": notice.code,
        "text": notice.text,
        "id": notice.local_id,
    })
}

fn capacity(draft: &Draft) -> Value {
    let counts = draft.counts.iter().map(|count| {
        json!({
            "unit": count.unit.as_str(),
            "available": count.available,
            "maximum": count.maximum,
        })
    });
    json!({
        "service_id": draft.service.as_str(),
        "location_id": draft.location.as_ref().map(ToString::to_string),
        "state": State::from(draft.state).as_str(),
        "counts": counts.collect::<Vec<_>>(),
        "waitlist_count": draft.waitlist_count,
        "reopens_on": draft.reopens_at.map(|day| day.to_string()),
        "observed_at": instant(draft.observed_at),
        "ttl_seconds": draft.ttl.map(Ttl::seconds),
    })
}

fn text(status: &Status, running: bool, now: Timestamp) -> String {
    let mut text = String::new();
    let link = match (running, &status.link) {
        (false, _) => Tone::Care.paint("not running; `agency-node run` starts it"),
        (true, link) if link.connected => Tone::Good.paint("connected"),
        (true, link) if link.problem.is_empty() => Tone::Care.paint("connecting"),
        (true, link) => Tone::Bad.paint(&format!("not connected: {}", link.problem)),
    };
    let ago = |at| format!("{}, {} ago", instant(at), since(at, now));
    let heard = status.link.last_heard.map_or("never".to_owned(), ago);
    let mut rows = vec![
        (
            "agency",
            format!("{} ({})", status.agency, status.agency_name),
        ),
        ("directory", status.directory.clone()),
        ("node", link),
        ("last heard", heard),
        (
            "publishes",
            format!(
                "{} services, {} locations, {} organizations",
                status.services, status.locations, status.organizations
            ),
        ),
        ("waiting", waiting(status, now)),
        (
            "certificate",
            format!("good until {}", instant(status.certificate_expires)),
        ),
    ];
    rows.extend(
        status
            .mail
            .as_ref()
            .map(|mail| ("reminders", of_mail(mail))),
    );
    for (name, value) in rows {
        let _infallible = writeln!(text, "{name:<12} {value}");
    }
    text.push_str(&decisions(status));
    if let Some(found) = &status.verification {
        let _infallible = write!(text, "\n{}", verify::text(found));
    }
    text.push_str(&refused(&status.rejections));
    text.push_str(&notices(&status.notices));
    if let Some(line) = ageing_line(&status.ageing, &TimeZone::system()) {
        let _infallible = writeln!(text, "{line}");
    }
    text.push_str(&reminder(status, now));
    text
}

/// What the directory has not acknowledged, and for how long.
fn waiting(status: &Status, now: Timestamp) -> String {
    let records = status.queued.saturating_sub(status.acknowledged);
    let reports = status.capacity_pending;
    let Some(at) = status.pending_since else {
        return format!("nothing; {} records acknowledged", status.acknowledged);
    };
    Tone::Care.paint(&format!(
        "{records} records, {reports} capacity reports, since {} ({})",
        since(at, now),
        instant(at)
    ))
}

fn of_mail(mail: &MailStanding) -> String {
    let to = match mail.recipients {
        1 => "by mail to 1 address".to_owned(),
        n => format!("by mail to {n} addresses"),
    };
    let sent = mail.last_sent.map(|at| format!(", last {}", instant(at)));
    match mail.problem.as_str() {
        "" => format!("{to}{}", sent.unwrap_or_default()),
        problem => Tone::Bad.paint(&format!("NOT SENT: {problem}")),
    }
}

/// What waits for somebody's decision.
fn decisions(status: &Status) -> String {
    let mut text = String::new();
    if status.conflicts > 0 {
        let records = status.conflicts;
        let _infallible = write!(
            text,
            "\nconflicts: {records}, of which the directory's version is shown; `agency-node conflicts` lists them\n"
        );
    }
    if status.deletions_held > 0 {
        let _infallible = write!(
            text,
            "\n{} deletions wait for a second person at the directory\n",
            status.deletions_held
        );
    }
    if !status.not_ours.is_empty() {
        let mut rows = table(&["what", "id", "why"]);
        for one in &status.not_ours {
            rows.add_row([what(one), one.id.to_string(), one.refusal.text.clone()]);
        }
        let _infallible = write!(
            text,
            "\nshown in this agency's name and not published by this node: {}; ask the directory's operator\n{}",
            status.not_ours.len(),
            lines(&rows)
        );
    }
    text
}

fn refused(rejections: &[Rejection]) -> String {
    let held = |one: &&Rejection| one.refusal.code == DELETION_HELD;
    let rejections: Vec<&Rejection> = rejections.iter().filter(|one| !held(one)).collect();
    if rejections.is_empty() {
        return String::new();
    }
    let mut rows = table(&["what", "id", "field", "why"]);
    for rejection in &rejections {
        let Rejection { id, refusal, .. } = rejection;
        let why = &refusal.text;
        rows.add_row([
            what(rejection),
            id.to_string(),
            refusal.field.clone(),
            why.clone(),
        ]);
    }
    let title = format!("refused by the directory: {}", rejections.len());
    format!("\n{}\n{}", Tone::Bad.paint(&title), lines(&rows))
}

fn notices(notices: &[Notice]) -> String {
    if notices.is_empty() {
        return String::new();
    }
    let mut rows = table(&["when", "about", "notice"]);
    for notice in notices {
        let when = at(notice).unwrap_or_default();
        rows.add_row([when, notice.local_id.clone(), notice.text.clone()]);
    }
    format!("\nnotices: {}\n{}", notices.len(), lines(&rows))
}

fn what(rejection: &Rejection) -> String {
    match rejection.refusal.cseq {
        0 => rejection.kind.to_string(),
        _ => "capacity".to_owned(),
    }
}

fn at(notice: &Notice) -> Option<String> {
    Timestamp::from_microsecond(notice.at_us).ok().map(instant)
}

#[cfg(test)]
mod tests {
    use referral_core::id::AgencyId;
    use referral_runtime::paint::plain;

    use super::*;
    use crate::operations::{AgeingCounts, Link};

    fn status() -> Status {
        let at: Timestamp = "2026-05-20T08:00:00Z".parse().unwrap();
        Status {
            verification: None,
            agency: AgencyId::parse("harbor").unwrap(),
            agency_name: "Harbor House".to_owned(),
            directory: "https://directory.example".to_owned(),
            link: Link {
                last_heard: Some(at),
                ..Link::default()
            },
            organizations: 1,
            locations: 1,
            services: 3,
            queued: 12,
            acknowledged: 9,
            capacity_pending: 2,
            pending_since: Some(at),
            rejections: vec![],
            notices: vec![],
            certificate_expires: at,
            capacity: vec![],
            expiring: vec![],
            ageing: AgeingCounts::default(),
            conflicts: 0,
            not_ours: vec![],
            deletions_held: 0,
            mail: Some(MailStanding {
                recipients: 2,
                ..MailStanding::default()
            }),
        }
    }

    #[test]
    fn a_node_that_was_offline_for_weeks_says_since_when_things_wait() {
        let now: Timestamp = "2026-06-01T08:00:00Z".parse().unwrap();

        let text = plain(&text(&status(), true, now));
        let json = document(&status(), true, now);

        for line in [
            "waiting      3 records, 2 capacity reports, since 12 days (2026-05-20T08:00:00Z)",
            "last heard   2026-05-20T08:00:00Z, 12 days ago",
            "reminders    by mail to 2 addresses",
        ] {
            assert!(text.contains(line), "{text}");
        }
        assert_eq!(json["pending_since"], "2026-05-20T08:00:00Z");
        assert_eq!(json["pending_for_seconds"], 12 * 86_400);
    }

    #[test]
    fn a_node_of_which_everything_is_acknowledged_says_so() {
        let status = Status {
            acknowledged: 12,
            capacity_pending: 0,
            pending_since: None,
            ..status()
        };
        let now: Timestamp = "2026-06-01T08:00:00Z".parse().unwrap();

        let text = plain(&text(&status, true, now));

        assert!(
            text.contains("waiting      nothing; 12 records acknowledged\n"),
            "{text}"
        );
    }
}
