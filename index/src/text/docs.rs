//! A set of documents of one segment, a bit for each.

use std::ops::Range;

use tantivy::DocId;

/// Documents within a range.
pub(crate) struct Docs {
    range: Range<DocId>,
    words: Vec<u64>,
}

impl Docs {
    /// No documents, of so many.
    pub(crate) fn none(of: DocId) -> Self {
        Self::within(0..of)
    }

    /// No documents, of those in a range.
    pub(crate) fn within(range: Range<DocId>) -> Self {
        let words = (range.len()).div_ceil(64);
        Self {
            range,
            words: vec![0; words],
        }
    }

    /// Adds a document of the range.
    pub(crate) fn add(&mut self, doc: DocId) {
        if let Some((word, bit)) = self.place(doc)
            && let Some(word) = self.words.get_mut(word)
        {
            *word |= 1 << bit;
        }
    }

    /// Adds documents of the range.
    pub(crate) fn add_all(&mut self, docs: &[DocId]) {
        for &doc in docs {
            self.add(doc);
        }
    }

    /// Leaves those that are among others too, of the same range.
    pub(crate) fn keep(&mut self, others: &Self) {
        let pairs = self.words.iter_mut().zip(&others.words);
        pairs.for_each(|(word, other)| *word &= other);
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        let ones = self.words.iter().map(|word| word.count_ones() as usize);
        ones.sum()
    }

    /// Whether a document is among them.
    pub(crate) fn has(&self, doc: DocId) -> bool {
        let Some((word, bit)) = self.place(doc) else {
            return false;
        };
        self.words
            .get(word)
            .is_some_and(|word| word & (1 << bit) != 0)
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = DocId> {
        let words = (self.range.start..).step_by(64).zip(&self.words);
        words.flat_map(|(start, &word)| crate::part::ones(word).map(move |bit| start + bit))
    }

    fn place(&self, doc: DocId) -> Option<(usize, u32)> {
        if !self.range.contains(&doc) {
            return None;
        }
        let at = doc - self.range.start;
        Some((usize::try_from(at / 64).ok()?, at % 64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_there_in_order() {
        let mut docs = Docs::within(70..300);
        for doc in [299, 70, 128, 3, 300] {
            docs.add(doc);
        }

        assert_eq!(docs.iter().collect::<Vec<_>>(), [70, 128, 299]);
        assert!(docs.has(128) && !docs.has(129) && !docs.has(3));
    }
}
