//! Why a result is there, as data and as a phrase.

use crate::catalog::{Area, Cover, Field, LanguageMode, LanguageTag};
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

    /// The reason in a few English words. `county` gives a county's name with its state; `language`
    /// a language's name.
    #[must_use]
    pub fn phrase(
        &self,
        county: &dyn Fn(CountyFips) -> String,
        language: &dyn Fn(&LanguageTag) -> String,
    ) -> String {
        match self {
            Self::Offers(code) | Self::Fee(code) => meaning(code),
            Self::Words => "matches your words".to_owned(),
            Self::Distance { distance, about } => miles(*distance, *about),
            Self::InCounty(fips) => format!("in {}; address confidential", county(*fips)),
            Self::InRegion => "in the place you searched".to_owned(),
            Self::Serves {
                area,
                cover,
                conditional,
            } => serves(area, *cover, *conditional, county),
            Self::ServesNeighbour {
                county: beside,
                conditional,
            } => {
                let verb = if *conditional { "may serve" } else { "serves" };
                format!(
                    "{verb} {}, next to the place you searched: ask",
                    county(*beside)
                )
            }
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
            Self::ByInterpreter(tag) => {
                format!("{} (interpreter by phone, any language)", language(tag))
            }
            Self::CredentialNotStated(_) => {
                "who represents clients in court is not stated: ask".to_owned()
            }
            Self::Fits(field) => format!("{} fits", name(field)),
            Self::NotStated(field) => format!("no rule stated on {}", name(field)),
            Self::ProviderDecides(field) => format!("{}: the provider decides", name(field)),
            Self::Ask(field) => format!("ask: {}", name(field)),
        }
    }
}

fn meaning(code: &Code) -> String {
    entry(code).map_or_else(
        || code.value().replace('-', " "),
        |entry| entry.definition.to_owned(),
    )
}

/// What a rule is about, as people say it.
fn name(field: &Field) -> String {
    match field {
        Field::Age => "age".to_owned(),
        Field::Nationality => "nationality".to_owned(),
        Field::Immigration => "immigration situation".to_owned(),
        Field::Custody => "custody".to_owned(),
        Field::WorkPermit => "work permit".to_owned(),
        Field::Income => "household income".to_owned(),
        Field::MonthsSinceArrival => "time since arrival".to_owned(),
        Field::Gender => "gender".to_owned(),
        Field::Other(code) => meaning(code),
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
