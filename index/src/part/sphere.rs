//! Positions as unit vectors, and boxes around them: a circle on the Earth becomes a ball in space.
//!
//! The straight line between two positions grows with the way around the Earth, so a radius is compared
//! without trigonometry, and neither poles nor the antimeridian are special. Everything here is in single
//! precision and says when that is too coarse to decide: then the exact distance has the last word.

use referral_core::geo::{Kilometres, Point};

/// Mean Earth radius in kilometres (IUGG), as distances are measured in `core::geo`.
const EARTH_RADIUS_KM: f64 = 6_371.008_8;
/// Straight lines this much longer or shorter than the radius are too close to call, in Earth radii
/// (about 10 m): single precision errs by less than a tenth of it.
const ROUNDING: f64 = 1.6e-6;

/// A position as a vector of length 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Vector(pub(crate) [f32; 3]);

/// The smallest box that holds some positions; empty when its lower corner is above its upper one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cuboid {
    low: [f32; 3],
    high: [f32; 3],
}

/// A distance, as squares of straight lines: up to the first surely within it, beyond the second surely not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chord {
    inside: f32,
    outside: f32,
}

/// Everything within a distance of a position.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circle {
    centre: Vector,
    chord: Chord,
}

/// How a position or box lies to a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lies {
    /// All of it inside.
    Inside,
    /// All of it outside.
    Outside,
    /// Partly inside, or too close to call.
    Across,
}

impl Vector {
    /// The vector of a position.
    pub(crate) fn of(point: Point) -> Self {
        let (lat, lon) = (point.lat().to_radians(), point.lon().to_radians());
        Self([
            narrow(lat.cos() * lon.cos()),
            narrow(lat.cos() * lon.sin()),
            narrow(lat.sin()),
        ])
    }

    /// The square of the straight line to another position.
    pub(crate) fn squared(self, other: Self) -> f32 {
        let axes = self.0.into_iter().zip(other.0);
        axes.map(|(one, another)| (one - another) * (one - another))
            .sum()
    }
}

impl Cuboid {
    /// The box that holds nothing.
    pub(crate) const EMPTY: Self = Self {
        low: [f32::INFINITY; 3],
        high: [f32::NEG_INFINITY; 3],
    };

    /// Makes room for a position.
    pub(crate) fn add(&mut self, at: Vector) {
        for (axis, value) in at.0.into_iter().enumerate() {
            self.low[axis] = self.low[axis].min(value);
            self.high[axis] = self.high[axis].max(value);
        }
    }

    /// Makes room for another box.
    pub(crate) fn add_all(&mut self, other: &Self) {
        for axis in 0..3 {
            self.low[axis] = self.low[axis].min(other.low[axis]);
            self.high[axis] = self.high[axis].max(other.high[axis]);
        }
    }

    /// The square of the straight line from `at` to the nearest and the farthest corner of the box.
    /// Infinite when it is empty.
    fn lines(&self, at: Vector) -> (f32, f32) {
        let (mut near, mut far) = (0.0, 0.0);
        for (axis, value) in at.0.into_iter().enumerate() {
            let below = self.low[axis] - value;
            let above = value - self.high[axis];
            let gap = below.max(above).max(0.0);
            let span = below.abs().max(above.abs());
            near += gap * gap;
            far += span * span;
        }
        (near, far)
    }
}

impl Chord {
    /// This far around the Earth.
    pub(crate) fn of(radius: Kilometres) -> Self {
        let half_angle = (radius.get() / EARTH_RADIUS_KM / 2.0).min(std::f64::consts::FRAC_PI_2);
        let line = 2.0 * half_angle.sin();
        let inside = line - ROUNDING;
        Self {
            inside: if inside > 0.0 {
                narrow(inside * inside)
            } else {
                -1.0
            },
            outside: narrow((line + ROUNDING) * (line + ROUNDING)),
        }
    }

    /// How one position lies to this far around another one.
    pub(crate) fn lies(self, centre: Vector, at: Vector) -> Lies {
        let line = centre.squared(at);
        self.judge(line, line)
    }

    fn judge(self, near: f32, far: f32) -> Lies {
        if near > self.outside {
            Lies::Outside
        } else if far <= self.inside {
            Lies::Inside
        } else {
            Lies::Across
        }
    }
}

impl Circle {
    /// Everything within `radius` of `centre`.
    pub(crate) fn new(centre: Point, radius: Kilometres) -> Self {
        Self {
            centre: Vector::of(centre),
            chord: Chord::of(radius),
        }
    }

    /// A distance that a position surely is away from the centre, or more: the straight line.
    pub(crate) fn at_least(&self, at: Vector) -> Kilometres {
        let line = f64::from(self.centre.squared(at)).sqrt() - ROUNDING;
        Kilometres::new(line.max(0.0) * EARTH_RADIUS_KM)
            .unwrap_or_else(|_| unreachable!("a finite number, zero or more"))
    }

    /// How a position lies.
    pub(crate) fn holds(&self, at: Vector) -> Lies {
        self.chord.lies(self.centre, at)
    }

    /// How a box lies.
    pub(crate) fn meets(&self, cuboid: &Cuboid) -> Lies {
        let (near, far) = cuboid.lines(self.centre);
        self.chord.judge(near, far)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "single precision is what this file is about"
)]
fn narrow(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point() -> impl Strategy<Value = Point> {
        (-90.0..=90.0f64, -180.0..=180.0f64).prop_map(|(lat, lon)| Point::new(lat, lon).unwrap())
    }

    proptest! {
        /// A circle never says inside or outside where the exact distance says otherwise.
        #[test]
        fn what_is_sure_is_right(
            centre in point(), lat in -0.5..0.5f64, lon in -0.5..0.5f64, km in 0.0..100.0f64,
        ) {
            let other = Point::new(
                (centre.lat() + lat).clamp(-90.0, 90.0),
                (centre.lon() + lon + 540.0).rem_euclid(360.0) - 180.0,
            ).unwrap();
            let radius = Kilometres::new(km).unwrap();
            let within = centre.distance(other) <= radius;

            let at_least = Circle::new(centre, radius).at_least(Vector::of(other));
            prop_assert!(at_least <= centre.distance(other));
            match Circle::new(centre, radius).holds(Vector::of(other)) {
                Lies::Inside => prop_assert!(within),
                Lies::Outside => prop_assert!(!within),
                Lies::Across => {}
            }
        }

        /// A position exactly at the radius is always left to the exact distance.
        #[test]
        fn the_edge_is_never_decided(centre in point(), other in point()) {
            let circle = Circle::new(centre, centre.distance(other));

            prop_assert_eq!(circle.holds(Vector::of(other)), Lies::Across);
        }

        /// A box that is inside or outside has all of its positions there.
        #[test]
        fn a_box_speaks_for_everything_in_it(
            points in proptest::collection::vec(point(), 1..5), centre in point(), km in 0.0..20_000.0f64,
        ) {
            let mut cuboid = Cuboid::EMPTY;
            for point in &points {
                cuboid.add(Vector::of(*point));
            }
            let circle = Circle::new(centre, Kilometres::new(km).unwrap());
            let lies = circle.meets(&cuboid);

            for point in points {
                let at = circle.holds(Vector::of(point));
                prop_assert!(lies == Lies::Across || at == lies || at == Lies::Across);
            }
        }
    }

    #[test]
    fn a_box_of_nothing_is_nowhere() {
        let circle = Circle::new(
            Point::new(0.0, 0.0).unwrap(),
            Kilometres::new(20_100.0).unwrap(),
        );

        assert_eq!(circle.meets(&Cuboid::EMPTY), Lies::Outside);
    }
}
