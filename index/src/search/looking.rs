//! Looking at candidates, one service after another, and adding up what they come to.

use jiff::Timestamp;
use referral_core::capacity::{State, Ttl};
use referral_core::geo::Kilometres;
use referral_core::id::PublicId;
use referral_core::search::{Candidate, Order, Score, Values, score, turn, values_of_service};

use crate::error::IndexError;
use crate::generation::{Generation, View};
use crate::live::Seen;
use crate::part::{BLOCK, Marks, Ordinal, Part, Service, ones};
use crate::search::MayGoOn;
use crate::search::candidates::{Candidates, Word};
use crate::search::counts::Have;
use crate::search::judge::{Judge, Judged};
use crate::search::place::{Away, distance};
use crate::search::tally::{Found, Gain, Tally};
use crate::search::together::Together;
use crate::text::Found as Words;

/// Offers looked at between two questions whether the search may go on.
const AT_ONCE: usize = 4_096;
/// How much dearer it is to begin with the words than with the rows, for each service.
const BY_WORDS: usize = 2;

/// Offers whose rows are asked for together.
const BATCH: usize = 32;

/// Looks at everything that could match.
pub(crate) struct Looking<'a> {
    generation: &'a Generation,
    pub(crate) judge: &'a Judge<'a>,
    pub(crate) tally: Tally,
    /// Scores below this cannot come before the worst of the best.
    floor: f64,
    floor_of: Option<i32>,
    have: Vec<Have>,
    gains: Vec<(Gain, Found)>,
    together: Together,
}

/// An offer to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WorthALook {
    pub(crate) service: u32,
    pub(crate) ordinal: Ordinal,
    pub(crate) inside: bool,
}

impl<'a> Looking<'a> {
    pub(crate) fn new(generation: &'a Generation, judge: &'a Judge<'a>, tally: Tally) -> Self {
        Self {
            generation,
            judge,
            tally,
            floor: 0.0,
            floor_of: None,
            have: Vec::new(),
            gains: Vec::new(),
            together: Together::default(),
        }
    }

    /// Looks at every candidate.
    pub(crate) fn all(
        &mut self,
        text: Option<&Words<'_>>,
        may_go_on: MayGoOn<'_>,
    ) -> Result<(), IndexError> {
        let judge = self.judge;
        each_service(
            self.generation,
            judge,
            text,
            may_go_on,
            &mut |view, number, offers, fit| {
                self.service(view, number, offers, fit);
            },
        )
    }

    /// One service, with those of its offers that are worth a look.
    fn service(&mut self, view: usize, number: u32, offers: &[WorthALook], relevance: f64) {
        let part = &self.generation.views()[view].part;
        let row = &part.services[number as usize];
        if row.marks.has(Marks::ODD) {
            self.odd(view, number, offers, relevance);
            return;
        }
        let of_service = self.judge.service(row);
        let near_misses = self.judge.asked.request.near_misses;
        if !near_misses && !of_service.is_passing() {
            return;
        }
        let mut one = One::new(view, row, relevance, offers.len());
        let mut together = std::mem::take(&mut self.together);
        together.read(part, offers, self.judge.asked.moment);
        for (offer, &seen) in offers.iter().zip(together.seen()) {
            let judged = self
                .judge
                .offer(part, offer.ordinal, of_service, seen, offer.inside);
            if judged.failed.is_empty() {
                self.matching(part, &mut one, offer.ordinal, &judged, seen);
            } else if near_misses {
                let judge = self.judge;
                judge.helps(part, offer.ordinal, &judged, seen, &mut |gain, fit| {
                    let found = self.judge.found(
                        part,
                        &one,
                        offer.ordinal,
                        &Judged { fit, ..judged },
                        seen,
                    );
                    self.gained(gain, found);
                });
            }
        }
        self.together = together;
        self.finish(&one, None);
    }

    /// A service that rows cannot hold.
    fn odd(&mut self, view: usize, number: u32, offers: &[WorthALook], relevance: f64) {
        let part = &self.generation.views()[view].part;
        let Some(facts) = part.facts(number) else {
            return;
        };
        let judge = self.judge;
        let mut one = One::new(
            view,
            &part.services[number as usize],
            relevance,
            offers.len(),
        );
        let mut together = std::mem::take(&mut self.together);
        together.read(part, offers, judge.asked.moment);
        for (offer, &seen) in offers.iter().zip(together.seen()) {
            let row = &part.offers[offer.ordinal as usize];
            let Some((verdict, judged)) = judge.odd(facts, row, seen) else {
                continue;
            };
            if judged.failed.is_empty() {
                self.matching(part, &mut one, offer.ordinal, &judged, seen);
            } else if judge.asked.request.near_misses {
                judge.helps_odd(facts, row.nth, &verdict, seen, &mut |gain, fit| {
                    if !matches!(gain, Gain::WidenTo(_)) {
                        let judged = Judged { fit, ..judged };
                        let found = self.judge.found(part, &one, offer.ordinal, &judged, seen);
                        self.gained(gain, found);
                    }
                });
            }
        }
        self.together = together;
        let mut values = Values::new();
        if one.offers > 0 && self.tally.counts.is_some() {
            values_of_service(facts, judge.asked.today, &mut values);
        }
        self.finish(&one, Some(values));
    }

