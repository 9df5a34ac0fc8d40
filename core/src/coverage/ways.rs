//! The ways in which people reach pools, put where they are found: by whom they serve, then by position.
//!
//! A point of demand is served by what serves everyone, its state or its county (in a ZIP of it, where that is
//! stated), or whoever is within a radius. Each of these is a tree; a point looks into four of them.

use std::collections::BTreeMap;

use crate::coverage::{Area, Areas, Ground, Organization, Reach, Site, Standing, Supply};
use crate::geo::{CountyFips, Kilometres, Point, Zip};

use super::country::Origin;
use super::sphere::{Vector, chord2_of};
use super::tree::{Entry, Tree, Visitor};

/// How a pool is reached at a position.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) point: Point,
    pub(super) pool: u32,
    only: Only,
}

/// Whom of those who look it serves.
#[derive(Clone, Copy, Debug)]
enum Only {
    Everyone,
    Zip(Zip),
    Within(Kilometres),
}

/// Ways, by whom they serve.
#[derive(Debug)]
pub(super) struct Ways {
    everyone: Tree<Way>,
    around: Tree<Way>,
    /// The squared chord of the widest radius.
    widest: f64,
    states: BTreeMap<u8, Tree<Way>>,
    counties: BTreeMap<CountyFips, Tree<Way>>,
}

/// The trees one county looks into.
#[derive(Clone, Copy, Debug)]
pub(super) struct Local<'a> {
    everyone: &'a Tree<Way>,
    around: &'a Tree<Way>,
    widest: f64,
    state: Option<&'a Tree<Way>>,
    county: Option<&'a Tree<Way>>,
}

/// A pool that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) pool: u32,
    pub(super) distance: Kilometres,
}

/// Entries on their way into trees.
#[derive(Default)]
struct Sorted {
    everyone: Vec<Entry<Way>>,
    around: Vec<Entry<Way>>,
    states: BTreeMap<u8, Vec<Entry<Way>>>,
    counties: BTreeMap<CountyFips, Vec<Entry<Way>>>,
}

impl Ways {
    /// What is certain (open, without a condition), and what is in doubt: stale, unknown, or on a condition.
    pub(super) fn of(supply: &Supply, ground: &Ground) -> (Self, Self) {
        Self::of_pools(supply, ground, |pool| match supply.pools()[pool].standing {
            Standing::Open => Some(true),
            Standing::Stale | Standing::Unknown => Some(false),
            Standing::NotOpen(_) => None,
        })
    }

    /// What is certain and what is in doubt of the pools that `is_certain` says anything of.
    pub(super) fn of_pools(
        supply: &Supply,
        ground: &Ground,
        is_certain: impl Fn(usize) -> Option<bool>,
    ) -> (Self, Self) {
        let (mut certain, mut doubtful) = (Sorted::default(), Sorted::default());
        for (at, pool) in supply.pools().iter().enumerate() {
            let Some(open) = is_certain(at) else {
                continue;
            };
            for reach in supply.reaches(at) {
                let Some(point) = position(reach, ground) else {
                    continue;
                };
                let entry = Entry {
                    at: Vector::of(point),
                    bits: pool.languages,
                    item: Way {
                        point,
                        pool: u32::try_from(at).unwrap_or(u32::MAX),
                        only: Only::Everyone,
                    },
                };
                if reach.areas == Areas::NOT_STATED {
                    let into = if open { &mut certain } else { &mut doubtful };
                    into.everyone.push(entry);
                }
                for serving in supply.servings(reach.areas) {
                    let sure = open && !serving.conditional;
                    let into = if sure { &mut certain } else { &mut doubtful };
                    into.add(entry, serving.area);
                }
            }
        }
        (certain.into_ways(), doubtful.into_ways())
    }

    /// What the people of a county look into.
    pub(super) fn local(&self, county: CountyFips) -> Local<'_> {
        Local {
            everyone: &self.everyone,
            around: &self.around,
            widest: self.widest,
            state: self.states.get(&county.state_fips()),
            county: self.counties.get(&county),
        }
    }
}

