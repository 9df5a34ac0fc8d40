//! Operations without a place in a log, and operations that contradict themselves.

use prost::Message;
use referral_core::federation::Change;
use referral_proto::convert::federation::{Malformed, capacity_header, change, header, said};
use referral_proto::convert::limits;
use referral_proto::v1;

use crate::samples;

fn upsert() -> v1::Operation {
    v1::Operation {
        agency_id: "harbor".to_owned(),
        epoch: Some(v1::Epoch {
            generation: 1,
            number: 1,
        }),
        seq: 1,
        prev_head: vec![7; 32],
        base_hash: vec![],
        kind: v1::OperationKind::Upsert.into(),
        record_kind: v1::RecordKind::Service.into(),
        local_id: "r-1".to_owned(),
        made_at: Some(prost_types::Timestamp {
            seconds: 1_777_000_000,
            nanos: 0,
        }),
        ancestors: vec![],
        record: Some(samples::record_of(samples::service())),
    }
}

fn epoch(number: u64) -> Option<v1::Epoch> {
    let generation = 1;
    Some(v1::Epoch { generation, number }).filter(|_| number < u64::MAX)
}

/// No place in a log: (why, how it is lost).
type Placeless = (Malformed, fn(&mut v1::Operation));

const PLACELESS: &[Placeless] = &[
    (Malformed::Agency, |o| o.agency_id = String::new()),
    (Malformed::Agency, |o| o.agency_id = "Harbor!".into()),
    (Malformed::Epoch, |o| o.epoch = None),
    (Malformed::Epoch, |o| o.epoch = epoch(0)),
    (Malformed::Sequence, |o| o.seq = 0),
    (Malformed::Sequence, |o| o.seq = u64::MAX),
    (Malformed::Hash, |o| o.prev_head = vec![]),
    (Malformed::Hash, |o| o.prev_head = vec![7; 33]),
];

#[test]
fn an_operation_without_a_place_is_malformed() {
    assert!(header(&upsert(), &upsert().encode_to_vec()).is_ok());
    for (why, lose) in PLACELESS {
        let mut operation = upsert();
        lose(&mut operation);
        let bytes = operation.encode_to_vec();

        assert_eq!(header(&operation, &bytes), Err(*why));
    }
}

#[test]
fn an_operation_over_its_bytes_is_malformed() {
    let bytes = vec![0; limits::SIGNED_BYTES + 1];

    assert_eq!(header(&upsert(), &bytes), Err(Malformed::TooLarge));
    assert!(header(&upsert(), &bytes[1..]).is_ok());
}

#[test]
fn the_largest_record_fits_into_an_operation() {
    let mut operation = upsert();
    operation.agency_id = "a".repeat(40);
    operation.local_id = "r".repeat(64);
    operation.epoch = Some(v1::Epoch {
        generation: u64::MAX,
        number: u64::MAX,
    });
    operation.seq = u64::MAX - 1;
    operation.base_hash = vec![7; 32];
    operation.ancestors = vec![vec![7; 32]; 64];
    operation.record = None;
    let around = operation.encoded_len() + 10;

    assert!(
        around + limits::RECORD_BYTES <= limits::SIGNED_BYTES,
        "{around}"
    );
}

#[test]
fn a_capacity_operation_without_a_place_is_malformed() {
    let operation = |agency: &str, epoch, cseq| v1::CapacityOperation {
        agency_id: agency.to_owned(),
        epoch,
        cseq,
        report: None,
        earlier: vec![],
    };

    for (operation, why) in [
        (operation("", epoch(1), 1), Malformed::Agency),
        (operation("harbor", None, 1), Malformed::Epoch),
        (operation("harbor", epoch(1), 0), Malformed::Sequence),
        (operation("harbor", epoch(1), u64::MAX), Malformed::Sequence),
    ] {
        assert_eq!(capacity_header(&operation), Err(why));
    }
    let mut remembers = operation("harbor", epoch(1), 1);
    remembers.earlier = vec![7; 9];
    for (operation, fault) in [
        (operation("harbor", epoch(1), 1), ("report", "missing")),
        (remembers, ("earlier", "too_many")),
    ] {
        let found = said(operation, jiff::Timestamp::UNIX_EPOCH).unwrap_err();
        assert_eq!((found.first().field.as_str(), found.first().code), fault);
    }
}

/// What contradicts itself: (field, code, how).
type Bad = (&'static str, &'static str, fn(&mut v1::Operation));

const BAD: &[Bad] = &[
    ("kind", "unspecified", |o| o.kind = 0),
    ("kind", "unknown_value", |o| o.kind = 4),
    ("record_kind", "unspecified", |o| o.record_kind = 0),
    ("record_kind", "record_kind_mismatch", |o| {
        o.record_kind = v1::RecordKind::Location.into();
    }),
    ("local_id", "id_invalid", |o| {
        o.local_id = "../../x".into();
    }),
    ("local_id", "local_id_mismatch", |o| {
        o.local_id = "r-2".into();
    }),
    ("base_hash", "operation_hash", |o| o.base_hash = vec![1; 31]),
    ("made_at", "missing", |o| o.made_at = None),
    ("record", "record_missing", |o| o.record = None),
    ("record", "record_unexpected", |o| {
        o.kind = v1::OperationKind::Withdraw.into();
    }),
    ("record", "record_unexpected", |o| {
        o.kind = v1::OperationKind::Delete.into();
    }),
    ("ancestors", "operation_hash", |o| {
        o.ancestors = vec![vec![1; 31]];
    }),
    ("ancestors", "operation_ancestors", |o| {
        o.ancestors = vec![vec![1; 32]; 65];
    }),
    ("service.name", "text_empty", |o| {
        let nameless = v1::Service {
            name: String::new(),
            ..samples::service()
        };
        o.record = Some(samples::record_of(nameless));
    }),
];

#[test]
fn a_contradiction_is_named_by_field_and_code() {
    assert!(change(upsert()).is_ok());
    for (field, code, spoil) in BAD {
        let mut operation = upsert();
        spoil(&mut operation);

        let found = change(operation).unwrap_err();

        let named = (found.first().field.as_str(), found.first().code);
        assert_eq!(named, (*field, *code), "{found}");
    }
}

#[test]
fn a_withdrawal_names_the_record_and_carries_none() {
    let mut operation = upsert();
    operation.kind = v1::OperationKind::Withdraw.into();
    operation.record = None;

    let Change { id, record, .. } = change(operation).unwrap();

    assert_eq!((id.as_str(), record), ("r-1", None));
}
