//! Signing in at a real OpenID provider, which the test starts: `../provider/provider.mjs`.
//!
//! `./test` installs it into the folder `oidc-provider` of the target directory; without it these tests are skipped.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use directory_server::people::SignInName;
use referral_core::policy::{Role, Viewer};
use url::Url;

use super::pages::{cookie, look};
use crate::support::House;
use crate::support::house::Stopped;
use crate::support::http::{Answer, request};

/// How people reach the directory, as the provider knows it. The tests go to where it listens.
const ADDRESS: &str = "https://directory.example";
const SECRET: &str = "a secret between the directory and its provider";

/// A provider that runs until it is dropped.
struct Provider {
    process: Child,
    issuer: Url,
    /// It ends when it cannot print any more.
    _said: BufReader<ChildStdout>,
}

impl Provider {
    /// `None`, said loudly: it is not installed.
    fn start() -> Option<Self> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
            || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target"),
            PathBuf::from,
        );
        let folder = target.join("oidc-provider");
        if !folder.join("node_modules/oidc-provider").exists() {
            eprintln!(
                "SKIPPED: no OpenID provider in {}: run ./test",
                folder.display()
            );
            return None;
        }
        let mut process = Command::new("node")
            .args(["provider.mjs", SECRET, &format!("{ADDRESS}/sign-in/back")])
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(process.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        let issuer = Url::parse(line.trim()).unwrap();
        Some(Self {
            process,
            issuer,
            _said: said,
        })
    }

    fn address(&self) -> SocketAddr {
        format!("127.0.0.1:{}", self.issuer.port().unwrap())
            .parse()
            .unwrap()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _status = self.process.wait();
    }
}

/// A browser: it keeps cookies of the provider and of the directory apart.
#[derive(Default)]
struct Browser {
    of_provider: Vec<(String, String)>,
    of_directory: Vec<(String, String)>,
}

fn keep(jar: &mut Vec<(String, String)>, answer: &Answer) {
    for line in answer.all("set-cookie") {
        let (name, rest) = line.split_once('=').unwrap();
        let value = rest.split(';').next().unwrap();
        jar.retain(|(known, _)| known != name);
        if !value.is_empty() {
            jar.push((name.to_owned(), value.to_owned()));
        }
    }
}

fn header(jar: &[(String, String)]) -> String {
    let pairs = jar.iter().map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join("; ")
}

impl Browser {
    async fn at_provider(&mut self, provider: &Provider, path: &str, form: &str) -> Answer {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let cookies = header(&self.of_provider);
        let method = if form.is_empty() { "GET" } else { "POST" };
        let headers = [kind, ("cookie", cookies.as_str())];
        let body = form.as_bytes();
        let answer = request(provider.address(), method, path, &headers, body).await;
        keep(&mut self.of_provider, &answer);
        answer
    }

    async fn at_directory(&mut self, house: &House, path: &str) -> Answer {
        let answer = look(house, path, &header(&self.of_directory)).await;
        keep(&mut self.of_directory, &answer);
        answer
    }

    /// To the provider, through its pages as `who`; the way back it sends the browser on.
    async fn identified(&mut self, house: &House, provider: &Provider, who: &str) -> String {
        let answer = self.at_directory(house, "/sign-in/provider").await;
        assert_eq!(answer.status, 303);
        let mut next = Url::parse(answer.header("location").unwrap()).unwrap();
        assert_eq!(next.origin(), provider.issuer.origin());
        let asked: Vec<_> = next.query_pairs().into_owned().collect();
        let says = |name: &str| {
            asked
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, v)| v.as_str())
        };
        assert_eq!(says("code_challenge_method"), Some("S256"));
        assert_eq!(says("response_type"), Some("code"));
        assert!(says("nonce").is_some() && says("state").is_some());
        let mut form = String::new();
        for _ in 0..12 {
            let path = &next[url::Position::BeforePath..];
            let answer = self.at_provider(provider, path, &form).await;
            form.clear();
            if let Some(location) = answer.header("location") {
                next = next.join(location).unwrap();
                if next.as_str().starts_with(ADDRESS) {
                    return next[url::Position::BeforePath..].to_owned();
                }
            } else if answer.text().contains("name=\"login\"") {
                form = format!("prompt=login&login={who}&password=x");
            } else {
                assert!(answer.text().contains("consent"), "{}", answer.text());
                "prompt=consent".clone_into(&mut form);
            }
        }
        panic!("the provider never sends the browser back");
    }
}

/// A directory at which people sign in through a provider.
async fn started() -> Option<(House, Provider)> {
    let provider = Provider::start()?;
    let mut stopped = Stopped::new(tempfile::tempdir().unwrap());
    let secret = stopped.data.path().join("provider.secret");
    std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
    let config = &mut stopped.config.sign_in;
    config.address = Some(ADDRESS.to_owned());
    config.issuer = Some(provider.issuer.origin().ascii_serialization());
    config.client_id = Some("directory".to_owned());
    config.client_secret = Some(secret);
    Some((stopped.start().await.unwrap(), provider))
}

