//! Which of the words that searches ask for there are, and how they go on.
//!
//! The last word typed stands for longer ones that begin like it, too: those that most services have.
//! The peers are given these words one by one, so that all engines look for the same.

use std::collections::{BTreeSet, HashMap, HashSet};

use referral_index::{LONGER, Question};

use crate::national::Workload;

/// The words of all services that begin as a word does that is searched for.
#[derive(Debug, Default)]
pub struct Dictionary {
    beginnings: HashSet<String>,
    /// Lengths of beginnings, in bytes.
    lengths: BTreeSet<usize>,
    /// How many services have each word.
    services: HashMap<String, u32>,
}

impl Dictionary {
    /// A dictionary for these searches, still empty.
    #[must_use]
    pub fn of(workload: &Workload) -> Self {
        let mut dictionary = Self::default();
        let texts = workload.searches().iter();
        for text in texts.filter_map(|search| search.request.text.as_ref()) {
            for word in Question::of(text.as_str()).words {
                dictionary.lengths.insert(word.text.len());
                dictionary.beginnings.insert(word.text);
            }
        }
        dictionary
    }

    /// Counts a service with these words, blanks between them.
    pub fn add(&mut self, words: &str) {
        let words: BTreeSet<&str> = words.split(' ').collect();
        for word in words {
            let mut beginnings = self.lengths.iter().filter_map(|length| word.get(..*length));
            if beginnings.any(|beginning| self.beginnings.contains(beginning)) {
                match self.services.get_mut(word) {
                    Some(services) => *services += 1,
                    None => drop(self.services.insert(word.to_owned(), 1)),
                }
            }
        }
    }

    /// Whether some service has the word.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.services.contains_key(word)
    }

    /// The longer words that stand for a word when it is the last.
    #[must_use]
    pub fn longer(&self, word: &str) -> Vec<String> {
        if !may_go_on(word) {
            return Vec::new();
        }
        let longer = |(known, _): &(&String, &u32)| *known != word && known.starts_with(word);
        let mut longer: Vec<(&String, &u32)> = self.services.iter().filter(longer).collect();
        longer.sort_unstable_by(|(a, in_a), (b, in_b)| in_b.cmp(in_a).then_with(|| a.cmp(b)));
        longer.truncate(LONGER);
        longer.into_iter().map(|(word, _)| word.clone()).collect()
    }
}

/// As the index has it: one letter could become anything, unless it is a word of its own.
fn may_go_on(word: &str) -> bool {
    word.chars().nth(1).is_some() || word.chars().any(|c| c >= '\u{2E80}')
}
