//! One made-up listing.

use referral_core::catalog::{
    Address, Area, Attribute, Effect, Field, Language, LanguageMode, LanguageTag, Listing,
    Location, Offer, Organization, Place, Provenance, Rule, Service, ServiceArea, Tier, Tiers,
    Values,
};
use referral_core::geo::{CountryCode, CountyFips, Kilometres, Point, StateCode, Zip};
use referral_core::id::{AgencyId, LocalId};
use referral_core::text::{Name, Text};
use referral_core::vocabulary::Code;

use super::{Dice, Oops};

/// How many cities there are; the first ones are largest.
pub(crate) const CITIES: u64 = 800;
pub(crate) const STATES: [&str; 12] = [
    "CA", "TX", "FL", "NY", "IL", "PA", "OH", "GA", "NC", "MI", "NJ", "MD",
];
/// Kinds of services with their share of a thousand and what they offer in detail.
const KINDS: [(u64, &str, &[&str]); 9] = [
    (
        6,
        "dom:leg",
        &[
            "lc:bond",
            "lc:asy-aff",
            "lc:asy-def",
            "lc:aos",
            "lc:tps",
            "rep:full",
        ],
    ),
    (30, "dom:oleg", &[]),
    (
        140,
        "dom:mhp",
        &["mh:l3", "mh:child", "mh:trauma", "mh:crisis"],
    ),
    (110, "dom:hou", &["ho:es", "ho:trans", "ho:rrh", "ho:noid"]),
    (
        90,
        "dom:voc",
        &["vo:vesl", "vo:jrt", "vo:place", "vo:post", "vo:any"],
    ),
    (180, "dom:med", &[]),
    (
        170,
        "dom:dir",
        &["da:food", "da:cloth", "da:cash", "da:rent"],
    ),
    (60, "dom:cas", &["cm:t1", "cm:t2"]),
    (
        214,
        "dom:oth",
        &["x-agency-1:pantry", "x-agency-2:tax-help"],
    ),
];
/// How many different words there are; the first ones are most common.
pub(crate) const WORDS: u64 = 4_000;

/// A word: the most common one is in a third of all descriptions.
pub(crate) fn word(dice: &mut Dice) -> String {
    const COMMON: [&str; 12] = [
        "and",
        "services",
        "families",
        "community",
        "help",
        "program",
        "legal",
        "shelter",
        "food",
        "clinic",
        "children",
        "immigration",
    ];
    let number = dice.small(WORDS);
    let common = usize::try_from(number).ok().and_then(|at| COMMON.get(at));
    common.map_or_else(|| format!("term{number:04}"), |word| (*word).to_owned())
}

/// The middle of a city.
pub(crate) fn city(number: u64) -> (f64, f64) {
    let mut dice = Dice(number * 7_919 + 11);
    dice.below(2);
    (26.0 + dice.share() * 21.0, -122.0 + dice.share() * 50.0)
}

/// The county and state of a city.
pub(crate) fn county(city: u64) -> Result<CountyFips, Oops> {
    let number = u32::try_from(1_001 + city * 2)?;
    CountyFips::from_number(number).ok_or_else(|| "no county".into())
}

pub(crate) fn state(city: u64) -> Result<StateCode, Oops> {
    let at = usize::try_from(city % 12)?;
    Ok(StateCode::parse(STATES[at])?)
}

/// A ZIP of a city.
pub(crate) fn zip(city: u64) -> Result<Zip, Oops> {
    Zip::from_number(u32::try_from(10_000 + city * 7)?).ok_or_else(|| "no ZIP".into())
}

/// The listing with this number.
pub(crate) fn listing(at: u64) -> Result<Listing, Oops> {
    let mut dice = Dice(at.wrapping_mul(0x9e37_79b9) + 5);
    dice.below(2);
    let city = dice.small(CITIES);
    let id = LocalId::from_source(&format!("service-{at:07}"));
    let organization = LocalId::from_source(&format!("organization-{:06}", at / 3));
    let site = dice.below(100);
    let mut locations = Vec::new();
    if site >= 10 {
        let several = if dice.percent(8) { 2 } else { 1 };
        for nth in 0..several {
            let id = LocalId::from_source(&format!("location-{at:07}-{nth}"));
            locations.push(location(id, place(&mut dice, city, site)?)?);
        }
    }
    let name = format!(
        "{} {} {}",
        word(&mut dice),
        word(&mut dice),
        dice.below(100_000)
    );
    let mut service = bare(id, organization.clone(), Name::parse(&name)?)?;
    service.description = Some(Text::parse(&words(&mut dice))?);
    service.attributes = attributes(&mut dice)?;
    service.languages = languages(&mut dice)?;
    service.eligibility = rules(&mut dice)?;
    service.areas = areas(&mut dice, city)?;
    service.remote = site < 8;
    service.offers = locations
        .iter()
        .map(|location| offer(&location.id))
        .collect();
    Ok(Listing {
        agency: AgencyId::parse(&format!("agency-{}", dice.small(450)))?,
        service,
        organization: of_name(
            organization,
            Name::parse(&format!("Organization {}", at / 3))?,
        )?,
        locations,
    })
}

fn words(dice: &mut Dice) -> String {
    let words: Vec<String> = (0..47).map(|_| word(dice)).collect();
    words.join(" ")
}