    /// One offer that matches.
    fn matching(
        &mut self,
        part: &Part,
        one: &mut One<'_>,
        ordinal: Ordinal,
        judged: &Judged,
        seen: Seen,
    ) {
        one.offers += 1;
        one.open |= seen.state.takes_referrals();
        if self.tally.counts.is_some() {
            self.have
                .push(Have::of(&part.offers[ordinal as usize], seen.state));
        }
        if one.single && self.is_behind(one.relevance, judged, seen, part, ordinal) {
            return;
        }
        let found = self.judge.found(part, one, ordinal, judged, seen);
        if one.best.as_ref().is_none_or(|best| found.is_better(best)) {
            one.best = Some(found);
        }
    }

    fn finish(&mut self, one: &One<'_>, odd: Option<Values>) {
        let have = std::mem::take(&mut self.have);
        if one.offers > 0 {
            self.tally.total += 1;
            self.tally.open += usize::from(one.open);
            if let Some(organizations) = &mut self.tally.organizations {
                organizations.push(one.row.organization);
            }
            let shown = &self.judge.asked.request.shown;
            if shown.is_empty() || shown.binary_search(&upper(one.row.id)).is_err() {
                self.tally.unshown += 1;
                if let Some(mut best) = one.best {
                    best.offers = one.offers;
                    self.tally.add(best);
                    self.raise_floor();
                }
            }
            if let Some(counts) = &mut self.tally.counts {
                match odd {
                    None => counts.add(one.row, &have, self.judge.asked.sets),
                    Some(values) => counts.add_odd(values, &have),
                }
            }
        }
        self.have = have;
        self.have.clear();
        let mut gains = std::mem::take(&mut self.gains);
        for (gain, found) in gains.drain(..) {
            if one.offers == 0 || gain == Gain::Unconfirmed {
                self.tally.gain(gain, found);
            }
        }
        self.gains = gains;
    }

    fn gained(&mut self, gain: Gain, found: Found) {
        match self.gains.iter_mut().find(|(known, _)| *known == gain) {
            Some((_, best)) if found.is_better(best) => *best = found,
            Some(_) => {}
            None => self.gains.push((gain, found)),
        }
    }

    /// Whether an offer surely comes behind the worst of the best: told without the exact distance.
    fn is_behind(
        &self,
        relevance: f64,
        judged: &Judged,
        seen: Seen,
        part: &Part,
        ordinal: Ordinal,
    ) -> bool {
        if self.tally.is_full() {
            return true;
        }
        if self.floor_of.is_none() {
            return false;
        }
        let away = match judged.away {
            Away::Unknown => None,
            Away::Known(distance) => Some(distance),
            Away::Position => {
                let at = part.offers[ordinal as usize].at;
                self.judge
                    .asked
                    .circle
                    .as_ref()
                    .map(|circle| circle.at_least(at))
            }
        };
        // At its freshest first: then nothing has to be worked out for most.
        let freshest = Some((self.judge.asked.now, Ttl::LONGEST));
        let is_below = |confirmed| {
            let score = self
                .judge
                .score(relevance, judged, away, seen.state, confirmed);
            score.get() < self.floor
        };
        is_below(freshest) || is_below(seen.confirmed())
    }

    /// Works out which scores are surely too low.
    fn raise_floor(&mut self) {
        let worst = self.tally.worst();
        let bundled = !self.judge.asked.request.covers.is_empty();
        let Some(worst) = worst.filter(|_| !bundled) else {
            return;
        };
        if self.floor_of != Some(worst.band) {
            self.floor_of = Some(worst.band);
            self.floor = floor_of(worst.band);
        }
    }
}

