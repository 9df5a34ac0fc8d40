//! What an agency's people should know, told over its node's stream.

use std::collections::BTreeMap;
use std::fmt;

use referral_core::catalog::Category;

/// The code of [`Notice::cloned`].
pub(crate) const CLONED: &str = "cloned";

/// Something an agency's people should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// A stable name.
    pub code: &'static str,
    /// One plain sentence, for who has no words of their own for the code.
    pub text: String,
    /// What the sentence names, for who has: the place in the words of the code, and what stands there. Numbers in
    /// digits, days as `2026-05-01`.
    pub values: BTreeMap<&'static str, String>,
    /// The id of the record it is about; empty: none.
    pub record: String,
}

impl Notice {
    /// A notice that names nothing.
    pub(crate) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            values: BTreeMap::new(),
            record: String::new(),
        }
    }

    /// The same, naming this.
    pub(crate) fn naming(mut self, place: &'static str, value: &impl fmt::Display) -> Self {
        self.values.insert(place, value.to_string());
        self
    }

    /// The same, about a record.
    pub(crate) fn about(self, record: &impl fmt::Display) -> Self {
        Self {
            record: record.to_string(),
            ..self
        }
    }

    /// Two nodes publish as one agency.
    pub(super) fn cloned() -> Self {
        let text =
            "two nodes publish as this agency: was its data directory copied? use one of them only";
        Self::new(CLONED, text)
    }

    /// The operator lets more deletions through.
    pub(crate) fn deletions_allowed(more: u64) -> Self {
        let text = format!("the directory's operator allows {more} more deletions");
        Self::new("deletions_allowed", text).naming("count", &more)
    }

    /// Services of a category are not found, for the agency has no grant for it.
    pub(super) fn needs_grant(category: Category, count: u32) -> Self {
        let (held, them) = match count {
            1 => (
                format!("a service of the category {category} is held"),
                "it is",
            ),
            _ => (
                format!("{count} services of the category {category} are held"),
                "they are",
            ),
        };
        let evidence = category.evidence();
        let text =
            format!("{held}: {them} found once the directory's operator has seen {evidence}");
        let notice = Self::new("held_needs_grant", text).naming("category", &category);
        notice.naming("count", &count)
    }

    /// A record is not found until somebody looked at its name.
    pub(super) fn name_held() -> Self {
        let text = "held: its name, or its organization's, looks like another's or mixes scripts; the \
                    directory's operator looks at it";
        Self::new("held_name", text)
    }

    /// Services are not found, for nobody has said them for a year.
    pub(super) fn archived(count: u32) -> Self {
        let them = match count {
            1 => "a service is archived: it was".to_owned(),
            _ => format!("{count} services are archived: they were"),
        };
        let text = format!(
            "{them} not said again for a year and nobody finds them; import the file again, or affirm what is still so"
        );
        Self::new("held_archived", text).naming("count", &count)
    }

    /// A report was to be believed for longer than one of its kind is.
    pub(super) fn ttl_shortened(hours: u32) -> Self {
        let text = format!("capacity of this kind is believed for at most {hours} hours");
        Self::new("ttl_shortened", text).naming("hours", &hours)
    }

    /// A report was observed in the future.
    pub(super) fn clock_ahead() -> Self {
        let text = "this node's clock runs ahead of the directory's: set it";
        Self::new("clock_ahead", text)
    }
}
