//! Amounts as people read them: miles, per cent, days; none and withheld in words.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use referral_core::coverage::{Amount, Figure, Places, Quantity};
use referral_core::geo::{CountyFips, Kilometres, StateCode};
use referral_core::tally::{Ending, Published, Topic};
use referral_core::vocabulary::Code;
use referral_gazetteer::gazetteer;
use referral_runtime::texts::Value;

use crate::operations::meaning;
use crate::web::result::capitalised;
use crate::{say, tell};

/// A figure in words: its value, from where to where it can be, and how many stand behind it.
pub(in crate::web) struct Said {
    pub(in crate::web) value: String,
    pub(in crate::web) bounds: String,
    pub(in crate::web) n: u64,
}

impl Said {
    /// The figure in words.
    pub(in crate::web) fn of(quantity: Quantity, figure: &Figure) -> Self {
        Self {
            value: amount(quantity, figure.value),
            bounds: bounds(quantity, figure),
            n: figure.n,
        }
    }

    /// "43 miles (31 miles to none, n = 12)".
    pub(in crate::web) fn line(&self) -> String {
        let values = [
            ("value", self.value.as_str().into()),
            ("bounds", self.bounds.as_str().into()),
            ("n", count(self.n).into()),
        ];
        tell("amount-line", &values)
    }

    /// "n = 12": how many stand behind it.
    pub(in crate::web) fn counted(&self) -> String {
        tell("coverage-n", &[("n", count(self.n).into())])
    }
}

/// An amount in words.
pub(in crate::web) fn amount(quantity: Quantity, amount: Amount) -> String {
    match amount {
        Amount::Number(value) => number(quantity, value),
        Amount::None => say("amount-none"),
        Amount::Withheld => say("amount-withheld"),
    }
}

/// From where to where a figure can be.
fn bounds(quantity: Quantity, figure: &Figure) -> String {
    let (lower, upper) = (
        amount(quantity, figure.lower),
        amount(quantity, figure.upper),
    );
    if figure.lower == figure.upper {
        say("amount-certain")
    } else {
        range(&lower, &upper)
    }
}

/// "31 to 43 miles": the unit once, where both have it.
pub(in crate::web) fn range(from: &str, to: &str) -> String {
    let unit = |text: &str| text.split_once(' ').map(|(_, unit)| unit.to_owned());
    let from = match from.split_once(' ') {
        Some((number, own)) if unit(to).as_deref() == Some(own) => number,
        _ => from,
    };
    tell("amount-range", &[("from", from.into()), ("to", to.into())])
}

/// A number with its unit.
pub(in crate::web) fn number(quantity: Quantity, value: f64) -> String {
    match quantity {
        Quantity::Kilometres => Kilometres::new(value).map_or_else(|_| value.to_string(), miles),
        Quantity::Share => share(value),
        Quantity::PlacesPerThousand => digits(value),
        Quantity::PeoplePerPlace => tell("amount-people", &counted(value)),
        Quantity::Days => tell("amount-days", &counted(value)),
    }
}

/// "43 miles", "4.5 miles", "1 mile".
pub(in crate::web) fn miles(distance: Kilometres) -> String {
    tell("amount-miles", &counted(distance.miles()))
}

/// A number as it is written, and what chooses between one and many: what is written as 1 is one.
fn counted(value: f64) -> [(&'static str, Value<'static>); 2] {
    let number = digits(value);
    let count = if number == "1" { 1 } else { 2 };
    [("count", count.into()), ("number", number.into())]
}

/// "62%"; what is not all and not nothing is never said to be.
pub(in crate::web) fn share(value: f64) -> String {
    let percent = value * 100.0;
    if percent > 0.0 && percent < 0.5 {
        say("amount-under")
    } else if percent < 100.0 && percent > 99.5 {
        say("amount-over")
    } else {
        format!("{percent:.0}%")
    }
}

/// People, rounded to one of them, in groups of three digits.
pub(in crate::web) fn people(number: f64) -> String {
    grouped(&format!("{number:.0}"))
}

/// A count in groups of three digits.
pub(in crate::web) fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// A number with as many digits as mean something: two decimals below 1, one below 10, none from there on.
fn digits(value: f64) -> String {
    let places = match value {
        value if value < 1.0 => 2,
        value if value < 10.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.places$}");
    match text.split_once('.') {
        None => grouped(&text),
        Some((whole, part)) => match part.trim_end_matches('0') {
            "" => grouped(whole),
            part => format!("{}.{part}", grouped(whole)),
        },
    }
}

