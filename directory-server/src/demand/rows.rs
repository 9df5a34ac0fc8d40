//! The rows of a file of demand: a county or ZIP, and how many.

use std::collections::HashSet;
use std::fmt;

use referral_core::coverage::DemandRow;

/// Most bytes of a file.
pub const MOST_BYTES: usize = 8 << 20;
/// Most bad rows that are named.
const NAMED: usize = 50;
/// Names of the column of counties.
const COUNTY: [&str; 4] = ["county", "fips", "county_fips", "geoid"];
/// Names of the column of ZIPs.
const ZIP: [&str; 4] = ["zip", "zip_code", "zcta", "zcta5"];
/// Names of the column of weights.
const WEIGHT: [&str; 5] = ["weight", "people", "population", "count", "cases"];

/// One row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Its line in the file, from 1.
    pub line: u64,
    /// What it says.
    pub row: DemandRow,
}

/// A row that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Its line in the file, from 1.
    pub line: u64,
    /// Why, in a plain sentence.
    pub why: String,
}

/// Why a file of demand is refused. Every variant is the fault of its maker.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRows {
    /// Too big.
    #[error("a table of demand has at most 8 MiB")]
    TooBig,
    /// No header that names a place and a weight.
    #[error(
        "the first line names the columns: county (five-digit FIPS) or zip, not both, and weight"
    )]
    Header,
    /// Rows that cannot be used.
    #[error("{}", told(.0))]
    Rows(Vec<BadRow>),
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

fn told(rows: &[BadRow]) -> String {
    let lines = rows.iter().take(NAMED).map(ToString::to_string);
    let lines = lines.collect::<Vec<_>>().join("\n");
    let count = rows.len();
    let rest = match count.checked_sub(NAMED) {
        None | Some(0) => String::new(),
        Some(more) => format!("\nand {more} more"),
    };
    format!("{count} rows cannot be used, nothing was loaded:\n{lines}{rest}")
}

/// Reads a CSV file (RFC 4180, UTF-8, with or without a byte order mark): a header that names the columns, then
/// a row for each county or ZIP. Other columns are passed over. Gives the rows, and those that
/// cannot be read.
///
/// # Errors
/// [`BadRows::TooBig`], [`BadRows::Header`].
pub fn read(csv: &[u8]) -> Result<(Vec<Row>, Vec<BadRow>), BadRows> {
    if csv.len() > MOST_BYTES {
        return Err(BadRows::TooBig);
    }
    let csv = csv.strip_prefix(b"\xef\xbb\xbf").unwrap_or(csv);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(csv);
    let header = reader.headers().map_err(|_| BadRows::Header)?;
    let column = |names: &[&str]| {
        let plain = |text: &str| text.trim().to_ascii_lowercase().replace(' ', "_");
        header
            .iter()
            .position(|text| names.contains(&plain(text).as_str()))
    };
    let (county, zip) = (column(&COUNTY), column(&ZIP));
    let weight = column(&WEIGHT).ok_or(BadRows::Header)?;
    let (place, is_county) = match (county, zip) {
        (Some(county), None) => (county, true),
        (None, Some(zip)) => (zip, false),
        _ => return Err(BadRows::Header),
    };
    let (mut rows, mut bad, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    let mut refuse = |line, why: &dyn fmt::Display| {
        let why = why.to_string();
        bad.push(BadRow { line, why });
    };
    let mut record = csv::StringRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => return Ok((rows, bad)),
            Err(_) => refuse(line, &"the line is no UTF-8 text"),
            Ok(true) => {
                let line = record.position().map_or(line, csv::Position::line);
                let text = record.get(place).unwrap_or_default();
                let (county, zip) = if is_county {
                    (Some(text), None)
                } else {
                    (None, Some(text))
                };
                let weight = record.get(weight).unwrap_or_default();
                match DemandRow::parse(county, zip, weight) {
                    Ok(row) if seen.insert(place_of(&row)) => rows.push(Row { line, row }),
                    Ok(_) => refuse(line, &"this place is in the table already"),
                    Err(why) => refuse(line, &why),
                }
            }
        }
    }
}

/// What rows about the same place have in common.
fn place_of(row: &DemandRow) -> (bool, u32) {
    match row {
        DemandRow::County(county, _) => (true, county.number()),
        DemandRow::Zip(zip, _) => (false, zip.number()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_counties_is_read_whatever_else_it_holds() {
        let csv = "\u{feff}State,FIPS,People\nMD,24510,585708\nMD,\"24005\",1.5\n";

        let (rows, bad) = read(csv.as_bytes()).unwrap();

        let lines: Vec<_> = rows
            .iter()
            .map(|row| (row.line, place_of(&row.row)))
            .collect();
        assert_eq!(lines, [(2, (true, 24_510)), (3, (true, 24_005))]);
        assert!(bad.is_empty());
    }

    #[test]
    fn every_bad_row_is_named_with_its_line_and_nothing_it_says() {
        let csv = "zip,weight\n21202,10\nsecret,1\n21201,-1\n21201,1e999\n21201\n1004,7\n";

        let (rows, bad) = read(csv.as_bytes()).unwrap();

        assert_eq!(rows.len(), 2);
        let lines: Vec<u64> = bad.iter().map(|row| row.line).collect();
        assert_eq!(lines, [3, 4, 5, 6]);
        assert!(!BadRows::Rows(bad).to_string().contains("secret"));
    }

    #[test]
    fn a_header_without_place_or_weight_or_with_two_places_is_refused() {
        for csv in ["county\n24510\n", "weight\n1\n", "county,zip,weight\n", ""] {
            assert_eq!(read(csv.as_bytes()), Err(BadRows::Header), "{csv}");
        }
    }
}
