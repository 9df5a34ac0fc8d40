//! What the task force does: finds the gaps, takes them along, prints the brief; by mouse, by keyboard, without script.

use std::io::{Read, Write};
use std::net::TcpStream;

use fantoccini::Locator;
use fantoccini::key::Key;
use referral_core::capacity::Stated;
use serde_json::{Value, json};

use crate::browser::{Browser, Scripts};
use crate::listing::Listing;
use crate::searching::choose;
use crate::site::Site;

/// Bond cases of people in custody are taken in Baltimore, and in Cumberland as long as nobody confirms it is not known.
pub(crate) fn bond() -> Vec<Listing> {
    vec![
        Listing::new("bond", "Bond clinic")
            .of("name", "Chesapeake Legal Aid")
            .at("201 N Charles St", "21201")
            .offers("lc:bond")
            .reported(Stated::Open, None, 2),
        Listing::new("west", "Detention project")
            .of("name", "Mountain Law")
            .at("30 Washington St", "21502")
            .offers("lc:bond"),
    ]
}

/// Every kind of page, as a path with its query.
pub(crate) const PAGES: [(&str, &str); 14] = [
    ("coverage", "/coverage?need=lc:bond"),
    (
        "coverage-share",
        "/coverage?need=lc:bond&measure=coverage_at&miles=60&compare=yes",
    ),
    ("coverage-state", "/coverage?need=lc:bond&state=MD"),
    (
        "coverage-past",
        "/coverage?need=lc:bond&date=2026-01-15&state=MD",
    ),
    (
        "coverage-places",
        "/coverage?need=lc:bond&measure=people_per_place&state=VA",
    ),
    (
        "coverage-dead-ends",
        "/coverage?need=lc:bond&measure=dead_ends",
    ),
    (
        "coverage-errors",
        "/coverage?need=nonsense&miles=far&date=x&age=x&state=ZZ",
    ),
    ("coverage-county", "/coverage/county/24023?need=lc:bond"),
    ("coverage-brief", "/coverage/brief?need=lc:bond&state=MD"),
    ("coverage-trend", "/coverage/trend?need=lc:bond&weeks=3"),
    ("coverage-next", "/coverage/what-if?need=lc:bond"),
    ("coverage-outcomes", "/coverage/outcomes"),
    (
        "coverage-what-if",
        "/coverage/what-if?need=lc:bond&near=21502&places=5",
    ),
    ("coverage-alerts", "/coverage/alerts"),
];

#[tokio::test]
async fn the_counties_without_anybody_near_are_found_exported_and_printed() {
    walk(&Browser::start().await).await;
}

#[tokio::test]
async fn the_same_goes_without_script() {
    walk(&Browser::start_with(Scripts::Off).await).await;
}

/// Finds the counties where no one open takes bond cases of people in custody within 60 miles, exports them, prints
/// the brief.
async fn walk(browser: &Browser) {
    let site = Site::of(&bond());
    browser.open(&site.url).await;
    follow(browser, "Coverage").await;
    choose(browser, "need", "– bond or release from detention").await;
    choose(
        browser,
        "measure",
        "People with an open provider within a distance",
    )
    .await;
    choose(browser, "state", "Maryland").await;
    let folds = browser
        .page
        .find_all(Locator::Css("form.search summary"))
        .await;
    for fold in folds.expect("folds") {
        fold.click().await.expect("a click");
    }
    choose(browser, "custody", "In custody").await;
    let show = browser
        .wait(Locator::XPath("//button[text()='Show']"))
        .await;
    show.click().await.expect("a click");
    browser
        .wait(Locator::XPath("//h3[text()='Maryland']"))
        .await;

    let rows = browser.texts("#report table tbody tr").await;
    assert_eq!(rows.len(), 24, "{rows:?}");
    let none: Vec<&String> = rows.iter().filter(|row| row.contains(" 0%")).collect();
    assert!(
        none.iter().any(|row| row.starts_with("Garrett County")),
        "{rows:?}"
    );
    assert!(
        none.iter().all(|row| !row.starts_with("Baltimore")),
        "{none:?}"
    );
    let gaps = browser.texts("#report .gaps a").await;
    assert!(gaps.contains(&"Garrett County, MD".to_owned()), "{gaps:?}");
    let said = browser.texts("#report .legend strong").await;
    assert_eq!(said.len(), 5, "{said:?}");

    for (name, fact) in [
        (
            "CSV with HXL tags, for spreadsheets",
            "24023,Garrett County,MD,",
        ),
        ("GeoJSON, for maps", "\"county_fips\":\"24023\""),
        ("JSON, for programs", "\"custody\": \"in custody\""),
    ] {
        let file = fetch(&href(browser, name).await);
        assert!(file.contains(fact), "{name}: {file:.2000}");
        assert!(
            file.contains("Counts of 1 to 10 are not published"),
            "{name}"
        );
    }

    follow(browser, "One page to print").await;
    browser.wait_for("article.brief").await;
    let second = json!({"pageRanges": "2", "preferCSSPageSize": true});
    assert!(
        printed(browser, &json!({})).await,
        "the brief can be printed"
    );
    assert!(!printed(browser, &second).await, "the brief is one page");
}

