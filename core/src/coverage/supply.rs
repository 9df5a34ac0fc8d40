//! Supply: the places that match a question, as of one moment.
//!
//! One [`Pool`] is one report key: a service, or a service at a location, that counts its free places. It
//! reaches people through its offers ([`Reach`]), and as far as the nearest of them: places are never multiplied by
//! locations. Build with [`Supply::areas`] and [`Supply::add`]; nothing is looked up here.

use std::collections::HashMap;
use std::ops::Range;

use crate::capacity::{State, Unit};
use crate::geo::{CountyFips, Kilometres, Point, StateCode, Zip};
use crate::id::PublicId;

/// The organization behind a service, as a number that is the same for all of its services and says
/// nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Organization(pub u64);

/// Free places of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Places {
    /// This many, counted in the pool's main unit.
    Counted(u32, Unit),
    /// Nobody counted: the question says what an open one counts as, and the report how many did.
    Assumed,
}

/// Whether a pool takes referrals, as of the moment of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// Open or limited, confirmed in time.
    Open,
    /// Not confirmed in time: it may or may not be open.
    Stale,
    /// Never stated, or past the day it was to change.
    Unknown,
    /// It said no: assess, waitlist, window, paused or closed.
    NotOpen(State),
}

/// One report key and its places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pool {
    /// The service it belongs to.
    pub service: PublicId,
    /// The organization behind it.
    pub organization: Organization,
    /// Its free places, as last stated.
    pub places: Places,
    /// Whether it takes referrals.
    pub standing: Standing,
    /// Which of [`crate::coverage::Question::languages`] it is given in without an interpreter by
    /// phone: bit `i` for the `i`-th.
    pub languages: u32,
}

/// One way in which people reach a pool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    /// Where.
    pub site: Site,
    /// Whom: see [`Supply::areas`].
    pub areas: Areas,
}

/// Where a pool is reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Site {
    /// At a position.
    At {
        /// The position.
        point: Point,
        /// The county it is in, where the map knows it. Without it the pool is in no county's row of what is
        /// there.
        county: Option<CountyFips>,
    },
    /// Somewhere in a county: confidential. Distances are those of the point that stands for the county.
    County(CountyFips),
    /// From anywhere: by phone, video or message. Counted apart from distances.
    Remote,
    /// At a place no map knows, or not stated: no distance can be told, so that no figure of a distance counts it. For
    /// its bounds it may be as near as can be to whoever its areas hold.
    Unplaced,
}

/// One part of the map that is served.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Serving {
    /// Which part.
    pub area: Area,
    /// True when it is served only on a condition that the question does not settle: it counts in bounds alone.
    pub conditional: bool,
}

/// A part of the map that is served, in terms that demand can be compared with. Courts and countries
/// abroad serve nobody by residence: they are left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Area {
    /// The whole United States with its territories.
    Nation,
    /// A state, district or territory.
    State(StateCode),
    /// A county.
    County(CountyFips),
    /// A ZIP, as far as it lies in a county: one of these for each county it touches. Demand that is not told by
    /// ZIP is served where its county is touched.
    Zip(Zip, CountyFips),
    /// Everywhere within this distance of the site.
    Radius(Kilometres),
}

/// A list of areas kept by a [`Supply`]: a number of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Areas(u32);

/// All pools that match a question, as of one moment, in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub struct Supply {
    pools: Vec<Pool>,
    /// Where the reaches of a pool end; they begin where those of the pool before end.
    ends: Vec<u32>,
    reaches: Vec<Reach>,
    servings: Vec<Serving>,
    /// The servings of each list of areas but the first, which is empty.
    lists: Vec<Range<u32>>,
    known: HashMap<Vec<Key>, Areas>,
}

/// What two servings are the same by: kind, number, condition.
type Key = (u8, u64, bool);

impl Standing {
    /// What a state means for coverage.
    #[must_use]
    pub fn of(state: State) -> Self {
        match state {
            State::Open | State::Limited => Self::Open,
            State::Stale => Self::Stale,
            State::Unknown => Self::Unknown,
            state => Self::NotOpen(state),
        }
    }
}

