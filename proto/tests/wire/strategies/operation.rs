//! Changes, and logs for them to follow.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use referral_core::catalog::Record;
use referral_core::federation::{Change, Epoch};
use referral_core::id::Kind;

use super::catalog::record;
use super::words::{hash, id, instant};

pub(crate) fn change() -> BoxedStrategy<Change> {
    let upsert = (record(), option::of(hash()), instant());
    let upsert = upsert.prop_map(|(record, base, made_at)| Change {
        kind: record.kind(),
        id: Record::id(&record).clone(),
        base,
        made_at,
        record: Some(record),
    });
    let withdraw = (
        select(Kind::ALL.to_vec()),
        id(),
        option::of(hash()),
        instant(),
    );
    let withdraw = withdraw.prop_map(|(kind, id, base, made_at)| Change {
        kind,
        id,
        base,
        made_at,
        record: None,
    });
    prop_oneof![3 => upsert, 1 => withdraw].boxed()
}

pub(crate) fn epoch() -> BoxedStrategy<Epoch> {
    (any::<u64>(), 1_u64..)
        .prop_map(|(generation, number)| Epoch { generation, number })
        .boxed()
}
