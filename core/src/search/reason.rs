//! Why a result is there, as data. Who shows it says it in words.

use crate::catalog::{Area, Cover, Field, LanguageMode, LanguageTag};
use crate::geo::{CountyFips, Kilometres, StateCode};
use crate::vocabulary::Code;

/// One reason why an offer answers a search, or a caution about it.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// It offers this, which was asked for.
    Offers(Code),
    /// The words searched for are in it.
    Words,
    /// It is this far away.
    Distance {
        /// Along the great circle.
        distance: Kilometres,
        /// True when its position stands for a ZIP, city or county.
        about: bool,
    },
    /// It is somewhere in this county; where must not be known.
    InCounty(CountyFips),
    /// It is in the state or country searched in.
    InRegion,
    /// Its area holds the place.
    Serves {
        /// The area.
        area: Area,
        /// All of the place, or a part.
        cover: Cover,
        /// True when a rule decides whether the area applies.
        conditional: bool,
    },
    /// Its area holds a county next to the place.
    ServesNeighbour {
        /// That county.
        county: CountyFips,
        /// True when a rule decides whether the area applies.
        conditional: bool,
    },
    /// Caution: the service does not say whom it serves.
    AreaNotStated,
    /// Caution: the service does not say where it is.
    LocationNotStated,
    /// Its organization has an office this far away.
    OrganizationNearby(Kilometres),
    /// It is given by phone, video or message.
    Remote,
    /// Caution: remote without an area; assumed to serve its organization's state, or the nation.
    RemoteAssumed(Option<StateCode>),
    /// It is given in this language.
    Speaks(LanguageTag, LanguageMode),
    /// An interpreter by phone speaks this language: it has one for any.
    ByInterpreter(LanguageTag),
    /// It costs this, which was asked for.
    Fee(Code),
    /// Caution: it offers this work before a court and does not say who represents clients.
    CredentialNotStated(Code),
    /// Its rules let this circumstance in.
    Fits(Field),
    /// It states no rule on this circumstance.
    NotStated(Field),
    /// Caution: the provider decides on this circumstance.
    ProviderDecides(Field),
    /// Caution: it has a rule on this, which the search does not give.
    Ask(Field),
}

impl Reason {
    /// A stable name for this kind of reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Offers(_) => "offers",
            Self::Words => "words",
            Self::Distance { .. } => "distance",
            Self::InCounty(_) => "in_county",
            Self::InRegion => "in_region",
            Self::Serves { .. } => "serves",
            Self::ServesNeighbour { .. } => "serves_neighbour",
            Self::AreaNotStated => "area_not_stated",
            Self::LocationNotStated => "location_not_stated",
            Self::OrganizationNearby(_) => "organization_nearby",
            Self::Remote => "remote",
            Self::RemoteAssumed(_) => "remote_assumed",
            Self::Speaks(..) => "speaks",
            Self::ByInterpreter(_) => "by_interpreter",
            Self::Fee(_) => "fee",
            Self::CredentialNotStated(_) => "credential_not_stated",
            Self::Fits(_) => "fits",
            Self::NotStated(_) => "not_stated",
            Self::ProviderDecides(_) => "provider_decides",
            Self::Ask(_) => "ask",
        }
    }
}
