//! A town with a few services, so that every kind of change of a search helps.

use referral_core::catalog::{
    Area, Attribute, Effect, Field, Language, LanguageMode, LanguageTag, Offer, Record, Rule,
    Service, ServiceArea, Values,
};
use referral_core::geo::{CountyFips, StateCode};
use referral_core::vocabulary::Code;
use referral_proto::v1;

use super::records::{id, location, open, organization, plain_service, report};
use super::{Agency, House, until};

/// How many services the town has.
pub(crate) const SERVICES: usize = 9;

/// A directory with the services of Dilley, Texas, and of San Antonio, some 70 miles away.
pub(crate) async fn town() -> House {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let mut records = vec![
        organization("org"),
        organization("aid"),
        location("dilley", "Dilley", 28.667, -99.17),
        location("city", "San Antonio", 29.424, -98.494),
    ];
    records.extend(services().map(|service| Record::Service(Box::new(service))));
    let batch = records
        .into_iter()
        .map(|record| agency.publish(record))
        .collect();
    stream.operations(batch).await;
    let mut waiting = report("wait", v1::CapacityState::Waitlist, None, None);
    waiting.counts.clear();
    waiting.wait_band = v1::WaitBand::WaitBand2To6Weeks.into();
    let reports = [
        open("bond", 4),
        open("far", 1),
        open("line", 2),
        open("adults", 3),
        waiting,
    ];
    let more = [open("spanish", 5), open("beside", 6), open("beds", 7)];
    let reports = reports.into_iter().chain(more);
    let reports = reports.map(|report| agency.report(report)).collect();
    stream.reports(reports).await;
    until("the town is found", async || {
        house.names("").len() == SERVICES
    })
    .await;
    house
}

fn services() -> impl Iterator<Item = Service> {
    let at = |location: &'static str| move |service: &mut Service| offer(service, location);
    let adults = |service: &mut Service| {
        offer(service, "dilley");
        service.eligibility.push(Rule {
            field: Field::Age,
            effect: Effect::Allow,
            values: Values::Range {
                minimum: Some(18),
                maximum: None,
            },
            discretionary: false,
        });
    };
    let line = |service: &mut Service| {
        service.remote = true;
        service.areas = vec![area(Area::State(StateCode::parse("TX").unwrap()))];
    };
    let spanish = |service: &mut Service| {
        offer(service, "dilley");
        speak(service, "es", LanguageMode::Staff);
        speak(service, "mam", LanguageMode::InterpreterByPhone);
    };
    // La Salle County lies south of Frio County, where Dilley is.
    let beside = |service: &mut Service| {
        offer(service, "dilley");
        service.areas = vec![area(Area::County(CountyFips::parse("48283").unwrap()))];
    };
    [
        of(
            "bond",
            "Bond Clinic",
            &["lc:bond", "fee:free"],
            at("dilley"),
        ),
        of("wait", "Waiting Clinic", &["lc:bond"], at("dilley")),
        of("far", "Far Clinic", &["lc:bond", "rep:full"], at("city")),
        of("silent", "Silent Clinic", &["lc:bond"], at("dilley")),
        of("line", "Bond Line", &["lc:bond", "rep:brief"], line),
        of("adults", "Adults Clinic", &["lc:bond", "fee:low"], adults),
        of("spanish", "Spanish Clinic", &["lc:bond"], spanish),
        of("beside", "County Clinic", &["lc:bond"], beside),
        of(
            "beds",
            "Night Shelter",
            &["ho:es", "fee:free"],
            at("dilley"),
        ),
    ]
    .into_iter()
    .map(|mut service| {
        if ["bond", "beds"].contains(&service.id.as_str()) {
            service.organization = id("aid");
        }
        service
    })
}

fn of(local: &str, called: &str, codes: &[&str], change: impl FnOnce(&mut Service)) -> Service {
    let mut service = plain_service(local, called);
    let attribute = |code: &&str| Attribute {
        code: Code::parse(code).unwrap(),
        value: None,
        label: None,
    };
    service.attributes = codes.iter().map(attribute).collect();
    change(&mut service);
    service
}

fn offer(service: &mut Service, location: &str) {
    service.offers.push(Offer {
        location: id(location),
        description: None,
        areas: vec![],
        phones: vec![],
        schedules: vec![],
    });
}

fn speak(service: &mut Service, tag: &str, mode: LanguageMode) {
    service.languages.push(Language {
        tag: LanguageTag::parse(tag).unwrap(),
        mode,
        name: None,
        note: None,
    });
}

fn area(area: Area) -> ServiceArea {
    ServiceArea {
        area,
        condition: None,
        name: None,
    }
}
