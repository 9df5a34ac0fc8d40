//! The whole federation in one process, drawn from seeds: nothing that was acknowledged is lost, whatever happens.
//!
//! By hand, at full size: `SIMULATION_SEEDS=10000 cargo test --release -p referral-scenarios --test simulation -- --nocapture`.
//! One seed again: `SIMULATION_FIRST=17 SIMULATION_SEEDS=1`.

use referral_scenarios::simulation::{Mutant, Simulation, Told};

/// Things that happen in one federation.
const STEPS: u64 = 600;
/// Seeds of every day.
const SEEDS: u64 = 300;
/// The bounds that are looked at: in so many seeds each is reached.
const BOUNDS: [&str; 7] = [
    "earlier versions at a node",
    "earlier versions at the directory",
    "ids",
    "operations on their way",
    "reports that wait for what they are about",
    "services",
    "starts of a node",
];

#[expect(
    clippy::disallowed_methods,
    reason = "the size of a test is not configuration"
)]
fn asked(name: &str, otherwise: u64) -> u64 {
    let asked = std::env::var(name).ok();
    asked.map_or(otherwise, |number| {
        number
            .parse()
            .unwrap_or_else(|_| panic!("{name} is a number"))
    })
}

#[test]
fn nothing_acknowledged_is_lost_whatever_happens() {
    let first = asked("SIMULATION_FIRST", 0);
    let (mut all, mut broken) = (Told::default(), Vec::new());
    let seeds = asked("SIMULATION_SEEDS", SEEDS);
    for seed in first..first + seeds {
        match Simulation::run(seed, asked("SIMULATION_STEPS", STEPS)) {
            Ok(told) => all.add(&told),
            Err(what) => broken.push(format!("seed {seed}: {what}")),
        }
    }
    println!("{all}");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    if seeds >= SEEDS {
        assert_eq!(Vec::from_iter(all.reached), BOUNDS);
        assert!(all.searches > 0);
    }
}

#[test]
fn it_is_noticed_when_searches_do_not_say_that_they_are_behind_or_a_bound_is_not_kept() {
    for (mutant, invariant) in Mutant::ALL {
        let broken = |seed| Simulation::run_without(seed, STEPS, mutant).err();
        let noticed = (0..SEEDS).find_map(broken);
        let noticed = noticed.unwrap_or_else(|| panic!("nobody noticed: {mutant:?}"));
        println!("{mutant:?}: {noticed}");
        let name = noticed.to_string();
        assert!(name.starts_with(invariant), "{mutant:?}: {noticed}");
    }
}

#[test]
fn the_same_seed_does_the_same() {
    let once = Simulation::run(1, STEPS).unwrap();
    let again = Simulation::run(1, STEPS).unwrap();
    assert_eq!(once, again);
}
