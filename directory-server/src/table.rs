//! Something about every record, by its id of 16 bytes, in little memory: there are millions.
//!
//! Entries lie one after another in chunks that never move, so that none is copied when there are more, and a number of
//! 4 bytes finds one. The table of these numbers is all that has room to spare.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// Entries in one chunk; in tests few, so that there are several.
const TOGETHER: usize = if cfg!(test) { 4 } else { 1_024 };

/// Where an entry is: 0, 1, 2 and so on, until one is taken out.
pub(crate) type Place = u32;

/// What is known of each id.
#[derive(Debug)]
pub(crate) struct Table<T> {
    places: HashTable<Place>,
    chunks: Vec<Vec<Slot<T>>>,
    /// Places whose entries were taken out.
    free: Vec<Place>,
    seed: RandomState,
}

/// An entry with its id.
#[derive(Debug)]
struct Slot<T> {
    /// Big-endian: a number of 16 bytes would have to lie where 16 divides.
    id: [u8; 16],
    entry: T,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            places: HashTable::new(),
            chunks: Vec::new(),
            free: Vec::new(),
            seed: RandomState::new(),
        }
    }
}

impl<T> Table<T> {
    /// Where the entry of an id is.
    pub(crate) fn place(&self, id: u128) -> Option<Place> {
        let id = id.to_be_bytes();
        let is_it = |place: &Place| slot(&self.chunks, *place).id == id;
        self.places.find(self.seed.hash_one(id), is_it).copied()
    }

    /// The entry of an id.
    pub(crate) fn get(&self, id: u128) -> Option<&T> {
        self.at(self.place(id)?)
    }

    /// The same, to be changed.
    pub(crate) fn get_mut(&mut self, id: u128) -> Option<&mut T> {
        self.at_mut(self.place(id)?)
    }

    /// The entry at a place; `None`: nothing was ever put there.
    pub(crate) fn at(&self, place: Place) -> Option<&T> {
        let (chunk, at) = split(place);
        Some(&self.chunks.get(chunk)?.get(at)?.entry)
    }

    /// The same, to be changed.
    pub(crate) fn at_mut(&mut self, place: Place) -> Option<&mut T> {
        let (chunk, at) = split(place);
        let slot = self.chunks.get_mut(chunk)?.get_mut(at)?;
        Some(&mut slot.entry)
    }

    /// Puts an entry in the place of the one of the same id, and tells where.
    pub(crate) fn put(&mut self, id: u128, entry: T) -> Place {
        let id = id.to_be_bytes();
        let Self {
            places,
            chunks,
            free,
            seed,
        } = self;
        let found = places.entry(
            seed.hash_one(id),
            |place| slot(chunks, *place).id == id,
            |place| seed.hash_one(slot(chunks, *place).id),
        );
        match found {
            Entry::Occupied(known) => {
                let (chunk, at) = split(*known.get());
                chunks[chunk][at].entry = entry;
                *known.get()
            }
            Entry::Vacant(vacant) => {
                let place = lay(chunks, free, Slot { id, entry });
                vacant.insert(place);
                place
            }
        }
    }

    /// Takes an entry out. Its place is given to another.
    pub(crate) fn remove(&mut self, id: u128) -> Option<Place> {
        let id = id.to_be_bytes();
        let is_it = |place: &Place| slot(&self.chunks, *place).id == id;
        let found = self.places.find_entry(self.seed.hash_one(id), is_it);
        let (place, _) = found.ok()?.remove();
        self.free.push(place);
        Some(place)
    }

    /// Every id and its entry, in no order.
    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u128, &T)> {
        let slots = self.places.iter().map(|place| slot(&self.chunks, *place));
        slots.map(|slot| (u128::from_be_bytes(slot.id), &slot.entry))
    }
}

fn slot<T>(chunks: &[Vec<Slot<T>>], place: Place) -> &Slot<T> {
    let (chunk, at) = split(place);
    &chunks[chunk][at]
}

fn split(place: Place) -> (usize, usize) {
    let place = place as usize;
    (place / TOGETHER, place % TOGETHER)
}

/// Lays an entry where one was taken out, or behind all others.
fn lay<T>(chunks: &mut Vec<Vec<Slot<T>>>, free: &mut Vec<Place>, slot: Slot<T>) -> Place {
    if let Some(place) = free.pop() {
        let (chunk, at) = split(place);
        chunks[chunk][at] = slot;
        return place;
    }
    if chunks.last().is_none_or(|last| last.len() == TOGETHER) {
        chunks.push(Vec::with_capacity(TOGETHER));
    }
    let chunk = chunks.len() - 1;
    let at = chunks[chunk].len();
    chunks[chunk].push(slot);
    // No memory holds as many.
    Place::try_from(chunk * TOGETHER + at).unwrap_or(Place::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// It holds what an ordinary map holds, and what was not taken out stays where it is.
        #[test]
        fn a_table_is_a_map(steps in proptest::collection::vec((0..12_u128, proptest::option::of(any::<u8>())), 0..60)) {
            let (mut table, mut map, mut places) = (Table::default(), HashMap::new(), HashMap::new());
            for (id, entry) in steps {
                if let Some(entry) = entry {
                    let place = table.put(id, entry);
                    map.insert(id, entry);
                    prop_assert_eq!(*places.entry(id).or_insert(place), place);
                } else {
                    map.remove(&id);
                    prop_assert_eq!(table.remove(id), places.remove(&id));
                }
            }

            let all: HashMap<u128, u8> = table.iter().map(|(id, entry)| (id, *entry)).collect();
            prop_assert_eq!(&all, &map);
            prop_assert_eq!(table.iter().count(), map.len());
            for id in 0..12 {
                prop_assert_eq!(table.get(id), map.get(&id));
                prop_assert_eq!(table.get_mut(id).copied(), map.get(&id).copied());
                prop_assert_eq!(table.place(id), places.get(&id).copied());
            }
        }
    }
}
