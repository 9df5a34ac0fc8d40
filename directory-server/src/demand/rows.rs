//! The rows of a file of demand: a county or ZIP, and how many.

use std::fmt;

use referral_core::coverage::People;
use referral_core::geo::{CountyFips, Zip};

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
    /// Where.
    pub at: At,
    /// How many.
    pub people: People,
}

/// Where people of a row are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// In a county.
    County(CountyFips),
    /// In a ZIP.
    Zip(Zip),
}

/// A row that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Its line in the file, from 1.
    pub line: u64,
    /// Why, in a plain sentence.
    pub why: &'static str,
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
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    let mut record = csv::StringRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => return Ok((rows, bad)),
            Err(_) => bad.push(BadRow {
                line,
                why: "the line is no UTF-8 text",
            }),
            Ok(true) => {
                let line = record.position().map_or(line, csv::Position::line);
                match row(&record, line, (place, is_county), weight) {
                    Ok(row) => rows.push(row),
                    Err(why) => bad.push(BadRow { line, why }),
                }
            }
        }
    }
}

fn row(
    record: &csv::StringRecord,
    line: u64,
    (place, is_county): (usize, bool),
    weight: usize,
) -> Result<Row, &'static str> {
    let place = record.get(place).unwrap_or_default();
    let at = if is_county {
        At::County(CountyFips::parse(place).map_err(|_| "a county is a five-digit FIPS code")?)
    } else {
        At::Zip(Zip::parse(place).map_err(|_| "a ZIP has five digits")?)
    };
    let weight = record.get(weight).unwrap_or_default().trim();
    let number = weight.parse().map_err(|_| NO_WEIGHT)?;
    let people = People::new(number).map_err(|_| NO_WEIGHT)?;
    Ok(Row { line, at, people })
}

const NO_WEIGHT: &str = "a weight is a number, zero or more, without separators";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_counties_is_read_whatever_else_it_holds() {
        let csv = "\u{feff}State,FIPS,People\nMD,24510,585708\nMD,\"24005\",1.5\n";

        let (rows, bad) = read(csv.as_bytes()).unwrap();

        let counties = rows.iter().map(|row| (row.line, row.at, row.people.get()));
        let county = |fips| At::County(CountyFips::from_number(fips).unwrap());
        assert_eq!(
            counties.collect::<Vec<_>>(),
            [(2, county(24_510), 585_708.0), (3, county(24_005), 1.5)]
        );
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
