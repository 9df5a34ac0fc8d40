//! What a search says of the client: facts about the search, never a person.
//!
//! [`Circumstances`] holds what the asker chose to give; each part is parsed by its own type. Nothing
//! here prints what was given: `Debug` says only which facts there are.

use std::fmt;

use crate::catalog::Field;
use crate::geo::CountryCode;
use crate::text::fold;

/// The oldest age a search may give, in whole years.
const OLDEST: u32 = 120;

/// The client's circumstances, as far as the search gives them.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// Whether and how the client is held.
    pub custody: Option<Custody>,
    /// Age.
    pub age: Option<Age>,
    /// Immigration situation.
    pub immigration: Option<Immigration>,
    /// Nationality.
    pub nationality: Option<CountryCode>,
    /// Before or after work authorisation.
    pub work_permit: Option<WorkPermit>,
}

/// One kind of circumstance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Circumstance {
    /// Whether and how the client is held.
    Custody,
    /// Age.
    Age,
    /// Immigration situation.
    Immigration,
    /// Nationality.
    Nationality,
    /// Before or after work authorisation.
    WorkPermit,
}

/// Whether and how the client is held.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Custody {
    /// Not in custody.
    NotDetained,
    /// In custody, anywhere.
    Detained,
    /// A child in federal shelter or foster care.
    FederalShelter,
    /// In an alternatives-to-detention programme.
    Alternatives,
    /// Released lately.
    Released,
}

/// An immigration situation: the words of the vocabulary's `el:stat`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Immigration {
    /// Has asked, or will ask, for asylum.
    AsylumSeeker,
    /// Admitted on parole.
    Parolee,
    /// Granted asylum.
    Asylee,
    /// Admitted as a refugee.
    Refugee,
    /// Holds a special immigrant visa.
    SpecialVisa,
    /// Certified as a survivor of trafficking.
    TraffickingCertified,
    /// No immigration status.
    WithoutStatus,
}

/// Before or after work authorisation.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum WorkPermit {
    /// No work permit yet.
    Before,
    /// Has a work permit.
    After,
}

/// An age in whole years, 0 to 120.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Age(u8);

/// A circumstance that was not understood. The asker's to fix; never repeats what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCircumstance {
    /// No custody situation.
    #[error("custody is nondet, det, orr, atd or rel")]
    Custody,
    /// No age.
    #[error("an age is a whole number of years from 0 to 120")]
    Age,
    /// No immigration situation.
    #[error(
        "an immigration situation is asylum-seeker, parolee, asylee, refugee, special-visa, \
         trafficking-certified or none"
    )]
    Immigration,
    /// No country.
    #[error("a nationality is a country: its name or its two-letter code, such as HN")]
    Nationality,
    /// Neither before nor after.
    #[error("a work permit is before or after")]
    WorkPermit,
}

impl InvalidCircumstance {
    /// A stable name for this kind of failure.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Custody => "custody_invalid",
            Self::Age => "age_invalid",
            Self::Immigration => "immigration_invalid",
            Self::Nationality => "nationality_invalid",
            Self::WorkPermit => "work_permit_invalid",
        }
    }
}

impl Circumstances {
    /// True when this one is given.
    #[must_use]
    pub fn gives(&self, which: Circumstance) -> bool {
        match which {
            Circumstance::Custody => self.custody.is_some(),
            Circumstance::Age => self.age.is_some(),
            Circumstance::Immigration => self.immigration.is_some(),
            Circumstance::Nationality => self.nationality.is_some(),
            Circumstance::WorkPermit => self.work_permit.is_some(),
        }
    }

    /// The ones given, in the order of [`Circumstance::ALL`].
    pub fn given(self) -> impl Iterator<Item = Circumstance> {
        Circumstance::ALL
            .into_iter()
            .filter(move |which| self.gives(*which))
    }

    /// The same without this one.
    #[must_use]
    pub fn without(mut self, which: Circumstance) -> Self {
        match which {
            Circumstance::Custody => self.custody = None,
            Circumstance::Age => self.age = None,
            Circumstance::Immigration => self.immigration = None,
            Circumstance::Nationality => self.nationality = None,
            Circumstance::WorkPermit => self.work_permit = None,
        }
        self
    }
}

/// Says which facts are given, never what they are.
impl fmt::Debug for Circumstances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Circumstances")?;
        f.debug_list().entries(self.given()).finish()
    }
}

impl Circumstance {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Custody,
        Self::Age,
        Self::Immigration,
        Self::Nationality,
        Self::WorkPermit,
    ];

    /// Its stable name; also the field of a search that gives it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Custody => "custody",
            Self::Age => "age",
            Self::Immigration => "immigration",
            Self::Nationality => "nationality",
            Self::WorkPermit => "work_permit",
        }
    }

    /// What eligibility rules call it.
    #[must_use]
    pub fn field(self) -> Field {
        match self {
            Self::Custody => Field::Custody,
            Self::Age => Field::Age,
            Self::Immigration => Field::Immigration,
            Self::Nationality => Field::Nationality,
            Self::WorkPermit => Field::WorkPermit,
        }
    }

    /// The circumstance that a rule on `field` is about; `None` for what a search cannot give.
    #[must_use]
    pub fn of(field: &Field) -> Option<Self> {
        match field {
            Field::Custody => Some(Self::Custody),
            Field::Age => Some(Self::Age),
            Field::Immigration => Some(Self::Immigration),
            Field::Nationality => Some(Self::Nationality),
            Field::WorkPermit => Some(Self::WorkPermit),
            Field::Income | Field::MonthsSinceArrival | Field::Gender | Field::Other(_) => None,
        }
    }
}

