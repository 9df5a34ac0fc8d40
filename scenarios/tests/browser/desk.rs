//! From the need to the telephone: a caseworker's whole way, and states that change while the page is open.

use std::time::Duration;

use fantoccini::Locator;
use fantoccini::key::Key;
use referral_core::capacity::Stated;
use serde_json::json;
use tokio::time::Instant;

use crate::axe;
use crate::browser::{Browser, Scripts};
use crate::handout::{printed, sheets};
use crate::listing::Listing;
use crate::samples::varied;
use crate::searching::{choose, fill, names, submit};
use crate::site::Site;

/// The page of one service.
const SERVICE: &str = "/service/harbor/clinic";

fn open_clinic(beds: u32) -> Listing {
    Listing::new("clinic", "Asylum clinic")
        .of("name", "Chesapeake Legal Aid")
        .at("201 N Charles St", "21201")
        .offers("dom:leg")
        .with("application_process", "Call first")
        .phone("410-555-0111", "", "intake")
        .reported(Stated::Open, Some((beds, 12)), 0)
}

/// The open lawyers near a ZIP: the start page is open already.
async fn search(browser: &Browser) {
    choose(browser, "need", "Immigration lawyer or legal help").await;
    fill(browser, "near", "21202").await;
    submit(browser).await;
    browser.wait_for("#answer article h3").await;
}

#[tokio::test]
async fn a_printed_list_of_open_lawyers_takes_three_actions() {
    let site = Site::of(&varied());
    let browser = Browser::start().await;
    browser.open(&site.url).await;

    // One: the need. Two: the ZIP, with the enter key. Three: the printer.
    choose(&browser, "need", "Immigration lawyer or legal help").await;
    let near = browser.wait_for("#near").await;
    near.send_keys("21202\u{e007}").await.expect("typing");
    browser.wait_for("#answer article h3").await;
    let paper = printed(&browser, (8.5, 11.0)).await;

    assert!(sheets(&paper) >= 1, "a list is printed");
    let print = json!({"media": "print"});
    browser.devtools("Emulation.setEmulatedMedia", print).await;
    assert!(!names(&browser).await.is_empty(), "the list is printed");
    for left_out in [".search", ".live", ".where", ".top"] {
        let found = browser.page.find_all(Locator::Css(left_out)).await;
        for element in found.expect("a page") {
            let shown = element.is_displayed().await.expect("a page");
            assert!(!shown, "{left_out} is printed");
        }
    }
}

#[tokio::test]
async fn the_page_of_a_service_is_reached_by_mouse_with_and_without_script() {
    let site = Site::of(&varied());
    for scripts in [Scripts::On, Scripts::Off] {
        let browser = Browser::start_with(scripts).await;
        browser.open(&site.url).await;
        search(&browser).await;
        let result = browser.wait(Locator::LinkText("Asylum clinic")).await;
        result.click().await.expect("a click");

        browser.wait_for("article.service h1").await;

        let address = browser.page.current_url().await.expect("an address");
        assert_eq!(address.path(), SERVICE);
        let phones = browser.texts(".phones a[href^='tel:']").await;
        assert!(!phones.is_empty(), "{scripts:?}");
        assert_eq!(
            browser.complaints().await,
            Vec::<String>::new(),
            "{scripts:?}"
        );
    }
}

#[tokio::test]
async fn the_page_of_a_service_and_its_form_are_reached_by_keyboard_alone() {
    let site = Site::of(&varied());
    let browser = Browser::start().await;
    let url = format!("{}/?need=dom:leg&near=21202", site.url);
    browser.open(&url).await;

    tab_to(&browser, &format!("a[href='{SERVICE}']")).await;
    browser.press([Key::Enter.into()]).await;
    browser.wait_for("article.service h1").await;
    tab_to(&browser, "#code").await;
    browser.press("Moved".chars().chain("It has".chars())).await;
    choose(&browser, "code", "It has moved").await;
    tab_to(&browser, "#problem button").await;
    browser.press([Key::Enter.into()]).await;

    let thanks = browser.wait_for("#problem .notice").await;
    assert!(thanks.text().await.expect("a text").contains("recorded"));
}

