//! The hot paths of the index over a made-up network of 100,000 services: `cargo bench -p referral-index`.
//!
//! Judges nothing. What a search costs beside 50,000 reports a second is `open_beside_reports` against
//! `open`: the two ask the same.

mod network;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use divan::{Bencher, black_box};
use referral_core::capacity::Held;
use referral_core::id::AgencyId;
use referral_core::search::Request;
use referral_index::Index;
use tempfile::TempDir;

use network::{Dice, NOW, Oops, listing, question, report};

/// How many services there are.
const SERVICES: u64 = 100_000;
/// How many different searches of each kind are made in turn.
const QUESTIONS: usize = 64;
/// Reports in one thousandth of a second: 50,000 a second.
const REPORTS: usize = 50;

struct Network {
    index: Index,
    reports: Vec<(AgencyId, Held)>,
    _dir: TempDir,
}

fn main() {
    divan::main();
}

fn network() -> &'static Network {
    static NETWORK: OnceLock<Network> = OnceLock::new();
    NETWORK.get_or_init(|| match made() {
        Ok(network) => network,
        Err(e) => {
            eprintln!("the network cannot be made: {e}");
            std::process::exit(1);
        }
    })
}

fn made() -> Result<Network, Oops> {
    let dir = tempfile::tempdir()?;
    let (index, _) = Index::open(dir.path())?;
    let mut dice = Dice(3);
    let mut reports = Vec::new();
    for at in 0..SERVICES {
        let listing = listing(at)?;
        index.put(&listing, &[])?;
        if dice.percent(85) {
            let held = report(&mut dice, &listing, 1)?;
            index.report(&listing.agency, &held);
            reports.push((listing.agency, held));
        }
    }
    index.commit(1)?;
    Ok(Network {
        index,
        reports,
        _dir: dir,
    })
}

fn asked(class: &str, change: impl Fn(&mut Request)) -> Vec<Request> {
    let mut dice = Dice(17);
    let questions = (0..QUESTIONS).filter_map(|_| question(&mut dice, class).ok());
    let changed = questions.map(|mut request| {
        request.facets = false;
        change(&mut request);
        request
    });
    changed.collect()
}

fn search(bencher: Bencher<'_, '_>, requests: &[Request]) {
    let index = &network().index;
    let mut next = requests.iter().cycle();
    bencher.bench_local(|| {
        next.next()
            .map(|request| black_box(index.search(request, NOW)))
    });
}

#[divan::bench]
fn radius_and_need(bencher: Bencher<'_, '_>) {
    search(bencher, &asked("near and need", |_| ()));
}

#[divan::bench]
fn and_language(bencher: Bencher<'_, '_>) {
    search(bencher, &asked("and language", |_| ()));
}

#[divan::bench]
fn and_text(bencher: Bencher<'_, '_>) {
    search(bencher, &asked("and text", |_| ()));
}

#[divan::bench]
fn nationwide_text(bencher: Bencher<'_, '_>) {
    search(bencher, &asked("nationwide text", |_| ()));
}

#[divan::bench]
fn all_filters(bencher: Bencher<'_, '_>) {
    search(bencher, &asked("all filters", |_| ()));
}

#[divan::bench]
fn serves_a_place(bencher: Bencher<'_, '_>) {
    search(bencher, &asked("serves this place", |_| ()));
}

#[divan::bench]
fn with_facets(bencher: Bencher<'_, '_>) {
    search(
        bencher,
        &asked("near and need", |request| request.facets = true),
    );
}

#[divan::bench]
fn with_near_misses(bencher: Bencher<'_, '_>) {
    search(
        bencher,
        &asked("all filters", |request| request.near_misses = true),
    );
}

#[divan::bench]
fn open(bencher: Bencher<'_, '_>) {
    search(bencher, &asked("and open only", |_| ()));
}

#[divan::bench]
fn open_beside_reports(bencher: Bencher<'_, '_>) {
    let (ended, sent) = (AtomicBool::new(false), AtomicU64::new(1));
    thread::scope(|scope| {
        scope.spawn(|| keep_reporting(&ended, &sent));
        search(bencher, &asked("and open only", |_| ()));
        ended.store(true, Ordering::Relaxed);
    });
}

#[divan::bench]
fn one_report(bencher: Bencher<'_, '_>) {
    let Network { index, reports, .. } = network();
    let sent = AtomicU64::new(1 << 40);
    let mut next = reports.iter().cycle();
    bencher
        .with_inputs(|| newer(next.next(), &sent))
        .bench_local_values(|report| {
            if let Some((agency, held)) = report {
                index.report(&agency, &held);
            }
        });
}

/// The same report again, newer.
fn newer(report: Option<&(AgencyId, Held)>, sent: &AtomicU64) -> Option<(AgencyId, Held)> {
    let (agency, mut held) = report?.clone();
    held.order.cseq += sent.fetch_add(1, Ordering::Relaxed);
    Some((agency, held))
}

/// 50,000 reports a second until it is told to end.
fn keep_reporting(ended: &AtomicBool, sent: &AtomicU64) {
    let Network { index, reports, .. } = network();
    let mut next = reports.iter().cycle();
    while !ended.load(Ordering::Relaxed) {
        #[expect(
            clippy::disallowed_methods,
            reason = "a rate is kept by the clock; measuring is all this program does"
        )]
        let due = Instant::now() + Duration::from_millis(1);
        for _ in 0..REPORTS {
            if let Some((agency, held)) = newer(next.next(), sent) {
                index.report(&agency, &held);
            }
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "a rate is kept by the clock; measuring is all this program does"
        )]
        let left = due.saturating_duration_since(Instant::now());
        thread::park_timeout(left);
    }
}
