//! Thousands of connections that say nothing.

use referral_runtime::open_files;
use tokio::net::TcpStream;

use super::searched;
use crate::support::{Agency, House, soon};

/// So many silent connections, half of them to each listener.
const SILENT: usize = 5_000;
/// Each has two ends in this process; the rest is for what the directory itself has open.
const FILES: u64 = 2 * SILENT as u64 + 1_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_silent_connections_leave_searches_and_nodes_served() {
    if open_files::raise_limit() < FILES {
        eprintln!("SKIPPED: this system allows a process fewer than {FILES} open files");
        return;
    }
    let house = House::new().await;
    let harbor = Agency::join(&house, "harbor").await;
    let mut silent = Vec::with_capacity(SILENT);
    for number in 0..SILENT {
        let to = if number % 2 == 0 {
            house.public
        } else {
            house.federation
        };
        let connected = soon("a connection", TcpStream::connect(to)).await;
        silent.push(connected.unwrap());
    }

    let mut slowest = std::time::Duration::ZERO;
    for _ in 0..50 {
        slowest = slowest.max(searched(&house).await);
    }
    harbor.stream(&house).await;

    eprintln!("the slowest of 50 searches took {} ms", slowest.as_millis());
    assert_eq!(silent.len(), SILENT);
}
