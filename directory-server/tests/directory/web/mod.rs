//! The pages: sound HTML that works without script, hostile text and all.

mod coverage;
mod everywhere;
mod helping;
mod live;
mod requests;
mod service;

use referral_core::catalog::{Phone, PhoneNumber, Record, WebUrl};
use referral_proto::v1;

use crate::support::html::Page;
use crate::support::http::{Answer, get, post, request};
use crate::support::records::{
    confidential, name, offered, open, organization, plain_organization, plain_service, service,
    text,
};
use crate::support::{Agency, House, until};

async fn filled() -> House {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let batch = vec![
        agency.publish(organization("org")),
        agency.publish(confidential("safe", "48163")),
        agency.publish(offered("refuge", "Women's Refuge", &["safe"])),
        agency.publish(service("legal", "Legal Clinic")),
    ];
    stream.operations(batch).await;
    let reports = vec![agency.report(open("legal", 4))];
    stream.reports(reports).await;
    until("both are found", async || house.names("").len() == 2).await;
    house
}

fn page(answer: &Answer) -> Page {
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    Page::read(answer.text())
}

#[tokio::test]
async fn a_search_by_form_and_by_link_shows_what_was_found() {
    let house = filled().await;

    let by_form = post(house.public, "/", "need=&text=clinic&availability=open").await;
    let by_link = get(house.public, "/?text=clinic&availability=open").await;

    for answer in [by_form, by_link] {
        assert_eq!(answer.status, 200);
        let page = page(&answer);
        assert_eq!(page.results(), ["Legal Clinic"]);
        assert_eq!(
            page.texts("title"),
            ["1 found – Find help that is open now"]
        );
        assert!(answer.text().contains("4 of 12 beds"));
        assert_eq!(page.id("text").unwrap().attribute("value"), Some("clinic"));
        assert_eq!(page.chosen("availability"), Some("open"));
    }
}

