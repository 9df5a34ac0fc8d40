//! Reads `latitude<TAB>longitude` lines and prints each point's county code and time zone (`-` for
//! none), for `recipe/measure.py`.

use std::io::{BufRead, Write};

use referral_core::geo::Point;
use referral_gazetteer::gazetteer;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (lat, lon) = line.split_once('\t').ok_or("a line has no tab")?;
        let point = Point::new(lat.parse()?, lon.parse()?)?;
        let county = gazetteer().county_of(point).map(|fips| fips.to_string());
        let zone = gazetteer().time_zone(point).unwrap_or("-");
        writeln!(out, "{}\t{zone}", county.as_deref().unwrap_or("-"))?;
    }
    Ok(())
}
