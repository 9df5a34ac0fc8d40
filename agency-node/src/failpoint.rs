//! Named places where a test may end this process; nothing without the feature `failpoints`.
//!
//! The names are listed in the crate `referral-failpoints`. No program that is shipped is built with them.

/// The process ends at this name when a test plans it. `NAME is on` asks whether a test has switched something on.
macro_rules! failpoint {
    ($name:literal) => {
        #[cfg(feature = "failpoints")]
        referral_failpoints::hit($name);
    };
    ($name:literal is on) => {{
        #[cfg(feature = "failpoints")]
        {
            referral_failpoints::is_on($name)
        }
        #[cfg(not(feature = "failpoints"))]
        {
            false
        }
    }};
}
