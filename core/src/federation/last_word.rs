//! Which of two capacity reports about one thing is the agency's last word, when a new epoch begins (R11).

use jiff::Timestamp;

use crate::capacity::Order;
use crate::id::Hash;

/// What was said about something before, oldest first: the last [`Earlier::MOST`] reports.
///
/// Of each only the beginning of the hash of what it says, since there may be very many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Earlier(Vec<u64>);

impl Earlier {
    /// Most that is remembered.
    pub const MOST: usize = 8;

    /// What was said before, oldest first; of more than [`Earlier::MOST`] the last.
    #[must_use]
    pub fn of(beginnings: &[u64]) -> Self {
        let excess = beginnings.len().saturating_sub(Self::MOST);
        Self(beginnings.get(excess..).unwrap_or_default().to_vec())
    }

    /// Adds what was said last.
    pub fn add(&mut self, said: Hash) {
        self.add_beginning(beginning(said));
    }

    /// Adds everything of another, as said later.
    pub fn add_all(&mut self, other: &Self) {
        for one in &other.0 {
            self.add_beginning(*one);
        }
    }

    /// All but this.
    #[must_use]
    pub fn without(mut self, said: Hash) -> Self {
        self.0.retain(|known| *known != beginning(said));
        self
    }

    /// Whether this was said.
    #[must_use]
    pub fn contains(&self, said: Hash) -> bool {
        self.0.contains(&beginning(said))
    }

    /// The beginnings of the hashes, oldest first.
    #[must_use]
    pub fn as_slice(&self) -> &[u64] {
        &self.0
    }

    fn add_beginning(&mut self, one: u64) {
        self.0.retain(|known| *known != one);
        self.0.push(one);
        let excess = self.0.len().saturating_sub(Self::MOST);
        self.0.drain(..excess);
    }
}

/// A report with its place in the agency's stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its place.
    pub order: Order,
    /// The hash of its signed bytes.
    pub hash: Hash,
    /// The hash of what it says, which is the same when it is signed again in a later epoch.
    pub said: Hash,
    /// What its author knew to be said before.
    pub earlier: Earlier,
    /// When somebody knew it, by the agency's clock; `None`: that is not said.
    pub observed_at: Option<Timestamp>,
}

/// A node's current report about something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnWord {
    /// The report.
    pub word: Word,
    /// True while the directory has not acknowledged it, as far as the node knows.
    pub waits: bool,
    /// What the node made at the place of the directory's report, in its own epoch.
    pub at_their_place: Made,
}

/// What a node made at one place of its stream of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// The report with this hash.
    Report(Hash),
    /// Nothing yet.
    Nothing,
    /// Something, longer ago than it remembers.
    Forgotten,
}

/// Whether a node's report stays the last word, though the directory holds `theirs` about the same thing.
///
/// By what their authors knew, as far as that is known: what was said before, what a node that began a later
/// epoch compared then, what it made itself. A report the node never made was made by what it has lost or by a
/// copy of it, after all that was acknowledged. Only beside a report that still waits, or beyond the node's
/// memory, neither may have known the other: there, between two clocks of one agency, the later observation
/// counts.
#[must_use]
pub fn is_last_word(own: &OwnWord, theirs: &Word) -> bool {
    let (mine, epoch) = (&own.word, theirs.order.epoch);
    let knew = theirs.said == mine.said || mine.earlier.contains(theirs.said);
    if knew {
        return true;
    }
    if theirs.earlier.contains(mine.said) {
        return false;
    }
    // What the node compared then was what the directory had then: where a newer backup was restored after an older
    // one, the directory may have more now, and then it says so itself above.
    if epoch < mine.order.epoch {
        return true;
    }
    match own.at_their_place {
        Made::Report(hash) if epoch == mine.order.epoch && hash == theirs.hash => true,
        Made::Forgotten if epoch == mine.order.epoch => mine.observed_at >= theirs.observed_at,
        _ => own.waits && mine.observed_at > theirs.observed_at,
    }
}

