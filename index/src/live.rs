//! Live capacity: the newest reports of every service, and the cell in which searches read them.
//!
//! [`Reports`] are whole, and [`Packed`] per service until somebody asks; a [`Cell`] is the little of them that a search needs of one
//! offer. A report replaces what a cell holds in one step, so that a search sees all of it or nothing. Time
//! to live needs no write: the state is computed when it is asked for.

mod packed;

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use referral_core::capacity::{Held, Order, State, Stated, Ttl, Unit, effective};
use referral_core::coverage::{Places, Reported};
use referral_core::geo::CountyFips;
use referral_core::id::{LocalId, PublicId};

use packed::{One, Packed, location_of, written};

/// The reports of every service that has any.
///
/// A withdrawn service keeps its reports: a withdrawal can be taken back.
#[derive(Debug, Default)]
pub(crate) struct Live {
    of: HashSet<Packed, BuildHasherDefault<ById>>,
}

/// The newest report about a service as a whole, and of each of its locations that has one.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    service: Option<Held>,
    /// By location.
    at: Vec<Held>,
}

impl Live {
    /// Takes a report in; false when it changes nothing: a newer one about the same thing is there.
    pub(crate) fn report(&mut self, service: PublicId, held: &Held) -> bool {
        let id = service.as_u128().to_be_bytes();
        let known: Vec<One<'_>> = self.of.get(&id).into_iter().flat_map(Packed::all).collect();
        let mut all: Vec<&[u8]> = known.iter().map(|one| one.whole).collect();
        let written = written(held);
        match known.binary_search_by(|one| one.location.cmp(location_of(held))) {
            Ok(place) if !is_newer(known[place], held) => return false,
            Ok(place) => all[place] = &written,
            Err(place) => all.insert(place, &written),
        }
        let packed = Packed::new(id, all);
        self.of.replace(packed);
        true
    }

    /// Forgets the report about a service, or its offer at a location; false when there is none up to `order`.
    pub(crate) fn drop_report(
        &mut self,
        service: PublicId,
        location: Option<&LocalId>,
        order: Order,
    ) -> bool {
        let id = service.as_u128().to_be_bytes();
        let location = location.map_or("", LocalId::as_str);
        let Some(known) = self.of.get(&id) else {
            return false;
        };
        let dropped = |one: &One<'_>| one.location == location && one.order <= order;
        let left: Vec<_> = known.all().filter(|one| !dropped(one)).collect();
        if left.len() == known.all().count() {
            return false;
        }
        if left.is_empty() {
            self.of.remove(&id);
        } else {
            let packed = Packed::new(id, left.iter().map(|one| one.whole));
            self.of.replace(packed);
        }
        true
    }

    /// The reports of a service.
    pub(crate) fn of(&self, service: PublicId) -> Option<Reports> {
        let packed = self.of.get(&service.as_u128().to_be_bytes())?;
        Some(Reports::of(packed.all()))
    }

    /// The report that counts for an offer of a service: no other of its reports is read.
    pub(crate) fn effective(&self, service: PublicId, location: Option<&str>) -> Option<Held> {
        let packed = self.of.get(&service.as_u128().to_be_bytes())?;
        let about_it = |one: &One<'_>| one.location.is_empty() || Some(one.location) == location;
        let reports = Reports::of(packed.all().filter(about_it));
        reports.effective(location).cloned()
    }
}

impl Reports {
    fn of<'a>(packed: impl Iterator<Item = One<'a>>) -> Self {
        let mut at: Vec<Held> = packed.filter_map(|one| one.held()).collect();
        let is_of_service = |held: &Held| held.report.said().location.is_none();
        let service = at.first().is_some_and(is_of_service).then(|| at.remove(0));
        Self { service, at }
    }

    /// The report that counts for an offer at `location`.
    pub(crate) fn effective(&self, location: Option<&str>) -> Option<&Held> {
        let place = location.and_then(|location| {
            let found = self
                .at
                .binary_search_by(|held| location_of(held).cmp(location));
            found.ok()
        });
        effective(place.map(|place| &self.at[place]), self.service.as_ref())
    }
}

/// A later report, or the same one believed for less time.
fn is_newer(known: One<'_>, held: &Held) -> bool {
    held.order > known.order || (held.order == known.order && held.ttl < known.ttl)
}

