//! A value of a facet that was chosen, as the page's buttons send it: `codes=lc:bond`, `in_state=MD`.

use std::fmt;

use crate::operations;

/// A value of a facet: a field of `SearchFilters` and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    field: &'static str,
    value: String,
}

/// Fields of filters, and whether each holds several values.
const FIELDS: [(&str, bool); 5] = [
    ("codes", true),
    ("languages", true),
    ("state", false),
    ("in_state", false),
    ("access", false),
];

impl Chosen {
    /// Reads `field=value`; `None` where there is no such field.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (field, value) = text.split_once('=')?;
        let (field, _) = FIELDS.into_iter().find(|(known, _)| *known == field)?;
        (!value.is_empty()).then(|| Self {
            field,
            value: value.to_owned(),
        })
    }

    /// What it is called.
    pub(super) fn label(&self) -> String {
        operations::filter_label(self.field, &self.value)
    }

    /// The field it belongs to.
    pub(super) fn field(&self) -> &'static str {
        self.field
    }

    /// What the field holds.
    pub(super) fn value(&self) -> &str {
        &self.value
    }

    /// True when it takes the place of `before`: both are of a field that holds one value.
    pub(super) fn replaces(&self, before: &Self) -> bool {
        let single = FIELDS
            .iter()
            .any(|(field, many)| *field == self.field && !many);
        single && self.field == before.field
    }
}

impl fmt::Display for Chosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.field, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fields_of_filters_are_read() {
        for text in ["codes=lc:bond", "in_state=MD", "languages=zh-Hant"] {
            assert_eq!(Chosen::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "codes", "codes=", "code=lc:bond", "=x"] {
            assert_eq!(Chosen::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_field_of_one_value_is_replaced_and_others_add_up() {
        let read = |text| Chosen::parse(text).unwrap();

        assert!(read("in_state=VA").replaces(&read("in_state=MD")));
        assert!(!read("codes=fee:free").replaces(&read("codes=lc:bond")));
        assert!(!read("access=remote").replaces(&read("state=open")));
    }
}
