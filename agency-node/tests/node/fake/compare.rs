//! What the small directory holds, as far as a node asks: epochs, tips, signed operations, digests.

use agency_node::catalog::RecordName;
use referral_core::federation::digest::{bits_for, bucket_of};
use referral_core::federation::{Chain, Digest, Epoch};
use referral_core::id::Hash;
use referral_proto::v1;
use referral_proto::v1::publish_response::Message as Down;

use super::{Held, State};

/// Tips or operations in one message: few, so that answers come in parts.
const PART: usize = 40;

/// Grants a new epoch, once a session.
pub(super) fn grant(state: &mut State) -> Down {
    if state.granted_in != state.sessions {
        state.granted_in = state.sessions;
        state.chain = Chain::start(Epoch {
            generation: state.generation,
            number: state.chain.epoch.number + 1,
        });
        state.cseq = 0;
        state.acknowledged = 0;
        state.refusals.clear();
        state.report_refusals.clear();
    }
    Down::Grant(v1::Grant {
        epoch: Some(state.chain.epoch.into()),
        records: state.records.len() as u64,
        earlier_listing_keys: state.earlier_keys.clone(),
    })
}

/// Says where records stand.
pub(super) fn tips(state: &State, asked: &v1::TipsRequest) -> Vec<Down> {
    let wanted = |name: &RecordName| {
        let bucket = u32::try_from(bucket_of(name, asked.bits)).unwrap();
        asked.buckets.is_empty() || asked.buckets.contains(&bucket)
    };
    let tips = state.records.iter().filter(|(name, _)| wanted(name));
    let tips: Vec<_> = tips.map(|(name, held)| tip(name, held)).collect();
    let parts = tips.chunks(PART).map(|part| (part.to_vec(), false));
    let parts = parts.chain([(vec![], true)]);
    parts
        .map(|(tips, last)| Down::Tips(v1::RecordTips { tips, last }))
        .collect()
}

/// Gives signed operations.
pub(super) fn fetched(state: &mut State, asked: &v1::FetchRequest) -> Vec<Down> {
    if asked.records.is_empty() || asked.records.len() > 500 {
        let count = asked.records.len();
        state
            .broken
            .push(format!("{count} records asked for at once"));
    }
    state.fetched += asked.records.len();
    let held = state.records.iter().filter(|(name, _)| {
        let name = v1::RecordName {
            kind: v1::RecordKind::from(name.kind).into(),
            local_id: name.id.to_string(),
        };
        asked.records.contains(&name)
    });
    let operations: Vec<_> = held.map(|(name, held)| signed(state, name, held)).collect();
    let parts = operations.chunks(PART).map(|part| (part.to_vec(), false));
    let parts = parts.chain([(vec![], true)]);
    parts
        .map(|(operations, last)| Down::Fetched(v1::FetchedRecords { operations, last }))
        .collect()
}

/// Gives the reports in force.
pub(super) fn standing(state: &State) -> Vec<Down> {
    let reports: Vec<_> = state.standing.values().cloned().collect();
    let parts = reports.chunks(PART).map(|part| (part.to_vec(), false));
    let parts = parts.chain([(vec![], true)]);
    parts
        .map(|(reports, last)| Down::Reports(v1::StandingReports { reports, last }))
        .collect()
}

/// Compares digests, where both stand at the same operation.
pub(super) fn beat(state: &mut State, beat: &v1::Beat) -> Down {
    let live = state
        .records
        .iter()
        .filter(|(_, held)| held.record.is_some());
    let live: Vec<(&RecordName, Hash)> = live.map(|(name, held)| (name, held.hash)).collect();
    let bits = bits_for(live.len());
    let digest = Digest::of(live, bits);
    let differs = beat.seq == state.chain.applied && digest.root().as_bytes()[..] != beat.root;
    state.beats.0 += 1;
    state.beats.1 += usize::from(differs);
    let buckets = digest.buckets().iter().filter(|_| differs);
    Down::BeatAck(v1::BeatAck {
        root_ok: !differs,
        bits: if differs { bits } else { 0 },
        buckets: buckets.map(|bucket| bucket.as_bytes().to_vec()).collect(),
        now: None,
    })
}

fn tip(name: &RecordName, held: &Held) -> v1::RecordTip {
    v1::RecordTip {
        record: Some(v1::RecordName {
            kind: v1::RecordKind::from(name.kind).into(),
            local_id: name.id.to_string(),
        }),
        hash: held.hash.as_bytes().to_vec(),
        live: held.record.is_some(),
        ancestors: held.ancestors.clone(),
    }
}

fn signed(state: &State, name: &RecordName, held: &Held) -> v1::Signed {
    let mut signed = held.signed.clone();
    if state.faults.forge.contains(name.id.as_str()) {
        signed.signature[0] ^= 1;
    }
    if state.faults.garble.contains(name.id.as_str()) {
        signed.bytes = vec![0xff];
    }
    signed
}
