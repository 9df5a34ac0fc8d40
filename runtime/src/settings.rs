//! Every key of a configuration with its value and where that comes from, for `config print` and `config check`.
//!
//! Start at [`settings`]. A key that is not set and has no default is not listed.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::Value;
use toml::de::{DeTable, DeValue};

use crate::config::{ConfigError, load};

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The program's own.
    Default,
    /// This line of the file, counted from 1.
    Line(usize),
}

/// A key of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its full name: `section.key`.
    pub key: String,
    /// Its value, as TOML writes it.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Line(line) => write!(f, "line {line}"),
        }
    }
}

/// The configuration in a file with every default that it does not say; without a file, the defaults.
///
/// # Errors
/// [`ConfigError`], as for [`load`].
pub fn settings<T>(path: Option<&Path>) -> Result<Vec<Setting>, ConfigError>
where
    T: Serialize + DeserializeOwned + Default,
{
    let config: T = load(path)?;
    let text = path.map(std::fs::read_to_string).transpose();
    let text = text.ok().flatten().unwrap_or_default();
    let lines = lines(&text);
    let value = Value::try_from(&config).unwrap_or(Value::Table(toml::Table::new()));
    let mut settings = Vec::new();
    flatten("", &value, &mut |key, value| {
        let origin = lines
            .get(key)
            .map_or(Origin::Default, |line| Origin::Line(*line));
        settings.push(Setting {
            key: key.to_owned(),
            value: value.to_string(),
            origin,
        });
    });
    Ok(settings)
}

fn flatten(above: &str, value: &Value, say: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Table(table) => {
            for (name, value) in table {
                flatten(&under(above, name), value, say);
            }
        }
        value => say(above, value),
    }
}

/// The line of every key that a file says.
fn lines(text: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    if let Ok(document) = DeTable::parse(text) {
        of_table("", document.get_ref(), text, &mut found);
    }
    found
}

fn of_table(above: &str, table: &DeTable<'_>, text: &str, found: &mut BTreeMap<String, usize>) {
    for (name, value) in table {
        let key = under(above, name.get_ref());
        match value.get_ref() {
            DeValue::Table(inner) => of_table(&key, inner, text, found),
            _ => {
                let before = &text[..name.span().start.min(text.len())];
                found.insert(key, before.matches('\n').count() + 1);
            }
        }
    }
}

fn under(above: &str, name: &str) -> String {
    if above.is_empty() {
        name.to_owned()
    } else {
        format!("{above}.{name}")
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, Deserialize, Serialize)]
    #[serde(default, deny_unknown_fields)]
    struct Sample {
        name: String,
        secret: Option<String>,
        search: Search,
    }

    #[derive(Debug, Deserialize, Serialize)]
    #[serde(default, deny_unknown_fields)]
    struct Search {
        radius: u32,
        languages: Vec<String>,
    }

    impl Default for Search {
        fn default() -> Self {
            Self {
                radius: 40,
                languages: vec!["es".to_owned()],
            }
        }
    }

    fn of(text: &str) -> Vec<(String, String, Origin)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sample.toml");
        std::fs::write(&path, text).unwrap();
        let settings = settings::<Sample>(Some(&path)).unwrap();
        let parts = settings
            .into_iter()
            .map(|one| (one.key, one.value, one.origin));
        parts.collect()
    }

    #[test]
    fn every_key_has_its_value_and_where_that_comes_from() {
        let told = of("name = \"x\"\n\n[search]\nradius = 10\n");

        let expected = [
            ("name", "\"x\"", Origin::Line(1)),
            ("search.languages", "[\"es\"]", Origin::Default),
            ("search.radius", "10", Origin::Line(4)),
        ];
        let expected = expected.map(|(key, value, at)| (key.to_owned(), value.to_owned(), at));
        assert_eq!(told, expected);
    }

    #[test]
    fn a_key_in_a_table_on_one_line_has_that_line() {
        let told = of("\nsearch = { radius = 7 }\n");

        assert!(told.contains(&("search.radius".to_owned(), "7".to_owned(), Origin::Line(2))));
    }

    #[test]
    fn a_duration_is_printed_as_people_write_it() {
        #[derive(Debug, PartialEq, Deserialize, Serialize)]
        struct Kept {
            #[serde(with = "crate::config::human_duration")]
            keep: std::time::Duration,
        }
        for text in ["180days", "36h", "90s", "5m", "250ms"] {
            let written = format!("keep = \"{text}\"\n");
            let kept: Kept = toml::from_str(&written).unwrap();

            assert_eq!(toml::to_string(&kept).unwrap(), written);
        }
    }

    #[test]
    fn a_file_with_a_mistake_has_no_settings() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sample.toml");
        std::fs::write(&path, "nmae = 1").unwrap();

        assert!(settings::<Sample>(Some(&path)).is_err());
    }
}
