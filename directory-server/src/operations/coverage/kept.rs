//! Answers that were given lately, to be given again.
//!
//! An answer of the past stays true. One of now is given again for ten seconds, and for a minute while nothing was
//! written: time alone makes reports stale. It says which moment it is of.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use referral_core::coverage::Question;

/// How long an answer of now is given again, whatever was written.
const MOMENT: Duration = Duration::from_secs(10);
/// How long it is while nothing was written.
const WHILE: Duration = Duration::from_mins(1);

/// What was asked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    question: Question,
    live: bool,
}

impl Key {
    /// A question; one of now is the same at any moment.
    pub(super) fn of(question: &Question, live: bool) -> Self {
        let mut question = question.clone();
        if live {
            question.as_of = Timestamp::UNIX_EPOCH;
        }
        Self { question, live }
    }
}

/// How much was written (`None`: some of it cannot be found yet) and when, by the directory's clock; `None`: the past.
pub(super) type State = Option<(Option<u64>, Duration)>;

/// The last answers, the latest last.
#[derive(Debug)]
pub(super) struct Kept<T> {
    most: usize,
    answers: Mutex<Vec<(Key, State, T)>>,
}

impl<T: Clone> Kept<T> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            answers: Mutex::default(),
        }
    }

    /// The answer to a question, if it still is one.
    pub(super) fn get(&self, key: &Key, now: State) -> Option<T> {
        let mut answers = self.answers();
        let at = answers.iter().position(|(known, ..)| known == key)?;
        let (key, made, answer) = answers.remove(at);
        if !is_good(made, now) {
            return None;
        }
        answers.push((key, made, answer.clone()));
        Some(answer)
    }

    /// Keeps an answer.
    pub(super) fn keep(&self, key: Key, made: State, answer: T) {
        let mut answers = self.answers();
        answers.retain(|(known, ..)| *known != key);
        if answers.len() >= self.most {
            answers.remove(0);
        }
        answers.push((key, made, answer));
    }

    /// Forgets all of them.
    pub(super) fn clear(&self) {
        self.answers().clear();
    }

    fn answers(&self) -> MutexGuard<'_, Vec<(Key, State, T)>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_good(made: State, now: State) -> bool {
    match (made, now) {
        (None, None) => true,
        (Some((written, at)), Some((written_now, now))) => {
            let age = now.saturating_sub(at);
            let same = written.is_some() && written == written_now;
            age <= MOMENT || (age <= WHILE && same)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use referral_core::coverage::Query;
    use referral_core::search;
    use referral_gazetteer::gazetteer;

    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "a state may be unknown")]
    const fn at(written: u64, seconds: u64) -> State {
        Some((Some(written), Duration::from_secs(seconds)))
    }

    #[test]
    fn an_answer_of_now_is_given_again_for_a_moment_and_longer_while_nothing_changes() {
        for (now, good) in [
            (at(7, 10), true),
            (at(8, 10), true),
            (at(8, 11), false),
            (at(7, 60), true),
            (at(7, 61), false),
            (None, false),
        ] {
            assert_eq!(is_good(at(7, 0), now), good, "{now:?}");
        }
        assert!(is_good(None, None));
        let behind = Some((None, Duration::ZERO));
        assert!(!is_good(behind, Some((None, Duration::from_secs(11)))));
    }

    fn question(age: &str, as_of: i64) -> Question {
        let query = Query {
            filter: search::Query {
                age: age.to_owned(),
                ..search::Query::default()
            },
            as_of: Timestamp::from_second(as_of).ok(),
            ..Query::default()
        };
        let now = Timestamp::constant(1_795_300_000, 0);
        query.understand(gazetteer(), now).unwrap()
    }

    #[test]
    fn questions_are_told_apart_by_all_that_is_in_them() {
        let key = |age, as_of, live| Key::of(&question(age, as_of), live);

        assert_eq!(key("17", 7, true), key("17", 8, true));
        assert_ne!(key("17", 7, true), key("18", 7, true));
        assert_ne!(key("17", 7, false), key("17", 8, false));
        assert_ne!(key("17", 7, false), key("17", 7, true));
    }

    #[test]
    fn what_was_not_asked_for_longest_goes_first() {
        let kept = Kept::new(2);
        let key = |age: &str| Key::of(&question(age, 7), false);
        kept.keep(key("1"), None, 1);
        kept.keep(key("2"), None, 2);
        assert_eq!(kept.get(&key("1"), None), Some(1));

        kept.keep(key("3"), None, 3);

        assert_eq!(kept.get(&key("2"), None), None);
        assert_eq!(kept.get(&key("1"), None), Some(1));
        assert_eq!(kept.get(&key("3"), None), Some(3));
    }
}
