//! The page of one service: all of it for those who may see it, nothing for the others.

use referral_core::catalog::{
    Area, Effect, Field, Offer, Part, Phone, PhoneNumber, Record, RequiredDocument, Rule, Schedule,
    Service, ServiceArea, Tier, Tiers, Values,
};
use referral_core::geo::CountyFips;
use referral_proto::v1;

use super::page;
use crate::support::html::Page;
use crate::support::http::{get, post, request};
use crate::support::records::{
    coded, confidential, id, location, name, offered, open, organization, plain_service, report,
    service, text,
};
use crate::support::stream::Stream;
use crate::support::{Agency, House, until};

const CLINIC: &str = "/service/harbor/clinic";

fn clinic() -> Service {
    let mut clinic = plain_service("clinic", "Asylum Clinic");
    clinic.description = Some(text("Help with asylum claims."));
    clinic.application_process = Some(text("Call first."));
    clinic.required_documents = vec![RequiredDocument {
        document: text("Photo ID"),
        url: None,
    }];
    clinic.eligibility = vec![Rule {
        field: Field::Age,
        effect: Effect::Allow,
        values: Values::Range {
            minimum: Some(18),
            maximum: None,
        },
        discretionary: true,
    }];
    clinic.phones = vec![Phone {
        number: PhoneNumber::parse("(210) 555-0100").unwrap(),
        extension: None,
        kind: None,
        description: None,
        languages: vec![],
    }];
    clinic.areas = vec![ServiceArea {
        area: Area::County(CountyFips::parse("48163").unwrap()),
        condition: None,
        name: None,
    }];
    // Every test begins on a Monday at noon UTC, 7 in the morning in Texas.
    let hours = |days: &str| Schedule {
        byday: Some(name(days)),
        opens_at: Some(jiff::civil::time(6, 0, 0, 0)),
        closes_at: Some(jiff::civil::time(17, 0, 0, 0)),
        ..Schedule::default()
    };
    clinic.offers = vec![Offer {
        location: id("office"),
        description: None,
        areas: vec![],
        phones: vec![],
        schedules: vec![hours("MO,TU,WE,TH,FR")],
    }];
    clinic
}

async fn filled() -> (House, Agency, Stream) {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let batch = vec![
        agency.publish(organization("org")),
        agency.publish(location("office", "Dilley", 28.667, -99.17)),
        agency.publish(Record::Service(Box::new(clinic()))),
        agency.publish(service("other", "Food Bank")),
    ];
    stream.operations(batch).await;
    let reports = vec![agency.report(open("clinic", 4))];
    stream.reports(reports).await;
    until("both are found", async || house.names("").len() == 2).await;
    (house, agency, stream)
}

async fn shown(house: &House, path: &str) -> (String, Page) {
    let answer = get(house.public, path).await;
    assert_eq!(answer.status, 200, "{path}");
    (answer.text().to_owned(), page(&answer))
}

