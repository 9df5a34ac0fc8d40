//! A report that is asked for again, at a whole directory in this process.

use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use directory_server::serve::Server;
use jiff::{SignedDuration, Timestamp};
use referral_core::coverage::Query;
use referral_core::policy::Viewer;
use referral_core::search;
use referral_runtime::clock::ManualClock;
use referral_runtime::shutdown::Tasks;
use referral_runtime::tls;
use tokio::runtime::Runtime;

use super::super::clock::{self, Cost, Threads, measured};
use super::super::directory::{Data, config, until_in_order};
use super::super::figures::milliseconds;
use super::{Costs, NEEDS, Options, line, say};
use crate::national::National;

/// Most services of the directory.
const MOST: u32 = 100_000;
/// How often each report is asked for again.
const AGAIN: usize = 1_000;

/// Asks for each report once, and many times again.
pub(super) fn measure(home: &Path, options: &Options, text: &mut String) -> anyhow::Result<()> {
    say("reports again, at a directory");
    let national = National::new(options.size.min(MOST), options.seed);
    let folder = home.join("directory");
    std::fs::create_dir(&folder)?;
    let mut data = Data::new(&folder, national.now())?;
    for one in national.services() {
        data.put(&one)?;
    }
    let folder = data.finish()?;
    let now = national.now() + SignedDuration::from_hours(1);
    serving(&folder, now, async |server| {
        for need in NEEDS {
            ask(server, need, national.size(), text).await?;
            let published = national.now() + SignedDuration::from_mins(1);
            let asked = ask_past(server, need, published).await?;
            line(
                text,
                &format!(
                    "The same as of an hour before, from the history: {} pools, made in {:.1} ms of processor time, {:.1} ms on the \
                     wall.\n",
                    asked.pools,
                    milliseconds(asked.cost.cpu),
                    milliseconds(asked.cost.wall),
                ),
            );
        }
        Ok(())
    })
}

/// Does something with the directory in `folder` at `now`, which stands still, once it has nothing else to do.
pub(super) fn serving(
    folder: &Path,
    now: Timestamp,
    with: impl AsyncFnOnce(&Server) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    tls::install_crypto();
    Runtime::new()?.block_on(async {
        let tasks = Tasks::new();
        let clock = Arc::new(ManualClock::new(now));
        let server = Server::start(folder, &config(), clock, &tasks).await?;
        until_in_order(folder)?;
        with(&server).await?;
        tasks.stop();
        server.drain(&tasks).await
    })
}

async fn ask(server: &Server, need: &str, services: u32, text: &mut String) -> anyhow::Result<()> {
    let query = query(need);
    let (directory, viewer) = (&server.directory, Viewer::anybody());
    let process = std::process::id();
    let before = Threads::of(process)?;
    let first = directory.coverage(&viewer, &query).await?;
    let made = Threads::of(process)?.since(&before);
    let mut costs = Costs::default();
    for _ in 0..AGAIN {
        // What is kept is given at once: nothing is waited for, so that all of it is on this thread.
        let (again, cost) = measured(|| {
            let asked = pin!(directory.coverage(&viewer, &query));
            asked.poll(&mut Context::from_waker(Waker::noop()))
        });
        let Poll::Ready(again) = again else {
            anyhow::bail!("a report was made again");
        };
        let again = again?;
        anyhow::ensure!(Arc::ptr_eq(&first, &again), "another report was given");
        costs.add(cost.cpu.max(cost.wall));
    }
    let text_of = format!(
        "At a directory of {services} services ({need}, by ZIP): made in {:.1} ms of processor time, with {} names of services; \
         given again in {:.3} ms, most {:.3} ms of {AGAIN}.\n",
        milliseconds(made),
        first.providers.len(),
        milliseconds(costs.median()),
        milliseconds(costs.0.iter().max().copied().unwrap_or_default()),
    );
    line(text, &text_of);
    Ok(())
}

/// What a report of a past moment took: what was listed then is read from the history and judged.
pub(super) struct AskedPast {
    pub(super) pools: u64,
    /// Of the whole process.
    pub(super) cost: Cost,
}

/// Asks for the report as of `at`.
pub(super) async fn ask_past(
    server: &Server,
    need: &str,
    at: Timestamp,
) -> anyhow::Result<AskedPast> {
    let query = Query {
        as_of: Some(at),
        ..query(need)
    };
    let process = std::process::id();
    let (start, before) = (clock::now(), Threads::of(process)?);
    let report = server
        .directory
        .coverage(&Viewer::anybody(), &query)
        .await?;
    let cpu = Threads::of(process)?.since(&before);
    let cost = Cost {
        cpu,
        wall: start.elapsed(),
    };
    Ok(AskedPast {
        pools: report.supply.pools,
        cost,
    })
}

fn query(need: &str) -> Query {
    Query {
        filter: search::Query {
            need: need.to_owned(),
            ..search::Query::default()
        },
        ..Query::default()
    }
}