#[tokio::test]
async fn the_first_page_is_the_form_and_searches_nothing() {
    let house = filled().await;

    let answer = get(house.public, "/").await;

    let page = page(&answer);
    assert_eq!(answer.status, 200);
    assert_eq!(page.results(), Vec::<&str>::new());
    let form = page.all("form")[0];
    assert_eq!(
        (form.attribute("method"), form.attribute("action")),
        (Some("post"), Some("/#answer"))
    );
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept() {
    let house = filled().await;
    let long = "x".repeat(10_240);
    let cases = [
        ("need", "need", "nonsense", "need"),
        ("near", "near", "Nowhere At All", "near"),
        ("near", "near", "Springfield", "near"),
        ("radius", "radius_miles", "far", "radius_miles"),
        ("radius", "radius_miles", "NaN", "radius_miles"),
        ("radius", "radius_miles", "1000000000", "radius_miles"),
        ("radius", "radius_miles", "-1", "radius_miles"),
        ("radius", "radius_miles", "0", "radius_miles"),
        ("text", "text", long.as_str(), "text"),
        ("text", "text", "a\0b", "text"),
        ("text", "text", "\u{1f600}", "text"),
        ("language", "languages", "no language", "languages"),
        ("serves", "serves", "00000", "serves"),
        ("availability", "availability", "sometimes", "availability"),
        ("near", "near", "\"><script>alert(1)</script>", "near"),
        ("custody", "custody", "chained", "custody"),
        ("age", "age", "seventeen", "age"),
        ("age", "age", "121", "age"),
        ("immigration", "immigration", "alien", "immigration"),
        ("nationality", "nationality", "Nowhere", "nationality"),
        ("work_permit", "work_permit", "maybe", "work_permit"),
        ("access", "access", "by-boat", "access"),
        ("fee", "fee", "a lot", "fee"),
    ];
    for (parameter, field, typed, shown_at) in cases {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair(parameter, typed);
        if parameter != "near" {
            form.append_pair("near", "Dilley, TX");
        }
        if parameter != "text" {
            form.append_pair("text", "kept");
        }

        let answer = post(house.public, "/", &form.finish()).await;

        assert_eq!(answer.status, 400, "{parameter}={typed:.40}");
        let page = page(&answer);
        let fault = page.id(&format!("{field}-fault"));
        assert!(!fault.unwrap().text.is_empty());
        let at = page.id(field).unwrap();
        assert_eq!(at.attribute("aria-invalid"), Some("true"));
        assert!(at.attribute("aria-describedby").unwrap().contains("-fault"));
        let kept = at.attribute("value").or(page.chosen(shown_at));
        assert_eq!(kept, Some(typed), "{parameter}");
        let summary = page.all("a").into_iter();
        let mut links = summary.filter_map(|link| link.attribute("href"));
        assert!(links.any(|href| href == format!("#{field}")), "{parameter}");
        let other = if parameter == "text" {
            ("near", "Dilley, TX")
        } else {
            ("text", "kept")
        };
        assert_eq!(page.id(other.0).unwrap().attribute("value"), Some(other.1));
    }
}

#[tokio::test]
async fn an_unknown_field_is_refused_and_the_known_ones_are_kept() {
    let house = House::new().await;

    let answer = get(house.public, "/?text=kept&needs=x").await;

    assert_eq!(answer.status, 400);
    let page = page(&answer);
    assert_eq!(page.id("text").unwrap().attribute("value"), Some("kept"));
}

#[tokio::test]
async fn a_form_that_is_too_long_or_has_too_many_fields_is_refused_whole() {
    let house = House::new().await;

    let long = post(house.public, "/", &format!("text={}", "x".repeat(40_000))).await;
    let many = post(house.public, "/", &"a=b&".repeat(8_193)).await;

    for answer in [long, many] {
        assert_eq!(answer.status, 413);
        page(&answer);
    }
}

#[tokio::test]
async fn every_answer_has_the_headers_that_guard_it() {
    let house = House::new().await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let foreign = [form[0], ("origin", "https://evil.example")];
    let answers = [
        (200, get(house.public, "/").await),
        (200, get(house.public, "/?text=x").await),
        (400, get(house.public, "/?near=nowhere").await),
        (200, get(house.public, "/style.css").await),
        (200, get(house.public, "/icon.svg").await),
        (404, get(house.public, "/no/such/page").await),
        (404, get(house.public, "/..%2f..%2fetc/passwd").await),
        (200, request(house.public, "HEAD", "/", &[], b"").await),
        (405, request(house.public, "DELETE", "/", &[], b"").await),
        (
            405,
            request(house.public, "POST", "/style.css", &form, b"").await,
        ),
        (413, post(house.public, "/", &"x".repeat(40_000)).await),
        (
            403,
            request(house.public, "POST", "/", &foreign, b"text=x").await,
        ),
    ];
    for (number, (status, answer)) in answers.iter().enumerate() {
        assert_eq!(answer.status, *status, "answer {number}");
        let csp = answer.header("content-security-policy").unwrap();
        assert!(
            csp.starts_with("default-src 'none'") && !csp.contains("unsafe"),
            "{csp}"
        );
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        let cached = answer.header("cache-control").unwrap();
        let asset = [3, 4].contains(&number);
        assert_eq!(cached == "no-store", !asset, "answer {number}: {cached}");
        assert_eq!(answer.header("set-cookie"), None);
    }
}

#[tokio::test]
async fn a_method_override_changes_no_method() {
    let house = House::new().await;
    let headers = [("x-http-method-override", "DELETE")];

    let answer = request(house.public, "GET", "/", &headers, b"").await;

    assert_eq!(answer.status, 200);
}

/// Everything a publisher might write to run something in a caseworker's browser.
const HOSTILE: &str =
    "<script>alert(1)</script> \"><img src=x onerror=alert(2)> ' onmouseover='x' &lt; </p></li>";

async fn hostile() -> House {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let mut org = plain_organization("org");
    org.name = name(HOSTILE);
    let mut bad = plain_service("bad", HOSTILE);
    for field in [
        &mut bad.description,
        &mut bad.eligibility_description,
        &mut bad.application_process,
        &mut bad.fees_description,
        &mut bad.alert,
    ] {
        *field = Some(text(HOSTILE));
    }
    let link = "https://evil.example/\"onclick=alert(3)";
    bad.url = WebUrl::parse(link).ok();
    bad.phones = vec![Phone {
        number: PhoneNumber::parse("+1 (555) 010-0199 ext 7").unwrap(),
        extension: None,
        kind: None,
        description: Some(text(HOSTILE)),
        languages: vec![],
    }];
    stream
        .accepted(agency.publish(Record::Organization(Box::new(org))))
        .await;
    stream
        .accepted(agency.publish(Record::Service(Box::new(bad))))
        .await;
    until("it is found", async || house.names("").len() == 1).await;
    let mut report = open("bad", 4);
    report.note = HOSTILE.to_owned();
    let report = agency.report(report);
    stream.reports(vec![report]).await;
    house
}

#[tokio::test]
async fn hostile_text_is_shown_as_text_and_runs_nothing() {
    let house = hostile().await;

    let answer = get(house.public, "/?availability=any").await;

    assert_eq!(answer.status, 200);
    // Reading the page refuses scripts, handlers and links that run; what is left is the text itself.
    let page = page(&answer);
    assert_eq!(page.results(), [HOSTILE]);
    assert!(!answer.text().contains("<script>"));
    assert!(!answer.text().contains("<img"));
    for link in page.all("a") {
        let href = link.attribute("href").unwrap();
        assert!(
            !href.contains('"') && !href.contains("javascript:"),
            "{href}"
        );
    }
}

#[tokio::test]
async fn hostile_text_in_the_form_is_kept_as_typed_and_runs_nothing() {
    let house = House::new().await;
    let mut form = form_urlencoded::Serializer::new(String::new());
    for field in [
        "need",
        "near",
        "text",
        "serves",
        "language",
        "radius",
        "availability",
        "custody",
        "age",
        "immigration",
        "nationality",
        "work_permit",
        "access",
        "fee",
        "interpreter",
        "neighbours",
        "filter",
        "drop",
        "page",
        "rotation",
    ] {
        form.append_pair(field, HOSTILE);
    }
    form.append_pair("filter", &format!("codes={HOSTILE}"));

    let answer = post(house.public, "/", &form.finish()).await;

    assert_eq!(answer.status, 400);
    let page = page(&answer);
    for field in ["near", "text", "serves", "age", "nationality"] {
        assert_eq!(page.id(field).unwrap().attribute("value"), Some(HOSTILE));
    }
    for list in [
        "need",
        "languages",
        "radius_miles",
        "availability",
        "custody",
        "immigration",
        "work_permit",
        "access",
        "fee",
    ] {
        assert_eq!(page.chosen(list), Some(HOSTILE));
    }
}

#[tokio::test]
async fn a_confidential_place_shows_its_county_and_some_instead_of_how_many() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let batch = vec![
        agency.publish(organization("org")),
        agency.publish(confidential("safe", "48163")),
        agency.publish(offered("refuge", "Women's Refuge", &["safe"])),
    ];
    stream.operations(batch).await;
    let report = agency.report(open("refuge", 4));
    stream.reports(vec![report]).await;
    house.until_found("Women's Refuge").await;

    let answer = get(house.public, "/?near=78017").await;

    let shown = answer.text();
    page(&answer);
    assert!(shown.contains("address confidential"));
    assert!(shown.contains("some beds"));
    assert!(!shown.contains("4 of 12") && !shown.contains("miles</strong>"));
}

