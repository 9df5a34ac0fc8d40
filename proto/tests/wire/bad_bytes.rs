//! Bytes that are no message: refused when they are decoded, whatever they are decoded as.
//!
//! The numbers are those of the list of bad inputs that the product has to withstand.

use prost::Message;
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
