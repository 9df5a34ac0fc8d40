//! The agency's own page in a real browser: by mouse, by keyboard, without script, on a small screen.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::Value;
use tempfile::TempDir;

use crate::browser::{Browser, Scripts};
use crate::network::{Directory, Node, eventually, run, run_json};

pub(crate) const PASSWORD: &str = "correct horse battery";

/// What the agency has on file.
const FILE: &str = r#"[{"id": "harbor", "name": "Harbor House", "services": [
    {"id": "beds", "name": "Family shelter", "status": "active"},
    {"id": "clinic", "name": "Legal clinic", "status": "active"},
    {"id": "classes", "name": "English classes", "status": "active"}
]}]"#;

/// The same with a change, something new, and a row that cannot be taken.
pub(crate) const NEXT_FILE: &str = r#"[{"id": "harbor", "name": "Harbor House", "services": [
    {"id": "beds", "name": "Family shelter", "status": "active"},
    {"id": "clinic", "name": "Legal clinic and hotline", "status": "active"},
    {"id": "tickets", "name": "Bus tickets", "status": "active"},
    {"id": "nameless", "status": "active"}
]}]"#;

/// A directory, and a node that serves its page and is connected.
pub(crate) struct House {
    /// The address of the node's page.
    pub(crate) url: String,
    /// The link of somebody's invitation.
    pub(crate) invitation: String,
    process: Child,
    node: Node,
    directory: Option<Directory>,
    home: TempDir,
}

impl House {
    /// A house whose directory has everything of it.
    pub(crate) fn start() -> Self {
        let home = TempDir::new().expect("a temporary directory");
        let directory = Directory::start(&home);
        let node = directory.join(&home, "harbor");
        let file = home.path().join("organizations.json");
        fs::write(&file, FILE).expect("a file");
        run(node.command("import hsds").arg(&file), 0);
        for set in [
            "capacity set beds limited --unit bed --available 4 --maximum 12",
            "capacity set clinic waitlist --waitlist 9",
        ] {
            run(&mut node.command(set), 0);
        }
        let config = home.path().join("agency-node.toml");
        fs::write(&config, "[page]\nlisten = \"127.0.0.1:0\"\n").expect("a configuration");
        let mut daemon = node.command("run");
        daemon.arg("--config").arg(&config);
        daemon.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = daemon.spawn().expect("the node starts");
        let mut lines = BufReader::new(process.stdout.take().expect("stdout")).lines();
        let line = lines.next().and_then(Result::ok).unwrap_or_default();
        let (_, url) = line.split_once(" at ").expect("it says where its page is");
        let invited = run_json(&mut node.command("person invite ana --json"));
        eventually("the directory has everything", || {
            let status = run_json(&mut node.command("status --json"));
            let done = status["connected"] == true && status["pending_since"].is_null();
            done.then_some(())
        });
        Self {
            url: url.to_owned(),
            invitation: invited["link"].as_str().expect("a link").to_owned(),
            process,
            node,
            directory: Some(directory),
            home,
        }
    }

    /// The directory cannot be reached any more.
    pub(crate) fn lose_the_directory(&mut self) {
        self.directory = None;
    }

    /// The address of the directory's pages.
    pub(crate) fn public_url(&self) -> String {
        let directory = self.directory.as_ref();
        directory.expect("a directory").public_url()
    }

    /// What is said of a service, as the command line has it.
    fn said(&self, service: &str) -> Value {
        let status = run_json(&mut self.node.command("status --json"));
        let capacity = status["capacity"].as_array().expect("a list");
        let said = capacity.iter().find(|one| one["service_id"] == service);
        said.cloned().unwrap_or_default()
    }

    fn free(&self, service: &str) -> Value {
        self.said(service)["counts"][0]["available"].clone()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _ended = self.process.wait();
    }
}

/// Takes up the invitation; the list is shown then.
pub(crate) async fn sign_in(browser: &Browser, house: &House) {
    let link = &house.invitation;
    browser.open(link).await;
    for field in ["#password", "#again"] {
        let field = browser.wait_for(field).await;
        field.send_keys(PASSWORD).await.expect("typing");
    }
    click(browser, "main button").await;
    browser.wait_for("#services").await;
}

async fn click(browser: &Browser, css: &str) {
    let button = browser.wait_for(css).await;
    button.click().await.expect("a click");
}

/// Waits until an element says the words.
pub(crate) async fn says(browser: &Browser, css: &str, words: &str) {
    let locator = format!("//*[{}][contains(., '{words}')]", xpath(css));
    browser.wait(Locator::XPath(&locator)).await;
}

/// An id or a class as `XPath` has it.
fn xpath(css: &str) -> String {
    match css.split_at(1) {
        ("#", id) => format!("@id='{id}'"),
        (_, class) => format!("contains(concat(' ', @class, ' '), ' {class} ')"),
    }
}

/// A button of the service with this name.
fn button(service: &str, tap: &str) -> String {
    format!("//article[.//h3[contains(., '{service}')]]//button[@value='{tap}']")
}

/// Presses a button of a service.
pub(crate) async fn tap(browser: &Browser, service: &str, tap: &str) {
    let button = browser.wait(Locator::XPath(&button(service, tap))).await;
    button.click().await.expect("a click");
}

