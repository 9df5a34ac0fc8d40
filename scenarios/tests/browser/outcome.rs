//! A caseworker says how a referral went: one tap, one tap back; without script, by keyboard, on a small screen.

use fantoccini::Locator;
use fantoccini::key::Key;
use referral_core::capacity::Stated;

use crate::axe;
use crate::browser::{Browser, Scripts};
use crate::listing::Listing;
use crate::network::run_json;
use crate::site::Site;

const PASSWORD: &str = "correct horse battery";

/// A directory with one service that is open.
fn site() -> Site {
    let beds = Listing::new("beds", "Family shelter").at("100 Light Street", "21202");
    Site::of(&[beds.reported(Stated::Open, Some((3, 12)), 1)])
}

/// Takes up the invitation of a caseworker, and shows what is open.
pub(crate) async fn caseworker(site: &Site, scripts: Scripts) -> Browser {
    person(site, "caseworker", scripts).await
}

/// Takes up the invitation of somebody with this role, and shows what is open.
pub(crate) async fn person(site: &Site, role: &str, scripts: Scripts) -> Browser {
    let mut invite = site.command("person invite");
    let invited = run_json(invite.args(["ana@example.org", "--role", role, "--json"]));
    let invitation = invited["invitation"].as_str().expect("an invitation");
    let browser = Browser::start_with(scripts).await;
    let welcome = format!("{}/welcome?invitation={invitation}", site.url);
    browser.open(&welcome).await;
    for field in ["#password", "#again"] {
        let field = browser.wait_for(field).await;
        field.send_keys(PASSWORD).await.expect("typing");
    }
    click(&browser, "main button[type=submit]").await;
    browser.wait_for(".search").await;
    let open = format!("{}/?near=Baltimore%2C+MD", site.url);
    browser.open(&open).await;
    browser
}

async fn click(browser: &Browser, css: &str) {
    let button = browser.wait_for(css).await;
    button.click().await.expect("a click");
}

/// Waits until the page says what was said. The page before, which is still there after a tap, says something else.
async fn said(browser: &Browser, words: &str) {
    let status = format!("//*[@id='outcome']//*[@role='status'][contains(., '{words}')]");
    browser.wait(Locator::XPath(&status)).await;
}

#[tokio::test]
async fn without_script_a_tap_says_it_and_a_tap_takes_it_back() {
    let site = site();
    let browser = caseworker(&site, Scripts::Off).await;
    click(&browser, "article a[href$='#outcome']").await;
    assert_eq!(
        browser.texts("#outcome-title").await,
        ["Did you refer somebody here?"]
    );

    click(&browser, "#outcome button[value=full]").await;
    said(&browser, "You said today: Full").await;
    click(&browser, "#outcome button[value=accepted]").await;
    said(&browser, "You said today: Accepted").await;
    click(&browser, "#outcome button[value=none]").await;
    said(&browser, "taken back").await;
}

#[tokio::test]
async fn by_keyboard_and_on_a_small_screen_it_is_the_same() {
    let site = site();
    let browser = caseworker(&site, Scripts::On).await;
    let page = format!("{}/service/harbor/beds", site.url);
    browser.open(&page).await;
    for _ in 0..60 {
        browser.press([Key::Tab.into()]).await;
        let focused = browser.page.active_element().await.expect("a page");
        let value = focused.attr("value").await.expect("an attribute");
        if value.as_deref() == Some("no_answer") {
            break;
        }
    }
    browser.press([Key::Enter.into()]).await;
    said(&browser, "You said today: No answer").await;

    for scheme in ["light", "dark"] {
        browser.prefer(scheme).await;
        for width in [320, 1_200] {
            browser.resize(width, 800).await;
            let wide = browser.number("document.documentElement.scrollWidth").await;
            assert!(wide <= width, "{wide} at {width}");
            let smallest = "Math.floor(Math.min(...[...document.querySelectorAll('#outcome button')]\
                 .map((button) => button.getBoundingClientRect().height)))";
            let smallest = browser.number(smallest).await;
            assert!(smallest >= 44, "{smallest} px at {width}");
            assert_eq!(axe::violations(&browser).await, Vec::<String>::new());
        }
    }
}
