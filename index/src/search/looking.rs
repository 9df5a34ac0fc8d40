//! Looking at candidates, one service after another, and adding up what they come to.

use referral_core::feedback::Precision;
use referral_core::geo::Kilometres;
use referral_core::id::PublicId;
use referral_core::search::{Candidate, Order, Values, score, turn, values_of_service};

use crate::error::IndexError;
use crate::generation::Generation;
use crate::live::Seen;
use crate::part::{Alone, Marks, Ordinal, Part, Service};
use crate::search::MayGoOn;
use crate::search::counts::Have;
use crate::search::driving::{WorthALook, each_service};
use crate::search::floor::Floor;
use crate::search::judge::{Judge, Judged};
use crate::search::place::{Away, Reach, distance};
use crate::search::tally::{Found, Gain, Tally};
use crate::search::together::Together;
use crate::text::{Fits, Found as Words};

/// Looks at everything that could match.
pub(crate) struct Looking<'a> {
    generation: &'a Generation,
    pub(crate) judge: &'a Judge<'a>,
    pub(crate) tally: Tally,
    floor: Floor,
    have: Vec<Have>,
    gains: Vec<(Gain, Found)>,
    together: Together,
    judged: Vec<Judged>,
    reached: Vec<(Ordinal, Seen, Reach)>,
}

impl<'a> Looking<'a> {
    pub(crate) fn new(generation: &'a Generation, judge: &'a Judge<'a>, tally: Tally) -> Self {
        Self {
            generation,
            judge,
            tally,
            floor: Floor::new(),
            have: Vec::new(),
            gains: Vec::new(),
            together: Together::default(),
            judged: Vec::new(),
            reached: Vec::new(),
        }
    }

    /// Looks at every candidate.
    pub(crate) fn all(
        &mut self,
        text: Option<&Words<'_>>,
        may_go_on: MayGoOn<'_>,
    ) -> Result<(), IndexError> {
        let (judge, generation) = (self.judge, self.generation);
        let whole = judge.asked.request.facets || self.tally.organizations.is_some();
        each_service(
            generation,
            judge,
            text,
            (may_go_on, whole),
            &mut |view, number, offers, fits| {
                let part = &generation.views()[view].part;
                if let [offer] = offers
                    && judge.listed
                    && is_plain(part, offer.ordinal)
                {
                    return self.plain(part, view, *offer, fits);
                }
                let marks = part.services[number as usize].marks;
                if marks.has(Marks::ODD) {
                    self.odd(part, (view, number), offers, fits);
                } else if judge.listed && !marks.has(Marks::LAPSES) {
                    self.several(part, (view, number), offers, fits);
                } else {
                    self.service(part, (view, number), offers, fits);
                }
            },
        )
    }

    /// A service with one offer, of which the lists say all but capacity, distance and, where that is not
    /// sure, its area.
    fn plain(&mut self, part: &Part, view: usize, look: WorthALook, fits: &mut dyn Fits) {
        let seen = part.cell(look.ordinal).read(self.judge.asked.moment);
        if let Some(reach) = self.judge.reach(part, look, seen)
            && fits.has()
        {
            let offers = [(look.ordinal, seen, reach)];
            let number = part.offer(look.ordinal).service;
            self.reached(part, (view, number), &offers, fits);
        }
    }

    /// The same for a service with several offers.
    fn several(
        &mut self,
        part: &Part,
        (view, number): (usize, u32),
        offers: &[WorthALook],
        fits: &mut dyn Fits,
    ) {
        let mut together = std::mem::take(&mut self.together);
        together.read(part, offers, self.judge.asked.moment);
        let mut reached = std::mem::take(&mut self.reached);
        let pairs = offers.iter().zip(together.seen());
        reached.extend(pairs.filter_map(|(look, &seen)| {
            let reach = self.judge.reach(part, *look, seen)?;
            Some((look.ordinal, seen, reach))
        }));
        if !reached.is_empty() && fits.has() {
            self.reached(part, (view, number), &reached, fits);
        }
        reached.clear();
        self.reached = reached;
        self.together = together;
    }

