//! Services that only agencies may offer whose right to do so two people have looked at.
//!
//! A false lawyer, a false shelter or a false clinic does harm that no later correction undoes. [`needed`] says
//! which categories a service claims, by its codes and by the credentials it names; who was granted what is
//! the directory's to know.

use std::collections::BTreeSet;
use std::fmt;

use crate::catalog::Service;
use crate::vocabulary::Code;

/// A category of services that has to be granted to an agency before its services in it are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    /// Help in immigration matters: every legal case type, every kind of representation.
    Legal,
    /// A bed tonight: emergency, hotel and confidential shelter, border and release shelter.
    Shelter,
    /// Medical care and forensic evaluation.
    Medical,
}

/// The text names no category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a category is legal, shelter or medical")]
pub struct InvalidCategory;

impl Category {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Legal, Self::Shelter, Self::Medical];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Legal => "legal",
            Self::Shelter => "shelter",
            Self::Medical => "medical",
        }
    }

    /// Reads a name.
    ///
    /// # Errors
    /// [`InvalidCategory`].
    pub fn parse(text: &str) -> Result<Self, InvalidCategory> {
        let named = |category: &&Self| category.as_str() == text;
        Self::ALL.iter().find(named).copied().ok_or(InvalidCategory)
    }

    /// What proves that an agency may offer it, for the operator.
    #[must_use]
    pub fn evidence(self) -> &'static str {
        match self {
            Self::Legal => "a bar number, or the entry in the roster of recognized organizations",
            Self::Shelter => "a licence, or the grant that pays for the beds",
            Self::Medical => "a licence",
        }
    }

    /// The category this code claims.
    #[must_use]
    pub fn of(code: &Code) -> Option<Self> {
        match (code.class(), code.value()) {
            ("lc" | "rep", _)
            | ("dom", "leg")
            | ("cred", "atty" | "rep-f" | "rep-p" | "ro" | "clin" | "pb" | "eoir") => {
                Some(Self::Legal)
            }
            ("ho", "es" | "hotel" | "conf") | ("dom", "bor") => Some(Self::Shelter),
            ("dom", "med" | "fme") => Some(Self::Medical),
            _ => None,
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The categories a service claims.
#[must_use]
pub fn needed(service: &Service) -> BTreeSet<Category> {
    let codes = service.attributes.iter().map(|attribute| &attribute.code);
    let credentials = service.credentials.iter().map(|held| &held.code);
    codes.chain(credentials).filter_map(Category::of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legal_help_shelter_and_medicine_are_known_by_their_codes() {
        let of = |text: &str| Category::of(&Code::parse(text).unwrap());
        for legal in ["lc:bond", "rep:full", "dom:leg", "cred:atty", "lc:x-new"] {
            assert_eq!(of(legal), Some(Category::Legal), "{legal}");
        }
        for shelter in ["ho:es", "ho:hotel", "ho:conf", "dom:bor"] {
            assert_eq!(of(shelter), Some(Category::Shelter), "{shelter}");
        }
        for medical in ["dom:med", "dom:fme"] {
            assert_eq!(of(medical), Some(Category::Medical), "{medical}");
        }
        for free in ["dom:edu", "ho:unit", "vo:pre", "cred:lmh", "fee:free"] {
            assert_eq!(of(free), None, "{free}");
        }
    }

    #[test]
    fn a_category_is_read_as_it_is_written() {
        for category in Category::ALL {
            assert_eq!(Category::parse(category.as_str()), Ok(category));
        }
        assert_eq!(Category::parse("Legal"), Err(InvalidCategory));
    }
}
