//! What one reader was sent lately, so that nothing goes out twice without need.

use std::collections::{HashSet, VecDeque};

use referral_core::federation::operation_hash;
use referral_core::id::Hash;

use crate::ledger::SignedBytes;

/// How many are remembered; about 1.5 MiB for each reader.
const REMEMBERED: usize = 65_536;

/// The operations and reports sent lately, by a part of their hash.
#[derive(Debug, Default)]
pub(super) struct Sent {
    known: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Sent {
    /// Whether these bytes were sent lately.
    pub(super) fn has(&self, signed: &SignedBytes) -> bool {
        self.known.contains(&part_of(signed))
    }

    /// These bytes may be sent again: what they say was taken back.
    pub(super) fn forget(&mut self, operation: Hash) {
        // Its place in the order stays: if it is sent again it is forgotten a little early.
        self.known.remove(&part(operation));
    }

    /// Notes that these bytes are sent; false when they were lately.
    pub(super) fn note(&mut self, signed: &SignedBytes) -> bool {
        let part = part_of(signed);
        if !self.known.insert(part) {
            return false;
        }
        self.order.push_back(part);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

fn part_of(signed: &SignedBytes) -> u64 {
    part(operation_hash(&signed.bytes))
}

fn part(hash: Hash) -> u64 {
    let part = hash.as_bytes().first_chunk::<8>();
    part.map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_lately_is_known_and_what_was_long_ago_forgotten() {
        let mut sent = Sent::default();
        let signed = |number: usize| SignedBytes {
            bytes: number.to_be_bytes().to_vec(),
            signature: Vec::new(),
        };

        assert!(sent.note(&signed(0)));
        assert!(!sent.note(&signed(0)));
        for number in 1..=REMEMBERED {
            sent.note(&signed(number));
        }

        assert!(sent.note(&signed(0)));
        assert_eq!(sent.known.len(), REMEMBERED);
    }
}
