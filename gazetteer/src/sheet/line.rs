//! Lines made coarser, and written as an SVG path.

use std::fmt::Write;

use super::projection::Spot;

/// A corner in whole units of the sheet.
pub(super) type Corner = [i32; 2];

/// The corners of a line that matter: none that is left out lies farther than `reach` from the line through
/// those that stay. Its ends always stay, so that lines still meet.
///
/// Source: Douglas & Peucker 1973, <https://doi.org/10.3138/FM57-6770-U75U-7727>.
pub(super) fn coarser(line: &[Spot], reach: f64) -> Vec<Spot> {
    let Some(last) = line.len().checked_sub(1) else {
        return Vec::new();
    };
    let mut stays = vec![false; line.len()];
    stays[0] = true;
    stays[last] = true;
    let mut open = vec![(0, last)];
    while let Some((first, last)) = open.pop() {
        let between = (first + 1..last).map(|at| (at, distance(line[at], line[first], line[last])));
        let farthest = between.max_by(|one, other| one.1.total_cmp(&other.1));
        if let Some((at, far)) = farthest
            && far > reach
        {
            stays[at] = true;
            open.extend([(first, at), (at, last)]);
        }
    }
    let kept = line.iter().zip(stays).filter(|(_, stays)| *stays);
    kept.map(|(spot, _)| *spot).collect()
}

/// The nearest corners in whole units, none twice in a row.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a sheet is a few thousand units wide"
)]
pub(super) fn whole(line: &[Spot]) -> Vec<Corner> {
    let mut corners: Vec<Corner> = line
        .iter()
        .map(|spot| spot.map(|part| part.round() as i32))
        .collect();
    corners.dedup();
    corners
}

/// Writes a line as part of a path: from its first corner by steps, closed where it is a ring.
pub(super) fn write(path: &mut String, corners: &[Corner], closed: bool) {
    let Some((first, rest)) = corners.split_first() else {
        return;
    };
    path.push('M');
    pair(path, *first);
    let mut last = *first;
    for (number, corner) in rest.iter().enumerate() {
        if number == 0 {
            path.push('l');
        }
        let step = [corner[0] - last[0], corner[1] - last[1]];
        if number > 0 && step[0] >= 0 {
            path.push(' ');
        }
        pair(path, step);
        last = *corner;
    }
    if closed {
        path.push('z');
    }
}

/// Two numbers; a minus sign parts them well enough.
fn pair(path: &mut String, [x, y]: Corner) {
    let gap = if y < 0 { "" } else { " " };
    let written = write!(path, "{x}{gap}{y}");
    debug_assert!(written.is_ok(), "a string takes whatever is written");
}

/// Distance of `spot` from the segment between two others.
fn distance(spot: Spot, from: Spot, to: Spot) -> f64 {
    let along = [to[0] - from[0], to[1] - from[1]];
    let away = [spot[0] - from[0], spot[1] - from[1]];
    let length = along[0] * along[0] + along[1] * along[1];
    let share = if length > 0.0 {
        ((away[0] * along[0] + away[1] * along[1]) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (away[0] - share * along[0]).hypot(away[1] - share * along[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_that_matter_stay() {
        let line = [[0.0, 0.0], [1.0, 0.1], [2.0, 0.0], [3.0, 5.0], [4.0, 0.0]];

        let kept = coarser(&line, 0.5);

        assert_eq!(kept, [[0.0, 0.0], [2.0, 0.0], [3.0, 5.0], [4.0, 0.0]]);
    }

    #[test]
    fn a_ring_keeps_its_shape() {
        let ring = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 0.0]];

        assert_eq!(coarser(&ring, 0.5), ring);
    }

    #[test]
    fn a_path_is_written_by_steps() {
        let mut path = String::new();

        write(&mut path, &[[10, 20], [13, 19], [12, 19], [12, 24]], true);

        assert_eq!(path, "M10 20l3-1-1 0 0 5z");
    }

    #[test]
    fn nothing_comes_of_nothing() {
        let mut path = String::new();
        write(&mut path, &[], true);

        assert_eq!((path.as_str(), coarser(&[], 1.0)), ("", Vec::new()));
    }
}
