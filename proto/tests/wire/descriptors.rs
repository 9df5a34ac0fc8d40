//! What the `.proto` files promise: everything is explained, and named as the rest of the API is.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message;
use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet};
use referral_proto::DESCRIPTORS;

/// Places in a file, as `SourceCodeInfo` numbers them, each with a name for people.
type Places = BTreeMap<Vec<i32>, String>;

fn files() -> Vec<FileDescriptorProto> {
    let set = FileDescriptorSet::decode(DESCRIPTORS).unwrap_or_default();
    let own = set
        .file
        .into_iter()
        .filter(|file| file.package() == "referral.v1");
    own.collect()
}

#[test]
fn everything_has_a_comment() {
    let files = files();
    assert_eq!(files.len(), 11);
    for file in &files {
        let explained = explained(file);
        for (place, name) in places(file) {
            assert!(
                explained.contains(&place),
                "{name} in {} has no comment",
                file.name()
            );
        }
    }
}

fn explained(file: &FileDescriptorProto) -> BTreeSet<Vec<i32>> {
    let info = file.source_code_info.iter().flat_map(|info| &info.location);
    let commented = info.filter(|location| !location.leading_comments().trim().is_empty());
    commented.map(|location| location.path.clone()).collect()
}

/// Every message, field, oneof, enum, value, service and method of a file. The numbers are those of
/// the fields of `FileDescriptorProto` and of what it holds.
fn places(file: &FileDescriptorProto) -> Places {
    let mut places = Places::new();
    for (i, message) in (0..).zip(&file.message_type) {
        message_places(&[4, i], message, &mut places);
    }
    for (i, one) in (0..).zip(&file.enum_type) {
        enum_places(&[5, i], one, &mut places);
    }
    for (i, service) in (0..).zip(&file.service) {
        places.insert(vec![6, i], service.name().to_owned());
        for (j, method) in (0..).zip(&service.method) {
            places.insert(vec![6, i, 2, j], method.name().to_owned());
        }
    }
    places
}

fn message_places(at: &[i32], message: &DescriptorProto, places: &mut Places) {
    // The entry of a map, which no file mentions.
    if message
        .options
        .as_ref()
        .is_some_and(prost_types::MessageOptions::map_entry)
    {
        return;
    }
    let name = message.name();
    places.insert(at.to_vec(), name.to_owned());
    for (i, field) in (0..).zip(&message.field) {
        places.insert([at, &[2, i]].concat(), format!("{name}.{}", field.name()));
    }
    for (i, oneof) in (0..).zip(&message.oneof_decl) {
        // proto3 keeps each `optional` field in a oneof of its own, which no file mentions.
        let written = !oneof.name().starts_with('_');
        if written {
            places.insert([at, &[8, i]].concat(), format!("{name}.{}", oneof.name()));
        }
    }
    for (i, nested) in (0..).zip(&message.nested_type) {
        message_places(&[at, &[3, i]].concat(), nested, places);
    }
    for (i, one) in (0..).zip(&message.enum_type) {
        enum_places(&[at, &[4, i]].concat(), one, places);
    }
}

fn enum_places(at: &[i32], one: &EnumDescriptorProto, places: &mut Places) {
    places.insert(at.to_vec(), one.name().to_owned());
    for (i, value) in (0..).zip(&one.value) {
        places.insert([at, &[2, i]].concat(), value.name().to_owned());
    }
}

/// A number that was used once must never come back with another meaning: what is removed is
/// `reserved`.
#[test]
fn numbers_run_from_one_and_gaps_are_reserved() {
    for message in files().iter().flat_map(|file| &file.message_type) {
        let used = message
            .field
            .iter()
            .map(prost_types::FieldDescriptorProto::number);
        let reserved = message.reserved_range.iter();
        let reserved = reserved.flat_map(|range| range.start()..range.end());
        let numbers: BTreeSet<i32> = used.chain(reserved).collect();

        assert!(
            numbers.into_iter().eq(1..=last(message)),
            "{}",
            message.name()
        );
    }
}

fn last(message: &DescriptorProto) -> i32 {
    let used = message
        .field
        .iter()
        .map(prost_types::FieldDescriptorProto::number);
    let reserved = message.reserved_range.iter().map(|range| range.end() - 1);
    used.chain(reserved).max().unwrap_or(0)
}

#[test]
fn the_first_value_of_an_enum_says_nothing() {
    for one in files().iter().flat_map(|file| &file.enum_type) {
        let prefix = upper_snake(one.name());
        assert_eq!(one.value[0].name(), format!("{prefix}_UNSPECIFIED"));
        assert_eq!(one.value[0].number(), 0);
        for value in &one.value {
            assert!(
                value.name().starts_with(&format!("{prefix}_")),
                "{}",
                value.name()
            );
        }
    }
}

fn upper_snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_uppercase());
    }
    snake
}

#[test]
fn every_method_has_messages_of_its_own() {
    for service in files().iter().flat_map(|file| &file.service) {
        assert!(service.name().ends_with("Service"), "{}", service.name());
        for method in &service.method {
            let name = method.name();
            assert_eq!(method.input_type(), format!(".referral.v1.{name}Request"));
            assert_eq!(method.output_type(), format!(".referral.v1.{name}Response"));
        }
    }
}
