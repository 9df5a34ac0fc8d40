//! Measures what the gazetteer costs: time to decode, resident memory (Linux), time of typical calls.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and prints"
)]

use std::hint::black_box;
use std::time::Instant;

use referral_core::geo::Point;
use referral_gazetteer::gazetteer;

fn main() {
    let before = resident_kib();
    let start = Instant::now();
    let places = gazetteer();
    report("decode the embedded file", start, 1, before);

    let before = resident_kib();
    let start = Instant::now();
    black_box(places.resolve("Dilley, TX")).ok();
    report("first city (builds the name index)", start, 1, before);

    let points: Vec<Point> = places.zips().map(|zip| zip.point).collect();
    let before = resident_kib();
    let start = Instant::now();
    black_box(points.first().and_then(|point| places.time_zone(*point)));
    report("first time zone (places by county)", start, 1, before);

    repeated("county_of, every ZIP's point", &points, |point| {
        black_box(places.county_of(*point)).is_some()
    });
    repeated("time_zone, every ZIP's point", &points, |point| {
        black_box(places.time_zone(*point)).is_some()
    });
    let texts = [
        "78017",
        "Baltimore County, MD",
        "Los Angelos, CA",
        "Springfield",
    ]
    .repeat(500);
    repeated("resolve, four texts in turn", &texts, |text| {
        black_box(places.resolve(text)).is_ok()
    });
}

fn repeated<T>(what: &str, inputs: &[T], call: impl Fn(&T) -> bool) {
    let before = resident_kib();
    let start = Instant::now();
    let answered = inputs.iter().filter(|input| call(input)).count();
    report(what, start, inputs.len(), before);
    println!("    {answered} of {} answered", inputs.len());
}

fn report(what: &str, start: Instant, calls: usize, before: u64) {
    let took = start.elapsed().as_secs_f64() * 1e6;
    let calls = u32::try_from(calls).unwrap_or(u32::MAX);
    let grown = resident_kib().saturating_sub(before);
    println!(
        "{what}: {:.1} microseconds a call, {grown} KiB more resident",
        took / f64::from(calls)
    );
}

/// Resident set of this process; 0 where the system does not tell.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
