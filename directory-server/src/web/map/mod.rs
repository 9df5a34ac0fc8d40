//! The county map of a coverage report, as SVG: five classes of one blue, and three patterns for what has no number.
//!
//! [`Scale`] puts a county's number into a class with real breaks; [`Map`] draws the classes over the outlines of
//! [`referral_gazetteer::Sheet`]. Colours are classes of the stylesheet, so that they follow light, dark and print,
//! and nothing is told by colour alone: the legend has words, the table below the map the same numbers.
//!
//! The national map links to states: one link each, with all counties of a class in one path, so that it stays
//! small. A state's map links to its counties.

mod scale;

use std::collections::BTreeMap;

use referral_core::coverage::{CountyRow, Report};
use referral_core::geo::{CountyFips, StateCode};
use referral_gazetteer::{Caption, Sheet, gazetteer};

pub(super) use scale::{Band, Scale, Shade};

/// A map, ready for its template.
pub(super) struct Map {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) links: Vec<Linked>,
    /// State borders and coasts, as a path.
    pub(super) lines: String,
    pub(super) captions: Vec<Caption>,
}

/// A state of the national map, or a county of a state's.
pub(super) struct Linked {
    /// Where it leads.
    pub(super) href: String,
    /// What it is and what its number is.
    pub(super) label: String,
    pub(super) fills: Vec<Fill>,
}

/// Counties of one shade.
pub(super) struct Fill {
    pub(super) shade: Shade,
    pub(super) path: String,
}

impl Map {
    /// Every county of the country; `link` says where a state leads and what its label is.
    pub(super) fn national(
        report: &Report,
        scale: &Scale,
        link: impl Fn(StateCode) -> (String, String),
    ) -> Self {
        let sheet = Sheet::national();
        let mut states: BTreeMap<StateCode, BTreeMap<Shade, String>> = BTreeMap::new();
        for shape in &sheet.shapes {
            let Some(state) = shape.county.state() else {
                continue;
            };
            let shade = shade(report.county(shape.county), scale);
            let fills = states.entry(state).or_default();
            fills.entry(shade).or_default().push_str(&shape.path);
        }
        let mut states: Vec<_> = states.into_iter().collect();
        // In the order in which people look for them.
        states.sort_by_key(|(state, _)| gazetteer().state(*state).map(|state| &state.name));
        let links = states.into_iter().map(|(state, fills)| {
            let (href, label) = link(state);
            let fills = fills.into_iter().map(|(shade, path)| Fill { shade, path });
            Linked {
                href,
                label,
                fills: fills.collect(),
            }
        });
        Self::of(sheet, links.collect())
    }

    /// The counties of one state; `link` says where a county leads and what its label is. `None`: no such state.
    pub(super) fn state(
        report: &Report,
        scale: &Scale,
        state: StateCode,
        link: impl Fn(CountyFips) -> (String, String),
    ) -> Option<Self> {
        let sheet = Sheet::state(state)?;
        let links = sheet.shapes.iter().map(|shape| {
            let (href, label) = link(shape.county);
            let fill = Fill {
                shade: shade(report.county(shape.county), scale),
                path: shape.path.clone(),
            };
            Linked {
                href,
                label,
                fills: vec![fill],
            }
        });
        let links = links.collect();
        Some(Self::of(&sheet, links))
    }

    fn of(sheet: &Sheet, links: Vec<Linked>) -> Self {
        Self {
            width: sheet.width,
            height: sheet.height,
            links,
            lines: sheet.state_lines.clone(),
            captions: sheet.captions.clone(),
        }
    }
}

fn shade(row: Option<&CountyRow>, scale: &Scale) -> Shade {
    row.map_or(Shade::NoData, |row| scale.shade(row.figure.value))
}
