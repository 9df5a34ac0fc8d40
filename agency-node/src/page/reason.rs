//! Why a row was left out, a file refused or a change not taken, what was told, and why there is no connection: said
//! in words of the file of texts.
//!
//! A reason has a stable code, and its words the key `why-`, what it is about, and that code. Tests find a code
//! without words, and words without a code. What an older node has no words for, because a newer directory says it,
//! is shown as it was said.

use referral_core::hsds::RowIssue;
use referral_runtime::texts::Value;

use super::texts::find;
use super::words::sentence;
use super::{say, tell};
use crate::operations::{HeldFor, Link};
use crate::outbox::codec::{Notice, Refusal};
use crate::source::{Fault, SourceError, UnsafeZip};

/// Why a row was refused, kept back or changed; the field comes first where it is about one.
pub(super) fn row(issue: &RowIssue) -> String {
    let words = find(&key("row", issue.code), &[]);
    // What the directory would refuse is refused here, where its row is known.
    let words = words.or_else(|| find(&key("refused", issue.code), &[]));
    let words = words.unwrap_or_else(|| sentence(&issue.reason));
    match issue.field.as_str() {
        "row" => words,
        field => format!("{field}: {words}"),
    }
}

/// Why the directory refused something.
pub(super) fn refused(refusal: &Refusal) -> String {
    find(&key("refused", &refusal.code), &[]).unwrap_or_else(|| sentence(&refusal.text))
}

/// How a record that the directory shows differs from ours; the fields are named in order, the first ones alone.
pub(super) fn shown(difference: &Refusal) -> String {
    if difference.code.ends_with("altered") && difference.field.is_empty() {
        return say("why-shown-same");
    }
    let fields = [("fields", difference.field.as_str().into())];
    let words = find(&key("shown", &difference.code), &fields);
    words.unwrap_or_else(|| sentence(&difference.text))
}

/// Why a service is not found though the directory has it.
pub(super) fn held(why: HeldFor) -> String {
    match why {
        HeldFor::Grant(category) => tell("held-grant", &[("category", category.as_str().into())]),
        HeldFor::Name => say("held-name"),
        HeldFor::Archived => say("held-archived"),
        HeldFor::Other => say("held-other"),
    }
}

/// What was told.
pub(super) fn told(notice: &Notice) -> String {
    let values = notice.values.iter();
    let values: Vec<(&str, Value<'_>)> = values
        .map(|(place, value)| (place.as_str(), number_or_text(value)))
        .collect();
    find(&key("told", &notice.code), &values).unwrap_or_else(|| sentence(&notice.text))
}

/// Why there is no connection; `None`: there is one, or none was tried.
pub(super) fn lost(link: &Link) -> Option<String> {
    if link.connected || link.cause.is_empty() {
        return None;
    }
    let why = find(&key("lost", link.cause), &[]).unwrap_or_else(|| say("why-lost-other"));
    let why = [("problem", why.into())];
    Some(if link.has_stopped {
        tell("sync-stopped", &why)
    } else {
        tell("sync-technical", &why)
    })
}

/// Why nothing of a file is taken: which, where in it, and what is wrong.
pub(super) fn file(error: &SourceError) -> String {
    let place = error.place.as_deref().unwrap_or_default();
    let values = [
        ("file", error.file.as_str().into()),
        ("place", place.into()),
        ("why", fault(&error.fault, error.code()).into()),
    ];
    match &error.place {
        None => tell("file-wrong", &values),
        Some(_) => tell("file-wrong-at", &values),
    }
}

fn fault(fault: &Fault, code: &str) -> String {
    match fault {
        Fault::UnsafeZip(zip) => unsafe_zip(*zip),
        Fault::ColumnTwice(one, other) => {
            let columns = [("one", (*one).into()), ("other", (*other).into())];
            tell("why-file-column-twice", &columns)
        }
        Fault::KeyTwice(name) => tell("why-file-json-key-twice", &[("name", name.into())]),
        // Who writes a map reads what is wrong with its keys.
        Fault::Map(detail) => tell(
            "why-file-map-invalid",
            &[("detail", sentence(detail).into())],
        ),
        _ => say(&key("file", code)),
    }
}

fn unsafe_zip(zip: UnsafeZip) -> String {
    say(match zip {
        UnsafeZip::TooManyMembers => "why-zip-too-many",
        UnsafeZip::TooLarge => "why-zip-too-large",
        UnsafeZip::Bomb => "why-zip-bomb",
        UnsafeZip::Path => "why-zip-path",
        UnsafeZip::Link => "why-zip-link",
        UnsafeZip::Nested => "why-zip-nested",
        UnsafeZip::Encrypted => "why-zip-encrypted",
        UnsafeZip::SameName => "why-zip-same-name",
        UnsafeZip::Overlap => "why-zip-overlap",
    })
}

/// Where the words of a code are.
fn key(about: &str, code: &str) -> String {
    let code = code.to_lowercase().replace('_', "-");
    format!("why-{about}-{code}")
}

/// A number chooses between one and several.
fn number_or_text(value: &str) -> Value<'_> {
    match value.parse::<u32>() {
        Ok(number) => number.into(),
        Err(_) => value.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn notice(code: &str, values: &[(&str, &str)]) -> Notice {
        let values = values.iter();
        let values = values.map(|(place, value)| ((*place).to_owned(), (*value).to_owned()));
        Notice {
            code: code.to_owned(),
            text: "as the directory said it".to_owned(),
            values: values.collect::<BTreeMap<_, _>>(),
            ..Notice::default()
        }
    }

    #[test]
    fn what_was_told_is_said_with_what_it_names() {
        let shortened = notice("ttl_shortened", &[("hours", "1")]);

        assert_eq!(
            told(&shortened),
            "Capacity of this kind is believed for at most 1 hour."
        );
    }

    #[test]
    fn what_there_are_no_words_for_is_shown_as_it_was_said() {
        assert_eq!(
            told(&notice("of_next_year", &[])),
            "As the directory said it."
        );
        // An older directory does not say what its sentence names.
        assert_eq!(
            told(&notice("ttl_shortened", &[])),
            "As the directory said it."
        );
    }

    #[test]
    fn a_connection_that_is_there_has_no_cause() {
        let mut link = Link {
            cause: "unreachable",
            ..Link::default()
        };
        assert!(lost(&link).is_some_and(|why| why.contains("cannot be reached")));

        link.has_stopped = true;
        assert!(lost(&link).is_some_and(|why| why.contains("has stopped")));

        link.connected = true;
        assert_eq!(lost(&link), None);
    }
}
