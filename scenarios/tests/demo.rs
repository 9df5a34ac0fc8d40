//! The demo as a process: it can be searched, capacities change, and nothing of it is left at the end.

#![expect(
    clippy::unwrap_used,
    reason = "a step that cannot be made fails the test"
)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::time::Duration;

use referral_proto::v1;
use referral_proto::v1::search_service_client::SearchServiceClient;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::time::{interval, timeout};
use tonic::transport::Endpoint;
use tonic::{Code, Request};

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_mins(2);

/// A demo that runs, in a temporary directory of its own.
struct Demo {
    process: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    stderr: Lines<BufReader<ChildStderr>>,
    temporary: TempDir,
}

impl Demo {
    fn start(arguments: &[&str]) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_demo"))
            .args(arguments)
            .env("TMPDIR", temporary.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap()).lines();
        let stderr = BufReader::new(process.stderr.take().unwrap()).lines();
        Self {
            process,
            stdout,
            stderr,
            temporary,
        }
    }

    /// The rest of the first line of standard output that begins so.
    fn says(&mut self, beginning: &str) -> String {
        let line = self.stdout.by_ref().map(Result::unwrap);
        let mut said = line.filter_map(|line| line.strip_prefix(beginning).map(str::to_owned));
        said.next().unwrap()
    }

    /// Reads standard error up to a line with these words in it.
    fn tells(&mut self, words: &str) -> String {
        let mut lines = self.stderr.by_ref().map(Result::unwrap);
        lines.find(|line| line.contains(words)).unwrap()
    }

    fn interrupt(&self) {
        let id = i32::try_from(self.process.id()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), Signal::INT).unwrap();
    }

    /// Waits for its end: what it still said on standard error, its exit code, and what it left.
    fn ends(mut self) -> (Vec<String>, Option<i32>, usize) {
        let told = self.stderr.by_ref().map(Result::unwrap).collect();
        let status = self.process.wait().unwrap();
        let left = std::fs::read_dir(self.temporary.path()).unwrap().count();
        (told, status.code(), left)
    }
}

/// A demo must not outlive a test that fails.
impl Drop for Demo {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _reaped_already = self.process.wait();
    }
}

/// What a search for everything shows: each service's state, places and the time of its report.
async fn capacities(page: &str) -> BTreeMap<String, (i32, Option<u32>, Option<i64>)> {
    let endpoint = Endpoint::from_shared(page.to_owned()).unwrap();
    let mut client = SearchServiceClient::new(endpoint.connect().await.unwrap())
        .max_decoding_message_size(32 << 20);
    let request = v1::SearchRequest {
        availability: v1::Availability::Any.into(),
        limit: 200,
        ..v1::SearchRequest::default()
    };
    let found = client.search(request).await.unwrap().into_inner().results;
    let shown = found.into_iter().map(|result| {
        let capacity = result.capacity.unwrap_or_default();
        let places = capacity.counts.first().and_then(|count| count.available);
        let at = capacity.observed_at.map(|at| at.seconds);
        let service = format!("{}/{}", result.agency_id, result.service_id);
        (service, (capacity.state, places, at))
    });
    shown.collect()
}

/// Asks until a service that was found before shows another state or other places.
async fn a_change(page: &str) {
    let before = capacities(page).await;
    assert!(!before.is_empty());
    let mut again = interval(Duration::from_millis(50));
    loop {
        again.tick().await;
        let now = capacities(page).await;
        let changed = |(service, capacity): (&String, &(i32, Option<u32>, Option<i64>))| {
            let known = before.get(service);
            known.is_some_and(|known| {
                known.2 < capacity.2 && (known.0, known.1) != (capacity.0, capacity.1)
            })
        };
        if now.iter().any(changed) {
            return;
        }
    }
}

fn in_time(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async { timeout(PATIENCE, work).await.unwrap() });
}

#[test]
fn a_search_sees_capacities_change_until_ctrl_c_stops_everything() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().to_string();
    let mut demo = Demo::start(&["--agencies", "12", "--public-listen", &port]);
    demo.tells(&format!("{port} is in use"));

    let page = demo.says("Search page: ");
    assert!(!page.contains(&port), "{page}");
    in_time(a_change(&page));
    demo.tells("12 agencies with");
    let again = demo.tells(" changes. The latest: ");
    assert!(again.contains(" open, "), "{again}");

    demo.interrupt();
    let (told, code, left) = demo.ends();
    assert_eq!((code, left), (Some(0), 0), "{told:?}");
}

