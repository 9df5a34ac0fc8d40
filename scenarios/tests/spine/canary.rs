//! Fifty addresses that must not be known, private in every way a file can say it, are published and used: not
//! one is in anything that the directory says, logs or writes, nor in the data of the agency's own node.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use prost::Message;
use referral_proto::v1;
use referral_proto::v1::catalog_service_client::CatalogServiceClient;
use referral_proto::v1::watch_response::Message as Said;
use referral_proto::v1::watch_service_client::WatchServiceClient;
use serde_json::{Value, json};
use tempfile::TempDir;
use tonic::transport::Endpoint;

use crate::network::{Directory, Node, eventually, program, run};
use crate::routes::routes;

const CANARIES: usize = 50;

/// A street that is nowhere else.
struct Canary {
    number: usize,
    word: String,
}

/// How a file says that an address is private. Every way stands for five canaries.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// A column of the location.
    Flag(&'static str),
    /// An attribute of the location.
    OfLocation(&'static str),
    /// An attribute of the service: who may see it.
    OfService(&'static str),
    /// Words in the address itself.
    InAddress(&'static str),
    /// What the service is called.
    InName(&'static str),
    /// The street repeated in a text of a flagged location's service.
    InText,
}

const WAYS: [Way; 10] = [
    Way::Flag("private"),
    Way::Flag("confidential"),
    Way::OfLocation("conf:net"),
    Way::OfLocation("ho:conf"),
    Way::OfService("conf:member"),
    Way::OfService("conf:ask"),
    Way::OfService("conf:seal"),
    Way::InAddress(" (undisclosed)"),
    Way::InName("Domestic violence shelter"),
    Way::InText,
];

impl Canary {
    fn of(number: usize) -> Self {
        // Letters that no dictionary, name or place has, different for each.
        let letters = b"bdfgkmnpqvxz";
        let (one, two) = (letters[number % 12] as char, letters[number / 12] as char);
        Self {
            number,
            word: format!("quillow{one}{two}marsh"),
        }
    }

    fn way(&self) -> Way {
        WAYS[self.number % WAYS.len()]
    }

    fn id(&self) -> String {
        format!("s{}", self.number)
    }

    fn house(&self) -> usize {
        7_100 + self.number
    }

    fn street(&self) -> String {
        format!("{} {} Lane", self.house(), self.word)
    }

    /// In Baltimore, to a tenth of a metre.
    fn point(&self) -> (f64, f64) {
        let step = u32::try_from(self.number).map_or(0.0, f64::from);
        (
            39.290_123_7 + step * 0.000_517_3,
            -76.610_987_1 - step * 0.000_431_9,
        )
    }

    /// What must be nowhere: the street's word, its coordinates as text and as bytes.
    fn traces(&self) -> Vec<Vec<u8>> {
        let (lat, lon) = self.point();
        vec![
            self.word.clone().into_bytes(),
            decimals(lat),
            decimals(lon.abs()),
            lat.to_le_bytes().to_vec(),
            lon.to_le_bytes().to_vec(),
        ]
    }

    fn service(&self) -> Value {
        let mut address = json!({
            "address_type": "physical", "address_1": self.street(), "city": "Baltimore",
            "state_province": "MD", "postal_code": "21202", "country": "US",
        });
        let (lat, lon) = self.point();
        let mut location = json!({
            "id": format!("l{}", self.number), "location_type": "physical",
            "name": format!("{} house", self.word), "latitude": lat, "longitude": lon,
            "transportation": format!("Bus to {}", self.street()),
        });
        let mut service = json!({
            "id": self.id(), "status": "active", "name": format!("Beds number {}", self.number),
            "description": "Beds for a night",
            "organization": {"id": "o", "name": "Harbor Help", "description": "Since 1990"},
            "phones": [{"number": format!("410-555-{:04}", self.number)}],
        });
        let attribute = |code: &str| json!([{"taxonomy_term": {"name": code, "code": code}}]);
        match self.way() {
            Way::Flag(column) => location[column] = json!(true),
            Way::OfLocation(code) => location["attributes"] = attribute(code),
            Way::OfService(code) => service["attributes"] = attribute(code),
            Way::InAddress(words) => {
                address["address_1"] = json!(format!("{}{words}", self.street()));
            }
            Way::InName(name) => service["name"] = json!(format!("{name} {}", self.number)),
            Way::InText => {
                location["private"] = json!(true);
                let text = format!("Ring twice at {}.", self.street());
                service["description"] = json!(text);
            }
        }
        location["addresses"] = json!([address]);
        service["service_at_locations"] = json!([{"location": location}]);
        service
    }
}

/// Everything that was said, by what said it.
#[derive(Default)]
struct Heard(Vec<(String, Vec<u8>)>);

impl Heard {
    fn hear(&mut self, what: impl Into<String>, said: impl Into<Vec<u8>>) {
        self.0.push((what.into(), said.into()));
    }

    /// Everything under a folder.
    fn read(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            let kind = entry.file_type().expect("a kind");
            if kind.is_dir() {
                self.read(&path);
            } else if kind.is_file() {
                self.hear(path.display().to_string(), fs::read(&path).expect("a file"));
            }
        }
    }
}

fn canaries() -> Vec<Canary> {
    (0..CANARIES).map(Canary::of).collect()
}

#[test]
fn no_private_address_is_in_anything_that_comes_out() {
    let home = TempDir::new().expect("a temporary directory");
    let (log, node_log) = (
        home.path().join("directory.log"),
        home.path().join("node.log"),
    );
    let mut directory = Directory::start_talkative(&home, &log);
    let mut node = directory.join(&home, "harbor");
    node.start_talkative(&node_log);
    let mut heard = Heard::default();

    publish(&directory, &node, &home, &mut heard);
    use_everything(&directory, &node, &home, &mut heard);
    directory.kill();
    fs::remove_dir_all(directory.data().join("index")).expect("an index");
    directory.restart();
    ask(&directory, &mut heard);
    directory.kill();
    node.kill();

    heard.read(directory.data());
    heard.read(node.data());
    heard.read(&home.path().join("backup"));
    for log in [log, node_log] {
        let said = fs::read(&log).expect("a log");
        assert!(!said.is_empty(), "{} says nothing", log.display());
        heard.hear(log.display().to_string(), said);
    }
    let mut leaks = String::new();
    for canary in canaries() {
        for trace in canary.traces() {
            for (what, said) in &heard.0 {
                if contains(said, &trace) {
                    let _infallible =
                        writeln!(leaks, "{:?} {} is in {what}", canary.way(), canary.number);
                }
            }
        }
    }
    assert!(leaks.is_empty(), "{leaks}");
}

/// The search for traces finds them where they are.
#[test]
fn a_trace_that_is_there_is_found() {
    let canary = Canary::of(17);
    let file = serde_json::to_string(&canary.service()).expect("JSON");

    assert!(contains(
        file.to_uppercase().as_bytes(),
        &canary.traces()[0]
    ));
    assert!(contains(file.as_bytes(), &canary.traces()[1]));
    let words: Vec<String> = canaries().into_iter().map(|canary| canary.word).collect();
    assert!(
        words
            .iter()
            .all(|word| words.iter().filter(|other| *other == word).count() == 1)
    );
}

fn publish(directory: &Directory, node: &Node, home: &TempDir, heard: &mut Heard) {
    // The agency's own file is where the addresses may be, and is not read below.
    let folder = home.path().join("own file");
    fs::create_dir(&folder).expect("a folder");
    let file = folder.join("services.json");
    let services: Vec<Value> = canaries().iter().map(Canary::service).collect();
    let text = serde_json::to_vec(&services).expect("JSON");
    fs::write(&file, text).expect("a file");
    for how in ["--json", "--dry-run"] {
        let said = run(node.command("import hsds").arg(&file).arg(how), 0);
        heard.hear(format!("import {how}"), said);
    }
    for canary in canaries().iter().step_by(3) {
        let capacity = format!("capacity set {} open", canary.id());
        let mut set = node.command(&capacity);
        let set = set.args(["--unit", "bed", "--available", "4", "--max", "9"]);
        let output = set.output().expect("the program starts");
        heard.hear("capacity set", [output.stdout, output.stderr].concat());
    }
    heard.hear("publish", run(&mut node.command("publish"), 0));
    eventually("services are searchable", || {
        let answer = directory.search(&["--availability", "any"]);
        (answer["totalSize"].as_u64()? >= 15).then_some(())
    });
}

/// Every feature, and what each says.
fn use_everything(directory: &Directory, node: &Node, home: &TempDir, heard: &mut Heard) {
    ask(directory, heard);
    for command in [
        "status",
        "conflicts",
        "verify",
        "doctor",
        "withdraw s0",
        "delete s10 --yes",
    ] {
        let said = node.command(command).output().expect("the program starts");
        heard.hear(
            format!("agency-node {command}"),
            [said.stdout, said.stderr].concat(),
        );
    }
    let backup = home.path().join("backup");
    let data = directory.data().display().to_string();
    let to = backup.display().to_string();
    let pack = home.path().join("pack.html").display().to_string();
    let url = directory.public_url();
    let commands: [&[&str]; 12] = [
        &["backup", "--to", &to],
        &["agency", "list"],
        &["agency", "status", "--json"],
        &[
            "person",
            "invite",
            "ana@example.org",
            "--role",
            "caseworker",
        ],
        &["person", "list"],
        &["token", "list"],
        &["audit", "show"],
        &["audit", "verify"],
        &["what-we-hold", "harbor"],
        &["searches"],
        &["doctor"],
        &["pack", "--near", "21202", "--out", &pack, "--server", &url],
    ];
    for command in commands {
        let mut program = program("directory-server");
        let program = program.args(command);
        let asks_a_server = command.contains(&"--server");
        let said = if asks_a_server {
            program.output()
        } else {
            program.args(["--data", &data]).output()
        };
        let said = said.expect("the program starts");
        heard.hear(
            format!("directory-server {command:?}"),
            [said.stdout, said.stderr].concat(),
        );
    }
    assert!(backup.exists(), "there is a backup");
    heard.hear("the pack", fs::read(pack).expect("a pack"));
    heard.hear("the change feed", feed(&directory.public_url()));
}

/// Searches over gRPC and in the pages.
fn ask(directory: &Directory, heard: &mut Heard) {
    let point = Canary::of(0).point();
    // The answer says the place that was asked for: to a tenth of a mile, which is no trace of a house.
    let near = format!("{:.3},{:.3}", point.0, point.1);
    let canary = Canary::of(0);
    let searches: [&[&str]; 6] = [
        &["--availability", "any", "--limit", "200"],
        &[
            "--near",
            "21202",
            "--availability",
            "any",
            "--limit",
            "200",
            "--facets",
        ],
        &["--near", &near, "--radius-mi", "1", "--availability", "any"],
        &["--text", "beds", "--availability", "open"],
        &["--text", "harbor help", "--availability", "any"],
        &["--serves", "Baltimore, MD", "--availability", "any"],
    ];
    for search in searches {
        let mut program = program("directory-server");
        let url = directory.public_url();
        let said = program
            .args(["search", "--json", "--server", &url])
            .args(search)
            .output();
        let said = said.expect("the program starts");
        heard.hear(
            format!("search {search:?}"),
            [said.stdout, said.stderr].concat(),
        );
    }
    // Who looks for the street itself finds nothing. What was typed is in the form that comes back, and only there.
    for words in [canary.word.clone(), canary.house().to_string()] {
        let found = directory.search(&["--text", &words, "--availability", "any"]);
        assert_eq!(
            found["totalSize"].as_u64().unwrap_or(0),
            0,
            "{words}: {found}"
        );
    }
    ask_pages(directory, heard);
    heard.hear("signed records", signed(&directory.public_url()));
}

/// Every address there is, and those that a canary could be behind.
fn ask_pages(directory: &Directory, heard: &mut Heard) {
    let forms = [
        "availability=any",
        "near=21202&availability=any",
        "text=beds&availability=any&near=Baltimore%2C+MD",
    ];
    for form in forms {
        heard.hear(
            format!("POST / {form}"),
            page(&directory.public_url(), "POST", "/", form),
        );
    }
    let near = "near=21202&availability=any";
    let mut pages: BTreeSet<String> = routes("directory-server/src/web");
    // What never ends.
    pages.remove("/live");
    pages.extend([
        format!("/?{near}"),
        format!("/travel?{near}&need=dom:hou&need=dom:leg"),
        format!("/handout?{near}&need=dom:hou&write=en"),
        "/pack?near=21202".to_owned(),
        "/pack/file?near=21202".to_owned(),
        "/coverage?state=MD".to_owned(),
        "/coverage/county/24510".to_owned(),
        "/coverage/report.csv?state=MD".to_owned(),
        "/coverage/report.json?state=MD".to_owned(),
        "/coverage/report.geojson?state=MD".to_owned(),
        "/coverage/trend.csv?state=MD".to_owned(),
        "/no-such".to_owned(),
    ]);
    for canary in canaries() {
        let service = canary.id();
        pages.insert(format!("/service/harbor/{service}"));
        pages.insert(format!(
            "/look?agency=harbor&service={service}&part=description"
        ));
    }
    for path in pages {
        heard.hear(
            format!("GET {path}"),
            page(&directory.public_url(), "GET", &path, ""),
        );
    }
}

/// The signed records of every service and location, as far as anybody gets them.
fn signed(url: &str) -> Vec<u8> {
    let name = |kind: v1::RecordKind, local_id| v1::RecordName {
        kind: kind.into(),
        local_id,
    };
    let names = canaries().into_iter().flat_map(|canary| {
        let location = format!("l{}", canary.number);
        [
            name(v1::RecordKind::Service, canary.id()),
            name(v1::RecordKind::Location, location),
        ]
    });
    let request = v1::GetSignedRequest {
        agency_id: "harbor".to_owned(),
        records: names.collect(),
    };
    let endpoint = Endpoint::from_shared(url.to_owned()).expect("an address");
    in_runtime(async move {
        let channel = endpoint.connect().await.expect("a connection");
        let answer = CatalogServiceClient::new(channel).get_signed(request).await;
        let answer = answer.expect("an answer").into_inner();
        let given = answer.records.iter().any(|one| one.operation.is_some());
        assert!(given, "some are for everybody");
        answer.encode_to_vec()
    })
}

fn page(url: &str, method: &str, path: &str, form: &str) -> Vec<u8> {
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).expect("a connection");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    answer
}

/// The whole change feed up to its first bookmark after the snapshot.
fn feed(url: &str) -> Vec<u8> {
    let url = url.to_owned();
    in_runtime(async move {
        let endpoint = Endpoint::from_shared(url).expect("an address");
        let mut client = WatchServiceClient::new(endpoint.connect().await.expect("a connection"));
        let request = v1::WatchRequest::default();
        let mut stream = client.watch(request).await.expect("the feed").into_inner();
        let mut said = Vec::new();
        let mut entries = 0;
        while let Some(message) = stream.message().await.expect("a message") {
            said.extend(message.encode_to_vec());
            match message.message {
                Some(Said::Entries(batch)) => entries += batch.entries.len(),
                Some(Said::Bookmark(_)) if entries > 0 => break,
                _ => {}
            }
        }
        said
    })
}

fn in_runtime<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(work)
}

/// A coordinate as any program writes it, to its fifth decimal: about a metre.
fn decimals(degrees: f64) -> Vec<u8> {
    degrees
        .to_string()
        .into_bytes()
        .into_iter()
        .take(8)
        .collect()
}

/// Whether `trace` stands anywhere in `said`, whatever the case of its letters.
fn contains(said: &[u8], trace: &[u8]) -> bool {
    said.windows(trace.len())
        .any(|part| part.eq_ignore_ascii_case(trace))
}
