//! In which fields two versions of a record differ.

use std::collections::BTreeMap;

use referral_proto::json::{NoJson, to_json};
use referral_proto::v1;
use serde_json::Value;

use crate::outbox::codec::harmless;

/// The most characters of a value that are shown.
const SHOWN: usize = 300;

/// Two versions cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum Incomparable {
    /// A version has no JSON form.
    #[error("a version of the record cannot be shown")]
    NoJson(#[from] NoJson),
    /// That form cannot be read.
    #[error("a version of the record cannot be read")]
    Unreadable(#[from] serde_json::Error),
}

/// A field in which two versions differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its path, e.g. `service.phones[0].number`.
    pub path: String,
    /// What the directory's version says; empty: nothing.
    pub theirs: String,
    /// What this node's version says; empty: nothing.
    pub ours: String,
}

/// The fields in which two versions of a record differ, in order of their paths. A version that is not there
/// says nothing.
///
/// # Errors
/// [`Incomparable`].
pub fn differences(
    theirs: Option<&v1::Record>,
    ours: Option<&v1::Record>,
) -> Result<Vec<Difference>, Incomparable> {
    let (theirs, ours) = (fields(theirs)?, fields(ours)?);
    let mut paths: Vec<&String> = theirs.keys().chain(ours.keys()).collect();
    paths.sort();
    paths.dedup();
    let says = |fields: &BTreeMap<String, String>, path| fields.get(path).cloned();
    let differences = paths.into_iter().map(|path| Difference {
        path: path.clone(),
        theirs: says(&theirs, path).unwrap_or_default(),
        ours: says(&ours, path).unwrap_or_default(),
    });
    Ok(differences.filter(|one| one.theirs != one.ours).collect())
}

fn fields(record: Option<&v1::Record>) -> Result<BTreeMap<String, String>, Incomparable> {
    let mut fields = BTreeMap::new();
    if let Some(record) = record {
        let text = to_json("referral.v1.Record", record)?;
        let value = serde_json::from_str(&text)?;
        flatten(String::new(), &value, &mut fields);
    }
    Ok(fields)
}

fn flatten(path: String, value: &Value, fields: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let dot = if path.is_empty() { "" } else { "." };
                flatten(format!("{path}{dot}{name}"), member, fields);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                flatten(format!("{path}[{at}]"), item, fields);
            }
        }
        Value::Null => {}
        Value::String(text) => {
            fields.insert(path, harmless(text, SHOWN));
        }
        Value::Bool(_) | Value::Number(_) => {
            fields.insert(path, value.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(name: &str, phones: &[&str]) -> v1::Record {
        let phones = phones.iter().map(|number| v1::Phone {
            number: (*number).to_owned(),
            ..Default::default()
        });
        let service = v1::Service {
            name: name.to_owned(),
            phones: phones.collect(),
            ..Default::default()
        };
        v1::Record {
            local_id: "s1".to_owned(),
            record: Some(v1::record::Record::Service(service)),
        }
    }

    #[test]
    fn only_the_fields_that_differ_are_named_by_their_paths() {
        let theirs = service("Pantry", &["+12105550100"]);
        let ours = service("Pantry", &["+12105550199"]);

        let found = differences(Some(&theirs), Some(&ours)).unwrap();

        let expected = Difference {
            path: "service.phones[0].number".to_owned(),
            theirs: "+12105550100".to_owned(),
            ours: "+12105550199".to_owned(),
        };
        assert_eq!(found, [expected]);
        assert_eq!(differences(Some(&ours), Some(&ours)).unwrap(), []);
    }

    #[test]
    fn of_a_version_that_is_not_there_every_field_differs() {
        let ours = service("Pantry", &[]);

        let found = differences(None, Some(&ours)).unwrap();

        let name = found.iter().find(|one| one.path == "service.name").unwrap();
        assert_eq!((name.theirs.as_str(), name.ours.as_str()), ("", "Pantry"));
    }
}
