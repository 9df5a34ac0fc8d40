//! The counts of one week, and how they are written: tab-separated text that a person can check, with a
//! checksum as its last line.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use referral_core::geo::CountyFips;
use referral_core::tally::{Counts, Ending, Topic, Week};

/// Most cells of a week. A search of a further one is counted without its county.
const CELLS: usize = 50_000;
/// What a file begins with.
const TITLE: &str = "need\tcounty\topen\tcapacity\tarea\teligibility\tlanguage\tnone\n";

/// The counts of one week.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    cells: BTreeMap<(Topic, Option<CountyFips>), Counts>,
}

/// Why the file of a week was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DamagedSheet {
    /// It does not have the checksum it was written with.
    #[error("the file does not have the checksum it was written with")]
    Checksum,
    /// The checksum is right and a line is not: another version wrote it.
    #[error("line {0} of the file is not understood")]
    Line(usize),
}

impl Sheet {
    /// Counts one search.
    pub(super) fn add(&mut self, topic: Topic, county: Option<CountyFips>, ending: Ending) {
        let cell = (topic, county);
        let full = self.cells.len() >= CELLS && !self.cells.contains_key(&cell);
        let cell = if full { (cell.0, None) } else { cell };
        self.cells.entry(cell).or_default().add(ending);
    }

    /// Need, county and counts of every cell, in order. The counts are not for publication: see
    /// [`Counts::published`].
    pub fn cells(&self) -> impl Iterator<Item = (&Topic, Option<CountyFips>, &Counts)> {
        let cells = self.cells.iter();
        cells.map(|((topic, county), counts)| (topic, *county, counts))
    }

    /// The sheet as it is written.
    pub(super) fn written(&self) -> String {
        let mut text = TITLE.to_owned();
        for ((topic, county), counts) in &self.cells {
            let county = county.map_or_else(|| "-".to_owned(), |county| county.to_string());
            let [open, capacity, area, eligibility, language, none] = counts.numbers();
            let _infallible = writeln!(
                text,
                "{topic}\t{county}\t{open}\t{capacity}\t{area}\t{eligibility}\t{language}\t{none}"
            );
        }
        let checksum = crc32fast::hash(text.as_bytes());
        let _infallible = writeln!(text, "crc32\t{checksum:08x}");
        text
    }

    /// Reads a sheet as [`Sheet::written`] writes it.
    ///
    /// # Errors
    /// [`DamagedSheet`].
    pub(super) fn read(bytes: &[u8]) -> Result<Self, DamagedSheet> {
        let text = std::str::from_utf8(bytes).map_err(|_| DamagedSheet::Checksum)?;
        let (cells, checksum) = text
            .trim_end_matches('\n')
            .rsplit_once("\ncrc32\t")
            .map(|(cells, checksum)| (&text[..=cells.len()], checksum))
            .ok_or(DamagedSheet::Checksum)?;
        if checksum != format!("{:08x}", crc32fast::hash(cells.as_bytes())) {
            return Err(DamagedSheet::Checksum);
        }
        let mut sheet = Self::default();
        let body = cells.strip_prefix(TITLE).ok_or(DamagedSheet::Line(1))?;
        for (at, line) in body.lines().enumerate() {
            let (cell, counts) = read_line(line).ok_or(DamagedSheet::Line(at + 2))?;
            sheet.cells.insert(cell, counts);
        }
        Ok(sheet)
    }
}

/// The file of a week.
pub(super) fn path(folder: &Path, week: Week) -> PathBuf {
    folder.join(format!("{week}.tsv"))
}

/// The week that a file of this name is of.
pub(super) fn week_of(name: &str) -> Option<Week> {
    Week::parse(name.strip_suffix(".tsv")?).ok()
}

fn read_line(line: &str) -> Option<((Topic, Option<CountyFips>), Counts)> {
    let mut fields = line.split('\t');
    let topic = Topic::parse(fields.next()?)?;
    let county = match fields.next()? {
        "-" => None,
        county => Some(CountyFips::parse(county).ok()?),
    };
    let mut numbers = [0; 6];
    for number in &mut numbers {
        *number = fields.next()?.parse().ok()?;
    }
    let nothing_more = fields.next().is_none();
    nothing_more.then(|| ((topic, county), Counts::from_numbers(numbers)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn topic(text: &str) -> Topic {
        Topic::parse(text).unwrap()
    }

    fn county(fips: u32) -> Option<CountyFips> {
        CountyFips::from_number(fips)
    }

    fn sheet() -> Sheet {
        let mut sheet = Sheet::default();
        sheet.add(topic("lc:bond"), county(48_163), Ending::Open);
        sheet.add(topic("lc:bond"), county(48_163), Ending::DeadEnd(None));
        sheet.add(topic("any"), None, Ending::Open);
        sheet
    }

    #[test]
    fn a_sheet_is_read_as_it_was_written() {
        let written = sheet().written();

        assert_eq!(Sheet::read(written.as_bytes()), Ok(sheet()));
        assert!(
            written.contains("\nlc:bond\t48163\t1\t0\t0\t0\t0\t1\n"),
            "{written}"
        );
        let empty = Sheet::default();
        assert_eq!(Sheet::read(empty.written().as_bytes()), Ok(empty));
    }

    #[test]
    fn a_file_of_another_version_names_its_line() {
        let body = format!("{TITLE}lc:bond\tsomewhere\t1\t0\t0\t0\t0\t0\n");
        let file = format!("{body}crc32\t{:08x}\n", crc32fast::hash(body.as_bytes()));

        assert_eq!(Sheet::read(file.as_bytes()), Err(DamagedSheet::Line(2)));
    }

    #[test]
    fn a_full_sheet_counts_on_without_the_county() {
        let mut sheet = Sheet::default();
        for fips in 1_001..52_000 {
            sheet.add(topic("any"), county(fips), Ending::Open);
        }

        let searches: u64 = sheet
            .cells()
            .map(|(_, _, counts)| counts.numbers()[0])
            .sum();
        assert_eq!(searches, 50_999);
        assert_eq!(sheet.cells().count(), CELLS + 1);
    }

    proptest! {
        /// No damage goes unnoticed: a changed byte or a lost end.
        #[test]
        fn damage_is_noticed(at in 0_usize..140, with in 1_u8.., cut in any::<bool>()) {
            let mut bytes = sheet().written().into_bytes();
            let at = at % (bytes.len() - 1);
            if cut {
                bytes.truncate(at);
            } else {
                bytes[at] ^= with;
            }
            prop_assert!(Sheet::read(&bytes).is_err());
        }
    }
}
