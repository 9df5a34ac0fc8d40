//! What goes out comes back: domain to wire to bytes to wire to domain.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, ReflectMessage, Value};
use referral_core::capacity::Availability;
use referral_core::capacity::Order;
use referral_core::catalog::Record;
use referral_core::federation::{Chain, Earlier, operation_hash};
use referral_core::id::{AgencyId, Hash};
use referral_core::search::{Change, Chosen, Circumstance, Custody, Query};
use referral_core::vocabulary::Code;
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
        earlier in proptest::collection::vec(any::<u64>(), 0..12),
    ) {
        let order = Order { epoch, cseq };
        let earlier = Earlier::of(&earlier);
        let operation = federation::capacity_operation(&harbor(), order, &report, &earlier);
        let bytes = operation.encode_to_vec();
        let wire = v1::CapacityOperation::decode(bytes.as_slice()).unwrap();

        prop_assert_eq!(federation::capacity_header(&wire), Ok((harbor(), order)));
        prop_assert_eq!(Earlier::of(&wire.earlier), earlier);
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
fn a_search_is_understood_field_by_field() {
    let asked = v1::SearchRequest {
        need: vec!["lc:bond".to_owned(), "rep:full".to_owned()],
        text: "detained".to_owned(),
        near: "78017".to_owned(),
        radius_miles: 50.0,
        serves: "Frio County, TX".to_owned(),
        languages: vec!["mam".to_owned(), "es".to_owned()],
        availability: v1::Availability::Any.into(),
        limit: 7,
        circumstances: Some(v1::Circumstances {
            custody: v1::Custody::Detained.into(),
            age: Some(0),
            immigration: v1::Immigration::WithoutStatus.into(),
            nationality: "HN".to_owned(),
            work_permit: v1::WorkPermit::Before.into(),
        }),
        access: v1::Access::InPerson.into(),
        fee: v1::Fee::LowCost.into(),
        interpreter: true,
        neighbours: true,
        filters: Some(v1::SearchFilters {
            codes: vec!["fee:free".to_owned()],
            languages: vec!["es".to_owned()],
            state: v1::CapacityState::Waitlist.into(),
            in_state: "TX".to_owned(),
            access: v1::Access::Remote.into(),
        }),
        page_token: "AQ".to_owned(),
        facets: true,
        near_misses: true,
        rotation: 9,
    };

    let understood = Query {
        need: "lc:bond,rep:full".to_owned(),
        text: "detained".to_owned(),
        near: "78017".to_owned(),
        radius_miles: 50.0,
        serves: "Frio County, TX".to_owned(),
        languages: vec!["mam".to_owned(), "es".to_owned()],
        availability: Availability::Any,
        custody: "det".to_owned(),
        age: "0".to_owned(),
        immigration: "none".to_owned(),
        nationality: "HN".to_owned(),
        work_permit: "before".to_owned(),
        access: "in_person".to_owned(),
        fee: "low_cost".to_owned(),
        interpreter: true,
        neighbours: true,
        also: Chosen {
            codes: vec!["fee:free".to_owned()],
            languages: vec!["es".to_owned()],
            state: "waitlist".to_owned(),
            in_state: "TX".to_owned(),
            access: "remote".to_owned(),
        },
        limit: 7,
        seed: 9,
        cursor: "AQ".to_owned(),
        facets: true,
        near_misses: true,
    };
    assert!(search::query(asked).unwrap() == understood);
    let nothing = search::query(v1::SearchRequest::default()).unwrap();
    assert!(nothing == Query::default());
}

#[test]
fn the_needs_of_a_bundle_share_the_rest() {
    let need = |codes: &[&str]| v1::BundleNeed {
        need: codes.iter().map(|code| (*code).to_owned()).collect(),
    };
    let asked = v1::SearchBundleRequest {
        shared: Some(v1::SearchRequest {
            near: "78017".to_owned(),
            ..v1::SearchRequest::default()
        }),
        needs: vec![need(&["lc:bond", "rep:full"]), need(&["ho:es"])],
    };

    let (shared, needs) = search::bundle(asked).unwrap();

    assert_eq!(shared.near, "78017");
    assert_eq!(needs, ["lc:bond,rep:full", "ho:es"]);
}

/// The words core reads are those the wire writes.
#[test]
fn every_value_of_an_enum_means_one_value_of_the_domain() {
    let custody = (1..=5).map(|n| {
        let given = v1::Circumstances {
            custody: n,
            ..v1::Circumstances::default()
        };
        let asked = v1::SearchRequest {
            circumstances: Some(given),
            ..v1::SearchRequest::default()
        };
        search::query(asked).unwrap().custody
    });

    assert_eq!(
        custody.collect::<Vec<_>>(),
        Custody::ALL.map(Custody::as_str)
    );
}

#[test]
fn a_change_names_the_field_of_the_request_and_its_new_value() {
    let rep = Code::parse("rep:full").unwrap();
    for (change, field, value) in [
        (Change::WidenTo(112), "radius_miles", "112"),
        (Change::Waitlist, "availability", "AVAILABILITY_WAITLIST"),
        (Change::Interpreter, "interpreter", "true"),
        (Change::AnyLanguage, "languages", ""),
        (Change::Without(Circumstance::Age), "circumstances.age", ""),
        (Change::WithoutTerm(rep), "need", "lc:bond,lc:bia"),
    ] {
        let made = search::change(&change, "lc:bond, rep:full,lc:bia");

        assert_eq!((made.field.as_str(), made.value.as_str()), (field, value));
    }
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
        let capacity =
            federation::capacity_operation(&harbor(), order, &report, &Earlier::of(&[7]));
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
