//! What is wrong with a search as typed, collected so that all of it can be put right at once.

use std::fmt;

use crate::places::UnknownPlace;

/// One thing wrong with a query. The asker's to fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The field at fault, as in `SearchRequest`.
    pub field: &'static str,
    /// A stable name for the reason.
    pub code: &'static str,
    /// One plain sentence that never repeats what was typed.
    pub text: String,
    /// Names from the map that the sentence gives: places that could be meant, or the state. Mostly none.
    pub named: Vec<String>,
}

/// What was found wrong.
pub(crate) struct Wrong(pub(crate) Vec<Refused>);

impl Wrong {
    pub(crate) fn refuse(
        &mut self,
        field: &'static str,
        code: &'static str,
        why: impl fmt::Display,
    ) {
        self.0.push(Refused {
            field,
            code,
            text: why.to_string(),
            named: Vec::new(),
        });
    }

    pub(crate) fn refuse_place(&mut self, field: &'static str, unknown: &UnknownPlace) {
        self.0.push(Refused {
            field,
            code: unknown.code(),
            text: unknown.to_string(),
            named: unknown.named().to_vec(),
        });
    }

    pub(crate) fn keep<T, E>(
        &mut self,
        result: Result<T, E>,
        refuse: impl FnOnce(&mut Self, E),
    ) -> Option<T> {
        result.map_err(|e| refuse(self, e)).ok()
    }
}

/// The text without blanks around it; `None` when nothing is left.
pub(crate) fn stated(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty()).then_some(text)
}
