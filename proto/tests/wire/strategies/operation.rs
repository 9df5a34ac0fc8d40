//! Changes, and logs for them to follow.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use referral_core::catalog::Record;
use referral_core::federation::{Ancestry, Change, Epoch};
use referral_core::id::Kind;

use super::catalog::record;
use super::words::{hash, id, instant};

pub(crate) fn change() -> BoxedStrategy<Change> {
    let upsert = (record(), option::of(hash()), instant(), ancestry());
    let upsert = upsert.prop_map(|(record, base, made_at, ancestors)| Change {
        kind: record.kind(),
        id: Record::id(&record).clone(),
        base,
        made_at,
        record: Some(record),
        for_good: false,
        ancestors,
    });
    let removal = (
        select(Kind::ALL.to_vec()),
        id(),
        option::of(hash()),
        instant(),
        any::<bool>(),
        ancestry(),
    );
    let removal = removal.prop_map(|(kind, id, base, made_at, for_good, ancestors)| Change {
        kind,
        id,
        base,
        made_at,
        record: None,
        for_good,
        ancestors,
    });
    prop_oneof![3 => upsert, 1 => removal].boxed()
}

fn ancestry() -> impl Strategy<Value = Ancestry> {
    prop::collection::vec(hash(), 0..4).prop_map(|hashes| hashes.into_iter().collect())
}

pub(crate) fn epoch() -> BoxedStrategy<Epoch> {
    (any::<u64>(), 1_u64..)
        .prop_map(|(generation, number)| Epoch { generation, number })
        .boxed()
}