impl Custody {
    /// Every situation.
    pub const ALL: [Self; 5] = [
        Self::NotDetained,
        Self::Detained,
        Self::FederalShelter,
        Self::Alternatives,
        Self::Released,
    ];

    /// Reads a situation by its name.
    ///
    /// # Errors
    /// [`InvalidCircumstance::Custody`] for any other word.
    pub fn parse(text: &str) -> Result<Self, InvalidCircumstance> {
        let named = |custody: &Self| custody.as_str().eq_ignore_ascii_case(text.trim());
        Self::ALL
            .into_iter()
            .find(named)
            .ok_or(InvalidCircumstance::Custody)
    }

    /// Its stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotDetained => "nondet",
            Self::Detained => "det",
            Self::FederalShelter => "orr",
            Self::Alternatives => "atd",
            Self::Released => "rel",
        }
    }
}

impl Immigration {
    /// Every situation.
    pub const ALL: [Self; 7] = [
        Self::AsylumSeeker,
        Self::Parolee,
        Self::Asylee,
        Self::Refugee,
        Self::SpecialVisa,
        Self::TraffickingCertified,
        Self::WithoutStatus,
    ];

    /// Reads a situation by its name, also in the plural and with blanks or underscores for hyphens.
    ///
    /// # Errors
    /// [`InvalidCircumstance::Immigration`] for any other word.
    pub fn parse(text: &str) -> Result<Self, InvalidCircumstance> {
        let asked = fold(&text.replace(['-', '_'], " "));
        let one = asked.strip_suffix('s').unwrap_or(&asked);
        let named = |situation: &Self| {
            let name = situation.as_str().replace('-', " ");
            name == asked || name == one
        };
        Self::ALL
            .into_iter()
            .find(named)
            .ok_or(InvalidCircumstance::Immigration)
    }

    /// Its stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AsylumSeeker => "asylum-seeker",
            Self::Parolee => "parolee",
            Self::Asylee => "asylee",
            Self::Refugee => "refugee",
            Self::SpecialVisa => "special-visa",
            Self::TraffickingCertified => "trafficking-certified",
            Self::WithoutStatus => "none",
        }
    }
}

impl WorkPermit {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Before, Self::After];

    /// Reads `before` or `after`.
    ///
    /// # Errors
    /// [`InvalidCircumstance::WorkPermit`] for any other word.
    pub fn parse(text: &str) -> Result<Self, InvalidCircumstance> {
        let named = |permit: &Self| permit.as_str().eq_ignore_ascii_case(text.trim());
        Self::ALL
            .into_iter()
            .find(named)
            .ok_or(InvalidCircumstance::WorkPermit)
    }

    /// Its stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

impl Age {
    /// An age in whole years.
    ///
    /// # Errors
    /// [`InvalidCircumstance::Age`] over 120.
    pub fn new(years: u32) -> Result<Self, InvalidCircumstance> {
        match u8::try_from(years) {
            Ok(age) if years <= OLDEST => Ok(Self(age)),
            _ => Err(InvalidCircumstance::Age),
        }
    }

    /// Reads a whole number of years.
    ///
    /// # Errors
    /// [`InvalidCircumstance::Age`] for anything else, and over 120.
    pub fn parse(text: &str) -> Result<Self, InvalidCircumstance> {
        let years = text.trim().parse();
        years
            .map_err(|_| InvalidCircumstance::Age)
            .and_then(Self::new)
    }

    /// Whole years.
    #[must_use]
    pub fn years(self) -> u32 {
        u32::from(self.0)
    }
}

/// These tell nothing of what was given.
macro_rules! redacted {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )*};
}
redacted!(Age, Custody, Immigration, WorkPermit);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_is_never_printed() {
        let given = Circumstances {
            custody: Some(Custody::Detained),
            age: Age::new(17).ok(),
            nationality: CountryCode::parse("HN").ok(),
            ..Circumstances::default()
        };

        assert_eq!(
            format!("{given:?}"),
            "Circumstances[Custody, Age, Nationality]"
        );
        assert_eq!(
            format!("{:?}{:?}", given.custody, given.age),
            "Some(Custody(..))Some(Age(..))"
        );
    }

    #[test]
    fn every_name_leads_back_to_what_it_names() {
        for custody in Custody::ALL {
            assert!(Custody::parse(custody.as_str()) == Ok(custody));
        }
        for situation in Immigration::ALL {
            assert!(Immigration::parse(situation.as_str()) == Ok(situation));
        }
        assert!(Immigration::parse("Asylum Seekers") == Ok(Immigration::AsylumSeeker));
        assert!(WorkPermit::parse("After") == Ok(WorkPermit::After));
    }

    #[test]
    fn an_age_is_a_number_of_years() {
        assert!(Age::parse(" 17 ").is_ok_and(|age| age.years() == 17));
        for wrong in ["", "-1", "121", "17.5", "seventeen", "4294967296"] {
            assert!(
                Age::parse(wrong) == Err(InvalidCircumstance::Age),
                "{wrong}"
            );
        }
    }
}
