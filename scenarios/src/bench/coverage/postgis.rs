//! The nearest open provider of every point in PostgreSQL with PostGIS: the same pools, the same people.
//!
//! It is given the sites that match alone, already gathered, with an index for each of the two sets that are looked
//! through: what is open, and what is in doubt. The same distances of ours begin with the same sites and make their trees
//! anew; the report gathers its supply and has much more in it than these distances.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, ensure};
use postgres::Client;
use referral_core::coverage::{
    Amount, Area, Areas, Demand, DemandPoint, Report, Site, Standing, Supply, nearest_distances,
};

use super::super::clock::{Threads, measured};
use super::super::postgresql::Cluster;
use super::reports::gathered_and_made;
use super::{Bench, Costs, NEEDS, line, say};
use directory_server::demand::ground;

/// Sites and points.
const TABLES: &str = "
    CREATE EXTENSION IF NOT EXISTS postgis;
    DROP TABLE IF EXISTS way, point;
    CREATE TABLE way (at geography(Point), certain bool NOT NULL, everyone bool NOT NULL, states int[] NOT NULL,
        counties int[] NOT NULL, zips int[] NOT NULL, zip_counties int[] NOT NULL, radius float8);
    CREATE TABLE point (county int NOT NULL, state int NOT NULL, zip int, at geography(Point));";
/// Made after loading.
const INDEXES: &str = "
    CREATE INDEX ON way USING gist (at) WHERE certain;
    CREATE INDEX ON way USING gist (at) WHERE NOT certain;
    ANALYZE way; ANALYZE point;";
/// The nearest way that serves each point.
const NEAREST: &str = "
    SELECT p.county, p.zip, near.metres FROM point p CROSS JOIN LATERAL (
        SELECT ST_Distance(w.at, p.at, false) AS metres FROM way w
        WHERE w.certain = $CERTAIN AND (w.everyone OR p.state = ANY(w.states) OR p.county = ANY(w.counties)
            OR CASE WHEN p.zip IS NULL THEN p.county = ANY(w.zip_counties) ELSE p.zip = ANY(w.zips) END
            OR (w.radius IS NOT NULL AND ST_DWithin(w.at, p.at, w.radius, false)))
        ORDER BY w.at <-> p.at LIMIT 1) near";

impl Bench<'_> {
    /// The nearest open provider of every county and ZIP, in both.
    pub(super) fn postgis(
        &self,
        home: &Path,
        programs: &Path,
        text: &mut String,
    ) -> anyhow::Result<()> {
        say("PostgreSQL");
        let cluster = Cluster::start(home, programs)?;
        line(
            text,
            "Nearest-neighbour joins in PostgreSQL with PostGIS, given the matching sites, loaded and indexed; processor time \
             in milliseconds, median and most. Beside it the same distances of ours (open, and if all in doubt were open), \
             given the same sites, their trees made anew each time; then the whole report, its supply gathered from the index \
             each time. Distances that differ by more than a metre are counted.\n\n\
             | need | points | PostGIS | ours: the same | whole report | PostGIS / the same | PostGIS / report | differ |\n\
             |---|---|---|---|---|---|---|---|",
        );
        for need in NEEDS {
            for (name, demand) in [("county", &self.by_county), ("ZIP", &*self.by_zip)] {
                say(&format!("PostgreSQL: {need} by {name}"));
                let mut client = cluster.connect()?;
                let (supply, _) = self.supply(Some(need))?;
                load(&mut client, &supply, demand)?;
                let (mut theirs, mut ours) = (Costs::default(), Costs::default());
                let mut same = Costs::default();
                let mut differ = 0;
                // A round of theirs takes seconds.
                for _ in 0..self.options.rounds.min(3) {
                    let (distances, cpu) = nearest(&mut client)?;
                    theirs.add(cpu);
                    let (_, cost) = measured(|| nearest_distances(demand, &supply, ground()));
                    same.add(cost.cpu);
                    let (cost, report) = gathered_and_made(self, need, demand)?;
                    ours.add(cost.cpu);
                    differ = if name == "county" {
                        differing(&report, &distances)
                    } else {
                        0
                    };
                }
                let ratio = |of: &Costs| theirs.median().as_secs_f64() / of.median().as_secs_f64();
                line(
                    text,
                    &format!(
                        "| {need} | {} by {name} | {} | {} | {} | {:.0} | {:.0} | {} |",
                        demand.points().len(),
                        theirs.told(),
                        same.told(),
                        ours.told(),
                        ratio(&same),
                        ratio(&ours),
                        if name == "county" {
                            differ.to_string()
                        } else {
                            "-".to_owned()
                        }
                    ),
                );
            }
        }
        line(text, "");
        Ok(())
    }
}

/// The distance of each county to the nearest open way. Unit: metres.
type Nearest = Vec<(i32, f64)>;