    /// A service of which these offers match.
    fn reached(
        &mut self,
        part: &Part,
        (view, number): (usize, u32),
        offers: &[(Ordinal, Seen, Reach)],
        fits: &mut dyn Fits,
    ) {
        let row = &part.services[number as usize];
        let open = |(_, seen, _): &(_, Seen, _)| seen.state.takes_referrals();
        self.tally.total += 1;
        self.tally.open += usize::from(offers.iter().any(open));
        if let Some(organizations) = &mut self.tally.organizations {
            organizations.push(row.organization);
        }
        if let Some(counts) = &mut self.tally.counts {
            let have = |(ordinal, seen, _): &(Ordinal, Seen, _)| {
                Have::of(part.offer(*ordinal), seen.state)
            };
            self.have.extend(offers.iter().map(have));
            counts.add(row, &self.have);
            self.have.clear();
        }
        if self.is_shown(row) {
            return;
        }
        self.tally.unshown += 1;
        let most = fits.most();
        let mut one: Option<One<'_>> = None;
        for (ordinal, seen, reach) in offers {
            let at = part.offer(*ordinal).at;
            if self.tally.is_full() || self.floor.is_above(most, *seen, reach.away, at) {
                continue;
            }
            let judged = self.judge.plain(row, reach);
            if self.is_behind(most, &judged, *seen, part, *ordinal) {
                continue;
            }
            let one = match &mut one {
                Some(one) => one,
                none => {
                    let Some(relevance) = fits.fit() else {
                        return;
                    };
                    none.insert(One::new(view, row, relevance))
                }
            };
            if one.relevance < most && self.is_behind(one.relevance, &judged, *seen, part, *ordinal)
            {
                continue;
            }
            let found = self.judge.found(part, one, *ordinal, &judged, *seen);
            if one.best.as_ref().is_none_or(|best| found.is_better(best)) {
                one.best = Some(found);
            }
        }
        if let Some(mut best) = one.and_then(|one| one.best) {
            best.offers = u32::try_from(offers.len()).unwrap_or(u32::MAX);
            self.tally.add(best);
            self.raise_floor(most);
        }
    }

    /// One service, with those of its offers that are worth a look.
    fn service(
        &mut self,
        part: &Part,
        (view, number): (usize, u32),
        offers: &[WorthALook],
        fits: &mut dyn Fits,
    ) {
        let judge = self.judge;
        let row = part.on(judge.asked.today, number);
        let of_service = judge.service(&row);
        let near_misses = judge.asked.request.near_misses;
        if !near_misses && !of_service.is_passing() {
            return;
        }
        let mut together = std::mem::take(&mut self.together);
        together.read(part, offers, judge.asked.moment);
        let mut verdicts = std::mem::take(&mut self.judged);
        let pairs = offers.iter().zip(together.seen());
        verdicts.extend(pairs.map(|(offer, &seen)| judge.offer(part, *offer, of_service, seen)));
        let matches = verdicts.iter().any(|judged| judged.failed.is_empty());
        let fit = (matches || near_misses).then(|| fits.fit()).flatten();
        if let Some(relevance) = fit {
            let mut one = One::new(view, &row, relevance);
            let seen = offers.iter().zip(together.seen());
            for ((offer, &seen), judged) in seen.zip(&verdicts) {
                let at = offer.ordinal;
                if judged.failed.is_empty() {
                    self.matching(part, &mut one, at, judged, seen, offers.len() == 1);
                } else if near_misses {
                    judge.helps(part, &row, at, (judged, seen), &mut |gain, fit| {
                        let judged = Judged { fit, ..*judged };
                        let found = judge.found(part, &one, at, &judged, seen);
                        self.gained(gain, found);
                    });
                }
            }
            self.finish(&one, None, fits.most());
        }
        verdicts.clear();
        self.judged = verdicts;
        self.together = together;
    }

