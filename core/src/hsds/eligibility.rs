//! Whom a service takes, as rules.

use super::context::Context;
use super::graph::Ref;
use super::issue::{Cause, Ledger};
use super::reading::{Reading, yes_or_no};
use super::{Entity, Row};
use crate::catalog::{Effect, Field, Rule, Values};
use crate::id::AgencyId;
use crate::text::Name;
use crate::vocabulary::Code;

/// The rules of a service: its two ages, and its eligibility rows.
pub(super) fn rules(
    context: &Context<'_>,
    service: &Ref,
    row: &Row,
    ledger: &mut Ledger,
) -> Vec<Rule> {
    let mut rules: Vec<Rule> = ages(&mut Reading::new(row, ledger)).into_iter().collect();
    for row in context.graph.children(service, Entity::Eligibility) {
        match rule(&mut Reading::new(row, ledger), context.agency) {
            Ok(rule) if !rules.contains(&rule) => rules.push(rule),
            Ok(_) => {}
            Err((field, cause)) => ledger.refuse(row, field, cause),
        }
    }
    rules
}

fn ages(reading: &mut Reading<'_>) -> Option<Rule> {
    let (minimum, maximum) = bounds(reading, "minimum_age", "maximum_age");
    let minimum = minimum.filter(|age| *age > 0);
    (minimum.is_some() || maximum.is_some()).then_some(Rule {
        field: Field::Age,
        effect: Effect::Allow,
        values: Values::Range { minimum, maximum },
        discretionary: false,
    })
}

/// Two bounds; both are left out when they contradict each other.
fn bounds(reading: &mut Reading<'_>, low: &str, high: &str) -> (Option<u32>, Option<u32>) {
    let (minimum, maximum) = (reading.number(low), reading.number(high));
    if let (Some(least), Some(most)) = (minimum, maximum)
        && least > most
    {
        reading.repair(
            low,
            "range_reversed",
            "left out: the smallest value is above the largest",
        );
        return (None, None);
    }
    (minimum, maximum)
}

fn rule(reading: &mut Reading<'_>, agency: &AgencyId) -> Result<Rule, (&'static str, Cause)> {
    let field = reading
        .word("field")
        .and_then(|word| field(&word, agency))
        .ok_or_else(|| ("field", unknown_field()))?;
    let effect = match reading.word("effect").as_deref() {
        None | Some("allow") => Effect::Allow,
        Some("deny") => Effect::Deny,
        Some(_) => return Err(("effect", unknown_effect())),
    };
    let values = values(reading, &field).ok_or_else(|| ("values", no_values()))?;
    let discretionary = reading.word("discretionary");
    Ok(Rule {
        field,
        effect,
        values,
        discretionary: discretionary.is_some_and(|word| yes_or_no(&word) != Some(false)),
    })
}

/// A range where bounds are given, listed values where values are, words otherwise. A code needs none:
/// it is its own rule.
fn values(reading: &mut Reading<'_>, field: &Field) -> Option<Values> {
    let (minimum, maximum) = bounds(reading, "minimum", "maximum");
    if minimum.is_some() || maximum.is_some() {
        return Some(Values::Range { minimum, maximum });
    }
    let listed: Vec<Name> = reading
        .word("values")
        .unwrap_or_default()
        .split(';')
        .filter_map(|value| Name::parse(value).ok())
        .collect();
    if !listed.is_empty() {
        return Some(Values::AnyOf(listed));
    }
    let words = reading.text("words").map(Values::Words);
    let by_itself = || Name::parse("yes").ok().map(|yes| Values::AnyOf(vec![yes]));
    match field {
        Field::Other(_) => words.or_else(by_itself),
        _ => words,
    }
}

fn field(word: &str, agency: &AgencyId) -> Option<Field> {
    if let Some(words) = word.strip_prefix("own:") {
        return Code::own(agency, words).map(Field::Other);
    }
    match word {
        "age" => Some(Field::Age),
        "nationality" => Some(Field::Nationality),
        "immigration" => Some(Field::Immigration),
        "custody" => Some(Field::Custody),
        "work_permit" => Some(Field::WorkPermit),
        "income" => Some(Field::Income),
        "months_since_arrival" => Some(Field::MonthsSinceArrival),
        "gender" => Some(Field::Gender),
        code => Code::parse(code).ok().map(Field::Other),
    }
}

fn unknown_field() -> Cause {
    Cause::new(
        "eligibility_field_unknown",
        "a rule is about age, nationality, immigration, custody, work_permit, income, \
         months_since_arrival, gender, a code such as el:reg, or own: and words",
    )
}

fn unknown_effect() -> Cause {
    Cause::new("eligibility_effect_unknown", "a rule says allow or deny")
}

fn no_values() -> Cause {
    Cause::new(
        "eligibility_without_values",
        "a rule needs values, a minimum or maximum, or words",
    )
}