#[tokio::test]
async fn the_page_of_a_service_says_all_that_is_published() {
    let (house, ..) = filled().await;

    let (text, page) = shown(&house, CLINIC).await;

    assert_eq!(page.texts("title")[0], "Asylum Clinic – org");
    for said in [
        "4 of 12 beds, confirmed",
        "Open now, until 5:00 PM (CDT) there",
        "Help with asylum claims.",
        "Call first.",
        "Photo ID",
        "People aged 18 and older. The provider may decide otherwise.",
        "href=\"tel:+12105550100\"",
        "Frio County, TX",
        "Shaded: counties it serves",
        "Agency harbor",
        "Signed with the agency",
        "Food Bank",
        "href=\"/service/harbor/other\"",
        "1 report since",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    assert!(text.len() < 100_000, "{} bytes", text.len());
}

#[tokio::test]
async fn each_result_leads_to_the_page_of_its_service() {
    let (house, ..) = filled().await;

    let (_, page) = shown(&house, "/?text=asylum").await;

    let mut links = page.all("a").into_iter();
    assert!(links.any(|link| link.attribute("href") == Some(CLINIC)));
}

#[tokio::test]
async fn what_somebody_may_not_see_is_not_there_for_them() {
    let (house, mut agency, mut stream) = filled().await;
    let mut hidden = plain_service("hidden", "Hidden Clinic");
    hidden.tier = Tier::Member;
    let mut half = plain_service("half", "Half Clinic");
    half.description = Some(text("the secret words"));
    half.tiers = Tiers::of([(Part::Description, Tier::Member)]);
    for record in [hidden, half] {
        let record = agency.publish(Record::Service(Box::new(record)));
        stream.accepted(record).await;
    }
    house.until_found("Half Clinic").await;

    for path in [
        "/service/harbor/hidden",
        "/service/harbor/nothing",
        "/service/nobody/clinic",
        "/service/harbor/org",
        "/service/Harbor%20House/clinic",
    ] {
        let answer = get(house.public, path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains("There is no such page"), "{path}");
    }
    let (text, _) = shown(&house, "/service/harbor/half").await;
    assert!(!text.contains("secret words"));
    assert!(text.contains("For signed-in caseworkers: description"));
}

#[tokio::test]
async fn what_is_held_back_has_no_page_takes_no_report_and_is_named_by_no_other() {
    let house = House::new().await;
    let token = house.invite_only("newcomer").await;
    let mut agency = Agency::join_with(&house, "newcomer", &token).await;
    let mut stream = agency.stream(&house).await;
    let batch = vec![
        agency.publish(organization("org")),
        agency.publish(coded("held", "Held Shelter", &["ho:es"])),
        agency.publish(service("plain", "Plain")),
    ];
    stream.operations(batch).await;
    house.until_found("Plain").await;

    let held = get(house.public, "/service/newcomer/held").await;
    let report = post(
        house.public,
        "/service/newcomer/held/problem",
        "problem=moved",
    )
    .await;
    let (plain, _) = shown(&house, "/service/newcomer/plain").await;

    assert_eq!((held.status, report.status), (404, 404));
    assert!(!plain.contains("Held Shelter"));
}

#[tokio::test]
async fn a_confidential_place_has_its_county_no_dot_and_no_past() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let batch = vec![
        agency.publish(organization("org")),
        agency.publish(confidential("safe", "48163")),
        agency.publish(offered("refuge", "Women's Refuge", &["safe"])),
    ];
    stream.operations(batch).await;
    let first = agency.report(open("refuge", 7));
    let second = agency.report(open("refuge", 4));
    stream.reports(vec![first, second]).await;
    house.until_found("Women's Refuge").await;

    let (of_service, _) = shown(&house, "/service/harbor/refuge").await;
    let (of_search, _) = shown(&house, "/?near=78017&availability=any").await;

    for text in [of_service.as_str(), of_search.as_str()] {
        assert!(text.contains("address confidential"));
        assert!(text.contains("some beds"));
        assert!(!text.contains("4 of 12") && !text.contains("7 of 12"));
        assert!(!text.contains("class=\"dot\"") && !text.contains("<circle"));
    }
    assert!(!of_service.contains("What was reported before"));
    assert!(of_search.contains("known by their county alone: number 1"));
}

#[tokio::test]
async fn what_was_reported_is_a_chart_and_a_table_with_the_same_numbers() {
    let (house, mut agency, mut stream) = filled().await;
    house.clock.advance(std::time::Duration::from_hours(1));
    let waiting = report("clinic", v1::CapacityState::Limited, Some(1), Some(12));
    let later = agency.report(waiting);
    stream.reports(vec![later]).await;

    // The history is written a moment after the acknowledgement.
    until("the history has both reports", async || {
        let (text, _) = shown(&house, CLINIC).await;
        text.contains("2 reports since")
    })
    .await;
    let (text, page) = shown(&house, CLINIC).await;
    assert!(
        text.contains("places free from 1 to 4, 1 at the last"),
        "{text}"
    );
    let cells = page.texts("td");
    assert!(
        cells.contains(&"4 beds") && cells.contains(&"1 bed"),
        "{cells:?}"
    );
}

