//! No search ends in a dead end: what helps, what narrows, and the order in which a listener hears it.

use fantoccini::Locator;
use serde_json::{Value, json};

use crate::axe;
use crate::browser::{Browser, Scripts};
use crate::samples::varied;
use crate::searching::{choose, fill, names, open_fold, submit};
use crate::site::Site;

#[tokio::test]
async fn a_button_that_helps_changes_one_thing_and_keeps_the_rest() {
    let site = Site::of(&varied());
    let browser = Browser::start_with(Scripts::Off).await;
    browser.open(&site.url).await;
    choose(&browser, "need", "– food").await;
    open_fold(&browser).await;
    fill(&browser, "text", "pantry").await;
    fill(&browser, "age", "17").await;
    choose(&browser, "custody", "Released lately").await;
    submit(&browser).await;

    press(&browser, "Not confirmed, call first: 1").await;

    browser.wait_for("#answer article h3").await;
    assert_eq!(names(&browser).await, ["Food pantry"]);
    for (field, value) in [
        ("availability", "unconfirmed"),
        ("need", "da:food"),
        ("text", "pantry"),
        ("age", "17"),
        ("custody", "rel"),
    ] {
        assert_eq!(browser.value(&format!("#{field}")).await, value, "{field}");
    }
    let address = browser.page.current_url().await.expect("an address");
    assert_eq!(address.query(), None, "what is asked is in no address");
}

#[tokio::test]
async fn a_wider_radius_is_offered_and_shown_as_chosen() {
    let site = Site::of(&varied());
    let browser = Browser::start().await;
    let url = format!("{}/?near=Frederick%2C+MD&need=ho%3Aes", site.url);
    browser.open(&url).await;
    let wider = Locator::XPath("//form[@class='help']//button[starts-with(., 'Within ')]");
    let wider = browser.page.find(wider).await.expect("a wider radius");
    let value = wider.attr("value").await.expect("an attribute");

    wider.click().await.expect("a click");

    browser.wait_for("#answer article h3").await;
    assert_eq!(Some(browser.value("#radius_miles").await), value);
}

#[tokio::test]
async fn values_in_the_fold_narrow_the_results_and_are_taken_off_again() {
    let site = Site::of(&varied());
    let browser = Browser::start().await;
    let url = format!("{}/?near=21202&availability=any", site.url);
    browser.open(&url).await;
    let all = names(&browser).await.len();
    let fold = browser.wait_for(".facets summary").await;
    fold.click().await.expect("a click");

    press(&browser, "Haitian Creole (1)").await;

    browser.wait_for(".chosen").await;
    assert_eq!(names(&browser).await, ["Emergency shelter for families"]);
    let broken = axe::violations(&browser).await;
    assert!(broken.is_empty(), "{broken:#?}");
    let remove = browser.wait_for(".chosen button").await;
    remove.click().await.expect("a click");
    browser.wait_for("#answer:focus").await;
    assert_eq!(names(&browser).await.len(), all);
}

#[tokio::test]
async fn a_listener_hears_what_was_found_then_what_helps_then_results_facets_and_pages() {
    let site = Site::of(&varied());
    let browser = Browser::start().await;
    let url = format!("{}/?near=21202&need=ho%3Aes", site.url);
    browser.open(&url).await;

    let heard = accessible_names(&browser).await;

    let at = |words: &str| {
        let place = heard.iter().position(|name| name.starts_with(words));
        place.unwrap_or_else(|| panic!("{words} is not heard: {heard:#?}"))
    };
    let order = [
        "Find help that is open now",
        "Search",
        "Results",
        "2 services found",
        "What would help",
        "Emergency shelter for families",
        "Narrow these results",
        "Link to this search",
    ]
    .map(at);
    assert!(order.is_sorted(), "{order:?}: {heard:#?}");
}

/// The names in the accessibility tree, in the order they are read.
async fn accessible_names(browser: &Browser) -> Vec<String> {
    browser.devtools("Accessibility.enable", json!({})).await;
    let tree = browser
        .devtools("Accessibility.getFullAXTree", json!({}))
        .await;
    let nodes = tree["nodes"].as_array().expect("a tree");
    let mut names = Vec::new();
    read(&nodes[0], nodes, &mut names);
    names
}

fn read(node: &Value, nodes: &[Value], names: &mut Vec<String>) {
    if let Some(name) = node["name"]["value"].as_str()
        && node["ignored"] == false
        && !name.is_empty()
    {
        names.push(name.to_owned());
    }
    for child in node["childIds"].as_array().into_iter().flatten() {
        if let Some(child) = nodes.iter().find(|node| node["nodeId"] == *child) {
            read(child, nodes, names);
        }
    }
}

async fn press(browser: &Browser, text: &str) {
    let button = format!("//button[normalize-space(.)='{text}']");
    let button = browser.wait(Locator::XPath(&button)).await;
    button.click().await.expect("a click");
}
