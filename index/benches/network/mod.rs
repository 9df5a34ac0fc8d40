//! A made-up national network and what is asked of it: the same in every run.
//!
//! Shares of kinds, languages, areas and offices follow the published figures that the synthetic network of
//! `scenarios` stands on; positions do not: cities are drawn at random, the first ones largest.

mod listing;
mod questions;

use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::{Draft, Held, Order, Report, Source, Stated, Ttl};
use referral_core::catalog::Listing;
use referral_core::federation::Epoch;

pub(crate) use listing::listing;
pub(crate) use questions::question;

/// When everything is asked.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_780_000_000, 0);

/// What can go wrong while a network is made up: nothing, unless the making is wrong.
pub(crate) type Oops = Box<dyn std::error::Error>;

/// The same numbers every time (Numerical Recipes' 64-bit generator, the upper half).
#[derive(Clone, Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `sides`.
    pub(crate) fn below(&mut self, sides: u64) -> u64 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides.max(1)
    }

    /// One of these.
    pub(crate) fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let sides = u64::try_from(all.len()).unwrap_or(1);
        &all[usize::try_from(self.below(sides)).unwrap_or(0)]
    }

    /// True so many times in a hundred.
    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    /// A share between 0 and 1.
    pub(crate) fn share(&mut self) -> f64 {
        f64::from(u32::try_from(self.below(1 << 24)).unwrap_or(0)) / f64::from(1 << 24)
    }

    /// A number below `sides`, small ones far more often.
    pub(crate) fn small(&mut self, sides: u64) -> u64 {
        let first = self.below(sides);
        let second = self.below(first + 1);
        self.below(second + 1)
    }
}

/// A report about a service, its number in the stream `cseq`.
pub(crate) fn report(dice: &mut Dice, listing: &Listing, cseq: u64) -> Result<Held, Oops> {
    const STATES: [Stated; 10] = [
        Stated::Open,
        Stated::Open,
        Stated::Open,
        Stated::Open,
        Stated::Limited,
        Stated::Waitlist,
        Stated::Waitlist,
        Stated::Assess,
        Stated::Closed,
        Stated::Paused,
    ];
    let age = i64::try_from(dice.below(20 * 86_400))?;
    let observed_at = NOW - SignedDuration::from_secs(age);
    let draft = Draft {
        service: listing.service.id.clone(),
        location: None,
        state: *dice.one_of(&STATES),
        counts: vec![],
        waitlist_count: None,
        wait_band: None,
        opens_at: None,
        reopens_at: None,
        observed_at,
        ttl: None,
        source: Source::System,
        note: None,
    };
    let epoch = Epoch {
        generation: 1,
        number: 1,
    };
    let report = Report::parse(draft, NOW)?;
    Ok(Held::receive(
        report,
        Order { epoch, cseq },
        Ttl::LONGEST,
        NOW,
    ))
}
