//! Dice for each thing, from its number alone: that is what lets any part be made by itself.

use crate::invented::dice::{Dice, seeded};

/// What dice are for: the same number falls differently for each.
#[derive(Clone, Copy, Debug)]
pub(super) enum For {
    /// The roster and the map.
    Roster = 1,
    /// An organization: its name, home and offices.
    House = 2,
    /// What a service is.
    Sketch = 3,
    /// What a service says of itself.
    Content = 4,
    /// What only one publisher's record of it says: capacity, slips of the pen.
    Own = 5,
    /// Searches.
    Workload = 6,
}

/// The dice for the thing with this number.
pub(super) fn dice(seed: u64, what: For, number: u32) -> Dice {
    let place = (what as u64) << 32 | u64::from(number);
    seeded(mixed(seed ^ mixed(place)))
}

/// `SplitMix64`: neighbouring numbers come out unlike. Source: Steele, Lea & Flood 2014,
/// <https://doi.org/10.1145/2714064.2660195>.
fn mixed(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
