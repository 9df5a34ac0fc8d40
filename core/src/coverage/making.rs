//! One question, the evidence of one moment, one report.

use std::collections::BTreeMap;

use crate::coverage::{
    Amount, CountyRow, Equity, Evidence, Figure, LanguageRow, Measure, Quantity, Question, Report,
    Rurality, StateRow, Summary,
};

use super::access::Access;
use super::catchment::catchment;
use super::country::Country;
use super::dead_ends::{self, About, DeadEnds};
use super::measured::{Measured, NotGiven, coverage_at, k_coverage, nearest_open};
use super::method::method;
use super::per_place::PerPlace;
use super::pools::{Counting, here, is_open, shares};
use super::rows::{self, Remote};
use super::sphere::Limit;
use super::unplaced::Unplaced;
use super::waiting::time_to_first_open;
use super::ways::Ways;
use super::weighted::gini;

/// Answers a question.
///
/// * `question` — checked ([`Question::check`]).
/// * `evidence` — supply that matches the question's filter, as of its moment, and the demand it names.
///
/// The same question and evidence give the same report to the last bit. It names services by id;
/// [`Report::providers`] is empty.
#[must_use]
pub fn report(question: &Question, evidence: &Evidence<'_>) -> Report {
    let (supply, ground) = (evidence.supply(), evidence.ground());
    let country = Country::of(evidence.demand(), ground);
    let (certain, doubtful) = Ways::of(supply, ground);
    let unplaced = Unplaced::of(supply);
    let access = Access::of(&country, &certain, &doubtful, &unplaced);
    let counting = Counting::of(question, supply);
    let seen = Seen {
        question,
        evidence,
        country: &country,
        certain: &certain,
        doubtful: &doubtful,
        unplaced: &unplaced,
        access: &access,
    };
    let (measured, stranded) = seen.measure(counting);
    let everyone = country.everyone();
    let counties = seen.counties(measured.as_ref());
    Report {
        question: question.clone(),
        demand: evidence.demand().source().clone(),
        quantity: measured.quantity(),
        method: method(question),
        states: seen.states(measured.as_ref()),
        summary: Summary {
            people: country.people(&everyone),
            figure: measured.figure(&country, &everyone),
            distances: access.distances(&country, &everyone),
            equity: seen.equity(measured.as_ref(), &counties),
        },
        counties,
        supply: shares(supply, ground, counting, stranded),
        searches_of: evidence.searches().map(|searches| searches.week),
        providers: BTreeMap::new(),
    }
}

/// All that rows and summaries are made from.
struct Seen<'a> {
    question: &'a Question,
    evidence: &'a Evidence<'a>,
    country: &'a Country<'a>,
    certain: &'a Ways,
    doubtful: &'a Ways,
    unplaced: &'a Unplaced<'a>,
    access: &'a Access,
}