/// Digits with commas between thousands.
pub(in crate::web) fn grouped(digits: &str) -> String {
    let length = digits.len();
    let mut text = String::with_capacity(length + length / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (length - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// "22 November 2026, 14:17 UTC".
pub(in crate::web) fn moment(at: Timestamp) -> String {
    let at = at.to_zoned(TimeZone::UTC);
    at.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

/// "22 November 2026".
pub(in crate::web) fn day(at: Timestamp) -> String {
    let at = at.to_zoned(TimeZone::UTC);
    at.strftime("%-d %B %Y").to_string()
}

/// The county's name, and its state's code: "Baltimore County, MD".
pub(in crate::web) fn county(fips: CountyFips) -> String {
    let name = county_name(fips);
    match fips.state() {
        Some(state) => format!("{name}, {state}"),
        None => name,
    }
}

/// The county's name alone; its code where the map does not know it.
pub(in crate::web) fn county_name(fips: CountyFips) -> String {
    let county = gazetteer().county(fips);
    county.map_or_else(|| fips.to_string(), |county| county.name.clone())
}

/// The state's name.
pub(in crate::web) fn state(code: StateCode) -> String {
    let state = gazetteer().state(code);
    state.map_or_else(|| code.to_string(), |state| state.name.clone())
}

/// Free places of a provider.
pub(in crate::web) fn places(places: Places) -> String {
    match places {
        Places::Assumed => say("amount-not-counted"),
        Places::Counted(number, unit) => {
            let places = [
                ("count", number.into()),
                ("number", count(number.into()).into()),
            ];
            tell(&format!("amount-free-{}", unit.as_str()), &places)
        }
    }
}

/// How searches ended, in words.
pub(in crate::web) fn ending(ending: Ending) -> String {
    match ending.code() {
        "open" => say("ending-open"),
        "capacity" => say("ending-capacity"),
        "area" => say("ending-area"),
        "eligibility" => say("ending-eligibility"),
        "language" => say("ending-language"),
        _ => say("ending-none"),
    }
}

/// What was searched for, in words.
pub(in crate::web) fn topic(topic: &Topic) -> String {
    match topic {
        Topic::Any => say("topic-any"),
        Topic::Other => say("topic-other"),
        Topic::Need(code) => capitalised(&need(code)),
    }
}

/// What a need means.
pub(in crate::web) fn need(code: &Code) -> String {
    meaning(code)
}

/// How many searches, as far as published.
pub(in crate::web) fn searches(published: Published) -> String {
    match published {
        Published::Count(number) => count(number),
        few @ Published::Few => few.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_mean_something() {
        for (quantity, value, said) in [
            (Quantity::Kilometres, 1.609_344, "1 mile"),
            (Quantity::Kilometres, 69.2, "43 miles"),
            (Quantity::Kilometres, 7.3, "4.5 miles"),
            (Quantity::Share, 0.623, "62%"),
            (Quantity::Share, 0.001, "under 0.5%"),
            (Quantity::Share, 0.999, "over 99.5%"),
            (Quantity::Share, 0.0, "0%"),
            (Quantity::Share, 1.0, "100%"),
            (Quantity::PeoplePerPlace, 12_345.6, "12,346 people"),
            (Quantity::PlacesPerThousand, 0.42, "0.42"),
            (Quantity::Days, 1.0, "1 day"),
            (Quantity::Days, 2.5, "2.5 days"),
        ] {
            assert_eq!(number(quantity, value), said);
        }
    }

    #[test]
    fn none_is_a_word_and_never_a_number() {
        let figure = Figure {
            value: Amount::None,
            lower: Amount::Number(50.0),
            upper: Amount::None,
            n: 0,
        };

        let said = Said::of(Quantity::Kilometres, &figure);

        assert_eq!(said.line(), "none (31 miles to none, n = 0)");
    }

    #[test]
    fn what_cannot_be_otherwise_is_said_to_be_certain() {
        let figure = Figure::certain(Amount::Number(0.5), 7);

        assert_eq!(
            Said::of(Quantity::Share, &figure).line(),
            "50% (no doubt, n = 7)"
        );
    }

    #[test]
    fn groups_have_three_digits() {
        for (number, said) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (333_600_123, "333,600,123"),
        ] {
            assert_eq!(count(number), said);
        }
    }
}
