//! Colours and weights of what a program prints, each for what it means. They never stand alone: the words say it too.
//!
//! A terminal shows them; a pipe or a file gets the words alone, and so does a terminal where `NO_COLOR` is set
//! ([`crate::stdout::print`] takes them out there).

use anstyle::{AnsiColor, Style};
use comfy_table::{Attribute, Cell, Color};

/// What words mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be: open, connected, well.
    Good,
    /// To be looked at: a waiting list, something that waits, a note.
    Care,
    /// Wrong or shut: full, refused, a failure.
    Bad,
    /// Known no longer or less important: stale, never reported, an explanation.
    Faint,
    /// The name of a thing, or a heading.
    Strong,
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Self::Good => AnsiColor::Green.on_default(),
            Self::Care => AnsiColor::Yellow.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
            Self::Faint => Style::new().dimmed(),
            Self::Strong => Style::new().bold(),
        }
    }

    /// The words with this tone, for a terminal.
    #[must_use]
    pub fn paint(self, words: &str) -> String {
        let style = self.style();
        format!("{style}{words}{style:#}")
    }

    /// A cell of a [`crate::table`] with this tone.
    #[must_use]
    pub fn cell(self, words: &str) -> Cell {
        let cell = Cell::new(words);
        match self {
            Self::Good => cell.fg(Color::DarkGreen),
            Self::Care => cell.fg(Color::DarkYellow),
            Self::Bad => cell.fg(Color::DarkRed),
            Self::Faint => cell.add_attribute(Attribute::Dim),
            Self::Strong => cell.add_attribute(Attribute::Bold),
        }
    }
}

/// The words alone, as a pipe or a file gets them.
#[must_use]
pub fn plain(painted: &str) -> String {
    anstream::adapter::strip_str(painted).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Tone; 5] = [Tone::Good, Tone::Care, Tone::Bad, Tone::Faint, Tone::Strong];

    #[test]
    fn each_tone_looks_different_and_ends_with_its_words() {
        let painted = ALL.map(|tone| tone.paint("4 places"));

        for (at, one) in painted.iter().enumerate() {
            assert!(one.ends_with("4 places\u{1b}[0m"), "{one:?}");
            assert!(!painted[..at].contains(one), "{one:?}");
        }
    }

    #[test]
    fn without_their_tone_the_words_are_the_same() {
        for tone in ALL {
            let painted = tone.paint("waiting list");

            assert_eq!(plain(&painted), "waiting list");
        }
    }
}
