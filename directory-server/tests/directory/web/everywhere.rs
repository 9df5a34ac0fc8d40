//! Hostile words in every field of a listing, on every page, for everybody who may see it.

use referral_core::catalog::{
    Contact, CostOption, EmailAddress, Funding, Offer, Part, Phone, PhoneNumber, Place, Record,
    RequiredDocument, Schedule, Service, Tier, Tiers,
};
use referral_core::policy::Role;

use crate::people::person;
use crate::support::http::request;
use crate::support::records::{
    attribute, id, location, name, open, plain_organization, plain_service, text, zip,
};
use crate::support::{Agency, House};

/// What would run in a browser if a page showed it as it is.
const HOSTILE: &str = "<script>alert(1)</script>\"><img src=x onerror=alert(2)>'<b id=canary>";

/// What no page may hold.
const RAW: [&str; 4] = ["<script>alert", "<img src=x", "<b id=canary", "\"><img"];

/// Every page that anybody can ask for, with what was typed hostile, too.
const PAGES: [&str; 20] = [
    "/",
    "/?availability=any",
    "/?availability=any&text=%3Cb+id%3Dcanary%3E",
    "/?availability=any&near=78017",
    "/?near=%22%3E%3Cimg+src%3Dx%3E",
    "/?x%3Cb+id%3Dcanary%3E=1",
    "/coverage",
    "/coverage?state=%3Cb+id%3Dcanary%3E",
    "/coverage/county/48163",
    "/coverage/county/%3Cb%20id%3Dcanary%3E",
    "/coverage/brief",
    "/coverage/trend",
    "/coverage/what-if",
    "/coverage/outcomes",
    "/coverage/alerts",
    "/coverage/alerts.atom",
    "/sign-in?next=%3Cb+id%3Dcanary%3E",
    "/welcome?invitation=%3Cb+id%3Dcanary%3E",
    "/account",
    "/no/%3Cb%20id%3Dcanary%3E",
];

fn phone() -> Phone {
    Phone {
        number: PhoneNumber::parse("210-555-0177").unwrap(),
        extension: Some(name(HOSTILE)),
        kind: Some(name(HOSTILE)),
        description: Some(text(HOSTILE)),
        languages: vec![],
    }
}

fn contact() -> Contact {
    Contact {
        name: Some(name(HOSTILE)),
        title: Some(name(HOSTILE)),
        department: Some(name(HOSTILE)),
        email: EmailAddress::parse("desk@example.org").ok(),
        phones: vec![phone()],
    }
}

fn schedule() -> Schedule {
    Schedule {
        description: Some(text(HOSTILE)),
        ..Schedule::default()
    }
}

fn organization() -> Record {
    let mut organization = plain_organization("org");
    organization.name = name(HOSTILE);
    organization.alternate_name = Some(name(HOSTILE));
    organization.description = Some(text(HOSTILE));
    organization.parent_organization = Some(text(HOSTILE));
    organization.phones = vec![phone()];
    organization.contacts = vec![contact()];
    Record::Organization(Box::new(organization))
}

fn place() -> Record {
    let Record::Location(mut place) = location("dilley", "Dilley", 28.667, -99.17) else {
        panic!("no location")
    };
    if let Place::Exact { address, .. } = &mut place.place {
        address.address_1 = Some(name(HOSTILE));
        address.city = Some(name(HOSTILE));
    }
    place.name = Some(name(HOSTILE));
    place.alternate_name = Some(name(HOSTILE));
    place.description = Some(text(HOSTILE));
    place.transportation = Some(text(HOSTILE));
    place.phones = vec![phone()];
    place.contacts = vec![contact()];
    place.schedules = vec![schedule()];
    Record::Location(place)
}

/// A service with hostile words wherever words may stand.
fn service(local: &str, codes: &[&str]) -> Service {
    let mut service = plain_service(local, HOSTILE);
    service.offers = vec![Offer {
        location: id("dilley"),
        description: Some(text(HOSTILE)),
        areas: vec![zip("78017")],
        phones: vec![phone()],
        schedules: vec![schedule()],
    }];
    for words in [
        &mut service.description,
        &mut service.eligibility_description,
        &mut service.interpretation_services,
        &mut service.application_process,
        &mut service.fees_description,
        &mut service.wait_time,
        &mut service.accreditations,
        &mut service.licenses,
        &mut service.alert,
    ] {
        *words = Some(text(HOSTILE));
    }
    service.alternate_name = Some(name(HOSTILE));
    service.area_notes = vec![text(HOSTILE)];
    service.attributes = codes.iter().map(|code| attribute(code)).collect();
    for attribute in &mut service.attributes {
        attribute.label = Some(name(HOSTILE));
    }
    service.costs = vec![CostOption {
        option: Some(text(HOSTILE)),
        amount_hundredths: None,
        currency: None,
        amount_description: Some(text(HOSTILE)),
        valid_from: None,
        valid_to: None,
    }];
    service.required_documents = vec![RequiredDocument {
        document: text(HOSTILE),
        url: None,
    }];
    service.phones = vec![phone()];
    service.schedules = vec![schedule()];
    service.contacts = vec![contact()];
    service.funding = vec![Funding {
        source: text(HOSTILE),
    }];
    service
}

async fn hostile() -> House {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let mut parted = service("parted", &["lc:bond"]);
    parted.tiers = Tiers::of([(Part::Description, Tier::Ask)]);
    for record in [
        organization(),
        place(),
        Record::Service(Box::new(service("whole", &["ho:es"]))),
        Record::Service(Box::new(parted)),
    ] {
        stream.accepted(agency.publish(record)).await;
    }
    let mut report = open("whole", 4);
    report.note = HOSTILE.to_owned();
    let report = agency.report(report);
    stream.reports(vec![report]).await;
    house.until_found(HOSTILE).await;
    house
}

#[tokio::test]
async fn no_page_holds_a_hostile_word_as_it_was_written() {
    let house = hostile().await;
    let mut sessions = vec![String::new()];
    for role in [Role::Caseworker, Role::Specialist, Role::Operator] {
        let somebody = person(&house, &format!("{role}@example.org"), role).await;
        sessions.push(format!("__Host-session={}", somebody.session.reveal()));
    }
    let mut shown = 0;
    for cookie in &sessions {
        for page in PAGES {
            let headers = [("cookie", cookie.as_str())];
            let answer = request(house.public, "GET", page, &headers, b"").await;

            let body = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(answer.status < 500, "{page}: {}", answer.status);
            for raw in RAW {
                assert!(!body.contains(raw), "{page} shows {raw}");
            }
            shown += usize::from(body.contains("onerror=alert(2)"));
        }
    }
    assert!(shown >= 8, "the words were shown as text on {shown} pages");
}
