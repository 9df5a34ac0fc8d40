//! A long list of which every change makes a new version that shares whatever stayed the same.

use std::sync::Arc;

/// Entries that are copied together when one of them changes.
const CHUNK: usize = 512;

/// A list; a clone is cheap and never sees later changes.
#[derive(Clone, Debug)]
pub(crate) struct Chunks<T> {
    chunks: Vec<Arc<Vec<T>>>,
    len: usize,
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self {
            chunks: Vec::new(),
            len: 0,
        }
    }
}

impl<T: Clone> Chunks<T> {
    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// An entry.
    pub(crate) fn at(&self, place: usize) -> Option<&T> {
        self.chunks.get(place / CHUNK)?.get(place % CHUNK)
    }

    /// Adds an entry at the end.
    pub(crate) fn push(&mut self, entry: T) {
        if self.len == self.chunks.len() * CHUNK {
            self.chunks.push(Arc::new(Vec::with_capacity(CHUNK)));
        }
        if let Some(last) = self.chunks.last_mut() {
            Arc::make_mut(last).push(entry);
            self.len += 1;
        }
    }

    /// The entry at a place, to be changed; the list grows by `fill` until it is there.
    pub(crate) fn grown(&mut self, place: usize, fill: &T) -> Option<&mut T> {
        while self.len <= place {
            self.push(fill.clone());
        }
        Arc::make_mut(&mut self.chunks[place / CHUNK]).get_mut(place % CHUNK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_does_not_see_what_comes_later() {
        let mut chunks = Chunks::default();
        (0..1_000).for_each(|n| chunks.push(n));
        let before = chunks.clone();

        *chunks.grown(1_200, &-1).unwrap() = 7;
        *chunks.grown(3, &-1).unwrap() = 8;

        assert_eq!(
            (before.len(), before.at(3), before.at(1_200)),
            (1_000, Some(&3), None)
        );
        assert_eq!(
            (chunks.len(), chunks.at(3), chunks.at(1_199)),
            (1_201, Some(&8), Some(&-1))
        );
    }
}
