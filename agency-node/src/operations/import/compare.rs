//! How what a file says compares with the catalog: the plan, and what follows from it. Nothing is written here.
//!
//! A record is the same when all of it but the name of its file is: the same list exported again under another name
//! changes nothing. A record is missing when an earlier file brought it, this one takes that file's place and does
//! not mention it. Which files those are:
//!
//! * A name that was imported before takes its own place alone: an agency may keep several files.
//! * A new name takes the place of every file that brought a service which it mentions, too: it is a later export of
//!   them. One that mentions none of their services is one file more. Organizations and locations do not count:
//!   several files may name them.
//!
//! A service that is the same and was said last more than 90 days ago is said again, so that it does not grow old
//! (R13).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use prost::Message;
use referral_core::id::Kind;
use referral_proto::v1;
use referral_proto::v1::record::Record as Content;

use super::{Change, Planned};
use crate::catalog::{Catalog, Listed, RecordName, listed};
use crate::operations::differences;

/// Of so many changed records it is said what changes.
const DESCRIBED: usize = 200;
/// Most fields of a record that are named.
const FIELDS: usize = 6;

/// What comes of a comparison.
pub(super) struct Compared {
    /// Every record of the import, and those that are missing from it.
    pub(super) plan: Vec<Planned>,
    /// What is to be queued, in order of reference.
    pub(super) changed: Vec<(RecordName, v1::Record)>,
    /// Records that belong to this file from now on, and of which nothing is queued.
    pub(super) taken_over: Vec<RecordName>,
}

/// Compares what a file says with the catalog.
///
/// * `source` — the file's name.
pub(super) fn compare(
    catalog: &Catalog,
    import: BTreeMap<RecordName, v1::Record>,
    source: &str,
    now: Timestamp,
) -> Compared {
    let names: BTreeSet<RecordName> = import.keys().cloned().collect();
    let before = replaced(catalog, &names, source);
    let mut compared = Compared {
        plan: Vec::new(),
        changed: Vec::new(),
        taken_over: Vec::new(),
    };
    for (name, record) in import {
        let known = catalog.wanted(&name);
        let (change, ours) = change(known, &record);
        let described = change == Change::Changed && compared.changed.len() < DESCRIBED;
        let (fields, more_fields) = match ours.filter(|_| described) {
            Some(ours) => fields(&ours, &record),
            None => (Vec::new(), 0),
        };
        compared.plan.push(Planned {
            name: name.clone(),
            title: listed::title(&record).to_owned(),
            change,
            fields,
            more_fields,
        });
        let grows_old =
            name.kind == Kind::Service && known.is_some_and(|known| known.is_to_be_said_again(now));
        if change != Change::Unchanged || grows_old {
            compared.changed.push((name, record));
        } else if known.is_some_and(|known| known.source.as_deref() != Some(source)) {
            compared.taken_over.push(name);
        }
    }
    for (name, known) in catalog.iter() {
        let came = known
            .source
            .as_ref()
            .filter(|from| before.contains(*from) && known.payload.is_some());
        let Some(from) = came.filter(|_| !names.contains(name)) else {
            continue;
        };
        compared
            .plan
            .push(Planned::of(name, &known.title, Change::Missing));
        if **from != *source {
            compared.taken_over.push(name.clone());
        }
    }
    compared
}

/// The files whose place this one takes, by their names.
fn replaced(catalog: &Catalog, names: &BTreeSet<RecordName>, source: &str) -> BTreeSet<Arc<str>> {
    let own: Arc<str> = Arc::from(source);
    let sources = || {
        let wanted = catalog.iter().filter(|(_, known)| known.payload.is_some());
        wanted.filter_map(|(name, known)| Some((name, known.source.as_ref()?)))
    };
    let is_new = !sources().any(|(_, from)| *from == own);
    let mentioned =
        sources().filter(|(name, _)| is_new && name.kind == Kind::Service && names.contains(*name));
    let mut replaced: BTreeSet<Arc<str>> = mentioned.map(|(_, from)| Arc::clone(from)).collect();
    replaced.insert(own);
    replaced
}

/// How a record compares with what is known of it, and that where it differs.
fn change(known: Option<&Listed>, record: &v1::Record) -> (Change, Option<v1::Record>) {
    let Some(payload) = known.and_then(|known| known.payload.as_deref()) else {
        return (Change::Added, None);
    };
    if payload == record.encode_to_vec() {
        return (Change::Unchanged, None);
    }
    // The bytes were written by this program from the same messages.
    let Ok(known) = v1::Record::decode(payload) else {
        return (Change::Changed, None);
    };
    let known = nameless(known);
    if known == nameless(record.clone()) {
        return (Change::Unchanged, None);
    }
    (Change::Changed, Some(known))
}

/// The record without the name of the file it came from.
fn nameless(mut record: v1::Record) -> v1::Record {
    let provenance = match &mut record.record {
        Some(Content::Organization(one)) => &mut one.provenance,
        Some(Content::Location(one)) => &mut one.provenance,
        Some(Content::Service(one)) => &mut one.provenance,
        None => return record,
    };
    if let Some(known) = provenance {
        known.source.clear();
        // Nothing but the name was there.
        if *known == v1::Provenance::default() {
            *provenance = None;
        }
    }
    record
}

/// The fields in which a record differs from what is known of it, as the wire names them, and how many more.
fn fields(known: &v1::Record, record: &v1::Record) -> (Vec<String>, usize) {
    let record = nameless(record.clone());
    let Ok(found) = differences(Some(known), Some(&record)) else {
        return (Vec::new(), 0);
    };
    let mut fields: Vec<String> = Vec::new();
    for one in &found {
        let field = top(&one.path);
        if !fields.iter().any(|known| known == field) {
            fields.push(field.to_owned());
        }
    }
    let more = fields.len().saturating_sub(FIELDS);
    fields.truncate(FIELDS);
    (fields, more)
}

/// The field of the record itself: `phones` of `service.phones[0].number`.
fn top(path: &str) -> &str {
    let within = path.split_once('.').map_or(path, |(_, rest)| rest);
    within.split(['.', '[']).next().unwrap_or(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_change_deep_inside_the_field_of_the_record_is_named() {
        assert_eq!(top("service.phones[0].number"), "phones");
        assert_eq!(top("service.name"), "name");
        assert_eq!(top("localId"), "localId");
    }
}
