//! The order of results: relevance x nearness x availability x freshness x fit x reach x reliability, in
//! bands, equal ones in turn.
//!
//! [`score`] says what a result is worth, [`Order`] puts results in order, [`burden`] puts near misses
//! in order. The weights stand in this file and nowhere else.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};

use crate::capacity::{Held, State, Ttl};
use crate::feedback::{PRIOR, Precision};
use crate::geo::Kilometres;
use crate::id::{PublicId, RecordKey};
use crate::search::{Change, Circumstance, Fit};

/// Distance, in miles, at which a result counts half as much as one next door.
const HALF_DISTANCE_MI: f64 = 10.0;
/// What an offer without a distance counts as, in miles: it serves the place, from somewhere.
const UNKNOWN_DISTANCE_MI: f64 = 15.0;
/// What a number is still worth at the end of its time to live.
const FRESHNESS_AT_TTL: f64 = 0.5;
/// What an answer with only an assumed reach is worth.
const ASSUMED: f64 = 1e-3;
/// What an offer is worth that does not state whether it takes the client.
const NOT_STATED: f64 = 0.85;
/// What an offer is worth whose provider decides whether it takes the client.
const DECIDES: f64 = 0.7;
/// What a service that takes referrals now is worth at least, however often caseworkers were turned away: as much as
/// one with a waiting list. What they say sinks a listing, it hides none.
const LEAST_RELIABLE: f64 = 0.4;
/// Results whose scores differ by less than this factor are equals: they take turns.
const BAND: f64 = 1.1;

/// What decides the place of one result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// How well the words fit: more than 0; 1 where no words were asked.
    pub relevance: f64,
    /// True when the search names a place, so that distance counts.
    pub placed: bool,
    /// Distance from that place, where it is known.
    pub distance: Option<Kilometres>,
    /// True when the offer's reach is only assumed.
    pub assumed: bool,
    /// State of capacity.
    pub state: State,
    /// When the capacity was observed and how long it is believed; `None`: never reported.
    pub confirmed: Option<(Timestamp, Ttl)>,
    /// How well it fits; [`Fit::No`] counts as [`Fit::Decides`], for it is no result.
    pub fit: Fit,
    /// How far its "open" can be relied on, where that is known.
    pub precision: Option<Precision>,
}

/// What the directory holds of an offer's capacity at the time of a search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Its state then.
    pub state: State,
    /// When it was observed and how long that is believed; `None`: never reported.
    pub confirmed: Option<(Timestamp, Ttl)>,
}

impl Standing {
    /// What a report, or none, means at `now`.
    #[must_use]
    pub fn of(held: Option<&Held>, now: Timestamp) -> Self {
        Self {
            state: held.map_or(State::Unknown, |held| held.state_at(now)),
            confirmed: held.map(|held| (held.observed_at, held.ttl)),
        }
    }
}

/// The worth of a result; greater comes first. Finite, not negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score(f64);

impl Score {
    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Eq for Score {}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Score {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// The worth of a candidate at `now`.
#[must_use]
pub fn score(candidate: &Candidate, now: Timestamp) -> Score {
    let relevance = if candidate.relevance.is_finite() {
        candidate.relevance.max(0.0)
    } else {
        0.0
    };
    let reach = if candidate.assumed { ASSUMED } else { 1.0 };
    Score(
        relevance
            * nearness(candidate)
            * availability(candidate.state)
            * freshness(candidate, now)
            * fit(candidate.fit)
            * reach
            * reliability(candidate),
    )
}

/// The place of a result among others; greater comes first. Total: no two services are equal.
///
/// Organizations that cover more needs of a bundle come first, then better bands, then the
/// organization whose turn it is, then better scores, then the smaller public id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    /// How many needs of a bundle its organization covers; 1 outside bundles.
    pub covers: u32,
    /// Band of its score, see [`band`].
    pub band: i32,
    /// The turn of its organization, see [`rotation`].
    pub turn: u64,
    /// Its score.
    pub score: Score,
    /// The service.
    pub id: Reverse<PublicId>,
}

impl Order {
    /// The place of a result.
    ///
    /// * `covers` — see [`crate::search::Covers::count`].
    /// * `turn` — see [`rotation`].
    #[must_use]
    pub fn of(covers: u32, turn: u64, score: Score, id: PublicId) -> Self {
        Self {
            covers,
            band: band(score),
            turn,
            score,
            id: Reverse(id),
        }
    }
}

/// The band of a score: ln(score) / ln(1.1), rounded down; the lowest there is for 0.
#[must_use]
pub fn band(score: Score) -> i32 {
    if score.0 <= 0.0 {
        return i32::MIN;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "logarithms of finite numbers are within -7,900 and 7,500"
    )]
    let band = (score.0.ln() / BAND.ln()).floor() as i32;
    band
}

