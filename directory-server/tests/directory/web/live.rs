//! States that change while a page is open.

use std::net::SocketAddr;
use std::time::Duration;

use referral_core::catalog::{Record, Tier};
use referral_core::id::{AgencyId, Kind, RecordKey};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::page;
use crate::support::http::get;
use crate::support::records::{
    confidential, id, location, offered, open, organization, plain_service, service,
};
use crate::support::{Agency, House, until};

/// An open page: what it was told so far.
struct Open {
    connection: TcpStream,
    told: String,
}

impl Open {
    async fn at(address: SocketAddr, path: &str) -> Self {
        let mut connection = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
        connection.write_all(request.as_bytes()).await.unwrap();
        Self {
            connection,
            told: String::new(),
        }
    }

    /// Reads until the page was told this; gives what it was told since the last time.
    async fn until_told(&mut self, words: &str) -> String {
        let read = async {
            while !self.told.contains(words) {
                let mut bytes = [0; 4_096];
                let read = self.connection.read(&mut bytes).await.unwrap();
                assert!(read > 0, "the stream ended: {}", self.told);
                self.told.push_str(&String::from_utf8_lossy(&bytes[..read]));
            }
            std::mem::take(&mut self.told)
        };
        timeout(Duration::from_secs(20), read).await.expect(words)
    }

    async fn ended(&mut self) -> bool {
        let mut rest = Vec::new();
        let read = self.connection.read_to_end(&mut rest);
        timeout(Duration::from_secs(20), read).await.is_ok()
    }
}

/// Where a page asks for the states it shows.
async fn live_of(house: &House, path: &str) -> String {
    let answer = get(house.public, path).await;
    let page = page(&answer);
    let shown = page.all("p").into_iter();
    let shown = shown.filter_map(|line| line.attribute("data-live"));
    let names: Vec<String> = shown.map(|name| format!("s={name}")).collect();
    assert!(!names.is_empty());
    format!("/live?{}", names.join("&"))
}

#[tokio::test]
async fn an_open_page_is_told_what_it_shows_and_every_change_of_it() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let batch = vec![
        agency.publish(organization("org")),
        agency.publish(service("beds", "Night Shelter")),
        agency.publish(service("other", "Other")),
    ];
    stream.operations(batch).await;
    let reports = vec![agency.report(open("beds", 4))];
    stream.reports(reports).await;
    until("all are found", async || house.names("").len() == 2).await;
    let path = live_of(&house, "/?text=night").await;
    let mut page = Open::at(house.public, &path).await;
    let first = page.until_told("4 of 12 beds").await;
    assert!(
        first.contains("text/event-stream") && first.contains("event: state"),
        "{first}"
    );

    let reports = vec![
        agency.report(open("other", 9)),
        agency.report(open("beds", 3)),
    ];
    stream.reports(reports).await;

    let told = page.until_told("3 of 12 beds").await;
    assert!(
        !told.contains("9 of 12"),
        "what the page does not show: {told}"
    );
}

#[tokio::test]
async fn a_remote_service_that_has_a_place_stays_as_it_was_found() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let Record::Service(mut advice) = offered("advice", "Advice by Phone", &["office"]) else {
        panic!("it is a service");
    };
    advice.remote = true;
    let batch = vec![
        agency.publish(organization("org")),
        agency.publish(location("office", "Baltimore", 39.29, -76.61)),
        agency.publish(Record::Service(advice)),
    ];
    stream.operations(batch).await;
    let reports = vec![agency.report(open("advice", 4))];
    stream.reports(reports).await;
    until("it is found", async || house.names("").len() == 1).await;
    // Far from its office: it is found as a remote one.
    let path = live_of(&house, "/?near=Los+Angeles,+CA").await;

    let mut page = Open::at(house.public, &path).await;

    let told = page.until_told("event: state").await;
    assert!(told.contains("4 of 12"), "{told}");
}

