//! County outlines on a flat sheet, ready to draw as SVG paths.
//!
//! [`Sheet::national`] holds every county: the 48 states on a conic, the rest as insets, each on a plane of its
//! own and none to the others' scale. [`Sheet::state`] holds one state, finer. Areas keep their proportion within
//! the main map and within each inset. Neighbours touch: borders are made coarser before rings are put together.
//!
//! A sheet knows shapes alone; what fills them is the caller's. Every county has a shape, also one that is too
//! small to be seen at this scale: it becomes a small square.

mod line;
mod projection;
mod window;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use referral_core::geo::{CountyFips, Point, StateCode};

use crate::gazetteer::{Gazetteer, gazetteer};
use line::Corner;
use projection::{Bounds, Frame, Projection, Spot};

pub use window::Window;

/// Width of every sheet, in its units.
const WIDTH: f64 = 1_000.0;
/// Height of the national sheet.
const HEIGHT: f64 = 720.0;
/// Room at the bottom of the national sheet, below the 48 states.
const BELOW: f64 = 70.0;
/// Most that a sheet of one state is high.
const TALLEST: f64 = 900.0;
/// Room around what is drawn.
const MARGIN: f64 = 6.0;
/// From an inset to the base line of its name.
const CAPTION: f64 = 18.0;
/// How far a national line may be from what it was, in units; a state's may be half of it.
const REACH: f64 = 0.65;
/// Half the side of the square that stands for a county too small or too far off to draw.
const LEAST: i32 = 2;

/// Insets of the national sheet: the state's code, the name written below, and where it goes: left, top, right,
/// bottom.
const INSETS: [(&str, &str, [f64; 4]); 7] = [
    ("AK", "Alaska", [6.0, 490.0, 240.0, 690.0]),
    ("HI", "Hawaii", [250.0, 588.0, 400.0, 690.0]),
    ("GU", "Guam", [430.0, 652.0, 470.0, 690.0]),
    ("MP", "N. Mariana Is.", [522.0, 638.0, 578.0, 690.0]),
    ("AS", "Amer. Samoa", [626.0, 655.0, 704.0, 690.0]),
    ("PR", "Puerto Rico", [738.0, 646.0, 842.0, 690.0]),
    ("VI", "U.S. Virgin Is.", [886.0, 646.0, 954.0, 690.0]),
];
/// Far islands with few people or none, which would make their inset tiny: Northern Islands, Rose, Swains. They are
/// squares at its edge.
const FAR: [u32; 3] = [69_085, 60_030, 60_040];

/// Outlines to draw, in whole units from the top left corner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// How wide it is. Unit: of the sheet.
    pub width: u32,
    /// How high it is. Unit: of the sheet.
    pub height: u32,
    /// Every county, ordered by FIPS code.
    pub shapes: Vec<Shape>,
    /// The borders of states and coasts, as an SVG path to be stroked.
    pub state_lines: String,
    /// All of it without its inner borders, as an SVG path to be filled by the even-odd rule.
    pub land: String,
    /// What the insets are called.
    pub captions: Vec<Caption>,
}

/// A county's shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The county.
    pub county: CountyFips,
    /// Its outline as an SVG path, to be filled by the even-odd rule.
    pub path: String,
}

/// A name written below an inset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// Its middle, from the left. Unit: of the sheet.
    pub x: u32,
    /// Its base line, from the top. Unit: of the sheet.
    pub y: u32,
    /// The name.
    pub text: String,
}

impl Sheet {
    /// All 56 states, districts and territories.
    #[must_use]
    pub fn national() -> &'static Self {
        static NATIONAL: OnceLock<Sheet> = OnceLock::new();
        NATIONAL.get_or_init(|| {
            let insets = INSETS.map(|(state, name, sides)| {
                Part::inset(gazetteer(), StateCode::parse(state).ok()?, name, sides)
            });
            let insets: Vec<Part> = insets.into_iter().flatten().collect();
            let apart: BTreeSet<StateCode> = insets.iter().flat_map(Part::states).collect();
            let all = gazetteer().counties().iter();
            let main = all.filter(|county| !apart.contains(&county.state));
            let main = main.map(|county| county.fips).collect();
            let main = Part::main(gazetteer(), main);
            let captions = insets.iter().filter_map(Part::caption).collect();
            let parts = main.into_iter().chain(insets);
            draw(gazetteer(), parts, HEIGHT, REACH, captions)
        })
    }

    /// One of them; `None` for a code that none has.
    #[must_use]
    pub fn state(code: StateCode) -> Option<Self> {
        let map = gazetteer();
        let counties: Vec<CountyFips> = map.counties_in(code).map(|county| county.fips).collect();
        let part = Part::alone(map, code, counties)?;
        let height = part.sides.high[1] + MARGIN;
        let part = std::iter::once(part);
        Some(draw(map, part, height, REACH / 2.0, Vec::new()))
    }
}