#[tokio::test]
async fn a_problem_is_on_disk_and_told_to_the_agency_at_once_and_after_a_restart() {
    let (house, agency, mut stream) = filled().await;

    let sent = post(
        house.public,
        "/service/harbor/clinic/problem",
        "problem=wrong_phone",
    )
    .await;

    assert_eq!(sent.status, 303);
    let to = sent.header("location").unwrap();
    assert_eq!(to, "/service/harbor/clinic?problem=told#problem");
    let notice = stream.notice().await;
    assert_eq!(
        (notice.code.as_str(), notice.local_id.as_str()),
        ("problem_wrong_phone", "clinic")
    );
    assert!(
        notice.text.contains("telephone number is wrong: once"),
        "{}",
        notice.text
    );
    let thanks = get(house.public, "/service/harbor/clinic?problem=told").await;
    assert!(thanks.text().contains("The report is recorded"));

    drop(stream);
    let house = house.again().await;
    let mut stream = agency.stream(&house).await;
    let again = stream.notice().await;

    assert_eq!(again.code, "problem_wrong_phone");
}

#[tokio::test]
async fn a_problem_that_is_none_is_refused_beside_its_field() {
    let (house, ..) = filled().await;
    let path = "/service/harbor/clinic/problem";

    for typed in ["", "problem=", "problem=told_me_so", "text=my+client"] {
        let answer = post(house.public, path, typed).await;
        assert_eq!(answer.status, 400, "{typed}");
        let page = page(&answer);
        assert_eq!(page.id("code-fault").unwrap().text, "Choose what is wrong");
    }
    let nothing = post(
        house.public,
        "/service/harbor/none/problem",
        "problem=moved",
    )
    .await;
    assert_eq!(nothing.status, 404);
    let foreign = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", "https://evil.example"),
    ];
    let foreign = request(house.public, "POST", path, &foreign, b"problem=moved").await;
    assert_eq!(foreign.status, 403);
    let harbor = referral_core::id::AgencyId::parse("harbor").unwrap();
    assert_eq!(house.directory.problems_of(&harbor), []);
}

#[tokio::test]
async fn one_network_reports_only_so_much_and_what_was_chosen_is_kept() {
    let (house, mut agency, mut stream) = filled().await;
    let batch = (0..21)
        .map(|n| agency.publish(service(&format!("s{n}"), "Bed")))
        .collect();
    stream.operations(batch).await;
    until("all are found", async || house.names("").len() == 23).await;

    let mut last = None;
    for n in 0..21 {
        let path = format!("/service/harbor/s{n}/problem");
        last = Some(post(house.public, &path, "problem=moved").await);
    }

    let last = last.unwrap();
    assert_eq!(last.status, 429);
    assert_eq!(page(&last).chosen("code"), Some("moved"));
}

#[tokio::test]
async fn a_problem_stands_until_the_listing_is_published_anew() {
    let (house, mut agency, mut stream) = filled().await;
    let harbor = referral_core::id::AgencyId::parse("harbor").unwrap();
    post(
        house.public,
        "/service/harbor/clinic/problem",
        "problem=moved",
    )
    .await;
    assert_eq!(house.directory.problems_of(&harbor).len(), 1);
    house.clock.advance(std::time::Duration::from_mins(1));

    let mut changed = clinic();
    changed.description = Some(text("We have moved."));
    let changed = agency.publish(Record::Service(Box::new(changed)));
    stream.operations(vec![changed]).await;

    until("the problem is over", async || {
        house.directory.problems_of(&harbor).is_empty()
    })
    .await;
}
