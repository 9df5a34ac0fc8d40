//! How long a capacity report may be believed.

use crate::capacity::Unit;
use crate::vocabulary::Code;
use jiff::SignedDuration;

/// A time to live in whole seconds: 1 minute to 30 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ttl(u32);

const HOUR: u32 = 3_600;
const DAY: u32 = 24 * HOUR;

impl Ttl {
    /// The longest any report is believed.
    pub const LONGEST: Self = Self(30 * DAY);
    /// The shortest time to live.
    pub const SHORTEST: Self = Self(60);

    /// A time to live of `seconds`, brought into range.
    #[must_use]
    pub fn clamped(seconds: u32) -> Self {
        Self(seconds.clamp(Self::SHORTEST.0, Self::LONGEST.0))
    }

    /// Its length in seconds.
    #[must_use]
    pub fn seconds(self) -> u32 {
        self.0
    }

    /// Its length as a duration.
    #[must_use]
    pub fn duration(self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.0))
    }
}

/// The time to live of a report about a service with these `codes`, counted in `unit`: the shortest
/// rule that applies. Beds and shelter 24 hours; workshops and seats 3 days; other immigration law
/// 14 days; everything else 30 days. Source: the definitions in `docs/ARCHITECTURE.md`, "Capacity".
#[must_use]
pub fn ttl_for<'a>(codes: impl IntoIterator<Item = &'a Code>, unit: Option<Unit>) -> Ttl {
    let by_unit = match unit {
        Some(Unit::Bed) => 24 * HOUR,
        Some(Unit::Seat) => 3 * DAY,
        _ => 30 * DAY,
    };
    let by_code = codes
        .into_iter()
        .map(|code| match (code.as_str(), code.class()) {
            ("ho:es" | "ho:hotel" | "ho:conf" | "dom:bor", _) => 24 * HOUR,
            ("rep:ws", _) => 3 * DAY,
            ("dom:leg", _) | (_, "lc") => 14 * DAY,
            _ => 30 * DAY,
        });
    Ttl(by_code.fold(by_unit, u32::min))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(codes: &[&str], unit: Option<Unit>) -> u32 {
        let codes: Vec<Code> = codes
            .iter()
            .map(|code| Code::parse(code).unwrap())
            .collect();
        ttl_for(&codes, unit).seconds() / DAY
    }

    #[test]
    fn the_shortest_rule_that_applies_wins() {
        assert_eq!(days(&[], None), 30);
        assert_eq!(days(&["lc:bond"], None), 14);
        assert_eq!(days(&["lc:bond", "rep:ws"], None), 3);
        assert_eq!(days(&["lc:bond", "rep:ws"], Some(Unit::Bed)), 1);
        assert_eq!(days(&["ho:es"], Some(Unit::Client)), 1);
    }
}