impl Seen<'_> {
    /// What the question measures, and the places nobody reaches.
    fn measure(&self, counting: Counting) -> (Box<dyn Measured + '_>, u64) {
        let (supply, ground) = (self.evidence.supply(), self.evidence.ground());
        let pools = supply.pools().len();
        let measured: Box<dyn Measured + '_> = match &self.question.measure {
            Measure::NearestOpen => Box::new(nearest_open(self.access, self.country, pools)),
            Measure::CoverageAt(within) => {
                Box::new(coverage_at(*within, self.access, self.country, pools))
            }
            Measure::KCoverage {
                organizations,
                within,
            } => {
                let ways = (self.certain, self.doubtful, self.unplaced);
                Box::new(k_coverage(
                    *organizations,
                    *within,
                    self.country,
                    ways,
                    supply,
                ))
            }
            Measure::Catchment(rings) => {
                let (places, stranded) = catchment(rings, self.country, supply, ground, counting);
                return (Box::new(places), stranded);
            }
            Measure::PeoplePerPlace => Box::new(PerPlace::of(self.country, supply, counting)),
            Measure::DeadEnds => match self.evidence.searches() {
                Some(searches) => Box::new(DeadEnds::of(searches, self.about())),
                None => Box::new(NotGiven(Quantity::Share)),
            },
            Measure::TimeToFirstOpen => match self.evidence.openings() {
                Some(openings) => {
                    let within = self.question.within;
                    let country = self.country;
                    Box::new(time_to_first_open(
                        openings, within, country, supply, ground,
                    ))
                }
                None => Box::new(NotGiven(Quantity::Days)),
            },
        };
        (measured, 0)
    }

    /// The topics of searches that the question is about.
    fn about(&self) -> About<'_> {
        About::of(&self.question.filter)
    }

    fn counties(&self, measured: &dyn Measured) -> Vec<CountyRow> {
        let supply = self.evidence.supply();
        let here = here(supply, self.country);
        let within = Limit::of(self.question.within);
        let remote = Remote::of(supply, self.country);
        let (country, access) = (self.country, self.access);
        let rows = country.counties.iter().enumerate().map(|(at, county)| {
            let local = self.certain.local(county.county);
            let distances = access.first[county.origins.clone()].iter();
            let without = county.origins.clone().zip(distances);
            CountyRow {
                county: county.county,
                people: county.people,
                rurality: county.rurality,
                figure: measured.figure(country, &[at]),
                without: without
                    .filter(|(_, found)| found.is_none())
                    .map(|(at, _)| country.origin(at).point.people)
                    .sum(),
                here: here[at],
                nearest: rows::nearest(county, country, access, local, supply),
                remote: remote.serving(county.county),
                depends_on: rows::depends_on(county, country, access, local, supply, &within),
                searches: self.evidence.searches().map_or_else(Vec::new, |searches| {
                    dead_ends::lines(searches, self.about(), county.county)
                }),
            }
        });
        rows.collect()
    }

    fn states(&self, measured: &dyn Measured) -> Vec<StateRow> {
        let states = self.country.states().into_iter();
        let rows = states.map(|(state, counties)| StateRow {
            state,
            people: self.country.people(&counties),
            figure: measured.figure(self.country, &counties),
            distances: self.access.distances(self.country, &counties),
        });
        rows.collect()
    }

    fn equity(&self, measured: &dyn Measured, rows: &[CountyRow]) -> Equity {
        let of = |rurality| {
            let counties = self.country.of_rurality(rurality);
            measured.figure(self.country, &counties)
        };
        Equity {
            gini: spread(rows, measured.quantity().more_is_better()),
            rural: of(Rurality::Rural),
            urban: of(Rurality::Urban),
            languages: self.languages(),
        }
    }

    /// The share of people with an open provider within the distance of the question, for each language.
    fn languages(&self) -> Vec<LanguageRow> {
        let spoken = self.question.languages.iter().zip(0_u32..);
        let asked = spoken.clone().fold(0, |bits, (_, at)| bits | 1 << at);
        if asked == 0 {
            return Vec::new();
        }
        let within = Limit::of(self.question.within);
        let (mut sure, mut maybe) = ([0.0; 32], [0.0; 32]);
        for county in &self.country.counties {
            let certain = self.certain.local(county.county);
            let doubtful = self.doubtful.local(county.county);
            let anywhere = self.unplaced.local(county.county);
            for point in county.origins.clone() {
                let origin = self.country.origin(point);
                let heard = certain.languages(&origin, asked, &within);
                let more = doubtful.languages(&origin, asked & !heard, &within);
                let known = heard | more;
                let more = anywhere
                    .serving(origin.point.zip)
                    .fold(known, |all, pool| all | pool.languages);
                for at in 0..self.question.languages.len() {
                    let people = origin.point.people.get();
                    sure[at] += if heard >> at & 1 == 1 { people } else { 0.0 };
                    maybe[at] += if more >> at & 1 == 1 { people } else { 0.0 };
                }
            }
        }
        let all = self.evidence.demand().people().get();
        let pools = self.evidence.supply().pools();
        let rows = spoken.map(|(language, at)| {
            let in_it = pools
                .iter()
                .filter(|pool| is_open(pool) && pool.languages >> at & 1 == 1);
            let share = |people: f64| Amount::Number(people / all);
            let value = share(sure[at as usize]);
            LanguageRow {
                language: language.clone(),
                within: Figure {
                    value,
                    lower: value,
                    upper: share(maybe[at as usize]),
                    n: in_it.count() as u64,
                },
            }
        });
        rows.collect()
    }
}

/// The Gini coefficient of the counties' values.
fn spread(rows: &[CountyRow], more_is_better: bool) -> Option<f64> {
    let mut values = Vec::with_capacity(rows.len());
    for row in rows {
        match row.figure.value {
            Amount::Number(number) => values.push((number, row.people.get())),
            Amount::None if more_is_better => values.push((0.0, row.people.get())),
            Amount::None | Amount::Withheld => {}
        }
    }
    gini(&mut values)
}