/// Counties that share a projection.
struct Part {
    counties: Vec<CountyFips>,
    projection: Projection,
    frame: Frame,
    /// Counties of it that are drawn as a square at its edge.
    far: Vec<CountyFips>,
    sides: Bounds,
    caption: Option<Caption>,
}

impl Part {
    fn main(map: &Gazetteer, counties: Vec<CountyFips>) -> Option<Self> {
        let sides = [MARGIN, MARGIN, WIDTH - MARGIN, HEIGHT - BELOW];
        Self::fit(map, counties, Projection::Conic, sides)
    }

    fn inset(map: &Gazetteer, state: StateCode, name: &str, sides: [f64; 4]) -> Option<Self> {
        let all: Vec<CountyFips> = map.counties_in(state).map(|c| c.fips).collect();
        let (far, near): (Vec<_>, Vec<_>) = all
            .into_iter()
            .partition(|county| FAR.contains(&county.number()));
        let projection = around(map, state, &near)?;
        let mut part = Self::fit(map, near, projection, sides)?;
        part.counties.extend(&far);
        part.far = far;
        let [left, _, right, bottom] = sides;
        part.caption = Some(Caption {
            x: units(f64::midpoint(left, right)),
            y: units(bottom + CAPTION),
            text: name.to_owned(),
        });
        Some(part)
    }

    fn alone(map: &Gazetteer, state: StateCode, counties: Vec<CountyFips>) -> Option<Self> {
        let projection = around(map, state, &counties)?;
        let bounds = bounds(map, &counties, projection)?;
        let [width, height] = bounds.size();
        let height = ((WIDTH - 2.0 * MARGIN) * height / width).min(TALLEST);
        let sides = [MARGIN, MARGIN, WIDTH - MARGIN, MARGIN + height];
        Self::fit(map, counties, projection, sides)
    }

    fn fit(
        map: &Gazetteer,
        counties: Vec<CountyFips>,
        projection: Projection,
        [left, top, right, bottom]: [f64; 4],
    ) -> Option<Self> {
        let outer = Bounds {
            low: [left, top],
            high: [right, bottom],
        };
        let frame = Frame::fit(bounds(map, &counties, projection)?, outer);
        Some(Self {
            counties,
            projection,
            frame,
            far: Vec::new(),
            sides: outer,
            caption: None,
        })
    }

    fn states(&self) -> impl Iterator<Item = StateCode> {
        self.counties.iter().filter_map(|county| county.state())
    }

    fn caption(&self) -> Option<Caption> {
        self.caption.clone()
    }

    fn place(&self, point: Point) -> Spot {
        self.frame.place(self.projection.flat(point))
    }
}

fn draw(
    map: &Gazetteer,
    parts: impl Iterator<Item = Part>,
    height: f64,
    reach: f64,
    captions: Vec<Caption>,
) -> Sheet {
    let borders = borders(map);
    let mut shapes = Vec::new();
    let (mut state_lines, mut outlines) = (String::new(), String::new());
    for part in parts {
        let coarse = coarse_borders(map, &part, borders, reach);
        for county in &part.counties {
            let path = shape(map, &part, *county, &coarse);
            shapes.push(Shape {
                county: *county,
                path,
            });
        }
        for (corners, sides) in coarse.values() {
            if sides.len() < 2 {
                line::write(&mut state_lines, corners, false);
            }
        }
        land(map, &part, &coarse, &mut outlines);
    }
    shapes.sort_by_key(|shape| shape.county);
    Sheet {
        width: units(WIDTH),
        height: units(height),
        shapes,
        state_lines,
        land: outlines,
        captions,
    }
}

/// Writes the outer rings of a part: borders that one county alone has, end to end.
fn land(map: &Gazetteer, part: &Part, coarse: &Coarse, path: &mut String) {
    let mut alone: BTreeMap<usize, Option<i32>> = BTreeMap::new();
    for county in part
        .counties
        .iter()
        .filter(|county| !part.far.contains(county))
    {
        for step in map.rings(*county).into_iter().flatten() {
            let side = alone.entry(border_of(*step));
            side.and_modify(|other| *other = None)
                .or_insert(Some(*step));
        }
    }
    let mut from: BTreeMap<Corner, Vec<Vec<Corner>>> = BTreeMap::new();
    for step in alone.into_values().flatten() {
        let known = coarse.get(&border_of(step));
        let mut corners = known.map_or_else(Vec::new, |(corners, _)| corners.clone());
        if step < 0 {
            corners.reverse();
        }
        if corners.len() > 1 {
            from.entry(corners[0]).or_default().push(corners);
        }
    }
    while let Some(first) = from.keys().next().copied() {
        let mut ring = vec![first];
        while let Some(next) = take(&mut from, ring[ring.len() - 1]) {
            ring.extend(&next[1..]);
        }
        ring.pop();
        if ring.len() >= 3 {
            line::write(path, &ring, true);
        }
    }
}

