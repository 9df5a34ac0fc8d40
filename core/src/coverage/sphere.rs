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

/// The squared chord of a distance, a little more than exact: what lies beyond it is farther for certain.
pub(super) fn chord2_of(distance: Kilometres) -> f64 {
    let half_angle = (distance.get() / EARTH_RADIUS_KM / 2.0).min(std::f64::consts::FRAC_PI_2);
    let chord = 2.0 * half_angle.sin();
    chord * chord * (1.0 + 1e-9) + 1e-15
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
    }
}
