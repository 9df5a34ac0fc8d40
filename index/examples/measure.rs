//! Measures the index over a made-up network: `cargo run --release -p referral-index --example measure -- 100000`.
//!
//! Prints times and memory; judges nothing. A profile without optimisation measures that profile.

#[path = "../benches/network/mod.rs"]
mod network;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use referral_core::coverage::Whereabouts;
use referral_core::geo::{CountyFips, Point, Zip};
use referral_core::search::{Need, Request};
use referral_index::Index;

use network::{Dice, NOW, Oops, listing, question, report};

/// Classes of searches, with their share of a hundred.
const CLASSES: [(&str, u64); 12] = [
    ("near and need", 21),
    ("and text", 20),
    ("and open only", 12),
    ("and language", 11),
    ("near and text", 10),
    ("all filters", 7),
    ("serves this place", 4),
    ("near only", 4),
    ("nationwide text", 4),
    ("statewide need", 3),
    ("statewide text", 2),
    ("nationwide need", 2),
];

/// How many searches are measured.
const QUESTIONS: u64 = 2_000;

/// How often each search is made.
const ROUNDS: usize = 5;

type Done = Result<(), Oops>;

fn main() -> Done {
    let services: u64 = std::env::args().nth(1).map_or(Ok(10_000), |n| n.parse())?;
    let dir = tempfile::tempdir()?;
    say("services", &services.to_string());
    let (index, _) = Index::open(dir.path())?;
    timed("put and commit all", 1, || build(&index, services))?;
    timed("report capacity, each", services, || {
        report_all(&index, services)
    })?;
    say("memory with the index", &memory());
    wait_for_folding(&index)?;
    say("memory after folding", &memory());
    searches(&index)?;
    supply(&index)?;
    for one in 0..3 {
        timed("put and commit one", 1, || {
            index.put(&listing(one)?, &[])?;
            Ok(index.commit(20 + one)?)
        })?;
    }
    say("memory at the end", &memory());
    drop(index);
    let listings: Result<Vec<_>, _> = (0..services.min(100_000)).map(listing).collect();
    let listings = listings?;
    timed("open", 1, || {
        black_box(Index::open(dir.path())?);
        Ok(())
    })?;
    let (index, _) = Index::open(dir.path())?;
    timed("restore 100,000 and search", 1, || {
        for listing in &listings {
            index.restore(listing, &[]);
        }
        black_box(index.search(&Request::any(), NOW)?);
        Ok(())
    })
}

fn build(index: &Index, services: u64) -> Done {
    for at in 0..services {
        index.put(&listing(at)?, &[])?;
        if at % 50_000 == 49_999 {
            index.commit(at)?;
        }
    }
    Ok(index.commit(services)?)
}

/// 85 of 100 services report.
fn report_all(index: &Index, services: u64) -> Done {
    let mut dice = Dice(3);
    for at in 0..services {
        if dice.percent(85) {
            let listing = listing(at)?;
            index.report(&listing.agency, &report(&mut dice, &listing, at + 1)?);
        }
    }
    Ok(())
}

/// Small commits, until the parts are made into greater ones.
fn wait_for_folding(index: &Index) -> Done {
    for cursor in 0..3 {
        index.commit(cursor)?;
    }
    Ok(())
}

/// Everything that matches one need, for a report on coverage: the best of a few rounds.
fn supply(index: &Index) -> Done {
    for need in ["lc:bond", "dom:leg"] {
        let request = Request {
            need: Some(Need::parse(need)?),
            ..Request::any()
        };
        let (mut best, mut pools) = (f64::INFINITY, 0);
        for _ in 0..ROUNDS {
            #[expect(
                clippy::disallowed_methods,
                reason = "measuring is all this program does"
            )]
            let began = Instant::now();
            let supply = index.supply(&request, &[], &Nowhere, NOW, &|| Ok(()))?;
            best = best.min(began.elapsed().as_secs_f64() * 1e3);
            pools = supply.pools().len();
        }
        say(
            &format!("supply of {need}"),
            &format!("{best:.1} ms, {pools} pools"),
        );
    }
    Ok(())
}

/// Where everything is, known without looking: what looking costs is the map's to measure.
struct Nowhere;

impl Whereabouts for Nowhere {
    fn county_of(&self, _: Point) -> Option<CountyFips> {
        CountyFips::from_number(24_510)
    }

    fn counties_of(&self, _: Zip) -> Vec<CountyFips> {
        CountyFips::from_number(24_510).into_iter().collect()
    }
}

/// Time of each search in milliseconds, by class: the best of a few rounds, for the machine may be busy
/// with something else.
fn searches(index: &Index) -> Done {
    let mut dice = Dice(17);
    let mut times: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut questions = Vec::new();
    for (class, share) in CLASSES {
        for _ in 0..QUESTIONS * share / 100 {
            questions.push((class, question(&mut dice, class)?));
        }
    }
    let mut matches = 0;
    for (class, request) in &questions {
        let mut best = f64::INFINITY;
        for _ in 0..ROUNDS {
            #[expect(
                clippy::disallowed_methods,
                reason = "measuring is all this program does"
            )]
            let start = Instant::now();
            matches += black_box(index.search(request, NOW)?).total;
            best = best.min(start.elapsed().as_secs_f64() * 1e3);
        }
        times.entry(class).or_default().push(best);
        times.entry("all").or_default().push(best);
    }
    let matches = matches / ROUNDS;
    say("matches in all", &matches.to_string());
    for (class, mut times) in times {
        times.sort_by(f64::total_cmp);
        let at = |percent: usize| times[(times.len() - 1) * percent / 100];
        let count = f64::from(u32::try_from(times.len())?);
        let mean = times.iter().sum::<f64>() / count;
        let line = format!(
            "mean {mean:.3} p50 {:.3} p95 {:.3} p99 {:.3} ms, best of five",
            at(50),
            at(95),
            at(99)
        );
        say(class, &line);
    }
    Ok(())
}

/// Processor time of this thread in nanoseconds (Linux).
fn cpu_ns() -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = told.split(' ').next();
    first.and_then(|ns| ns.parse().ok()).unwrap_or(0)
}

fn timed(what: &str, times: u64, run: impl FnOnce() -> Done) -> Done {
    #[expect(
        clippy::disallowed_methods,
        reason = "measuring is all this program does"
    )]
    let (start, cpu) = (Instant::now(), cpu_ns());
    run()?;
    let each = |ns: f64| ns / 1e6 / f64::from(u32::try_from(times).unwrap_or(1));
    let cpu = f64::from(u32::try_from(cpu_ns().saturating_sub(cpu) / 1_000)?) * 1e3;
    let wall = start.elapsed().as_secs_f64() * 1e9;
    say(
        what,
        &format!(
            "{:.4} ms ({:.4} ms of processor time)",
            each(wall),
            each(cpu)
        ),
    );
    Ok(())
}

/// Resident memory of this process (Linux; empty elsewhere).
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    resident.unwrap_or_default().trim().to_owned()
}

#[expect(clippy::print_stdout, reason = "the output of a command")]
fn say(what: &str, value: &str) {
    println!("{what}: {value}");
}
