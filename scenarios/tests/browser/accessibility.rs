//! People who use a screen reader, large text or few colours get the same page.

use fantoccini::Locator;

use crate::axe;
use crate::browser::Browser;
use crate::samples::varied;
use crate::site::{PAGES, Site};
use crate::tour;

/// Screens and sizes of text on which nothing is scrolled sideways. Unit: CSS pixels.
const FITS: [(u32, u32); 3] = [(320, 16), (320, 32), (1280, 32)];

#[tokio::test]
async fn whatever_anybody_sees_can_be_read_by_everybody() {
    tour::of_anybody(&is_good).await;
}

#[tokio::test]
async fn whatever_caseworkers_see_can_be_read_by_everybody() {
    tour::of_caseworkers(&is_good).await;
}

#[tokio::test]
async fn whatever_operators_see_can_be_read_by_everybody() {
    tour::of_operators(&is_good).await;
}

#[tokio::test]
async fn whatever_an_agency_sees_can_be_read_by_everybody() {
    tour::of_an_agency(&is_good).await;
}

/// No rule is broken in light or dark, nothing of the page is refused, and nothing is scrolled sideways on a small screen or with large text.
async fn is_good(browser: &Browser, name: &str) {
    for scheme in ["dark", "light"] {
        browser.prefer(scheme).await;
        let broken = axe::violations(browser).await;
        assert!(broken.is_empty(), "{name}, {scheme}: {broken:#?}");
    }
    // A page that says what is wrong has a status that the browser complains about; what the page asked for is all
    // there and allowed.
    let complaints = browser.complaints().await;
    let refused = |said: &&String| said.contains("Refused") || said.contains("Policy");
    assert_eq!(complaints.iter().find(refused), None, "{name}");
    for (width, text) in FITS {
        browser.text_size(text).await;
        browser.resize(width, 800).await;
        let widest = browser.number("document.documentElement.scrollWidth").await;
        assert!(
            widest <= width,
            "{name} at {width}, text {text}: {widest} pixels wide"
        );
    }
    browser.text_size(16).await;
    browser.resize(1280, 900).await;
}

#[tokio::test]
async fn the_check_itself_sees_what_is_wrong() {
    let site = Site::empty();
    let browser = Browser::start().await;
    browser.open(&site.url).await;
    let spoil = "document.querySelector('label').remove(); document.body.style.color = '#bbb'";
    let spoilt = browser.page.execute(spoil, Vec::new()).await;
    spoilt.expect("the page is spoilt");

    let broken = axe::violations(&browser).await.join("\n");

    assert!(broken.contains("select-name"), "{broken}");
    assert!(broken.contains("color-contrast"), "{broken}");
}

#[tokio::test]
async fn headings_go_down_one_step_at_a_time() {
    let site = Site::of(&varied());
    let browser = Browser::start().await;
    for (name, path) in PAGES {
        let url = format!("{}{path}", site.url);
        browser.open(&url).await;
        let headings = browser
            .page
            .find_all(Locator::Css("h1, h2, h3, h4, h5, h6"))
            .await;
        let mut levels = Vec::new();
        for heading in headings.expect("headings") {
            levels.push(heading.tag_name().await.expect("its name"));
        }

        let first = levels.iter().filter(|level| *level == "h1").count();
        let jumps = levels
            .windows(2)
            .any(|pair| pair[0] == "h1" && pair[1] == "h3");

        assert_eq!((levels[0].as_str(), first), ("h1", 1), "{name}: {levels:?}");
        assert!(!jumps, "{name}: {levels:?}");
    }
}

#[tokio::test]
async fn the_focus_is_seen_on_everything_that_takes_it() {
    let site = Site::of(&varied());
    let browser = Browser::start().await;
    let url = format!("{}{}", site.url, PAGES[1].1);
    browser.open(&url).await;
    let mut seen = 0;
    loop {
        browser.press(['\u{e004}']).await;
        let focused = browser.page.active_element().await.expect("a page");
        let tag = focused.tag_name().await.expect("its name");
        if tag == "body" || seen > 100 {
            break;
        }
        seen += 1;
        let style = focused.css_value("outline-style").await.expect("a style");
        let width = focused.css_value("outline-width").await.expect("a width");
        assert_eq!((style.as_str(), width.as_str()), ("solid", "4px"), "{tag}");
        let (_, _, _, height) = focused.rectangle().await.expect("its size");
        assert!(
            height >= 44.0,
            "{tag} is {height} pixels high: hard to touch"
        );
    }
    assert!(seen > 15, "only {seen} elements took the focus");
}
