//! From the empty form to a result: by mouse, by keyboard, without script, and after a mistake.

use fantoccini::Locator;
use fantoccini::key::Key;

use crate::browser::{Browser, Scripts};
use crate::samples::{many, varied};
use crate::site::Site;

#[tokio::test]
async fn a_search_goes_from_the_empty_form_to_a_result_by_mouse() {
    let site = Site::of(&varied());
    let browser = Browser::start().await;
    browser.open(&site.url).await;

    search_by_mouse(&browser).await;

    assert_eq!(names(&browser).await, ["Emergency shelter for families"]);
    let address = browser.page.current_url().await.expect("an address");
    assert_eq!(address.query(), None, "what is asked is in no address");
}

#[tokio::test]
async fn a_search_goes_from_the_empty_form_to_a_result_by_keyboard_alone() {
    let site = Site::of(&varied());
    let browser = Browser::start().await;
    browser.open(&site.url).await;

    tab_to(&browser, "need").await;
    browser.press("– emer".chars()).await;
    tab_to(&browser, "near").await;
    browser.press("21202".chars()).await;
    browser.press([Key::Enter.into()]).await;

    browser.wait_for("#answer:focus").await;
    assert_eq!(names(&browser).await[0], "Emergency shelter for families");
    let phone = "tel:+14105550100;ext=12";
    for _ in 0..20 {
        browser.press([Key::Tab.into()]).await;
        let next = browser.page.active_element().await.expect("a page");
        let href = next.attr("href").await.expect("an attribute");
        if href.as_deref() == Some(phone) {
            return;
        }
    }
    panic!("the tabulator does not reach {phone}");
}

#[tokio::test]
async fn a_search_needs_no_script() {
    let site = Site::of(&varied());
    let browser = Browser::start_with(Scripts::Off).await;
    let script = "data:text/html,<title>off</title><script>document.title='on'</script>";
    browser.page.goto(script).await.expect("a page");
    let title = browser.page.title().await.expect("a title");
    assert_eq!(title, "off", "this browser runs scripts");
    browser.open(&site.url).await;

    search_by_mouse(&browser).await;

    assert_eq!(names(&browser).await, ["Emergency shelter for families"]);
}

#[tokio::test]
async fn a_search_goes_to_its_result_on_a_small_screen_with_large_text() {
    let site = Site::of(&varied());
    let browser = Browser::start().await;
    browser.text_size(32).await;
    browser.resize(320, 700).await;
    browser.open(&site.url).await;

    search_by_mouse(&browser).await;

    assert_eq!(names(&browser).await, ["Emergency shelter for families"]);
}

#[tokio::test]
async fn what_was_typed_is_kept_after_an_error_and_the_error_leads_to_its_field() {
    let site = Site::empty();
    let browser = Browser::start().await;
    browser.open(&site.url).await;
    choose(&browser, "need", "Housing and shelter").await;
    fill(&browser, "near", "Nowhere at all").await;
    choose(&browser, "radius_miles", "50 miles").await;
    open_fold(&browser).await;
    fill(&browser, "text", "crib \"&<b>").await;
    choose(&browser, "languages", "Dari").await;
    choose(&browser, "availability", "All").await;

    submit(&browser).await;

    browser.wait_for(".errors:focus").await;
    for (field, typed) in [
        ("need", "dom:hou"),
        ("near", "Nowhere at all"),
        ("radius_miles", "50"),
        ("text", "crib \"&<b>"),
        ("languages", "prs"),
        ("availability", "any"),
    ] {
        assert_eq!(browser.value(&format!("#{field}")).await, typed, "{field}");
    }
    let near = browser.wait_for("#near").await;
    let describes = near.attr("aria-describedby").await.expect("an attribute");
    assert_eq!(describes.as_deref(), Some("near-hint near-fault"));
    browser
        .wait_for(".errors a")
        .await
        .click()
        .await
        .expect("a click");
    browser.wait_for("#near:focus").await;
}

#[tokio::test]
async fn a_long_list_goes_on_from_page_to_page() {
    let site = Site::of(&many(45));
    let browser = Browser::start().await;
    let url = format!("{}/?near=21202", site.url);
    browser.open(&url).await;
    let mut seen = names(&browser).await;
    for said in ["21 to 40 shown", "41 to 45 shown"] {
        let next = Locator::XPath("//button[text()='Next results']");
        let next = browser.page.find(next).await.expect("a next page");
        next.click().await.expect("a click");
        let status = format!("//p[@role='status'][contains(., '{said}')]");
        browser.wait(Locator::XPath(&status)).await;
        seen.extend(names(&browser).await);
    }

    seen.sort();
    seen.dedup();

    assert_eq!(seen.len(), 45, "each service is on one page");
    let next = Locator::XPath("//button[text()='Next results']");
    assert!(
        browser.page.find(next).await.is_err(),
        "the last page is the last"
    );
    let back = Locator::XPath("//button[text()='Back to the first results']");
    browser.wait(back).await.click().await.expect("a click");
    let first = "//p[@role='status'][contains(., '1 to 20 shown')]";
    browser.wait(Locator::XPath(first)).await;
}

async fn search_by_mouse(browser: &Browser) {
    choose(browser, "need", "– emergency shelter").await;
    fill(browser, "near", "Baltimore, MD").await;
    open_fold(browser).await;
    choose(browser, "languages", "Haitian Creole").await;
    submit(browser).await;
    browser.wait_for("#answer article h3").await;
}

pub(crate) async fn choose(browser: &Browser, field: &str, label: &str) {
    let select = browser.wait_for(&format!("#{field}")).await;
    let chosen = select.select_by_label(label).await;
    chosen.unwrap_or_else(|error| panic!("{field}, {label}: {error}"));
}

/// Clicks on the field's label, as people do, and types.
pub(crate) async fn fill(browser: &Browser, field: &str, words: &str) {
    let label = browser.wait_for(&format!("label[for={field}]")).await;
    label.click().await.expect("a click");
    assert_eq!(
        browser.focused().await,
        field,
        "the label leads to its field"
    );
    browser.press(words.chars()).await;
}

/// Opens both folds of the form.
pub(crate) async fn open_fold(browser: &Browser) {
    let folds = browser
        .page
        .find_all(Locator::Css("form.search summary"))
        .await;
    for fold in folds.expect("folds") {
        fold.click().await.expect("a click");
    }
}

pub(crate) async fn submit(browser: &Browser) {
    let button = browser.wait_for("button[type=submit]").await;
    button.click().await.expect("a click");
}

/// Presses the tabulator until the field has the focus.
async fn tab_to(browser: &Browser, field: &str) {
    for _ in 0..12 {
        browser.press([Key::Tab.into()]).await;
        if browser.focused().await == field {
            return;
        }
    }
    panic!("the tabulator does not reach {field}");
}

pub(crate) async fn names(browser: &Browser) -> Vec<String> {
    browser.texts("#answer article h3").await
}
