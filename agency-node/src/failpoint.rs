//! Named places where a test may end this process; nothing without the feature `failpoints`.
//!
//! The names are listed in the crate `referral-failpoints`. No program that is shipped is built with them.

/// The process ends at this name when a test plans it.
macro_rules! failpoint {
    ($name:literal) => {
        #[cfg(feature = "failpoints")]
        referral_failpoints::hit($name);
    };
}
