//! Everything that reads what others send is given the seeds of the fuzz targets, and those changed at
//! random. `fuzz/README.md` says how to look further, guided by coverage.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use referral_scenarios::anything::TARGETS;

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/seeds")
        .join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|_| panic!("no {}", folder.display()));
    let seeds = entries.filter_map(|entry| fs::read(entry.ok()?.path()).ok());
    seeds.collect()
}

/// One change of bytes: flip, cut, repeat, put in between.
fn changed(mut bytes: Vec<u8>, changes: &[(u8, u16, u8)]) -> Vec<u8> {
    for (what, at, value) in changes {
        let at = usize::from(*at) % (bytes.len() + 1);
        match what % 4 {
            0 if at < bytes.len() => bytes[at] ^= value,
            1 => bytes.truncate(at),
            2 => {
                let again = bytes[at..].iter().take(64).copied().collect::<Vec<_>>();
                bytes.splice(at..at, again);
            }
            _ => bytes.insert(at, *value),
        }
    }
    bytes
}

#[test]
fn every_target_has_seeds_and_survives_them() {
    for (name, target) in TARGETS {
        let seeds = seeds(name);
        assert!(seeds.len() >= 2, "{name}");
        for seed in seeds {
            target(&seed);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// Whatever is changed in what others send, reading it comes to an end.
    #[test]
    fn anything_that_is_sent_is_read_or_refused(
        which in any::<prop::sample::Index>(),
        seed in any::<prop::sample::Index>(),
        changes in prop::collection::vec(any::<(u8, u16, u8)>(), 0..12),
    ) {
        let (name, target) = which.get(&TARGETS);
        let seeds = seeds(name);
        target(&changed(seed.get(&seeds).clone(), &changes));
    }

    /// Bytes from nowhere, too.
    #[test]
    fn bytes_from_nowhere_are_read_or_refused(
        which in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..512),
    ) {
        let (_, target) = which.get(&TARGETS);
        target(&bytes);
    }
}