/// What a search reads of the capacity of one offer.
///
/// `word` holds, from the lowest bit: 4 bits of state (0: never reported, 1 to 8: as stated, 9 and more: stated
/// before a restore), 1 bit for a day on which it changes by itself, 1 bit while that day is being written,
/// 22 bits of time to live and 36 bits of observation time, in seconds. Only one thread at a time writes.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    word: AtomicU64,
    /// When it becomes unknown, in nanoseconds since 1970. Only read where the word says so.
    changes: AtomicI64,
}

/// What coverage reads of one offer beside its cell: no search needs it.
///
/// `report` is written while the cell cannot be read, so that what a cell holds before and after is what it belongs to. It
/// holds 1 bit for a report about the offer's location alone, 1 bit for a count, 6 bits of unit and, from bit 32 on,
/// the places.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    report: AtomicU64,
    /// The county of its position: [`NOT_ASKED`], [`NO_COUNTY`] or its code.
    county: AtomicU32,
}

const OWN: u64 = 1;
const COUNTED: u64 = 2;
const UNIT_AT: u32 = 2;
const PLACES_AT: u32 = 32;
const NOT_ASKED: u32 = 0;
const NO_COUNTY: u32 = 1;

const CHANGES: u64 = 1 << 4;
const BUSY: u64 = 1 << 5;
/// Added to a state that was reported before a restore; closed and unknown, the last two, need no such mark.
const BEFORE_RESTORE: u64 = 8;
const TTL_AT: u32 = 6;
const OBSERVED_AT: u32 = 28;

/// What a cell held at one moment, with the time of the search applied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Seen {
    /// The state.
    pub(crate) state: State,
    word: u64,
}

impl Seen {
    /// When the capacity was observed and how long it is believed; `None`: never reported. Worked out
    /// when it is asked for: most offers are never asked.
    pub(crate) fn confirmed(self) -> Option<(Timestamp, Ttl)> {
        stated(self.word)?;
        let observed = SignedDuration::from_secs(observed(self.word));
        let observed = Timestamp::UNIX_EPOCH.saturating_add(observed);
        let observed = observed.unwrap_or(Timestamp::MAX);
        Some((observed, Ttl::clamped(ttl(self.word))))
    }
}

/// The time of a search, in the shapes in which cells are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Whole seconds since 1970, rounded up: beyond a whole second exactly when the time is.
    seconds: i64,
    nanoseconds: i64,
}

impl Moment {
    /// A time.
    pub(crate) fn of(now: Timestamp) -> Self {
        let up = i64::from(now.subsec_nanosecond() > 0);
        Self {
            seconds: now.as_second() + up,
            nanoseconds: nanoseconds(now),
        }
    }
}

impl Cell {
    /// Replaces what the cell holds.
    pub(crate) fn store(&self, held: Option<&Held>) {
        let Some(held) = held else {
            self.word.store(0, Ordering::Release);
            return;
        };
        let word = word(held);
        let Some(at) = held.changes_at() else {
            self.word.store(word, Ordering::Release);
            return;
        };
        self.word.store(BUSY, Ordering::SeqCst);
        self.changes.store(nanoseconds(at), Ordering::SeqCst);
        self.word.store(word | CHANGES, Ordering::SeqCst);
    }

    /// Takes over what another cell holds.
    pub(crate) fn copy(&self, other: &Self) {
        let changes = other.changes.load(Ordering::SeqCst);
        self.changes.store(changes, Ordering::SeqCst);
        let word = other.word.load(Ordering::SeqCst);
        self.word.store(word, Ordering::SeqCst);
    }

    /// From now until [`Cell::store`] nobody can read it: several cells are changed in one step.
    pub(crate) fn begin(&self) {
        self.word.store(BUSY, Ordering::SeqCst);
    }

    /// What tells one content from the next.
    pub(crate) fn stamp(&self) -> u64 {
        self.word.load(Ordering::Acquire)
    }

    /// What it holds at a moment.
    pub(crate) fn read(&self, now: Moment) -> Seen {
        let mut word = self.word.load(Ordering::Acquire);
        let mut changed = false;
        while word & (CHANGES | BUSY) != 0 {
            let at = self.changes.load(Ordering::SeqCst);
            let again = self.word.load(Ordering::SeqCst);
            if again == word && word & BUSY == 0 {
                changed = now.nanoseconds >= at;
                break;
            }
            std::hint::spin_loop();
            word = again;
        }
        seen(word, changed, now)
    }
}

