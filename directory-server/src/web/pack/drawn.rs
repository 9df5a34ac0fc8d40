//! The file itself: groups of services, each service with the time after which what is known of it is too old.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use referral_core::capacity::{Held, ttl_for};
use referral_core::id::PublicId;
use sha2::{Digest, Sha256};

use crate::operations::{Found, Inventory, SearchError};
use crate::web::moment;
use crate::web::result::{Row, capitalised};

/// The style of the file, written into it.
const STYLE: &str = include_str!("../../../static/pack.css");
/// Most services in a file: about 1 MB.
const MOST: usize = 1_500;

/// A pack.
pub(super) struct Drawn {
    pub(super) html: String,
    /// The name to keep it under.
    pub(super) name: String,
    pub(super) services: usize,
    pub(super) place: String,
}

/// `pack_file.html`.
#[derive(Template)]
#[template(path = "pack_file.html")]
struct File<'a> {
    policy: &'a str,
    style: &'a str,
    place: &'a str,
    /// When it was true, for machines and in words.
    made: (String, String),
    /// From what time some of it is too old.
    from: (String, String),
    /// After what time nothing in it may be used.
    until: (String, String),
    services: usize,
    /// How many services did not fit in.
    left_out: usize,
    groups: Vec<Group>,
    /// Where a newer one is.
    again: &'a str,
}

struct Group {
    label: String,
    /// From what time some of it is too old.
    from: (String, String),
    entries: Vec<Entry>,
}

/// A service: whole where it comes first, and after that a line that leads there.
struct Entry {
    id: String,
    row: Row,
    first: bool,
    /// What is known of its places.
    state: String,
    details: String,
    /// When that was reported, and the day of it.
    reported: Option<(String, String)>,
    /// After what time it may not be used.
    until: (String, String),
}

/// The first and the last of some times.
#[derive(Clone, Copy)]
struct Span(Timestamp, Timestamp);

impl Span {
    fn with(self, other: Self) -> Self {
        Self(self.0.min(other.0), self.1.max(other.1))
    }
}

/// What the file may do: look as its own style says, and nothing else.
pub(super) fn policy() -> &'static str {
    static POLICY: LazyLock<String> = LazyLock::new(|| {
        let hash = STANDARD.encode(Sha256::digest(STYLE));
        format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"
        )
    });
    &POLICY
}

/// The file of these groups; `again` is where a newer one is.
///
/// # Errors
/// [`SearchError::Failed`] when it cannot be drawn.
pub(super) fn draw(groups: &[(String, Inventory)], again: &str) -> Result<Drawn, SearchError> {
    let mut all = groups.iter().flat_map(|(_, group)| &group.found);
    let zone = all.next().map_or(TimeZone::UTC, zone);
    let first = groups.first().map(|(_, group)| group);
    let now = first.map_or(Timestamp::UNIX_EPOCH, |group| group.as_of);
    let place = first.and_then(|group| group.near.clone());
    let place = place.unwrap_or_default();
    let mut kept: BTreeMap<PublicId, usize> = BTreeMap::new();
    let (mut drawn, mut left_out, mut whole) = (Vec::new(), 0, None::<Span>);
    for (label, group) in groups {
        let mut entries = Vec::new();
        left_out += group.total.saturating_sub(group.found.len());
        let mut part = None::<Span>;
        for found in &group.found {
            let full = kept.len() >= MOST;
            let first = !kept.contains_key(&found.id);
            if first && full {
                left_out += 1;
                continue;
            }
            let number = kept.len() + 1;
            let number = *kept.entry(found.id).or_insert(number);
            let until = believed_until(found, now);
            let own = Span(until, until);
            part = Some(part.map_or(own, |part| part.with(own)));
            entries.push(Entry::of(found, number, first, both(until, &zone)));
        }
        if let Some(part) = part {
            whole = Some(whole.map_or(part, |whole| whole.with(part)));
            drawn.push(Group {
                label: label.clone(),
                from: both(part.0, &zone),
                entries,
            });
        }
    }
    let Span(from, until) = whole.unwrap_or(Span(now, now));
    let file = File {
        policy: policy(),
        style: STYLE,
        place: &place,
        made: both(now, &zone),
        from: both(from, &zone),
        until: both(until, &zone),
        services: kept.len(),
        left_out,
        groups: drawn,
        again,
    };
    let html = file.render().map_err(|error| {
        tracing::error!(error.type = "template", "a pack could not be drawn: {error}");
        SearchError::Failed
    })?;
    Ok(Drawn {
        name: format!("{}-{}.html", plain(&place), zone.to_datetime(now).date()),
        html,
        services: kept.len(),
        place,
    })
}

impl Entry {
    fn of(found: &Found, number: usize, first: bool, until: (String, String)) -> Self {
        let reported = found.held.as_ref().map(|held| {
            let day = zone(found).to_datetime(held.observed_at).date();
            (held.observed_at.to_string(), day.to_string())
        });
        Self {
            id: format!("s{number}"),
            row: Row::from(found),
            first,
            state: capitalised(&found.capacity.state),
            details: found.capacity.details.join(", "),
            reported,
            until,
        }
    }
}

/// Until when what is known of a service is believed. Of one without a report it is what is listed that is: as long
/// as a report by its codes.
fn believed_until(found: &Found, now: Timestamp) -> Timestamp {
    let reported = found.held.as_deref().and_then(Held::expires_at);
    reported.unwrap_or_else(|| {
        let codes = found.listing.service.attributes.iter();
        let ttl = ttl_for(codes.map(|attribute| &attribute.code), None);
        now.saturating_add(ttl.duration()).unwrap_or(now)
    })
}

fn zone(found: &Found) -> TimeZone {
    moment::zone(found.place.as_ref().and_then(|place| place.time_zone))
}

/// For machines, and in words.
fn both(at: Timestamp, zone: &TimeZone) -> (String, String) {
    (at.to_string(), moment::there(at, zone))
}

/// A place as part of a file's name: `charlotte-nc`.
fn plain(place: &str) -> String {
    let letters = place.chars().map(|c| match c {
        c if c.is_ascii_alphanumeric() => c.to_ascii_lowercase(),
        _ => '-',
    });
    let name: String = letters.collect();
    let parts: Vec<&str> = name.split('-').filter(|part| !part.is_empty()).collect();
    format!("places-{}", parts.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_the_style_that_is_in_the_file_and_nothing_else() {
        assert!(policy().starts_with("default-src 'none'; style-src 'sha256-"));
        assert!(!policy().contains("script") && !policy().contains("unsafe"));
    }

    #[test]
    fn the_name_of_the_file_is_plain() {
        assert_eq!(plain("Charlotte, NC"), "places-charlotte-nc");
        assert_eq!(plain("ZIP 21202 \"../x\""), "places-zip-21202-x");
    }

    #[test]
    fn an_empty_area_is_a_file_that_says_so() {
        let drawn = draw(&[], "http://127.0.0.1/pack?near=x").unwrap();

        assert!(drawn.html.contains("Nothing is open here now"));
        assert_eq!(drawn.services, 0);
    }
}
