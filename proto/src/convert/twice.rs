//! Fields that are there twice and say two things.
//!
//! Protobuf lets the last one count. A program that lets the first one count, or shows both, would read another
//! listing from the same signed bytes; so nobody has to guess, and such an operation is refused.

use std::collections::BTreeMap;

use prost::Message;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use super::Violations;
use crate::json::pool;

/// That no field of the message that is no list is in `bytes` with two values, nor two fields of which only one may be
/// given. The same twice says one thing. Fields that this version does not know are passed over.
///
/// * `message` — the full name of its type, e.g. `referral.v1.Operation`.
/// * `read` — the message that was decoded from `bytes`.
///
/// # Errors
/// The first field that says two things: `ambiguous`, by a path from the record where it is in one.
pub fn check(message: &str, read: &impl Message, bytes: &[u8]) -> Result<(), Violations> {
    // No encoder says a field twice: what would be written as it was read has none, and that is nearly all there is.
    if read.encode_to_vec() == bytes {
        return Ok(());
    }
    let descriptor = pool().and_then(|pool| pool.get_message_by_name(message));
    let twice = descriptor.and_then(|descriptor| first(&descriptor, bytes));
    twice.map_or(Ok(()), |path| {
        let path = path.strip_prefix("record.").unwrap_or(&path);
        let text = "this is given twice, with two values: say which";
        Err(Violations::one(path, "ambiguous", text))
    })
}

/// The path of the first field that says two things.
fn first(descriptor: &MessageDescriptor, mut bytes: &[u8]) -> Option<String> {
    let mut seen = BTreeMap::new();
    let mut elements: BTreeMap<u32, usize> = BTreeMap::new();
    while !bytes.is_empty() {
        let (number, form) = decode_key(&mut bytes).ok()?;
        let from = bytes;
        skip_field(form, number, &mut bytes, DecodeContext::default()).ok()?;
        let value = &from[..from.len() - bytes.len()];
        let Some(field) = descriptor.get_field(number) else {
            continue;
        };
        let several = field.is_list() || field.is_map();
        let other = (!several).then(|| seen.insert(slot(&field), (number, value)));
        if other.flatten().is_some_and(|said| said != (number, value)) {
            return Some(field.name().to_owned());
        }
        let element = elements.entry(number).or_default();
        if let Some(inside) = inside(&field, form, value) {
            let list = if several {
                format!("[{element}]")
            } else {
                String::new()
            };
            return Some(format!("{}{list}.{inside}", field.name()));
        }
        *element += 1;
    }
    None
}

/// What is there once: a field, or one of several of which only one may be given.
fn slot(field: &FieldDescriptor) -> u32 {
    let choice = field.containing_oneof();
    let first = choice.and_then(|choice| choice.fields().map(|field| field.number()).min());
    first.unwrap_or(field.number())
}

/// The path within a field that holds a message.
fn inside(field: &FieldDescriptor, form: WireType, mut value: &[u8]) -> Option<String> {
    match (field.kind(), form) {
        (Kind::Message(descriptor), WireType::LengthDelimited) => {
            decode_varint(&mut value).ok()?;
            first(&descriptor, value)
        }
        _ => None,
    }
}