impl Beside {
    /// Replaces what is told of the report. The cell is not to be read meanwhile.
    pub(crate) fn store(&self, held: Option<&Held>) {
        self.report.store(held.map_or(0, beside), Ordering::SeqCst);
    }

    /// Takes over what stands beside another cell.
    pub(crate) fn copy(&self, other: &Self) {
        let report = other.report.load(Ordering::SeqCst);
        self.report.store(report, Ordering::SeqCst);
        let county = other.county.load(Ordering::Relaxed);
        self.county.store(county, Ordering::Relaxed);
    }

    /// A number that changes with the report: reading it brings near what stands beside it.
    pub(crate) fn stamp(&self) -> u64 {
        self.report.load(Ordering::Relaxed)
    }

    /// The report that counts for the offer at a moment, with the stamp of its cell; `None`: never reported.
    pub(crate) fn reported(&self, cell: &Cell, now: Moment) -> (u64, Option<Reported>) {
        loop {
            let seen = cell.read(now);
            let report = self.report.load(Ordering::SeqCst);
            if cell.stamp() == seen.word {
                let reported = stated(seen.word).map(|_| Reported {
                    own: report & OWN != 0,
                    state: seen.state,
                    places: places(report),
                });
                return (seen.word, reported);
            }
            std::hint::spin_loop();
        }
    }

    /// The county of its position, asked for once.
    pub(crate) fn county(&self, ask: impl FnOnce() -> Option<CountyFips>) -> Option<CountyFips> {
        match self.county.load(Ordering::Relaxed) {
            NOT_ASKED => {
                let county = ask();
                let told = county.map_or(NO_COUNTY, CountyFips::number);
                self.county.store(told, Ordering::Relaxed);
                county
            }
            told => CountyFips::from_number(told),
        }
    }
}

fn beside(held: &Held) -> u64 {
    let own = u64::from(held.report.said().location.is_some());
    let count = held.report.main_count();
    let Some((places, unit)) = count.and_then(|count| Some((count.available?, count.unit))) else {
        return own;
    };
    let unit = Unit::ALL.iter().position(|it| *it == unit);
    let unit = unit.and_then(|at| u64::try_from(at).ok()).unwrap_or(0);
    own | COUNTED | unit << UNIT_AT | u64::from(places) << PLACES_AT
}

fn places(report: u64) -> Places {
    let unit = usize::try_from((report >> UNIT_AT) & 0x3f).ok();
    let unit = unit.and_then(|at| Unit::ALL.get(at));
    match unit.filter(|_| report & COUNTED != 0) {
        Some(unit) => {
            let places = u32::try_from(report >> PLACES_AT).unwrap_or(u32::MAX);
            Places::Counted(places, *unit)
        }
        None => Places::Assumed,
    }
}

fn seen(word: u64, changed: bool, now: Moment) -> Seen {
    let state = match stated(word) {
        Some(_) if changed => State::Unknown,
        None | Some(Stated::Unknown) => State::Unknown,
        Some(Stated::Closed) => State::Closed,
        Some(_) if word & 0xf > BEFORE_RESTORE => State::Stale,
        Some(_) if now.seconds > observed(word) + i64::from(ttl(word)) => State::Stale,
        Some(stated) => stated.into(),
    };
    Seen { state, word }
}

fn stated(word: u64) -> Option<Stated> {
    let marked = word & 0xf;
    let at = if marked > BEFORE_RESTORE {
        marked - BEFORE_RESTORE
    } else {
        marked
    };
    let at = usize::try_from(at).unwrap_or(0);
    Stated::ALL.get(at.checked_sub(1)?).copied()
}

fn ttl(word: u64) -> u32 {
    u32::try_from((word >> TTL_AT) & 0x3f_ffff).unwrap_or(u32::MAX)
}

fn observed(word: u64) -> i64 {
    i64::try_from(word >> OBSERVED_AT).unwrap_or(i64::MAX)
}

fn word(held: &Held) -> u64 {
    const MOST: i64 = (1 << 36) - 1;
    let said = held.report.said().state;
    let state = Stated::ALL.iter().position(|state| *state == said);
    let state = state.and_then(|at| u64::try_from(at + 1).ok()).unwrap_or(0);
    let marked = held.before_restore && !matches!(said, Stated::Closed | Stated::Unknown);
    let state = if marked {
        state + BEFORE_RESTORE
    } else {
        state
    };
    let observed = held.observed_at.as_second().clamp(0, MOST).unsigned_abs();
    state | u64::from(held.ttl.seconds()) << TTL_AT | observed << OBSERVED_AT
}

