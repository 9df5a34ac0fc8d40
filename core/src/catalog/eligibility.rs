//! Whom a service takes, as data. The service states it; the provider decides.

use crate::text::{Name, Text};
use crate::vocabulary::Code;

/// What an eligibility rule is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// Age in whole years.
    Age,
    /// Nationality, ISO 3166-1 alpha-2 codes.
    Nationality,
    /// Immigration situation, in the publisher's or the vocabulary's words.
    Immigration,
    /// Custody: values are codes of class `cust`.
    Custody,
    /// Work authorisation: `before`, `after` or `any`.
    WorkPermit,
    /// Household income in percent of the federal poverty line.
    Income,
    /// Months since arrival.
    MonthsSinceArrival,
    /// Gender or gender identity.
    Gender,
    /// Any other rule, by its vocabulary code (class `el` or a publisher's own).
    Other(Code),
}

/// Whether a rule lets people in or keeps them out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// People whom the values describe are taken.
    Allow,
    /// People whom the values describe are not taken.
    Deny,
}

/// What a rule compares with.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// A whole number between the two, each included; `None` is no bound.
    Range {
        /// The smallest value that is inside.
        minimum: Option<u32>,
        /// The largest value that is inside.
        maximum: Option<u32>,
    },
    /// Any of these values, at least one.
    AnyOf(Vec<Name>),
    /// Words that only a person can apply.
    Words(Text),
}

/// One eligibility rule (HSDS eligibility, made comparable).
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// What it is about.
    pub field: Field,
    /// Allow or deny.
    pub effect: Effect,
    /// What it compares with.
    pub values: Values,
    /// True when the provider may decide otherwise in a single case.
    pub discretionary: bool,
}