/// A line that begins at a corner, taken out.
fn take(from: &mut BTreeMap<Corner, Vec<Vec<Corner>>>, corner: Corner) -> Option<Vec<Corner>> {
    let lines = from.get_mut(&corner)?;
    let next = lines.pop();
    if lines.is_empty() {
        from.remove(&corner);
    }
    next
}

/// The corners of all borders, made once: there is one map.
fn borders(map: &Gazetteer) -> &'static [Vec<Point>] {
    static BORDERS: OnceLock<Vec<Vec<Point>>> = OnceLock::new();
    BORDERS.get_or_init(|| map.borders().collect())
}

/// The coarser form of each border of the part, and what is on its sides: twice the same state inside one,
/// fewer on a coast or where two states meet.
type Coarse = BTreeMap<usize, (Vec<Corner>, Vec<StateCode>)>;

fn coarse_borders(map: &Gazetteer, part: &Part, borders: &[Vec<Point>], reach: f64) -> Coarse {
    let mut coarse = Coarse::new();
    for county in &part.counties {
        let near = !part.far.contains(county);
        let steps = map.rings(*county).into_iter().flatten().filter(|_| near);
        for border in steps.map(|step| border_of(*step)) {
            let (_, sides) = coarse.entry(border).or_insert_with(|| {
                let line = borders.get(border).map_or(&[][..], Vec::as_slice);
                let flat: Vec<Spot> = line.iter().map(|point| part.place(*point)).collect();
                (line::whole(&line::coarser(&flat, reach)), Vec::new())
            });
            let state = county.state();
            sides.extend(state);
        }
    }
    for (_, sides) in coarse.values_mut() {
        // Two different states are as good as one: a line is drawn.
        sides.dedup_by(|one, other| one != other);
    }
    coarse
}

fn shape(map: &Gazetteer, part: &Part, county: CountyFips, coarse: &Coarse) -> String {
    let mut path = String::new();
    for steps in map.rings(county) {
        let mut ring: Vec<Corner> = Vec::new();
        for step in steps {
            let Some((corners, _)) = coarse.get(&border_of(*step)) else {
                continue;
            };
            ring.pop();
            if *step < 0 {
                ring.extend(corners.iter().rev());
            } else {
                ring.extend(corners);
            }
        }
        ring.pop();
        if ring.len() >= 3 {
            line::write(&mut path, &ring, true);
        }
    }
    if path.is_empty() {
        let label = map.county(county).map(|county| {
            let (spot, Bounds { low, high }) = (part.place(county.label), part.sides);
            [0, 1].map(|axis: usize| spot[axis].clamp(low[axis], high[axis]))
        });
        let middle = line::whole(label.as_slice());
        let square = middle.first().map(|middle| square(*middle));
        line::write(&mut path, square.unwrap_or_default().as_slice(), true);
    }
    path
}

fn square([x, y]: Corner) -> Vec<Corner> {
    let (low, high) = (-LEAST, LEAST);
    let corners = [[low, low], [high, low], [high, high], [low, high]];
    corners.map(|[dx, dy]| [x + dx, y + dy]).to_vec()
}

fn border_of(step: i32) -> usize {
    let border = if step < 0 { !step } else { step };
    usize::try_from(border).unwrap_or(usize::MAX)
}

/// The plane around a state's middle.
fn around(map: &Gazetteer, state: StateCode, counties: &[CountyFips]) -> Option<Projection> {
    let label = map.state(state)?.label;
    // From the label, which is near enough, to the middle of what is drawn.
    let [x, y] = middle(bounds(map, counties, Projection::Around(label))?);
    let lat = label.lat() - y.to_degrees();
    let lon = label.lon() + x.to_degrees() / lat.to_radians().cos();
    Some(Projection::Around(Point::new(lat, lon).unwrap_or(label)))
}

fn middle(bounds: Bounds) -> Spot {
    [0, 1].map(|axis: usize| f64::midpoint(bounds.low[axis], bounds.high[axis]))
}

fn bounds(map: &Gazetteer, counties: &[CountyFips], projection: Projection) -> Option<Bounds> {
    let rings = counties.iter().flat_map(|county| map.polygon(*county));
    let points = rings.flatten().flatten();
    Bounds::around(points.map(|point| projection.flat(point)))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a sheet is a few thousand units wide, from zero on"
)]
fn units(length: f64) -> u32 {
    length.round() as u32
}
