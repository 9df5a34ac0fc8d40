//! The map in squares of half a degree: a coarse first look at what is near.

use referral_core::geo::{Kilometres, Point};

/// Squares in one degree.
const PER_DEGREE: f64 = 2.0;
/// Squares around the Earth.
const AROUND: i16 = 720;
/// Widens every circle a little, in degrees: rounding must never lose a place.
const CUSHION: f64 = 1e-3;
/// Mean Earth radius in kilometres (IUGG), as distances are measured in `core::geo`.
const EARTH_RADIUS_KM: f64 = 6_371.008_8;
/// Most squares worth looking up one by one.
const MOST: usize = 4_096;

/// One square of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Square {
    row: i16,
    column: i16,
}

impl Square {
    /// The square a position lies in.
    pub(crate) fn of(point: Point) -> Self {
        Self {
            row: line(point.lat()),
            column: line(point.lon()).rem_euclid(AROUND),
        }
    }
}

/// All squares that a circle touches, and perhaps a few more. `None` when they are too many, or the
/// circle reaches a pole: then all the map could be meant.
///
/// The widest longitude a circle reaches: asin(sin(radius) / cos(latitude)), see
/// <http://janmatuschek.de/LatitudeLongitudeBoundingCoordinates>.
pub(crate) fn squares_around(centre: Point, radius: Kilometres) -> Option<Vec<Square>> {
    let angle = radius.get() / EARTH_RADIUS_KM;
    let tall = angle.to_degrees() + CUSHION;
    let (south, north) = (centre.lat() - tall, centre.lat() + tall);
    if south <= -90.0 || north >= 90.0 {
        return None;
    }
    let across = (angle.sin() / centre.lat().to_radians().cos()).min(1.0);
    let wide = across.asin().to_degrees() + CUSHION;
    let rows = line(south)..=line(north);
    let columns = line(centre.lon() - wide)..=line(centre.lon() + wide);
    if rows.len() * columns.len() > MOST {
        return None;
    }
    let square = |row, column: i16| Square {
        row,
        column: column.rem_euclid(AROUND),
    };
    let squares = rows.flat_map(|row| columns.clone().map(move |column| square(row, column)));
    Some(squares.collect())
}

/// The grid line south or west of a coordinate in degrees.
fn line(degrees: f64) -> i16 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a coordinate, even one beyond the antimeridian, lies within 3 x 360 lines of zero"
    )]
    let line = (degrees * PER_DEGREE).floor() as i16;
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Wherever the circle lies, over the antimeridian too, its squares hold all of it.
        #[test]
        fn every_point_of_a_circle_is_in_its_squares(
            lat in -85.0..85.0f64, lon in -180.0..=180.0f64,
            north in -3.0..3.0f64, east in -6.0..6.0f64,
        ) {
            let centre = Point::new(lat, lon).unwrap();
            let east = (lon + east + 540.0).rem_euclid(360.0) - 180.0;
            let other = Point::new((lat + north).clamp(-90.0, 90.0), east).unwrap();
            let radius = centre.distance(other);

            if let Some(squares) = squares_around(centre, radius) {
                prop_assert!(squares.contains(&Square::of(other)));
            }
        }
    }

    #[test]
    fn a_circle_over_a_pole_or_half_the_map_is_not_cut_into_squares() {
        let km = |km| Kilometres::new(km).unwrap();

        assert_eq!(
            squares_around(Point::new(89.0, 0.0).unwrap(), km(200.0)),
            None
        );
        assert_eq!(
            squares_around(Point::new(0.0, 0.0).unwrap(), km(9_000.0)),
            None
        );
        assert_eq!(
            squares_around(Point::new(39.3, -76.6).unwrap(), km(40.0))
                .unwrap()
                .len(),
            9
        );
    }
}