#[test]
fn the_page_answers_in_a_browser() {
    let mut demo = Demo::start(&["--agencies", "3", "--public-listen", "127.0.0.1:0"]);
    demo.tells("3 agencies with");
    let page = demo.says("Search page: http://");
    let address = page.trim_end_matches('/');

    let mut browser = TcpStream::connect(address).unwrap();
    let request = "GET /?availability=any HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    browser.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    browser.read_to_string(&mut answer).unwrap();

    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("National Office"), "{answer}");
    demo.interrupt();
    assert_eq!(demo.ends().1, Some(0));
}

/// How a search with a token ends.
async fn search_with(page: &str, token: &str) -> Code {
    let endpoint = Endpoint::from_shared(page.to_owned()).unwrap();
    let mut client = SearchServiceClient::new(endpoint.connect().await.unwrap());
    let mut request = Request::new(v1::SearchRequest::default());
    let bearer = format!("Bearer {token}").parse().unwrap();
    request.metadata_mut().insert("authorization", bearer);
    let answer = client.search(request).await;
    answer.map_or_else(|status| status.code(), |_| Code::Ok)
}

#[test]
fn its_accounts_and_token_are_printed_and_are_good_for_this_demo_alone() {
    let mut demos = [(); 2].map(|()| {
        let mut demo = Demo::start(&["--agencies", "1", "--public-listen", "127.0.0.1:0"]);
        let page = demo.says("Sign in at ").replace("/sign-in as", "");
        let secrets = [
            "  caseworker",
            "  specialist",
            "  operator",
            "Search as the caseworker: --token",
        ];
        let secrets = secrets.map(|name| demo.says(name).trim().to_owned());
        (demo, page, secrets)
    });
    let [(_, page, first), (_, _, second)] = &demos;

    for (one, other) in first.iter().zip(second) {
        assert!(one.len() >= 16 && one != other, "{one} {other}");
    }
    in_time(async {
        assert_eq!(search_with(page, &first[3]).await, Code::Ok);
        let other = search_with(page, &second[3]).await;
        assert_eq!(other, Code::Unauthenticated);
    });
    for (demo, ..) in &mut demos {
        demo.interrupt();
    }
}

#[test]
fn it_stops_by_itself_after_the_time_it_was_given() {
    let demo = Demo::start(&[
        "--agencies",
        "3",
        "--public-listen",
        "127.0.0.1:0",
        "--for",
        "1s",
    ]);

    let (told, code, left) = demo.ends();

    assert_eq!((code, left), (Some(0), 0), "{told:?}");
    assert!(
        told.iter().any(|line| line.starts_with("3 agencies with")),
        "{told:?}"
    );
}

#[test]
fn ctrl_c_while_agencies_arrive_leaves_nothing_behind() {
    let mut demo = Demo::start(&["--agencies", "244", "--public-listen", "127.0.0.1:0"]);
    demo.tells("25 of 244 agencies publish");

    demo.interrupt();

    let (told, code, left) = demo.ends();
    assert_eq!((code, left), (Some(0), 0), "{told:?}");
    assert!(
        !told.iter().any(|line| line.starts_with("244 agencies")),
        "{told:?}"
    );
}

#[test]
fn kept_data_stays_and_is_never_mixed_with_other_data() {
    let outer = tempfile::tempdir().unwrap();
    let kept = outer.path().join("kept");
    let place = kept.to_str().unwrap();
    let arguments = [
        "--agencies",
        "2",
        "--public-listen",
        "127.0.0.1:0",
        "--for",
        "0s",
    ];
    let with_data = [&arguments[..], &["--data", place]].concat();

    assert_eq!(Demo::start(&with_data).ends().1, Some(0));
    let (told, code, _) = Demo::start(&with_data).ends();

    assert!(kept.join("directory").is_dir());
    assert_eq!(std::fs::read_dir(kept.join("agencies")).unwrap().count(), 2);
    assert_eq!(code, Some(2));
    assert!(
        told[0].contains("is not empty; name a new directory"),
        "{told:?}"
    );
}
