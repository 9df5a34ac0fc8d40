//! Questions about coverage as they are asked over the wire, and reports as they travel. What a question means is
//! worked out by `coverage::Query::understand`.

use referral_core::capacity::Unit;
use referral_core::coverage::{
    Amount, Candidate, CountyRow, Demand, DemandSource, Dependence, Distances, Figure, Measure,
    Measured, Nearest, Placed, Places, Quantity, Query, Report, Rurality, StateRow, Summary,
    SupplyShares,
};
use referral_core::geo::CountyFips;
use referral_core::tally::Published;

use super::reading::{Fault, Reading};
use super::{Violations, limits, search, time};
use crate::v1;

/// The query that `wire` asks.
///
/// # Errors
/// [`Violations`] for what can be told without a map, with paths from the question.
pub fn query(wire: Option<v1::CoverageQuestion>) -> Result<Query, Violations> {
    Reading::of(|at| {
        let wire = wire.unwrap_or_default();
        at.within("question", |at| question(wire, at))
    })
}

/// The path in a `CoverageQuestion` of a field of [`Query`] that was refused; those of its filter have the paths of
/// [`search::path`].
#[must_use]
pub fn path(field: &'static str) -> String {
    match field {
        "demand" | "measure" | "within_miles" | "organizations" | "rings" | "unit"
        | "assumed_places" | "compare_languages" | "as_of" | "filter" => {
            format!("question.{field}")
        }
        "additions" => field.to_owned(),
        field => format!("question.filter.{}", search::path(field)),
    }
}

fn question(wire: v1::CoverageQuestion, at: &mut Reading) -> Option<Query> {
    let filter = wire.filter.unwrap_or_default();
    let filter = at.within("filter", |at| search::read(filter, at));
    let measure = at.number::<v1::CoverageMeasure>("measure", wire.measure);
    let unit = at.number::<v1::CapacityUnit>("unit", wire.unit);
    let unit = unit.and_then(|unit| Unit::try_from(unit).ok());
    if wire.demand.chars().count() > limits::PLACE_CHARS {
        let text = "a table of demand is named in at most 256 characters";
        at.refuse("demand", Fault::new("text_too_long", text));
    }
    let too_many = "a report compares at most 32 languages in at most 8 rings";
    if wire.rings.len() > limits::BUNDLE_NEEDS {
        at.refuse("rings", Fault::new("too_many", too_many));
    }
    if wire.compare_languages.len() > limits::FILTERS {
        at.refuse("compare_languages", Fault::new("too_many", too_many));
    }
    let as_of = at.optional_instant("as_of", wire.as_of);
    let rings = wire.rings.iter().map(|ring| (ring.to_miles, ring.weight));
    Some(Query {
        filter: filter?,
        demand: wire.demand,
        measure: measure?.into(),
        within_miles: wire.within_miles,
        organizations: wire.organizations,
        rings: rings.collect(),
        unit: unit.map_or_else(String::new, |unit| unit.as_str().to_owned()),
        assumed_places: wire.assumed_places,
        languages: wire.compare_languages,
        as_of,
    })
}

impl From<v1::CoverageMeasure> for Measured {
    fn from(measure: v1::CoverageMeasure) -> Self {
        match measure {
            v1::CoverageMeasure::Unspecified | v1::CoverageMeasure::NearestOpen => {
                Self::NearestOpen
            }
            v1::CoverageMeasure::CoverageAt => Self::CoverageAt,
            v1::CoverageMeasure::KCoverage => Self::KCoverage,
            v1::CoverageMeasure::Catchment => Self::Catchment,
            v1::CoverageMeasure::PeoplePerPlace => Self::PeoplePerPlace,
            v1::CoverageMeasure::DeadEnds => Self::DeadEnds,
            v1::CoverageMeasure::TimeToFirstOpen => Self::TimeToFirstOpen,
        }
    }
}

impl From<Measured> for v1::CoverageMeasure {
    fn from(measure: Measured) -> Self {
        match measure {
            Measured::NearestOpen => Self::NearestOpen,
            Measured::CoverageAt => Self::CoverageAt,
            Measured::KCoverage => Self::KCoverage,
            Measured::Catchment => Self::Catchment,
            Measured::PeoplePerPlace => Self::PeoplePerPlace,
            Measured::DeadEnds => Self::DeadEnds,
            Measured::TimeToFirstOpen => Self::TimeToFirstOpen,
        }
    }
}

impl From<&Measure> for v1::CoverageMeasure {
    fn from(measure: &Measure) -> Self {
        Measured::of(measure).into()
    }
}

impl From<Quantity> for v1::CoverageQuantity {
    fn from(quantity: Quantity) -> Self {
        match quantity {
            Quantity::Kilometres => Self::Kilometres,
            Quantity::Share => Self::Share,
            Quantity::PlacesPerThousand => Self::PlacesPerThousand,
            Quantity::PeoplePerPlace => Self::PeoplePerPlace,
            Quantity::Days => Self::Days,
        }
    }
}

impl From<Amount> for v1::CoverageAmount {
    fn from(amount: Amount) -> Self {
        use v1::coverage_amount::Amount as Wire;
        let amount = match amount {
            Amount::Number(number) => Wire::Number(number),
            Amount::None => Wire::None(true),
            Amount::Withheld => Wire::Withheld(true),
        };
        Self {
            amount: Some(amount),
        }
    }
}

impl From<Figure> for v1::CoverageFigure {
    fn from(figure: Figure) -> Self {
        Self {
            value: Some(figure.value.into()),
            lower: Some(figure.lower.into()),
            upper: Some(figure.upper.into()),
            n: figure.n,
        }
    }
}