/// The turn of an organization among equals: the greater comes first. Another seed, other turns.
#[must_use]
pub fn rotation(seed: u64, organization: &RecordKey) -> u64 {
    turn(seed, organization_hash(organization))
}

/// The turn of the organization with this [`organization_hash`]: splitmix64 of seed xor hash.
///
/// Source: Steele, Lea & Flood 2014, <https://doi.org/10.1145/2714064.2660195>.
#[must_use]
pub fn turn(seed: u64, organization: u64) -> u64 {
    let mut z = (seed ^ organization).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The 64 bits by which search names an organization: FNV-1a over `agency/organization/id`.
///
/// Source: RFC 9923, section 2.
#[must_use]
pub fn organization_hash(organization: &RecordKey) -> u64 {
    let RecordKey { agency, kind, id } = organization;
    let parts = [agency.as_str(), "/", kind.as_str(), "/", id.as_str()];
    let bytes = parts.into_iter().flat_map(str::bytes);
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// How much a change asks of the client, in miles of further travel: near misses come in this order.
/// Waiting, calling and paying are as hard as the miles a caseworker would rather send somebody.
///
/// * `radius` — how far the search reaches; a wider one asks for the difference.
#[must_use]
pub fn burden(change: &Change, radius: Option<Kilometres>) -> f64 {
    match change {
        Change::WidenTo(miles) => {
            (f64::from(*miles) - radius.map_or(0.0, Kilometres::miles)).max(0.0)
        }
        Change::Interpreter => 8.0,
        Change::Remote => 12.0,
        Change::Neighbours => 16.0,
        Change::InPerson => 25.0,
        Change::Unconfirmed => 35.0,
        Change::Waitlist => 45.0,
        Change::AnyFee => 60.0,
        Change::WithoutTerm(_) => 80.0,
        Change::Without(Circumstance::WorkPermit) => 120.0,
        Change::Without(_) => 140.0,
        Change::AnyLanguage => 160.0,
    }
}

/// The farthest at which a result is worth `least`, were it worth `next_door` without any way to go;
/// `None` where it is worth less even there.
///
/// * `next_door`, `least` — scores, greater than 0.
#[must_use]
pub fn farthest(next_door: Score, least: f64) -> Option<Kilometres> {
    let miles = (next_door.0 / least - 1.0) * HALF_DISTANCE_MI;
    Kilometres::from_miles(miles).ok()
}

fn fit(fit: Fit) -> f64 {
    match fit {
        Fit::Fits => 1.0,
        Fit::NotStated => NOT_STATED,
        Fit::Decides | Fit::No => DECIDES,
    }
}

fn nearness(candidate: &Candidate) -> f64 {
    if !candidate.placed {
        return 1.0;
    }
    let miles = candidate
        .distance
        .map_or(UNKNOWN_DISTANCE_MI, Kilometres::miles);
    1.0 / (1.0 + miles / HALF_DISTANCE_MI)
}

fn availability(state: State) -> f64 {
    match state {
        State::Open => 1.0,
        State::Limited => 0.8,
        State::Assess => 0.5,
        State::Waitlist => 0.4,
        State::Window => 0.35,
        State::Stale => 0.25,
        State::Unknown => 0.2,
        State::Paused => 0.1,
        State::Closed => 0.05,
    }
}

/// The share of referrals that are taken over the share that is expected: 1 where nothing is known, where it
/// does as well or better, and where the service does not say that it takes referrals; never below
/// [`LEAST_RELIABLE`].
fn reliability(candidate: &Candidate) -> f64 {
    let expected = PRIOR.0 / (PRIOR.0 + PRIOR.1);
    let known = candidate
        .precision
        .filter(|_| candidate.state.takes_referrals());
    known.map_or(1.0, |precision| {
        (precision.share() / expected).clamp(LEAST_RELIABLE, 1.0)
    })
}

/// 1 when just confirmed, falling evenly to [`FRESHNESS_AT_TTL`] at the end of the time to live and
/// no further; never reported counts as that.
fn freshness(candidate: &Candidate, now: Timestamp) -> f64 {
    let Some((observed_at, ttl)) = candidate.confirmed else {
        return FRESHNESS_AT_TTL;
    };
    let age = now.duration_since(observed_at).max(SignedDuration::ZERO);
    let spent = (age.as_secs_f64() / f64::from(ttl.seconds())).min(1.0);
    1.0 - spent * (1.0 - FRESHNESS_AT_TTL)
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::id::{AgencyId, Kind, LocalId};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn open() -> Candidate {
        Candidate {
            relevance: 1.0,
            placed: true,
            distance: Some(Kilometres::from_miles(5.0).unwrap()),
            assumed: false,
            state: State::Open,
            confirmed: Some((NOW, Ttl::LONGEST)),
            fit: Fit::Fits,
            precision: None,
        }
    }

    fn relied_on(hundredths: u8, state: State) -> f64 {
        let candidate = Candidate {
            precision: Some(Precision::from_hundredths(hundredths)),
            state,
            ..open()
        };
        score(&candidate, NOW).get()
    }

    fn organization(id: &str) -> RecordKey {
        RecordKey {
            agency: AgencyId::parse("harbor").unwrap(),
            kind: Kind::Organization,
            id: LocalId::parse(id).unwrap(),
        }
    }

    #[test]
    fn nearer_more_open_and_fresher_come_first() {
        let best = score(&open(), NOW);
        let farther = Candidate {
            distance: Some(Kilometres::from_miles(6.0).unwrap()),
            ..open()
        };
        let fuller = Candidate {
            state: State::Limited,
            ..open()
        };
        let older = Candidate {
            confirmed: None,
            ..open()
        };
        let assumed = Candidate {
            assumed: true,
            ..open()
        };

        let silent = Candidate {
            fit: Fit::NotStated,
            ..open()
        };

        for worse in [farther, fuller, older, assumed, silent] {
            assert!(score(&worse, NOW) < best, "{worse:?}");
        }
    }

    #[test]
    fn what_caseworkers_say_sinks_an_open_listing_and_never_below_a_waiting_list() {
        let unknown = score(&open(), NOW).get();
        let of = |hundredths| relied_on(hundredths, State::Open);

        assert!(of(60) < unknown && of(40) < of(60));
        assert!((of(40) - unknown / 2.0).abs() < 1e-12);
        let waiting = Candidate {
            state: State::Waitlist,
            ..open()
        };
        assert!(of(0) >= score(&waiting, NOW).get());
    }

    #[test]
    fn what_caseworkers_say_lifts_nothing_and_speaks_of_open_alone() {
        let unknown = score(&open(), NOW).get();
        for hundredths in 80..=100 {
            assert_eq!(
                relied_on(hundredths, State::Open).to_bits(),
                unknown.to_bits()
            );
        }
        let waiting = Candidate {
            state: State::Waitlist,
            ..open()
        };
        let waiting = score(&waiting, NOW).get();
        assert_eq!(relied_on(0, State::Waitlist).to_bits(), waiting.to_bits());
    }

    #[test]
    fn what_may_be_open_comes_before_what_is_closed() {
        let of = |state| score(&Candidate { state, ..open() }, NOW);

        assert!(of(State::Unknown) > of(State::Closed));
        assert!(of(State::Waitlist) > of(State::Stale));
    }

    #[test]
    fn scores_within_a_tenth_share_a_band() {
        assert_eq!(band(Score(1.0)), 0);
        assert_eq!(band(Score(1.09)), 0);
        assert_eq!(band(Score(1.11)), 1);
        assert_eq!(band(Score(0.99)), -1);
        assert_eq!(band(Score(0.0)), i32::MIN);
    }

    #[test]
    fn turns_are_the_same_everywhere() {
        assert_eq!(organization_hash(&organization("a")), 0x96cd_1d5c_4c82_a547);
        assert_eq!(turn(0, 0), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn another_seed_gives_other_turns() {
        let (a, b) = (organization("a"), organization("b"));
        let a_first = (0..1_000).filter(|seed| rotation(*seed, &a) > rotation(*seed, &b));

        assert!((400..600).contains(&a_first.count()));
    }

    #[test]
    fn a_bundle_then_bands_then_turns_then_scores() {
        let id = organization("a").public_id();
        let place = |covers, turn, score| Order::of(covers, turn, Score(score), id);

        assert!(place(2, 0, 0.1) > place(1, 9, 1.0));
        assert!(place(1, 0, 1.2) > place(1, 9, 1.0));
        assert!(place(1, 9, 1.0) > place(1, 0, 1.05));
        assert!(place(1, 9, 1.05) > place(1, 9, 1.0));
    }
}