#[tokio::test]
async fn a_link_to_a_search_holds_nothing_about_one_client() {
    let house = filled().await;

    let typed = "need=&near=Dilley%2C+TX&text=pregnant&language=ht&availability=any";
    let answer = post(house.public, "/", typed).await;

    let page = page(&answer);
    let mut links = page.all("a").into_iter();
    let link = links
        .find(|a| a.attribute("class") == Some("link"))
        .unwrap();
    let href = link.attribute("href").unwrap();
    assert!(
        href.contains("Dilley") && !href.contains("pregnant") && !href.contains("ht"),
        "{href}"
    );
}

#[tokio::test]
async fn results_come_in_pages_that_hold_each_once() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let mut batch = vec![agency.publish(organization("org"))];
    batch.extend(
        (0..45).map(|n| agency.publish(service(&format!("s{n}"), &format!("Service {n}")))),
    );
    stream.operations(batch).await;
    until("all are found", async || house.names("").len() == 45).await;

    let mut typed = "availability=any".to_owned();
    let mut names = Vec::new();
    for said in ["1 to 20 shown", "21 to 40 shown", "41 to 45 shown"] {
        let answer = post(house.public, "/", &typed).await;
        assert!(answer.text().contains(said), "{said}");
        let page = page(&answer);
        names.extend(page.results().into_iter().map(str::to_owned));
        if names.len() < 45 {
            typed = page.press("Next results");
        } else {
            assert!(!page.texts("button").contains(&"Next results"));
            typed = page.press("Back to the first results");
        }
    }
    let first = post(house.public, "/", &typed).await;

    names.sort();
    names.dedup();
    assert_eq!(names.len(), 45, "each is on one page");
    assert!(first.text().contains("1 to 20 shown"));
}

#[tokio::test]
async fn a_page_that_no_search_gave_out_is_refused() {
    let house = filled().await;
    let shown = get(house.public, "/?availability=any").await;

    for wrong in ["-1", "2", "1000000000", "no page", "AQ"] {
        let answer = post(house.public, "/", &format!("text=kept&page={wrong}")).await;

        assert_eq!(answer.status, 400, "{wrong}");
        assert!(answer.text().contains("search again"), "{wrong}");
        let page = page(&answer);
        assert_eq!(page.id("text").unwrap().attribute("value"), Some("kept"));
    }
    assert_eq!(shown.status, 200);
}

#[tokio::test]
async fn the_same_search_finds_the_same_on_the_page_and_over_grpc() {
    let house = filled().await;
    let request = v1::SearchRequest {
        availability: v1::Availability::Any.into(),
        ..v1::SearchRequest::default()
    };

    let answer = house.ask(request).await.unwrap();
    let shown = get(house.public, "/?availability=any").await;

    let names: Vec<&str> = answer
        .results
        .iter()
        .map(|result| result.name.as_str())
        .collect();
    assert_eq!(page(&shown).results(), names);
}
