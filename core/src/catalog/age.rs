//! How old what a listing says is: nobody has said it again for so long (R13).
//!
//! Counted from the receipt of the last operation of its record that the directory accepted. Nothing is removed by
//! time: what is archived is found by nobody, and its publisher has it back by saying it again.

use jiff::{SignedDuration, Timestamp};

/// After so long it is said again by its publisher's node when an import finds it unchanged.
pub const SAID_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(90 * 24);
/// After so long its publisher's people are asked whether it is still so, a month before it is shown as old.
pub const ASKED_AFTER: SignedDuration = SignedDuration::from_hours(150 * 24);
/// After so long it is shown as old.
pub const OLD_AFTER: SignedDuration = SignedDuration::from_hours(180 * 24);
/// After so long nobody finds it.
pub const ARCHIVED_AFTER: SignedDuration = SignedDuration::from_hours(365 * 24);

/// Whether what was said last at `said_at` is shown as old.
#[must_use]
pub fn is_old(said_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(said_at) >= OLD_AFTER
}

/// Whether nobody finds it any more.
#[must_use]
pub fn is_to_be_archived(said_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(said_at) >= ARCHIVED_AFTER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_year_is_old_and_a_year_too_long() {
        let said = Timestamp::constant(1_780_000_000, 0);
        let after = |days: i64| said + SignedDuration::from_hours(24 * days);

        let of = |days| {
            (
                is_old(said, after(days)),
                is_to_be_archived(said, after(days)),
            )
        };

        assert_eq!(of(-1), (false, false), "a clock that went back");
        assert_eq!(of(179), (false, false));
        assert_eq!(of(180), (true, false));
        assert_eq!(of(364), (true, false));
        assert_eq!(of(365), (true, true));
    }
}
