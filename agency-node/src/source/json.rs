//! JSON, strictly: not too deep, no key twice, numbers as their text.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};

use super::error::{Fault, SourceError};

/// How deep a document may nest. The deepest of HSDS needs 17.
const DEPTH: usize = 32;

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

impl Json {
    /// Reads one document.
    ///
    /// # Errors
    /// [`SourceError`] with line and column when it is no JSON, nests too deep or has a key twice.
    pub(super) fn read(file: &str, text: &str) -> Result<Self, SourceError> {
        let fault = RefCell::new(None);
        let seed = Seed {
            depth: DEPTH,
            fault: &fault,
        };
        let mut reader = serde_json::Deserializer::from_str(text);
        let read = seed
            .deserialize(&mut reader)
            .and_then(|json| reader.end().map(|()| json));
        read.map_err(|wrong| {
            let place = format!("line {} column {}", wrong.line(), wrong.column());
            let fault = fault
                .take()
                .unwrap_or_else(|| Fault::InvalidJson(kind(&wrong).to_owned()));
            SourceError::new(file, fault).at(place)
        })
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

/// What is wrong with a document, without quoting it.
fn kind(wrong: &serde_json::Error) -> &'static str {
    match wrong.classify() {
        serde_json::error::Category::Eof => "it ends too early; is the file complete?",
        _ => "something unexpected stands there",
    }
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    depth: usize,
    fault: &'a RefCell<Option<Fault>>,
}

impl Seed<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(self.refuse(Fault::TooDeep(DEPTH))),
        }
    }

    fn refuse<E: Error>(self, fault: Fault) -> E {
        let error = E::custom("refused");
        self.fault.replace(Some(fault));
        error
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Json;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Json, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Scalar(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Scalar(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Scalar(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Scalar(value.to_string()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Scalar(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let inner = self.deeper()?;
        let mut members: Vec<(String, Json)> = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                let shown = key.chars().take(40).collect();
                return Err(self.refuse(Fault::KeyTwice(shown)));
            }
            let value = entries.next_value_seed(inner)?;
            members.push((key, value));
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> (&'static str, String) {
        let wrong = Json::read("f.json", text).unwrap_err();
        (wrong.code(), wrong.place.unwrap())
    }

    #[test]
    fn numbers_and_truth_values_are_text() {
        let json = Json::read(
            "f.json",
            r#"{"a":100,"b":-0.5,"c":true,"d":9007199254740993}"#,
        );

        let scalar = |key: &str| json.as_ref().unwrap().get(key).cloned();
        assert_eq!(scalar("a"), Some(Json::Scalar("100".to_owned())));
        assert_eq!(scalar("b"), Some(Json::Scalar("-0.5".to_owned())));
        assert_eq!(scalar("c"), Some(Json::Scalar("true".to_owned())));
        assert_eq!(
            scalar("d"),
            Some(Json::Scalar("9007199254740993".to_owned()))
        );
    }

    #[test]
    fn harmful_documents_are_refused_with_their_place() {
        assert_eq!(
            refusal("{\n\"a\":1,\"a\":2}"),
            ("json_key_twice", "line 2 column 9".to_owned())
        );
        assert_eq!(refusal(&"[".repeat(100_000)).0, "json_too_deep");
        assert_eq!(refusal("{\"a\": [1,").0, "json_invalid");
        assert_eq!(refusal("{} {}").0, "json_invalid");
        assert_eq!(refusal("{\"a\": 1e999}").0, "json_invalid");
        let deepest = format!("{}1{}", "[".repeat(DEPTH), "]".repeat(DEPTH));
        assert!(Json::read("f.json", &deepest).is_ok());
    }
}
