//! Why a result is there, as data and as a phrase.

use crate::catalog::{Area, Cover, LanguageMode, LanguageTag};
use crate::geo::{CountyFips, Kilometres, StateCode};
use crate::vocabulary::{Code, entry};

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
            Self::AreaNotStated => "area_not_stated",
            Self::LocationNotStated => "location_not_stated",
            Self::OrganizationNearby(_) => "organization_nearby",
            Self::Remote => "remote",
            Self::RemoteAssumed(_) => "remote_assumed",
            Self::Speaks(..) => "speaks",
        }
    }

    /// The reason in a few English words. `county` gives a county's name with its state; `language`
    /// a language's name.
    #[must_use]
    pub fn phrase(
        &self,
        county: &dyn Fn(CountyFips) -> String,
        language: &dyn Fn(&LanguageTag) -> String,
    ) -> String {
        match self {
            Self::Offers(code) => entry(code).map_or_else(
                || code.value().replace('-', " "),
                |entry| entry.definition.to_owned(),
            ),
            Self::Words => "matches your words".to_owned(),
            Self::Distance { distance, about } => miles(*distance, *about),
            Self::InCounty(fips) => format!("in {}; address confidential", county(*fips)),
            Self::InRegion => "in the place you searched".to_owned(),
            Self::Serves {
                area,
                cover,
                conditional,
            } => serves(area, *cover, *conditional, county),
            Self::AreaNotStated => "area served not stated: ask".to_owned(),
            Self::LocationNotStated => "location not stated".to_owned(),
            Self::OrganizationNearby(distance) => {
                format!(
                    "its organization has an office {} away",
                    miles(*distance, true)
                )
            }
            Self::Remote => "by phone, video or message".to_owned(),
            Self::RemoteAssumed(Some(state)) => format!("remote; assumed to serve {state}: ask"),
            Self::RemoteAssumed(None) => "remote; area not stated: ask".to_owned(),
            Self::Speaks(tag, mode) => speaks(&language(tag), *mode),
        }
    }
}

/// A distance as people read it: `"0.4 miles"`, `"about 12 miles"`.
fn miles(distance: Kilometres, about: bool) -> String {
    let miles = distance.miles();
    let number = if miles < 10.0 {
        format!("{miles:.1}")
    } else {
        format!("{miles:.0}")
    };
    format!("{}{number} miles", if about { "about " } else { "" })
}

fn serves(
    area: &Area,
    cover: Cover,
    conditional: bool,
    county: &dyn Fn(CountyFips) -> String,
) -> String {
    let name = match area {
        Area::Zip(zip) => format!("ZIP {zip}"),
        Area::County(fips) => county(*fips),
        Area::State(state) => state.to_string(),
        Area::Country(code) => code.to_string(),
        Area::Nation => "the whole country".to_owned(),
        Area::Radius(radius) => format!("within {} of its office", miles(*radius, false)),
        Area::Court(court) => format!("cases at {court}"),
    };
    let part = if cover == Cover::Part {
        " (part of the place you searched)"
    } else {
        ""
    };
    let verb = if conditional { "may serve" } else { "serves" };
    format!("{verb} {name}{part}")
}

fn speaks(language: &str, mode: LanguageMode) -> String {
    let how = match mode {
        LanguageMode::Unstated => "",
        LanguageMode::Staff => " (staff)",
        LanguageMode::InterpreterOnSite => " (interpreter on site)",
        LanguageMode::InterpreterByPhone => " (interpreter by phone)",
        LanguageMode::Documents => " (documents)",
        LanguageMode::Channel => " (on this line)",
    };
    format!("{language}{how}")
}
