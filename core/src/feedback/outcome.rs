//! How a referral ended, and counts of that.

/// How a referral ended, as the caseworker says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// The service takes the client.
    Accepted,
    /// It had no place.
    Full,
    /// It does not take people in this client's situation. Says nothing of whether it is open.
    NotEligible,
    /// Nobody answered.
    NoAnswer,
}

/// How many referrals ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcomes([u32; 4]);

impl Outcome {
    /// Every outcome, in the order in which people are asked and counts are written.
    pub const ALL: [Self; 4] = [
        Self::Accepted,
        Self::Full,
        Self::NotEligible,
        Self::NoAnswer,
    ];

    /// Its stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Full => "full",
            Self::NotEligible => "not_eligible",
            Self::NoAnswer => "no_answer",
        }
    }

    /// The outcome of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == name)
    }

    fn place(self) -> usize {
        match self {
            Self::Accepted => 0,
            Self::Full => 1,
            Self::NotEligible => 2,
            Self::NoAnswer => 3,
        }
    }
}

impl Outcomes {
    /// These counts, in the order of [`Outcome::ALL`].
    #[must_use]
    pub fn from_numbers(numbers: [u32; 4]) -> Self {
        Self(numbers)
    }

    /// The counts, in the order of [`Outcome::ALL`].
    #[must_use]
    pub fn numbers(self) -> [u32; 4] {
        self.0
    }

    /// Counts one more.
    pub fn add(&mut self, outcome: Outcome) {
        let count = &mut self.0[outcome.place()];
        *count = count.saturating_add(1);
    }

    /// Counts more of them.
    pub fn add_all(&mut self, more: Self) {
        for (count, more) in self.0.iter_mut().zip(more.0) {
            *count = count.saturating_add(more);
        }
    }

    /// How many ended so.
    #[must_use]
    pub fn of(self, outcome: Outcome) -> u32 {
        self.0[outcome.place()]
    }

    /// How many say something of whether the service was open: all but those that were not eligible.
    #[must_use]
    pub fn about_open(self) -> u32 {
        let numbers = Outcome::ALL.into_iter();
        let about = numbers.filter(|outcome| *outcome != Outcome::NotEligible);
        about.fold(0, |sum, outcome| sum.saturating_add(self.of(outcome)))
    }
}