/// Nanoseconds since 1970, as far as they fit (1677 to 2262).
fn nanoseconds(time: Timestamp) -> i64 {
    let nanoseconds = time.as_nanosecond();
    let most = if nanoseconds < 0 { i64::MIN } else { i64::MAX };
    i64::try_from(nanoseconds).unwrap_or(most)
}

/// For public ids, which are hashes already, and for small keys.
#[derive(Debug, Default)]
pub(crate) struct ById(u64);

impl Hasher for ById {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut eight = [0; 8];
            eight[..chunk.len()].copy_from_slice(chunk);
            self.0 = (self.0 ^ u64::from_le_bytes(eight)).rotate_left(29);
        }
    }

    fn write_u128(&mut self, id: u128) {
        self.write(&id.to_le_bytes());
    }

    /// Tables go by the lowest bits, which a product takes from the lowest bits of its factors alone: they get
    /// the upper ones, too.
    fn finish(&self) -> u64 {
        let mixed = self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ (mixed >> 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;
    use referral_core::capacity::{Draft, Order, Report, Source};
    use referral_core::federation::Epoch;

    const NOW: Timestamp = Timestamp::constant(1_780_000_000, 0);

    fn held(state: Stated, ttl: u32, opens_in: Option<i64>, reopens: bool) -> Held {
        let draft = Draft {
            service: LocalId::from_source("s"),
            location: None,
            state,
            counts: vec![],
            waitlist_count: None,
            wait_band: None,
            opens_at: opens_in.map(|s| NOW + SignedDuration::from_millis(s)),
            reopens_at: reopens.then(|| date(2026, 5, 29)),
            observed_at: NOW,
            ttl: None,
            source: Source::Person,
            note: None,
        };
        let epoch = Epoch {
            generation: 1,
            number: 1,
        };
        let report = Report::parse(draft, NOW).unwrap();
        Held::receive(report, Order { epoch, cseq: 1 }, Ttl::clamped(ttl), NOW)
    }

    proptest! {
        /// A cell says at every time what the report itself says.
        #[test]
        fn a_cell_is_its_report(
            state in 0..8usize, ttl in 60..2_592_000u32, opens_in in proptest::option::of(0..1_000_000i64),
            reopens in any::<bool>(), later in 0..3_000_000_000i64, at_the_edge in any::<bool>(),
            generation in 1..3u64,
        ) {
            let held = held(Stated::ALL[state], ttl, opens_in, reopens).in_generation(generation);
            let cell = Cell::default();
            cell.store(Some(&held));
            let later = if at_the_edge { i64::from(ttl) * 1_000 + later % 2 } else { later };
            let now = NOW + SignedDuration::from_millis(later);

            let seen = cell.read(Moment::of(now));

            prop_assert_eq!(seen.state, held.state_at(now));
            prop_assert_eq!(seen.confirmed(), Some((held.observed_at, held.ttl)));
            let beside = Beside::default();
            beside.store(Some(&held));
            let (_, reported) = beside.reported(&cell, Moment::of(now));
            prop_assert_eq!(reported, Some(Reported::of(&held, now)));
        }
    }

    #[test]
    fn the_county_of_a_position_is_asked_for_once() {
        for county in [None, CountyFips::from_number(24_005)] {
            let beside = Beside::default();
            assert_eq!(beside.county(|| county), county);
            assert_eq!(beside.county(|| panic!("asked again")), county);
        }
    }

    #[test]
    fn a_report_is_forgotten_with_all_that_was_kept_of_its_service_unless_there_is_a_newer_one() {
        let service = PublicId::from_u128(7);
        let mut live = Live::default();
        let report = held(Stated::Open, 60, None, false);
        let order = report.order;
        live.report(service, &report);

        let before = Order { cseq: 0, ..order };
        assert!(!live.drop_report(service, None, before));
        assert!(!live.drop_report(service, Some(&LocalId::from_source("l")), order));
        assert!(live.of(service).is_some());

        assert!(live.drop_report(service, None, order));
        assert!(live.of(service).is_none());
        assert!(live.of.is_empty());
    }

    #[test]
    fn what_was_never_reported_is_unknown() {
        let cell = Cell::default();
        cell.store(Some(&held(Stated::Open, 60, None, false)));
        cell.store(None);

        let seen = cell.read(Moment::of(NOW));

        assert_eq!((seen.state, seen.confirmed()), (State::Unknown, None));
    }
}
