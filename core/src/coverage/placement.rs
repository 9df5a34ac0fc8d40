//! Where the next places would help most.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::coverage::{Demand, Evidence, Measure, People, Question};
use crate::geo::{CountyFips, Kilometres, Point};

use super::access::Access;
use super::catchment::people;
use super::country::Country;
use super::sphere::{Vector, chord2_of};
use super::tree::{Entry, Tree, Visitor};
use super::unplaced::Unplaced;
use super::ways::Ways;

/// Somewhere a provider could open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The county it is in.
    pub county: CountyFips,
    /// Its position.
    pub at: Point,
}

/// A place worth opening.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// Where.
    pub candidate: Candidate,
    /// People who have nobody open within the distance now, nor by the places before this one, and would have.
    pub gained: People,
    /// The share of all people who have somebody within the distance with this place and those before it.
    pub covered: f64,
}

impl Candidate {
    /// Wherever people of the table of demand are.
    #[must_use]
    pub fn of_demand(demand: &Demand) -> Vec<Self> {
        let points = demand.points().iter();
        let candidates = points.map(|point| Self {
            county: point.county,
            at: point.at,
        });
        candidates.collect()
    }
}

/// The next `most` places that would bring an open provider within the distance to most people who have none, best
/// first; fewer when nobody is left. The distance is that of the measure, else [`Question::within`]. A new
/// provider is taken to serve whoever is near.
///
/// Each place is the best one given those before it (of equals the first candidate). That reaches at least 1 - 1/e = 63 %
/// of what the best choice of as many places would. Only the best candidate is counted again in each round: what a place
/// gains never grows.
///
/// Sources: maximal covering, Church & ReVelle 1974, <https://doi.org/10.1007/BF01942293>; the bound, Nemhauser, Wolsey &
/// Fisher 1978, <https://doi.org/10.1007/BF01588971>; counting again, Minoux 1978, <https://doi.org/10.1007/BFb0006528>.
#[must_use]
pub fn place_next(
    question: &Question,
    evidence: &Evidence<'_>,
    candidates: &[Candidate],
    most: usize,
) -> Vec<Placed> {
    let within = match &question.measure {
        Measure::CoverageAt(within) | Measure::KCoverage { within, .. } => *within,
        _ => question.within,
    };
    let country = Country::of(evidence.demand(), evidence.ground());
    let (certain, doubtful) = Ways::of(evidence.supply(), evidence.ground());
    let unplaced = Unplaced::of(evidence.supply());
    let access = Access::of(&country, &certain, &doubtful, &unplaced);
    let near = |at: usize| access.distance(at).is_some_and(|to| to <= within);
    let all = 0..country.size();
    let mut uncovered = Uncovered {
        tree: people(&country),
        left: all
            .map(|at| if near(at) { 0.0 } else { country.weight(at) })
            .collect(),
        country: &country,
        within,
    };
    let everyone = evidence.demand().people().get();
    let mut queue: BinaryHeap<Gain> = candidates
        .iter()
        .zip(0..)
        .map(|(candidate, at)| Gain {
            people: uncovered.around(candidate.at),
            candidate: Reverse(at),
        })
        .collect();
    let mut placed = Vec::new();
    while placed.len() < most {
        let Some(mut best) = queue.pop() else {
            break;
        };
        let candidate = candidates[best.candidate.0];
        best.people = uncovered.around(candidate.at);
        if best.people <= 0.0 {
            continue;
        }
        if queue.peek().is_some_and(|next| *next > best) {
            queue.push(best);
            continue;
        }
        uncovered.cover(candidate.at);
        let left: f64 = uncovered.left.iter().sum();
        placed.push(Placed {
            candidate,
            gained: People::new(best.people).unwrap_or_default(),
            covered: 1.0 - left / everyone,
        });
    }
    placed
}

/// The people who have nobody near.
struct Uncovered<'a> {
    tree: Tree<u32>,
    /// How many of each point.
    left: Vec<f64>,
    country: &'a Country<'a>,
    within: Kilometres,
}

impl Uncovered<'_> {
    /// How many are within the distance of `at`.
    fn around(&self, at: Point) -> f64 {
        let points = self.points(at);
        points
            .iter()
            .fold(0.0, |sum, point| sum + self.left[*point as usize])
    }

    fn cover(&mut self, at: Point) {
        for point in self.points(at) {
            self.left[point as usize] = 0.0;
        }
    }

    /// Points with somebody left within the distance, in order.
    fn points(&self, at: Point) -> Vec<u32> {
        let mut around = Around {
            bound: chord2_of(self.within),
            points: Vec::new(),
        };
        self.tree.visit(Vector::of(at), &mut around);
        let near = |point: &u32| {
            let of = self.country.origin(*point as usize).point;
            self.left[*point as usize] > 0.0 && of.at.distance(at) <= self.within
        };
        around.points.retain(near);
        around.points.sort_unstable();
        around.points
    }
}

struct Around {
    bound: f64,
    points: Vec<u32>,
}

impl Visitor<u32> for Around {
    fn bound(&self) -> f64 {
        self.bound
    }

    fn take(&mut self, entry: &Entry<u32>, _: f64) {
        self.points.push(entry.item);
    }
}

/// What a candidate gains; of equals the first candidate is the greatest.
#[derive(Clone, Copy, Debug)]
struct Gain {
    people: f64,
    candidate: Reverse<usize>,
}

impl Ord for Gain {
    fn cmp(&self, other: &Self) -> Ordering {
        let people = self.people.total_cmp(&other.people);
        people.then(self.candidate.cmp(&other.candidate))
    }
}

impl PartialOrd for Gain {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Gain {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Gain {}
