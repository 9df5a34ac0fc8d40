//! Chromium, driven by `chromedriver` on a port the system gives, and ended by its id.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use url::{ParseError, Url};

use crate::network::PATIENCE;

/// What keeps Chromium from talking to anybody but the page, and from needing a screen.
const ARGUMENTS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--window-size=1280,900",
];

/// How often a page is asked whether it shows what is waited for.
const OFTEN: Duration = Duration::from_millis(20);
/// How often chromedriver may choose a port.
const TRIES: u32 = 5;

/// Whether pages may run scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scripts {
    /// As browsers do.
    On,
    /// As in locked-down offices.
    Off,
}

/// One window of Chromium. It ends when dropped, also when a test fails.
pub(crate) struct Browser {
    /// The window.
    pub(crate) page: Client,
    session: String,
    port: u16,
    driver: Child,
}

impl Browser {
    /// Starts a browser that runs scripts.
    pub(crate) async fn start() -> Self {
        Self::start_with(Scripts::On).await
    }

    /// Starts a browser.
    pub(crate) async fn start_with(scripts: Scripts) -> Self {
        let (driver, port) = start_driver();
        let scripts = if scripts == Scripts::On { 1 } else { 2 };
        let capabilities = json!({
            "goog:chromeOptions": {
                "args": ARGUMENTS,
                "prefs": {"profile.managed_default_content_settings.javascript": scripts},
            },
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "unhandledPromptBehavior": "ignore",
        });
        let Value::Object(capabilities) = capabilities else {
            unreachable!("capabilities are an object")
        };
        let page = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("Chromium starts");
        let session = page.session_id().await.expect("a session");
        Self {
            page,
            session: session.expect("a session"),
            port,
            driver,
        }
    }

    /// Goes to a page, and waits until all of it is there: the driver may come back sooner on a busy machine.
    pub(crate) async fn open(&self, url: &str) {
        self.page.goto(url).await.expect("the page");
        self.until_whole().await;
    }

    /// The element, once the page has it.
    pub(crate) async fn wait_for(&self, css: &str) -> Element {
        self.wait(Locator::Css(css)).await
    }

    /// The element, once the page has it.
    pub(crate) async fn wait(&self, what: Locator<'_>) -> Element {
        let wait = self.page.wait().at_most(PATIENCE).every(OFTEN);
        let found = wait.for_element(what).await;
        let found = found.unwrap_or_else(|error| panic!("{what:?}: {error}"));
        self.until_whole().await;
        found
    }

    /// Waits until the browser has read the page to its end: it shows the beginning of one while the rest is on its way.
    async fn until_whole(&self) {
        let is_whole = async || {
            let state = self.page.execute("return document.readyState", vec![]);
            state.await.expect("the state of the page") != "loading"
        };
        until("the page is read to its end", is_whole).await;
    }

    /// Waits until the page of an element has given way to another.
    pub(crate) async fn until_left(&self, of: &Element) {
        // An element of a page that is gone has no name any more.
        let is_gone = async || of.tag_name().await.is_err();
        until("the page gives way to another", is_gone).await;
        self.until_whole().await;
    }

    /// What the elements say, in order.
    pub(crate) async fn texts(&self, css: &str) -> Vec<String> {
        let elements = self.page.find_all(Locator::Css(css)).await;
        let mut texts = Vec::new();
        for element in elements.expect("a page") {
            texts.push(element.text().await.expect("its text"));
        }
        texts
    }

    /// What the element holds.
    pub(crate) async fn value(&self, css: &str) -> String {
        let element = self.wait_for(css).await;
        let value = element.prop("value").await.expect("a property");
        value.unwrap_or_default()
    }

    /// The id of the element that has the focus; empty where it has none.
    pub(crate) async fn focused(&self) -> String {
        let element = self.page.active_element().await.expect("a page");
        let id = element.attr("id").await.expect("an attribute");
        id.unwrap_or_default()
    }

    /// Presses keys one after the other, as on a keyboard.
    pub(crate) async fn press(&self, keys: impl IntoIterator<Item = char>) {
        let mut pressed = KeyActions::new("keyboard".to_owned());
        for value in keys {
            pressed = pressed
                .then(KeyAction::Down { value })
                .then(KeyAction::Up { value });
        }
        let done = self.page.perform_actions(pressed).await;
        done.expect("keys are pressed");
    }

