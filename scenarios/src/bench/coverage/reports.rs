//! Reports and catchments out of the index.

use referral_core::capacity::Unit;
use referral_core::coverage::{
    Demand, Evidence, Measure, Places, Pool, Question, Reach, Report, Rings, Standing, Supply,
    report,
};
use referral_core::search::Request;

use super::super::clock::{Cost, measured};
use super::super::figures::milliseconds;
use super::{Bench, Costs, NEEDS, line, say};
use directory_server::demand::ground;

/// Services that compete in the catchment.
const CATCHMENT: usize = 100_000;

impl Bench<'_> {
    /// A report for each need: supply out of the index and everything in the report, by county and by ZIP.
    pub(super) fn reports(&self, text: &mut String) -> anyhow::Result<()> {
        line(
            text,
            &format!(
                "Nearest open provider with all rows, distances, dependence and equity; processor time of supply and report \
                 together in milliseconds, median and most of {} rounds. \"First\" looks up the county of every \
                 site, which is remembered.\n\n\
                 | need | pools | open | first, by county | by county: {} points | of it supply | by ZIP: {} points |\n\
                 |---|---|---|---|---|---|---|",
                self.options.rounds,
                self.by_county.points().len(),
                self.by_zip.points().len()
            ),
        );
        for need in NEEDS {
            say(&format!("reports about {need}"));
            let (supply, first) = self.supply(Some(need))?;
            let (_, made) = measured(|| self.nearest(&supply, &self.by_county));
            let (mut counties, mut zips, mut supplies) =
                (Costs::default(), Costs::default(), Costs::default());
            for _ in 0..self.options.rounds {
                let (supply, gathered) = self.supply(Some(need))?;
                supplies.add(gathered.cpu);
                let (_, cost) = measured(|| self.nearest(&supply, &self.by_county));
                counties.add(gathered.cpu + cost.cpu);
                let (_, cost) = measured(|| self.nearest(&supply, &self.by_zip));
                zips.add(gathered.cpu + cost.cpu);
            }
            let open = self.nearest(&supply, &self.by_county).supply.open;
            line(
                text,
                &format!(
                    "| {need} | {} | {open} | {:.1} | {} | {} | {} |",
                    supply.pools().len(),
                    milliseconds(first.cpu + made.cpu),
                    counties.told(),
                    supplies.told(),
                    zips.told()
                ),
            );
        }
        line(text, "");
        Ok(())
    }

    /// The catchment of so many services over all ZIPs.
    pub(super) fn catchment(&self, text: &mut String) -> anyhow::Result<()> {
        say("catchment");
        let (all, _) = self.supply(None)?;
        let some = thinned(&all, CATCHMENT);
        let rings = Measure::Catchment(Rings::default());
        let mut costs = Costs::default();
        let (mut shared, mut open) = (0.0, 0.0);
        for _ in 0..self.options.rounds {
            let (made, cost) = measured(|| self.answer(&rings, &some, &self.by_zip));
            costs.add(cost.cpu);
            let rows = made.counties.iter();
            let places = rows
                .map(|row| row.people.get() * row.figure.value.number().unwrap_or(0.0) / 1_000.0);
            shared = places.sum();
            open = open_places(&some, &made.question) - stranded(made.supply.stranded_places);
        }
        line(
            text,
            &format!(
                "Catchment (10, 30 and 60 miles) of {} pools over {} points by ZIP, with everything else in the report: {} ms \
                 (median, most). It shares {shared:.3} places among the people of {open:.3} open places in reach.\n",
                some.pools().len(),
                self.by_zip.points().len(),
                costs.told(),
            ),
        );
        Ok(())
    }

    pub(super) fn nearest(&self, supply: &Supply, demand: &Demand) -> Report {
        self.answer(&Measure::NearestOpen, supply, demand)
    }

    fn answer(&self, measure: &Measure, supply: &Supply, demand: &Demand) -> Report {
        let name = demand.source().name.clone();
        let question = Question::new(Request::any(), name, measure.clone(), self.now);
        report(&question, &Evidence::new(demand, supply, ground()))
    }
}

/// Open places as a report counts them.
fn open_places(supply: &Supply, question: &Question) -> f64 {
    let unit = report_unit(supply);
    let open = supply
        .pools()
        .iter()
        .filter(|pool| pool.standing == Standing::Open);
    let places = open.map(|pool: &Pool| match pool.places {
        Places::Counted(places, of) if Some(of) == unit => places,
        Places::Counted(..) | Places::Assumed => question.assumed_places,
    });
    places.map(f64::from).sum()
}

/// The unit most open pools are counted in; of equals the first.
fn report_unit(supply: &Supply) -> Option<Unit> {
    let mut counted = std::collections::BTreeMap::new();
    for pool in supply.pools() {
        if let Places::Counted(_, unit) = pool.places
            && pool.standing == Standing::Open
        {
            *counted.entry(unit).or_insert(0_u32) += 1;
        }
    }
    let most = counted
        .into_iter()
        .reduce(|most, next| if next.1 > most.1 { next } else { most });
    most.map(|(unit, _)| unit)
}

fn stranded(places: u64) -> f64 {
    u32::try_from(places).map_or(f64::INFINITY, f64::from)
}

/// At most so many pools, evenly out of all.
fn thinned(supply: &Supply, most: usize) -> Supply {
    let mut some = Supply::new();
    let number = supply.pools().len();
    let chosen = |at: &usize| number <= most || at * most / number != (at + 1) * most / number;
    let mut reaches = Vec::new();
    for at in (0..number).filter(chosen) {
        reaches.clear();
        for reach in supply.reaches(at) {
            let areas = some.areas(supply.servings(reach.areas));
            reaches.push(Reach {
                site: reach.site,
                areas,
            });
        }
        some.add(supply.pools()[at], &reaches);
    }
    some
}

/// What one round cost.
pub(super) fn gathered_and_made(
    bench: &Bench<'_>,
    need: &str,
    demand: &Demand,
) -> anyhow::Result<(Cost, Report)> {
    let (supply, gathered) = bench.supply(Some(need))?;
    let (report, made) = measured(|| bench.nearest(&supply, demand));
    let mut cost = gathered;
    cost += made;
    Ok((cost, report))
}