#[tokio::test]
async fn a_confidential_number_is_in_no_stream() {
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let mut hidden = plain_service("hidden", "Hidden");
    hidden.tier = Tier::Member;
    let batch = vec![
        agency.publish(organization("org")),
        agency.publish(confidential("safe", "48163")),
        agency.publish(offered("refuge", "Refuge", &["safe"])),
        agency.publish(Record::Service(Box::new(hidden))),
    ];
    stream.operations(batch).await;
    house.until_found("Refuge").await;
    let path = live_of(&house, "/?availability=any").await;
    let hidden = RecordKey {
        agency: AgencyId::parse("harbor").unwrap(),
        kind: Kind::Service,
        id: id("hidden"),
    };
    let hidden = hidden.public_id();
    let mut page = Open::at(house.public, &format!("{path}&s={hidden}")).await;
    page.until_told("Not listed any more").await;

    let reports = vec![
        agency.report(open("refuge", 5)),
        agency.report(open("hidden", 6)),
    ];
    stream.reports(reports).await;

    let told = page.until_told("some beds").await;
    assert!(
        !told.contains("5 of 12") && !told.contains("6 of 12"),
        "{told}"
    );
}

#[tokio::test]
async fn a_stream_of_nothing_is_refused_and_all_end_with_the_directory() {
    let house = House::new().await;
    for path in ["/live", "/live?s=", "/live?s=x", "/live?t=1"] {
        assert_eq!(get(house.public, path).await.status, 400, "{path}");
    }
    let unknown = "/live?s=00000000-0000-0000-0000-000000000001";
    let mut page = Open::at(house.public, unknown).await;
    page.until_told("Not listed any more").await;

    let stopped = house.stop().await;

    assert!(page.ended().await);
    drop(stopped);
}

/// Processor time used so far, by the whole process or by this thread. Unit: ticks of 10 ms.
fn ticks(of: &str) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{of}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let mut fields = fields
        .split(' ')
        .skip(11)
        .map(|field| field.parse::<u64>().unwrap());
    fields.next().unwrap() + fields.next().unwrap()
}

/// Pages that read on a thread of their own until told to end; gives how much they were told and what they cost.
fn readers(address: SocketAddr, path: String, pages: usize, seconds: u64) -> (u64, u64) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let read = async move {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..pages {
            let mut page = Open::at(address, &path).await;
            tasks.spawn(async move {
                let mut told = 0;
                let mut bytes = vec![0; 16_384];
                let reading = async {
                    while let Ok(read @ 1..) = page.connection.read(&mut bytes).await {
                        told += read as u64;
                    }
                };
                let _over = timeout(Duration::from_secs(seconds), reading).await;
                told
            });
        }
        tasks.join_all().await.into_iter().sum()
    };
    (runtime.block_on(read), ticks("thread-self"))
}

/// 500 open pages with 20 states each, and 50 reports a second: what the pages cost beside the reports. The pages
/// themselves are read on another thread, whose time is left out.
#[tokio::test]
#[ignore = "measures for a minute"]
async fn five_hundred_open_pages_cost_less_than_a_tenth_of_a_core() {
    const SECONDS: u32 = 20;
    let house = House::new().await;
    let mut agency = Agency::join(&house, "harbor").await;
    let mut stream = agency.stream(&house).await;
    let mut batch = vec![agency.publish(organization("org"))];
    batch.extend((0..100).map(|n| agency.publish(service(&format!("s{n}"), "Bed"))));
    stream.operations(batch).await;
    until("all are found", async || house.names("").len() == 100).await;
    let path = live_of(&house, "/?availability=any").await;
    let mut used = [0; 2];
    for (run, pages) in [0, 500].into_iter().enumerate() {
        let (address, path) = (house.public, path.clone());
        let reading = tokio::task::spawn_blocking(move || {
            readers(address, path, pages, u64::from(SECONDS) + 5)
        });
        tokio::time::sleep(Duration::from_secs(4)).await;
        let before = ticks("self");
        let begun = tokio::time::Instant::now();
        let mut turns = tokio::time::interval(Duration::from_millis(20));
        for turn in 0..SECONDS * 50 {
            turns.tick().await;
            let report = open(&format!("s{}", turn % 100), turn % 12);
            let report = agency.report(report);
            stream.reports(vec![report]).await;
        }
        let took = begun.elapsed().as_secs_f64();
        let all = ticks("self") - before;
        let (told, theirs) = reading.await.unwrap();
        used[run] = all.saturating_sub(theirs);
        eprintln!(
            "{pages} pages, {took:.1} s: process {all} ticks, readers {theirs} ticks, {told} bytes told"
        );
    }
    let more = u32::try_from(used[1].saturating_sub(used[0])).unwrap();
    let core = f64::from(more) / 100.0 / f64::from(SECONDS);
    eprintln!("500 open pages cost {:.1} % of a core", core * 100.0);
    assert!(core < 0.1, "{core}");
}