async fn invite(house: &House, name: &str) -> String {
    let operator = Viewer::at_the_machine();
    let name = SignInName::parse(name).unwrap();
    let invited = house
        .directory
        .invite_person(&operator, name, Role::Caseworker, None);
    invited.await.unwrap().0
}

#[tokio::test]
async fn who_was_invited_signs_in_at_the_provider() {
    let Some((house, provider)) = started().await else {
        return;
    };
    let account = invite(&house, "ana@example.org").await;
    for again in [false, true] {
        let mut browser = Browser::default();
        let back = browser
            .identified(&house, &provider, "ana@example.org")
            .await;

        let answer = browser.at_directory(&house, &back).await;

        assert_eq!(
            (answer.status, answer.header("location")),
            (303, Some("/")),
            "{again}"
        );
        let page = browser.at_directory(&house, "/account").await;
        assert!(page.text().contains(&account), "{again}");
        assert!(page.text().contains("caseworker"));
    }
}

#[tokio::test]
async fn a_revoked_person_is_not_let_in_by_the_provider() {
    let Some((house, provider)) = started().await else {
        return;
    };
    let account = invite(&house, "ana@example.org").await;
    let mut browser = Browser::default();
    let back = browser
        .identified(&house, &provider, "ana@example.org")
        .await;
    browser.at_directory(&house, &back).await;
    let operator = Viewer::at_the_machine();
    house
        .directory
        .revoke_person(&operator, &account)
        .await
        .unwrap();

    let back = browser
        .identified(&house, &provider, "ana@example.org")
        .await;
    let answer = browser.at_directory(&house, &back).await;

    assert_eq!(answer.status, 403);
    assert_eq!(cookie(&answer, "__Host-session"), None);
}

#[tokio::test]
async fn who_was_not_invited_or_has_no_verified_address_is_not_let_in() {
    let Some((house, provider)) = started().await else {
        return;
    };
    invite(&house, "unverified-ana@example.org").await;
    for who in ["unverified-ana@example.org", "nobody@example.org"] {
        let mut browser = Browser::default();
        let back = browser.identified(&house, &provider, who).await;

        let answer = browser.at_directory(&house, &back).await;

        assert_eq!(answer.status, 403, "{who}");
        assert!(answer.text().contains("You are not known here"), "{who}");
        assert_eq!(cookie(&answer, "__Host-session"), None);
    }
}

#[tokio::test]
async fn a_way_back_that_is_not_this_browsers_or_was_used_is_refused() {
    let Some((house, provider)) = started().await else {
        return;
    };
    invite(&house, "ana@example.org").await;
    let mut ana = Browser::default();
    let back = ana.identified(&house, &provider, "ana@example.org").await;
    let refused = async |browser: &mut Browser, back: &str| {
        let answer = browser.at_directory(&house, back).await;
        assert_eq!(answer.status, 400, "{back}");
        assert_eq!(cookie(&answer, "__Host-session"), None);
    };

    // Somebody is sent the way back of another: they would be signed in as them.
    let mut other = Browser::default();
    refused(&mut other, &back).await;
    other.identified(&house, &provider, "ben@example.org").await;
    refused(&mut other, &back).await;
    for broken in [
        "/sign-in/back",
        "/sign-in/back?code=&state=",
        "/sign-in/back?error=access_denied",
    ] {
        refused(&mut ana, broken).await;
    }
    let code = Url::parse(ADDRESS).unwrap().join(&back).unwrap();
    let code: Vec<_> = code
        .query_pairs()
        .into_owned()
        .filter(|(name, _)| name == "code")
        .collect();
    // Ana's code in the way of another browser: the provider asks for the key of PKCE.
    let mut third = Browser::default();
    let own = third.identified(&house, &provider, "ben@example.org").await;
    let state = own
        .split("state=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap();
    let mixed = format!("/sign-in/back?code={}&state={state}", code[0].1);
    refused(&mut third, &mixed).await;
}

#[tokio::test]
async fn the_way_back_is_good_once() {
    let Some((house, provider)) = started().await else {
        return;
    };
    invite(&house, "ana@example.org").await;
    let mut ana = Browser::default();
    let back = ana.identified(&house, &provider, "ana@example.org").await;
    let before = Browser {
        of_directory: ana.of_directory.clone(),
        ..Browser::default()
    };
    assert_eq!(ana.at_directory(&house, &back).await.status, 303);

    let mut again = before;
    assert_eq!(again.at_directory(&house, &back).await.status, 400);
}

#[tokio::test]
async fn without_an_answer_from_the_provider_people_are_told_and_nobody_is_let_in() {
    let Some((house, provider)) = started().await else {
        return;
    };
    drop(provider);

    let answer = look(&house, "/sign-in/provider", "").await;

    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("Signing in failed"));
}
