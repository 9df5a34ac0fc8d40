//! Random walks over the pure core of the federation protocol: one directory, one agency, up to three nodes
//! that publish as it; messages are lost, doubled and delivered late across sessions, nodes crash and are
//! restored, their machines are copied, the directory is restored from any old backup. After every walk, and at
//! each step, nothing that was acknowledged may be missing, overwritten in ignorance, or removed by silence.
//!
//! Start at [`world`]; [`mutant`] removes one rule at a time, and each time the walk has to notice. By hand,
//! at full size: `WALK_STEPS=100000000 cargo test --release -p referral-core --test walk -- --nocapture`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a walk that cannot go on has found something"
)]

mod chance;
mod directory;
mod mutant;
mod node;
mod world;

use mutant::Mutant;
use world::{Broken, Told, World};

/// Records of an agency.
const RECORDS: usize = 4;
/// Steps of one walk.
const STEPS: u64 = 250;

/// How many steps to walk in all, from `WALK_STEPS`; else a size for every day.
#[expect(
    clippy::disallowed_methods,
    reason = "the size of a test is not configuration"
)]
fn steps() -> u64 {
    let asked = std::env::var("WALK_STEPS").ok();
    asked.map_or(1_000_000, |steps| {
        steps.parse().expect("WALK_STEPS is a number")
    })
}

/// Walks from seed 0 on until so many steps are made or an invariant is broken.
fn walk(steps: u64, mutant: Mutant) -> Result<Told, (u64, Broken)> {
    let mut all = Told::default();
    for seed in 0..steps.div_ceil(STEPS) {
        all.add(
            &World::new(seed, mutant, RECORDS)
                .walk(STEPS)
                .map_err(|broken| (seed, broken))?,
        );
    }
    Ok(all)
}

#[test]
fn no_walk_loses_an_acknowledged_operation() {
    let told = walk(steps(), Mutant::None)
        .unwrap_or_else(|(seed, broken)| panic!("seed {seed}: {broken}"));
    println!("{told}");
    assert!(
        told.acknowledged > 0 && told.conflicts > 0 && told.forwarded > 0,
        "{told}"
    );
}

#[test]
fn the_walk_notices_when_any_one_rule_is_removed() {
    for mutant in Mutant::ALL {
        let noticed = walk(750_000, mutant).err();
        let (seed, broken) = noticed.unwrap_or_else(|| panic!("nobody noticed: {mutant:?}"));
        println!("{mutant:?}: seed {seed}: {broken}");
    }
}

#[test]
fn long_walks_hold_as_well() {
    for seed in 0..20 {
        let walked = World::new(1_000_000 + seed, Mutant::None, RECORDS).walk(1_200);
        walked.unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
    }
}

/// An author names 64 earlier versions at most: whoever forgot more is shown a conflict, and overwrites nothing.
#[test]
fn beyond_the_bound_of_ancestors_the_worst_is_a_conflict() {
    let mut all = Told::default();
    for seed in 0..40 {
        let walked = World::new(2_000_000 + seed, Mutant::None, 1).walk(3_000);
        all.add(&walked.unwrap_or_else(|broken| panic!("seed {seed}: {broken}")));
    }
    assert!(all.at_the_bound > 0 && all.conflicts > 0, "{all}");
}
