//! What a report on coverage costs, beside the same computed in PostgreSQL with PostGIS, and what the history takes.
//!
//! Start at [`run`]. Every figure is processor time of the thread, or of the server's process, that did the work. It
//! refuses to judge: it prints what it measured.

mod again;
mod beside;
mod past;
mod postgis;
mod reports;

use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use referral_core::coverage::{Demand, DemandPoint, Supply, Whereabouts};
use referral_core::geo::{CountyFips, Point, Zip};
use referral_core::search::{Need, Request};
use referral_gazetteer::gazetteer;
use referral_index::Index;

use super::clock::{Cost, measured};
use super::figures::milliseconds;
use super::machine::described;
use crate::national::National;
use directory_server::demand::{ground, residents};

/// The needs that reports are about: from few services to many.
const NEEDS: [&str; 4] = ["lc:bond", "dom:leg", "dom:hou", "dom:mhp"];

/// What to measure.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many services.
    pub size: u32,
    /// How many times each report is made.
    pub rounds: usize,
    /// The same seed gives the same services.
    pub seed: u64,
    /// How many changes the history has.
    pub changes: u32,
    /// Where temporary files go.
    pub dir: PathBuf,
    /// Where `initdb` and `pg_ctl` are; `None`: PostgreSQL is left out.
    pub postgresql: Option<PathBuf>,
}

/// Measures; gives tables in Markdown.
///
/// # Errors
/// When the disk or PostgreSQL refuses.
pub fn run(options: &Options) -> anyhow::Result<String> {
    fs::create_dir_all(&options.dir)?;
    let home = tempfile::Builder::new()
        .prefix("coverage-")
        .tempdir_in(&options.dir)?;
    // PostgreSQL runs under an account of its own and has to get through.
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755))?;
    let machine = described();
    let national = National::new(options.size, options.seed);
    say(&format!("making {} services", national.size()));
    let index = filled(&national, home.path())?;
    let mut text = format!("### {} services\n\n{machine}.\n\n", national.size());
    let bench = Bench {
        options,
        national: &national,
        index: &index,
        now: national.now(),
        by_zip: residents(),
        by_county: by_county(),
        counties: Counties::default(),
    };
    bench.reports(&mut text)?;
    bench.catchment(&mut text)?;
    bench.beside(&mut text)?;
    again::measure(home.path(), options, &mut text)?;
    if let Some(programs) = &options.postgresql {
        bench.postgis(home.path(), programs, &mut text)?;
    }
    if options.changes > 0 {
        past::measure(home.path(), options, &mut text)?;
    }
    Ok(text)
}

/// All that is measured with.
struct Bench<'a> {
    options: &'a Options,
    national: &'a National,
    index: &'a Index,
    now: Timestamp,
    /// Residents by ZIP and county.
    by_zip: std::sync::Arc<Demand>,
    /// Residents by county.
    by_county: Demand,
    counties: Counties,
}

impl Bench<'_> {
    /// Everything that matches a need, out of the index.
    fn supply(&self, need: Option<&str>) -> anyhow::Result<(Supply, Cost)> {
        let filter = Request {
            need: need.map(Need::parse).transpose()?,
            ..Request::any()
        };
        let (index, counties) = (self.index, &self.counties);
        let (supply, cost) =
            measured(|| index.supply(&filter, &[], counties, self.now, &|| Ok(())));
        Ok((supply?, cost))
    }
}

fn filled(national: &National, home: &std::path::Path) -> anyhow::Result<Index> {
    let (index, _) = Index::open(&home.join("index"))?;
    for one in national.services() {
        for report in &one.held {
            index.report(&one.listing.agency, report);
        }
        index.put(&one.listing, &one.places)?;
    }
    index.commit(1)?;
    Ok(index)
}

/// Residents with one point for each county: the point that stands for it.
fn by_county() -> Demand {
    let points = ground().counties().iter().map(|county| DemandPoint {
        county: county.fips,
        zip: None,
        at: county.at,
        people: county.residents,
    });
    let source = residents().source().clone();
    let demand = Demand::new(source, points.collect());
    demand.unwrap_or_else(|_| unreachable!("the map has residents"))
}

/// In which county a position lies, remembered, as the directory does.
#[derive(Debug, Default)]
struct Counties(RwLock<HashMap<(u64, u64), Option<CountyFips>>>);

impl Whereabouts for Counties {
    fn county_of(&self, point: Point) -> Option<CountyFips> {
        let key = (point.lat().to_bits(), point.lon().to_bits());
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(county) = known.get(&key) {
            return *county;
        }
        drop(known);
        let county = gazetteer().county_of(point);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(key, county);
        county
    }

    fn counties_of(&self, zip: Zip) -> Vec<CountyFips> {
        let counties = gazetteer().counties_of_zip(zip).into_iter();
        let inside = counties.filter(|(_, share)| *share > 0.0);
        inside.map(|(county, _)| county).collect()
    }
}

/// What doing the same several times cost in processor time.
#[derive(Clone, Debug, Default)]
struct Costs(Vec<Duration>);

impl Costs {
    fn add(&mut self, cost: Duration) {
        self.0.push(cost);
    }

    /// The median and the most.
    fn told(&self) -> String {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let median = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
        let most = sorted.last().copied().unwrap_or_default();
        format!("{:.1}, {:.1}", milliseconds(median), milliseconds(most))
    }

    fn median(&self) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }
}

fn line(text: &mut String, line: &str) {
    let _infallible = writeln!(text, "{line}");
}

/// What the bench does, on the way.
fn say(what: &str) {
    eprintln!("{what}");
}
