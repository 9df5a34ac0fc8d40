//! Answering a search.
//!
//! [`Asked`] turns the request into bits and boxes, [`Candidates`] says which offers are worth a look,
//! [`Judge`] which of them match, [`Tally`] what that comes to. What a match is, what it is worth and what
//! would help is decided in `core::search`; `core::search::scan` is what every answer here is compared with.

mod asked;
mod candidates;
mod counts;
mod driving;
mod floor;
mod helps;
mod judge;
mod looking;
mod place;
mod placed;
mod tally;
mod together;
mod widen;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use referral_core::capacity::{Held, State};
use referral_core::feedback::Precision;
use referral_core::geo::Kilometres;
use referral_core::id::{LocalId, PublicId, RecordKey};
use referral_core::search::{Access, Change, Facets, NearMiss, Request, Score, sort};
use referral_core::vocabulary::Code;

use crate::error::IndexError;
use crate::generation::Generation;
use crate::search::looking::Looking;
use crate::search::place::{Away, distance};
use crate::search::tally::{Found, Gain, Tally};

pub(crate) use asked::{Asked, Lookup, language_bit};
pub(crate) use driving::{WorthALook, candidates, each_service};
pub(crate) use judge::Judge;

/// Most services that one search shows, over all of its pages.
const MOST_SHOWN: usize = 1_000;

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// How many services match, however many are shown.
    pub total: usize,
    /// How many of them have a matching offer that takes referrals now.
    pub open: usize,
    /// The best not shown before, best first, at most [`Request::limit`].
    pub hits: Vec<Hit>,
    /// True when further services match and a next page may show them.
    pub more: bool,
    /// Facets, where asked for; otherwise empty.
    pub facets: Facets,
    /// Near misses, where asked for, smallest change first; otherwise empty.
    pub near_misses: Vec<NearMiss<Hit>>,
}

/// One service that matches, shown by its best offer.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The service.
    pub key: RecordKey,
    /// The place of the offer in [`referral_core::search::Facts::offers`].
    pub offer: usize,
    /// The location of the offer; `None` for remote ones and where none is stated.
    pub location: Option<LocalId>,
    /// The state of its capacity at the time of the search.
    pub state: State,
    /// The report the state comes from; `None`: never reported.
    pub held: Option<Arc<Held>>,
    /// Distance from the place searched near; none where it may not be known or has no meaning.
    pub distance: Option<Kilometres>,
    /// What put it in its place.
    pub score: Score,
    /// How many offers of the service match, 1 or more.
    pub offers: usize,
}

/// Why a search was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It took too long.
    Deadline,
    /// Nobody waits for the answer any more.
    Cancelled,
}

/// Asked every few thousand offers: whether the search is to go on.
pub type MayGoOn<'a> = &'a dyn Fn() -> Result<(), Stopped>;

/// Where the newest report of an offer is found: the service and the location.
pub(crate) type Reported<'a> = &'a dyn Fn(u128, Option<&LocalId>) -> Option<Held>;

/// What a search reads beside the generation.
pub(crate) struct Around<'a> {
    pub(crate) look: &'a dyn Fn(&Code) -> Lookup,
    pub(crate) reported: Reported<'a>,
    /// How far each service's "open" can be relied on, where that is known.
    pub(crate) reliance: &'a HashMap<PublicId, Precision>,
    pub(crate) may_go_on: MayGoOn<'a>,
    pub(crate) now: Timestamp,
}

