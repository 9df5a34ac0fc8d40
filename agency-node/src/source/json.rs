//! JSON, strictly: not too deep, no key twice, numbers as their text.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::error::{Fault, SourceError};

/// How deep a document may nest. The deepest of HSDS needs 17.
const DEPTH: usize = 32;
/// A value takes some 80 bytes here, however short it is. So many any document may have...
const FEW: usize = 10_000;
/// ... and one more for every so many bytes: in an object a name and its marks are as long. Unit: bytes.
const DENSEST: usize = 8;

/// A JSON value; numbers keep their text, keys their order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    /// `null`
    Null,
    /// A string, a number or a truth value, as text.
    Scalar(String),
    /// An array.
    List(Vec<Json>),
    /// An object.
    Object(Vec<(String, Json)>),
}

/// What is wrong, and the byte of the text it is at.
struct Wrong(usize, Fault);

impl Json {
    /// Reads one document.
    ///
    /// # Errors
    /// [`SourceError`] with line and column when it is no JSON, nests too deep or has a key twice.
    pub(super) fn read(file: &str, text: &str) -> Result<Self, SourceError> {
        let read = check_depth(text).and_then(|()| document(text));
        read.map_err(|Wrong(at, fault)| SourceError::new(file, fault).at(line_and_column(text, at)))
    }

    /// A member of an object.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value),
            _ => None,
        }
    }
}

/// Counts open brackets, and values by their commas and brackets, outside strings: before anything is built from them.
fn check_depth(text: &str) -> Result<(), Wrong> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let (mut values, most) = (0_usize, FEW + text.len() / DENSEST);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b',' => values += 1,
            b'[' | b'{' => {
                depth += 1;
                values += 1;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH {
            return Err(Wrong(at, Fault::TooDeep(DEPTH)));
        }
        if values > most {
            return Err(Wrong(at, Fault::TooManyValues));
        }
    }
    Ok(())
}

fn document(text: &str) -> Result<Json, Wrong> {
    let raw: &RawValue = serde_json::from_str(text).map_err(|wrong| {
        let line = wrong.line().saturating_sub(1);
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let at = start + wrong.column().saturating_sub(1);
        Wrong(at, Fault::InvalidJson(kind(&wrong).to_owned()))
    })?;
    value(raw, text)
}

/// Builds a value from its text. No deeper than [`DEPTH`], which was checked.
fn value(raw: &RawValue, text: &str) -> Result<Json, Wrong> {
    let unreadable = |_| Wrong(offset(raw, text), Fault::InvalidJson(UNEXPECTED.to_owned()));
    match raw.get().as_bytes().first() {
        Some(b'{') => {
            let Members(members) = serde_json::from_str(raw.get()).map_err(unreadable)?;
            object(members, text)
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(unreadable)?;
            let items: Result<_, _> = items.into_iter().map(|item| value(item, text)).collect();
            items.map(Json::List)
        }
        Some(b'"') => {
            let string = serde_json::from_str(raw.get()).map_err(unreadable)?;
            Ok(Json::Scalar(string))
        }
        Some(b'n') => Ok(Json::Null),
        _ => Ok(Json::Scalar(raw.get().to_owned())),
    }
}

fn object(members: Vec<(String, &RawValue)>, text: &str) -> Result<Json, Wrong> {
    let mut keys = HashSet::new();
    for (key, raw) in &members {
        if !keys.insert(key.as_str()) {
            let shown = key.chars().take(40).collect();
            return Err(Wrong(offset(raw, text), Fault::KeyTwice(shown)));
        }
    }
    let members: Result<_, _> = members
        .into_iter()
        .map(|(key, raw)| Ok((key, value(raw, text)?)))
        .collect();
    members.map(Json::Object)
}

const UNEXPECTED: &str = "something unexpected stands there";

/// What is wrong with a document, without quoting it.
fn kind(wrong: &serde_json::Error) -> &'static str {
    match wrong.classify() {
        serde_json::error::Category::Eof => "it ends too early; is the file complete?",
        _ => UNEXPECTED,
    }
}

/// The byte of `text` at which `raw`, a part of it, begins.
fn offset(raw: &RawValue, text: &str) -> usize {
    let start = raw.get().as_ptr().addr();
    start.saturating_sub(text.as_ptr().addr())
}

fn line_and_column(text: &str, at: usize) -> String {
    let bytes = &text.as_bytes()[..at.min(text.len())];
    let line = bytes.split(|byte| *byte == b'\n').count();
    let rest = bytes.rsplit(|byte| *byte == b'\n').next();
    let column = 1 + rest.map_or(0, <[u8]>::len);
    format!("line {line} column {column}")
}

/// The members of an object in their order, repeated keys included.
struct Members<'t>(Vec<(String, &'t RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = entries.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> (&'static str, String) {
        let wrong = Json::read("f.json", text).unwrap_err();
        (wrong.code(), wrong.place.unwrap())
    }

    fn scalar(text: &str) -> Json {
        Json::Scalar(text.to_owned())
    }

    #[test]
    fn numbers_and_truth_values_keep_their_text() {
        for text in [
            "100",
            "-0",
            "-0.50",
            "1e999",
            "9007199254740993",
            "39.290438512345678",
            "true",
        ] {
            assert_eq!(Json::read("f.json", text).unwrap(), scalar(text));
        }
        let json = Json::read("f.json", r#" {"a": [1.0, "b\u00e9", null]} "#).unwrap();
        let items = vec![scalar("1.0"), scalar("bé"), Json::Null];
        assert_eq!(json.get("a"), Some(&Json::List(items)));
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_where_it_stands_again() {
        assert_eq!(
            refusal("{\n\"a\":1,\"a\":2}"),
            ("json_key_twice", "line 2 column 11".to_owned())
        );
        assert_eq!(refusal("{\"a\":1,\"\\u0061\":2}").0, "json_key_twice");
        assert_eq!(refusal("[{\"b\":{\"a\":1,\"a\":1}}]").0, "json_key_twice");
    }

    #[test]
    fn what_is_no_document_is_refused_with_its_place() {
        for text in [
            "{\"a\": [1,",
            "{} {}",
            "{'a':1}",
            "\"\\ud800\"",
            "[1,]",
            "nul",
            "01",
        ] {
            assert_eq!(refusal(text).0, "json_invalid", "{text}");
        }
        assert_eq!(refusal("{\n  \"a\": x}").1, "line 2 column 8");
    }

    #[test]
    fn nesting_is_bounded_before_anything_is_built() {
        assert_eq!(refusal(&"[".repeat(100_000)).0, "json_too_deep");
        assert_eq!(refusal(&"{\"a\":".repeat(100_000)).0, "json_too_deep");
        let deepest = format!("{}1{}", "[".repeat(DEPTH), "]".repeat(DEPTH));
        assert!(Json::read("f.json", &deepest).is_ok());
        assert!(Json::read("f.json", &format!("\"{}\"", "[\\\"".repeat(99))).is_ok());
    }
}
