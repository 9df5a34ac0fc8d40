//! Names as small numbers: the same number for the same name in every engine.
//!
//! Codes, languages, areas and facet values become integers once, so that no engine spends its time on
//! comparing text that another does not compare.

use std::collections::HashMap;

use referral_core::capacity::State;
use referral_core::search::{Facets, Filter};

/// The number of a name.
pub type Token = i32;

/// No name has this number.
pub const NONE: Token = -1;

/// States of capacity, in an order that never changes: their numbers are 0 to 8.
pub const STATES: [State; 9] = [
    State::Open,
    State::Limited,
    State::Assess,
    State::Waitlist,
    State::Window,
    State::Paused,
    State::Closed,
    State::Stale,
    State::Unknown,
];

/// Every name met so far.
#[derive(Debug)]
pub struct Tokens {
    of: HashMap<String, Token>,
    values: HashMap<Token, Filter>,
}

impl Tokens {
    /// The states of capacity and nothing else.
    #[must_use]
    pub fn new() -> Self {
        let mut tokens = Self {
            of: HashMap::new(),
            values: HashMap::new(),
        };
        for state in STATES {
            tokens.take_value(Filter::State(state));
        }
        tokens
    }

    /// The number of a name, a new one when it is met for the first time.
    pub fn take(&mut self, name: &str) -> Token {
        if let Some(token) = self.of.get(name) {
            return *token;
        }
        let token = self.number();
        self.of.insert(name.to_owned(), token);
        token
    }

    /// The number of a facet value.
    pub fn take_value(&mut self, value: Filter) -> Token {
        let token = self.take(&value_name(&value));
        self.values.insert(token, value);
        token
    }

    /// The facet values that a search shows of these.
    #[must_use]
    pub fn shown(&self, counts: &[(Token, u64)]) -> Facets {
        let counts = counts.iter().filter_map(|(token, count)| {
            let value = self.values.get(token)?;
            Some((value.clone(), usize::try_from(*count).unwrap_or(usize::MAX)))
        });
        Facets::of(counts)
    }

    /// The number of a name met before; [`NONE`] for others.
    #[must_use]
    pub fn known(&self, name: &str) -> Token {
        self.of.get(name).copied().unwrap_or(NONE)
    }

    /// How many names there are.
    #[must_use]
    pub fn number(&self) -> Token {
        Token::try_from(self.of.len()).unwrap_or(Token::MAX)
    }
}

impl Default for Tokens {
    fn default() -> Self {
        Self::new()
    }
}

/// The name of a facet value: of what kind it is, and the value.
#[must_use]
pub fn value_name(value: &Filter) -> String {
    let kind = match value {
        Filter::Code(_) => "code",
        Filter::Language(_) => "language",
        Filter::Access(_) => "access",
        Filter::State(_) => "capacity",
        Filter::InState(_) => "in state",
    };
    format!("{kind} {value}")
}

/// The number of a state of capacity.
#[must_use]
pub fn capacity(state: State) -> Token {
    let at = STATES.iter().position(|known| *known == state);
    at.and_then(|at| Token::try_from(at).ok()).unwrap_or(NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_capacity_have_the_first_numbers() {
        let mut tokens = Tokens::new();

        assert_eq!(tokens.known("capacity unknown"), capacity(State::Unknown));
        let code = tokens.take("code lc:bond");
        assert_eq!((code, tokens.take("code lc:bond")), (9, 9));
        assert_eq!(tokens.known("code ho:es"), NONE);
    }
}
