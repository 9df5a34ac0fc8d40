//! Many entries, one after another in chunks that never move: none is copied when there are more.

/// Entries in one chunk; in tests few, so that there are several.
const TOGETHER: usize = if cfg!(test) { 4 } else { 1_024 };

/// Entries by the order in which they came: 0, 1, 2 and so on.
#[derive(Clone, Debug)]
pub(super) struct Chunks<T>(Vec<Vec<T>>);

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Chunks<T> {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.last().map_or(0, |last| {
            (self.0.len() - 1).saturating_mul(TOGETHER) + last.len()
        })
    }

    /// Puts one behind all others.
    pub(super) fn push(&mut self, entry: T) {
        match self.0.last_mut() {
            Some(last) if last.len() < TOGETHER => last.push(entry),
            _ => {
                let mut next = Vec::with_capacity(TOGETHER);
                next.push(entry);
                self.0.push(next);
            }
        }
    }

    pub(super) fn get(&self, at: u32) -> Option<&T> {
        let at = at as usize;
        self.0.get(at / TOGETHER)?.get(at % TOGETHER)
    }

    pub(super) fn get_mut(&mut self, at: u32) -> Option<&mut T> {
        let at = at as usize;
        self.0.get_mut(at / TOGETHER)?.get_mut(at % TOGETHER)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flatten()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_keep_their_order_and_their_numbers() {
        let mut chunks = Chunks::default();
        for number in 0..11_u32 {
            assert_eq!(chunks.len(), number as usize);
            chunks.push(number);
        }

        *chunks.get_mut(5).unwrap() = 50;

        assert_eq!(
            chunks.iter().copied().collect::<Vec<u32>>(),
            [0, 1, 2, 3, 4, 50, 6, 7, 8, 9, 10]
        );
        let found = [0, 3, 4, 5, 10, 11, 12].map(|at| chunks.get(at).copied());
        let known = [0, 3, 4, 50, 10].map(Some);
        assert_eq!(found[..5], known);
        assert_eq!(found[5..], [None, None]);
        chunks.iter_mut().for_each(|entry| *entry += 1);
        assert_eq!(chunks.get(10), Some(&11));
    }
}
