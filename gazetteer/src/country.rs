//! Countries and territories by ISO 3166-1, with the withdrawn codes AN and CS that old feeds hold.

use referral_core::geo::{CountryCode, Point};

use crate::data::{Damaged, Sections};
use crate::name;

/// A country or dependent territory.
#[derive(Clone, Debug, PartialEq)]
pub struct Country {
    /// Its ISO 3166-1 alpha-2 code, e.g. `HN` (`XK` for Kosovo).
    pub code: CountryCode,
    /// Its ISO 3166-1 alpha-3 code, e.g. `"HND"`.
    pub alpha3: String,
    /// Its ISO 3166-1 numeric code, e.g. 340; 0 where it has none.
    pub numeric: u16,
    /// Its English name, e.g. `"Honduras"`.
    pub name: String,
    /// Where to put its label: inside its largest part, or its capital where that is too small to map.
    pub label: Point,
}

#[derive(Debug)]
pub(crate) struct Countries {
    pub(crate) rows: Vec<Country>,
    keys: Vec<(String, u16)>,
}

impl Countries {
    pub(crate) fn read(sections: &Sections) -> Result<Self, Damaged> {
        let mut columns = sections.section("CTRY")?;
        let damaged = columns.damaged();
        let codes = columns.strings()?;
        let alpha3 = columns.strings()?;
        let numeric: Vec<u16> = columns.unsigned()?;
        let names = columns.strings()?;
        let others = columns.strings()?;
        let labels = columns.points(1e4)?;
        let mut rows = Vec::new();
        let mut keys = Vec::new();
        let columns = codes
            .zip(alpha3)
            .zip(numeric)
            .zip(names)
            .zip(others)
            .zip(labels);
        for (row, (((((code, alpha3), numeric), name), others), label)) in (0_u16..).zip(columns) {
            let spellings = [name, alpha3, code].into_iter().chain(others.split('\t'));
            keys.extend(spellings.map(|spelling| (name::key(spelling), row)));
            let code = CountryCode::parse(code).map_err(|_| damaged)?;
            let (alpha3, name) = (alpha3.to_owned(), name.to_owned());
            rows.push(Country {
                code,
                alpha3,
                numeric,
                name,
                label,
            });
        }
        keys.retain(|(key, _)| !key.is_empty());
        keys.sort();
        Ok(Self { rows, keys })
    }

    pub(crate) fn at(&self, row: u16) -> Option<&Country> {
        self.rows.get(usize::from(row))
    }

    /// The country whose name, code or other name `text` is.
    pub(crate) fn named(&self, text: &str) -> Option<&Country> {
        let wanted = name::key(text);
        let first = self.keys.partition_point(|(key, _)| *key < wanted);
        let found = self.keys.get(first).filter(|(key, _)| *key == wanted);
        found.and_then(|(_, row)| self.at(*row))
    }
}
