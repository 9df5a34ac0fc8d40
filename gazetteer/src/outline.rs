//! County outlines: which county a point lies in, who borders whom, and the rings to draw.
//!
//! Outlines are arcs on an integer grid (us-atlas at 1:10 million, about 300 m), shared by the counties
//! on both sides, so a point between two counties is in exactly one of them.

use referral_core::geo::Point;

use crate::data::{Damaged, Sections};

/// Kilometres in one degree of latitude (mean Earth radius 6,371 km).
const KM_PER_DEGREE: f64 = 111.195;
/// Degrees of latitude and longitude in one cell of the search grid.
const CELL_DEGREES: f64 = 0.5;

/// One piece of a county: its outer ring, then the rings of its holes. A ring does not repeat its
/// first corner at the end.
pub type Polygon = Vec<Vec<Point>>;

/// A corner: longitude and latitude in degrees.
type Corner = [f64; 2];

/// The outlines of all counties, in the order of the county table.
#[derive(Debug)]
pub(crate) struct Outlines {
    /// Corners of all arcs, one arc after another.
    corners: Vec<Corner>,
    /// Where each arc's corners end.
    arc_ends: Vec<u32>,
    /// Arc numbers of all rings; `!n` is arc n walked backwards.
    ring_arcs: Vec<i32>,
    /// Where each ring's arcs end, each polygon's rings, each county's polygons.
    ring_ends: Vec<u32>,
    polygon_ends: Vec<u32>,
    county_ends: Vec<u32>,
    /// (cell, county) for each cell a ring's box touches, sorted.
    cells: Vec<(i32, u16)>,
    /// (county, neighbour), both ways, sorted.
    borders: Vec<(u16, u16)>,
}

impl Outlines {
    pub(crate) fn read(sections: &Sections) -> Result<Self, Damaged> {
        let mut rings = sections.section("RING")?;
        let county_ends = ends(&rings.unsigned()?);
        let polygon_ends = ends(&rings.unsigned()?);
        let ring_ends = ends(&rings.unsigned()?);
        let ring_arcs = rings.differences()?;
        let (corners, arc_ends) = read_arcs(sections)?;
        let mut outlines = Self {
            corners,
            arc_ends,
            ring_arcs,
            ring_ends,
            polygon_ends,
            county_ends,
            cells: Vec::new(),
            borders: Vec::new(),
        };
        outlines.cells = outlines.fill_cells();
        outlines.borders = outlines.fill_borders();
        Ok(outlines)
    }

    /// The row of the county whose outline holds `point`.
    pub(crate) fn holding(&self, point: Point) -> Option<u16> {
        let at = [point.lon(), point.lat()];
        let candidates = self.counties_in(cell_of(at));
        candidates
            .map(|(_, county)| *county)
            .find(|county| self.holds(*county, at))
    }

    /// The row of the county whose outline is nearest to `point`, and how far it is (km), when that is
    /// at most `reach_km` (below 25, so that the cells around hold every candidate south of 72 degrees).
    pub(crate) fn nearest(&self, point: Point, reach_km: f64) -> Option<(u16, f64)> {
        let at = [point.lon(), point.lat()];
        let mut candidates: Vec<u16> = cells_around(at)
            .flat_map(|cell| self.counties_in(cell))
            .map(|(_, county)| *county)
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        let measured = candidates
            .into_iter()
            .map(|county| (county, self.distance_km(county, point)));
        measured
            .filter(|(_, km)| *km <= reach_km)
            .min_by(|(_, one), (_, other)| one.total_cmp(other))
    }

    /// Rows of the counties that share a piece of border with this one, ascending.
    pub(crate) fn neighbours(&self, county: u16) -> impl Iterator<Item = u16> {
        let first = self.borders.partition_point(|(one, _)| *one < county);
        let rest = self.borders.get(first..).unwrap_or_default();
        let own = rest.iter().take_while(move |(one, _)| *one == county);
        own.map(|(_, other)| *other)
    }

    /// The pieces of a county, ready to draw. Rings that the scale has shrunk to a line are left out.
    pub(crate) fn polygons(&self, county: u16) -> Vec<Polygon> {
        let polygons = range(&self.county_ends, usize::from(county));
        let rings = |polygon| range(&self.polygon_ends, polygon).map(|ring| self.ring(ring));
        polygons
            .filter_map(|polygon| {
                let mut rings = rings(polygon).filter(|ring| ring.len() >= 3);
                let outer = rings.next()?;
                Some(std::iter::once(outer).chain(rings).collect())
            })
            .collect()
    }