/// Where a reach is measured from; `None`: distances do not count it.
pub(super) fn position(reach: &Reach, ground: &Ground) -> Option<Point> {
    match reach.site {
        Site::At { point, .. } => Some(point),
        Site::County(county) => ground.county(county).map(|county| county.at),
        Site::Remote | Site::Unplaced => None,
    }
}

impl Sorted {
    fn add(&mut self, mut entry: Entry<Way>, area: Area) {
        match area {
            Area::Nation => self.everyone.push(entry),
            Area::State(state) => {
                if let Some(fips) = state.fips() {
                    self.states.entry(fips).or_default().push(entry);
                }
            }
            Area::County(county) => self.counties.entry(county).or_default().push(entry),
            Area::Zip(zip, county) => {
                entry.item.only = Only::Zip(zip);
                self.counties.entry(county).or_default().push(entry);
            }
            Area::Radius(radius) => {
                entry.item.only = Only::Within(radius);
                self.around.push(entry);
            }
        }
    }

    fn into_ways(self) -> Ways {
        let radius = |entry: &Entry<Way>| match entry.item.only {
            Only::Within(radius) => chord2_of(radius),
            Only::Everyone | Only::Zip(_) => 0.0,
        };
        let widest = self.around.iter().map(radius).fold(0.0, f64::max);
        let states = self.states.into_iter();
        let counties = self.counties.into_iter();
        Ways {
            everyone: Tree::new(self.everyone),
            around: Tree::new(self.around),
            widest,
            states: states.map(|(key, ways)| (key, Tree::new(ways))).collect(),
            counties: counties.map(|(key, ways)| (key, Tree::new(ways))).collect(),
        }
    }
}

impl Local<'_> {
    /// The pool nearest to `from` within the squared chord `bound`; of equally near ones that added first.
    pub(super) fn nearest(&self, from: &Origin, bound: f64) -> Option<Found> {
        let mut nearest = NearestPool {
            from,
            bound,
            best: None,
        };
        self.visit(from, &mut nearest);
        nearest.best.map(|way| found(&way, from))
    }

    /// The nearest pools of `most` different organizations within `limit`, nearest first.
    pub(super) fn nearest_organizations(
        locals: &[Self],
        from: &Origin,
        supply: &Supply,
        most: usize,
        limit: Kilometres,
    ) -> Vec<Found> {
        let mut nearest = NearestOrganizations {
            from,
            supply,
            most,
            limit: chord2_of(limit),
            best: Vec::with_capacity(most + 1),
        };
        for local in locals {
            local.visit(from, &mut nearest);
        }
        let all = nearest.best.iter().map(|(_, _, way)| found(way, from));
        all.filter(|found| found.distance <= limit).collect()
    }

    /// The languages of pools within `limit` of `from`, of those asked for.
    pub(super) fn languages(&self, from: &Origin, asked: u32, limit: Kilometres) -> u32 {
        let mut languages = LanguagesWithin {
            from,
            limit,
            bound: chord2_of(limit),
            missing: asked,
        };
        self.visit(from, &mut languages);
        asked & !languages.missing
    }

    /// All pools within `limit` of `from`, each once, in order.
    pub(super) fn within(&self, from: &Origin, limit: Kilometres) -> Vec<u32> {
        let mut all = AllWithin {
            from,
            limit,
            bound: chord2_of(limit),
            pools: Vec::new(),
        };
        self.visit(from, &mut all);
        all.pools.sort_unstable();
        all.pools.dedup();
        all.pools
    }

    fn visit(&self, from: &Origin, visitor: &mut impl Visitor<Way>) {
        let at = from.vector;
        for tree in [self.county, self.state].into_iter().flatten() {
            tree.visit(at, visitor);
        }
        self.everyone.visit(at, visitor);
        if visitor.bound() > 0.0 {
            let mut within = Within {
                visitor,
                widest: self.widest,
            };
            self.around.visit(at, &mut within);
        }
    }
}

