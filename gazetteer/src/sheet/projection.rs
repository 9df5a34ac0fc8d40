//! From the globe to a plane, keeping areas in proportion.
//!
//! Source of both: J. P. Snyder, Map Projections: A Working Manual, USGS Professional Paper 1395 (1987), on a
//! sphere of radius 1.

use std::f64::consts::SQRT_2;

use referral_core::geo::Point;

/// A position on the plane: right and down, in Earth radii before a [`Frame`] is applied, in units of the
/// sheet after.
pub(super) type Spot = [f64; 2];

/// A way to flatten the globe.
#[derive(Clone, Copy, Debug)]
pub(super) enum Projection {
    /// Albers' equal-area conic with the parallels usual for the 48 states (Snyder, pages 98 to 103).
    Conic,
    /// Lambert's azimuthal equal-area around a point (Snyder, pages 182 to 190).
    Around(Point),
}

/// Standard parallels and origin of the conic, in degrees.
const PARALLELS: [f64; 2] = [29.5, 45.5];
const ORIGIN: [f64; 2] = [38.0, -96.0];

impl Projection {
    /// Where a point comes to lie.
    pub(super) fn flat(self, point: Point) -> Spot {
        match self {
            Self::Conic => conic(point),
            Self::Around(centre) => azimuthal(centre, point),
        }
    }
}

fn conic(point: Point) -> Spot {
    let [one, two] = PARALLELS.map(f64::to_radians);
    let n = f64::midpoint(one.sin(), two.sin());
    let c = one.cos().powi(2) + 2.0 * n * one.sin();
    let radius = |latitude: f64| (c - 2.0 * n * latitude.sin()).max(0.0).sqrt() / n;
    let rho = radius(point.lat().to_radians());
    let theta = n * (point.lon() - ORIGIN[1]).to_radians();
    let origin = radius(ORIGIN[0].to_radians());
    [rho * theta.sin(), rho * theta.cos() - origin]
}

fn azimuthal(centre: Point, point: Point) -> Spot {
    let (middle, latitude) = (centre.lat().to_radians(), point.lat().to_radians());
    let east = (point.lon() - centre.lon()).to_radians();
    let towards = middle.sin() * latitude.sin() + middle.cos() * latitude.cos() * east.cos();
    // Nothing drawn is anywhere near the other side of the globe, where this has no end.
    let k = SQRT_2 / (1.0 + towards).max(1e-9).sqrt();
    let north = middle.cos() * latitude.sin() - middle.sin() * latitude.cos() * east.cos();
    [k * latitude.cos() * east.sin(), -k * north]
}

/// A box: left, top, right, bottom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    pub(super) low: Spot,
    pub(super) high: Spot,
}

impl Bounds {
    /// The smallest box around the spots; `None` around nothing.
    pub(super) fn around(spots: impl Iterator<Item = Spot>) -> Option<Self> {
        let boxes = spots.map(|spot| Self {
            low: spot,
            high: spot,
        });
        boxes.reduce(|one, other| Self {
            low: [0, 1].map(|axis: usize| one.low[axis].min(other.low[axis])),
            high: [0, 1].map(|axis: usize| one.high[axis].max(other.high[axis])),
        })
    }

    /// Width and height.
    pub(super) fn size(self) -> Spot {
        [self.high[0] - self.low[0], self.high[1] - self.low[1]]
    }
}

/// Fits one box into another, in the middle and as large as it goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    scale: f64,
    shift: Spot,
}

impl Frame {
    /// The frame that brings `inner` into `outer`.
    pub(super) fn fit(inner: Bounds, outer: Bounds) -> Self {
        let (from, to) = (inner.size(), outer.size());
        let scale = (to[0] / from[0]).min(to[1] / from[1]);
        let shift = [0, 1].map(|axis: usize| {
            let spare = to[axis] - from[axis] * scale;
            outer.low[axis] + spare / 2.0 - inner.low[axis] * scale
        });
        Self { scale, shift }
    }

    /// Where a spot comes to lie.
    pub(super) fn place(self, spot: Spot) -> Spot {
        [0, 1].map(|axis: usize| spot[axis] * self.scale + self.shift[axis])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(lat: f64, lon: f64) -> Point {
        Point::new(lat, lon).unwrap()
    }

    fn close(one: Spot, other: Spot) {
        let apart = (one[0] - other[0]).hypot(one[1] - other[1]);
        assert!(apart < 1e-7, "{one:?} {other:?}");
    }

    #[test]
    fn the_conic_agrees_with_a_point_worked_by_hand() {
        // Snyder's example of page 291 has its origin at 23 degrees north; its x does not depend on that:
        // 35 N 75 W comes to 0.2952720 Earth radii, and its y of 0.2416774 is from 23 N.
        let [x, y] = conic(point(35.0, -75.0));
        let [_, origin] = conic(point(23.0, -96.0));

        close([x, origin - y], [0.295_272_0, 0.241_677_4]);
    }

    #[test]
    fn the_azimuthal_agrees_with_a_point_worked_by_hand() {
        // Snyder's example of pages 332 and 333 on a sphere of radius 3: 20 S 100 E around 40 N 100 W.
        let spot = azimuthal(point(40.0, -100.0), point(-20.0, 100.0));

        let [x, y] = spot.map(|part| part * 3.0);
        assert!((x + 4.233_933_0).abs() < 1e-4, "{x}");
        assert!((y + 4.025_777_5).abs() < 1e-4, "{y}");
    }

    #[test]
    fn a_frame_keeps_shapes_and_fills_its_box() {
        let inner = Bounds {
            low: [-1.0, 0.0],
            high: [1.0, 1.0],
        };
        let outer = Bounds {
            low: [0.0, 0.0],
            high: [100.0, 100.0],
        };

        let frame = Frame::fit(inner, outer);

        close(frame.place([-1.0, 0.0]), [0.0, 25.0]);
        close(frame.place([1.0, 1.0]), [100.0, 75.0]);
    }
}