fn beginning(hash: Hash) -> u64 {
    let first = hash.as_bytes().first_chunk();
    first.map_or(0, |first| u64::from_be_bytes(*first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::federation::Epoch;

    fn word(number: u64, cseq: u64, observed: i64) -> Word {
        let epoch = Epoch {
            generation: 7,
            number,
        };
        Word {
            order: Order { epoch, cseq },
            hash: Hash::of(&[&[u8::try_from(number * 16 + cseq).unwrap()]]),
            said: Hash::of(&[b"said", &[u8::try_from(number * 16 + cseq).unwrap()]]),
            earlier: Earlier::default(),
            observed_at: Timestamp::from_second(observed).ok(),
        }
    }

    fn settled(word: Word) -> OwnWord {
        OwnWord {
            word,
            waits: false,
            at_their_place: Made::Nothing,
        }
    }

    #[test]
    fn what_the_node_knew_it_has_gone_beyond() {
        let own = settled(word(2, 5, 100));

        assert!(is_last_word(&own, &own.word.clone()));
        assert!(is_last_word(&own, &word(1, 9, 900)), "an earlier epoch");
        let theirs = word(3, 1, 900);
        let mut went_on = own.clone();
        went_on.word.earlier.add(theirs.said);
        assert!(is_last_word(&went_on, &theirs));
        let theirs = word(2, 3, 900);
        let remembers = OwnWord {
            at_their_place: Made::Report(theirs.hash),
            ..own
        };
        assert!(is_last_word(&remembers, &theirs));
        assert!(
            !is_last_word(&remembers, &word(3, 3, 50)),
            "another epoch's"
        );
    }

    #[test]
    fn what_the_node_has_forgotten_is_later_than_what_was_acknowledged() {
        let own = settled(word(2, 5, 100));

        assert!(!is_last_word(&own, &word(2, 6, 50)));
        assert!(!is_last_word(&own, &word(3, 1, 50)));
        assert!(!is_last_word(&own, &word(2, 3, 50)), "a copy's counter");
    }

    #[test]
    fn what_was_said_knowing_the_nodes_report_is_later_whatever_the_clocks_say() {
        let own = OwnWord {
            waits: true,
            ..settled(word(2, 5, 900))
        };
        let mut theirs = word(2, 6, 100);
        theirs.earlier.add(own.word.said);

        assert!(!is_last_word(&own, &theirs));
    }

    #[test]
    fn what_came_back_with_a_newer_backup_is_later_than_the_epoch_of_an_older_one() {
        let own = settled(word(2, 5, 900));
        let mut theirs = word(1, 9, 100);
        theirs.earlier.add(own.word.said);

        assert!(!is_last_word(&own, &theirs));
    }

    #[test]
    fn of_what_was_said_before_the_last_eight_are_remembered_once_each() {
        let said = |number: u64| word(1, number, 0).said;
        let mut earlier = Earlier::default();
        for number in (1..=10).chain([4]) {
            earlier.add(said(number));
        }

        let known: Vec<_> = (1..=10)
            .filter(|one| earlier.contains(said(*one)))
            .collect();
        assert_eq!(known, [3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(Earlier::of(earlier.as_slice()), earlier);
        assert_eq!(earlier.as_slice().last(), Some(&beginning(said(4))));
    }

    #[test]
    fn beyond_the_memory_the_later_observation_counts() {
        let own = OwnWord {
            at_their_place: Made::Forgotten,
            ..settled(word(2, 5, 100))
        };

        assert!(is_last_word(&own, &word(2, 3, 100)));
        assert!(!is_last_word(&own, &word(2, 3, 101)));
        assert!(!is_last_word(&own, &word(3, 3, 50)), "another epoch's");
    }

    #[test]
    fn against_what_still_waits_the_later_observation_counts() {
        let own = OwnWord {
            waits: true,
            ..settled(word(2, 5, 100))
        };

        assert!(is_last_word(&own, &word(2, 6, 99)));
        assert!(!is_last_word(&own, &word(2, 6, 100)));
        assert!(!is_last_word(&own, &word(2, 6, 101)));
    }
}
