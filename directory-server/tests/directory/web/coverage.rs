//! The coverage pages over a running directory: numbers that agree, faults beside their fields, files, alerts.

use std::time::Duration;

use directory_server::config::AlertsConfig;
use directory_server::operations::{Alerts, Watched};
use directory_server::watching::{Plan, watch};
use referral_runtime::mail::{MailConfig, Mailer};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::support::House;
use crate::support::html::Page;
use crate::support::http::{Answer, get, request};
use crate::support::town::town;

/// Everything there is, about bond cases.
const PAGES: [&str; 7] = [
    "/coverage?need=lc:bond",
    "/coverage?need=lc:bond&state=TX",
    "/coverage/county/48163?need=lc:bond",
    "/coverage/brief?need=lc:bond",
    "/coverage/trend?need=lc:bond&weeks=2",
    "/coverage/what-if?need=lc:bond",
    "/coverage/what-if?need=lc:bond&near=Laredo,+TX&places=4",
];

fn watched() -> Watched {
    let needs = vec!["lc:bond".to_owned()];
    let config = AlertsConfig {
        needs,
        ..AlertsConfig::default()
    };
    config.watched().unwrap()
}

fn page(answer: &Answer) -> Page {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let kind = answer.header("content-type");
    assert_eq!(kind, Some("text/html; charset=utf-8"));
    Page::read(answer.text())
}

