//! What must never be known: where a confidential provider is.
//!
//! [`Ground`] is why a location counts as confidential; [`hides_address`], [`names_survivors`] and
//! [`names_shelter`] find it in words. [`Secret`] is an address that was dropped: it finds itself again in
//! other texts, however it is written. [`mentions_street`] finds any street address. All of them would
//! rather be wrong on the side of keeping back. Definitions: `docs/ARCHITECTURE.md`, "Records".

mod secret;
mod street;

pub use secret::{Secret, Wording};
pub use street::mentions_street;

use crate::text::fold;
use crate::vocabulary::Code;

/// Why a location is shown by its county alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ground {
    /// A flag such as `private` is set.
    Flag,
    /// It, or a service there, carries a confidentiality attribute other than public.
    Attribute,
    /// A service there is a confidential shelter (`ho:conf`).
    ShelterCode,
    /// A field of its address says confidential or undisclosed.
    AddressWords,
    /// Domestic violence and shelter stand in the name or category of it or of a service there.
    SurvivorShelter,
    /// It has the address of a confidential location of the same organization.
    SameAddress,
}

impl Ground {
    /// A stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Flag => "confidential_by_flag",
            Self::Attribute => "confidential_by_attribute",
            Self::ShelterCode => "confidential_by_shelter_code",
            Self::AddressWords => "confidential_by_address_words",
            Self::SurvivorShelter => "confidential_by_survivor_shelter",
            Self::SameAddress => "confidential_by_same_address",
        }
    }

    /// What the report says of it.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Flag => "marked private: the address was dropped and only the county is shown",
            Self::Attribute => {
                "a confidentiality attribute: the address was dropped and only the county is shown"
            }
            Self::ShelterCode => {
                "a confidential shelter: the address was dropped and only the county is shown"
            }
            Self::AddressWords => {
                "the address says confidential: it was dropped and only the county is shown"
            }
            Self::SurvivorShelter => {
                "a shelter for survivors of domestic violence by name or category: the address was \
                 dropped and only the county is shown"
            }
            Self::SameAddress => {
                "the address of a confidential location: it was dropped and only the county is shown"
            }
        }
    }
}

/// Whether a field of an address says that the address is not to be known.
#[must_use]
pub fn hides_address(field: &str) -> bool {
    const WORDS: [&str; 9] = [
        "confidential",
        "confidencial",
        "undisclosed",
        "notdisclosed",
        "nondisclosed",
        "nodivulgada",
        "notpublished",
        "unpublished",
        "redacted",
    ];
    const PHRASES: [&str; 4] = [
        "private address",
        "address private",
        "private location",
        "secret",
    ];
    let folded = fold(field);
    let compact = folded.replace(' ', "");
    WORDS.iter().any(|word| compact.contains(word)) || has_phrase(&folded, &PHRASES)
}

/// Whether a text is about survivors of domestic violence.
#[must_use]
pub fn names_survivors(text: &str) -> bool {
    const PHRASES: [&str; 21] = [
        "domestic violence",
        "domestic abuse",
        "domestic assault",
        "dating violence",
        "family violence",
        "intimate partner",
        "partner violence",
        "partner abuse",
        "spouse abuse",
        "spousal abuse",
        "battered",
        "abused women",
        "dv",
        "escape violence",
        "fleeing violence",
        "fleeing abuse",
        "violencia domestica",
        "violencia familiar",
        "violencia intrafamiliar",
        "violencia de pareja",
        "violence conjugale",
    ];
    has_phrase(&fold(text), &PHRASES)
}

/// Whether a text is about shelter.
#[must_use]
pub fn names_shelter(text: &str) -> bool {
    const PHRASES: [&str; 18] = [
        "shelter",
        "shelters",
        "safe house",
        "safe houses",
        "safehouse",
        "safehouses",
        "safe housing",
        "safe home",
        "safe homes",
        "safe haven",
        "refuge",
        "refugio",
        "refugios",
        "albergue",
        "albergues",
        "casa segura",
        "emergency housing",
        "crisis housing",
    ];
    has_phrase(&fold(text), &PHRASES)
}

/// Whether a code says that a service is for survivors of violence.
#[must_use]
pub fn serves_survivors(code: &Code) -> bool {
    matches!(code.as_str(), "el:dv" | "mh:sgbv")
}

/// Whether a code says that people sleep there.
#[must_use]
pub fn gives_shelter(code: &Code) -> bool {
    matches!(
        code.as_str(),
        "ho:es" | "ho:hotel" | "ho:host" | "ho:trans" | "ho:youth" | "ho:conf"
    )
}

/// Whether any of `phrases` stands in `folded` as whole words.
fn has_phrase(folded: &str, phrases: &[&str]) -> bool {
    let padded = format!(" {folded} ");
    phrases
        .iter()
        .any(|phrase| padded.contains(&format!(" {phrase} ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_says_so_is_hidden_however_it_says_so() {
        for text in [
            "Confidential",
            "CONFIDENTIAL ADDRESS",
            "(confidential)",
            "C-o-n-f-i-d-e-n-t-i-a-l",
            "Undisclosed location",
            "Dirección confidencial",
            "Not disclosed",
            "Private address",
        ] {
            assert!(hides_address(text), "{text}");
        }
        for text in [
            "1 Main St",
            "Confidence Rd",
            "Secretary Blvd",
            "12 Private Rd",
        ] {
            assert!(!hides_address(text), "{text}");
        }
    }

    #[test]
    fn survivors_and_shelter_are_found_as_whole_words() {
        for text in [
            "Domestic-Violence Shelter",
            "DV Shelter",
            "Refugio: violencia doméstica",
        ] {
            assert!(names_survivors(text) && names_shelter(text), "{text}");
        }
        assert!(names_shelter("Safe House") && !names_survivors("Safe House"));
        for text in ["Refugees welcome", "Advocacy", "Sheltered workshop"] {
            assert!(!names_survivors(text) && !names_shelter(text), "{text}");
        }
    }
}
