//! The answer: what map, table, exports and wire show, and all they show.

use std::collections::BTreeMap;

use crate::catalog::LanguageTag;
use crate::coverage::{
    DemandSource, Figure, Measure, Organization, People, Places, Quantity, Question, Rurality,
};
use crate::geo::{CountyFips, Kilometres, StateCode};
use crate::id::PublicId;
use crate::tally::{Ending, Published, Topic, Week};
use crate::text::Name;

/// The answer to a [`Question`]. The same question and evidence give the same report to the last bit.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What was asked, with the moment it is as of.
    pub question: Question,
    /// The table of demand it was answered with.
    pub demand: DemandSource,
    /// What the numbers of [`CountyRow::figure`], [`StateRow::figure`] and [`Summary::figure`] count.
    pub quantity: Quantity,
    /// How the numbers were made, in sentences for people, with the source of the formula.
    pub method: String,
    /// A row for each county with people in the table of demand, ordered by code.
    pub counties: Vec<CountyRow>,
    /// A row for each state with such a county, ordered by the counties' codes.
    pub states: Vec<StateRow>,
    /// The whole country.
    pub summary: Summary,
    /// What matched, and how much of it is in doubt.
    pub supply: SupplyShares,
    /// The published week of searches in it; `None`: no searches were given.
    pub searches_of: Option<Week>,
    /// The services that rows name ([`Report::services`]), as people know them. Empty until whoever knows
    /// the catalog fills it in.
    pub providers: BTreeMap<PublicId, Provider>,
}

/// A service that a row names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The service's name.
    pub service: Name,
    /// The organization's name.
    pub organization: Name,
}

/// One county.
#[derive(Clone, Debug, PartialEq)]
pub struct CountyRow {
    /// Which one.
    pub county: CountyFips,
    /// Its people in the table of demand.
    pub people: People,
    /// Whether it is rural.
    pub rurality: Rurality,
    /// What the question measures.
    pub figure: Figure,
    /// Its people who cannot reach any open provider at all, however far.
    pub without: People,
    /// What is in the county itself, near or not to its people.
    pub here: Here,
    /// Open pools of at most three different organizations that are nearest to its most populous point,
    /// nearest first. Those after the first are within 500 km.
    pub nearest: Vec<Nearest>,
    /// Open pools that serve it from anywhere: by phone, video or message.
    pub remote: u32,
    /// The organization whose closing would leave most of its people with nothing open within
    /// [`Question::within`]; `None`: no organization would leave anyone.
    pub depends_on: Option<Dependence>,
    /// How the searches for it ended in the published week, as far as published. Empty: there were none, or none
    /// were given ([`Report::searches_of`]).
    pub searches: Vec<SearchLine>,
}

/// How many searches for a county ended in one way, or in one of several that are told together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchLine {
    /// What was searched for.
    pub topic: Topic,
    /// How they ended: one ending, or several causes of dead ends that are told together.
    pub endings: Vec<Ending>,
    /// How many; never zero.
    pub count: Published,
}

/// Matching pools that are in a county, by standing. A pool with several sites is counted in each county once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Here {
    /// Open and confirmed in time.
    pub open: u32,
    /// Not confirmed in time.
    pub stale: u32,
    /// Never stated.
    pub unknown: u32,
    /// With a waiting list, paused or closed.
    pub not_open: u32,
}

/// An open pool near the people of a county.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nearest {
    /// Its service.
    pub service: PublicId,
    /// The organization behind it.
    pub organization: Organization,
    /// Its free places.
    pub places: Places,
    /// The people of the county it is the nearest for; nobody, where it is only the next.
    pub people: People,
    /// How far it is from the most populous point of the county.
    pub distance: Kilometres,
}

/// An organization that people depend on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dependence {
    /// The organization.
    pub organization: Organization,
    /// Its service that is the nearest for most of them.
    pub service: PublicId,
    /// The people who have no other organization's open service within reach.
    pub people: People,
}

/// One state, district or territory.
#[derive(Clone, Debug, PartialEq)]
pub struct StateRow {
    /// Which one.
    pub state: StateCode,
    /// Its people in the table of demand.
    pub people: People,
    /// What the question measures, over all people of the state.
    pub figure: Figure,
    /// How far its people have to the nearest open provider.
    pub distances: Distances,
}

/// The whole country.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Everybody in the table of demand.
    pub people: People,
    /// What the question measures, over all people.
    pub figure: Figure,
    /// How far people have to the nearest open provider.
    pub distances: Distances,
    /// How evenly it is spread.
    pub equity: Equity,
}

