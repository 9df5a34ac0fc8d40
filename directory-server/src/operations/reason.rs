//! Why a result is there, in a few words: the same on the pages, over gRPC and on the command line.

use referral_core::catalog::{Area, Cover, Field, LanguageMode, LanguageTag, english_name};
use referral_core::geo::{CountyFips, Kilometres};
use referral_core::search::Reason;
use referral_runtime::texts::Value;

use super::called::meaning;
use crate::{say, tell};

/// The reason in a few words. `county` gives a county's name with its state.
pub(super) fn phrase(reason: &Reason, county: &dyn Fn(CountyFips) -> String) -> String {
    match reason {
        Reason::Offers(code) | Reason::Fee(code) => meaning(code),
        Reason::Words => say("reason-words"),
        Reason::Distance { distance, about } => miles(*distance, *about),
        Reason::InCounty(fips) => tell("reason-in-county", &[("county", county(*fips).into())]),
        Reason::InRegion => say("reason-in-region"),
        Reason::Serves {
            area,
            cover,
            conditional,
        } => serves(area, *cover, *conditional, county),
        Reason::ServesNeighbour {
            county: beside,
            conditional,
        } => {
            let place = [("county", county(*beside).into())];
            if *conditional {
                tell("reason-may-serve-neighbour", &place)
            } else {
                tell("reason-serves-neighbour", &place)
            }
        }
        Reason::AreaNotStated => say("reason-area-not-stated"),
        Reason::LocationNotStated => say("reason-location-not-stated"),
        Reason::OrganizationNearby(distance) => {
            let distance = [("distance", miles(*distance, true).into())];
            tell("reason-organization-nearby", &distance)
        }
        Reason::Remote => say("reason-remote"),
        Reason::RemoteAssumed(Some(state)) => {
            tell("reason-remote-assumed", &[("state", state.as_str().into())])
        }
        Reason::RemoteAssumed(None) => say("reason-remote-not-stated"),
        Reason::Speaks(tag, mode) => speaks(tag, *mode),
        Reason::ByInterpreter(tag) => tell("reason-by-interpreter", &[("language", language(tag))]),
        Reason::CredentialNotStated(_) => say("reason-credential-not-stated"),
        Reason::Fits(field) => tell("reason-fits", &[("what", name(field).into())]),
        Reason::NotStated(field) => tell("reason-not-stated", &[("what", name(field).into())]),
        Reason::ProviderDecides(field) => {
            tell("reason-provider-decides", &[("what", name(field).into())])
        }
        Reason::Ask(field) => tell("reason-ask", &[("what", name(field).into())]),
    }
}

/// What a rule is about, as people say it.
pub(crate) fn name(field: &Field) -> String {
    match field {
        Field::Age => say("about-age"),
        Field::Nationality => say("about-nationality"),
        Field::Immigration => say("about-immigration"),
        Field::Custody => say("about-custody"),
        Field::WorkPermit => say("about-work-permit"),
        Field::Income => say("about-income"),
        Field::MonthsSinceArrival => say("about-months"),
        Field::Gender => say("about-gender"),
        Field::Other(code) => match code.as_str() {
            "el:age" => say("about-age"),
            "el:gen" => say("about-gender"),
            "el:ctry" => say("about-nationality"),
            "el:prior" => say("about-counsel"),
            "el:crim" => say("about-convictions"),
            "el:order" => say("about-orders"),
            "el:merit" => say("about-merits"),
            "el:reg" => say("about-documents"),
            "el:dv" => say("about-violence"),
            "el:mob" => say("about-mobility"),
            "el:inc" => say("about-income"),
            _ => meaning(code),
        },
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
    let number = [("miles", number.into())];
    if about {
        tell("distance-about", &number)
    } else {
        tell("distance", &number)
    }
}

fn serves(
    area: &Area,
    cover: Cover,
    conditional: bool,
    county: &dyn Fn(CountyFips) -> String,
) -> String {
    let name = match area {
        Area::Zip(zip) => tell("area-zip", &[("zip", zip.to_string().into())]),
        Area::County(fips) => county(*fips),
        Area::State(state) => state.to_string(),
        Area::Country(code) => code.to_string(),
        Area::Nation => say("reason-nation"),
        Area::Radius(radius) => {
            let distance = [("distance", miles(*radius, false).into())];
            tell("reason-radius", &distance)
        }
        Area::Court(court) => tell("reason-court", &[("court", court.to_string().into())]),
    };
    let area = [("area", name.into())];
    match (conditional, cover == Cover::Part) {
        (false, false) => tell("reason-serves", &area),
        (false, true) => tell("reason-serves-part", &area),
        (true, false) => tell("reason-may-serve", &area),
        (true, true) => tell("reason-may-serve-part", &area),
    }
}

fn speaks(tag: &LanguageTag, mode: LanguageMode) -> String {
    let language = [("language", language(tag))];
    match mode {
        LanguageMode::Unstated => tell("speaks", &language),
        LanguageMode::Staff => tell("speaks-staff", &language),
        LanguageMode::InterpreterOnSite => tell("speaks-on-site", &language),
        LanguageMode::InterpreterByPhone => tell("speaks-by-phone", &language),
        LanguageMode::Documents => tell("speaks-documents", &language),
        LanguageMode::Channel => tell("speaks-channel", &language),
    }
}

fn language(tag: &LanguageTag) -> Value<'static> {
    let name = english_name(tag).map_or_else(|| tag.to_string(), ToOwned::to_owned);
    name.into()
}