#[tokio::test]
async fn map_and_county_are_reached_by_keyboard_alone() {
    let site = Site::of(&bond());
    let browser = Browser::start().await;
    let url = format!("{}/coverage?need=lc:bond", site.url);
    browser.open(&url).await;

    tab_to(&browser, "Maryland: ").await;
    browser.press([Key::Enter.into()]).await;
    browser
        .wait(Locator::XPath("//h3[text()='Maryland']"))
        .await;
    tab_to(&browser, "Garrett County: ").await;
    browser.press([Key::Enter.into()]).await;

    browser
        .wait(Locator::XPath("//h1[text()='Garrett County, MD']"))
        .await;
    let page = browser.texts("main").await.join("\n");
    assert!(page.contains("Chesapeake Legal Aid"), "{page}");
    assert!(page.contains("What is nearest"), "{page}");
}

#[tokio::test]
async fn a_mistake_leads_to_its_field_and_loses_nothing() {
    let site = Site::empty();
    let browser = Browser::start().await;
    let url = format!(
        "{}/coverage?need=lc:bond&miles=far&date=yesterday&state=MD",
        site.url
    );
    browser.open(&url).await;

    let fault = browser.wait_for(".errors a").await;
    fault.click().await.expect("a click");

    browser.wait_for("#miles:focus").await;
    assert_eq!(browser.value("#miles").await, "far");
    assert_eq!(browser.value("#date").await, "yesterday");
    assert_eq!(browser.value("#need").await, "lc:bond");
    assert_eq!(browser.value("#state").await, "MD");
}

#[tokio::test]
async fn no_coverage_page_scrolls_sideways_or_asks_anybody_else() {
    let site = Site::of(&bond());
    let browser = Browser::start().await;
    for width in [320, 768, 1280] {
        browser.resize(width, 800).await;
        for (name, path) in PAGES {
            open(&browser, &site, path).await;

            let widest = browser.number("document.documentElement.scrollWidth").await;

            assert!(widest <= width, "{name} at {width}: {widest} pixels wide");
        }
    }
    let complaints = browser.complaints().await;
    // A page of faults is an error to the browser too.
    let complaints = complaints
        .iter()
        .filter(|said| !said.contains("400 (Bad Request)"));
    assert_eq!(complaints.collect::<Vec<_>>(), Vec::<&String>::new());
    // The browser draws its own calendar for a date, from a picture that is in it.
    let requests = browser.requests().await.into_iter();
    for asked in requests.filter(|asked| !asked.starts_with("data:")) {
        assert!(asked.starts_with(&site.url), "{asked}");
    }
}

async fn open(browser: &Browser, site: &Site, path: &str) {
    let url = format!("{}{path}", site.url);
    browser.open(&url).await;
}

async fn follow(browser: &Browser, text: &str) {
    let link = format!("//a[text()='{text}']");
    let link = browser.wait(Locator::XPath(&link)).await;
    link.click().await.expect("a click");
}

/// Where a link leads.
async fn href(browser: &Browser, text: &str) -> String {
    let link = format!("//a[text()='{text}']");
    let link = browser.wait(Locator::XPath(&link)).await;
    let href = link.prop("href").await.expect("a property");
    href.expect("an address")
}

/// Gets a file as a program would.
fn fetch(url: &str) -> String {
    let rest = url.strip_prefix("http://").expect("an address");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).expect("a connection");
    let ask = format!("GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    stream.write_all(ask.as_bytes()).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.contains(" 200 OK\r\n"), "{answer:.500}");
    answer
}

/// Whether what is asked for can be printed: a page that is not there cannot.
async fn printed(browser: &Browser, parameters: &Value) -> bool {
    browser
        .try_devtools("Page.printToPDF", parameters.clone())
        .await
        .is_ok()
}

/// Presses the tabulator until something that is called so has the focus.
async fn tab_to(browser: &Browser, label: &str) {
    for _ in 0..140 {
        browser.press([Key::Tab.into()]).await;
        let focused = browser.page.active_element().await.expect("a page");
        let called = focused.attr("aria-label").await.expect("an attribute");
        if called.is_some_and(|called| called.starts_with(label)) {
            return;
        }
    }
    panic!("the tabulator does not reach {label}");
}
