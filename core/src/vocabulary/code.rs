//! One code, and what its class says about how it may be asked for.

use std::fmt;

use crate::id::AgencyId;

/// Classes whose codes say what is offered.
const NEED_CLASSES: [&str; 9] = ["dom", "lc", "rep", "mh", "ho", "vo", "rr", "cm", "da"];

/// Codes of need classes that say on what terms: they narrow a search, never ask by themselves.
const TERM_CODES: [&str; 17] = [
    "vo:pre", "vo:post", "vo:any", "vo:fund", "ho:noid", "ho:unit", "ho:stay", "ho:spon", "rr:coo",
    "rr:mode", "rr:lead", "rr:post", "cm:mon", "cm:ratio", "cm:indep", "da:cap", "da:until",
];

/// The domain that each class of detailed needs belongs to.
const PARENTS: [(&str, &str); 7] = [
    ("lc", "dom:leg"),
    ("mh", "dom:mhp"),
    ("ho", "dom:hou"),
    ("vo", "dom:voc"),
    ("rr", "dom:rri"),
    ("cm", "dom:cas"),
    ("da", "dom:dir"),
];

/// A vocabulary code, always written `class:code`. It may be one this version does not know, or a
/// publisher's own term (`x-<agency>:<slug>`): both are kept as they are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(String);

impl Code {
    /// Reads `class:code`: a class of 1 to 45 lower-case letters, digits and hyphens, and a code of
    /// 1 to 64 letters, digits, dots, underscores and hyphens.
    ///
    /// # Errors
    /// [`InvalidCode`] for any other shape. An unknown code of the right shape is no error.
    pub fn parse(text: &str) -> Result<Self, InvalidCode> {
        let (class, code) = text.split_once(':').ok_or(InvalidCode)?;
        let class_ok = (1..=45).contains(&class.len())
            && class
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let code_ok = (1..=64).contains(&code.len())
            && code
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if class_ok && code_ok {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidCode)
        }
    }

    /// The code for a term of the publisher's own: `x-<agency>:<slug of the words>`. `None` when the
    /// words leave nothing to name it by.
    #[must_use]
    pub fn own(agency: &AgencyId, words: &str) -> Option<Self> {
        let slug = slug(words);
        if slug.is_empty() {
            None
        } else {
            Self::parse(&format!("x-{agency}:{slug}")).ok()
        }
    }

    /// The whole code, e.g. `"lc:bond"`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the colon.
    #[must_use]
    pub fn class(&self) -> &str {
        self.0.split_once(':').map_or("", |(class, _)| class)
    }

    /// The part after the colon.
    #[must_use]
    pub fn value(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, value)| value)
    }

    /// True for a publisher's own term.
    #[must_use]
    pub fn is_own_term(&self) -> bool {
        self.class().starts_with("x-")
    }

    /// True when the code says what is offered, and so can be asked for by itself.
    #[must_use]
    pub fn is_need(&self) -> bool {
        self.is_own_term()
            || (NEED_CLASSES.contains(&self.class()) && !TERM_CODES.contains(&self.as_str()))
    }

    /// The domain this need is part of: asking for the domain finds it, never the reverse.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, domain) = PARENTS.iter().find(|(class, _)| *class == self.class())?;
        Some(Self((*domain).to_owned()))
    }

    /// What every code begins with that says at least as much: the code itself, and the classes it is the domain of.
    pub(crate) fn beginnings(&self) -> impl Iterator<Item = String> {
        let classes = PARENTS.iter().filter(|(_, domain)| *domain == self.0);
        let classes = classes.map(|(class, _)| format!("{class}:"));
        std::iter::once(self.0.clone()).chain(classes)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text that is not shaped like `class:code`. The sender's to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a vocabulary code is written class:code, such as lc:bond")]
pub struct InvalidCode;

/// Lower-case letters and digits of `words`, runs of anything else as one hyphen, at most 64 bytes.
fn slug(words: &str) -> String {
    let mut slug = String::new();
    for letter in words.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(64);
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        Code::parse(text).unwrap()
    }

    #[test]
    fn a_code_has_a_class_and_a_value() {
        for wrong in [
            "bond",
            "lc:",
            ":bond",
            "LC:bond",
            "lc:bond hearing",
            "lc:b:c",
            "",
        ] {
            assert_eq!(Code::parse(wrong), Err(InvalidCode), "{wrong}");
        }
        assert_eq!(
            (code("lc:bond").class(), code("lc:bond").value()),
            ("lc", "bond")
        );
    }

    #[test]
    fn terms_of_need_classes_are_no_needs() {
        assert!(code("ho:es").is_need());
        assert!(code("x-harbor:food-pantry").is_need());
        assert!(!code("ho:noid").is_need());
        assert!(!code("fee:free").is_need());
    }

    #[test]
    fn detailed_needs_belong_to_a_domain() {
        assert_eq!(code("lc:bond").parent(), Some(code("dom:leg")));
        assert_eq!(code("rep:full").parent(), None);
        assert_eq!(code("dom:leg").parent(), None);
    }

    #[test]
    fn whatever_belongs_to_a_domain_has_one_of_its_beginnings() {
        let told: Vec<String> = code("dom:leg").beginnings().collect();

        assert_eq!(told, ["dom:leg", "lc:"]);
        assert_eq!(
            code("lc:bond").beginnings().collect::<Vec<_>>(),
            ["lc:bond"]
        );
    }

    #[test]
    fn a_publishers_own_category_becomes_a_code() {
        let agency = AgencyId::parse("harbor").unwrap();

        let own = Code::own(&agency, "Help Pay for Food & Gas!");

        assert_eq!(own, Some(code("x-harbor:help-pay-for-food-gas")));
        assert_eq!(Code::own(&agency, "¿?"), None);
    }
}