    /// The corners of every arc.
    pub(crate) fn borders(&self) -> impl Iterator<Item = Vec<Point>> {
        let arcs = (0_usize..).zip(&self.arc_ends).map(|(arc, _)| arc);
        arcs.map(|arc| {
            let corners = self.corners.get(range(&self.arc_ends, arc));
            let corners = corners.unwrap_or_default().iter();
            corners
                .filter_map(|[lon, lat]| Point::new(*lat, *lon).ok())
                .collect()
        })
    }

    /// The arc numbers of each ring of a county.
    pub(crate) fn rings(&self, county: u16) -> Vec<&[i32]> {
        let polygons = range(&self.county_ends, usize::from(county));
        let rings = polygons.flat_map(|polygon| range(&self.polygon_ends, polygon));
        let arcs = rings.map(|ring| self.ring_arcs.get(range(&self.ring_ends, ring)));
        arcs.map(Option::unwrap_or_default).collect()
    }

    fn ring(&self, ring: usize) -> Vec<Point> {
        let mut corners: Vec<Corner> = Vec::new();
        for &arc in self
            .ring_arcs
            .get(range(&self.ring_ends, ring))
            .unwrap_or_default()
        {
            corners.pop(); // an arc begins where the one before ends
            if arc < 0 {
                corners.extend(self.arc(!arc).iter().rev());
            } else {
                corners.extend(self.arc(arc));
            }
        }
        corners.pop();
        corners
            .into_iter()
            .filter_map(|[lon, lat]| Point::new(lat, lon).ok())
            .collect()
    }

    /// Even-odd rule over all rings, so a hole is outside. Arcs are always walked the way they are
    /// stored, which makes both sides of a border round alike.
    fn holds(&self, county: u16, [x, y]: Corner) -> bool {
        let crossed = |([x1, y1], [x2, y2]): &(Corner, Corner)| {
            (*y1 > y) != (*y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
        };
        self.edges(county).filter(crossed).count() % 2 == 1
    }

    /// How far a point is from a county's border (km), on a plane that touches the Earth there.
    pub(crate) fn distance_km(&self, county: u16, point: Point) -> f64 {
        let (x, y) = (point.lon(), point.lat());
        let km_per_lon = KM_PER_DEGREE * y.to_radians().cos();
        let local = |[lon, lat]: Corner| [(lon - x) * km_per_lon, (lat - y) * KM_PER_DEGREE];
        let distances = self
            .edges(county)
            .map(|(from, to)| from_origin(local(from), local(to)));
        distances.fold(f64::INFINITY, f64::min)
    }

    fn edges(&self, county: u16) -> impl Iterator<Item = (Corner, Corner)> {
        let arcs = self.arcs(county);
        arcs.flat_map(|arc| {
            self.arc(arc).windows(2).filter_map(|edge| match edge {
                [from, to] => Some((*from, *to)),
                _ => None,
            })
        })
    }

    /// Arc numbers of a county, each the way it is stored.
    fn arcs(&self, county: u16) -> impl Iterator<Item = i32> {
        let rings = range(&self.county_ends, usize::from(county))
            .flat_map(|polygon| range(&self.polygon_ends, polygon));
        let places = rings.flat_map(|ring| range(&self.ring_ends, ring));
        let arcs = places.filter_map(|place| self.ring_arcs.get(place));
        arcs.map(|&arc| if arc < 0 { !arc } else { arc })
    }

    fn arc(&self, arc: i32) -> &[Corner] {
        let arc = usize::try_from(arc).unwrap_or(usize::MAX);
        self.corners
            .get(range(&self.arc_ends, arc))
            .unwrap_or_default()
    }

    fn counties_in(&self, cell: i32) -> impl Iterator<Item = &(i32, u16)> {
        let first = self.cells.partition_point(|(other, _)| *other < cell);
        let rest = self.cells.get(first..).unwrap_or_default();
        rest.iter().take_while(move |(other, _)| *other == cell)
    }

    /// Counties that share an arc.
    fn fill_borders(&self) -> Vec<(u16, u16)> {
        let counties = (0_u16..).zip(&self.county_ends).map(|(county, _)| county);
        let mut sides: Vec<(i32, u16)> = counties
            .flat_map(|county| self.arcs(county).map(move |arc| (arc, county)))
            .collect();
        sides.sort_unstable();
        let mut borders = Vec::new();
        for sides in sides.chunk_by(|one, other| one.0 == other.0) {
            if let [(_, one), .., (_, other)] = sides
                && one != other
            {
                borders.extend([(*one, *other), (*other, *one)]);
            }
        }
        borders.sort_unstable();
        borders.dedup();
        borders
    }

    fn fill_cells(&self) -> Vec<(i32, u16)> {
        let mut cells = Vec::new();
        for (county, _) in (0_u16..).zip(&self.county_ends) {
            for polygon in range(&self.county_ends, usize::from(county)) {
                for ring in range(&self.polygon_ends, polygon) {
                    cells.extend(self.cells_of(ring).map(|cell| (cell, county)));
                }
            }
        }
        cells.sort_unstable();
        cells.dedup();
        cells
    }

    fn cells_of(&self, ring: usize) -> impl Iterator<Item = i32> + use<> {
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for &arc in self
            .ring_arcs
            .get(range(&self.ring_ends, ring))
            .unwrap_or_default()
        {
            for corner in self.arc(if arc < 0 { !arc } else { arc }) {
                for axis in 0..2 {
                    low[axis] = low[axis].min(corner[axis]);
                    high[axis] = high[axis].max(corner[axis]);
                }
            }
        }
        let (first, last) = (column_row(low), column_row(high));
        (first[1]..=last[1])
            .flat_map(move |row| (first[0]..=last[0]).map(move |column| number(column, row)))
    }
}

/// The arcs' corners in degrees, and where each arc ends.
fn read_arcs(sections: &Sections) -> Result<(Vec<Corner>, Vec<u32>), Damaged> {
    let mut columns = sections.section("ARCS")?;
    let damaged = columns.damaged();
    let grid: Vec<i64> = columns.signed()?;
    let counts: Vec<u32> = columns.unsigned()?;
    let steps_x: Vec<i32> = columns.signed()?;
    let steps_y: Vec<i32> = columns.signed()?;
    let &[scale_x, scale_y, left, bottom] = grid.as_slice() else {
        return Err(damaged);
    };
    let degrees =
        |step: i32, scale: i64, offset: i64| f64::from(step) * femto(scale) + femto(offset);
    let mut corners = Vec::with_capacity(steps_x.len());
    let mut steps = steps_x.into_iter().zip(steps_y);
    for count in &counts {
        let (mut x, mut y) = (0, 0);
        for (step_x, step_y) in steps.by_ref().take(*count as usize) {
            x += step_x;
            y += step_y;
            corners.push([degrees(x, scale_x, left), degrees(y, scale_y, bottom)]);
        }
    }
    Ok((corners, ends(&counts)))
}

/// 1e-15 degrees as degrees; the grid's four numbers have 15 to 18 digits, and f64 keeps the 16 that
/// matter.
#[expect(
    clippy::cast_precision_loss,
    reason = "the lost digits are below a nanometre"
)]
fn femto(value: i64) -> f64 {
    value as f64 / 1e15
}

