//! Disks of nodes that are slow, stand still or fail: the agency's page is served all the same, nothing is said to be
//! queued that is not durable, and who cannot write says so.

use std::time::Duration;

use rand::RngExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::kills::number;
use crate::power::{Machines, Tally};
use crate::processes::{Started, eventually};

/// The agency whose disk it is.
const HARBOR: &str = "harbor";
/// How long a sync takes on a slow disk.
const SLOW: Duration = Duration::from_secs(3);
/// The longest that a page may take meanwhile.
const PAGE: Duration = Duration::from_secs(1);
/// How often it is looked at the page.
const LOOKS: usize = 20;
/// Exit code: the disk failed.
const STORAGE_FAILED: i32 = 75;

/// A directory and two agencies; the first one's node serves its page. Gives where.
async fn machines(seed: u64) -> Option<(Machines, String)> {
    let mut machines = Machines::new(seed).await?;
    let node = &mut machines.world.agencies[0].node;
    node.process.kill();
    node.pages = true;
    assert_eq!(node.start("").await, Started::Serves);
    let page = node.page().await;
    machines.world.settle().await;
    Some((machines, page))
}

/// The first line of what the page answers, and how long that took.
async fn look(page: &str) -> (String, Duration) {
    let began = Instant::now();
    let mut stream = TcpStream::connect(page).await.expect("the page listens");
    let ask = format!("GET / HTTP/1.1\r\nHost: {page}\r\nConnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    let read = timeout(SLOW * 5, stream.read_to_string(&mut answer)).await;
    read.expect("an answer").expect("an answer");
    let line = answer.lines().next().unwrap_or_default().to_owned();
    (line, began.elapsed())
}

#[tokio::test]
async fn a_node_whose_disk_is_slow_serves_its_page_and_promises_what_is_durable() {
    let Some((mut machines, page)) = machines(94).await else {
        return;
    };
    machines.disks[HARBOR].delay_syncs(SLOW);

    // A change waits for the disk, and nobody who looks does.
    let began = Instant::now();
    let world = &mut machines.world;
    let node = world.agencies[0].node.looker();
    let looking = async {
        let mut longest = Duration::ZERO;
        for _ in 0..LOOKS {
            let (line, took) = look(&page).await;
            assert!(line.contains("200") || line.contains("303"), "{line}");
            let asked = Instant::now();
            assert!(node.status().await.is_some(), "the node answers");
            longest = longest.max(took).max(asked.elapsed());
        }
        longest
    };
    let (taken, longest) = tokio::join!(world.agencies[0].change_once(), looking);
    assert!(
        taken && began.elapsed() >= SLOW,
        "it is taken when it is durable"
    );
    eprintln!("on a disk whose syncs take {SLOW:?} page and status answer within {longest:?}");
    assert!(longest < PAGE, "{longest:?}");

    // What it said is queued is there after its disk lost power.
    machines.world.hear().await;
    machines.cut(HARBOR, &mut Tally::default());
    assert_eq!(
        machines.world.agencies[0].node.start("").await,
        Started::Serves
    );
    assert!(machines.world.agencies[0].hear().await.is_some());
    machines.world.settle().await;
}

#[tokio::test]
async fn a_node_whose_disk_stands_still_takes_nothing_and_serves_its_page() {
    let Some((mut machines, page)) = machines(95).await else {
        return;
    };
    machines.disks[HARBOR].stall(true);

    let world = &mut machines.world;
    let node = world.agencies[0].node.looker();
    let disk = &machines.disks[HARBOR];
    let looking = async {
        let mut longest = Duration::ZERO;
        for _ in 0..LOOKS {
            longest = longest.max(look(&page).await.1);
            let status = node.status().await.expect("the node answers");
            assert_eq!(status.acknowledged, status.queued, "nothing is queued");
        }
        disk.stall(false);
        longest
    };
    let (taken, longest) = tokio::join!(world.agencies[0].change_once(), looking);

    assert!(taken, "it is taken once the disk goes on");
    eprintln!("while its disk stands still page and status answer within {longest:?}");
    assert!(longest < PAGE, "{longest:?}");
    machines.world.settle().await;
}

#[tokio::test]
async fn a_node_whose_disk_fails_says_so_and_keeps_what_it_promised() {
    let Some((mut machines, _)) = machines(96).await else {
        return;
    };
    let (mut tally, mut refused, mut ended) = (Tally::default(), 0, 0);
    for round in 0..number("POWER_FAILURES").unwrap_or(8) {
        let count = machines.world.dice.random_range(1..4);
        let disk = &machines.disks[HARBOR];
        if round % 2 == 0 {
            disk.fail_syncs(count);
        } else {
            disk.fail_writes(count);
        }
        // It refuses a change and says why, or ends itself because nobody can say what the disk holds.
        let code = eventually("it has met the failure", async || {
            let world = &mut machines.world;
            if let Err(status) = world.try_change_of(0).await {
                assert!(
                    status.message().contains("nothing was queued"),
                    "{status:?}"
                );
                refused += 1;
            }
            let code = world.agencies[0].node.process.ended();
            let met = code.is_some() || machines.disks[HARBOR].has_failed();
            met.then_some(code)
        })
        .await;
        assert!(
            code.is_none_or(|code| code == STORAGE_FAILED),
            "it ended with {code:?}"
        );
        if code.is_some() {
            ended += 1;
            let log = machines.world.agencies[0].node.process.log();
            assert!(log.contains("journal"), "{log}");
        }
        machines.world.agencies[0].node.process.ended();
        machines.cut(HARBOR, &mut tally);
        assert_eq!(
            machines.world.agencies[0].node.start("").await,
            Started::Serves
        );
        assert!(machines.world.agencies[0].hear().await.is_some());
        machines.world.settle().await;
    }
    eprintln!("{refused} changes were refused, {ended} times it ended itself; {tally:?}");
    assert!(refused + ended > 0, "failures were met");
}
