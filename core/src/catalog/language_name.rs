//! What a language is called in English.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::LanguageTag;

/// The English name of the tag's primary language; `None` for languages this version does not list.
#[must_use]
pub fn english_name(tag: &LanguageTag) -> Option<&'static str> {
    static NAMES: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let lines = include_str!("../hsds/languages.tsv").lines().skip(1);
        lines
            .filter_map(|line| {
                let (tag, names) = line.split_once('\t')?;
                Some((tag, names.split(';').next()?))
            })
            .collect()
    });
    names
        .get(tag.as_str())
        .or_else(|| names.get(tag.primary()))
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_has_the_name_people_say() {
        for (tag, name) in [
            ("ht", Some("Haitian Creole")),
            ("es-MX", Some("Spanish")),
            ("qqq", None),
        ] {
            assert_eq!(english_name(&LanguageTag::parse(tag).unwrap()), name);
        }
    }
}
