//! Marks by which a publisher keeps a row back, or its address private, in the spellings found in feeds.

use super::reading::{says_nothing, word, yes_or_no};
use super::{Entity, Row};

/// What the marks of a row say about publishing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Withheld {
    pub(super) field: String,
    pub(super) code: &'static str,
    pub(super) reason: &'static str,
}

/// What a row says about the privacy of its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Privacy {
    /// Nothing.
    Unstated,
    /// That it is private, or something unclear: that counts as private.
    Private,
    /// That it is not confidential: the publisher has decided.
    Public,
}

/// Names of flags that keep a row back when they say yes or anything unclear.
const KEEP_BACK: [&str; 14] = [
    "donotpublish",
    "donotpublishbycopy",
    "dnp",
    "donotlist",
    "donotdisplay",
    "unpublished",
    "suppressed",
    "suppress",
    "excludefromwebsite",
    "excludefromdirectory",
    "hidden",
    "inactive",
    "deleted",
    "archived",
];

/// Names of flags that keep a row back when they say no.
const LET_OUT: [&str; 8] = [
    "publish",
    "published",
    "ispublished",
    "active",
    "isactive",
    "enabled",
    "display",
    "ispublic",
];

/// Names of flags that make an address private.
const PRIVATE: [&str; 21] = [
    "private",
    "privatebycopy",
    "isprivate",
    "confidential",
    "isconfidential",
    "privateaddress",
    "addressprivate",
    "addressisprivate",
    "isaddressprivate",
    "confidentialaddress",
    "addressconfidential",
    "addressisconfidential",
    "hideaddress",
    "hidelocation",
    "addresshidden",
    "undisclosed",
    "undisclosedaddress",
    "locationprivate",
    "privatelocation",
    "donotpublishaddress",
    "donotdisplayaddress",
];

/// Why the marks of a row keep it back; `None` when they do not.
pub(super) fn withheld(row: &Row) -> Option<Withheld> {
    let by_flag = row.fields().find_map(|(field, value)| flag(field, value));
    by_flag.or_else(|| status(row))
}

/// What the marks of a row say about its address; an address not to be published is private.
pub(super) fn privacy(row: &Row) -> Privacy {
    if row.entity == Entity::Address && withheld(row).is_some() {
        return Privacy::Private;
    }
    let mut privacy = Privacy::Unstated;
    for (field, value) in row.fields() {
        let named = PRIVATE.contains(&folded(field).as_str());
        let typed = matches!(field, "location_type" | "address_type") && is_private_type(value);
        match yes_or_no(value) {
            _ if typed => return Privacy::Private,
            Some(false) if named => privacy = privacy.or_decided_by(field),
            None if named && is_public_word(value) => privacy = privacy.or_decided_by(field),
            _ if named => return Privacy::Private,
            _ => {}
        }
    }
    privacy
}

impl Privacy {
    /// A "no" in a column named `confidential` is an answer; in a column such as `private` it may only
    /// be what a program fills in by itself.
    fn or_decided_by(self, field: &str) -> Self {
        if matches!(
            folded(field).as_str(),
            "confidential" | "addressconfidential"
        ) {
            Self::Public
        } else {
            self
        }
    }
}

/// The fields that pass the marks of a further copy of a row on to its first: a mark counts whichever
/// copy carries it.
pub(super) fn of_copy(copy: &Row) -> Vec<&'static str> {
    let private = (privacy(copy) == Privacy::Private).then_some("private_by_copy");
    let flagged = copy
        .fields()
        .any(|(field, value)| flag(field, value).is_some());
    let kept_back = flagged.then_some("do_not_publish_by_copy");
    private.into_iter().chain(kept_back).collect()
}

/// True when the service is closed for a time.
pub(super) fn is_paused(row: &Row) -> bool {
    word(row, "status").is_some_and(|status| {
        matches!(
            folded(&status).as_str(),
            "temporarilyclosed" | "paused" | "closedtemporarily"
        )
    })
}

