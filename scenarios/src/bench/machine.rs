//! What the bench ran on, and when.

use std::fs;
use std::thread::available_parallelism;

use referral_runtime::clock::{Clock, SystemClock};

/// Machine, day and how busy it is, in one line.
#[must_use]
pub(super) fn described() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.split_once(':'));
        value.map_or_else(|| "?".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let processor = value(&read("/proc/cpuinfo"), "model name");
    let kib = value(&read("/proc/meminfo"), "MemTotal");
    let kib: u64 = kib.trim_end_matches(" kB").parse().unwrap_or(0);
    let processors = available_parallelism().map_or(0, usize::from);
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or("?");
    format!(
        "{}; {processors} processors ({processor}), {} GiB of memory, Linux {}; load before it began: {load}",
        SystemClock::new().now().strftime("%Y-%m-%d"),
        (kib + (1 << 19)) >> 20,
        kernel.trim()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_has_a_processor_and_memory() {
        let described = described();

        assert!(!described.contains('?'), "{described}");
        assert!(!described.contains(" 0 GiB"), "{described}");
    }
}