#[tokio::test]
async fn every_page_is_sound_and_says_what_it_is_about() {
    let house = town().await;
    for path in PAGES {
        let answer = get(house.public, path).await;

        let page = page(&answer);
        assert_eq!(page.all("h1").len(), 1, "{path}");
        assert!(
            answer
                .text()
                .contains("Release from custody on bond or parole"),
            "{path}"
        );
        assert!(answer.text().contains("Residents of 2020-07-01"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[tokio::test]
async fn every_page_is_at_most_100_kb_over_the_wire() {
    let house = town().await;
    for path in PAGES {
        let asks = [("accept-encoding", "gzip")];
        let answer = request(house.public, "GET", path, &asks, b"").await;

        assert_eq!(answer.header("content-encoding"), Some("gzip"), "{path}");
        let size = answer.body.len();
        assert!(size <= 100_000, "{path} is {size} bytes");
    }
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept() {
    let house = House::new().await;
    for (field, typed) in [
        ("need", "nonsense"),
        ("measure", "luck"),
        ("miles", "far"),
        ("state", "Atlantis"),
        ("date", "tomorrow"),
        ("date", "2126-01-01"),
        ("demand", "Nobody"),
        ("language", "!"),
        ("age", "\"><script>alert(1)</script>"),
        ("nationality", "Nowhere"),
        ("organizations", "many"),
        ("assumed", "-1"),
        ("rings", "wide"),
        ("unit", "sofa"),
    ] {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair(field, typed);
        let answer = get(house.public, &format!("/coverage?{}", query.finish())).await;

        assert_eq!(answer.status, 400, "{field}={typed}");
        let page = Page::read(answer.text());
        let faults = page.id(&format!("{field}-fault"));
        assert!(faults.is_some(), "{field}={typed}");
        let control = page.id(field).unwrap();
        assert_eq!(control.attribute("aria-invalid"), Some("true"), "{field}");
        assert!(!answer.text().contains("<script"), "{field}");
    }
}

#[tokio::test]
async fn a_wrong_address_is_no_page() {
    let house = House::new().await;
    for path in [
        "/coverage/county/99999",
        "/coverage/county/x",
        "/coverage/report.pdf",
        "/coverage/other.csv",
        "/coverage/trend.geojson",
    ] {
        assert_eq!(get(house.public, path).await.status, 404, "{path}");
    }
    let wrong = get(house.public, "/coverage/report.csv?miles=far&need=lc:bond").await;
    assert_eq!(wrong.status, 400);
    assert!(
        wrong.text().starts_with("miles: A distance is"),
        "{}",
        wrong.text()
    );
}

/// The address that the page links to for a file.
fn file(page: &Page, form: &str) -> String {
    let links = page.all("a");
    let mut links = links.iter().filter_map(|link| link.attribute("href"));
    let found = links.find(|href| href.contains(&format!("/coverage/report.{form}?")));
    found.unwrap().to_owned()
}

#[tokio::test]
async fn page_and_files_say_the_same_numbers_and_the_same_bytes_again() {
    let house = town().await;
    let report = page(&get(house.public, "/coverage?need=lc:bond&state=TX").await);
    house.clock.advance(Duration::from_hours(1));

    let csv = get(house.public, &file(&report, "csv")).await;
    let places = get(house.public, &file(&report, "geojson")).await;
    let whole = get(house.public, &file(&report, "json")).await;

    let json: Value = serde_json::from_str(whole.text()).unwrap();
    let places: Value = serde_json::from_str(places.text()).unwrap();
    let counties = json["counties"].as_array().unwrap();
    assert_eq!(counties.len(), 254);
    let frio = |row: &&Value| row["county_fips"] == "48163";
    let frio = counties.iter().find(frio).unwrap();
    assert_eq!(frio["value_is"], "number");
    assert_eq!(frio["open_here"], 4);
    let miles = frio["value"].as_f64().unwrap() / 1.609_344;
    let county = get(house.public, "/coverage/county/48163?need=lc:bond").await;
    assert!(miles < 30.0, "{miles}");
    assert!(
        county.text().contains(" miles</strong>"),
        "{}",
        county.text()
    );
    let features = places["features"].as_array().unwrap();
    assert!(
        features
            .iter()
            .any(|feature| feature["properties"] == *frio)
    );
    let value = frio["value"].to_string();
    let row = csv
        .text()
        .lines()
        .find(|line| line.starts_with("48163,"))
        .unwrap();
    assert!(row.contains(&value), "{row}");
    let again = get(house.public, &file(&report, "csv")).await;
    assert_eq!(csv.body, again.body, "the moment is pinned in the link");
    assert_eq!(
        csv.header("content-disposition"),
        Some("attachment; filename=\"coverage.csv\"")
    );
}

#[tokio::test]
async fn a_county_says_what_is_there_what_is_nearest_and_on_whom_it_depends() {
    let house = town().await;

    let answer = get(house.public, "/coverage/county/48163?need=lc:bond").await;

    let text = answer.text();
    assert!(
        text.contains("<strong>4</strong> open and confirmed in time"),
        "{text}"
    );
    assert!(text.contains("No single organization"), "{text}");
    assert!(text.contains("La Salle County, TX"), "a county beside it");
}

#[tokio::test]
async fn places_added_where_nobody_is_change_the_counties_around() {
    let house = town().await;

    let path = "/coverage/what-if?need=lc:bond&near=Boise,+ID&places=4";
    let answer = get(house.public, path).await;

    let text = answer.text();
    assert!(text.contains("4 more places"), "{text}");
    assert!(text.contains("Ada County: "), "{text}");
    let wrong = get(
        house.public,
        "/coverage/what-if?need=lc:bond&near=zzzzzz&places=none",
    )
    .await;
    assert_eq!(wrong.status, 400);
    let page = Page::read(wrong.text());
    assert!(
        page.id("near-fault").is_some() && page.id("places-fault").is_some(),
        "{}",
        wrong.text()
    );
}

async fn looked(house: &House) -> std::sync::Arc<Alerts> {
    house.directory.look_for_alerts(&watched()).await.unwrap()
}

#[tokio::test]
async fn when_the_last_report_goes_stale_it_is_an_alert_on_the_page_in_the_feed_and_in_metrics() {
    let house = town().await;
    house.clock.advance(Duration::from_hours(1));
    assert!(looked(&house).await.standing.is_empty());
    house.clock.advance(Duration::from_hours(24 * 7 - 1));

    let alerts = looked(&house).await;

    let codes: Vec<&str> = alerts.standing.iter().map(|alert| alert.code).collect();
    assert!(codes.contains(&"last_open_gone"), "{alerts:#?}");
    assert!(codes.contains(&"agency_silent"), "{alerts:#?}");
    let page = get(house.public, "/coverage/alerts").await;
    assert!(page.text().contains("counties of Texas"), "{}", page.text());
    assert!(page.text().contains("call first"), "{}", page.text());
    let feed = get(house.public, "/coverage/alerts.atom").await;
    let kind = feed.header("content-type");
    assert_eq!(kind, Some("application/atom+xml; charset=utf-8"));
    assert_eq!(
        feed.text().matches("<entry>").count(),
        alerts.standing.len()
    );
    let metrics = get(house.public, "/metrics").await;
    assert!(
        metrics
            .text()
            .contains("referral_alerts{kind=\"last_open_gone\"} 1\n"),
        "{}",
        metrics.text()
    );
}

/// Takes one letter as a mail server would, and gives it.
async fn letter(server: TcpListener) -> String {
    let (stream, _) = server.accept().await.unwrap();
    let mut stream = BufReader::new(stream);
    say(&mut stream, "220 mail.example").await;
    let mut letter = String::new();
    let mut reading = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap() == 0 {
            return letter;
        }
        if reading && line != ".\r\n" {
            letter.push_str(&line);
            continue;
        }
        let answer = match line.split_whitespace().next() {
            Some("DATA") => "354 go on",
            Some("QUIT") => "221 bye",
            _ => "250 ok",
        };
        reading = answer.starts_with("354");
        say(&mut stream, answer).await;
        if answer.starts_with("221") {
            return letter;
        }
    }
}

async fn say(stream: &mut BufReader<TcpStream>, line: &str) {
    let line = format!("{line}\r\n");
    stream.write_all(line.as_bytes()).await.unwrap();
}

#[tokio::test]
async fn a_digest_of_new_alerts_is_sent_once() {
    let house = town().await;
    house.clock.advance(Duration::from_hours(24 * 7));
    let server = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = server.local_addr().unwrap().port();
    let mail: MailConfig = toml::from_str(&format!(
        "smtp = \"smtp://127.0.0.1:{port}\"\nfrom = \"d@directory.example\"\nto = [\"t@force.example\"]\n"
    ))
    .unwrap();
    let plan = Plan {
        watched: watched(),
        every: Duration::from_hours(1),
        digest: Duration::from_hours(24),
        mailer: Some(Mailer::new(&mail).unwrap()),
    };
    let stop = CancellationToken::new();
    let read = async {
        let letter = crate::support::soon("a letter", letter(server)).await;
        let told = async || {
            let alerts = house.directory.alerts();
            alerts.standing.iter().all(|alert| alert.told)
        };
        crate::support::until("all are told", told).await;
        stop.cancel();
        letter
    };

    let ((), letter) = tokio::join!(watch(house.directory.clone(), plan, stop.clone()), read);

    assert!(letter.contains("To: t@force.example"), "{letter}");
    assert!(letter.contains("Subject: Referral directory: "), "{letter}");
    assert!(house.directory.last_digest().is_some());
}