/// The main path of somebody at an agency: one more place, full, taken back, everything the same.
async fn by_mouse(browser: &Browser, house: &House) {
    sign_in(browser, house).await;
    tap(browser, "Family shelter", "more").await;
    says(browser, "#last", "5 of 12 beds free").await;
    assert_eq!(house.free("beds"), 5);

    tap(browser, "Family shelter", "full").await;
    says(browser, "#last", "0 of 12 beds free").await;
    assert_eq!(house.said("beds")["state"], "paused");

    click(browser, "form[action='/undo'] button").await;
    says(browser, "#last", "Taken back: Family shelter.").await;
    assert_eq!(house.free("beds"), 5);
}

#[tokio::test]
async fn one_more_full_and_taken_back_by_mouse() {
    let house = House::start();
    let browser = Browser::start().await;

    by_mouse(&browser, &house).await;
}

#[tokio::test]
async fn the_same_without_script_on_a_small_screen_with_large_text() {
    let house = House::start();
    let browser = Browser::start_with(Scripts::Off).await;
    browser.text_size(32).await;
    browser.resize(320, 700).await;

    by_mouse(&browser, &house).await;
}

#[tokio::test]
async fn everything_is_the_same_as_before_with_one_action() {
    let house = House::start();
    let browser = Browser::start().await;
    sign_in(&browser, &house).await;
    let before = ["beds", "clinic"].map(|service| house.said(service)["observed_at"].clone());
    let mut actions = 0;

    click(&browser, "form[action='/same'] button").await;
    actions += 1;

    says(
        &browser,
        "#last",
        "Confirmed, the same as before: 2 services.",
    )
    .await;
    let after = ["beds", "clinic"].map(|service| house.said(service)["observed_at"].clone());
    assert!(
        before
            .iter()
            .zip(&after)
            .all(|(before, after)| before != after)
    );
    assert_eq!(house.free("beds"), 4);
    assert_eq!(actions, 1);
}

#[tokio::test]
async fn a_place_is_given_by_keyboard_alone() {
    let house = House::start();
    let browser = Browser::start().await;
    sign_in(&browser, &house).await;

    tab_to(&browser, "more").await;
    browser.press([Key::Enter.into()]).await;

    says(&browser, "#last", "5 of 12 beds free").await;
    // What was just changed is next: one more is a few tabs away, not the whole page.
    let tabs = tab_to(&browser, "more").await;
    assert!(tabs < 10, "{tabs} tabs");
    browser.press([Key::Enter.into()]).await;
    says(&browser, "#last", "6 of 12 beds free").await;
    assert_eq!(house.free("beds"), 6);
}

/// Presses the tabulator until a button with this value has the focus; says how often.
async fn tab_to(browser: &Browser, value: &str) -> usize {
    for pressed in 1..60 {
        browser.press([Key::Tab.into()]).await;
        let focused = browser.page.active_element().await.expect("a page");
        if focused
            .attr("value")
            .await
            .expect("an attribute")
            .as_deref()
            == Some(value)
        {
            return pressed;
        }
    }
    panic!("the tabulator does not reach {value}");
}

#[tokio::test]
async fn a_change_is_saved_while_the_directory_cannot_be_reached() {
    let mut house = House::start();
    let browser = Browser::start().await;
    sign_in(&browser, &house).await;
    house.lose_the_directory();

    tap(&browser, "Family shelter", "less").await;

    says(&browser, "#last", "Saved here; waits for the directory").await;
    assert_eq!(house.free("beds"), 3);
}

#[tokio::test]
async fn a_file_is_taken_in_after_its_plan_was_shown() {
    let house = House::start();
    let browser = Browser::start_with(Scripts::Off).await;
    sign_in(&browser, &house).await;

    choose(&browser, &house, NEXT_FILE).await;
    says(&browser, "#changed-title", "Changed: 1").await;
    says(&browser, "#added-title", "New: 1").await;
    says(&browser, "#missing-title", "Missing from the file: 1").await;
    says(&browser, "#refused-title", "Rows that cannot be taken: 1").await;
    let status = run_json(&mut house.node.command("status --json"));
    assert_eq!(status["services"], 3, "nothing yet");

    click(&browser, "form[action$='/apply'] button").await;

    browser
        .wait(Locator::XPath("//h1[.='The file is taken in']"))
        .await;
    let status = run_json(&mut house.node.command("status --json"));
    assert_eq!(status["services"], 4);
}

/// Chooses a file and has it looked at.
pub(crate) async fn choose(browser: &Browser, house: &House, content: &str) {
    let file = house.home.path().join("organizations.json");
    fs::write(&file, content).expect("a file");
    let address = format!("{}/import", house.url);
    browser.open(&address).await;
    let field = browser.wait_for("#file").await;
    let path = file.to_str().expect("a path");
    field.send_keys(path).await.expect("a file is chosen");
    click(browser, "main button").await;
    // A long file is under way when the click returns: what is read before it arrived is of the page that goes.
    browser.until_left(&field).await;
    browser.wait_for("h1").await;
}
