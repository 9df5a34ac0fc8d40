//! How a table is kept: one JSON document behind a line with its checksum.

use std::io;

use jiff::civil::Date;
use referral_core::coverage::{Demand, DemandPoint, DemandSource, InvalidDemand, People};
use referral_core::geo::{CountyFips, Point, Zip};
use referral_core::text::Name;
use serde::{Deserialize, Serialize};

use crate::sealed::{seal, unseal};

/// The form that this version writes and reads.
const FORMAT: u32 = 1;

/// Why a table cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DamagedTable {
    /// The checksum does not fit.
    #[error("its checksum does not fit")]
    Checksum,
    /// It is no table.
    #[error("it cannot be read")]
    Form(#[from] serde_json::Error),
    /// It was written by a newer version.
    #[error("it has form {0} and this version knows 1")]
    Newer(u32),
    /// It holds something that no table holds.
    #[error("it holds a {0} that is none")]
    Value(&'static str),
    /// It is no table of demand.
    #[error(transparent)]
    Demand(#[from] InvalidDemand),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    format: u32,
    name: String,
    date: Date,
    source: String,
    licence: String,
    /// County, ZIP or none, latitude, longitude, people: as text, which keeps the last digit.
    points: Vec<(u32, Option<u32>, String, String, String)>,
}

/// The bytes of a table.
pub(super) fn encode(demand: &Demand) -> io::Result<Vec<u8>> {
    let source = demand.source();
    let points = demand.points().iter().map(|point| {
        (
            point.county.number(),
            point.zip.map(Zip::number),
            point.at.lat().to_string(),
            point.at.lon().to_string(),
            point.people.get().to_string(),
        )
    });
    let kept = Kept {
        format: FORMAT,
        name: source.name.to_string(),
        date: source.date,
        source: source.source.to_string(),
        licence: source.licence.to_string(),
        points: points.collect(),
    };
    Ok(seal(&serde_json::to_vec(&kept)?))
}

/// The table that bytes stand for.
pub(super) fn decode(bytes: &[u8]) -> Result<Demand, DamagedTable> {
    let document = unseal(bytes).ok_or(DamagedTable::Checksum)?;
    let kept: Kept = serde_json::from_slice(document)?;
    if kept.format != FORMAT {
        return Err(DamagedTable::Newer(kept.format));
    }
    let name = |text: &str| Name::parse(text).map_err(|_| DamagedTable::Value("name"));
    let source = DemandSource {
        name: name(&kept.name)?,
        date: kept.date,
        source: name(&kept.source)?,
        licence: name(&kept.licence)?,
    };
    let points = kept
        .points
        .into_iter()
        .map(|(county, zip, lat, lon, people)| {
            let zip = match zip {
                Some(zip) => Some(Zip::from_number(zip).ok_or(DamagedTable::Value("ZIP"))?),
                None => None,
            };
            let number = |text: String| text.parse().map_err(|_| DamagedTable::Value("number"));
            let at = Point::new(number(lat)?, number(lon)?);
            Ok(DemandPoint {
                county: CountyFips::from_number(county).ok_or(DamagedTable::Value("county"))?,
                zip,
                at: at.map_err(|_| DamagedTable::Value("position"))?,
                people: People::new(number(people)?)?,
            })
        });
    let points = points.collect::<Result<Vec<_>, DamagedTable>>()?;
    Ok(Demand::new(source, points)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::residents;

    #[test]
    fn a_table_is_read_as_it_was_written_and_never_half() {
        let residents = residents();
        let some = residents.points()[..200].to_vec();
        let table = Demand::new(residents.source().clone(), some).unwrap();
        let bytes = encode(&table).unwrap();

        assert_eq!(decode(&bytes).unwrap(), table);
        for length in (0..bytes.len()).step_by(97) {
            assert!(decode(&bytes[..length]).is_err(), "{length}");
        }
        let mut flipped = bytes;
        flipped[500] ^= 1;
        assert!(matches!(decode(&flipped), Err(DamagedTable::Checksum)));
    }
}