impl From<&DemandSource> for v1::DemandTable {
    fn from(source: &DemandSource) -> Self {
        Self {
            name: source.name.to_string(),
            date: source.date.to_string(),
            source: source.source.to_string(),
            licence: source.licence.to_string(),
            people: 0.0,
            points: 0,
        }
    }
}

impl From<&Demand> for v1::DemandTable {
    fn from(demand: &Demand) -> Self {
        Self {
            people: demand.people().get(),
            points: u32::try_from(demand.points().len()).unwrap_or(u32::MAX),
            ..demand.source().into()
        }
    }
}

impl From<&Distances> for v1::CoverageDistances {
    fn from(distances: &Distances) -> Self {
        let [beyond_30, beyond_60, beyond_100] = distances.beyond;
        Self {
            median: Some(distances.median.into()),
            p90: Some(distances.p90.into()),
            beyond_30_miles: Some(beyond_30.share.into()),
            beyond_60_miles: Some(beyond_60.share.into()),
            beyond_100_miles: Some(beyond_100.share.into()),
            without: Some(distances.without.into()),
        }
    }
}

impl From<&Summary> for v1::CoverageSummary {
    fn from(summary: &Summary) -> Self {
        let equity = &summary.equity;
        let languages = equity.languages.iter().map(|row| v1::CoverageLanguage {
            language: row.language.to_string(),
            within: Some(row.within.into()),
        });
        Self {
            people: summary.people.get(),
            figure: Some(summary.figure.into()),
            distances: Some((&summary.distances).into()),
            gini: equity.gini,
            rural: Some(equity.rural.into()),
            urban: Some(equity.urban.into()),
            languages: languages.collect(),
        }
    }
}

impl From<&SupplyShares> for v1::CoverageSupply {
    fn from(supply: &SupplyShares) -> Self {
        Self {
            pools: supply.pools,
            open: supply.open,
            assumed: supply.assumed,
            stale: supply.stale,
            unknown: supply.unknown,
            area_not_stated: supply.area_not_stated,
            remote: supply.remote,
            unplaced: supply.unplaced,
            stranded_places: supply.stranded_places,
            unit: supply
                .unit
                .map_or(0, |unit| v1::CapacityUnit::from(unit).into()),
        }
    }
}

impl From<&StateRow> for v1::CoverageState {
    fn from(row: &StateRow) -> Self {
        Self {
            state: row.state.to_string(),
            people: row.people.get(),
            figure: Some(row.figure.into()),
            distances: Some((&row.distances).into()),
        }
    }
}

impl From<&Nearest> for v1::CoverageNearest {
    fn from(nearest: &Nearest) -> Self {
        Self {
            service_id: nearest.service.to_string(),
            places: match nearest.places {
                Places::Counted(places, _) => Some(places),
                Places::Assumed => None,
            },
            people: nearest.people.get(),
            distance_km: nearest.distance.get(),
        }
    }
}

impl From<&Dependence> for v1::CoverageDependence {
    fn from(dependence: &Dependence) -> Self {
        Self {
            service_id: dependence.service.to_string(),
            people: dependence.people.get(),
        }
    }
}

fn county(row: &CountyRow, name: &dyn Fn(CountyFips) -> String) -> v1::CoverageCounty {
    let searches = row.searches.iter().map(|line| v1::CoverageSearches {
        topic: line.topic.to_string(),
        endings: line
            .endings
            .iter()
            .map(|ending| ending.code().to_owned())
            .collect(),
        count: match line.count {
            Published::Count(count) => Some(count),
            Published::Few => None,
        },
    });
    v1::CoverageCounty {
        county_fips: row.county.to_string(),
        name: name(row.county),
        people: row.people.get(),
        rural: row.rurality == Rurality::Rural,
        figure: Some(row.figure.into()),
        people_without: row.without.get(),
        open_here: row.here.open,
        stale_here: row.here.stale,
        unknown_here: row.here.unknown,
        not_open_here: row.here.not_open,
        remote: row.remote,
        nearest: row.nearest.iter().map(Into::into).collect(),
        depends_on: row.depends_on.as_ref().map(Into::into),
        searches: searches.collect(),
    }
}

/// A provider that is proposed, as it travels.
///
/// * `name` — how a county is called.
#[must_use]
pub fn placed(placed: &Placed, name: &dyn Fn(CountyFips) -> String) -> v1::CoveragePlaced {
    let Candidate { county, at } = placed.candidate;
    v1::CoveragePlaced {
        county_fips: county.to_string(),
        name: name(county),
        lat: at.lat(),
        lon: at.lon(),
        gained_people: placed.gained.get(),
        covered_share: placed.covered,
    }
}

/// A report as it travels.
///
/// * `name` — how a county is called.
#[must_use]
pub fn report(report: &Report, name: &dyn Fn(CountyFips) -> String) -> v1::CoverageReport {
    let providers = report.providers.iter();
    let providers = providers.map(|(service, provider)| v1::CoverageProvider {
        service_id: service.to_string(),
        service: provider.service.to_string(),
        organization: provider.organization.to_string(),
    });
    v1::CoverageReport {
        as_of: Some(time::to_wire(report.question.as_of)),
        measure: v1::CoverageMeasure::from(&report.question.measure).into(),
        quantity: v1::CoverageQuantity::from(report.quantity).into(),
        method: report.method.clone(),
        demand: Some((&report.demand).into()),
        summary: Some((&report.summary).into()),
        counties: report
            .counties
            .iter()
            .map(|row| county(row, name))
            .collect(),
        states: report.states.iter().map(Into::into).collect(),
        supply: Some((&report.supply).into()),
        providers: providers.collect(),
        searches_of: report
            .searches_of
            .map_or_else(String::new, |week| week.to_string()),
    }
}
