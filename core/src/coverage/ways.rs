//! The ways in which people reach pools, put where they are found: by whom they serve, then by position.
//!
//! A point of demand is served by what serves everyone, its state or its county (in a ZIP of it, where that is
//! stated), or whoever is within a radius. Each of these is a tree of numbers of ways; a point looks into four of them.

use std::collections::BTreeMap;

use crate::coverage::{Area, Areas, Ground, Organization, Reach, Site, Standing, Supply};
use crate::geo::{CountyFips, Kilometres, Point, Zip};

use super::country::Origin;
use super::sphere::{Limit, Vector, chord2_of, squared};
use super::tree::{Entry, Tree, Visitor};

/// How a pool is reached at a position.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) point: Point,
    pub(super) pool: u32,
    pub(super) organization: Organization,
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
    all: Vec<Way>,
    everyone: Tree<u32>,
    around: Tree<u32>,
    /// The squared chord of the widest radius.
    widest: f64,
    states: BTreeMap<u8, Tree<u32>>,
    counties: BTreeMap<CountyFips, Tree<u32>>,
}

/// The trees one county looks into.
#[derive(Clone, Copy, Debug)]
pub(super) struct Local<'a> {
    pub(super) ways: &'a [Way],
    everyone: &'a Tree<u32>,
    around: &'a Tree<u32>,
    widest: f64,
    state: Option<&'a Tree<u32>>,
    county: Option<&'a Tree<u32>>,
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
    ways: Vec<Way>,
    everyone: Vec<Entry<u32>>,
    around: Vec<Entry<u32>>,
    states: BTreeMap<u8, Vec<Entry<u32>>>,
    counties: ByCounty,
    /// The squared chord of the widest radius.
    widest: f64,
}

/// Entries by county: of all that serve somebody, most serve counties, each of them several.
#[derive(Default)]
struct ByCounty {
    /// For each code the place of the county among `all`, from 1; 0 for none yet.
    places: Vec<u32>,
    all: Vec<(CountyFips, Vec<Entry<u32>>)>,
}

/// A reach on its way into trees: it is one way for all whom it serves wholly.
struct Reached {
    way: Way,
    at: Vector,
    bits: u32,
    /// The number of that way in doubt and for certain, once it has one.
    whole: [Option<u32>; 2],
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
        // Room that is not needed costs nothing: nobody touches it.
        certain.ways.reserve(supply.size());
        doubtful.ways.reserve(supply.size());
        for (at, pool) in supply.pools().iter().enumerate() {
            let Some(open) = is_certain(at) else {
                continue;
            };
            for reach in supply.reaches(at) {
                let Some(point) = position(reach, ground) else {
                    continue;
                };
                let mut reached = Reached {
                    way: Way {
                        point,
                        pool: u32::try_from(at).unwrap_or(u32::MAX),
                        organization: pool.organization,
                        only: Only::Everyone,
                    },
                    at: Vector::of(point),
                    bits: pool.languages,
                    whole: [None; 2],
                };
                let mut add = |sure, area| {
                    let into = if sure { &mut certain } else { &mut doubtful };
                    into.add(&mut reached, usize::from(sure), area);
                };
                if reach.areas == Areas::NOT_STATED {
                    add(open, Area::Nation);
                }
                for serving in supply.servings(reach.areas) {
                    add(open && !serving.conditional, serving.area);
                }
            }
        }
        (certain.into_ways(), doubtful.into_ways())
    }

    /// What the people of a county look into.
    pub(super) fn local(&self, county: CountyFips) -> Local<'_> {
        Local {
            ways: &self.all,
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
    /// Adds a reach for an area, `sure` or not.
    fn add(&mut self, reached: &mut Reached, sure: usize, area: Area) {
        let Reached { at, bits, .. } = *reached;
        let entry = |item| Entry { at, bits, item };
        match area {
            Area::Nation => {
                let entry = entry(self.whole(reached, sure));
                self.everyone.push(entry);
            }
            Area::State(state) => {
                let Some(fips) = state.fips() else {
                    return;
                };
                let entry = entry(self.whole(reached, sure));
                self.states.entry(fips).or_default().push(entry);
            }
            Area::County(county) => {
                let entry = entry(self.whole(reached, sure));
                self.counties.of(county).push(entry);
            }
            Area::Zip(zip, county) => {
                let entry = entry(self.part(reached, Only::Zip(zip)));
                self.counties.of(county).push(entry);
            }
            Area::Radius(radius) => {
                self.widest = self.widest.max(chord2_of(radius));
                let entry = entry(self.part(reached, Only::Within(radius)));
                self.around.push(entry);
            }
        }
    }

    /// The number of the way that serves everybody who looks.
    fn whole(&mut self, reached: &mut Reached, sure: usize) -> u32 {
        *reached.whole[sure].get_or_insert_with(|| self.number(reached.way))
    }

    /// The number of a way that serves some of those who look.
    fn part(&mut self, reached: &Reached, only: Only) -> u32 {
        self.number(Way {
            only,
            ..reached.way
        })
    }

    fn number(&mut self, way: Way) -> u32 {
        let number = u32::try_from(self.ways.len()).unwrap_or(u32::MAX);
        self.ways.push(way);
        number
    }

    fn into_ways(self) -> Ways {
        let states = self.states.into_iter();
        let counties = self.counties.all.into_iter();
        Ways {
            all: self.ways,
            everyone: Tree::new(self.everyone),
            around: Tree::new(self.around),
            widest: self.widest,
            states: states.map(|(key, ways)| (key, Tree::new(ways))).collect(),
            counties: counties.map(|(key, ways)| (key, Tree::new(ways))).collect(),
        }
    }
}

