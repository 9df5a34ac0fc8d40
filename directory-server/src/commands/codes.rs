//! `directory-server codes`: the vocabulary's codes with what they mean. It asks nobody and reads no data.

use clap::Args;
use referral_core::vocabulary::{Code, entries};
use referral_runtime::stdout::print;
use referral_runtime::table::{lines, table};

use crate::operations::meaning;

/// The codes that `search --need` takes, and those that services carry, with what each means.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  directory-server codes\n  directory-server codes bond\n  directory-server codes --all custody"
)]
pub(super) struct Codes {
    /// Only codes with this in the code or in what it means
    #[arg(value_name = "WORD")]
    word: Option<String>,
    /// Also codes that are no need: fees, credentials, custody, how to reach a service
    #[arg(long)]
    all: bool,
}

impl Codes {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let found = self.found();
        if found.is_empty() {
            return print("no code says that: try a shorter word, or --all\n");
        }
        let mut rows = table(&["code", "meaning"]);
        for (code, meaning) in found {
            rows.add_row([code.to_string(), meaning]);
        }
        print(&lines(&rows, 0))
    }

    fn found(&self) -> Vec<(&'static Code, String)> {
        let word = self.word.as_deref().unwrap_or_default().to_lowercase();
        let codes = entries().iter().map(|entry| &entry.code);
        let codes = codes.filter(|code| self.all || code.is_need());
        let named = codes.map(|code| (code, meaning(code)));
        named
            .filter(|(code, meaning)| {
                code.as_str().contains(&word) || meaning.to_lowercase().contains(&word)
            })
            .collect()
    }
}
#[cfg(test)]
mod tests {
    use referral_core::search::Need;

    use super::*;

    fn found(word: &str, all: bool) -> Vec<&'static str> {
        let codes = Codes {
            word: Some(word.to_owned()),
            all,
        };
        codes
            .found()
            .into_iter()
            .map(|(code, _)| code.as_str())
            .collect()
    }

    #[test]
    fn a_word_finds_the_codes_that_say_it() {
        assert_eq!(found("bond", false), ["lc:bond", "rep:stage"]);
        assert_eq!(found("Defense", false), ["lc:asy-def", "lc:rem-def"]);
        assert!(found("custody", true).contains(&"cust:nondet"));
        assert!(!found("custody", false).contains(&"cust:nondet"));
    }

    #[test]
    fn every_code_that_is_listed_can_be_searched_for() {
        for code in found("", false) {
            assert!(Need::parse(code).is_ok(), "{code}");
        }
    }
}
