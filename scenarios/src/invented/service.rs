//! One service, put together from an offering, a place and terms.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use referral_core::catalog::{
    Area, Contact, Language, Offer, Organization, Provenance, Service, ServiceArea, Tier, Tiers,
};
use referral_core::geo::{CountyFips, StateCode};
use referral_core::id::LocalId;
use referral_core::text::Text;
use referral_gazetteer::gazetteer;

use super::dice::{Dice, chance};
use super::nationality::Origin;
use super::offering::{Offering, Setting};
use super::words::{id, name, text};
use super::{area, contact, language, schedule, terms};

/// Where a service is given, and from where it looks at the map.
#[derive(Debug)]
pub(crate) struct Ground {
    /// The locations it is offered at; none for remote ones.
    pub(crate) offices: Vec<LocalId>,
    pub(crate) county: CountyFips,
    pub(crate) state: Option<StateCode>,
    /// The country, for services abroad.
    pub(crate) origin: Option<Origin>,
}

/// Whose service is made, and what it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task<'a> {
    pub(crate) organization: &'a Organization,
    /// The first word of the organization's name.
    pub(crate) compound: &'a str,
    /// Which of the organization's services it is, from 1.
    pub(crate) number: u32,
    pub(crate) offering: &'a Offering,
    pub(crate) now: Timestamp,
}

/// A service; `describe` says what it is, for a place in words.
pub(crate) fn service(
    task: Task<'_>,
    ground: Ground,
    describe: impl FnOnce(&str, &mut Dice) -> Option<Text>,
    dice: &mut Dice,
) -> Service {
    let Task {
        organization,
        compound,
        number,
        offering,
        now,
    } = task;
    let local = format!("{}-service-{number}", organization.id);
    let today = now.to_zoned(TimeZone::UTC).date();
    let mut terms = terms::draw(offering, today, dice);
    if let Some(origin) = ground.origin {
        set_country(&mut terms, origin);
    }
    let place = place_in_words(&ground);
    let remote = matches!(offering.setting, Setting::Remote | Setting::Either);
    let phone = contact::phone(ground.state, "intake line", dice);
    let page = local.replace("organization-", "");
    let intake = "Call or write; we answer within two working days.";
    Service {
        id: id(&local),
        source_id: text(&local),
        organization: organization.id.clone(),
        program: None,
        name: name(offering.title),
        alternate_name: None,
        description: describe(&place, dice),
        url: contact::web(compound, &format!("services/{page}")),
        email: contact::mailbox(compound, "intake"),
        attributes: terms.attributes,
        credentials: terms.credentials,
        eligibility: terms.eligibility,
        eligibility_description: None,
        areas: areas(offering, &ground, dice),
        area_notes: Vec::new(),
        languages: languages(&ground, dice),
        offers: ground.offices.into_iter().map(offer).collect(),
        remote,
        interpretation_services: None,
        application_process: chance(dice, 0.6).then(|| text(intake)),
        fees_description: Some(terms.fees),
        costs: terms.costs,
        wait_time: None,
        required_documents: terms.documents,
        accreditations: None,
        licenses: None,
        alert: None,
        phones: vec![phone],
        schedules: schedule::hours(dice),
        contacts: intake_desk(compound, dice),
        funding: Vec::new(),
        tier: Tier::Public,
        tiers: Tiers::default(),
        provenance: Provenance::clone(&organization.provenance),
    }
}

fn offer(location: LocalId) -> Offer {
    Offer {
        location,
        description: None,
        areas: Vec::new(),
        phones: Vec::new(),
        schedules: Vec::new(),
    }
}

fn areas(offering: &Offering, ground: &Ground, dice: &mut Dice) -> Vec<ServiceArea> {
    match ground.origin {
        Some(origin) => vec![area::always(Area::Country(origin.country()))],
        None => area::served(offering, ground.county, ground.state, dice),
    }
}

fn languages(ground: &Ground, dice: &mut Dice) -> Vec<Language> {
    match ground.origin {
        Some(origin) => language::abroad(origin.language),
        None => language::spoken(ground.state, dice),
    }
}

fn set_country(terms: &mut terms::Terms, origin: Origin) {
    let country = text(origin.country().as_str());
    let operates = |code: &str| code == "rr:coo";
    for attribute in &mut terms.attributes {
        if operates(attribute.code.as_str()) {
            attribute.value = Some(Text::clone(&country));
        }
    }
}

/// The place in the words of a description: never finer than a county.
pub(crate) fn place_in_words(ground: &Ground) -> String {
    if let Some(origin) = ground.origin {
        let country = gazetteer().country(origin.country());
        return country.map_or_else(String::new, |country| country.name.clone());
    }
    let county = gazetteer().county(ground.county);
    county.map_or_else(String::new, |county| {
        format!("{}, {}", county.name, county.state)
    })
}

fn intake_desk(compound: &str, dice: &mut Dice) -> Vec<Contact> {
    let desk = chance(dice, 0.3).then(|| Contact {
        name: None,
        title: Some(name("Intake coordinator")),
        department: None,
        email: contact::mailbox(compound, "referrals"),
        phones: Vec::new(),
    });
    desk.into_iter().collect()
}