impl ByCounty {
    fn of(&mut self, county: CountyFips) -> &mut Vec<Entry<u32>> {
        let code = county.number() as usize;
        if code >= self.places.len() {
            self.places.resize(code + 1, 0);
        }
        let place = &mut self.places[code];
        if *place == 0 {
            self.all.push((county, Vec::new()));
            *place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        }
        &mut self.all[*place as usize - 1].1
    }
}

impl Local<'_> {
    /// The nearest pools of `most` different organizations within `limit`, nearest first.
    pub(super) fn nearest_organizations(
        locals: &[Self],
        from: &Origin<'_>,
        most: usize,
        limit: &Limit,
    ) -> Vec<Found> {
        let mut best = Vec::with_capacity(most + 1);
        for local in locals {
            let mut nearest = NearestOrganizations {
                from,
                ways: local.ways,
                most,
                limit: limit.chord2,
                best: &mut best,
            };
            local.visit(from.vector, &mut nearest);
        }
        let within = best.iter().filter(|(chord2, way)| {
            let apart = || way.point.distance(from.point.at);
            limit.holds(*chord2, apart)
        });
        within.map(|(_, way)| way.found(from)).collect()
    }

    /// A way within the limit to somebody else than an organization; of several any.
    pub(super) fn somebody_else(
        &self,
        from: &Origin<'_>,
        than: Organization,
        limit: &Limit,
    ) -> Option<(Way, Vector)> {
        let mut other = SomebodyElse {
            from,
            ways: self.ways,
            than,
            limit,
            found: None,
        };
        self.visit(from.vector, &mut other);
        other.found
    }

    /// The languages of pools within `limit` of `from`, of those asked for.
    pub(super) fn languages(&self, from: &Origin<'_>, asked: u32, limit: &Limit) -> u32 {
        let mut languages = LanguagesWithin {
            from,
            ways: self.ways,
            limit,
            missing: asked,
        };
        self.visit(from.vector, &mut languages);
        asked & !languages.missing
    }

    /// All pools within `limit` of `from`, each once, in order.
    pub(super) fn within(&self, from: &Origin<'_>, limit: &Limit) -> Vec<u32> {
        let mut all = AllWithin {
            from,
            ways: self.ways,
            limit,
            pools: Vec::new(),
        };
        self.visit(from.vector, &mut all);
        all.pools.sort_unstable();
        all.pools.dedup();
        all.pools
    }

    fn visit(&self, at: Vector, visitor: &mut impl Visitor<u32>) {
        self.visit_for(at, 0.0, visitor);
    }

    /// Shows `visitor` every way that may be within its bound of `at` and serve somebody within the chord `radius` of
    /// it.
    pub(super) fn visit_for(&self, at: Vector, radius: f64, visitor: &mut impl Visitor<u32>) {
        for tree in [self.county, self.state].into_iter().flatten() {
            tree.visit(at, visitor);
        }
        self.everyone.visit(at, visitor);
        if visitor.bound() > 0.0 {
            let mut within = Within {
                visitor,
                widest: if radius > 0.0 {
                    squared(self.widest.sqrt() + radius)
                } else {
                    self.widest
                },
            };
            self.around.visit(at, &mut within);
        }
    }
}