/// Both sets, as the report looks through them; gives the distances of the open one and the processor time.
fn nearest(client: &mut Client) -> anyhow::Result<(Nearest, std::time::Duration)> {
    let process: i32 = client.query_one("SELECT pg_backend_pid()", &[])?.get(0);
    let process = u32::try_from(process)?;
    let before = Threads::of(process)?;
    let certain = client.query(&NEAREST.replace("$CERTAIN", "true"), &[])?;
    let _doubtful = client.query(&NEAREST.replace("$CERTAIN", "false"), &[])?;
    let cpu = Threads::of(process)?.since(&before);
    let distances = certain.iter().map(|row| (row.get(0), row.get(2)));
    Ok((distances.collect(), cpu))
}

/// Counties whose distances differ by more than a metre, or that only one of both serves.
fn differing(report: &Report, distances: &Nearest) -> usize {
    let known = |county: u32| {
        let mut all = distances.iter();
        let found = all.find(|(of, _)| u32::try_from(*of) == Ok(county));
        found.map(|(_, metres)| *metres)
    };
    let rows = report.counties.iter();
    rows.filter(|row| match (row.figure.value, known(row.county.number())) {
        (Amount::Number(km), Some(metres)) => (km * 1_000.0 - metres).abs() > 1.0,
        (Amount::None, None) => false,
        _ => true,
    })
    .count()
}

fn load(client: &mut Client, supply: &Supply, demand: &Demand) -> anyhow::Result<()> {
    client.batch_execute(TABLES)?;
    let mut ways = client.copy_in("COPY way FROM STDIN")?;
    for (at, pool) in supply.pools().iter().enumerate() {
        let open = match pool.standing {
            Standing::Open => true,
            Standing::Stale | Standing::Unknown => false,
            Standing::NotOpen(_) => continue,
        };
        for reach in supply.reaches(at) {
            ways.write_all(lines(supply, reach.site, reach.areas, open).as_bytes())?;
        }
    }
    let loaded = ways.finish()?;
    let mut points = client.copy_in("COPY point FROM STDIN")?;
    for point in demand.points() {
        points.write_all(point_line(point).as_bytes())?;
    }
    points.finish()?;
    client.batch_execute(INDEXES).context("indexes")?;
    ensure!(loaded > 0, "nothing matches");
    Ok(())
}

fn point_line(point: &DemandPoint) -> String {
    let zip = point.zip.map(|zip| zip.number().to_string());
    format!(
        "{}\t{}\t{}\tPOINT({:?} {:?})\n",
        point.county.number(),
        point.county.state_fips(),
        zip.unwrap_or_else(|| "\\N".to_owned()),
        point.at.lon(),
        point.at.lat()
    )
}

/// The rows of a reach: one for what it serves certainly, one for what it serves on a condition, one for each radius.
fn lines(supply: &Supply, site: Site, areas: Areas, open: bool) -> String {
    let point = match site {
        Site::At { point, .. } => point,
        Site::County(county) => match ground().county(county) {
            Some(county) => county.at,
            None => return String::new(),
        },
        Site::Remote | Site::Unplaced => return String::new(),
    };
    let mut text = String::new();
    let mut row = |certain: bool, everyone: bool, lists: [Vec<u32>; 4], radius: Option<f64>| {
        let [states, counties, zips, zip_counties] = lists.map(|numbers| {
            let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            format!("{{{}}}", numbers.join(","))
        });
        let radius = radius.map_or_else(|| "\\N".to_owned(), |metres| format!("{metres:?}"));
        let _infallible = writeln!(
            text,
            "POINT({:?} {:?})\t{certain}\t{everyone}\t{states}\t{counties}\t{zips}\t{zip_counties}\t{radius}",
            point.lon(),
            point.lat()
        );
    };
    let none = || [const { Vec::new() }; 4];
    if areas == Areas::NOT_STATED {
        row(open, true, none(), None);
        return text;
    }
    for conditional in [false, true] {
        let servings = supply.servings(areas).iter();
        let some: Vec<Area> = servings
            .filter(|serving| serving.conditional == conditional)
            .map(|serving| serving.area)
            .collect();
        let (mut everyone, mut lists) = (false, none());
        for area in &some {
            match area {
                Area::Nation => everyone = true,
                Area::State(state) => lists[0].extend(state.fips().map(u32::from)),
                Area::County(county) => lists[1].push(county.number()),
                Area::Zip(zip, county) => {
                    lists[2].push(zip.number());
                    lists[3].push(county.number());
                }
                Area::Radius(radius) => {
                    row(
                        open && !conditional,
                        false,
                        none(),
                        Some(radius.get() * 1_000.0),
                    );
                }
            }
        }
        if everyone || lists.iter().any(|list| !list.is_empty()) {
            row(open && !conditional, everyone, lists, None);
        }
    }
    text
}