#[tokio::test]
async fn pins_of_the_map_lead_to_their_results_by_keyboard() {
    let site = Site::of(&varied());
    let browser = Browser::start().await;
    let url = format!("{}/?need=dom:leg&near=21202", site.url);
    browser.open(&url).await;

    tab_to(&browser, ".places a").await;
    browser.press([Key::Enter.into()]).await;

    browser.wait_for("li:target").await;
}

#[tokio::test]
async fn a_change_is_on_the_open_page_within_a_second_of_its_acknowledgement() {
    let site = Site::of(&[open_clinic(4)]);
    let browser = Browser::start().await;
    let url = format!("{}{SERVICE}", site.url);
    browser.open(&url).await;
    browser
        .wait(Locator::XPath(
            "//*[@data-how][contains(., 'kept up to date.')]",
        ))
        .await;
    let loaded = browser.number("performance.timeOrigin % 1e9").await;

    site.report(&open_clinic(3));
    let acknowledged = Instant::now();
    let changed = "//p[@data-live][contains(., '3 of 12')]";
    browser.wait(Locator::XPath(changed)).await;

    let took = acknowledged.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
    let said = "//*[@data-said][contains(., '1 state changed')]";
    browser.wait(Locator::XPath(said)).await;
    assert_eq!(
        browser.number("performance.timeOrigin % 1e9").await,
        loaded,
        "not reloaded"
    );
}

#[tokio::test]
async fn searches_are_remembered_here_alone_without_circumstances_and_forgotten() {
    let site = Site::of(&varied());
    let browser = Browser::start().await;
    let url = format!("{}/?need=dom:leg&near=21202&language=es", site.url);
    browser.open(&url).await;
    browser.wait_for("#answer article h3").await;
    browser.open(&site.url).await;

    let link = browser.wait_for("#recent a").await;

    let href = link.attr("href").await.expect("an attribute");
    assert_eq!(href.as_deref(), Some("/?need=dom%3Aleg&near=21202"));
    browser
        .wait_for("#recent button")
        .await
        .click()
        .await
        .expect("a click");
    assert!(browser.texts("#recent a").await.is_empty());
    browser.page.refresh().await.expect("the page");
    assert!(browser.texts("#recent a").await.is_empty());
}

#[tokio::test]
async fn the_page_of_a_service_fits_small_screens_large_text_and_every_rule_of_accessibility() {
    let site = Site::of(&varied());
    let browser = Browser::start().await;
    let url = format!("{}{SERVICE}", site.url);
    for scheme in ["light", "dark"] {
        browser.prefer(scheme).await;
        for state in ["", "?problem=told"] {
            browser.open(&format!("{url}{state}")).await;
            let broken = axe::violations(&browser).await;
            assert!(broken.is_empty(), "{state} {scheme}: {broken:#?}");
        }
    }
    for text in [16, 32] {
        let sizes = json!({"fontSizes": {"standard": text}});
        browser.devtools("Page.setFontSizes", sizes).await;
        for width in [320, 1280] {
            browser.resize(width, 800).await;
            browser.open(&url).await;
            let widest = browser.number("document.documentElement.scrollWidth").await;
            assert!(widest <= width, "{width}, text {text}: {widest}");
        }
    }
}

/// Presses the tabulator until what is wanted has the focus.
async fn tab_to(browser: &Browser, css: &str) {
    for _ in 0..80 {
        browser.press([Key::Tab.into()]).await;
        let script = format!("document.activeElement.matches({css:?}) ? 1 : 0");
        if browser.number(&script).await == 1 {
            return;
        }
    }
    panic!("the tabulator does not reach {css}");
}