impl Way {
    /// Whether it serves everybody of the county that looks.
    pub(super) fn serves_all(&self) -> bool {
        matches!(self.only, Only::Everyone)
    }

    pub(super) fn serves(&self, from: &Origin<'_>) -> bool {
        match self.only {
            Only::Everyone => true,
            Only::Zip(zip) => from.point.zip.is_none_or(|of| of == zip),
            Only::Within(radius) => self.point.distance(from.point.at) <= radius,
        }
    }

    pub(super) fn found(&self, from: &Origin<'_>) -> Found {
        Found {
            pool: self.pool,
            distance: self.point.distance(from.point.at),
        }
    }
}

struct NearestOrganizations<'a> {
    from: &'a Origin<'a>,
    ways: &'a [Way],
    most: usize,
    limit: f64,
    /// Nearest first, each organization once, with the squared chord.
    best: &'a mut Vec<(f64, Way)>,
}

impl Visitor<u32> for NearestOrganizations<'_> {
    fn bound(&self) -> f64 {
        if self.best.len() < self.most {
            self.limit
        } else {
            self.best.last().map_or(self.limit, |(bound, _)| *bound)
        }
    }

    fn take(&mut self, entry: &Entry<u32>, chord2: f64) {
        let way = self.ways[entry.item as usize];
        let mut best = self.best.iter();
        let known = best.position(|(_, of)| of.organization == way.organization);
        let before = |(far, than): &(f64, Way)| (*far, than.pool) <= (chord2, way.pool);
        if known.is_some_and(|at| before(&self.best[at])) || !way.serves(self.from) {
            return;
        }
        if let Some(at) = known {
            self.best.remove(at);
        }
        let at = self.best.partition_point(before);
        self.best.insert(at, (chord2, way));
        self.best.truncate(self.most);
    }
}

struct SomebodyElse<'a> {
    from: &'a Origin<'a>,
    ways: &'a [Way],
    than: Organization,
    limit: &'a Limit,
    found: Option<(Way, Vector)>,
}

impl Visitor<u32> for SomebodyElse<'_> {
    fn bound(&self) -> f64 {
        // One is enough: nothing is nearer than nothing.
        self.found.map_or(self.limit.chord2, |_| -1.0)
    }

    fn take(&mut self, entry: &Entry<u32>, chord2: f64) {
        let way = self.ways[entry.item as usize];
        let apart = || way.point.distance(self.from.point.at);
        if way.organization != self.than && way.serves(self.from) && self.limit.holds(chord2, apart)
        {
            self.found = Some((way, entry.at));
        }
    }
}

struct LanguagesWithin<'a> {
    from: &'a Origin<'a>,
    ways: &'a [Way],
    limit: &'a Limit,
    missing: u32,
}

impl Visitor<u32> for LanguagesWithin<'_> {
    fn bound(&self) -> f64 {
        self.limit.chord2
    }

    fn wants(&self, bits: u32) -> bool {
        bits & self.missing != 0
    }

    fn take(&mut self, entry: &Entry<u32>, chord2: f64) {
        if entry.bits & self.missing == 0 {
            return;
        }
        let way = self.ways[entry.item as usize];
        let apart = || way.point.distance(self.from.point.at);
        if way.serves(self.from) && self.limit.holds(chord2, apart) {
            self.missing &= !entry.bits;
        }
    }
}

struct AllWithin<'a> {
    from: &'a Origin<'a>,
    ways: &'a [Way],
    limit: &'a Limit,
    pools: Vec<u32>,
}

impl Visitor<u32> for AllWithin<'_> {
    fn bound(&self) -> f64 {
        self.limit.chord2
    }

    fn take(&mut self, entry: &Entry<u32>, chord2: f64) {
        let way = self.ways[entry.item as usize];
        let apart = || way.point.distance(self.from.point.at);
        if way.serves(self.from) && self.limit.holds(chord2, apart) {
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
