//! The fixed texts of the pages, from the files in `texts/`, compiled in.

use referral_runtime::texts::{Compiled, Value};

static ENGLISH: Compiled = Compiled::new("en", include_str!("../../texts/en.ftl"));

/// The English text with this key.
pub(crate) fn say(key: &str) -> String {
    ENGLISH.say(key)
}

/// The English text with this key and values in its places.
pub(crate) fn tell(key: &str, values: &[(&'static str, Value<'_>)]) -> String {
    ENGLISH.tell(key, values)
}

/// The English text with this key and values, where it is there and has all of them.
pub(super) fn find<'a>(key: &str, values: &[(&'a str, Value<'a>)]) -> Option<String> {
    ENGLISH.find(key, values)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use referral_proto::v1::FenceReason;
    use referral_runtime::texts::{Source, audit, codes_given, codes_of, fixed_words, sources};

    use super::*;

    /// Beginnings of keys that are put together.
    const FAMILIES: &[&str] = &["state-", "free-", "span-", "kind-", "why-"];
    /// What is read from no agency: its codes are not among those of a refusal.
    const ASKED: [&str; 3] = ["/search.rs", "/coverage.rs", "/feedback.rs"];
    /// Where reasons are given: what they are about, the file or folder, the call, and which argument is the code.
    const GIVEN: &[(&str, &str, &str, usize)] = &[
        ("row", "../core/src/hsds", "Cause::new(", 0),
        ("row", "../core/src/hsds", "reading.repair(", 1),
        ("row", "../core/src/hsds", "self.repair(", 1),
        ("row", "../core/src/hsds", "because(", 1),
        ("row", "src/source", "tray.refuse(", 2),
        ("row", "src/source/fits.rs", "Some((", 1),
        ("refused", "../proto/src/convert", "Fault::new(", 0),
        ("refused", "../proto/src/convert", "Violations::one(", 1),
        (
            "refused",
            "../proto/src/convert/capacity_words.rs",
            "Self::new(",
            0,
        ),
        ("refused", "../proto/src/convert/text.rs", ": ", 0),
        (
            "refused",
            "../directory-server/src/ledger",
            "refusal(change,",
            0,
        ),
        ("refused", "../directory-server/src/ledger", "refuse(", 0),
        (
            "told",
            "../directory-server/src/ledger/notice.rs",
            "Self::new(",
            0,
        ),
        (
            "told",
            "../directory-server/src/ledger/notice.rs",
            "CLONED: &str =",
            0,
        ),
        (
            "told",
            "../directory-server/src/operations/feedback/mod.rs",
            "NOTICE: &str =",
            0,
        ),
        ("shown", "src/operations", "refusal(", 0),
    ];
    /// Types that say their own: what they are about, the file, the type.
    const TYPES: &[(&str, &str, &str)] = &[
        ("row", "../core/src/places.rs", "Slip"),
        ("row", "../core/src/confidential/mod.rs", "Ground"),
        ("row", "../core/src/catalog/contact.rs", "InvalidContact"),
        ("row", "../core/src/text.rs", "InvalidText"),
        ("row", "../core/src/capacity/report.rs", "InvalidReport"),
        ("row", "../core/src/unfit/mod.rs", "Unfit"),
        ("row", "src/source/csv.rs", "Misfit"),
        ("file", "src/source/error.rs", "SourceError"),
        (
            "refused",
            "../core/src/catalog/contact.rs",
            "InvalidContact",
        ),
        ("refused", "../core/src/text.rs", "InvalidText"),
        ("refused", "../core/src/capacity/report.rs", "InvalidReport"),
        ("refused", "../core/src/unfit/mod.rs", "Unfit"),
        ("refused", "../proto/src/convert/time.rs", "InvalidTime"),
        ("refused", "../proto/src/convert/federation.rs", "Malformed"),
        (
            "told",
            "../directory-server/src/operations/problems/mod.rs",
            "Problem",
        ),
        ("lost", "../runtime/src/tls/client.rs", "ConnectFailure"),
        ("lost", "src/publisher/error.rs", "SessionError"),
        ("lost", "src/identity/renew.rs", "RenewError"),
        ("lost", "src/identity/files.rs", "IdentityError"),
        ("lost", "src/outbox/ledger.rs", "NotQueued"),
        ("lost", "../journal/src/error.rs", "AppendError"),
    ];

    fn found_in(folders: &[&str]) -> Vec<(String, String)> {
        sources(Path::new(env!("CARGO_MANIFEST_DIR")), folders).unwrap()
    }

    fn as_sources(files: &[(String, String)]) -> Vec<Source<'_>> {
        let sources = files.iter().map(|(name, text)| Source { name, text });
        sources.collect()
    }

    #[test]
    fn every_text_a_page_says_is_there_and_every_text_is_said() {
        let pages = found_in(&["templates", "src/page", "src/reminder"]);

        let wrong = audit(&[ENGLISH.file()], &as_sources(&pages), FAMILIES);

        assert_eq!(wrong, Vec::<String>::new());
    }

    /// The file at a path, or the files of the folder that agencies' changes are read with.
    fn read(path: &str) -> Vec<String> {
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        if place.is_file() {
            return vec![std::fs::read_to_string(place).unwrap()];
        }
        let files = found_in(&[path]).into_iter();
        let files = files.filter(|(name, _)| !ASKED.iter().any(|asked| name.ends_with(asked)));
        files.map(|(_, text)| text).collect()
    }

    /// The keys of every reason, from the sources that give them.
    fn reasons() -> BTreeSet<String> {
        let mut codes: Vec<(&str, String)> = Vec::new();
        for (about, folder, call, place) in GIVEN {
            let given = read(folder).into_iter().flat_map(|text| {
                let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
                let given = codes_given(shipped, call, *place).into_iter();
                let codes = given.filter(|code| !code.is_empty() && !code.contains(' '));
                codes.map(str::to_owned).collect::<Vec<_>>()
            });
            let given: Vec<String> = given.collect();
            assert!(!given.is_empty(), "no codes after {call} in {folder}");
            codes.extend(given.into_iter().map(|code| (*about, code)));
        }
        for (about, file, name) in TYPES {
            let text = read(file).concat();
            let own = codes_of(&text, name);
            assert!(!own.is_empty(), "{name} has no codes in {file}");
            codes.extend(own.into_iter().map(|code| (*about, code.to_owned())));
        }
        let fences = (0..20).filter_map(|number| FenceReason::try_from(number).ok());
        codes.extend(fences.map(|reason| ("lost", reason.as_str_name().to_lowercase())));
        let codes = codes.into_iter();
        let keys = codes.map(|(about, code)| format!("why-{about}-{}", code.replace('_', "-")));
        keys.collect()
    }

    #[test]
    fn every_reason_has_words_and_every_word_a_reason() {
        let lines = ENGLISH.file().1.lines();
        let keys = lines.filter_map(|line| line.split_once(" = "));
        let keys: BTreeSet<String> = keys
            .map(|(key, _)| key.to_owned())
            .filter(|key| key.starts_with("why-"))
            .collect();
        let mut reasons = reasons();
        // What makes an archive unsafe has words of its own.
        reasons.remove("why-file-zip-unsafe");
        let page = read("src/page/reason.rs").concat();
        let is_said = |key: &&String| page.contains(&format!("\"{key}\""));

        let without: Vec<&String> = reasons.difference(&keys).collect();
        let unsaid: Vec<&String> = keys
            .difference(&reasons)
            .filter(|key| !is_said(key))
            .collect();

        assert_eq!((without, unsaid), (Vec::new(), Vec::new()));
    }

    #[test]
    fn no_template_has_words_of_its_own() {
        let pages = found_in(&["templates"]);

        assert_eq!(fixed_words(&as_sources(&pages)), Vec::<String>::new());
    }
}
