//! The program itself: what it prints, how it ends, and what it says when it cannot begin.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use referral_runtime::tls::JoinToken;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::support::http::get;
use crate::support::records::{open, organization, service};
use crate::support::town::town;
use crate::support::{Agency, House, until};

/// The program with these arguments, nothing of this machine's settings in its environment.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_directory-server"));
    command.args(arguments);
    for setting in ["REFERRAL_DIRECTORY", "REFERRAL_DIRECTORY_DATA", "RUST_LOG"] {
        command.env_remove(setting);
    }
    command
}

/// Runs the program to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    program(arguments).output().unwrap()
}

fn said(output: &Output) -> (Option<i32>, String) {
    let errors = String::from_utf8(output.stderr.clone()).unwrap();
    (output.status.code(), errors)
}

/// Runs the program, which must end with this code and say all of this in its last line.
pub(crate) fn fails(arguments: &[&str], code: i32, words: &[&str]) {
    let output = run(arguments);
    let (ended, errors) = said(&output);
    assert_eq!(ended, Some(code), "{arguments:?}: {errors}");
    assert!(output.stdout.is_empty(), "{arguments:?} printed a result");
    for word in words {
        assert!(
            errors.contains(word),
            "{arguments:?}: no {word:?} in {errors}"
        );
    }
    assert!(!errors.contains("panicked"), "{errors}");
}

/// The program serving in a process of its own.
pub(crate) struct Serving {
    child: Child,
    federation: String,
    public: String,
}

impl Serving {
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    pub(crate) fn start_with(data: &Path, more: &[&str]) -> Self {
        let data = data.to_str().unwrap();
        let mut child = program(&["serve", "--data", data])
            .args([
                "--federation-listen",
                "127.0.0.1:0",
                "--public-listen",
                "127.0.0.1:0",
            ])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = |name: &str| {
            let line = lines.next().unwrap().unwrap();
            let (named, address) = line.split_once(' ').unwrap();
            assert_eq!(named, name, "{line}");
            address.trim().to_owned()
        };
        let federation = address("federation");
        assert!(federation.starts_with("https://127.0.0.1:"));
        let public = address("public");
        Self {
            child,
            federation,
            public,
        }
    }

    /// Where nodes connect to: `https://127.0.0.1:PORT`.
    pub(crate) fn federation(&self) -> &str {
        &self.federation
    }

