//! An error with all its causes, in one line: for a status, a log line or an answer; and words of others, fit to be
//! shown beside it.

use std::error::Error;

/// The chain of causes. A cause that the line already ends with is not repeated.
#[must_use]
pub fn one_line(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |line, cause| {
        let text = cause.to_string();
        if line.ends_with(&text) {
            line
        } else {
            format!("{line}: {text}")
        }
    })
}

/// Text from outside, fit to be shown on a terminal: one line, no control characters, not too long.
#[must_use]
pub fn harmless(text: &str, most_chars: usize) -> String {
    let shown = |c: char| {
        if c.is_control() || is_hidden(c) {
            ' '
        } else {
            c
        }
    };
    text.chars()
        .take(most_chars)
        .map(shown)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Characters that reorder or hide what is around them.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_cannot_move_the_cursor() {
        assert_eq!(harmless("a\u{1b}[2J\nb\u{202e}c", 100), "a [2J b c");
        assert_eq!(harmless("abcdef", 3), "abc");
    }
}