/// How far people have to the nearest open provider that serves them. Unit of `median` and `p90`: kilometres;
/// the others are shares of people. Remote providers are not in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Distances {
    /// Half of the people have no farther than this.
    pub median: Figure,
    /// Nine in ten have no farther than this.
    pub p90: Figure,
    /// The share of people farther than 30, 60 and 100 miles, those without any among them.
    pub beyond: [Beyond; 3],
    /// The share of people without any.
    pub without: Figure,
}

/// People farther than a distance from the nearest open provider.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beyond {
    /// The distance.
    pub distance: Kilometres,
    /// Their share.
    pub share: Figure,
}

/// How evenly what is measured is spread over people.
#[derive(Clone, Debug, PartialEq)]
pub struct Equity {
    /// Population-weighted Gini coefficient of the counties' values: 0 when all have the same, towards 1 when
    /// few have everything. Counties with none count as zero where more is better, and are left out where
    /// it is not. `None`: nobody has anything, or values are withheld.
    pub gini: Option<f64>,
    /// What is measured, over people of rural counties.
    pub rural: Figure,
    /// The same over people of the other counties. Rural to urban is the ratio of the two.
    pub urban: Figure,
    /// One row for each language of [`Question::languages`].
    pub languages: Vec<LanguageRow>,
}

/// Coverage in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct LanguageRow {
    /// The language.
    pub language: LanguageTag,
    /// The share of people who have an open provider in it within [`Question::within`].
    pub within: Figure,
}

/// What matched the question, counted in pools.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SupplyShares {
    /// All of it.
    pub pools: u64,
    /// Open and confirmed in time.
    pub open: u64,
    /// Of the open, those without a count in the unit of the report: each stands for
    /// [`Question::assumed_places`].
    pub assumed: u64,
    /// Not confirmed in time.
    pub stale: u64,
    /// Never stated.
    pub unknown: u64,
    /// Of the open, those that state no area: they are taken to serve whoever is near.
    pub area_not_stated: u64,
    /// Of the open, those reached from anywhere alone: no distance counts them.
    pub remote: u64,
    /// Of the open, those at no place the map knows: no distance counts them either.
    pub unplaced: u64,
    /// Open places that nobody in the table of demand can reach; for the measure of catchments alone.
    pub stranded_places: u64,
    /// What places are counted in; `None`: nothing open is counted.
    pub unit: Option<crate::capacity::Unit>,
}

impl Report {
    /// The services that rows name, each once, in the order of their ids.
    #[must_use]
    pub fn services(&self) -> Vec<PublicId> {
        let nearest = self.counties.iter().flat_map(|row| &row.nearest);
        let depended = self
            .counties
            .iter()
            .filter_map(|row| row.depends_on.as_ref());
        let mut services: Vec<PublicId> = nearest
            .map(|nearest| nearest.service)
            .chain(depended.map(|depends| depends.service))
            .collect();
        services.sort_unstable();
        services.dedup();
        services
    }

    /// The row of a county; `None` when it has no people in the table of demand.
    #[must_use]
    pub fn county(&self, county: CountyFips) -> Option<&CountyRow> {
        let at = self
            .counties
            .binary_search_by_key(&county, |row| row.county);
        at.ok().map(|at| &self.counties[at])
    }

    /// The rows with the worst figures first: none before every number, then from bad to good; of equals the
    /// one with most people, then by code. Rows that are withheld are left out.
    #[must_use]
    pub fn worst(&self) -> Vec<&CountyRow> {
        let dead_ends = self.question.measure == Measure::DeadEnds;
        let more_is_better = self.quantity.more_is_better() && !dead_ends;
        let mut rows: Vec<&CountyRow> = self
            .counties
            .iter()
            .filter(|row| row.figure.value != super::Amount::Withheld)
            .collect();
        rows.sort_by(|a, b| {
            let (value_a, value_b) = (a.figure.value, b.figure.value);
            let worse = match (value_a.number(), value_b.number()) {
                (Some(a), Some(b)) if more_is_better => a.total_cmp(&b),
                (Some(a), Some(b)) => b.total_cmp(&a),
                (a, b) => a.is_some().cmp(&b.is_some()),
            };
            let people = b.people.get().total_cmp(&a.people.get());
            worse.then(people).then(a.county.cmp(&b.county))
        });
        rows
    }
}

impl SupplyShares {
    /// The share of pools not confirmed in time; `None`: nothing matched.
    #[must_use]
    pub fn stale_share(&self) -> Option<f64> {
        share(self.stale, self.pools)
    }

    /// The share of pools of which nobody knows; `None`: nothing matched.
    #[must_use]
    pub fn unknown_share(&self) -> Option<f64> {
        share(self.unknown, self.pools)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of pools are far below 2^53"
)]
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
