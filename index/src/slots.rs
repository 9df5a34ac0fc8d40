//! Which row a service has: a small number for as long as it is there.

use std::collections::HashMap;

use referral_core::id::PublicId;

/// The number of a row. Private to one running index.
pub(crate) type Slot = u32;

/// Slots given out and free.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    of: HashMap<PublicId, Slot>,
    free: Vec<Slot>,
}

impl Slots {
    /// The slot of a service, if it has one.
    pub(crate) fn of(&self, service: PublicId) -> Option<Slot> {
        self.of.get(&service).copied()
    }

    /// The slot of a service; a free one when it had none.
    pub(crate) fn take(&mut self, service: PublicId) -> Slot {
        if let Some(slot) = self.of(service) {
            return slot;
        }
        let next = Slot::try_from(self.of.len()).unwrap_or(Slot::MAX);
        let slot = self.free.pop().unwrap_or(next);
        self.of.insert(service, slot);
        slot
    }

    /// Frees the slot of a service; returns it, if it had one.
    pub(crate) fn free(&mut self, service: PublicId) -> Option<Slot> {
        let slot = self.of.remove(&service)?;
        self.free.push(slot);
        Some(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_stable_dense_and_used_again() {
        let [a, b, c] = [1, 2, 3].map(PublicId::from_u128);
        let mut slots = Slots::default();

        assert_eq!([slots.take(a), slots.take(b), slots.take(a)], [0, 1, 0]);
        assert_eq!(slots.free(a), Some(0));
        assert_eq!([slots.take(c), slots.take(a)], [0, 2]);
    }
}
