//! From invented words to the types of the catalog, where refusal would be a mistake of this module.

use referral_core::catalog::LanguageTag;
use referral_core::id::LocalId;
use referral_core::text::{Name, Text};
use referral_core::vocabulary::Code;

/// A name of the network's own making.
///
/// # Panics
/// When it is none: the words come from tables that tests go through.
#[expect(
    clippy::expect_used,
    reason = "the network's words are names by construction"
)]
pub(crate) fn name(words: &str) -> Name {
    Name::parse(words).expect("invented words are a name")
}

/// A text of the network's own making; panics as [`name`].
#[expect(
    clippy::expect_used,
    reason = "the network's words are texts by construction"
)]
pub(crate) fn text(words: &str) -> Text {
    Text::parse(words).expect("invented words are a text")
}

/// A vocabulary code from a table; panics as [`name`].
#[expect(
    clippy::expect_used,
    reason = "the tables hold codes; a test reads them all"
)]
pub(crate) fn code(words: &str) -> Code {
    Code::parse(words).expect("the tables hold vocabulary codes")
}

/// A language tag from a table; panics as [`name`].
#[expect(
    clippy::expect_used,
    reason = "the tables hold tags; a test reads them all"
)]
pub(crate) fn tag(words: &str) -> LanguageTag {
    LanguageTag::parse(words).expect("the tables hold language tags")
}

/// A record's id; always one that needs no hashing.
pub(crate) fn id(words: &str) -> LocalId {
    LocalId::from_source(words)
}
