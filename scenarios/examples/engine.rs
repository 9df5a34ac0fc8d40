//! Measures this index alone over the national network: processor time of each class of searches.
//!
//! ```text
//! cargo run --release -p referral-scenarios --features bench --example engine -- 100000 [DIR [CLASS]]
//! ```
//!
//! Much sooner done than the bench with its peers: for seeing what a change of the index is worth. Compares
//! nothing; the bench does. The words are kept in DIR, which makes the next run begin sooner; with a CLASS only
//! its searches are made, over and over, for a profiler to look at. Every search is made once in each round, so
//! that none finds in the processor's caches what it left there itself.

#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
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
const ROUNDS: usize = 5;
/// How often each is made for a profiler.
const PROFILED: usize = 50;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let services: u32 = arguments.next().map_or(Ok(10_000), |n| n.parse())?;
    let national = National::new(services, 1);
    let workload = Workload::new(&national, 1, SEARCHES);
    let temporary = tempfile::tempdir()?;
    let kept = arguments.next().map(std::path::PathBuf::from);
    let index = filled(&national, kept.as_deref().unwrap_or(temporary.path()))?;
    let only = arguments.next();
    let asked: Vec<(&str, Request)> = workload
        .searches()
        .iter()
        .map(|search| {
            (
                search.class.as_str(),
                without_circumstances(&search.request, &national),
            )
        })
        .filter(|(class, _)| only.as_ref().is_none_or(|only| only == class))
        .collect();
    let rounds = if only.is_some() { PROFILED } else { ROUNDS };
    let best = best(&index, &asked, rounds, national.now())?;
    let mut times: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    for ((class, _), best) in asked.iter().zip(best) {
        times.entry(class).or_default().push(best);
        times.entry("all").or_default().push(best);
    }
    print(times)?;
    let memory = memory_of(std::process::id())? >> 20;
    println!("\nmemory of the process: {memory} MiB");
    Ok(())
}

/// As the bench asks: the peers cannot be told circumstances.
fn without_circumstances(request: &Request, national: &National) -> Request {
    Request {
        circumstances: Circumstances::default(),
        seed: seed(national.now()),
        ..request.clone()
    }
}

/// The index over a network, as it is once nothing is made into one any more.
fn filled(national: &National, dir: &Path) -> anyhow::Result<Index> {
    let (index, cursor) = Index::open(dir)?;
    for one in national.services() {
        for held in &one.held {
            index.report(&one.listing.agency, held);
        }
        if cursor.is_some() {
            index.restore(&one.listing, &one.places);
        } else {
            index.put(&one.listing, &one.places)?;
        }
    }
    index.commit(1)?;
    index.wait_for_folding();
    Ok(index)
}

/// The least processor time of each search.
fn best(
    index: &Index,
    asked: &[(&str, Request)],
    rounds: usize,
    now: Timestamp,
) -> anyhow::Result<Vec<Duration>> {
    let mut best = vec![Duration::MAX; asked.len()];
    for _ in 0..rounds {
        for ((_, request), best) in asked.iter().zip(&mut best) {
            let (found, cost) = measured(|| index.search(request, now));
            found?;
            *best = cost.cpu.min(*best);
        }
    }
    Ok(best)
}

fn print(times: BTreeMap<&str, Vec<Duration>>) -> anyhow::Result<()> {
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
    Ok(())
}