    /// A service that rows cannot hold.
    fn odd(
        &mut self,
        part: &Part,
        (view, number): (usize, u32),
        offers: &[WorthALook],
        fits: &mut dyn Fits,
    ) {
        let (Some(facts), Some(relevance)) = (part.facts(number), fits.fit()) else {
            return;
        };
        let judge = self.judge;
        let mut one = One::new(view, &part.services[number as usize], relevance);
        let mut together = std::mem::take(&mut self.together);
        together.read(part, offers, judge.asked.moment);
        for (offer, &seen) in offers.iter().zip(together.seen()) {
            let row = part.offer(offer.ordinal);
            let Some((verdict, judged)) = judge.odd(facts, row, seen) else {
                continue;
            };
            if judged.failed.is_empty() {
                let single = offers.len() == 1;
                self.matching(part, &mut one, offer.ordinal, &judged, seen, single);
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
        self.finish(&one, Some(values), fits.most());
    }

    /// One offer that matches.
    fn matching(
        &mut self,
        part: &Part,
        one: &mut One<'_>,
        ordinal: Ordinal,
        judged: &Judged,
        seen: Seen,
        single: bool,
    ) {
        one.offers += 1;
        one.open |= seen.state.takes_referrals();
        if self.tally.counts.is_some() {
            self.have.push(Have::of(part.offer(ordinal), seen.state));
        }
        if single && self.is_behind(one.relevance, judged, seen, part, ordinal) {
            return;
        }
        let found = self.judge.found(part, one, ordinal, judged, seen);
        if one.best.as_ref().is_none_or(|best| found.is_better(best)) {
            one.best = Some(found);
        }
    }

    /// `most`: the most that words can be worth in this search.
    fn finish(&mut self, one: &One<'_>, odd: Option<Values>, most: f64) {
        let have = std::mem::take(&mut self.have);
        if one.offers > 0 {
            self.tally.total += 1;
            self.tally.open += usize::from(one.open);
            if let Some(organizations) = &mut self.tally.organizations {
                organizations.push(one.row.organization);
            }
            if !self.is_shown(one.row) {
                self.tally.unshown += 1;
                if let Some(mut best) = one.best {
                    best.offers = one.offers;
                    self.tally.add(best);
                    self.raise_floor(most);
                }
            }
            if let Some(counts) = &mut self.tally.counts {
                match odd {
                    None => counts.add(one.row, &have),
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

    /// Whether a service was shown on an earlier page.
    fn is_shown(&self, row: &Service) -> bool {
        let shown = &self.judge.asked.request.shown;
        !shown.is_empty() && shown.binary_search(&upper(row.id)).is_ok()
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
        let at = part.offer(ordinal).at;
        let asked = self.judge.asked;
        if self.tally.is_full() || self.floor.is_above(relevance, seen, judged.away, at) {
            return true;
        }
        let away = match judged.away {
            Away::Unknown => None,
            Away::Known(distance) => Some(distance),
            Away::Position => asked.circle.as_ref().map(|circle| circle.at_least(at)),
        };
        // Nothing said of it makes it worth more.
        let worth = self.judge.worth(None, relevance, judged, away, seen);
        self.floor.is_above_candidate(&worth, asked.now)
    }

    /// Works out which scores are surely too low.
    fn raise_floor(&mut self, most: f64) {
        let asked = self.judge.asked;
        let worst = self.tally.worst();
        let bundled = !asked.request.covers.is_empty();
        let Some(worst) = worst.filter(|worst| !bundled && !self.floor.is_at(worst.band)) else {
            return;
        };
        self.floor.raise(asked, worst.band, most);
    }
}

fn is_plain(part: &Part, ordinal: Ordinal) -> bool {
    part.offer(ordinal).alone == Alone::Plain
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
        let precision = asked.precision(one.row);
        let worth = self.worth(precision, one.relevance, judged, away, seen);
        let score = score(&worth, asked.now);
        let request = asked.request;
        let covers = request.covers.count(one.row.organization);
        let turn = turn(request.seed, one.row.organization);
        let id = PublicId::from_u128(one.row.id);
        Found {
            order: Order::of(covers, turn, score, id),
            score,
            part: one.view,
            ordinal,
            nth: part.offer(ordinal).nth,
            seen,
            away: away.map_or(Away::Unknown, Away::Known),
            offers: 1,
        }
    }

    fn worth(
        &self,
        precision: Option<Precision>,
        relevance: f64,
        judged: &Judged,
        distance: Option<Kilometres>,
        seen: Seen,
    ) -> Candidate {
        Candidate {
            relevance,
            placed: self.asked.request.near.is_some(),
            distance,
            assumed: judged.assumed,
            state: seen.state,
            confirmed: seen.confirmed(),
            fit: judged.fit,
            precision,
        }
    }
}

/// One service that is looked at.
pub(crate) struct One<'a> {
    view: u32,
    row: &'a Service,
    relevance: f64,
    offers: u32,
    open: bool,
    best: Option<Found>,
}

impl<'a> One<'a> {
    pub(crate) fn new(view: usize, row: &'a Service, relevance: f64) -> Self {
        Self {
            view: u32::try_from(view).unwrap_or(u32::MAX),
            row,
            relevance,
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
