//! States, the District of Columbia and the five territories.

use referral_core::geo::{Point, StateCode};

use crate::data::{Damaged, Sections};
use crate::name;

/// Names people write beside the official one and the code.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("Virgin Islands", "VI"),
    ("United States Virgin Islands", "VI"),
    ("Northern Marianas", "MP"),
    ("Commonwealth of the Northern Mariana Islands", "MP"),
    ("CNMI", "MP"),
    ("Commonwealth of Puerto Rico", "PR"),
    ("New York State", "NY"),
    ("Washington State", "WA"),
    ("State of Washington", "WA"),
];

/// A U.S. state, the District of Columbia or a territory.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Its postal code, e.g. `MD`.
    pub code: StateCode,
    /// Its name, e.g. `"Maryland"`.
    pub name: String,
    /// Its FIPS code, 1..=78.
    pub fips: u8,
    /// Where to put its label: the inner point farthest from its border.
    pub label: Point,
}

/// All of them, ordered by FIPS code. A row number here is how other tables name a state.
#[derive(Debug)]
pub(crate) struct States {
    pub(crate) rows: Vec<State>,
    keys: Vec<(String, u8)>,
}

impl States {
    pub(crate) fn read(sections: &Sections) -> Result<Self, Damaged> {
        let mut columns = sections.section("STAT")?;
        let damaged = columns.damaged();
        let codes = columns.strings()?;
        let names = columns.strings()?;
        let fips: Vec<u8> = columns.differences()?;
        let labels = columns.points(1e4)?;
        let mut rows = Vec::new();
        for (((code, name), fips), label) in codes.zip(names).zip(fips).zip(labels) {
            let code = StateCode::parse(code).map_err(|_| damaged)?;
            let name = name.to_owned();
            rows.push(State {
                code,
                name,
                fips,
                label,
            });
        }
        let keys = keys(&rows);
        Ok(Self { rows, keys })
    }

    pub(crate) fn row(&self, code: StateCode) -> Option<u8> {
        let row = self.rows.iter().position(|state| state.code == code)?;
        u8::try_from(row).ok()
    }

    pub(crate) fn at(&self, row: u8) -> Option<&State> {
        self.rows.get(usize::from(row))
    }

    pub(crate) fn of_fips(&self, fips: u8) -> Option<&State> {
        self.rows.iter().find(|state| state.fips == fips)
    }

    /// The state whose name, code or other name `text` is.
    pub(crate) fn named(&self, text: &str) -> Option<&State> {
        let wanted = name::key(text);
        let found = self.keys.iter().find(|(key, _)| *key == wanted);
        found.and_then(|(_, row)| self.at(*row))
    }
}

fn keys(rows: &[State]) -> Vec<(String, u8)> {
    let mut keys = Vec::new();
    for (row, state) in (0_u8..).zip(rows) {
        keys.push((name::key(&state.name), row));
        keys.push((name::key(state.code.as_str()), row));
        let others = OTHER_NAMES
            .iter()
            .filter(|(_, code)| *code == state.code.as_str());
        keys.extend(others.map(|(other, _)| (name::key(other), row)));
    }
    keys
}
