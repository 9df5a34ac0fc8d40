//! Whom a service takes.

use referral_core::catalog::{Effect, Field, Rule, Values};
use referral_core::vocabulary::Code;

use super::limits;
use super::reading::{Fault, FromWire, Reading};
use super::record::texts;
use super::text::{FromText, ToText};
use crate::v1;
use crate::v1::eligibility_rule::ComparesWith;

/// Names of the fields that are no vocabulary codes; no code can be one of them, for want of a colon.
const FIELDS: [(&str, Field); 8] = [
    ("age", Field::Age),
    ("nationality", Field::Nationality),
    ("immigration", Field::Immigration),
    ("custody", Field::Custody),
    ("work_permit", Field::WorkPermit),
    ("income", Field::Income),
    ("months_since_arrival", Field::MonthsSinceArrival),
    ("gender", Field::Gender),
];

impl From<&Rule> for v1::EligibilityRule {
    fn from(rule: &Rule) -> Self {
        Self {
            field: rule.field.to_text(),
            deny: rule.effect == Effect::Deny,
            compares_with: Some(ComparesWith::from(&rule.values)),
            discretionary: rule.discretionary,
        }
    }
}

impl FromWire for Rule {
    type Wire = v1::EligibilityRule;

    fn from_wire(wire: v1::EligibilityRule, at: &mut Reading) -> Option<Self> {
        let field = at.required("field", &wire.field);
        let values = at.given("compares_with", wire.compares_with);
        let values = values.and_then(|values| Values::from_wire(values, at));
        Some(Self {
            field: field?,
            effect: if wire.deny {
                Effect::Deny
            } else {
                Effect::Allow
            },
            values: values?,
            discretionary: wire.discretionary,
        })
    }
}

impl From<&Values> for ComparesWith {
    fn from(values: &Values) -> Self {
        match values {
            Values::Range { minimum, maximum } => Self::Range(v1::Range {
                minimum: *minimum,
                maximum: *maximum,
            }),
            Values::AnyOf(values) => Self::AnyOf(v1::ValueSet {
                values: texts(values),
            }),
            Values::Words(words) => Self::Words(words.to_text()),
        }
    }
}

impl FromWire for Values {
    type Wire = ComparesWith;

    fn from_wire(wire: ComparesWith, at: &mut Reading) -> Option<Self> {
        match wire {
            ComparesWith::Range(range) => self::range(range, at),
            ComparesWith::AnyOf(set) if set.values.is_empty() => {
                let fault = Fault::new("values_missing", "name at least one value");
                at.refuse("any_of.values", fault);
                None
            }
            ComparesWith::AnyOf(set) => {
                let values = at.texts("any_of.values", &set.values, limits::VALUES);
                Some(Self::AnyOf(values))
            }
            ComparesWith::Words(words) => at.required("words", &words).map(Self::Words),
        }
    }
}

fn range(range: v1::Range, at: &mut Reading) -> Option<Values> {
    let v1::Range { minimum, maximum } = range;
    if minimum
        .zip(maximum)
        .is_some_and(|(minimum, maximum)| minimum > maximum)
    {
        let text = "the smallest value is greater than the largest: swap them";
        at.refuse("range", Fault::new("range_reversed", text));
        return None;
    }
    Some(Values::Range { minimum, maximum })
}

impl ToText for Field {
    fn to_text(&self) -> String {
        if let Self::Other(code) = self {
            return code.to_text();
        }
        let named = FIELDS.iter().find(|(_, field)| field == self);
        named.map_or_else(String::new, |(name, _)| (*name).to_owned())
    }
}

impl FromText for Field {
    fn from_text(text: &str) -> Result<Self, Fault> {
        let named = FIELDS.into_iter().find(|(name, _)| *name == text);
        if let Some((_, field)) = named {
            return Ok(field);
        }
        let why = "a rule is about age, nationality, immigration, custody, work_permit, income, \
                   months_since_arrival, gender or a vocabulary code such as el:crim";
        Code::parse(text)
            .map(Self::Other)
            .map_err(|_| Fault::new("rule_field_invalid", why))
    }
}
