//! What stands out: as a page, and as an Atom feed (RFC 4287).

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::words;
use crate::operations::{Alerts, Directory, ago};
use crate::say;
use crate::web::render;

/// Kinds of alerts as the page groups them: by their codes.
const KINDS: [(&str, &str); 5] = [
    ("last_open_gone", "alerts-last-open-gone"),
    ("agency_silent", "alerts-agency-silent"),
    ("dead_ends_rising", "alerts-dead-ends-rising"),
    ("credential_lapses", "alerts-credential-lapses"),
    ("grant_lapses", "alerts-grant-lapses"),
];

/// `coverage_alerts.html`.
#[derive(Template)]
#[template(path = "coverage_alerts.html")]
struct Page {
    looked: Option<(String, String)>,
    missed: Vec<String>,
    kinds: Vec<Kind>,
    total: usize,
}

struct Kind {
    title: String,
    alerts: Vec<Shown>,
}

struct Shown {
    title: String,
    text: String,
    at: String,
    since: String,
}

/// `coverage_alerts.xml`.
#[derive(Template)]
#[template(path = "coverage_alerts.xml")]
struct Feed {
    id: String,
    updated: String,
    entries: Vec<Entry>,
}

struct Entry {
    id: String,
    title: String,
    text: String,
    code: &'static str,
    updated: String,
}

/// Answers with the page.
pub(super) async fn page(State(directory): State<Arc<Directory>>) -> Response {
    let page = Page::of(&directory.alerts(), directory.now());
    render(StatusCode::OK, &page)
}

/// Answers with the feed.
pub(super) async fn feed(State(directory): State<Arc<Directory>>) -> Response {
    match Feed::of(&directory.alerts()).render() {
        Ok(xml) => {
            let kind = "application/atom+xml; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], xml).into_response()
        }
        Err(error) => {
            tracing::error!(error.type = "template", "a feed could not be drawn: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

impl Page {
    fn of(alerts: &Alerts, now: Timestamp) -> Self {
        let kinds = KINDS.map(|(code, key)| {
            let of_kind = alerts.standing.iter().filter(|alert| alert.code == code);
            let of_kind = of_kind.map(|alert| Shown {
                title: alert.title.clone(),
                text: alert.text.clone(),
                at: alert.since.to_string(),
                since: ago(alert.since, now),
            });
            let alerts = of_kind.collect();
            Kind {
                title: say(key),
                alerts,
            }
        });
        Self {
            looked: alerts
                .looked_at
                .map(|at| (at.to_string(), words::moment(at))),
            missed: alerts.missed.clone(),
            kinds: kinds
                .into_iter()
                .filter(|kind| !kind.alerts.is_empty())
                .collect(),
            total: alerts.standing.len(),
        }
    }
}

impl Feed {
    /// An entry has the same id for as long as it stands, and another when it comes back.
    fn of(alerts: &Alerts) -> Self {
        let newest = alerts.standing.iter().map(|alert| alert.since).max();
        let updated = newest.or(alerts.looked_at).unwrap_or(Timestamp::UNIX_EPOCH);
        let entries = alerts.standing.iter().map(|alert| Entry {
            id: urn(&format!("{} {}", alert.key, alert.since)),
            title: alert.title.clone(),
            text: alert.text.clone(),
            code: alert.code,
            updated: alert.since.to_string(),
        });
        Self {
            id: urn("alerts"),
            updated: updated.to_string(),
            entries: entries.collect(),
        }
    }
}

/// A UUID made of a name: version 8 (RFC 9562, 5.8), from SHA-256.
fn urn(name: &str) -> String {
    let hash = Sha256::digest(name);
    let mut bytes: Vec<u8> = hash.iter().copied().take(16).collect();
    if let [_, _, _, _, _, _, version, _, variant, ..] = bytes.as_mut_slice() {
        *version = (*version & 0x0f) | 0x80;
        *variant = (*variant & 0x3f) | 0x80;
    }
    let hex = referral_core::id::hex(&bytes);
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
    let parts = parts.map(|part| hex.get(part).unwrap_or_default());
    format!("urn:uuid:{}", parts.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::Standing;

    fn alerts() -> Alerts {
        let at: Timestamp = "2026-11-22T14:00:00Z".parse().unwrap();
        Alerts {
            looked_at: Some(at),
            standing: vec![Standing {
                key: "agency_silent harbor".to_owned(),
                code: "agency_silent",
                title: "Harbor <House> & Co has not been heard from".to_owned(),
                text: "Call it.".to_owned(),
                since: at,
                told: false,
                size: 1,
            }],
            missed: Vec::new(),
        }
    }

    #[test]
    fn what_agencies_call_themselves_is_text_in_page_and_feed() {
        let now = "2026-11-22T15:00:00Z".parse().unwrap();
        let html = Page::of(&alerts(), now).render().unwrap();
        let xml = Feed::of(&alerts()).render().unwrap();

        for text in [html, xml] {
            assert!(text.contains("Harbor &#60;House&#62; &#38; Co"), "{text}");
        }
    }

    #[test]
    fn an_entry_keeps_its_id_while_it_stands() {
        let first = Feed::of(&alerts());
        let mut later = alerts();
        later.standing[0].since = "2026-11-23T14:00:00Z".parse().unwrap();

        assert_eq!(first.entries[0].id, Feed::of(&alerts()).entries[0].id);
        assert_ne!(first.entries[0].id, Feed::of(&later).entries[0].id);
        assert_eq!(
            first.id.len(),
            "urn:uuid:00000000-0000-8000-8000-000000000000".len()
        );
    }

    #[test]
    fn a_feed_of_nothing_is_a_feed() {
        let xml = Feed::of(&Alerts::default()).render().unwrap();

        assert!(
            xml.contains("<updated>1970-01-01T00:00:00Z</updated>"),
            "{xml}"
        );
        assert!(!xml.contains("<entry>"));
    }
}
