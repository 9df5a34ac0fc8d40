//! The protobuf JSON form of any message: camelCase names, values not set printed as their defaults.
//!
//! As the protobuf documentation defines it: 64-bit integers are strings, enums their names,
//! timestamps RFC 3339. Fields that can be absent (messages, `optional` numbers) are left out when
//! they are.

use std::sync::OnceLock;

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};
use serde::{Serialize, Serializer};

/// Why a message has no JSON form.
#[derive(Debug, thiserror::Error)]
pub enum NoJson {
    /// No message of this version has the name.
    #[error("no message of referral.v1 has this name")]
    UnknownType,
    /// The message is not of the type that was named.
    #[error("the message is of another type than was named")]
    OtherType(#[source] prost::DecodeError),
    /// A value has no JSON form, e.g. a timestamp beyond the year 9999.
    #[error("a value of the message has no JSON form")]
    Value(#[source] serde_json::Error),
}

impl NoJson {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownType => "json_unknown_type",
            Self::OtherType(_) => "json_other_type",
            Self::Value(_) => "json_value",
        }
    }
}

/// `message` in JSON, on one line. `type_name` is its full name, e.g. `referral.v1.SearchResponse`.
///
/// # Errors
/// [`NoJson`] when the name and the message do not belong together, or a value has no JSON form.
pub fn to_json(type_name: &str, message: &impl Message) -> Result<String, NoJson> {
    let descriptor = pool()
        .and_then(|pool| pool.get_message_by_name(type_name))
        .ok_or(NoJson::UnknownType)?;
    let bytes = message.encode_to_vec();
    let message =
        DynamicMessage::decode(descriptor, bytes.as_slice()).map_err(NoJson::OtherType)?;
    serde_json::to_string(&WithDefaults(&message)).map_err(NoJson::Value)
}

struct WithDefaults<'a>(&'a DynamicMessage);

impl Serialize for WithDefaults<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let options = SerializeOptions::new().skip_default_fields(false);
        self.0.serialize_with_options(serializer, &options)
    }
}

/// The descriptors, decoded once. They are this crate's own, and a test reads them.
pub(crate) fn pool() -> Option<&'static DescriptorPool> {
    static POOL: OnceLock<Option<DescriptorPool>> = OnceLock::new();
    POOL.get_or_init(|| DescriptorPool::decode(crate::DESCRIPTORS).ok())
        .as_ref()
}
