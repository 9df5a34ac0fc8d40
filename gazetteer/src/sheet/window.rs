//! A part of the map around a few places, with positions to mark on it.

use std::collections::BTreeSet;

use referral_core::geo::{CountyFips, Kilometres, Point};

use super::projection::{Bounds, Frame, Projection, Spot};
use super::{Part, REACH, Shape, Sheet, draw, middle, units};
use crate::gazetteer::{Gazetteer, gazetteer};

/// Width of a window, in its units: few, so that marks and words on it can be seen on a small screen.
const WIDTH: f64 = 480.0;
/// How high a window is at least and at most, as a share of its width.
const HEIGHT: [f64; 2] = [0.5, 1.1];
/// Most counties of a window: beyond, there is none.
const COUNTIES: usize = 320;
/// Mean radius of the Earth. Unit: km.
const EARTH: f64 = 6_371.0;

/// Outlines around a few places, in whole units from the top left corner. What is drawn may reach beyond its sides.
#[derive(Clone, Debug)]
pub struct Window {
    /// How wide it is. Unit: of the window.
    pub width: u32,
    /// How high it is. Unit: of the window.
    pub height: u32,
    /// The counties that are seen, ordered by FIPS code.
    pub shapes: Vec<Shape>,
    /// The borders of states and coasts, as an SVG path to be stroked.
    pub state_lines: String,
    projection: Projection,
    frame: Frame,
}

impl Window {
    /// The smallest window with all of these in it; none where there is nothing of the country in it, or too much.
    ///
    /// * `points`, `counties` — what has to be seen.
    /// * `margin` — how much is seen around it.
    #[must_use]
    pub fn around(points: &[Point], counties: &[CountyFips], margin: Kilometres) -> Option<Self> {
        let map = gazetteer();
        let corners = counties.iter().flat_map(|county| map.polygon(*county));
        let corners: Vec<Point> = corners.flatten().flatten().collect();
        let all = || points.iter().chain(&corners).copied();
        let first = all().next()?;
        let rough = bounds_of(all(), Projection::Around(first), margin)?;
        let [x, y] = middle(rough);
        let lat = first.lat() - y.to_degrees();
        let lon = first.lon() + x.to_degrees() / lat.to_radians().cos().max(0.01);
        let projection = Projection::Around(Point::new(lat, lon).unwrap_or(first));
        let inner = bounds_of(all(), projection, margin)?;
        let [wide, high] = inner.size();
        let height = WIDTH * (high / wide).clamp(HEIGHT[0], HEIGHT[1]);
        let outer = Bounds {
            low: [0.0, 0.0],
            high: [WIDTH, height],
        };
        let frame = Frame::fit(inner, outer);
        let begin = points.iter().filter_map(|point| map.county_of(*point));
        let begin = begin.chain(counties.iter().copied()).collect();
        let seen = seen(
            map,
            begin,
            |point| frame.place(projection.flat(point)),
            outer,
        )?;
        let part = Part {
            counties: seen,
            projection,
            frame,
            far: Vec::new(),
            sides: outer,
            caption: None,
        };
        let drawn = draw(map, std::iter::once(part), height, REACH, Vec::new());
        let Sheet {
            shapes,
            state_lines,
            ..
        } = drawn;
        Some(Self {
            width: units(WIDTH),
            height: units(height),
            shapes,
            state_lines,
            projection,
            frame,
        })
    }

    /// Where a point lies in it, from the left and from the top. Unit: of the window.
    #[must_use]
    pub fn place(&self, point: Point) -> [f64; 2] {
        self.frame.place(self.projection.flat(point))
    }
}

fn bounds_of(
    points: impl Iterator<Item = Point>,
    projection: Projection,
    margin: Kilometres,
) -> Option<Bounds> {
    let Bounds { low, high } = Bounds::around(points.map(|point| projection.flat(point)))?;
    let more = (margin.get() / EARTH).max(1e-4);
    Some(Bounds {
        low: low.map(|part| part - more),
        high: high.map(|part| part + more),
    })
}

/// The counties within the sides that can be reached from `begin` over counties within them; none where they are
/// too many or there are none.
fn seen(
    map: &Gazetteer,
    begin: BTreeSet<CountyFips>,
    place: impl Fn(Point) -> Spot,
    sides: Bounds,
) -> Option<Vec<CountyFips>> {
    let is_inside = |county: CountyFips| {
        let corners = map.polygon(county).into_iter().flatten().flatten();
        let around = Bounds::around(corners.map(&place));
        around.is_some_and(|around| {
            (0..2).all(|axis| {
                around.high[axis] >= sides.low[axis] && around.low[axis] <= sides.high[axis]
            })
        })
    };
    let mut open: Vec<CountyFips> = begin.into_iter().collect();
    let (mut known, mut found) = (BTreeSet::new(), Vec::new());
    while let Some(county) = open.pop() {
        if known.insert(county) && is_inside(county) {
            found.push(county);
            open.extend(map.neighbours(county));
        }
        if found.len() > COUNTIES {
            return None;
        }
    }
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(lat: f64, lon: f64) -> Point {
        Point::new(lat, lon).unwrap()
    }

    fn miles(miles: f64) -> Kilometres {
        Kilometres::from_miles(miles).unwrap()
    }

    #[test]
    fn everything_that_has_to_be_seen_is_within_the_sides() {
        let points = [point(39.29, -76.61), point(38.9, -77.04)];

        let window = Window::around(&points, &[], miles(5.0)).unwrap();

        for spot in points.map(|point| window.place(point)) {
            assert!((0.0..=480.0).contains(&spot[0]), "{spot:?}");
            assert!(
                (0.0..=f64::from(window.height)).contains(&spot[1]),
                "{spot:?}"
            );
        }
        let baltimore_city = CountyFips::parse("24510").unwrap();
        assert!(
            window
                .shapes
                .iter()
                .any(|shape| shape.county == baltimore_city)
        );
    }

    #[test]
    fn north_is_up_and_east_is_right() {
        let (baltimore, washington) = (point(39.29, -76.61), point(38.9, -77.04));
        let window = Window::around(&[baltimore, washington], &[], miles(5.0)).unwrap();

        let (one, other) = (window.place(baltimore), window.place(washington));

        assert!(one[0] > other[0] && one[1] < other[1]);
    }

    #[test]
    fn the_whole_country_is_no_window_and_neither_is_a_place_abroad() {
        let coasts = [point(40.7, -74.0), point(34.05, -118.2)];

        assert!(Window::around(&coasts, &[], miles(5.0)).is_none());
        assert!(Window::around(&[point(48.85, 2.35)], &[], miles(5.0)).is_none());
        assert!(Window::around(&[], &[], miles(5.0)).is_none());
    }

    #[test]
    fn a_window_around_a_county_shows_it_and_its_neighbours() {
        let frio = CountyFips::parse("48163").unwrap();

        let window = Window::around(&[], &[frio], miles(5.0)).unwrap();

        assert!(window.shapes.iter().any(|shape| shape.county == frio));
        assert!(window.shapes.len() > 1);
    }
}