impl Areas {
    /// No area is stated: nobody is excluded, and distance alone decides. A remote pool without an area serves
    /// nobody for certain; whoever adds it gives it the area that search assumes, on a condition.
    pub const NOT_STATED: Self = Self(0);
}

impl Supply {
    /// No pools.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of a list of areas, which form a union. The same list has the same number; an empty one is
    /// [`Areas::NOT_STATED`]. An offer that states only areas that serve nobody by residence (a court) is not
    /// to be added at all.
    pub fn areas(&mut self, servings: &[Serving]) -> Areas {
        if servings.is_empty() {
            return Areas::NOT_STATED;
        }
        let key: Vec<Key> = servings.iter().map(Serving::key).collect();
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let areas = self.list(servings);
        self.known.insert(key, areas);
        areas
    }

    /// The same without a look at what is there: for lists of which the caller knows that they are not.
    pub(super) fn list(&mut self, servings: &[Serving]) -> Areas {
        let start = index(self.servings.len());
        self.servings.extend_from_slice(servings);
        self.lists.push(start..index(self.servings.len()));
        Areas(index(self.lists.len()))
    }

    /// Adds a pool that is reached in these ways. Pools added in the same order give the same report.
    pub fn add(&mut self, pool: Pool, reaches: &[Reach]) {
        self.pools.push(pool);
        self.reaches.extend_from_slice(reaches);
        self.ends.push(index(self.reaches.len()));
    }

    /// Makes room for so many pools more, each reached in one way.
    pub(super) fn reserve(&mut self, pools: usize) {
        self.pools.reserve(pools);
        self.reaches.reserve(pools);
        self.ends.reserve(pools);
    }

    /// How many reaches all pools have together.
    pub(super) fn size(&self) -> usize {
        self.reaches.len()
    }

    /// The same pools in another order.
    ///
    /// * `order` — the place of each pool now, in the order in which they are to be.
    pub(super) fn in_order(mut self, order: &[u32]) -> Self {
        // One loop for each kind of what is read: a processor waits for many reads of a short loop at once.
        let pools = order.iter().map(|at| self.pools[*at as usize]).collect();
        let mut reaches = Vec::with_capacity(self.reaches.len());
        let mut ends = Vec::with_capacity(self.ends.len());
        for at in order {
            reaches.extend_from_slice(self.reaches(*at as usize));
            ends.push(index(reaches.len()));
        }
        (self.pools, self.reaches, self.ends) = (pools, reaches, ends);
        self
    }

    /// The pools, in the order in which they were added.
    #[must_use]
    pub fn pools(&self) -> &[Pool] {
        &self.pools
    }

    /// The ways in which the `pool`-th pool is reached; none for a number no pool has.
    #[must_use]
    pub fn reaches(&self, pool: usize) -> &[Reach] {
        let Some(end) = self.ends.get(pool) else {
            return &[];
        };
        let start = pool.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.reaches[start as usize..*end as usize]
    }

    /// The areas of a list; none for [`Areas::NOT_STATED`].
    #[must_use]
    pub fn servings(&self, areas: Areas) -> &[Serving] {
        let at = (areas.0 as usize).checked_sub(1);
        let list = at.and_then(|at| self.lists.get(at));
        list.map_or(&[], |list| {
            &self.servings[list.start as usize..list.end as usize]
        })
    }
}

impl Serving {
    fn key(&self) -> Key {
        let (kind, number) = match self.area {
            Area::Nation => (0, 0),
            Area::State(state) => {
                let letters = state.as_str().bytes();
                (1, letters.fold(0, |number, b| number * 256 + u64::from(b)))
            }
            Area::County(county) => (2, u64::from(county.number())),
            Area::Zip(zip, county) => {
                let number = u64::from(zip.number()) * 100_000;
                (3, number + u64::from(county.number()))
            }
            Area::Radius(radius) => (4, radius.get().to_bits()),
        };
        (kind, number, self.conditional)
    }
}

/// # Panics
/// Beyond 4 billion pools, reaches or areas, which no memory here holds.
fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or_else(|_| unreachable!("fewer than 4 billion of anything"))
}
