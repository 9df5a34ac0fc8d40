//! What a result says: state, places, the age of that number, distance, and why it is there.

use std::collections::BTreeMap;

use fantoccini::Locator;
use jiff::Timestamp;

use crate::browser::Browser;
use crate::samples::{many, varied};
use crate::site::{PAGES, Site};

/// The most a page may weigh. Unit: bytes.
const PAGE_BYTES: usize = 100_000;

#[tokio::test]
async fn every_state_is_told_in_words_with_its_places_and_age() {
    let site = Site::of(&varied());
    let browser = Browser::start().await;
    let url = format!("{}{}", site.url, PAGES[1].1);
    browser.open(&url).await;

    let names = browser.texts("#answer article h3").await;
    let states = browser.texts(".state").await;

    let said: BTreeMap<&str, &str> = names
        .iter()
        .zip(&states)
        .map(|(n, s)| (&**n, &**s))
        .collect();
    for (name, state) in [
        (
            "Emergency shelter for families",
            "Few places – 3 of 24 beds, confirmed 2 hours ago",
        ),
        ("Asylum clinic", "Open – confirmed 30 hours ago"),
        (
            "English classes, evenings",
            "Waiting list – 9 waiting, wait 2 to 6 weeks, confirmed 26 hours ago",
        ),
        ("Food pantry", "Not known – never reported. Call first."),
        (
            "Cots in the church hall",
            "Not known – last report 3 days ago said open, 5 of 10 beds. Call first.",
        ),
        (
            "Room for women",
            "Few places – some beds, confirmed 60 minutes ago",
        ),
        (
            "Work permit workshop",
            "Closed to new people – confirmed 5 hours ago",
        ),
    ] {
        assert_eq!(said.get(name), Some(&state), "{said:#?}");
    }
    let times = browser.page.find_all(Locator::Css(".state time")).await;
    for time in times.expect("times") {
        let at = time.attr("datetime").await.expect("an attribute");
        at.expect("a time").parse::<Timestamp>().expect("RFC 3339");
    }
}

#[tokio::test]
async fn a_result_says_how_far_it_is_how_to_reach_it_and_why_it_is_there() {
    let site = Site::of(&varied());
    let browser = Browser::start().await;
    let url = format!("{}/?near=Towson%2C+MD&need=ho%3Aes&language=ht", site.url);
    browser.open(&url).await;

    let said = browser
        .wait_for("#answer article")
        .await
        .text()
        .await
        .expect("text");

    for words in [
        "Harbor House",
        " miles – 100 Light St, Baltimore, MD 21202",
        "For Families with children under 18",
        "Languages Haitian Creole, Spanish",
        "Call (410) 555-0100 extension 12",
        "intake, day and night",
        "Why it is here:",
        "Haitian Creole",
    ] {
        assert!(said.contains(words), "{words} is missing: {said}");
    }
    let calls = browser.page.find_all(Locator::Css("a[href^='tel:']")).await;
    let mut dialled = Vec::new();
    for call in calls.expect("links") {
        dialled.extend(call.attr("href").await.expect("an attribute"));
    }
    assert_eq!(dialled, ["tel:+14105550100;ext=12", "tel:+14105550199"]);
}

#[tokio::test]
async fn the_page_of_a_confidential_shelter_names_its_county_and_no_street() {
    let site = Site::of(&varied());
    let browser = Browser::start().await;
    let url = format!("{}/?text=room+for+women&near=21202", site.url);
    browser.open(&url).await;

    let source = browser.page.source().await.expect("a page");

    assert!(
        source.contains("Baltimore city, MD (address confidential)"),
        "{source}"
    );
    assert!(!source.contains("Secret Ln"));
}

#[tokio::test]
async fn a_full_page_of_long_listings_stays_small() {
    let site = Site::of(&many(25));
    let browser = Browser::start().await;
    let url = format!("{}/?near=21202", site.url);
    browser.open(&url).await;

    let source = browser.page.source().await.expect("a page");

    assert_eq!(browser.texts("#answer article h3").await.len(), 20);
    eprintln!("a page of 20 long listings has {} bytes", source.len());
    assert!(source.len() <= PAGE_BYTES, "{} bytes", source.len());
}
