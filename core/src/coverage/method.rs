//! How the numbers were made, in sentences for people.

use crate::coverage::{Measure, Question};
use crate::geo::Kilometres;

/// What holds for every measure of supply.
const SUPPLY: &str = "Counted is what takes referrals now and was confirmed in time. The bounds tell what the \
    number would be if all that is stale or unknown were open and areas that hold on a condition held. A service that \
    states no area is taken to serve whoever is near; remote services are counted apart. A confidential site stands at \
    its county's point.";

/// How the numbers of a question were made.
pub(super) fn method(question: &Question) -> String {
    let assumed = question.assumed_places;
    let within = miles(question.within);
    let measured = match &question.measure {
        Measure::NearestOpen => {
            "Distance along the great circle to the nearest open provider whose area covers the \
            people; of a county, the population-weighted median."
                .to_owned()
        }
        Measure::CoverageAt(distance) => format!(
            "Share of people with an open provider whose area covers them within {} (Toregas et al. 1971).",
            miles(*distance)
        ),
        Measure::KCoverage {
            organizations,
            within,
        } => format!(
            "Share of people with open providers of at least {organizations} different organizations within {}.",
            miles(*within)
        ),
        Measure::Catchment(rings) => {
            let rings = rings.as_slice().iter();
            let rings: Vec<String> = rings
                .map(|ring| format!("up to {} weight {}", miles(ring.to), ring.weight))
                .collect();
            format!(
                "Open places in reach for each 1,000 people, shared among all who compete for them: two-step floating \
                 catchment area (Luo & Wang 2003; rings of Luo & Qi 2009): {}. An open provider without a count \
                 stands for {assumed}.",
                rings.join(", ")
            )
        }
        Measure::PeoplePerPlace => format!(
            "People of the county for each open place at a site in it; the places of a service with sites in several \
             counties are divided equally among them. An open provider without a count stands for {assumed}."
        ),
        Measure::DeadEnds => return DEAD_ENDS.to_owned(),
        Measure::TimeToFirstOpen => format!(
            "Days that somebody who asks at any moment of the time looked at waits until a provider within {within} is \
             open, on average; waits that had not ended are counted up to the end of that time (restricted mean: \
             Royston & Parmar 2013)."
        ),
    };
    format!("{measured} {SUPPLY}")
}

/// How dead ends were counted.
const DEAD_ENDS: &str = "Searches that ended with nothing open, of all searches for the need in the county and week, as \
    far as published: counts of 1 to 10 are withheld, and so are others that would give one away; no sums are \
    published beside them. Searches that could mark a person are never counted.";

fn miles(distance: Kilometres) -> String {
    format!("{:.0} miles", distance.miles())
}
