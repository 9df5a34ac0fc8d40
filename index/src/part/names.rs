//! Many short texts in one piece of memory.

/// Texts by their number, in the order they were added.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    text: String,
    ends: Vec<u32>,
}

impl Names {
    /// Adds a text.
    pub(crate) fn push(&mut self, name: &str) {
        self.text.push_str(name);
        self.ends
            .push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    /// A text; empty for a number that was never given.
    pub(crate) fn at(&self, place: usize) -> &str {
        let end_of = |at: usize| self.ends.get(at).map_or(0, |&end| end as usize);
        let start = place.checked_sub(1).map_or(0, end_of);
        self.text.get(start..end_of(place)).unwrap_or_default()
    }

    /// Gives back memory that is not needed.
    pub(crate) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_by_their_number() {
        let mut names = Names::default();
        for name in ["a", "", "bcd"] {
            names.push(name);
        }

        assert_eq!([0, 1, 2, 3].map(|at| names.at(at)), ["a", "", "bcd", ""]);
    }
}
