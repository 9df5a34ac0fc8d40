//! Reading a program's configuration file, and the one place that reads the environment.
//!
//! A configuration is a struct that derives `Deserialize` with `#[serde(default, deny_unknown_fields)]` on
//! itself and on every section, and implements `Default`: an empty file means the documented defaults.
//! Durations are written `"2s"`, `"24h"`: see [`human_duration`].

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Why a configuration cannot be used. The operator's to fix.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file says something that is not understood.
    #[error("{}:{line}: {}{expected}", path.display(), key.as_ref().map(|k| format!("key `{k}`: ")).unwrap_or_default())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The full key, `section.key`, where the mistake is within one.
        key: Option<String>,
        /// What is wrong and what is expected.
        expected: String,
    },
}

impl ConfigError {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "config_unreadable",
            Self::Invalid { .. } => "config_invalid",
        }
    }
}

/// Reads a configuration file (TOML); without one, the defaults.
///
/// # Errors
/// [`ConfigError`], which names the file, the line, the key and what is expected there.
pub fn load<T: DeserializeOwned + Default>(path: Option<&Path>) -> Result<T, ConfigError> {
    let Some(path) = path else {
        return Ok(T::default());
    };
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    toml::from_str(&text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        ConfigError::Invalid {
            path: path.to_owned(),
            line: text[..span.start.min(text.len())].matches('\n').count() + 1,
            key: key_at(&text, &span),
            expected: error.message().lines().collect::<Vec<_>>().join("; "),
        }
    })
}

/// An environment variable; `None` when it is not set, empty or not UTF-8.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment"
)]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// For `#[serde(with = "human_duration")]`: durations written `"250ms"`, `"2s"`, `"7d"`.
pub mod human_duration {
    use std::time::Duration;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Reads a duration.
    ///
    /// # Errors
    /// When the text is no duration.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(deserializer)?;
        humantime::parse_duration(&text).map_err(|_| {
            D::Error::custom("expected a duration such as \"250ms\", \"2s\" or \"7d\"")
        })
    }

    /// Writes a duration as it would be read.
    ///
    /// # Errors
    /// What the serializer says.
    pub fn serialize<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        // "180days", not "5months 27days 19h 12m": in the largest unit that holds it whole.
        let seconds = value.as_secs();
        let units = [(86_400, "days"), (3_600, "h"), (60, "m"), (1, "s")];
        let whole = units
            .into_iter()
            .find(|(unit, _)| seconds > 0 && seconds.is_multiple_of(*unit));
        match whole {
            Some((unit, name)) if value.subsec_nanos() == 0 => {
                serializer.collect_str(&format_args!("{}{name}", seconds / unit))
            }
            _ => serializer.collect_str(&humantime::format_duration(*value)),
        }
    }
}

/// The full name of the innermost key whose name or value holds `span`; `None` when the text is no TOML.
fn key_at(text: &str, span: &Range<usize>) -> Option<String> {
    let document = DeTable::parse(text).ok()?;
    let mut names = Vec::new();
    let mut table = document.get_ref();
    while let Some((name, value)) = table
        .iter()
        .find(|(name, value)| holds(&name.span(), span) || holds(&extent(value), span))
    {
        names.push(name.get_ref().to_string());
        match value.get_ref() {
            DeValue::Table(inner) if !holds(&name.span(), span) => table = inner,
            _ => break,
        }
    }
    (!names.is_empty()).then(|| names.join("."))
}

/// From the first to the last byte of a value; a table's parts may lie outside of its own span.
fn extent(value: &Spanned<DeValue<'_>>) -> Range<usize> {
    let DeValue::Table(table) = value.get_ref() else {
        return value.span();
    };
    table.iter().fold(value.span(), |whole, (name, value)| {
        let part = extent(value);
        whole.start.min(name.span().start)..whole.end.max(part.end)
    })
}

fn holds(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default, deny_unknown_fields)]
    struct Sample {
        name: String,
        search: Search,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(default, deny_unknown_fields)]
    struct Search {
        radius_km: f64,
        #[serde(with = "human_duration")]
        deadline: Duration,
    }

    impl Default for Search {
        fn default() -> Self {
            Self {
                radius_km: 40.0,
                deadline: Duration::from_secs(2),
            }
        }
    }

    fn load_text(text: &str) -> Result<Sample, ConfigError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sample.toml");
        std::fs::write(&path, text).unwrap();
        load(Some(&path))
    }

    fn complaint(text: &str) -> (usize, Option<String>, String) {
        match load_text(text).unwrap_err() {
            ConfigError::Invalid {
                line,
                key,
                expected,
                ..
            } => (line, key, expected),
            ConfigError::Unreadable { .. } => panic!("the file is readable"),
        }
    }

    #[test]
    fn no_file_and_an_empty_file_mean_the_defaults() {
        assert_eq!(load::<Sample>(None).unwrap(), Sample::default());
        assert_eq!(load_text("").unwrap(), Sample::default());
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_known_ones() {
        let (line, key, expected) = complaint("name = \"x\"\n\n[search]\nradius = 40\n");

        assert_eq!((line, key.as_deref()), (4, Some("search.radius")));
        assert!(expected.contains("radius_km"), "{expected}");
    }

    #[test]
    fn a_value_of_the_wrong_type_is_named_with_what_is_expected() {
        let (line, key, expected) = complaint("[search]\nradius_km = \"far\"\n");

        assert_eq!((line, key.as_deref()), (2, Some("search.radius_km")));
        assert!(expected.contains("expected f64"), "{expected}");
    }

    #[test]
    fn a_bad_duration_is_named_with_an_example() {
        let (line, key, expected) = complaint("search = { deadline = \"soon\" }\n");

        assert_eq!((line, key.as_deref()), (1, Some("search.deadline")));
        assert!(expected.contains("\"2s\""), "{expected}");
    }

    #[test]
    fn text_that_is_no_toml_is_named_with_its_line() {
        let (line, key, _) = complaint("name = \"x\"\nsearch = = 1\n");

        assert_eq!((line, key), (2, None));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = load::<Sample>(Some(Path::new("/nowhere/sample.toml"))).unwrap_err();

        assert!(error.to_string().contains("/nowhere/sample.toml"));
        assert_eq!(error.code(), "config_unreadable");
    }
}
