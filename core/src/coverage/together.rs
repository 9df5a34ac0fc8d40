//! The nearest ways of many points at once: what is too far from all of them is left out for all of them together.
//!
//! A ball is put around the points of a county. A way `d` from its middle that serves all of them is at most `d + r` from
//! each, where `r` is the ball's radius; so nothing farther than `d + 2r` from the middle is the nearest of any. What
//! is left goes with each half of the points, until few of either remain and all are compared.

use std::ops::Range;

use super::country::Country;
use super::sphere::{Vector, squared};
use super::tree::{Entry, Visitor};
use super::ways::{Local, Way};

/// So few ways or points are compared with each other.
const FEW_WAYS: usize = 12;
const FEW_POINTS: usize = 3;

/// The nearest way of a point so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Nearest {
    /// The squared chord to it, or how far to look.
    pub(super) chord2: f64,
    /// The way, by its number; `None`: none so far.
    pub(super) way: Option<u32>,
}

/// Room for searches, one county after another.
#[derive(Debug, Default)]
pub(super) struct Together {
    points: Vec<u32>,
    candidates: Vec<Candidate>,
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    at: Vector,
    /// The squared chord to the middle.
    chord2: f64,
    way: u32,
}

/// A ball around points.
#[derive(Clone, Copy, Debug)]
struct Ball {
    middle: Vector,
    /// As a chord.
    radius: f64,
    /// The axis along which the points lie farthest apart.
    widest: usize,
}

/// One county's search.
struct Search<'a> {
    local: Local<'a>,
    country: &'a Country<'a>,
    /// The first point.
    first: usize,
    best: &'a mut [Nearest],
    candidates: &'a mut Vec<Candidate>,
}

impl Together {
    /// Finds the nearest way of every point of a county, no farther than `best` says; of equally near ones that of the
    /// pool added first.
    pub(super) fn nearest(
        &mut self,
        local: Local<'_>,
        country: &Country<'_>,
        points: Range<usize>,
        best: &mut [Nearest],
    ) {
        self.points.clear();
        let numbers = points.clone().filter_map(|point| u32::try_from(point).ok());
        self.points.extend(numbers);
        self.candidates.clear();
        let mut search = Search {
            local,
            country,
            first: points.start,
            best,
            candidates: &mut self.candidates,
        };
        let ball = Ball::around(&self.points, country.vectors());
        search.gather(&ball, &self.points);
        let all = search.candidates.len();
        search.settle(&mut self.points, 0..all);
    }
}

impl Search<'_> {
    /// Takes in the ways that may be the nearest of any of these points.
    fn gather(&mut self, ball: &Ball, points: &[u32]) {
        let farthest = self.farthest(points);
        let mut gathering = Gathering {
            ways: self.local.ways,
            radius: ball.radius,
            bound: squared(farthest + ball.radius),
            candidates: self.candidates,
        };
        let Ball { middle, radius, .. } = *ball;
        self.local.visit_for(middle, radius, &mut gathering);
        let bound = gathering.bound;
        self.candidates.retain(|way| way.chord2 <= bound);
    }

    /// How far from any of these points is looked at most, as a chord.
    fn farthest(&self, points: &[u32]) -> f64 {
        let bounds = points.iter();
        let bounds = bounds.map(|point| self.best[*point as usize - self.first].chord2);
        bounds.fold(0.0, f64::max).sqrt()
    }

    fn settle(&mut self, points: &mut [u32], ways: Range<usize>) {
        if points.len() <= FEW_POINTS || ways.len() <= FEW_WAYS {
            for point in points.iter() {
                self.compare(*point as usize, ways.clone());
            }
            return;
        }
        let vectors = self.country.vectors();
        let axis = Ball::around(points, vectors).widest;
        let middle = points.len() / 2;
        points.select_nth_unstable_by(middle, |a, b| {
            let (a, b) = (vectors[*a as usize].0[axis], vectors[*b as usize].0[axis]);
            a.total_cmp(&b)
        });
        let (one, other) = points.split_at_mut(middle);
        for half in [one, other] {
            let end = self.candidates.len();
            self.keep_for(half, ways.clone());
            self.settle(half, end..self.candidates.len());
            self.candidates.truncate(end);
        }
    }

    /// Adds those of some candidates that may be the nearest of any of these points.
    fn keep_for(&mut self, points: &[u32], ways: Range<usize>) {
        let ball = Ball::around(points, self.country.vectors());
        let mut reach = self.farthest(points) + ball.radius;
        let from = self.candidates.len();
        for at in ways {
            let candidate = self.candidates[at];
            let chord2 = candidate.at.chord2(ball.middle);
            if chord2 <= squared(reach) {
                self.candidates.push(Candidate {
                    chord2,
                    ..candidate
                });
                if self.local.ways[candidate.way as usize].serves_all() {
                    reach = reach.min(chord2.sqrt() + 2.0 * ball.radius);
                }
            }
        }
        let mut kept = from;
        for at in from..self.candidates.len() {
            let candidate = self.candidates[at];
            if candidate.chord2 <= squared(reach) {
                self.candidates[kept] = candidate;
                kept += 1;
            }
        }
        self.candidates.truncate(kept);
    }

    fn compare(&mut self, point: usize, ways: Range<usize>) {
        let origin = self.country.origin(point);
        let mut best = self.best[point - self.first];
        for candidate in &self.candidates[ways] {
            let chord2 = candidate.at.chord2(origin.vector);
            if chord2 > best.chord2 {
                continue;
            }
            let way = self.way(candidate.way);
            let earlier = best.way.is_none_or(|best| way.pool < self.way(best).pool);
            if (chord2 < best.chord2 || earlier) && way.serves(&origin) {
                best = Nearest {
                    chord2,
                    way: Some(candidate.way),
                };
            }
        }
        self.best[point - self.first] = best;
    }

    fn way(&self, number: u32) -> &Way {
        &self.local.ways[number as usize]
    }
}

struct Gathering<'a> {
    ways: &'a [Way],
    radius: f64,
    bound: f64,
    candidates: &'a mut Vec<Candidate>,
}

impl Visitor<u32> for Gathering<'_> {
    fn bound(&self) -> f64 {
        self.bound
    }

    fn take(&mut self, entry: &Entry<u32>, chord2: f64) {
        self.candidates.push(Candidate {
            at: entry.at,
            chord2,
            way: entry.item,
        });
        if self.ways[entry.item as usize].serves_all() {
            let bound = squared(chord2.sqrt() + 2.0 * self.radius);
            self.bound = self.bound.min(bound);
        }
    }
}

impl Ball {
    fn around(points: &[u32], vectors: &[Vector]) -> Self {
        let (mut low, mut high) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
        for point in points {
            let at = vectors[*point as usize].0;
            for axis in 0..3 {
                low[axis] = low[axis].min(at[axis]);
                high[axis] = high[axis].max(at[axis]);
            }
        }
        let middle = Vector([0, 1, 2].map(|axis| f64::midpoint(low[axis], high[axis])));
        let vectors = points.iter().map(|point| vectors[*point as usize]);
        let radius = vectors.map(|at| at.chord2(middle)).fold(0.0, f64::max);
        let width = |axis: &usize| high[*axis] - low[*axis];
        let widest = (0..3).max_by(|a, b| width(a).total_cmp(&width(b)));
        Self {
            middle,
            radius: radius.sqrt(),
            widest: widest.unwrap_or(0),
        }
    }
}
