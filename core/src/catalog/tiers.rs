//! Parts of a service that fewer people may see than the rest of it.

use crate::catalog::Tier;

/// A part of a service that may have a tier of its own. Where it is offered has the tier of its locations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// What it is in words: description and warning, of the service and its offers.
    Description,
    /// Its telephones, and those of its offers and locations.
    Phones,
    /// People to ask for, here and at its locations.
    Contacts,
    /// Its page on the web and its e-mail address.
    Web,
    /// When it is open, here and at its locations.
    Hours,
    /// Whom it takes in words, how to apply, what to bring, what it costs, how long people wait.
    Intake,
    /// How many places are free; below the tier it is only said whether there are some.
    Capacity,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 7] = [
        Self::Description,
        Self::Phones,
        Self::Contacts,
        Self::Web,
        Self::Hours,
        Self::Intake,
        Self::Capacity,
    ];

    /// Its stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Description => "description",
            Self::Phones => "phones",
            Self::Contacts => "contacts",
            Self::Web => "web",
            Self::Hours => "hours",
            Self::Intake => "intake",
            Self::Capacity => "capacity",
        }
    }

    /// The part of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_str() == name)
    }
}

/// The tiers of parts; a part not named has the service's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tiers(Vec<(Part, Tier)>);

impl Tiers {
    /// These tiers; of several for one part the strictest counts.
    #[must_use]
    pub fn of(stated: impl IntoIterator<Item = (Part, Tier)>) -> Self {
        let mut tiers: Vec<(Part, Tier)> = Vec::new();
        for (part, tier) in stated.into_iter().filter(|(_, tier)| *tier > Tier::Public) {
            match tiers.iter_mut().find(|(known, _)| *known == part) {
                Some((_, known)) => *known = tier.max(*known),
                None => tiers.push((part, tier)),
            }
        }
        tiers.sort_unstable();
        Self(tiers)
    }

    /// The tier of a part; public where it has none of its own.
    #[must_use]
    pub fn tier_of(&self, part: Part) -> Tier {
        let found = self.0.iter().find(|(known, _)| *known == part);
        found.map_or(Tier::Public, |(_, tier)| *tier)
    }

    /// The parts that are not public, each with its tier, in order.
    pub fn restricted(&self) -> impl Iterator<Item = (Part, Tier)> {
        self.0.iter().copied()
    }

    /// Whether every part is as public as the service.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_tiers_of_a_part_the_stricter_counts() {
        let tiers = Tiers::of([
            (Part::Phones, Tier::Ask),
            (Part::Phones, Tier::Member),
            (Part::Web, Tier::Public),
        ]);

        assert_eq!(tiers.tier_of(Part::Phones), Tier::Ask);
        assert_eq!(tiers.tier_of(Part::Web), Tier::Public);
        assert_eq!(tiers.restricted().count(), 1);
    }
}