    /// Where everybody else does: `http://127.0.0.1:PORT`.
    pub(crate) fn public(&self) -> &str {
        &self.public
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it ends by itself; gives its exit code.
    fn ended(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Asks it to end, as systemd does.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ended_before = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// A directory in this process with one service, and its address for `--server`.
async fn filled() -> (House, String) {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let batch = vec![
        agency.publish(organization("org")),
        agency.publish(service("legal", "Legal Clinic")),
    ];
    stream.operations(batch).await;
    let report = agency.report(open("legal", 4));
    stream.reports(vec![report]).await;
    house.until_found("Legal Clinic").await;
    let server = format!("http://{}", house.public);
    (house, server)
}

/// Runs `search` against a server without holding up the runtime it serves on.
async fn search(server: &str, arguments: &[&str]) -> Output {
    let mut command = program(&["search", "--server", server]);
    command.args(arguments);
    spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

#[tokio::test]
async fn search_in_json_prints_one_document_with_total_and_results() {
    let (_house, server) = filled().await;
    for (words, total) in [("clinic", 1), ("nothing like it", 0)] {
        let output = search(&server, &["--text", words, "--json"]).await;

        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(printed["totalSize"], total);
        assert_eq!(printed["results"].as_array().unwrap().len(), total);
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
        if total == 1 {
            let result = &printed["results"][0];
            assert_eq!(result["name"], "Legal Clinic");
            assert_eq!(result["capacity"]["state"], "CAPACITY_STATE_OPEN");
            assert_eq!(result["capacity"]["counts"][0]["available"], 4);
        }
    }
}

#[tokio::test]
async fn an_answer_that_nobody_reads_to_its_end_is_no_failure() {
    let (_house, server) = filled().await;
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = program(&["search", "--server", &server, "--json"]);
    command.stdout(writer).stderr(Stdio::piped());

    let output = spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();

    assert_eq!(said(&output), (Some(0), String::new()));
}

#[tokio::test]
async fn search_for_people_says_who_is_open_and_how_old_that_is() {
    let (_house, server) = filled().await;

    let output = search(&server, &[]).await;

    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    for words in ["1 found", "Legal Clinic", "4 of 12 beds", "just now"] {
        assert!(printed.contains(words), "no {words:?} in {printed}");
    }
}

#[tokio::test]
async fn nothing_open_is_not_said_as_if_there_were_nothing() {
    let (_house, server) = filled().await;
    for (availability, hint) in [("open", true), ("any", false)] {
        let none = ["--text", "nothing like it", "--availability", availability];
        let output = search(&server, &none).await;

        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(printed.starts_with("0 found\n"), "{printed}");
        assert_eq!(printed.contains("--availability any"), hint, "{printed}");
    }
}

#[tokio::test]
async fn search_for_people_says_what_would_help_with_the_option_for_it() {
    let house = town().await;
    let server = format!("http://{}", house.public);
    let arguments = [
        "--need",
        "lc:bond",
        "--near",
        "Dilley, TX",
        "--language",
        "es",
    ];

    let output = search(&server, &[&arguments[..], &["--facets"]].concat()).await;

    let printed = String::from_utf8(output.stdout).unwrap();
    for words in [
        "1 found near Dilley, TX",
        "What would help:",
        "In any language: ",
        "[without --language]",
        "What they offer:",
        "(codes=lc:bond)",
    ] {
        assert!(printed.contains(words), "no {words:?} in {printed}");
    }
    let (help, result) = (printed.find("What would help"), printed.find("1. "));
    assert!(help < result, "little is open: what helps comes first");
}

#[tokio::test]
async fn circumstances_filters_and_pages_are_options_of_the_search() {
    let house = town().await;
    let server = format!("http://{}", house.public);
    let all = ["--need", "lc:bond", "--availability", "any", "--json"];
    let first = search(&server, &[&all[..], &["--limit", "1"]].concat()).await;
    let first: Value = serde_json::from_slice(&first.stdout).unwrap();
    let token = first["nextPageToken"].as_str().unwrap();
    let total = first["totalSize"].as_u64().unwrap();

    for (more, found) in [
        (&["--age", "17"][..], total - 1),
        (&["--age", "18"], total),
        (&["--fee", "free"], 1),
        (&["--fee", "low-cost"], 2),
        (&["--access", "remote"], 1),
        (&["--filter", "codes=fee:free"], 1),
        (&["--filter", "languages=es"], 1),
        (&["--filter", "state=waitlist"], 1),
        (&["--language", "mam"], 0),
        (&["--language", "mam", "--interpreter"], 1),
        (&["--limit", "5", "--page-token", token], total),
    ] {
        let output = search(&server, &[&all[..], more].concat()).await;
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();

        assert_eq!(printed["totalSize"], found, "{more:?}");
    }
}

#[tokio::test]
async fn a_need_repeated_searches_for_each_and_names_who_covers_several() {
    let house = town().await;
    let server = format!("http://{}", house.public);
    let arguments = [
        "--need",
        "lc:bond",
        "--need",
        "ho:es",
        "--near",
        "Dilley, TX",
    ];

    let told = search(&server, &arguments).await;
    let json = search(&server, &[&arguments[..], &["--json"]].concat()).await;

    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains("aid: lc:bond and ho:es"), "{told}");
    assert!(told.contains("\nho:es: 1 found near Dilley, TX"), "{told}");
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["answers"].as_array().unwrap().len(), 2);
    assert_eq!(json["answers"][1]["answer"]["totalSize"], 1);
    assert_eq!(json["organizations"][0]["needs"], serde_json::json!([0, 1]));
}

#[tokio::test]
async fn a_search_the_directory_refuses_ends_with_2_and_says_which_field_and_why() {
    let (_house, server) = filled().await;
    let (long, needs) = ("x".repeat(10_240), vec!["lc:bond"; 1_000].join(","));
    let cases = [
        (&["--text", &long][..], "text"),
        (&["--text", "a\u{1b}[31mb"], "text"),
        (&["--text", "\u{1f600}"], "text"),
        (&["--near", "Nowhere At All"], "near"),
        (&["--near", "Springfield"], "near"),
        (&["--near", "-76.61,39.29"], "near"),
        (&["--serves", "00000"], "serves"),
        (&["--need", "nonsense"], "need"),
        (&["--need", "lc:bond,ho:es"], "need"),
        (&["--need", &needs], "need"),
        (&["--language", "no language"], "languages"),
        (&["--nationality", "Nowhere"], "circumstances.nationality"),
        (&["--filter", "codes=nonsense"], "filters.codes"),
        (&["--filter", "in_state=nonsense"], "filters.in_state"),
        (&["--page-token", "-1"], "page_token"),
        (&["--need", "lc:bond", "--need", "nonsense"], "need"),
    ];
    for (arguments, field) in cases {
        let output = search(&server, &[arguments, &["--json"]].concat()).await;

        let (code, errors) = said(&output);
        assert_eq!(code, Some(2), "{field}: {errors}");
        assert!(output.stdout.is_empty());
        assert!(errors.contains(&format!("{field}: ")), "{errors}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
        assert!(
            !errors.contains("nonsense") && !errors.contains("Nowhere"),
            "{errors}"
        );
    }
}

#[test]
fn arguments_that_make_no_sense_end_with_2() {
    let cases: [&[&str]; 23] = [
        &["search", "--availability", "sometimes"],
        &["search", "--near", "78017", "--radius-mi", "NaN"],
        &["search", "--near", "78017", "--radius-mi", "0"],
        &["search", "--near", "78017", "--radius-mi", "1000000000"],
        &["search", "--radius-mi", "10"],
        &["search", "--limit", "0"],
        &["search", "--limit", "201"],
        &["search", "--no-such-option"],
        &["search", "--server", "not an address"],
        &["search", "--custody", "chained"],
        &["search", "--age", "121"],
        &["search", "--age", "-1"],
        &["search", "--immigration", "alien"],
        &["search", "--work-permit", "maybe"],
        &["search", "--access", "by-boat"],
        &["search", "--fee", "a-lot"],
        &["search", "--filter", "lc:bond"],
        &["search", "--filter", "nonsense=x"],
        &["search", "--filter", "state=wide-open"],
        &[
            "search",
            "--filter",
            "in_state=MD",
            "--filter",
            "in_state=VA",
        ],
        &[
            "search",
            "--need",
            "lc:bond",
            "--need",
            "ho:es",
            "--page-token",
            "AQ",
        ],
        &["serve"],
        &["serve", "--data", "x", "--public-listen", "nowhere"],
    ];
    for arguments in cases {
        fails(arguments, 2, &[]);
    }
}

#[test]
fn a_directory_that_does_not_run_ends_a_search_with_69() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let server = format!("http://{address}");

    fails(
        &["search", "--server", &server],
        69,
        &[&server, "cannot be reached"],
    );
}

#[tokio::test]
async fn counted_searches_are_listed_without_small_numbers_also_after_a_kill() {
    let data = TempDir::new().unwrap();
    let mut serving = Serving::start(data.path());
    let asked = search(
        &serving.public,
        &["--need", "lc:bond", "--serves", "78017", "--text", "plight"],
    );
    assert_eq!(said(&asked.await).0, Some(0));
    let folder = data.path().to_str().unwrap().to_owned();
    let listed = || -> Value {
        let output = run(&["searches", "--data", &folder, "--json"]);
        serde_json::from_slice(&output.stdout).unwrap()
    };
    until("the search is written", async || {
        listed()["cells"]
            .as_array()
            .is_some_and(|cells| !cells.is_empty())
    })
    .await;

    serving.child.kill().unwrap();
    serving.child.wait().unwrap();

    let cell = &listed()["cells"][0];
    assert_eq!(cell["need"], "lc:bond");
    assert_eq!(cell["county"], "48163");
    assert_eq!((&cell["open"], &cell["none"]), (&"0".into(), &"<11".into()));
    let week = cell["week"].as_str().unwrap().to_owned();
    let table = run(&["searches", "--data", &folder, "--week", &week]).stdout;
    let table = String::from_utf8(table).unwrap();
    assert!(table.contains("48163 Frio County, TX"), "{table}");
    let other = run(&["searches", "--data", &folder, "--week", "2001-W01"]).stdout;
    assert_eq!(other, b"no searches were counted\n");
    fails(
        &["searches", "--data", &folder, "--week", "47"],
        2,
        &["week"],
    );
}

#[test]
fn an_address_that_cannot_be_asked_is_usage_and_says_how_to_write_it() {
    for (server, says) in [
        ("127.0.0.1:8080", "http://HOST:PORT"),
        ("directory", "http://HOST:PORT"),
        ("https://127.0.0.1:8080", "plain http"),
    ] {
        fails(&["search", "--server", server], 2, &[server, says]);
    }
}

#[tokio::test]
async fn what_is_no_directory_ends_a_search_with_69_and_names_the_address() {
    let (house, _server) = filled().await;
    let page = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let other = page.local_addr().unwrap();
    std::thread::spawn(move || {
        for caller in page.incoming() {
            let _gone = caller.and_then(|mut caller| caller.write_all(b"HTTP/1.1 400 No\r\n\r\n"));
        }
    });

    for address in [house.federation, other] {
        let server = format!("http://{address}");
        let (code, errors) = said(&search(&server, &[]).await);

        assert_eq!(code, Some(69), "{errors}");
        let names = errors.contains(&server) && errors.contains("public address");
        assert!(names, "{errors}");
    }
}

#[test]
fn every_help_has_an_example() {
    let commands: [&[&str]; 29] = [
        &[],
        &["serve"],
        &["search"],
        &["outcomes"],
        &["searches"],
        &["agency"],
        &["agency", "enrol"],
        &["agency", "list"],
        &["agency", "status"],
        &["agency", "grant"],
        &["agency", "revoke"],
        &["agency", "suspend"],
        &["agency", "clear-name"],
        &["authority"],
        &["authority", "export"],
        &["authority", "import"],
        &["clock"],
        &["clock", "confirm"],
        &["coverage"],
        &["coverage", "report"],
        &["coverage", "gaps"],
        &["coverage", "county"],
        &["coverage", "trend"],
        &["coverage", "what-if"],
        &["coverage", "place"],
        &["demand"],
        &["demand", "load"],
        &["demand", "list"],
        &["demand", "remove"],
    ];
    for command in commands {
        let output = run(&[command, &["--help"]].concat());

        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(printed.contains("Example"), "{command:?}: {printed}");
        assert!(
            printed.contains("  directory-server "),
            "{command:?}: {printed}"
        );
        let mut example = printed
            .lines()
            .skip_while(|line| !line.starts_with("Example"));
        let wide = example.find(|line| line.len() > 78);
        assert_eq!(wide, None, "would be broken on a terminal of 80 columns");
    }
}

#[test]
fn an_agency_is_enrolled_with_and_without_a_running_directory() {
    let data = TempDir::new().unwrap();
    let path = data.path().join("directory");
    let enrol = |agency: &str| {
        let data = path.to_str().unwrap();
        let output = run(&[
            "agency",
            "enrol",
            agency,
            "--name",
            &format!("House {agency}"),
            "--data",
            data,
            "--json",
        ]);
        let (code, errors) = said(&output);
        assert_eq!(code, Some(0), "{errors}");
        // A mistyped --data would be a directory of its own, whose tokens no other takes.
        assert_eq!(errors.contains("a new directory"), agency == "harbor");
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(printed["agency"], agency);
        assert_eq!(printed.as_object().unwrap().len(), 2);
        JoinToken::parse(printed["token"].as_str().unwrap()).unwrap()
    };

    let before = enrol("harbor");
    let serving = Serving::start(&path);
    let during = enrol("beacon");
    let listed = run(&["agency", "list", "--data", path.to_str().unwrap(), "--json"]);
    let standing = run(&["agency", "status", "--data", path.to_str().unwrap()]);
    let clock = run(&["clock", "confirm", "--data", path.to_str().unwrap()]);
    assert_eq!(serving.terminate(), Some(0));

    assert_eq!(before.authority(), during.authority());
    assert_ne!(before.secret(), during.secret());
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    let ids: Vec<&str> = listed["agencies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|agency| agency["agencyId"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["beacon", "harbor"]);
    let standing = String::from_utf8(standing.stdout).unwrap();
    let rows: Vec<&str> = standing.lines().map(str::trim).collect();
    assert!(rows[0].starts_with("agency") && rows[0].contains("last heard"));
    assert!(rows[1].starts_with("beacon") && rows[1].contains("invited"));
    let clock = String::from_utf8(clock.stdout).unwrap();
    assert!(
        clock.starts_with("the clock was believed already"),
        "{clock}"
    );
}

#[test]
fn an_agency_with_a_bad_id_or_name_ends_with_2_and_makes_nothing() {
    let data = TempDir::new().unwrap();
    let path = data.path().join("directory");
    let at = path.to_str().unwrap();

    fails(
        &[
            "agency",
            "enrol",
            "Harbor House",
            "--name",
            "x",
            "--data",
            at,
        ],
        2,
        &["AGENCY-ID"],
    );
    fails(
        &["agency", "enrol", "harbor", "--name", "", "--data", at],
        2,
        &["--name"],
    );

    assert!(!path.exists());
}

#[test]
fn agencies_are_listed_only_where_a_directory_runs() {
    let data = TempDir::new().unwrap();

    fails(
        &["agency", "list", "--data", data.path().to_str().unwrap()],
        69,
        &["no directory runs", "serve"],
    );
}

#[tokio::test]
async fn a_directory_that_is_killed_starts_again_and_serves() {
    let data = TempDir::new().unwrap();
    let mut serving = Serving::start(data.path());
    serving.child.kill().unwrap();
    serving.child.wait().unwrap();

    let again = Serving::start(data.path());

    let address = again.public.strip_prefix("http://").unwrap();
    assert_eq!(get(address.parse().unwrap(), "/").await.status, 200);
}

#[test]
fn a_directory_with_a_certificate_says_that_its_pages_are_at_https() {
    let data = TempDir::new().unwrap();
    Serving::start(data.path()).terminate();
    // Any certificate and key will do: these are at hand.
    let config = data.path().join("directory.toml");
    let [certificate, key] = ["ca.pem", "ca.key"].map(|file| data.path().join("ca").join(file));
    let text = format!("[public]\ncertificate = {certificate:?}\nkey = {key:?}\n");
    std::fs::write(&config, text).unwrap();

    let serving = Serving::start_with(data.path(), &["--config", config.to_str().unwrap()]);

    assert!(
        serving.public.starts_with("https://127.0.0.1:"),
        "{}",
        serving.public
    );
}

#[test]
fn a_second_directory_on_the_same_data_is_told_who_holds_it() {
    let data = TempDir::new().unwrap();
    let serving = Serving::start(data.path());
    let at = data.path().to_str().unwrap();
    let ports = [
        "--federation-listen",
        "127.0.0.1:0",
        "--public-listen",
        "127.0.0.1:0",
    ];

    fails(
        &[&["serve", "--data", at], &ports[..]].concat(),
        1,
        &[at, "in use", &format!("process {}", serving.child.id())],
    );
}

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let data = TempDir::new().unwrap();
    let at = data.path().to_str().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    for (this, other) in [
        ("--federation-listen", "--public-listen"),
        ("--public-listen", "--federation-listen"),
    ] {
        fails(
            &["serve", "--data", at, this, &address, other, "127.0.0.1:0"],
            1,
            &[&address, "in use", "another port"],
        );
    }
}

#[test]
fn a_place_that_cannot_hold_data_is_named() {
    let place = TempDir::new().unwrap();
    let file = place.path().join("file");
    std::fs::write(&file, "").unwrap();
    let under_a_file = file.join("data");

    for data in [under_a_file.to_str().unwrap(), "/proc/directory"] {
        fails(
            &["serve", "--data", data],
            1,
            &["cannot create the directory", data],
        );
        fails(
            &["agency", "enrol", "harbor", "--name", "x", "--data", data],
            1,
            &[data],
        );
    }
}

#[test]
fn configurations_that_cannot_be_used_end_with_64_and_name_file_and_key() {
    let place = TempDir::new().unwrap();
    let file = place.path().join("directory.toml");
    let (data, config) = (place.path().join("data"), file.to_str().unwrap());
    let cases = [
        ("[public]\nlisten_on = \"x\"\n", &["listen_on"][..]),
        ("[public]\nlisten = 8080\n", &["listen"]),
        ("[public\n", &["directory.toml:1:"]),
        (
            "[federation]\ntrust_domain = \"Not A Domain\"\n",
            &["trust_domain"],
        ),
        (
            "[public]\ncertificate = \"cert.pem\"\n",
            &["public.key", "set both"],
        ),
        (
            "[public]\ncertificate = \"no.pem\"\nkey = \"no.key\"\n",
            &["no.pem"],
        ),
        (
            "[public]\nlisten = \"0.0.0.0:0\"\n",
            &["0.0.0.0", "needs TLS", "certificate"],
        ),
    ];
    for (text, words) in cases {
        std::fs::write(&file, text).unwrap();
        let arguments = [
            "serve",
            "--config",
            config,
            "--data",
            data.to_str().unwrap(),
        ];

        fails(
            &[&arguments[..], &["--federation-listen", "127.0.0.1:0"]].concat(),
            64,
            words,
        );
    }
    std::fs::remove_file(&file).unwrap();
    fails(
        &[
            "serve",
            "--config",
            config,
            "--data",
            data.to_str().unwrap(),
        ],
        64,
        &[config],
    );
    assert!(
        !data.exists(),
        "a bad configuration makes no data directory"
    );
}

#[tokio::test]
async fn a_pipe_gets_the_words_alone_and_colours_come_only_where_they_are_wanted() {
    let (_house, server) = filled().await;
    let ask = async |settings: &[(&str, &str)]| {
        let mut command = program(&["search", "--server", &server]);
        for setting in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(setting);
        }
        command.envs(settings.iter().copied());
        let output = spawn_blocking(move || command.output().unwrap());
        String::from_utf8(output.await.unwrap().stdout).unwrap()
    };

    let (piped, forced) = (ask(&[]).await, ask(&[("CLICOLOR_FORCE", "1")]).await);

    assert!(!piped.contains('\u{1b}'), "{piped:?}");
    assert!(forced.contains("\u{1b}[32m"), "{forced:?}");
    assert_eq!(referral_runtime::paint::plain(&forced), piped);
}

/// What `doctor` says of each check, as scripts read it.
fn doctor(arguments: &[&str], code: i32) -> Vec<(String, String)> {
    let output = run(&[&["doctor", "--json"], arguments].concat());
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = found["findings"].as_array().unwrap().iter();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .map(|one| (word(&one["check"]), word(&one["verdict"])))
        .collect()
}

#[test]
fn the_doctor_looks_at_a_directory_and_changes_nothing() {
    let place = TempDir::new().unwrap();
    let data = place.path().join("data");
    let data = data.to_str().unwrap();
    let is = |found: &[(String, String)], check: &str, verdict: &str| {
        let found = found.iter().find(|(name, _)| name == check);
        assert_eq!(
            found.map(|(_, verdict)| verdict.as_str()),
            Some(verdict),
            "{check}"
        );
    };

    let before = doctor(&["--data", data], 1);
    assert!(!Path::new(data).exists(), "a doctor makes nothing");
    let serving = Serving::start(Path::new(data));
    let runs = doctor(&["--data", data], 0);
    drop(serving);
    let ended = doctor(&["--data", data], 0);
    let key = Path::new(data).join("ca/ca.key");
    let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&key, everybody).unwrap();
    let exposed = doctor(&["--data", data], 1);

