//! What each person changed last, kept in a file so that it can be taken back after a restart.
//!
//! The journal holds what is said; this holds only the way back. A file that cannot be read or written costs the
//! undo and nothing else: it is logged, and work goes on.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use prost::Message;
use referral_core::capacity::{Draft, Order};
use referral_core::federation::Epoch;
use referral_core::id::LocalId;
use referral_proto::{convert, v1};
use referral_runtime::accounts::SignInName;
use referral_runtime::data_dir::write_secret;
use serde::{Deserialize, Serialize};
use tracing::warn;

use super::change::{LastChange, LastKind, Taken};
use super::tap::Tap;
use crate::outbox::ReportKey;

const FILE: &str = "last-changes.json";

/// What was changed longer ago is forgotten.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// What each person changed last.
#[derive(Debug)]
pub(in crate::operations) struct LastChanges {
    path: PathBuf,
    changes: Mutex<HashMap<SignInName, LastChange>>,
}

impl LastChanges {
    /// What is kept in the data directory.
    pub(in crate::operations) fn open(data_dir: &Path) -> Self {
        let path = data_dir.join(FILE);
        let changes = read(&path).unwrap_or_else(|why| {
            warn!("what was changed last cannot be taken back: {why}");
            HashMap::new()
        });
        Self {
            path,
            changes: Mutex::new(changes),
        }
    }

    pub(super) fn of(&self, who: &SignInName) -> Option<LastChange> {
        let changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.get(who).cloned()
    }

    pub(super) fn set(&self, who: &SignInName, change: LastChange) {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        let now = change.at;
        changes.insert(who.clone(), change);
        changes.retain(|_, change| now.duration_since(change.at) < KEPT);
        let stored: Vec<Stored> = changes.iter().map(Stored::from).collect();
        let written = serde_json::to_vec(&stored)
            .map_err(Into::into)
            .and_then(|bytes| write_secret(&self.path, &bytes));
        if let Err(error) = written {
            warn!("what was changed last cannot be taken back after a restart: {error}");
        }
    }
}

fn read(path: &Path) -> Result<HashMap<SignInName, LastChange>, String> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(error) => return Err(error.to_string()),
    };
    let stored: Vec<Stored> = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    let changes = stored.into_iter().map(Stored::read);
    changes
        .collect::<Option<_>>()
        .ok_or_else(|| "the file holds what no node wrote".to_owned())
}

/// One person's change as it is kept.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    who: SignInName,
    at: Timestamp,
    kind: StoredKind,
    changed: Vec<(StoredKey, String)>,
    taken: Vec<StoredTaken>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum StoredKind {
    Tap(Tap, Option<StoredOrder>),
    Same(Option<StoredOrder>),
    AllSame(u64),
    Undone,
}

/// Service and location.
type StoredKey = (String, Option<String>);
/// Generation, epoch and counter.
type StoredOrder = [u64; 3];

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StoredTaken {
    about: StoredKey,
    made: StoredOrder,
    /// Reports as they travel, in base64.
    before: Option<String>,
    beside: Vec<String>,
}

impl From<(&SignInName, &LastChange)> for Stored {
    fn from((who, change): (&SignInName, &LastChange)) -> Self {
        let changed = change.changed.iter();
        let taken = change.taken.iter().map(|taken| StoredTaken {
            about: key(&taken.about),
            made: order(taken.made),
            before: taken.before.as_ref().map(report),
            beside: taken.beside.iter().map(report).collect(),
        });
        Self {
            who: who.clone(),
            at: change.at,
            kind: match change.kind {
                LastKind::Tap(tap, seen) => StoredKind::Tap(tap, seen.map(order)),
                LastKind::Same(seen) => StoredKind::Same(seen.map(order)),
                LastKind::AllSame(seen) => StoredKind::AllSame(seen),
                LastKind::Undone => StoredKind::Undone,
            },
            changed: changed
                .map(|(about, title)| (key(about), title.clone()))
                .collect(),
            taken: taken.collect(),
        }
    }
}

impl Stored {
    /// The change; `None`: no node wrote this.
    fn read(self) -> Option<(SignInName, LastChange)> {
        let at = self.at;
        let changed = self.changed.into_iter();
        let changed = changed.map(|(about, title)| Some((read_key(about)?, title)));
        let taken = self.taken.into_iter().map(|taken| {
            let before = taken.before.map(|bytes| read_report(&bytes, at));
            let beside = taken.beside.iter().map(|bytes| read_report(bytes, at));
            Some(Taken {
                about: read_key(taken.about)?,
                made: read_order(taken.made),
                before: match before {
                    Some(report) => Some(report?),
                    None => None,
                },
                beside: beside.collect::<Option<_>>()?,
            })
        });
        let change = LastChange {
            at,
            kind: match self.kind {
                StoredKind::Tap(tap, seen) => LastKind::Tap(tap, seen.map(read_order)),
                StoredKind::Same(seen) => LastKind::Same(seen.map(read_order)),
                StoredKind::AllSame(seen) => LastKind::AllSame(seen),
                StoredKind::Undone => LastKind::Undone,
            },
            changed: changed.collect::<Option<_>>()?,
            taken: taken.collect::<Option<_>>()?,
        };
        Some((self.who, change))
    }
}

fn key(about: &ReportKey) -> StoredKey {
    let location = about.location.as_ref().map(ToString::to_string);
    (about.service.to_string(), location)
}

fn read_key((service, location): StoredKey) -> Option<ReportKey> {
    let location = match location {
        Some(location) => Some(LocalId::parse(&location).ok()?),
        None => None,
    };
    Some(ReportKey {
        service: LocalId::parse(&service).ok()?,
        location,
    })
}

fn order(Order { epoch, cseq }: Order) -> StoredOrder {
    [epoch.generation, epoch.number, cseq]
}

fn read_order([generation, number, cseq]: StoredOrder) -> Order {
    let epoch = Epoch { generation, number };
    Order { epoch, cseq }
}

fn report(draft: &Draft) -> String {
    BASE64_STANDARD.encode(v1::CapacityReport::from(draft).encode_to_vec())
}

fn read_report(text: &str, at: Timestamp) -> Option<Draft> {
    let bytes = BASE64_STANDARD.decode(text).ok()?;
    let wire = v1::CapacityReport::decode(bytes.as_slice()).ok()?;
    convert::capacity::draft(wire, at).ok()
}
