//! The Hilbert curve over the map: places near each other get numbers near each other, mostly.
//!
//! Only the order matters, and only for speed: whatever lies in a block, its box says so exactly.

use referral_core::geo::Point;

/// Bits of each axis: squares of about 5 m at the equator.
const BITS: u32 = 23;
/// Places without a position come after all that have one.
pub(crate) const NOWHERE: u64 = 1 << (2 * BITS);

/// How far along the curve a position lies, `0..NOWHERE`.
pub(crate) fn along(point: Point) -> u64 {
    let lon = cell((point.lon() + 180.0) / 360.0);
    let lat = cell((point.lat() + 90.0) / 180.0);
    distance(lon, lat)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share between 0 and 1 times 2^23 fits, and is cut down to whole squares on purpose"
)]
fn cell(share: f64) -> u32 {
    let cells = f64::from(1u32 << BITS);
    ((share * cells) as u32).min((1 << BITS) - 1)
}

/// The distance along the curve of a square (Hilbert 1891; the turns as in Warren, "Hacker's Delight",
/// 2nd edition, section 16-2).
fn distance(x: u32, y: u32) -> u64 {
    let (mut x, mut y) = (x, y);
    let mut along = 0;
    let mut side = 1u32 << (BITS - 1);
    while side > 0 {
        let right = x & side != 0;
        let up = y & side != 0;
        let quarter = (3 * u64::from(right)) ^ u64::from(up);
        along += u64::from(side) * u64::from(side) * quarter;
        if !up {
            if right {
                x = !x;
                y = !y;
            }
            std::mem::swap(&mut x, &mut y);
        }
        side >>= 1;
    }
    along
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The square at each step of the curve through the first 8 x 8.
    fn steps() -> Vec<(u32, u32)> {
        let mut squares: Vec<(u32, u32)> =
            (0..8).flat_map(|x| (0..8).map(move |y| (x, y))).collect();
        squares.sort_by_key(|&(x, y)| distance(x, y));
        squares
    }

    #[test]
    fn every_step_of_the_curve_goes_to_a_neighbour() {
        for pair in steps().windows(2) {
            let [(x, y), (next_x, next_y)] = pair else {
                unreachable!("windows of two")
            };
            assert_eq!(x.abs_diff(*next_x) + y.abs_diff(*next_y), 1, "{pair:?}");
        }
    }

    #[test]
    fn no_two_squares_have_the_same_place_on_it() {
        let mut along: Vec<u64> = steps().iter().map(|&(x, y)| distance(x, y)).collect();
        along.dedup();

        assert_eq!(along.len(), 64);
    }

    #[test]
    fn the_corners_of_the_map_are_on_it() {
        for (lat, lon) in [(-90.0, -180.0), (90.0, 180.0), (90.0, -180.0), (0.0, 180.0)] {
            assert!(along(Point::new(lat, lon).unwrap()) < NOWHERE);
        }
    }
}