fn place(dice: &mut Dice, number: u64, site: u64) -> Result<Place, Oops> {
    if site < 13 {
        return Ok(Place::County(county(number)?));
    }
    let mut address = Address::of_country(CountryCode::US);
    address.state = Some(state(number)?);
    address.zip = Some(zip(number)?);
    if site < 15 {
        return Ok(Place::Unplaced(address));
    }
    let (lat, lon) = city(number);
    let mut aside = || (dice.share() + dice.share() + dice.share() - 1.5) * 0.35;
    let point = Point::new(lat + aside(), lon + aside())?;
    Ok(Place::Exact { address, point })
}

fn attributes(dice: &mut Dice) -> Result<Vec<Attribute>, Oops> {
    let mut left = dice.below(1_000);
    let mut codes = Vec::new();
    for (share, domain, details) in KINDS {
        if left < share {
            codes.push(domain);
            codes.extend(details.iter().filter(|_| dice.percent(40)));
            break;
        }
        left -= share;
    }
    let rest = [
        ("fee:free", 45),
        ("fee:slide", 15),
        ("acc:walk", 30),
        ("acc:appt", 50),
        ("acc:phone", 40),
        ("lang:iphone", 10),
        ("cust:nondet", 5),
    ];
    codes.extend(
        rest.iter()
            .filter(|(_, chance)| dice.percent(*chance))
            .map(|(code, _)| *code),
    );
    let attribute = |code| {
        Ok(Attribute {
            code: Code::parse(code)?,
            value: None,
            label: None,
        })
    };
    codes.into_iter().map(attribute).collect()
}

fn languages(dice: &mut Dice) -> Result<Vec<Language>, Oops> {
    let spoken = [
        ("en", 98),
        ("es", 55),
        ("ht", 12),
        ("fr", 4),
        ("pt", 3),
        ("zh", 3),
        ("ar", 2),
        ("vi", 2),
        ("ru", 1),
        ("mam", 1),
        ("ti", 1),
    ];
    let each = spoken.iter().filter(|(_, chance)| dice.percent(*chance));
    each.map(|(tag, _)| {
        Ok(Language {
            tag: LanguageTag::parse(tag)?,
            mode: LanguageMode::Unstated,
            name: None,
            note: None,
        })
    })
    .collect()
}

fn rules(dice: &mut Dice) -> Result<Vec<Rule>, Oops> {
    let mut rules = Vec::new();
    let mut allow = |field, values| {
        rules.push(Rule {
            field,
            effect: Effect::Allow,
            values,
            discretionary: false,
        });
    };
    if dice.percent(25) {
        let minimum = Some(u32::try_from(16 + dice.below(3))?);
        allow(
            Field::Age,
            Values::Range {
                minimum,
                maximum: None,
            },
        );
    }
    if dice.percent(5) {
        allow(
            Field::Immigration,
            Values::AnyOf(vec![Name::parse("asylum-seeker")?]),
        );
    }
    Ok(rules)
}

fn areas(dice: &mut Dice, city: u64) -> Result<Vec<ServiceArea>, Oops> {
    let kind = dice.below(100);
    let area = |area| ServiceArea {
        area,
        condition: None,
        name: None,
    };
    Ok(match kind {
        0..15 => vec![],
        15..25 => vec![area(Area::Radius(Kilometres::new(
            15.0 + 40.0 * dice.share(),
        )?))],
        25..30 => vec![area(Area::Zip(zip(city)?))],
        30..65 => vec![area(Area::County(county(city)?))],
        65..85 => {
            let others =
                (0..=dice.below(12)).map(|more| Ok(area(Area::County(county(city + more)?))));
            others.collect::<Result<_, Oops>>()?
        }
        85..97 => vec![area(Area::State(state(city)?))],
        _ => vec![area(Area::Nation)],
    })
}

fn offer(location: &LocalId) -> Offer {
    Offer {
        location: location.clone(),
        description: None,
        areas: vec![],
        phones: vec![],
        schedules: vec![],
    }
}

fn bare(id: LocalId, organization: LocalId, name: Name) -> Result<Service, Oops> {
    Ok(Service {
        source_id: Text::parse(id.as_str())?,
        organization,
        program: None,
        alternate_name: None,
        description: None,
        url: None,
        email: None,
        attributes: vec![],
        credentials: vec![],
        eligibility: vec![],
        eligibility_description: None,
        areas: vec![],
        area_notes: vec![],
        offers: vec![],
        remote: false,
        languages: vec![],
        interpretation_services: None,
        application_process: None,
        fees_description: None,
        costs: vec![],
        wait_time: None,
        required_documents: vec![],
        accreditations: None,
        licenses: None,
        alert: None,
        phones: vec![],
        schedules: vec![],
        contacts: vec![],
        funding: vec![],
        tier: Tier::Public,
        tiers: Tiers::default(),
        provenance: Provenance::default(),
        id,
        name,
    })
}

fn of_name(id: LocalId, name: Name) -> Result<Organization, Oops> {
    Ok(Organization {
        source_id: Text::parse(id.as_str())?,
        id,
        name,
        alternate_name: None,
        description: None,
        email: None,
        website: None,
        legal_status: None,
        year_incorporated: None,
        parent_organization: None,
        phones: vec![],
        contacts: vec![],
        programs: vec![],
        funding: vec![],
        identifiers: vec![],
        provenance: Provenance::default(),
    })
}

fn location(id: LocalId, place: Place) -> Result<Location, Oops> {
    Ok(Location {
        source_id: Text::parse(id.as_str())?,
        id,
        organization: None,
        name: None,
        alternate_name: None,
        description: None,
        transportation: None,
        url: None,
        place,
        phones: vec![],
        languages: vec![],
        schedules: vec![],
        tier: Tier::Public,
        accessibility: vec![],
        contacts: vec![],
        provenance: Provenance::default(),
    })
}
