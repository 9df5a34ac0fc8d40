//! The classes of searches, and how many of all searches each is.

/// What a search asks by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// A need near a place, whatever the state of capacity.
    NearNeed,
    /// A need and words near a place.
    NearNeedText,
    /// A need near a place, open now only.
    NearNeedOpen,
    /// A need in a language near a place.
    NearNeedLanguage,
    /// Words near a place.
    NearText,
    /// A need near a place, in a language, open now, for a client in stated circumstances, at a fee and
    /// by an access; half of them with words.
    AllFilters,
    /// A need of people at a place, wherever it is offered.
    Serves,
    /// Anything near a place.
    Near,
    /// Words, anywhere.
    NationwideText,
    /// A need in a state.
    StatewideNeed,
    /// Words in a state.
    StatewideText,
    /// One or two words that very many services have, anywhere.
    AnyWord,
}

/// Percent of all searches. Source: the measured prototype of this engine and its workload.
const SHARES: [(Class, usize); 12] = [
    (Class::NearNeed, 21),
    (Class::NearNeedText, 20),
    (Class::NearNeedOpen, 12),
    (Class::NearNeedLanguage, 11),
    (Class::NearText, 10),
    (Class::AllFilters, 7),
    (Class::Serves, 4),
    (Class::Near, 4),
    (Class::NationwideText, 4),
    (Class::StatewideNeed, 3),
    (Class::StatewideText, 2),
    (Class::AnyWord, 2),
];

impl Class {
    /// Every class, the most frequent first.
    pub const ALL: [Self; 12] = [
        Self::NearNeed,
        Self::NearNeedText,
        Self::NearNeedOpen,
        Self::NearNeedLanguage,
        Self::NearText,
        Self::AllFilters,
        Self::Serves,
        Self::Near,
        Self::NationwideText,
        Self::StatewideNeed,
        Self::StatewideText,
        Self::AnyWord,
    ];

    /// The class's stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NearNeed => "near_need",
            Self::NearNeedText => "near_need_text",
            Self::NearNeedOpen => "near_need_open",
            Self::NearNeedLanguage => "near_need_language",
            Self::NearText => "near_text",
            Self::AllFilters => "all_filters",
            Self::Serves => "serves",
            Self::Near => "near",
            Self::NationwideText => "nationwide_text",
            Self::StatewideNeed => "statewide_need",
            Self::StatewideText => "statewide_text",
            Self::AnyWord => "any_word",
        }
    }

    /// The class's part of all searches, 0..=1.
    #[must_use]
    pub fn share(self) -> f64 {
        let row = SHARES.iter().find(|(class, _)| *class == self);
        let percent = row.map_or(0, |(_, percent)| *percent);
        f64::from(u32::try_from(percent).unwrap_or_default()) / 100.0
    }

    /// So many classes, each as often as its share says, to the whole number below; the most frequent
    /// class has what is left over.
    pub(super) fn portions(searches: usize) -> Vec<Self> {
        let portion = |(class, percent): &(Self, usize)| {
            std::iter::repeat_n(*class, searches * percent / 100)
        };
        let mut classes: Vec<Self> = SHARES.iter().flat_map(portion).collect();
        classes.resize(searches, Self::NearNeed);
        classes
    }

    /// Whether it asks near a place, within a radius.
    #[must_use]
    pub fn has_radius(self) -> bool {
        matches!(
            self,
            Self::NearNeed
                | Self::NearNeedText
                | Self::NearNeedOpen
                | Self::NearNeedLanguage
                | Self::NearText
                | Self::AllFilters
                | Self::Near
        )
    }

    /// Whether it asks by words alone, such as a name has.
    pub(super) fn is_of_words(self) -> bool {
        matches!(
            self,
            Self::NearText | Self::NationwideText | Self::StatewideText
        )
    }

    /// Whether it names a need.
    #[must_use]
    pub fn has_need(self) -> bool {
        matches!(
            self,
            Self::NearNeed
                | Self::NearNeedText
                | Self::NearNeedOpen
                | Self::NearNeedLanguage
                | Self::AllFilters
                | Self::Serves
                | Self::StatewideNeed
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_parts_of_a_whole() {
        let total: f64 = Class::ALL.map(Class::share).iter().sum();

        assert!((total - 1.0).abs() < 1e-9, "{total}");
        assert_eq!(Class::portions(2_000).len(), 2_000);
        assert_eq!(Class::portions(7).len(), 7);
    }
}
