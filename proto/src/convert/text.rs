//! Values that travel as strings: names, texts, ids, codes, tags, contact details, parts of the map.

use referral_core::catalog::{EmailAddress, InvalidContact, LanguageTag, PhoneNumber, WebUrl};
use referral_core::geo::{CountryCode, CountyFips, StateCode, Zip};
use referral_core::id::{AgencyId, LocalId};
use referral_core::text::{InvalidText, Name, Text};
use referral_core::vocabulary::Code;

use super::reading::Fault;

/// A value that is read from a string.
pub(crate) trait FromText: Sized {
    /// Reads `text`, which may be empty.
    fn from_text(text: &str) -> Result<Self, Fault>;
}

/// A value that is written as a string.
pub(crate) trait ToText {
    /// The string.
    fn to_text(&self) -> String;
}

/// Not stated is the empty string.
impl<T: ToText> ToText for Option<T> {
    fn to_text(&self) -> String {
        self.as_ref().map(T::to_text).unwrap_or_default()
    }
}

/// Values that core parses and displays, each with the code of its one failure.
macro_rules! displayed {
    ($($value:ty: $code:literal,)*) => { $(
        impl FromText for $value {
            fn from_text(text: &str) -> Result<Self, Fault> {
                Self::parse(text).map_err(|why| Fault::new($code, why))
            }
        }

        impl ToText for $value {
            fn to_text(&self) -> String {
                self.to_string()
            }
        }
    )* };
}

displayed! {
    AgencyId: "agency_id_invalid",
    LocalId: "id_invalid",
    Code: "code_invalid",
    LanguageTag: "language_invalid",
    Zip: "zip_invalid",
    CountyFips: "county_invalid",
    StateCode: "state_invalid",
    CountryCode: "country_invalid",
}

/// Values that core parses with several failures and shows only on demand.
macro_rules! guarded {
    ($($value:ty,)*) => { $(
        impl FromText for $value {
            fn from_text(text: &str) -> Result<Self, Fault> {
                Ok(Self::parse(text)?)
            }
        }

        impl ToText for $value {
            fn to_text(&self) -> String {
                self.as_str().to_owned()
            }
        }
    )* };
}

guarded! { Name, Text, PhoneNumber, WebUrl, EmailAddress, }

impl From<InvalidText> for Fault {
    fn from(why: InvalidText) -> Self {
        match why {
            InvalidText::TooLong => Self::new(
                why.code(),
                "this is too long: a name has at most 300 characters, a text 60 KiB",
            ),
            _ => Self::new(why.code(), format!("this text {why}")),
        }
    }
}

impl From<InvalidContact> for Fault {
    fn from(why: InvalidContact) -> Self {
        Self::new(why.code(), why)
    }
}
