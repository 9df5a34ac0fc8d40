//! Bytes that are no message: refused when they are decoded, whatever they are decoded as.
//!
//! The numbers are those of the list of bad inputs that the product has to withstand.

use prost::Message;
use referral_proto::convert::{Violations, twice};
use referral_proto::v1;

use crate::samples;

/// Groups inside groups, so many deep, in a field that no message knows.
fn nested(depth: usize) -> Vec<u8> {
    let (begin, end) = ([0xfb, 0x7f], [0xfc, 0x7f]);
    [begin.repeat(depth), end.repeat(depth)].concat()
}

/// Field 1 of an operation, its agency's id, with these bytes.
fn agency(bytes: &[u8]) -> Vec<u8> {
    let length = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
    [&[0x0a, length], bytes].concat()
}

#[test]
fn bytes_that_are_no_message_are_refused() {
    for (number, why, bytes) in [
        (2, "random bytes", vec![0xff; 16]),
        (3, "a number that does not end", vec![0x08, 0xff, 0xff]),
        (
            3,
            "a number of more than ten bytes",
            [vec![0x18], vec![0xff; 11]].concat(),
        ),
        (4, "a length beyond the end", vec![0x0a, 0x64, b'x']),
        (
            5,
            "a length of 4 GiB",
            vec![0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, b'x'],
        ),
        (6, "101 levels", nested(101)),
        (9, "a number where text belongs", vec![0x08, 0x01]),
        (9, "a group that nobody began", vec![0x0c]),
        (10, "text that is not UTF-8", agency(b"\xff\xfe")),
        (10, "an overlong slash", agency(b"\xe0\x80\xaf")),
        (11, "half a surrogate pair", agency(b"\xed\xa0\x80")),
    ] {
        assert!(v1::Operation::decode(&*bytes).is_err(), "{number}: {why}");
    }
}

#[test]
fn no_bytes_are_an_operation_without_a_place() {
    let empty = v1::Operation::decode(&b""[..]).unwrap();

    let header = referral_proto::convert::federation::header(&empty, b"");

    assert!(header.is_err(), "1");
}

/// 7: what a later version adds is passed over, and stays in the signed bytes.
#[test]
fn fields_of_a_later_version_are_passed_over() {
    let record = samples::record_of(samples::service());
    let mut bytes = record.encode_to_vec();
    bytes.extend(nested(3));
    bytes.extend([0xf8, 0x7f, 0x01]);

    assert_eq!(v1::Record::decode(&*bytes), Ok(record));
}

/// An operation that publishes a service.
fn published() -> v1::Operation {
    v1::Operation {
        seq: 7,
        local_id: "legal".to_owned(),
        record: Some(samples::record_of(samples::service())),
        ..v1::Operation::default()
    }
}

/// An operation's bytes with those of another behind them, as nobody's encoder writes them.
fn then(more: &v1::Operation) -> Vec<u8> {
    [published().encode_to_vec(), more.encode_to_vec()].concat()
}

/// A record within an operation.
fn record(record: v1::Record) -> v1::Operation {
    v1::Operation {
        record: Some(record),
        ..v1::Operation::default()
    }
}

/// A service whose first telephone begins with this number, and goes on with another.
fn two_numbers() -> Vec<u8> {
    let phone = |number: &str| v1::Phone {
        number: number.to_owned(),
        ..v1::Phone::default()
    };
    let phone = [phone("+17045550100"), phone("+17045550199")];
    let phone: Vec<u8> = phone.iter().flat_map(Message::encode_to_vec).collect();
    let within = |bytes: Vec<u8>, tag: u32| {
        let mut around = Vec::new();
        prost::encoding::encode_key(tag, prost::encoding::WireType::LengthDelimited, &mut around);
        prost::encoding::encode_varint(bytes.len() as u64, &mut around);
        [around, bytes].concat()
    };
    let number = |message: &str, field: &str| {
        let pool = prost_reflect::DescriptorPool::decode(referral_proto::DESCRIPTORS).ok();
        let message = pool.and_then(|pool| pool.get_message_by_name(message));
        let field = message.and_then(|message| message.get_field_by_name(field));
        field.map_or(0, |field| field.number())
    };
    let service = within(phone, number("referral.v1.Service", "phones"));
    let record = within(service, number("referral.v1.Record", "service"));
    within(record, number("referral.v1.Operation", "record"))
}

/// Whether nothing is said twice and differently in an operation that prost reads.
fn said_once(bytes: &[u8]) -> Result<(), Violations> {
    let read = v1::Operation::decode(bytes);
    assert!(read.is_ok(), "prost reads it");
    twice::check("referral.v1.Operation", &read.unwrap_or_default(), bytes)
}

/// 8: what protobuf lets the last one count for, and another reader the first.
#[test]
fn a_field_that_is_there_twice_and_says_two_things_is_named() {
    let other = v1::Operation {
        local_id: "shelter".to_owned(),
        ..v1::Operation::default()
    };
    let place = v1::Operation {
        seq: 8,
        ..v1::Operation::default()
    };
    for (path, bytes) in [
        ("local_id", then(&other)),
        ("seq", then(&place)),
        (
            "record",
            then(&record(samples::record(v1::record::Record::Location(
                samples::location(),
            )))),
        ),
        ("service.phones[0].number", two_numbers()),
    ] {
        let refused = said_once(&bytes).unwrap_err();

        let said: Vec<_> = refused.iter().map(|v| (v.code, v.field.as_str())).collect();
        assert_eq!(said, [("ambiguous", path)]);
        let words: Vec<_> = refused.iter().map(|v| v.text.as_str()).collect();
        assert!(!words.concat().contains("shelter"));
    }
}

/// A later value that is written though it says nothing counts, too.
#[test]
fn a_field_that_is_taken_back_by_an_empty_one_is_ambiguous() {
    // Field 8, of no bytes.
    let bytes = [published().encode_to_vec(), vec![0x42, 0]].concat();

    let refused = said_once(&bytes).unwrap_err();

    let paths: Vec<_> = refused.iter().map(|v| v.field.as_str()).collect();
    assert_eq!(paths, ["local_id"]);
}

#[test]
fn lists_and_what_is_said_twice_alike_are_not_ambiguous() {
    let once = published().encode_to_vec();

    for bytes in [once.clone(), then(&published())] {
        assert_eq!(said_once(&bytes), Ok(()));
    }
}