fn ends(counts: &[u32]) -> Vec<u32> {
    let running = counts.iter().scan(0, |end, count| {
        *end += count;
        Some(*end)
    });
    running.collect()
}

/// The rows from the end of the one before to the end of this one; none beyond the table.
fn range(ends: &[u32], row: usize) -> std::ops::Range<usize> {
    let end = |row: usize| ends.get(row).map(|end| *end as usize);
    let Some(last) = end(row) else { return 0..0 };
    let first = row.checked_sub(1).and_then(end).unwrap_or(0);
    first..last
}

/// Distance from (0, 0) to the segment between two points, in their unit.
fn from_origin([x1, y1]: Corner, [x2, y2]: Corner) -> f64 {
    let (dx, dy) = (x2 - x1, y2 - y1);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 {
        -(x1 * dx + y1 * dy) / length
    } else {
        0.0
    };
    let along = along.clamp(0.0, 1.0);
    (x1 + along * dx).hypot(y1 + along * dy)
}

fn cell_of(at: Corner) -> i32 {
    let [column, row] = column_row(at);
    number(column, row)
}

fn cells_around(at: Corner) -> impl Iterator<Item = i32> {
    let [column, row] = column_row(at);
    (row - 1..=row + 1)
        .flat_map(move |row| (column - 1..=column + 1).map(move |column| number(column, row)))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "degrees over half a degree: within +-720"
)]
fn column_row([x, y]: Corner) -> [i32; 2] {
    [
        (x / CELL_DEGREES).floor() as i32,
        (y / CELL_DEGREES).floor() as i32,
    ]
}

fn number(column: i32, row: i32) -> i32 {
    row * 1_024 + column
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_to_a_segment_ends_at_its_ends() {
        for (from, to, distance) in [
            ([1.0, -1.0], [1.0, 1.0], 1.0),
            ([3.0, 4.0], [6.0, 8.0], 5.0),
            ([3.0, 4.0], [3.0, 4.0], 5.0),
        ] {
            assert!((from_origin(from, to) - distance).abs() < 1e-12);
        }
    }

    #[test]
    fn a_row_beyond_the_table_is_empty() {
        assert_eq!(range(&[2, 5], 1), 2..5);
        assert_eq!(range(&[2, 5], 2), 0..0);
    }
}
