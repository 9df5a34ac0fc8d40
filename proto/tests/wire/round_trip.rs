//! What goes out comes back: domain to wire to bytes to wire to domain.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, ReflectMessage, Value};
use referral_core::capacity::Order;
use referral_core::catalog::Record;
use referral_core::federation::{Chain, operation_hash};
use referral_core::id::{AgencyId, Hash};
use referral_core::search::Query;
use referral_proto::convert::{capacity, federation, search};
use referral_proto::{DESCRIPTORS, v1};

use crate::strategies;

#[expect(clippy::unwrap_used, reason = "this is an agency id")]
fn harbor() -> AgencyId {
    AgencyId::parse("harbor").unwrap()
}

proptest! {
    #[test]
    fn a_record_comes_back_as_it_went(record in strategies::record()) {
        let bytes = v1::Record::from(&record).encode_to_vec();

        let back = Record::try_from(v1::Record::decode(bytes.as_slice()).unwrap());

        prop_assert_eq!(back, Ok(record));
    }

    #[test]
    fn a_report_comes_back_as_it_went(report in strategies::report()) {
        let bytes = v1::CapacityReport::from(&report).encode_to_vec();
        let now = report.said().observed_at;

        let back = capacity::report(v1::CapacityReport::decode(bytes.as_slice()).unwrap(), now);

        prop_assert_eq!(back, Ok(report));
    }

    #[test]
    fn a_change_comes_back_with_its_place_in_the_log(
        change in strategies::change(),
        epoch in strategies::epoch(),
        applied in 0..u64::MAX - 1,
    ) {
        let after = Chain { epoch, applied, head: Hash::of(&[b"before"]) };
        let bytes = federation::operation(&harbor(), &after, &change).encode_to_vec();
        let wire = v1::Operation::decode(bytes.as_slice()).unwrap();

        let header = federation::header(&wire, &bytes).unwrap();

        prop_assert_eq!(header.agency, harbor());
        prop_assert_eq!(header.position.epoch, epoch);
        prop_assert_eq!(header.position.seq, applied + 1);
        prop_assert_eq!(header.position.prev_head, after.head);
        prop_assert_eq!(header.position.hash, operation_hash(&bytes));
        prop_assert_eq!(federation::change(wire), Ok(change));
    }

    #[test]
    fn a_capacity_operation_comes_back_with_its_place_in_the_stream(
        report in strategies::report(),
        epoch in strategies::epoch(),
        cseq in 1..u64::MAX,
    ) {
        let order = Order { epoch, cseq };
        let bytes = federation::capacity_operation(&harbor(), order, &report).encode_to_vec();
        let wire = v1::CapacityOperation::decode(bytes.as_slice()).unwrap();

        prop_assert_eq!(federation::capacity_header(&wire), Ok((harbor(), order)));
        let now = report.said().observed_at;
        prop_assert_eq!(federation::said(wire, now), Ok(report));
    }

    /// Bytes damaged on the way are refused, or they say something that can be sent on unchanged.
    #[test]
    fn what_was_read_once_reads_the_same_again(
        record in strategies::record(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = v1::Record::from(&record).encode_to_vec();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let Ok(wire) = v1::Record::decode(bytes.as_slice()) else { return Ok(()) };
        let Ok(read) = Record::try_from(wire) else { return Ok(()) };

        prop_assert_eq!(Record::try_from(v1::Record::from(&read)), Ok(read));
    }
}

#[test]
fn a_search_comes_back_as_it_was_asked() {
    let asked = v1::SearchRequest {
        need: vec!["lc:bond".to_owned(), "rep:full".to_owned()],
        text: "detained".to_owned(),
        near: "78017".to_owned(),
        radius_miles: 50.0,
        serves: "Frio County, TX".to_owned(),
        languages: vec!["mam".to_owned(), "es".to_owned()],
        availability: v1::Availability::Any.into(),
        limit: 7,
    };

    let query = search::query(asked.clone()).unwrap();

    assert_eq!(query.need, "lc:bond,rep:full");
    assert_eq!(v1::SearchRequest::from(&query), asked);
    let nothing = search::query(v1::SearchRequest::default()).unwrap();
    assert!(nothing == Query::default());
}

#[test]
fn codes_and_languages_nobody_has_heard_of_are_kept() {
    let mut service = crate::samples::service();
    service.attributes[0].code = "zz:from.the-future".into();
    service.languages[0].tag = "qqq-Zzzz-x-new".into();
    let wire = crate::samples::record_of(service);

    let read = Record::try_from(wire.clone()).unwrap();

    assert_eq!(v1::Record::from(&read), wire);
}

/// A field that the conversion forgets would be empty in every sample.
#[test]
fn every_field_of_the_wire_is_used() {
    let pool = DescriptorPool::decode(DESCRIPTORS).unwrap();
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    let mut look = |name: &str, bytes: Vec<u8>| {
        let descriptor = pool.get_message_by_name(name).unwrap();
        let message = DynamicMessage::decode(descriptor, bytes.as_slice()).unwrap();
        collect_set(&message, &mut seen);
    };
    for _ in 0..200 {
        let change = strategies::change()
            .new_tree(&mut runner)
            .unwrap()
            .current();
        let report = strategies::report()
            .new_tree(&mut runner)
            .unwrap()
            .current();
        let epoch = strategies::epoch().new_tree(&mut runner).unwrap().current();
        let after = Chain::start(epoch);
        let operation = federation::operation(&harbor(), &after, &change);
        look("referral.v1.Operation", operation.encode_to_vec());
        let order = Order { epoch, cseq: 1 };
        let capacity = federation::capacity_operation(&harbor(), order, &report);
        look("referral.v1.CapacityOperation", capacity.encode_to_vec());
    }

    let mut there = BTreeSet::new();
    for name in ["referral.v1.Operation", "referral.v1.CapacityOperation"] {
        collect_all(&pool.get_message_by_name(name).unwrap(), &mut there);
    }

    assert_eq!(seen, there);
    assert!(there.contains("referral.v1.Service.tier"), "{there:?}");
}

fn collect_set(message: &DynamicMessage, seen: &mut BTreeSet<String>) {
    for (field, value) in message.fields() {
        seen.insert(field.full_name().to_owned());
        let values = match value {
            Value::List(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        for value in values {
            if let Value::Message(part) = value
                && in_package(&part.descriptor())
            {
                collect_set(part, seen);
            }
        }
    }
}

fn collect_all(message: &MessageDescriptor, there: &mut BTreeSet<String>) {
    for field in message.fields() {
        let new = there.insert(field.full_name().to_owned());
        if let Some(part) = field.kind().as_message()
            && new
            && in_package(part)
        {
            collect_all(part, there);
        }
    }
}

fn in_package(message: &MessageDescriptor) -> bool {
    message.package_name() == "referral.v1"
}
