//! The languages hand-outs are written in: one Fluent file each, named in [`FILES`].
//!
//! Another language is one more file and one more line there. Everything else follows from the file: its name, its
//! direction of writing, and whether a native speaker has looked at it.

use std::sync::LazyLock;

use referral_runtime::texts::Texts;

/// Every language: its code, its name in itself, and its file.
pub(crate) const FILES: [(&str, &str, &str); 4] = [
    (
        "en",
        "English",
        include_str!("../../../texts/handout/en.ftl"),
    ),
    (
        "es",
        "Español",
        include_str!("../../../texts/handout/es.ftl"),
    ),
    (
        "ht",
        "Kreyòl ayisyen",
        include_str!("../../../texts/handout/ht.ftl"),
    ),
    (
        "ar",
        "العربية",
        include_str!("../../../texts/handout/ar.ftl"),
    ),
];

static TEXTS: LazyLock<Vec<Texts>> = LazyLock::new(|| {
    let texts = FILES.iter().map(|(code, _, file)| Texts::read(code, file));
    #[expect(
        clippy::expect_used,
        reason = "the files are compiled in, and a test reads them"
    )]
    texts.map(|texts| texts.expect("the texts")).collect()
});

/// A language to choose.
pub(in crate::web) struct Written {
    /// Its code.
    pub(in crate::web) code: &'static str,
    /// Its name in itself.
    pub(in crate::web) name: &'static str,
    /// Its direction of writing.
    pub(in crate::web) direction: &'static str,
    /// Whether it is chosen.
    pub(in crate::web) chosen: bool,
}

/// The languages to choose from; `asked` is chosen where there is a file for it, else the first.
pub(in crate::web) fn offered(asked: &str) -> Vec<Written> {
    let chosen = position(asked).unwrap_or(0);
    let all = FILES.iter().zip(TEXTS.iter()).enumerate();
    all.map(|(at, ((code, name, _), texts))| Written {
        code,
        name,
        direction: texts.direction(),
        chosen: at == chosen,
    })
    .collect()
}

/// The texts in a language; `None` where there is no file for it.
pub(super) fn texts(code: &str) -> Option<&'static Texts> {
    TEXTS.get(position(code)?)
}

/// The texts in the first language of `Accept-Language` that has a file (RFC 9110, section 12.5.4), else in the
/// first of the files. Weights are not read: browsers send the languages in order.
pub(super) fn accepted(header: &str) -> &'static Texts {
    let asked = header.split(',').filter_map(|range| {
        let tag = range.split(';').next()?.trim();
        texts(tag)
    });
    asked.into_iter().next().unwrap_or(&TEXTS[0])
}

/// Where the file for a tag is: compared by its primary language.
fn position(tag: &str) -> Option<usize> {
    let primary = tag.split('-').next().unwrap_or_default();
    FILES
        .iter()
        .position(|(code, _, _)| code.eq_ignore_ascii_case(primary))
}

#[cfg(test)]
mod tests {
    use referral_core::catalog::LanguageTag;

    use super::*;
    use crate::web::choices::NEEDS;
    use crate::web::handout::words;

    /// Every language with a common name: those that listings are read with.
    fn common() -> impl Iterator<Item = LanguageTag> {
        let lines = include_str!("../../../../core/src/hsds/languages.tsv").lines();
        let tags = lines.skip(1).filter_map(|line| line.split_once('\t'));
        tags.map(|(tag, _)| LanguageTag::parse(tag).unwrap())
    }

    #[test]
    fn every_language_that_listings_name_has_a_name_of_its_own_in_every_file() {
        assert!(common().count() > 140);
        for (code, _, _) in FILES {
            let texts = texts(code).unwrap();
            for tag in common() {
                let name = texts.say(&words::language_key(&tag));
                let arabic = name.chars().any(|c| ('\u{600}'..='\u{6ff}').contains(&c));
                assert!(!name.starts_with("language-"), "{code} {tag}");
                assert_eq!(arabic, code == "ar", "{code} {tag}: {name}");
            }
        }
    }

    #[test]
    fn every_language_names_every_need_language_day_and_month() {
        for texts in TEXTS.iter() {
            let needs = NEEDS.iter().map(|code| words::need_key(code));
            let languages = common().map(|tag| words::language_key(&tag));
            let months = (1..=12).map(|month| format!("month-{month}"));
            for key in needs.chain(languages).chain(months) {
                assert_ne!(texts.say(&key), key, "{texts:?}");
            }
        }
    }

    #[test]
    fn a_file_says_at_its_top_and_on_paper_that_it_needs_a_review_until_it_had_one() {
        for (code, _, file) in FILES {
            let top: String = file
                .lines()
                .take_while(|line| line.starts_with('#'))
                .collect();
            let needs = top.contains("needs a native speaker's review");
            let says = !texts(code).unwrap().say("review").trim().is_empty();

            assert_eq!(needs, says, "{code}");
        }
    }

    #[test]
    fn a_browser_gets_the_first_of_its_languages_that_there_is() {
        for (header, code) in [
            ("ht-HT,ht;q=0.9,en;q=0.5", "ht"),
            ("fr-FR, es-MX;q=0.8", "es"),
            ("AR", "ar"),
            ("fr", "en"),
            ("", "en"),
        ] {
            assert_eq!(accepted(header).language(), code, "{header}");
        }
    }

    #[test]
    fn arabic_is_written_from_right_to_left() {
        let directions: Vec<&str> = offered("ar").iter().map(|w| w.direction).collect();

        assert_eq!(directions, ["ltr", "ltr", "ltr", "rtl"]);
    }
}