fn flag(field: &str, value: &str) -> Option<Withheld> {
    let name = folded(field);
    let said = yes_or_no(value);
    let clear_no = said == Some(false) || says_nothing(value);
    if matches!(name.as_str(), "donotrefer" | "dnr") && !clear_no {
        return Some(because(
            field,
            "do_not_refer",
            "marked do not refer: kept back",
        ));
    }
    let keeps_back = KEEP_BACK.contains(&name.as_str()) && !clear_no;
    let lets_out_not = LET_OUT.contains(&name.as_str())
        && (said == Some(false) || is_inactive_word(&folded(value)));
    (keeps_back || lets_out_not).then(|| {
        because(
            field,
            "do_not_publish",
            "marked as not to be published: kept back",
        )
    })
}

fn status(row: &Row) -> Option<Withheld> {
    let status = folded(&word(row, "status")?);
    if is_inactive_word(&status) {
        return Some(because(
            "status",
            "inactive",
            "the status says that it is not active: kept back",
        ));
    }
    let known = matches!(
        status.as_str(),
        "active" | "open" | "current" | "published" | "approved" | "live" | "enabled"
    );
    let is_service = row.entity == Entity::Service;
    (is_service && !known && !is_paused(row) && !says_nothing(&status)).then(|| {
        because(
            "status",
            "status_unknown",
            "kept back: the status is none of active, inactive, defunct or temporarily closed",
        )
    })
}

fn is_inactive_word(folded: &str) -> bool {
    matches!(
        folded,
        "inactive"
            | "defunct"
            | "closed"
            | "deleted"
            | "archived"
            | "deprecated"
            | "unpublished"
            | "draft"
            | "pending"
            | "suspended"
            | "discontinued"
            | "ended"
            | "expired"
            | "notactive"
            | "permanentlyclosed"
            | "donotpublish"
            | "donotrefer"
    )
}

fn is_private_type(value: &str) -> bool {
    matches!(
        folded(value).as_str(),
        "redacted" | "confidential" | "private" | "undisclosed" | "hidden"
    )
}

fn is_public_word(value: &str) -> bool {
    matches!(
        folded(value).as_str(),
        "public" | "notconfidential" | "notprivate"
    )
}

fn because(field: &str, code: &'static str, reason: &'static str) -> Withheld {
    Withheld {
        field: field.to_owned(),
        code,
        reason,
    }
}

/// Letters and digits in lower case: `Do Not Publish` and `do_not_publish` are one name.
fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hsds::Origin;

    fn row(field: &str, value: &str) -> Row {
        let origin = Origin {
            file: "services.csv".into(),
            row: "2".to_owned(),
        };
        let mut row = Row::new(Entity::Service, origin);
        row.set(field.to_owned(), value);
        row
    }

    #[test]
    fn marks_that_keep_a_row_back_are_understood() {
        for (field, value, code) in [
            ("status", "inactive", "inactive"),
            ("status", "Defunct", "inactive"),
            ("status", "who knows", "status_unknown"),
            ("do_not_publish", "TRUE", "do_not_publish"),
            ("DoNotPublish", "since May", "do_not_publish"),
            ("ExcludeFromWebsite", "1", "do_not_publish"),
            ("do not refer", "x", "do_not_refer"),
            ("is_active", "no", "do_not_publish"),
            ("published", "false", "do_not_publish"),
            ("archived", "yes", "do_not_publish"),
        ] {
            let mark = withheld(&row(field, value));
            assert_eq!(mark.map(|mark| mark.code), Some(code), "{field} = {value}");
        }
        for (field, value) in [
            ("status", "Active"),
            ("status", "temporarily closed"),
            ("do_not_publish", "0"),
            ("active", "TRUE"),
            ("published", "2024-01-01"),
            ("description", "inactive"),
        ] {
            assert_eq!(withheld(&row(field, value)), None, "{field} = {value}");
        }
    }

    #[test]
    fn an_unclear_private_flag_counts_as_private() {
        for (field, value, expected) in [
            ("private", "yes", Privacy::Private),
            ("Confidential Address", "partly", Privacy::Private),
            ("location_type", "redacted", Privacy::Private),
            ("is_confidential", "no", Privacy::Unstated),
            ("private", "false", Privacy::Unstated),
            ("confidential", "no", Privacy::Public),
            ("confidential", "not confidential", Privacy::Public),
            ("name", "private", Privacy::Unstated),
        ] {
            assert_eq!(privacy(&row(field, value)), expected, "{field} = {value}");
        }
    }
}
