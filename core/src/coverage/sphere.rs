//! Positions as unit vectors: comparing distances without trigonometry.

use crate::geo::{EARTH_RADIUS_KM, Kilometres, Point};

/// A position on the unit sphere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Vector(pub(super) [f64; 3]);

impl Vector {
    pub(super) fn of(point: Point) -> Self {
        let (lat, lon) = (point.lat().to_radians(), point.lon().to_radians());
        Self([lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()])
    }

    /// The square of the straight line to `other`, in radii: it grows with the distance.
    pub(super) fn chord2(self, other: Self) -> f64 {
        let apart = |axis: usize| self.0[axis] - other.0[axis];
        let (x, y, z) = (apart(0), apart(1), apart(2));
        x * x + y * y + z * z
    }
}

/// A distance that straight lines are compared with first: trigonometry is only asked where they are too close
/// to call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    pub(super) distance: Kilometres,
    surely: f64,
    /// The squared chord: what lies beyond it is farther for certain.
    pub(super) chord2: f64,
}

impl Limit {
    pub(super) fn of(distance: Kilometres) -> Self {
        let chord2 = chord2_of(distance);
        Self {
            distance,
            surely: chord2 * (1.0 - 4e-9) - 4e-15,
            chord2,
        }
    }

    /// Whether two positions that are this squared chord apart are within the distance.
    pub(super) fn holds(&self, chord2: f64, apart: impl FnOnce() -> Kilometres) -> bool {
        chord2 <= self.surely || (chord2 <= self.chord2 && apart() <= self.distance)
    }
}

/// The square of a chord, a little more than exact.
pub(super) fn squared(chord: f64) -> f64 {
    let more = chord * (1.0 + 1e-9) + 1e-12;
    more * more
}

/// A squared chord, a little more than exact, as [`chord2_of`] gives it.
pub(super) fn at_most(chord2: f64) -> f64 {
    chord2 * (1.0 + 1e-9) + 1e-15
}

/// The squared chord of a distance, a little more than exact: what lies beyond it is farther for certain.
pub(super) fn chord2_of(distance: Kilometres) -> f64 {
    let half_angle = (distance.get() / EARTH_RADIUS_KM / 2.0).min(std::f64::consts::FRAC_PI_2);
    let chord = 2.0 * half_angle.sin();
    at_most(chord * chord)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_point() -> impl Strategy<Value = Point> {
        (-90.0..=90.0, -180.0..=180.0).prop_map(|(lat, lon)| Point::new(lat, lon).unwrap())
    }

    proptest! {
        /// What is within a distance is never beyond its chord.
        #[test]
        fn a_chord_holds_all_that_is_within_its_distance(a in any_point(), b in any_point()) {
            let chord2 = Vector::of(a).chord2(Vector::of(b));
            prop_assert!(chord2 <= chord2_of(a.distance(b)));
        }

        /// Straight lines say the same as distances, at the edge as well.
        #[test]
        fn a_limit_holds_what_its_distance_holds(a in any_point(), b in any_point(), by in -2_i32..3) {
            let apart = a.distance(b);
            let Ok(distance) = Kilometres::new(apart.get() * (1.0 + 1e-10 * f64::from(by))) else {
                return Ok(());
            };
            let chord2 = Vector::of(a).chord2(Vector::of(b));
            let holds = Limit::of(distance).holds(chord2, || apart);
            prop_assert_eq!(holds, apart <= distance);
        }
    }
}
