//! Text in a spreadsheet that must stay text.
//!
//! A cell that begins like a formula is run by whoever opens the file. OWASP ASVS 5.0, 1.2.10: it gets an
//! apostrophe in front, which spreadsheets take as "this is text". [`unguarded`] takes it off again.

/// What formulas begin with, in ASCII and in full width, and blanks that spreadsheets skip.
const BEGINNINGS: [char; 12] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '\0', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// The text with an apostrophe in front where it would begin a formula.
#[must_use]
pub fn guarded(text: &str) -> String {
    if is_dangerous(text) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// The text as it was before [`guarded`].
#[must_use]
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_dangerous(text) => text,
        _ => cell,
    }
}

/// Apostrophes of its own do not count, so that one can always be told from ours.
fn is_dangerous(text: &str) -> bool {
    let text = text.trim_start_matches('\'');
    // Blanks in front are skipped by some programs.
    text.trim_start_matches(' ').starts_with(BEGINNINGS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_begins_a_formula_is_made_text() {
        for text in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\0=1",
            "\u{ff1d}1",
            "\u{ff0b}1",
            "\u{ff0d}1",
            "\u{ff20}A1",
            "  =1",
        ] {
            assert_eq!(guarded(text), format!("'{text}"));
        }
        for text in ["", "Legal Aid", "'Ohana House", "24510", "a=b"] {
            assert_eq!(guarded(text), text);
        }
    }

    proptest! {
        /// What was exported is read back as it was.
        #[test]
        fn every_text_comes_back(text in "['=+@ \\-\u{ff1d}]{0,4}.{0,8}") {
            let cell = guarded(&text);
            prop_assert_eq!(unguarded(&cell), text);
        }

        /// No cell begins a formula.
        #[test]
        fn no_cell_begins_a_formula(text in "['=+@ \\-\u{ff1d}\t\r\n]{0,4}.{0,8}") {
            prop_assert!(!guarded(&text).starts_with(BEGINNINGS));
        }
    }
}
