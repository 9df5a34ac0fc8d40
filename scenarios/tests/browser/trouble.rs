//! What somebody at an agency sees when it does not go by the shortest way: an import that takes its time, a form that
//! is too old, a session that has ended, and services that are held.

use fantoccini::Locator;

use crate::browser::Browser;
use crate::house::{self, House};
use crate::tour::{Look, TRIES, click, see, type_into};

/// The largest file that is tried. Unit: services.
const MOST: usize = 640_000;

/// A file with a service whose name has Cyrillic letters among the Latin ones.
const MIXED: &str = r#"[{"id": "harbor", "name": "Harbor House", "services": [
    {"id": "beds", "name": "Family shelter", "status": "active"},
    {"id": "rent", "name": "H\u0435lp with r\u0435nt", "status": "active"}
]}]"#;

/// All of it, by somebody who is signed in.
pub(crate) async fn of_an_agency(browser: &Browser, house: &House, look: &impl Look) {
    import_runs(browser, house, look).await;
    held(browser, house, look).await;
    form_too_old(browser, house, look).await;
    signed_out(browser, house, look).await;
}

/// A file that is read for longer than a tap waits.
async fn import_runs(browser: &Browser, house: &House, look: &impl Look) {
    let mut services = 10_000;
    loop {
        house::choose(browser, house, &long(services)).await;
        let title = browser.texts("h1").await;
        if title == ["The import runs"] {
            break;
        }
        services *= 4;
        assert!(services <= MOST, "no file takes long enough: {title:?}");
    }
    browser.wait_for("a.go").await;
    look(browser, "agency-import-runs").await;
    click(browser, "a.go").await;
    browser.wait_for("form[action$='/drop'] button").await;
    look(browser, "agency-plan-long").await;
    click(browser, "form[action$='/drop'] button").await;
    browser.wait_for("#file").await;
}

/// A service whose name mixes scripts: the directory has it, and searches do not find it.
async fn held(browser: &Browser, house: &House, look: &impl Look) {
    house::choose(browser, house, MIXED).await;
    click(browser, "form[action$='/apply'] button").await;
    let done = "//h1[.='The file is taken in']";
    browser.wait(Locator::XPath(done)).await;
    // The node hears of it over its stream.
    for _ in 0..TRIES {
        see(browser, &house.url, "/").await;
        if !browser.texts(".sent.held").await.is_empty() {
            break;
        }
    }
    browser.wait_for(".sent.held").await;
    look(browser, "agency-held").await;
    see(browser, &house.url, "/shown").await;
    look(browser, "agency-shown-held").await;
    see(browser, &house.url, "/messages").await;
    browser.wait_for("#held-title").await;
    look(browser, "agency-messages-held").await;
}

fn long(services: usize) -> String {
    let services = (0..services).map(|at| {
        format!(r#"{{"id": "class-{at}", "name": "English class {at}", "status": "active"}}"#)
    });
    let services = services.collect::<Vec<String>>().join(",\n");
    format!(r#"[{{"id": "harbor", "name": "Harbor House", "services": [{services}]}}]"#)
}

/// A form of a page that was left open since somebody else signed in.
async fn form_too_old(browser: &Browser, house: &House, look: &impl Look) {
    see(browser, &house.url, "/").await;
    browser.wait_for("form[action='/same'] button").await;
    let forge = "document.querySelector(\"form[action='/same'] [name=token]\").value = 'older'";
    let done = browser.page.execute(forge, Vec::new()).await;
    done.expect("a script");
    click(browser, "form[action='/same'] button").await;
    browser.wait_for("main [role=alert]").await;
    look(browser, "agency-failed").await;
}

/// A number that is typed when the session has ended, and what is left of it after signing in.
async fn signed_out(browser: &Browser, house: &House, look: &impl Look) {
    see(browser, &house.url, "/").await;
    let field = "//article[.//h3[contains(., 'Family shelter')]]//input[@name='places']";
    let field = browser.wait(Locator::XPath(field)).await;
    field.clear().await.expect("an empty field");
    field.send_keys("7").await.expect("typing");
    let cookies = browser.page.delete_all_cookies().await;
    cookies.expect("no cookies");
    let set = "//article[.//h3[contains(., 'Family shelter')]]//button[@value='places']";
    let set = browser.wait(Locator::XPath(set)).await;
    set.click().await.expect("a click");
    browser.wait_for("main .notice").await;
    look(browser, "agency-signed-out").await;
    type_into(browser, &[("#name", "ana"), ("#password", house::PASSWORD)]).await;
    click(browser, "main button[type=submit]").await;
    browser.wait_for("#services").await;
    assert_eq!(browser.value("[aria-invalid=true]").await, "7");
    look(browser, "agency-typed-before").await;
}