impl Way {
    fn serves(&self, from: &Origin) -> bool {
        match self.only {
            Only::Everyone => true,
            Only::Zip(zip) => from.point.zip.is_none_or(|of| of == zip),
            Only::Within(radius) => self.point.distance(from.point.at) <= radius,
        }
    }
}

fn found(way: &Way, from: &Origin) -> Found {
    Found {
        pool: way.pool,
        distance: way.point.distance(from.point.at),
    }
}

struct NearestPool<'a> {
    from: &'a Origin,
    bound: f64,
    best: Option<Way>,
}

impl Visitor<Way> for NearestPool<'_> {
    fn bound(&self) -> f64 {
        self.bound
    }

    fn take(&mut self, entry: &Entry<Way>, chord2: f64) {
        let way = entry.item;
        let earlier = self.best.is_none_or(|best| way.pool < best.pool);
        if (chord2 < self.bound || earlier) && way.serves(self.from) {
            self.bound = chord2;
            self.best = Some(way);
        }
    }
}

struct NearestOrganizations<'a> {
    from: &'a Origin,
    supply: &'a Supply,
    most: usize,
    limit: f64,
    /// Nearest first, each organization once.
    best: Vec<(f64, Organization, Way)>,
}

impl Visitor<Way> for NearestOrganizations<'_> {
    fn bound(&self) -> f64 {
        if self.best.len() < self.most {
            self.limit
        } else {
            self.best.last().map_or(self.limit, |(bound, ..)| *bound)
        }
    }

    fn take(&mut self, entry: &Entry<Way>, chord2: f64) {
        let way = entry.item;
        let organization = self.supply.pools()[way.pool as usize].organization;
        let known = self.best.iter().position(|(_, of, _)| *of == organization);
        let before =
            |(far, _, than): &(f64, Organization, Way)| (*far, than.pool) <= (chord2, way.pool);
        if known.is_some_and(|at| before(&self.best[at])) || !way.serves(self.from) {
            return;
        }
        if let Some(at) = known {
            self.best.remove(at);
        }
        let at = self.best.partition_point(before);
        self.best.insert(at, (chord2, organization, way));
        self.best.truncate(self.most);
    }
}

struct LanguagesWithin<'a> {
    from: &'a Origin,
    limit: Kilometres,
    bound: f64,
    missing: u32,
}

impl Visitor<Way> for LanguagesWithin<'_> {
    fn bound(&self) -> f64 {
        self.bound
    }

    fn wants(&self, bits: u32) -> bool {
        bits & self.missing != 0
    }

    fn take(&mut self, entry: &Entry<Way>, _: f64) {
        let way = entry.item;
        let near = || way.point.distance(self.from.point.at) <= self.limit;
        if entry.bits & self.missing != 0 && way.serves(self.from) && near() {
            self.missing &= !entry.bits;
        }
    }
}

struct AllWithin<'a> {
    from: &'a Origin,
    limit: Kilometres,
    bound: f64,
    pools: Vec<u32>,
}

impl Visitor<Way> for AllWithin<'_> {
    fn bound(&self) -> f64 {
        self.bound
    }

    fn take(&mut self, entry: &Entry<Way>, _: f64) {
        let way = entry.item;
        if way.serves(self.from) && way.point.distance(self.from.point.at) <= self.limit {
            self.pools.push(way.pool);
        }
    }
}

/// Looks no farther than the widest radius.
struct Within<'a, V> {
    visitor: &'a mut V,
    widest: f64,
}

impl<T, V: Visitor<T>> Visitor<T> for Within<'_, V> {
    fn bound(&self) -> f64 {
        self.visitor.bound().min(self.widest)
    }

    fn wants(&self, bits: u32) -> bool {
        self.visitor.wants(bits)
    }

    fn take(&mut self, entry: &Entry<T>, chord2: f64) {
        self.visitor.take(entry, chord2);
    }
}