impl Judge<'_> {
    /// An offer with its worth.
    pub(crate) fn found(
        &self,
        part: &Part,
        one: &One<'_>,
        ordinal: Ordinal,
        judged: &Judged,
        seen: Seen,
    ) -> Found {
        let asked = self.asked;
        let away = match judged.away {
            Away::Position => distance(asked, part.point(ordinal)),
            Away::Known(distance) => Some(distance),
            Away::Unknown => None,
        };
        let score = self.score(one.relevance, judged, away, seen.state, seen.confirmed());
        let request = asked.request;
        let covers = request.covers.count(one.row.organization);
        let turn = turn(request.seed, one.row.organization);
        let id = PublicId::from_u128(one.row.id);
        Found {
            order: Order::of(covers, turn, score, id),
            score,
            part: one.view,
            ordinal,
            nth: part.offers[ordinal as usize].nth,
            seen,
            away: away.map_or(Away::Unknown, Away::Known),
            offers: 1,
        }
    }

    fn score(
        &self,
        relevance: f64,
        judged: &Judged,
        away: Option<Kilometres>,
        state: State,
        confirmed: Option<(Timestamp, Ttl)>,
    ) -> Score {
        let asked = self.asked;
        let worth = Candidate {
            relevance,
            placed: asked.request.near.is_some(),
            distance: away,
            assumed: judged.assumed,
            state,
            confirmed,
            fit: judged.fit,
        };
        score(&worth, asked.now)
    }
}

/// A score that is surely in a lower band than this one, and so is every score below it.
fn floor_of(band: i32) -> f64 {
    /// Keeps rounding on the safe side.
    const CUSHION: f64 = 1.0 - 1e-9;
    1.1f64.powi(band) * CUSHION
}

/// One service that is looked at.
pub(crate) struct One<'a> {
    view: u32,
    row: &'a Service,
    relevance: f64,
    single: bool,
    offers: u32,
    open: bool,
    best: Option<Found>,
}

impl<'a> One<'a> {
    pub(crate) fn new(view: usize, row: &'a Service, relevance: f64, offers: usize) -> Self {
        Self {
            view: u32::try_from(view).unwrap_or(u32::MAX),
            row,
            relevance,
            single: offers == 1,
            offers: 0,
            open: false,
            best: None,
        }
    }
}

/// The upper half of a public id, see [`referral_core::id::PublicId::upper`].
fn upper(id: u128) -> u64 {
    PublicId::from_u128(id).upper()
}

/// A view, a service in it, its candidates, and how well the words fit.
type EachService<'a> = &'a mut dyn FnMut(usize, u32, &[WorthALook], f64);

/// Calls `each` for every service that could match, with all of its offers that could.
pub(crate) fn each_service(
    generation: &Generation,
    judge: &Judge<'_>,
    text: Option<&Words<'_>>,
    may_go_on: MayGoOn<'_>,
    each: EachService<'_>,
) -> Result<(), IndexError> {
    let Some(text) = text else {
        for (at, view) in generation.views().iter().enumerate() {
            let each = &mut |number, offers: &[WorthALook]| each(at, number, offers, 1.0);
            in_view(judge, view, may_go_on, each)?;
        }
        return Ok(());
    };
    if !rows_first(generation, judge, text.cost() / BY_WORDS) {
        return by_words(generation, judge, text, may_go_on, each);
    }
    let mut waiting = Waiting::default();
    for (at, view) in generation.views().iter().enumerate() {
        in_view(judge, view, may_go_on, &mut |number, offers| {
            waiting.add(judge, view, at, number, offers);
        })?;
    }
    let fits = text.fits(&waiting.slots).map_err(IndexError::Text)?;
    for (service, fit) in waiting.services.iter().zip(fits) {
        if let Some(fit) = fit {
            let offers = &waiting.offers[service.from..service.to];
            each(service.view, service.number, offers, fit);
        }
    }
    Ok(())
}

/// Services that would match if they had the words.
#[derive(Default)]
struct Waiting {
    services: Vec<Waits>,
    slots: Vec<crate::slots::Slot>,
    offers: Vec<WorthALook>,
}

struct Waits {
    view: usize,
    number: u32,
    from: usize,
    to: usize,
}

impl Waiting {
    fn add(
        &mut self,
        judge: &Judge<'_>,
        view: &View,
        at: usize,
        number: u32,
        offers: &[WorthALook],
    ) {
        let row = &view.part.services[number as usize];
        if !could_match(judge, &view.part, row, offers) {
            return;
        }
        let from = self.offers.len();
        self.offers.extend_from_slice(offers);
        self.slots.push(row.slot);
        self.services.push(Waits {
            view: at,
            number,
            from,
            to: self.offers.len(),
        });
    }
}

/// Whether the rows of a service leave it a chance, so that its words are worth a look.
fn could_match(judge: &Judge<'_>, part: &Part, row: &Service, offers: &[WorthALook]) -> bool {
    if row.marks.has(Marks::ODD) {
        return true;
    }
    let service = judge.service(row);
    if judge.asked.request.near_misses {
        return service.may_help();
    }
    service.is_passing()
        && offers.iter().any(|offer| {
            let seen = part.cells[offer.ordinal as usize].read(judge.asked.moment);
            let judged = judge.offer(part, offer.ordinal, service, seen, offer.inside);
            judged.failed.is_empty()
        })
}

