//! Measures this index alone over the national network: processor time of each class of searches.
//!
//! ```text
//! cargo run --release -p referral-scenarios --features bench --example engine -- 100000
//! ```
//!
//! Much sooner done than the bench with its peers: for seeing what a change of the index is worth. Compares
//! nothing; the bench does.

#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use std::collections::BTreeMap;
use std::time::Duration;

use referral_core::search::{Circumstances, Request};
use referral_index::Index;
use referral_scenarios::bench::clock::{measured, memory_of};
use referral_scenarios::bench::offer::seed;
use referral_scenarios::national::{National, Workload};

/// As in the directory's own program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many searches.
const SEARCHES: usize = 2_000;
/// How often each is made: the best counts, for the machine may be busy with something else.
const ROUNDS: usize = 3;

fn main() -> anyhow::Result<()> {
    let services: u32 = std::env::args().nth(1).map_or(Ok(10_000), |n| n.parse())?;
    let national = National::new(services, 1);
    let workload = Workload::new(&national, 1, SEARCHES);
    let dir = tempfile::tempdir()?;
    let (index, _) = Index::open(dir.path())?;
    for one in national.services() {
        for held in &one.held {
            index.report(&one.listing.agency, held.clone());
        }
        index.put(&one.listing, &one.places)?;
    }
    index.commit(1)?;
    let mut times: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    for search in workload.searches() {
        // As the bench asks: the peers cannot be told circumstances.
        let request = Request {
            circumstances: Circumstances::default(),
            seed: seed(national.now()),
            ..search.request.clone()
        };
        let mut best = Duration::MAX;
        for _ in 0..ROUNDS {
            let (found, cost) = measured(|| index.search(&request, national.now()));
            found?;
            best = best.min(cost.cpu);
        }
        times.entry(search.class.as_str()).or_default().push(best);
        times.entry("all").or_default().push(best);
    }
    println!("| class | searches | mean, ms | p50 | p95 | p99 |\n|---|---|---|---|---|---|");
    for (class, mut times) in times {
        times.sort_unstable();
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let at = |percent: usize| ms(times[(times.len() - 1) * percent / 100]);
        let count = u32::try_from(times.len())?;
        let mean = ms(times.iter().sum::<Duration>() / count);
        let (p50, p95, p99) = (at(50), at(95), at(99));
        println!("| {class} | {count} | {mean:.3} | {p50:.3} | {p95:.3} | {p99:.3} |");
    }
    let memory = memory_of(std::process::id())? >> 20;
    println!("\nmemory of the process: {memory} MiB");
    Ok(())
}
