//! A map of a few places: counties around them, pins with numbers that lead to results, counties that are meant as a
//! whole.
//!
//! It draws what it is given. A confidential place is given as its county and never as a spot.

use std::collections::BTreeSet;

use referral_core::geo::{CountyFips, Kilometres, Point};
use referral_gazetteer::{Sheet, Window};

/// How much is seen around the outermost places. Unit: km.
const MARGIN: f64 = 40.0;
/// Half the side of the square around a pin that no other pin may touch. Unit: of the map.
const ROOM: f64 = 21.0;
/// How far a pin may be from its place before it is drawn over others. Unit: rings of pins.
const RINGS: i32 = 6;
/// Most bytes of outlines: a larger map is not drawn.
const BYTES: usize = 45_000;

/// A place on the map.
pub(super) struct Spot {
    pub(super) point: Point,
    /// A link to it; none: it is marked alone.
    pub(super) pin: Option<Link>,
}

/// What a pin says and where it leads.
pub(super) struct Link {
    pub(super) number: usize,
    pub(super) href: String,
    pub(super) label: String,
}

/// A map, ready for its template.
pub(super) struct PlacesMap {
    pub(super) label: String,
    pub(super) width: u32,
    pub(super) height: u32,
    /// Counties around, as a path.
    pub(super) ground: String,
    /// Counties that are meant as a whole, as a path.
    pub(super) meant: String,
    pub(super) lines: String,
    /// Where places are.
    pub(super) dots: Vec<(String, String)>,
    pub(super) pins: Vec<Pin>,
}

/// A pin beside its place.
pub(super) struct Pin {
    pub(super) x: String,
    pub(super) y: String,
    /// From the pin to its place, as a path; empty where it is there.
    pub(super) leader: String,
    pub(super) link: Link,
}

impl PlacesMap {
    /// The map of `spots` and of counties that are meant as a whole; none where there is nothing to draw, or too much.
    pub(super) fn of(
        label: String,
        meant: &BTreeSet<CountyFips>,
        spots: Vec<Spot>,
    ) -> Option<Self> {
        let points: Vec<Point> = spots.iter().map(|spot| spot.point).collect();
        let counties: Vec<CountyFips> = meant.iter().copied().collect();
        let margin = Kilometres::new(MARGIN).ok()?;
        let window = Window::around(&points, &counties, margin)?;
        let path = |wanted: bool| -> String {
            let shapes = window.shapes.iter();
            let shapes = shapes.filter(|shape| meant.contains(&shape.county) == wanted);
            shapes.map(|shape| shape.path.as_str()).collect()
        };
        let (ground, meant) = (path(false), path(true));
        if ground.len() + meant.len() + window.state_lines.len() > BYTES {
            return None;
        }
        let dots = points.iter().map(|point| {
            let [x, y] = window.place(*point);
            (format!("{x:.1}"), format!("{y:.1}"))
        });
        Some(Self {
            dots: dots.collect(),
            pins: pins(&window, spots),
            label,
            width: window.width,
            height: window.height,
            ground,
            meant,
            lines: window.state_lines,
        })
    }
}

impl PlacesMap {
    /// The whole country, meant as a whole, without a spot.
    pub(super) fn nation(label: String) -> Self {
        let sheet = Sheet::national();
        Self {
            label,
            width: sheet.width,
            height: sheet.height,
            ground: String::new(),
            meant: sheet.land.clone(),
            lines: sheet.state_lines.clone(),
            dots: Vec::new(),
            pins: Vec::new(),
        }
    }
}

/// Pins, none over another as far as there is room.
fn pins(window: &Window, spots: Vec<Spot>) -> Vec<Pin> {
    let mut taken: Vec<[f64; 2]> = Vec::new();
    let pinned = spots
        .into_iter()
        .filter_map(|spot| Some((spot.point, spot.pin?)));
    pinned
        .map(|(point, link)| {
            let place = window.place(point);
            let at = free_spot(window, place, &taken);
            taken.push(at);
            let far = (at[0] - place[0]).hypot(at[1] - place[1]) > 1.0;
            let leader = format!("M{:.1} {:.1}L{:.1} {:.1}", place[0], place[1], at[0], at[1]);
            Pin {
                x: format!("{:.1}", at[0]),
                y: format!("{:.1}", at[1]),
                leader: if far { leader } else { String::new() },
                link,
            }
        })
        .collect()
}

/// The free spot nearest to a place.
fn free_spot(window: &Window, place: [f64; 2], taken: &[[f64; 2]]) -> [f64; 2] {
    let sides = [f64::from(window.width), f64::from(window.height)];
    let inside =
        |spot: [f64; 2]| [0, 1].map(|axis: usize| spot[axis].clamp(ROOM, sides[axis] - ROOM));
    let steps = (-RINGS..=RINGS).flat_map(|x| (-RINGS..=RINGS).map(move |y| (x, y)));
    let mut steps: Vec<(i32, i32)> = steps.collect();
    steps.sort_by_key(|(x, y)| (x * x + y * y, *x, *y));
    let spots = steps.into_iter().map(|(x, y)| {
        inside([
            place[0] + f64::from(x) * 2.0 * ROOM,
            place[1] + f64::from(y) * 2.0 * ROOM,
        ])
    });
    let is_free = |spot: &[f64; 2]| {
        taken.iter().all(|other| {
            let apart = (spot[0] - other[0]).abs().max((spot[1] - other[1]).abs());
            apart >= 2.0 * ROOM - 0.5
        })
    };
    let mut spots = spots;
    spots.find(is_free).unwrap_or_else(|| inside(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(number: usize, lat: f64, lon: f64) -> Spot {
        Spot {
            point: Point::new(lat, lon).unwrap(),
            pin: Some(Link {
                number,
                href: format!("#result-{number}"),
                label: number.to_string(),
            }),
        }
    }

    #[test]
    fn pins_of_one_house_stand_beside_each_other() {
        let spots = (1..=20).map(|number| spot(number, 39.29, -76.61)).collect();

        let map = PlacesMap::of(String::new(), &BTreeSet::new(), spots).unwrap();

        let mut places: Vec<(&str, &str)> = map
            .pins
            .iter()
            .map(|pin| (pin.x.as_str(), pin.y.as_str()))
            .collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), 20);
        assert!(map.pins[0].leader.is_empty() && !map.pins[1].leader.is_empty());
    }

    #[test]
    fn the_whole_country_is_shaded_and_small_enough_for_a_page() {
        let map = PlacesMap::nation(String::new());

        assert!(map.meant.matches('z').count() > 20 && map.ground.is_empty());
        assert!(
            map.meant.len() + map.lines.len() < BYTES,
            "{} {}",
            map.meant.len(),
            map.lines.len()
        );
    }

    #[test]
    fn a_county_that_is_meant_is_drawn_and_has_no_dot() {
        let frio = BTreeSet::from([CountyFips::parse("48163").unwrap()]);

        let map = PlacesMap::of(String::new(), &frio, Vec::new()).unwrap();

        assert!(!map.meant.is_empty() && !map.ground.is_empty());
        assert!(map.dots.is_empty() && map.pins.is_empty());
    }
}