/// Whether fewer services are left by the rows than have the words.
fn rows_first(generation: &Generation, judge: &Judge<'_>, by_words: usize) -> bool {
    let mut left = 0;
    for view in generation.views() {
        if let Some(candidates) = Candidates::of(judge.asked, &view.part) {
            candidates.each(|word| {
                left += word.offers.count_ones() as usize;
                left <= by_words
            });
        }
        if left > by_words {
            return false;
        }
    }
    true
}

/// Calls `each` for every service that has the words and is left by the rows.
fn by_words(
    generation: &Generation,
    judge: &Judge<'_>,
    text: &Words<'_>,
    may_go_on: MayGoOn<'_>,
    each: EachService<'_>,
) -> Result<(), IndexError> {
    let mut stopped = Ok(());
    let mut looked = 0;
    let mut offers = Vec::new();
    text.each(&mut |slot, fit| {
        looked += 1;
        if looked % AT_ONCE == 0 && stopped.is_ok() {
            stopped = may_go_on();
        }
        let Some((at, number)) = generation.home(slot).filter(|_| stopped.is_ok()) else {
            return;
        };
        let view = &generation.views()[at];
        offers.clear();
        let ordinals = view.part.ordinals(number).iter();
        let alive = ordinals.filter(|&&ordinal| view.alive.has(ordinal));
        offers.extend(alive.map(|&ordinal| WorthALook {
            service: number,
            ordinal,
            inside: false,
        }));
        let row = &view.part.services[number as usize];
        if !offers.is_empty()
            && could_match(judge, &view.part, row, &offers)
            && let Some(fit) = fit()
        {
            each(at, number, &offers, fit);
        }
    })
    .map_err(IndexError::Text)?;
    Ok(stopped?)
}

/// Calls `each` for every service of a view with offers worth a look.
fn in_view(
    judge: &Judge<'_>,
    view: &View,
    may_go_on: MayGoOn<'_>,
    each: &mut dyn FnMut(u32, &[WorthALook]),
) -> Result<(), IndexError> {
    let part = &view.part;
    let Some(candidates) = Candidates::of(judge.asked, part) else {
        return Ok(());
    };
    let mut several: Vec<WorthALook> = Vec::new();
    let mut batch: Vec<WorthALook> = Vec::with_capacity(BATCH + BLOCK);
    let mut looked = 0;
    let mut stopped = Ok(());
    candidates.each(|word| {
        looked += 1 + word.offers.count_ones() as usize;
        if looked > AT_ONCE {
            looked = 0;
            stopped = may_go_on();
        }
        batch.extend(of_word(view, word));
        if batch.len() >= BATCH {
            flush(part, &mut batch, &mut several, each);
        }
        stopped.is_ok()
    });
    stopped?;
    flush(part, &mut batch, &mut several, each);
    several.sort_unstable();
    for same in several.chunk_by(|a, b| a.service == b.service) {
        each(same[0].service, same);
    }
    Ok(())
}

/// Looks at a batch. All of its rows are asked for before the first is looked at, so that the processor
/// waits for many of them at once.
fn flush(
    part: &Part,
    batch: &mut Vec<WorthALook>,
    several: &mut Vec<WorthALook>,
    each: &mut dyn FnMut(u32, &[WorthALook]),
) {
    let touched = batch.iter().fold(0, |touched, offer| {
        let row = &part.services[offer.service as usize];
        touched ^ row.codes[0] ^ part.cells[offer.ordinal as usize].stamp()
    });
    std::hint::black_box(touched);
    for offer in batch.drain(..) {
        if part.offers[offer.ordinal as usize].only {
            each(offer.service, &[offer]);
        } else {
            several.push(offer);
        }
    }
}

fn of_word(view: &View, word: Word) -> impl Iterator<Item = WorthALook> {
    let alive = word.offers & view.alive.word(word.block);
    ones(alive).filter_map(move |bit| {
        let ordinal = u32::try_from(word.block * BLOCK).ok()? + bit;
        Some(WorthALook {
            service: view.part.offers[ordinal as usize].service,
            ordinal,
            inside: word.inside,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use referral_core::search::{Fit, band};

    #[test]
    fn scores_below_the_floor_are_in_a_lower_band() {
        for at in -300..300 {
            let floor = floor_of(at);
            // Scores are made from candidates only: relevance alone gives any number.
            let below = Candidate {
                relevance: floor * (1.0 - 1e-12),
                placed: false,
                distance: None,
                assumed: false,
                state: State::Open,
                confirmed: Some((Timestamp::UNIX_EPOCH, Ttl::LONGEST)),
                fit: Fit::Fits,
            };

            assert!(band(score(&below, Timestamp::UNIX_EPOCH)) < at);
        }
    }
}
