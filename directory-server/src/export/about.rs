//! What the numbers of a report mean, in words: what was asked, of when, by which method, with whose demand.

use referral_core::catalog::{LanguageTag, english_name};
use referral_core::coverage::{Measure, Quantity, Question, Report, SupplyShares};
use referral_core::geo::{CountryCode, Kilometres, StateCode};
use referral_core::search::{Access, Age, Custody, Fee, Immigration, Request, WorkPermit};
use referral_core::vocabulary::Code;
use referral_gazetteer::gazetteer;

use crate::operations::meaning;

/// One thing to know about a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// A stable name.
    pub name: &'static str,
    /// The same for people.
    pub label: &'static str,
    /// What is said.
    pub text: String,
}

/// What bounds, none and withheld are.
const BOUNDS: &str = "The value counts what is open and confirmed in time. Providers not confirmed in time, providers \
     that never said, and areas served only on a condition could add to it: lower and upper are the least and \
     the most the value can be, whatever of those turns out to be open. None means that nobody open is in reach; \
     it is not zero.";
/// What is not published.
const SUPPRESSION: &str = "Searches are counted by need, county and week, without anything about a person. Counts of 1 \
     to 10 are not published (<11), nor what would give one away (withheld); searches for what could mark a person \
     are never counted. Listings and capacity hold nothing about people.";
/// Where the map's outlines come from.
const GROUND: &str = "Counties: U.S. Census Bureau, generalised by us-atlas (2017 counties); for maps and counts, not for \
     legal boundaries.";

/// All there is to know about the report, or of its part for one state.
#[must_use]
pub fn facts(report: &Report, state: Option<StateCode>) -> Vec<Fact> {
    let (question, demand) = (&report.question, &report.demand);
    let mut facts = vec![Fact::of("title", "Report", title(question))];
    let state = state.and_then(|state| gazetteer().state(state));
    facts.extend(state.map(|state| Fact::of("area", "Area", state.name.clone())));
    facts.push(Fact::of("as_of", "As of", question.as_of.to_string()));
    facts.extend(asked(question));
    facts.extend([
        Fact::of("unit", "Unit", unit(report.quantity).to_owned()),
        Fact::of("demand", "Demand", demand.name.to_string()),
        Fact::of("demand_date", "Demand of", demand.date.to_string()),
        Fact::of("demand_source", "Demand from", demand.source.to_string()),
        Fact::of(
            "demand_licence",
            "Licence of demand",
            demand.licence.to_string(),
        ),
        Fact::of("supply", "Supply", supply(&report.supply, question)),
        Fact::of("method", "Method", report.method.clone()),
        Fact::of("bounds", "Bounds", BOUNDS.to_owned()),
        Fact::of("suppression", "Not published", SUPPRESSION.to_owned()),
        Fact::of("boundaries", "Boundaries", GROUND.to_owned()),
    ]);
    facts.extend(
        report
            .searches_of
            .map(|week| Fact::of("searches_of", "Searches of", format!("week {week}"))),
    );
    facts
}

/// "Distance to the nearest open provider: release from custody on bond or parole".
#[must_use]
pub fn title(question: &Question) -> String {
    format!(
        "{}: {}",
        capitalised(&measure(question)),
        need(&question.filter)
    )
}

/// What is measured, in words.
#[must_use]
pub fn measure(question: &Question) -> String {
    match &question.measure {
        Measure::NearestOpen => "distance to the nearest open provider".to_owned(),
        Measure::CoverageAt(within) => {
            format!("people with an open provider within {}", miles(*within))
        }
        Measure::KCoverage {
            organizations: 1,
            within,
        } => format!("people with an open organization within {}", miles(*within)),
        Measure::KCoverage {
            organizations,
            within,
        } => format!(
            "people with {organizations} open organizations within {}",
            miles(*within)
        ),
        Measure::Catchment(_) => "open places in reach for each 1,000 people".to_owned(),
        Measure::PeoplePerPlace => "people for each open place in the county".to_owned(),
        Measure::DeadEnds => "searches that found nothing open".to_owned(),
        Measure::TimeToFirstOpen => {
            format!(
                "days until a provider within {} is open",
                miles(question.within)
            )
        }
    }
}

