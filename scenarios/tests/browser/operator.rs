//! The pages of operators in a real browser: two people grant, one stops an agency; in both schemes and on a small
//! screen.

use std::process::Command;

use fantoccini::Locator;
use fantoccini::key::Key;
use jiff::SignedDuration;
use referral_runtime::clock::{Clock, SystemClock};
use tempfile::TempDir;

use crate::axe;
use crate::browser::{Browser, Scripts};
use crate::network::{Directory, program, run, run_json};

const PASSWORD: &str = "correct horse battery";

/// Takes up an operator's invitation in a browser of their own.
pub(crate) async fn operator(directory: &Directory, name: &str, scripts: Scripts) -> Browser {
    let mut invite = command(directory, "person invite");
    let invited = run_json(invite.args([name, "--role", "operator", "--json"]));
    let invitation = invited["invitation"].as_str().expect("an invitation");
    let browser = Browser::start_with(scripts).await;
    see(
        &browser,
        directory,
        &format!("/welcome?invitation={invitation}"),
    )
    .await;
    for field in ["#password", "#again"] {
        let field = browser.wait_for(field).await;
        field.send_keys(PASSWORD).await.expect("typing");
    }
    click(&browser, "main button[type=submit]").await;
    browser.wait_for(".search").await;
    see(&browser, directory, "/operator").await;
    browser
}

/// One of the directory's commands, on its data.
fn command(directory: &Directory, words: &str) -> Command {
    let mut command = program("directory-server");
    command
        .args(words.split(' '))
        .arg("--data")
        .arg(directory.data());
    command
}

async fn see(browser: &Browser, directory: &Directory, path: &str) {
    let url = format!("{}{path}", directory.public_url());
    browser.open(&url).await;
}

async fn click(browser: &Browser, css: &str) {
    let button = browser.wait_for(css).await;
    button.click().await.expect("a click");
}

async fn says(browser: &Browser, words: &str) {
    let locator = format!("//main//*[contains(., '{words}')]");
    browser.wait(Locator::XPath(&locator)).await;
}

/// Opens the form that grants a category.
pub(crate) async fn open_grant(browser: &Browser) {
    click(browser, "details summary").await;
    browser.wait_for("#grant-evidence").await;
}

/// Fills the form and proposes a grant.
pub(crate) async fn propose(browser: &Browser) {
    // As a date field takes it.
    let end = SystemClock::new().now() + SignedDuration::from_hours(200 * 24);
    let end = end.strftime("%m%d%Y").to_string();
    for (field, words) in [("#grant-evidence", "bar 4411"), ("#grant-expires", &end)] {
        let field = browser.wait_for(field).await;
        field.send_keys(words).await.expect("typing");
    }
    click(browser, "details[open] button[type=submit]").await;
}

/// No rule is broken and nothing has to be scrolled sideways, in both schemes, on a wide and a small screen.
async fn is_fit(browser: &Browser) {
    for scheme in ["light", "dark"] {
        browser.prefer(scheme).await;
        for width in [320, 1_200] {
            browser.resize(width, 800).await;
            let wide = browser.number("document.documentElement.scrollWidth").await;
            assert!(wide <= width, "{wide} at {width}");
            assert_eq!(axe::violations(browser).await, Vec::<String>::new());
        }
    }
}

#[tokio::test]
async fn two_operators_grant_and_one_stops_an_agency() {
    let home = TempDir::new().expect("a temporary directory");
    let directory = Directory::start(&home);
    let mut enrol = command(&directory, "agency enrol");
    run(enrol.args(["harbor", "--name", "Harbor House"]), 0);
    let ana = operator(&directory, "ana@example.org", Scripts::On).await;
    let ben = operator(&directory, "ben@example.org", Scripts::On).await;
    is_fit(&ana).await;

    see(&ana, &directory, "/operator/agency/harbor").await;
    open_grant(&ana).await;
    is_fit(&ana).await;
    propose(&ana).await;
    says(&ana, "A second person has to say the same.").await;

    see(&ben, &directory, "/operator").await;
    says(&ben, "bar 4411").await;
    is_fit(&ben).await;
    see(&ben, &directory, "/operator/agency/harbor").await;
    click(&ben, "main li form button").await;
    says(&ben, "Granted.").await;
    is_fit(&ben).await;

    let stop = "//details[.//select[@id='standing']]";
    let fold = ben.wait(Locator::XPath(&format!("{stop}/summary"))).await;
    fold.click().await.expect("a click");
    let button = ben.wait(Locator::XPath(&format!("{stop}//button"))).await;
    button.click().await.expect("a click");
    says(&ben, "Nothing was done.").await;
    is_fit(&ben).await;
}

#[tokio::test]
async fn a_grant_is_proposed_by_keyboard_alone_and_approved_without_script() {
    let home = TempDir::new().expect("a temporary directory");
    let directory = Directory::start(&home);
    let mut enrol = command(&directory, "agency enrol");
    run(enrol.args(["harbor", "--name", "Harbor House"]), 0);
    let ana = operator(&directory, "ana@example.org", Scripts::On).await;
    let ben = operator(&directory, "ben@example.org", Scripts::Off).await;
    see(&ana, &directory, "/operator/agency/harbor").await;

    // The first fold of the page is the one that grants.
    for _ in 0..60 {
        ana.press([Key::Tab.into()]).await;
        let next = ana.page.active_element().await.expect("a page");
        if next.tag_name().await.expect("a name") == "summary" {
            break;
        }
    }
    ana.press([Key::Enter.into()]).await;
    tab_to(&ana, "grant-evidence").await;
    ana.press("bar 4411".chars()).await;
    tab_to(&ana, "grant-expires").await;
    let end = SystemClock::new().now() + SignedDuration::from_hours(200 * 24);
    ana.press(end.strftime("%m%d%Y").to_string().chars()).await;
    ana.press([Key::Enter.into()]).await;
    says(&ana, "A second person has to say the same.").await;

    see(&ben, &directory, "/operator/agency/harbor").await;
    click(&ben, "main li form button").await;
    says(&ben, "Granted.").await;
}

#[tokio::test]
async fn an_agency_is_let_in_by_keyboard_alone() {
    let home = TempDir::new().expect("a temporary directory");
    let directory = Directory::start(&home);
    let ana = operator(&directory, "ana@example.org", Scripts::On).await;

    tab_to(&ana, "agency").await;
    ana.press("harbor-house".chars()).await;
    tab_to(&ana, "name").await;
    ana.press("Harbor House".chars()).await;
    ana.press([Key::Enter.into()]).await;

    ana.wait_for("#told .token code").await;
}

#[tokio::test]
async fn an_agency_is_let_in_without_script_on_a_small_screen_with_large_text() {
    let home = TempDir::new().expect("a temporary directory");
    let directory = Directory::start(&home);
    let ana = operator(&directory, "ana@example.org", Scripts::Off).await;
    ana.text_size(32).await;
    ana.resize(320, 700).await;

    for (field, words) in [("#agency", "harbor-house"), ("#name", "Harbor House")] {
        let field = ana.wait_for(field).await;
        field.send_keys(words).await.expect("typing");
    }
    click(&ana, "main form.search button[type=submit]").await;

    ana.wait_for("#told .token code").await;
}

/// Presses the tabulator until the field with this id has the focus.
async fn tab_to(browser: &Browser, id: &str) {
    for _ in 0..60 {
        browser.press([Key::Tab.into()]).await;
        if browser.focused().await == id {
            return;
        }
    }
    panic!("the tabulator does not reach {id}");
}
