//! Languages and how they are available.

use referral_core::catalog::{Language, LanguageMode};

use super::reading::{FromWire, Reading};
use super::text::ToText;
use crate::v1;

impl From<&Language> for v1::Language {
    fn from(language: &Language) -> Self {
        Self {
            tag: language.tag.to_text(),
            mode: v1::LanguageMode::from(language.mode).into(),
            name: language.name.to_text(),
            note: language.note.to_text(),
        }
    }
}

impl FromWire for Language {
    type Wire = v1::Language;

    fn from_wire(wire: v1::Language, at: &mut Reading) -> Option<Self> {
        let tag = at.required("tag", &wire.tag);
        let mode = at.number::<v1::LanguageMode>("mode", wire.mode);
        let (name, note) = (
            at.optional("name", &wire.name),
            at.optional("note", &wire.note),
        );
        Some(Self {
            tag: tag?,
            mode: mode?.into(),
            name,
            note,
        })
    }
}

impl From<LanguageMode> for v1::LanguageMode {
    fn from(mode: LanguageMode) -> Self {
        match mode {
            LanguageMode::Unstated => Self::Unspecified,
            LanguageMode::Staff => Self::Staff,
            LanguageMode::InterpreterOnSite => Self::InterpreterOnSite,
            LanguageMode::InterpreterByPhone => Self::InterpreterByPhone,
            LanguageMode::Documents => Self::Documents,
            LanguageMode::Channel => Self::Channel,
        }
    }
}

impl From<v1::LanguageMode> for LanguageMode {
    fn from(mode: v1::LanguageMode) -> Self {
        match mode {
            v1::LanguageMode::Unspecified => Self::Unstated,
            v1::LanguageMode::Staff => Self::Staff,
            v1::LanguageMode::InterpreterOnSite => Self::InterpreterOnSite,
            v1::LanguageMode::InterpreterByPhone => Self::InterpreterByPhone,
            v1::LanguageMode::Documents => Self::Documents,
            v1::LanguageMode::Channel => Self::Channel,
        }
    }
}
