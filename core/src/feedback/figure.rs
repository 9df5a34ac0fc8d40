//! How far "open" can be relied on at one service.
//!
//! Of referrals made while a service was shown open: those taken, among those taken, turned away for want of a place, and
//! not answered. Votes of a week weigh half of those [`HALF_LIFE`] weeks later. Below [`LEAST_VOTES`] there is no figure.
//! That limit does three things at once. One organization's votes add up to at most
//! `(1 - 2^(-KEPT / HALF_LIFE)) / (1 - 2^(-1 / HALF_LIFE))` = 5.62, and 12 is more than twice that: behind a
//! figure there are always three organizations, none of them with half of it, and 11 reports or more.

use super::Closed;

/// Weeks after which votes weigh half.
pub const HALF_LIFE: u32 = 4;
/// Weeks that are looked back to.
pub const KEPT: u32 = 13;
/// The least sum of weighed votes of which a figure is made.
pub const LEAST_VOTES: f64 = 12.0;
/// Votes that a figure begins with: for and against. A listing shown open is held to be right in 8 of 10 cases until
/// more is known.
pub const PRIOR: (f64, f64) = (8.0, 2.0);
/// How many reports there were is told rounded up to a multiple of this.
const STEP: u32 = 5;

/// The chance that a service shown open takes a client whom it serves. Whole hundredths, 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Precision(u8);

/// What is known of one service from weeks that are over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// What a search ranks by.
    pub precision: Precision,
    /// Tenths of the referrals that were taken, 0 to 10. No finer: a difference between two weeks must not
    /// tell what one caseworker said.
    pub tenths: u8,
    /// About how many reports there were: rounded up to a multiple of 5, never fewer than 15.
    pub about: u32,
}

impl Precision {
    /// These hundredths; more than 100 is 100.
    #[must_use]
    pub fn from_hundredths(hundredths: u8) -> Self {
        Self(hundredths.min(100))
    }

    /// The hundredths.
    #[must_use]
    pub fn hundredths(self) -> u8 {
        self.0
    }

    /// The same as a share, 0 to 1.
    #[must_use]
    pub fn share(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl Figure {
    /// The figure of a service: the mean of a beta distribution that starts as [`PRIOR`].
    ///
    /// * `weeks` — what is kept of each week that is over, with its age: 0 is the week that ended last. Those older
    ///   than [`KEPT`] weeks are not looked at.
    ///
    /// `None` below [`LEAST_VOTES`]: nothing is known, and nothing is told.
    ///
    /// Source: Gelman et al., Bayesian Data Analysis, 3rd ed. 2013, section 2.4.
    #[must_use]
    pub fn of(weeks: impl IntoIterator<Item = (u32, Closed)>) -> Option<Self> {
        let (mut votes, mut accepted, mut reports) = (0.0, 0.0, 0_u32);
        for (age, closed) in weeks.into_iter().filter(|(age, _)| *age < KEPT) {
            let weight = (-f64::from(age) / f64::from(HALF_LIFE)).exp2();
            votes += weight * f64::from(closed.votes.organizations);
            accepted += weight * closed.votes.accepted;
            reports = reports.saturating_add(closed.reports);
        }
        (votes >= LEAST_VOTES).then(|| Self {
            precision: Precision(whole(
                100.0,
                (accepted + PRIOR.0) / (votes + PRIOR.0 + PRIOR.1),
            )),
            tenths: whole(10.0, accepted / votes),
            about: reports.div_ceil(STEP).saturating_mul(STEP),
        })
    }
}

/// So many parts of a share of 0 to 1, rounded.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the share is clamped and the parts are at most 100"
)]
fn whole(parts: f64, share: f64) -> u8 {
    (share.clamp(0.0, 1.0) * parts).round() as u8
}