    /// What an expression of the page's own comes to, rounded.
    pub(crate) async fn number(&self, expression: &str) -> u32 {
        let script = format!("return Math.round({expression})");
        let value = self.page.execute(&script, Vec::new()).await;
        let number = value.expect("an answer").as_u64().expect("a number");
        u32::try_from(number).expect("a small number")
    }

    /// One command of Chromium's own protocol for developer tools.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let answer = self.try_devtools(command, parameters).await;
        answer.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// The same, of a command that Chromium may refuse.
    pub(crate) async fn try_devtools(
        &self,
        command: &str,
        parameters: Value,
    ) -> Result<Value, CmdError> {
        let body = json!({"cmd": command, "params": parameters});
        self.post("goog/cdp/execute", body).await
    }

    /// Gives the window this size, in CSS pixels.
    pub(crate) async fn resize(&self, width: u32, height: u32) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size)
            .await;
    }

    /// Shows pages in the scheme, `light` or `dark`.
    pub(crate) async fn prefer(&self, scheme: &str) {
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Gives text this size, as people set it in their browser. Unit: CSS pixels.
    pub(crate) async fn text_size(&self, size: u32) {
        let sizes = json!({"fontSizes": {"standard": size}});
        self.devtools("Page.setFontSizes", sizes).await;
    }

    /// What the browser complained about since the last question: refused scripts, missing files...
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let log = self.log("browser").await;
        log.iter()
            .map(|entry| entry["message"].to_string())
            .collect()
    }

    /// Every address the page asked for since the last question.
    pub(crate) async fn requests(&self) -> Vec<String> {
        let log = self.log("performance").await;
        let events = log
            .iter()
            .filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok());
        events
            .filter(|event| event["message"]["method"] == "Network.requestWillBeSent")
            .filter_map(|event| {
                let url = &event["message"]["params"]["request"]["url"];
                url.as_str().map(ToOwned::to_owned)
            })
            .collect()
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let log = self.post("se/log", json!({"type": kind})).await;
        match log.expect("a log") {
            Value::Array(entries) => entries,
            other => panic!("a log of {other}"),
        }
    }

    async fn post(&self, path: &'static str, body: Value) -> Result<Value, CmdError> {
        self.page.issue_cmd(Post { path, body }).await
    }
}

/// Looks again and again until this holds: what happens in a browser tells nobody.
async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    for _ in 0..PATIENCE.as_millis() / OFTEN.as_millis() {
        if holds().await {
            return;
        }
        tokio::time::sleep(OFTEN).await;
    }
    panic!("not within {PATIENCE:?}: {what}");
}

/// Ends Chromium by its session, then the driver by its id.
impl Drop for Browser {
    fn drop(&mut self) {
        let ended = TcpStream::connect(("127.0.0.1", self.port)).and_then(|mut driver| {
            let session = &self.session;
            write!(
                driver,
                "DELETE /session/{session} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
            )?;
            driver.set_read_timeout(Some(PATIENCE))?;
            // The answer begins when Chromium has ended; the driver leaves the connection open.
            driver.read_exact(&mut [0])
        });
        if let Err(error) = ended {
            eprintln!("Chromium may still run: {error}");
        }
        let _ended = self.driver.kill();
        let _ended = self.driver.wait();
    }
}

/// Starts chromedriver. It chooses a port that is free for one kind of addresses, and ends when another program has it
/// for the other ("IPv6 port not available"): then it chooses again.
fn start_driver() -> (Child, u16) {
    (0..TRIES)
        .find_map(|_| try_driver())
        .unwrap_or_else(|| panic!("chromedriver says no port, {TRIES} times"))
}

fn try_driver() -> Option<(Child, u16)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver is not installed: run ./test browser, which installs it");
    let lines = BufReader::new(driver.stdout.take().expect("stdout")).lines();
    let mut ports = lines.map_while(Result::ok).filter_map(|line| {
        let (_, port) = line.split_once("started successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    let port = ports.next();
    if port.is_none() {
        driver.wait().expect("chromedriver ends");
    }
    Some((driver, port?))
}

/// A command of chromedriver's own, below the session.
#[derive(Debug)]
struct Post {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Post {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!(
            "session/{}/{}",
            session.unwrap_or_default(),
            self.path
        ))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