/// What was asked, one fact for each part that was stated.
#[must_use]
pub fn asked(question: &Question) -> Vec<Fact> {
    let filter = &question.filter;
    let who = &filter.circumstances;
    let access = match filter.access {
        Access::Any => None,
        Access::InPerson => Some("in person".to_owned()),
        Access::Remote => Some("by phone, video or message".to_owned()),
    };
    let also = &filter.also;
    let also_languages = (!also.languages.is_empty()).then(|| languages(&also.languages));
    let spoken = (!filter.languages.is_empty()).then(|| {
        let interpreter = if filter.interpreter {
            " (an interpreter by phone will do)"
        } else {
            ""
        };
        languages(&filter.languages) + interpreter
    });
    let rings = match &question.measure {
        Measure::Catchment(rings) => Some(rings),
        _ => None,
    };
    let rings = rings.map(|rings| {
        let rings = rings.as_slice().iter();
        let rings: Vec<String> = rings
            .map(|ring| format!("to {} at {}", miles(ring.to), ring.weight))
            .collect();
        rings.join(", ")
    });
    let parts = [
        ("measure", "Measure", Some(measure(question))),
        ("rings", "Rings and weights", rings),
        ("need", "Need", Some(need(filter))),
        (
            "terms",
            "Terms",
            filter.need.as_ref().and_then(|need| meanings(&need.all_of)),
        ),
        ("language", "Language", spoken.or(also_languages)),
        (
            "custody",
            "Custody",
            who.custody.map(|custody| held(custody).to_owned()),
        ),
        ("age", "Age", who.age.map(|age| Age::years(age).to_string())),
        (
            "immigration",
            "Immigration situation",
            who.immigration.map(|i| situation(i).to_owned()),
        ),
        ("nationality", "Nationality", who.nationality.map(country)),
        (
            "work_permit",
            "Work permit",
            who.work_permit.map(|permit| permitted(permit).to_owned()),
        ),
        ("fee", "Cost", filter.fee.map(|fee| cost(fee).to_owned())),
        ("access", "How to reach it", access),
        ("also", "Also", meanings(&also.codes)),
        ("within", "Near means within", Some(miles(question.within))),
    ];
    parts
        .into_iter()
        .filter_map(|(name, label, text)| Some(Fact::of(name, label, text?)))
        .collect()
}

impl Fact {
    fn of(name: &'static str, label: &'static str, text: String) -> Self {
        Self { name, label, text }
    }
}

fn need(filter: &Request) -> String {
    let codes = filter.need.as_ref().and_then(|need| meanings(&need.any_of));
    codes.unwrap_or_else(|| "any help".to_owned())
}

fn meanings(codes: &[Code]) -> Option<String> {
    let meanings: Vec<String> = codes.iter().map(meaning).collect();
    (!meanings.is_empty()).then(|| meanings.join("; or "))
}

fn languages(tags: &[LanguageTag]) -> String {
    let names: Vec<String> = tags
        .iter()
        .map(|tag| english_name(tag).map_or_else(|| tag.to_string(), str::to_owned))
        .collect();
    names.join(" or ")
}

fn country(code: CountryCode) -> String {
    let country = gazetteer().country(code);
    country.map_or_else(|| code.to_string(), |country| country.name.clone())
}

fn held(custody: Custody) -> &'static str {
    match custody {
        Custody::NotDetained => "not in custody",
        Custody::Detained => "in custody",
        Custody::FederalShelter => "child in federal shelter or foster care",
        Custody::Alternatives => "reports or wears a monitor instead of custody",
        Custody::Released => "released lately",
    }
}

fn situation(immigration: Immigration) -> &'static str {
    match immigration {
        Immigration::AsylumSeeker => "asks, or will ask, for asylum",
        Immigration::Parolee => "admitted on parole",
        Immigration::Asylee => "granted asylum",
        Immigration::Refugee => "admitted as a refugee",
        Immigration::SpecialVisa => "special immigrant visa",
        Immigration::TraffickingCertified => "certified survivor of trafficking",
        Immigration::WithoutStatus => "no immigration status",
    }
}

fn permitted(permit: WorkPermit) -> &'static str {
    match permit {
        WorkPermit::Before => "has none yet",
        WorkPermit::After => "has one",
    }
}

fn cost(fee: Fee) -> &'static str {
    match fee {
        Fee::Free => "free",
        Fee::LowCost => "free or low cost",
    }
}

/// Miles as people say them.
fn miles(distance: Kilometres) -> String {
    let miles = distance.miles();
    let tenths = (miles * 10.0).round() / 10.0;
    if (tenths - 1.0).abs() < f64::EPSILON {
        "1 mile".to_owned()
    } else {
        format!("{tenths} miles")
    }
}

fn unit(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Kilometres => "kilometres along the great circle",
        Quantity::Share => "share, 0 to 1",
        Quantity::PlacesPerThousand => "open places for each 1,000 people",
        Quantity::PeoplePerPlace => "people for each open place",
        Quantity::Days => "days",
    }
}

/// "12 pools of places match: 5 open, 2 of them without a count, each taken for 1 place; 3 not confirmed ..."
fn supply(shares: &SupplyShares, question: &Question) -> String {
    let SupplyShares {
        pools,
        open,
        assumed,
        stale,
        unknown,
        remote,
        area_not_stated,
        ..
    } = shares;
    let each = match question.assumed_places {
        1 => "1 place".to_owned(),
        places => format!("{places} places"),
    };
    let unit = shares
        .unit
        .map_or("places", referral_core::capacity::Unit::as_str);
    format!(
        "{pools} pools of places match: {open} open ({assumed} of them without a count in the unit, {unit}, each taken \
         for {each}; {remote} reached from anywhere, in no distance; {area_not_stated} stating no area, taken to serve \
         whoever is near), {stale} not confirmed in time, {unknown} never stated"
    )
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}
