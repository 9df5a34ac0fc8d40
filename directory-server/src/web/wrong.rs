//! What is wrong with what was typed, and why a search has no answer: said in words of the file of texts.
//!
//! A reason has a stable code, and its words the key `wrong-` with that code: see [`Wrong::of`]. A test finds a code
//! without words, and words without a code.

use axum::http::StatusCode;
use referral_core::search::Refused;

use crate::operations::SearchError;
use crate::tell;

/// Names that a sentence gives; how many more there are is said.
const NAMED: usize = 8;
/// Reasons that name places of which one may be meant.
const CHOICES: [&str; 2] = ["place_ambiguous", "place_misspelt"];

/// One thing wrong with what was typed: for the line beside its field, and for the list on top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// The field; empty: none of the page's.
    pub(super) field: &'static str,
    /// The stable name of the reason.
    pub(super) code: &'static str,
    /// What to do, which never repeats what was typed.
    pub(super) text: String,
    /// Places of which one may be meant, to be chosen; empty: none.
    pub(super) named: Vec<String>,
}

/// Why a search has no answer: the status of the page, and what it says.
pub(super) struct NoAnswer {
    pub(super) status: StatusCode,
    pub(super) wrong: Vec<Wrong>,
}

impl Wrong {
    /// The reason with this code, in words.
    pub(super) fn of(field: &'static str, code: &'static str) -> Self {
        Self::naming(field, code, &[])
    }

    /// The same, with the places or the state that its words name.
    pub(super) fn naming(field: &'static str, code: &'static str, named: &[String]) -> Self {
        let shown = named.iter().take(NAMED).map(String::as_str);
        let shown: Vec<&str> = shown.collect();
        let values = [
            ("named", shown.join("; ").into()),
            ("more", named.len().saturating_sub(NAMED).into()),
        ];
        Self {
            field,
            code,
            text: tell(&key(code), &values),
            named: if CHOICES.contains(&code) {
                named.iter().take(NAMED).cloned().collect()
            } else {
                Vec::new()
            },
        }
    }

    /// In the order of the page's `fields`; what is at none of them comes first, without a field.
    pub(super) fn sorted(wrong: Vec<Self>, fields: &[&str]) -> Vec<Self> {
        let place = |field| fields.iter().position(|known| *known == field);
        let known = wrong.into_iter().map(|wrong| Self {
            field: place(wrong.field).map_or("", |_| wrong.field),
            ..wrong
        });
        let mut known: Vec<Self> = known.collect();
        known.sort_by_key(|wrong| place(wrong.field));
        known
    }
}

impl From<Refused> for Wrong {
    fn from(refused: Refused) -> Self {
        Self::naming(refused.field, refused.code, &refused.named)
    }
}

impl NoAnswer {
    /// The form is at fault.
    pub(super) fn wrong(wrong: Vec<Wrong>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            wrong,
        }
    }
}

impl From<SearchError> for NoAnswer {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Refused(refused) => {
                Self::wrong(refused.into_iter().map(Wrong::from).collect())
            }
            SearchError::Busy | SearchError::Late => Self {
                status: StatusCode::SERVICE_UNAVAILABLE,
                wrong: vec![Wrong::of("", "search_busy")],
            },
            failed => {
                tracing::error!(error.type = "search", "a search failed: {failed}");
                Self {
                    status: StatusCode::INTERNAL_SERVER_ERROR,
                    wrong: vec![Wrong::of("", "search_failed")],
                }
            }
        }
    }
}

/// What was found, unless something in the form is wrong: all of that is said at once.
pub(super) fn settled<T>(
    found: Result<T, SearchError>,
    mut wrong: Vec<Wrong>,
) -> Result<T, NoAnswer> {
    match found {
        Ok(found) if wrong.is_empty() => Ok(found),
        Ok(_) => Err(NoAnswer::wrong(wrong)),
        Err(SearchError::Refused(more)) => {
            wrong.extend(more.into_iter().map(Wrong::from));
            Err(NoAnswer::wrong(wrong))
        }
        Err(failed) => Err(failed.into()),
    }
}

/// Where the words of a code are.
fn key(code: &str) -> String {
    format!("wrong-{}", code.replace('_', "-"))
}