/// The services that answer `request`, best first.
pub(crate) fn answer(
    generation: &Generation,
    request: &Request,
    around: &Around<'_>,
) -> Result<Answer, IndexError> {
    let asked = Asked::of(request, generation.sets(), around);
    let judge = Judge::new(&asked);
    let text = generation.find(request)?;
    let tally = Tally::new(request.room(), request.facets, false);
    let mut looking = Looking::new(generation, &judge, tally);
    looking.all(text.as_ref(), around.may_go_on)?;
    let mut tally = looking.tally;
    if request.near_misses {
        widen::widen(generation, &judge, text.as_ref(), around, &mut tally)?;
    }
    let hit = |found: &Found| hit(generation, &asked, found, around);
    let near_misses = near_misses(&mut tally, request, &hit);
    let facets = tally.counts.take();
    let facets = facets.map_or_else(Facets::default, |counts| counts.facets(asked.sets));
    let (total, open, unshown) = (tally.total, tally.open, tally.unshown);
    let best = tally.into_best();
    let shown = request.shown.len() + best.len();
    Ok(Answer {
        total,
        open,
        more: unshown > best.len() && shown < MOST_SHOWN,
        hits: best.iter().filter_map(hit).collect(),
        facets,
        near_misses,
    })
}

/// The organizations of the services that answer `request`, by
/// [`referral_core::search::organization_hash`], sorted.
pub(crate) fn organizations(
    generation: &Generation,
    request: &Request,
    around: &Around<'_>,
) -> Result<Vec<u64>, IndexError> {
    let plain = Request {
        near_misses: false,
        facets: false,
        ..request.clone()
    };
    let asked = Asked::of(&plain, generation.sets(), around);
    let judge = Judge::new(&asked);
    let text = generation.find(&plain)?;
    let mut looking = Looking::new(generation, &judge, Tally::new(0, false, true));
    looking.all(text.as_ref(), around.may_go_on)?;
    let mut organizations = looking.tally.organizations.unwrap_or_default();
    organizations.sort_unstable();
    organizations.dedup();
    Ok(organizations)
}

fn hit(
    generation: &Generation,
    asked: &Asked<'_>,
    found: &Found,
    around: &Around<'_>,
) -> Option<Hit> {
    let part = &generation.views()[found.part as usize].part;
    let offer = part.offer(found.ordinal);
    let location = part.location(found.ordinal);
    Some(Hit {
        key: part.key(offer.service, asked.sets)?,
        offer: usize::from(offer.nth),
        held: (around.reported)(found.id().as_u128(), location.as_ref()).map(Arc::new),
        location,
        state: found.seen.state,
        distance: match found.away {
            Away::Unknown => None,
            Away::Known(distance) => Some(distance),
            Away::Position => distance(asked, part.point(found.ordinal)),
        },
        score: found.score,
        offers: found.offers as usize,
    })
}

/// What was gained, as promises: every count with what matches already.
fn near_misses(
    tally: &mut Tally,
    request: &Request,
    hit: &dyn Fn(&Found) -> Option<Hit>,
) -> Vec<NearMiss<Hit>> {
    let gains = std::mem::take(&mut tally.gains).into_iter();
    let misses = gains.filter_map(|(gain, gained, best)| {
        let kept = if gain == Gain::Unconfirmed {
            0
        } else {
            tally.total
        };
        Some(NearMiss {
            change: change(gain, request)?,
            count: kept + gained,
            best: hit(&best)?,
        })
    });
    let mut misses: Vec<NearMiss<Hit>> = misses.collect();
    sort(&mut misses, request);
    misses
}

fn change(gain: Gain, request: &Request) -> Option<Change> {
    Some(match gain {
        Gain::Waitlist => Change::Waitlist,
        Gain::Unconfirmed => Change::Unconfirmed,
        Gain::WidenTo(miles) => Change::WidenTo(miles),
        Gain::Interpreter => Change::Interpreter,
        Gain::AnyLanguage => Change::AnyLanguage,
        Gain::Access if request.access == Access::Remote => Change::InPerson,
        Gain::Access => Change::Remote,
        Gain::Neighbours => Change::Neighbours,
        Gain::AnyFee => Change::AnyFee,
        Gain::Without(which) => Change::Without(which),
        Gain::WithoutTerm(at) => {
            Change::WithoutTerm(request.need.as_ref()?.all_of.get(at)?.clone())
        }
    })
}
