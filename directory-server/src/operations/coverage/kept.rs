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

/// What was asked. Questions are compared by how they print: all of them is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key(String);

impl Key {
    /// A question; one of now is the same at any moment.
    pub(super) fn of(question: &Question, live: bool) -> Self {
        if !live {
            return Self(format!("{question:?}"));
        }
        let mut question = question.clone();
        question.as_of = Timestamp::UNIX_EPOCH;
        Self(format!("live {question:?}"))
    }
}

/// How much was written and when, by the directory's clock; `None`: the past.
pub(super) type State = Option<(u64, Duration)>;

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
            age <= MOMENT || (age <= WHILE && written == written_now)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(written: u64, seconds: u64) -> State {
        Some((written, Duration::from_secs(seconds)))
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
    }

    #[test]
    fn what_was_not_asked_for_longest_goes_first() {
        let kept = Kept::new(2);
        let key = |name: &str| Key(name.to_owned());
        kept.keep(key("a"), None, 1);
        kept.keep(key("b"), None, 2);
        assert_eq!(kept.get(&key("a"), None), Some(1));

        kept.keep(key("c"), None, 3);

        assert_eq!(kept.get(&key("b"), None), None);
        assert_eq!(kept.get(&key("a"), None), Some(1));
        assert_eq!(kept.get(&key("c"), None), Some(3));
    }
}
