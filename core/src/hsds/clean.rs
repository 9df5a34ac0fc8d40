//! Text as people and programs mangle it, put right before it is parsed.

/// A text with its dirt removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cleaned {
    /// What is left.
    pub(super) text: String,
    /// True when characters were dropped that nobody can see, so that the report says so.
    pub(super) dropped_invisible: bool,
}

/// Decodes HTML entities, drops invisible characters, and makes blanks single. Line breaks stay, at most
/// two in a row. Blanks and entities are no repair; dropped characters are.
pub(super) fn clean(text: &str) -> Cleaned {
    if is_clean(text) {
        return Cleaned {
            text: text.to_owned(),
            dropped_invisible: false,
        };
    }
    let decoded = decode_entities(text);
    let mut dropped_invisible = false;
    let mut clean = String::with_capacity(decoded.len());
    let mut breaks = 0;
    for letter in decoded.replace("\r\n", "\n").replace('\r', "\n").chars() {
        match letter {
            '\n' => {
                clean.truncate(clean.trim_end_matches(' ').len());
                breaks += 1;
                if breaks <= 2 {
                    clean.push('\n');
                }
            }
            _ if letter.is_whitespace() => push_blank(&mut clean),
            _ if is_invisible(letter) => dropped_invisible = true,
            _ if letter.is_control() => {
                dropped_invisible = true;
                push_blank(&mut clean);
            }
            _ => {
                breaks = 0;
                clean.push(letter);
            }
        }
    }
    Cleaned {
        text: clean.trim().to_owned(),
        dropped_invisible,
    }
}

/// True for the texts most rows have: printable ASCII with single blanks inside and no entity.
fn is_clean(text: &str) -> bool {
    let bytes = text.as_bytes();
    let plain = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'&';
    bytes.iter().all(plain)
        && !bytes.windows(2).any(|pair| pair == b"  ")
        && bytes.first() != Some(&b' ')
        && bytes.last() != Some(&b' ')
}

/// As [`clean`], on one line.
pub(super) fn clean_line(text: &str) -> Cleaned {
    if text.contains(['\n', '\r']) {
        clean(&text.replace(['\n', '\r'], " "))
    } else {
        clean(text)
    }
}

fn push_blank(clean: &mut String) {
    if !clean.ends_with([' ', '\n']) && !clean.is_empty() {
        clean.push(' ');
    }
}

/// Characters without a shape that editors and spreadsheets leave behind. Those that turn the direction
/// of text are not among them: a text with one of those is refused.
fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}'
    )
}

/// Decodes each `&name;` and `&#n;` that means something, once; everything else stays as it is.
fn decode_entities(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        decoded.push_str(&rest[..start]);
        rest = &rest[start..];
        let length = entity_length(rest);
        match length.and_then(|length| htmlescape::decode_html(&rest[..length]).ok()) {
            Some(meaning) => decoded.push_str(&meaning),
            None => decoded.push_str(&rest[..length.unwrap_or(1)]),
        }
        rest = &rest[length.unwrap_or(1)..];
    }
    decoded.push_str(rest);
    decoded
}

/// Bytes of the entity that `text` begins with, its `&` and `;` included.
fn entity_length(text: &str) -> Option<usize> {
    let end = text.bytes().skip(1).position(|b| b == b';')? + 1;
    let name = text.get(1..end)?;
    let shaped = (2..=32).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#');
    shaped.then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cleaned(text: &str) -> String {
        clean(text).text
    }

    #[test]
    fn entities_mean_what_they_stand_for() {
        assert_eq!(cleaned("Bread &amp; Roses"), "Bread & Roses");
        assert_eq!(cleaned("K&#39;iche&#x27; &eacute;"), "K'iche' é");
        assert_eq!(cleaned("&lt;b&gt;"), "<b>");
        assert_eq!(
            cleaned("AT&T; R&D &bogus; & Co &"),
            "AT&T; R&D &bogus; & Co &"
        );
        assert_eq!(cleaned("&amp;amp;"), "&amp;");
    }

    #[test]
    fn blanks_are_single_and_lines_stay() {
        assert_eq!(cleaned("  one \t two\u{A0}\u{A0}three  "), "one two three");
        assert_eq!(
            cleaned("one  \r\n\r\n\r\n two \rthree"),
            "one\n\ntwo\nthree"
        );
        assert_eq!(clean_line("one\n two").text, "one two");
        assert!(!clean("one  two").dropped_invisible);
    }

    #[test]
    fn characters_nobody_sees_are_dropped_and_that_is_said() {
        let read = clean("\u{FEFF}He\u{200B}lp\u{0}");

        assert_eq!(read.text, "Help");
        assert!(read.dropped_invisible);
        assert!(clean("a\u{202E}b").text.contains('\u{202E}'));
    }

    proptest! {
        #[test]
        fn the_short_way_is_the_long_way(text in "[ -%'-~]{0,20}") {
            prop_assert_eq!(clean(&text), clean(&format!("\n{text}")));
        }

        #[test]
        fn cleaning_twice_changes_nothing_more_but_entities(text in "[^&]*") {
            let once = cleaned(&text);
            prop_assert_eq!(cleaned(&once), once);
        }
    }
}