    is(&before, "data directory", "ill");
    for check in ["authority", "secrets", "audit log", "directory", "agencies"] {
        is(&runs, check, "well");
    }
    is(&runs, "backup", "care");
    is(&ended, "directory", "care");
    is(&exposed, "secrets", "ill");
}

#[test]
fn the_doctor_says_what_is_wrong_with_a_configuration() {
    let place = TempDir::new().unwrap();
    let file = place.path().join("directory.toml");
    std::fs::write(&file, "[alerts]\nneeds = [\"no:such\"]\n").unwrap();
    let data = place.path().to_str().unwrap();

    let output = run(&["doctor", "--data", data, "--config", file.to_str().unwrap()]);

    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{printed}");
    let line = printed
        .lines()
        .find(|line| line.starts_with("configuration"));
    assert!(line.is_some_and(|line| line.contains("ILL")), "{printed}");
    assert!(
        line.is_some_and(|line| line.contains("alerts.needs")),
        "{printed}"
    );
}

/// The journal's segment is full, cannot be closed since no write goes beyond so many bytes of a file, and is not where
/// it was: nothing can be verified.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_directory_that_can_no_longer_trust_its_journal_ends_with_75() {
    let (house, _) = filled().await;
    let mut lantern = Agency::join(&house, "lantern").await;
    let mut stream = lantern.stream(&house).await;
    let many = (0..60).map(|n| lantern.publish(organization(&format!("org-{n}"))));
    stream.operations(many.collect()).await;
    drop(stream);
    let stopped = house.stop().await;
    let data = stopped.data.path();
    let config = data.join("directory.toml");
    std::fs::write(&config, "[journal]\nsegment_bytes = 4096\n").unwrap();
    let serving = Serving::start_with(data, &["--config", config.to_str().unwrap()]);

    let segment = format!("{:020}.journal", 1);
    std::fs::rename(data.join("journal").join(&segment), data.join(segment)).unwrap();
    let id = serving.id().to_string();
    let limited = Command::new("prlimit")
        .args(["--pid", &id, "--fsize=8192"])
        .status()
        .unwrap();
    assert!(limited.success());
    let at = data.to_str().unwrap();
    let invited = run(&[
        "agency", "enrol", "beacon", "--name", "Beacon", "--data", at,
    ]);

    assert!(!invited.status.success(), "what is not durable is not done");
    assert_eq!(serving.ended(), Some(75));
}
