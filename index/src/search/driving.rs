//! In which way candidates are found: by what rows say, by their words, or by whichever leaves fewer.

use crate::error::IndexError;
use crate::generation::{Generation, View};
use crate::pairs::{Beside, Pair};
use crate::part::{Alone, BLOCK, Marks, Offer, Ordinal, Part, ones};
use crate::search::MayGoOn;
use crate::search::candidates::{Candidates, Word};
use crate::search::judge::Judge;
use crate::slots::Slot;
use crate::text::{Among, Fits, Found as Words};

/// Offers looked at between two questions whether the search may go on.
const AT_ONCE: usize = 4_096;
/// How much dearer it is to look words up for a row than to go through all that have them.
const LOOKED_UP: usize = 8;
/// How many offers are turned into documents in the time in which one document is turned into offers.
const MAPPED: usize = 4;
/// Offers whose rows are asked for together.
const BATCH: usize = 64;

/// An offer to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WorthALook {
    pub(crate) ordinal: Ordinal,
    /// Its position, if it has one, is inside the circle.
    pub(crate) inside: bool,
    /// Its areas hold the place searched for sure.
    pub(crate) area: bool,
}

/// A fit that is known.
pub(crate) struct Given(pub(crate) f64);

impl Fits for Given {
    fn has(&mut self) -> bool {
        true
    }

    fn fit(&mut self) -> Option<f64> {
        Some(self.0)
    }

    fn most(&self) -> f64 {
        self.0.max(1.0)
    }
}

/// A view, a service in it, its candidates, and how well the words fit.
type EachService<'a> = &'a mut dyn FnMut(usize, u32, &[WorthALook], &mut dyn Fits);

/// Calls `each` for every service that could match, with all of its offers that could.
///
/// * `whole` — whether rows of services are looked at anyway.
pub(crate) fn each_service(
    generation: &Generation,
    judge: &Judge<'_>,
    text: Option<&Words<'_>>,
    (may_go_on, whole): (MayGoOn<'_>, bool),
    each: EachService<'_>,
) -> Result<(), IndexError> {
    let rows = Rows {
        judge,
        may_go_on,
        whole: whole || !judge.listed,
    };
    let Some(text) = text else {
        for (at, view) in generation.views().iter().enumerate() {
            rows.of_view(view, &mut |number, offers| {
                each(at, number, offers, &mut Given(1.0));
            })?;
        }
        return Ok(());
    };
    let few = text.cost() / LOOKED_UP;
    if candidates(generation, judge, few) > few {
        return by_words(generation, judge, text, may_go_on, each);
    }
    let mut waiting = Waiting::default();
    for (at, view) in generation.views().iter().enumerate() {
        rows.of_view(view, &mut |number, offers| {
            waiting.add(judge, view, at, number, offers);
        })?;
    }
    let fits = text.fits(&waiting.slots, may_go_on)?;
    for (service, fit) in waiting.services.iter().zip(fits) {
        if let Some(fit) = fit {
            service.give(generation, &waiting.offers, &mut Given(fit), each);
        }
    }
    Ok(())
}

/// How many offers the lists leave: as many as match, or more. It stops counting beyond `most`.
pub(crate) fn candidates(generation: &Generation, judge: &Judge<'_>, most: usize) -> usize {
    let mut left = 0;
    for view in generation.views() {
        if let Some(candidates) = Candidates::of(judge.asked, &view.part) {
            candidates.each(|word| {
                left += word.offers.count_ones() as usize;
                left <= most
            });
        }
        if left > most {
            break;
        }
    }
    left
}

/// Services that would match if they had the words.
#[derive(Default)]
struct Waiting {
    services: Vec<Waits>,
    slots: Vec<Slot>,
    offers: Vec<WorthALook>,
}

/// A service, by its view and its offers among those of several.
struct Waits {
    view: usize,
    from: usize,
    to: usize,
}

impl Waits {
    /// Calls `each` for it; `all`: the offers of several services.
    fn give(
        &self,
        generation: &Generation,
        all: &[WorthALook],
        fits: &mut dyn Fits,
        each: EachService<'_>,
    ) {
        let offers = &all[self.from..self.to];
        if let [first, ..] = offers {
            let part = &generation.views()[self.view].part;
            let number = part.offer(first.ordinal).service;
            each(self.view, number, offers, fits);
        }
    }
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
        if !could_match(judge, &view.part, number, offers) {
            return;
        }
        let from = self.offers.len();
        self.offers.extend_from_slice(offers);
        self.slots.push(view.part.services[number as usize].slot);
        self.services.push(Waits {
            view: at,
            from,
            to: self.offers.len(),
        });
    }
}

/// Whether the rows of a service leave it a chance, so that its words are worth a look.
fn could_match(judge: &Judge<'_>, part: &Part, number: u32, offers: &[WorthALook]) -> bool {
    let row = &part.services[number as usize];
    if row.marks.has(Marks::ODD) {
        return true;
    }
    let service = judge.service(&part.on(judge.asked.today, number));
    if judge.asked.request.near_misses {
        return service.may_help();
    }
    service.is_passing()
        && offers.iter().any(|offer| {
            let seen = part.cell(offer.ordinal).read(judge.asked.moment);
            let judged = judge.offer(part, *offer, service, seen);
            judged.failed.is_empty()
        })
}

/// Calls `each` for every service that has the words and is left by the rows.
fn by_words(
    generation: &Generation,
    judge: &Judge<'_>,
    text: &Words<'_>,
    may_go_on: MayGoOn<'_>,
    each: EachService<'_>,
) -> Result<(), IndexError> {
    let views = generation.views().iter();
    let left: Vec<Left> = views.map(|view| Left::of(judge, view)).collect();
    let whole = !judge.listed || judge.asked.request.facets;
    let (mut services, mut offers) = (Vec::new(), Vec::new());
    let among = among(generation, &left, text);
    text.each(among.as_ref(), may_go_on, &mut |some| {
        services.clear();
        offers.clear();
        let beside = some.segment.and_then(|s| generation.pair_of(s));
        for (place, slot) in some.slots.iter().enumerate() {
            let doc = some.docs().get(place).copied();
            let beside = beside.zip(doc).and_then(|((view, pair), doc)| {
                let beside = pair.offers(doc)?;
                Some((view, beside))
            });
            let from = offers.len();
            if let Some(view) = offers_of(generation, &left, beside, *slot, &mut offers) {
                let to = offers.len();
                services.push((place, Waits { view, from, to }));
            }
        }
        touch_views(generation, &services, &offers, whole);
        for (place, service) in &services {
            service.give(generation, &offers, &mut some.fits(*place), each);
        }
    })
}

/// The view of a service; adds those of its offers that the rows leave. `None`: they leave none. No row is read: what
/// is waited for is waited for by [`touch`].
///
/// * `beside` — what a table says about its document: the view, and the offers.
fn offers_of(
    generation: &Generation,
    left: &[Left],
    beside: Option<(usize, Beside)>,
    slot: Slot,
    offers: &mut Vec<WorthALook>,
) -> Option<usize> {
    let mut all_of = |(at, number): (usize, u32)| {
        let from = offers.len();
        let ordinals = generation.views()[at].part.ordinals(number).iter();
        offers.extend(ordinals.filter_map(|&ordinal| left[at].look(ordinal)));
        (offers.len() > from).then_some(at)
    };
    match beside {
        None => {}
        Some((at, Beside::One(ordinal))) => {
            if let Some(look) = left[at].look(ordinal) {
                offers.push(look);
                return Some(at);
            }
            if generation.views()[at].alive.has(ordinal) {
                return None;
            }
        }
        Some((at, Beside::Service(number))) => {
            let view = &generation.views()[at];
            if let Some(at) = all_of((at, number)) {
                return Some(at);
            }
            if view.part.is_alive(&view.alive, number) {
                return None;
            }
        }
    }
    // It moved on since the table was made, or none has it.
    all_of(generation.home(slot)?)
}

/// The documents of what the rows leave, where these are so few that it is less work to look for them than to
/// look at everything that has the words.
fn among(generation: &Generation, left: &[Left], text: &Words<'_>) -> Option<Among> {
    let words = left.iter().flat_map(|left| &left.offers);
    let offers: usize = words.map(|word| word.count_ones() as usize).sum();
    (offers < text.cost() * MAPPED).then(|| {
        let mut among = text.among();
        for (view, left) in generation.views().iter().zip(left) {
            let pairs: Vec<&Pair> = generation.pairs_of(view.id).collect();
            for ordinal in left.ordinals() {
                let document = |pair: &&Pair| Some((pair.segment, pair.document(ordinal)?));
                if let Some((segment, doc)) = pairs.iter().find_map(document) {
                    among.add(segment, doc);
                } else {
                    let service = view.part.offer(ordinal).service;
                    text.add_service(view.part.slot(service), &mut among);
                }
            }
        }
        among
    })
}

/// What the rows leave of a view, a bit for each offer.
struct Left {
    offers: Vec<u64>,
    area: Vec<u64>,
    inside: Vec<u64>,
}

impl Left {
    fn of(judge: &Judge<'_>, view: &View) -> Self {
        let none = || vec![0; view.part.blocks.len()];
        let mut left = Self {
            offers: none(),
            area: none(),
            inside: none(),
        };
        if let Some(candidates) = Candidates::of(judge.asked, &view.part) {
            candidates.each(|word| {
                left.offers[word.block] = word.offers & view.alive.word(word.block);
                left.area[word.block] = word.area;
                left.inside[word.block] = if word.inside { u64::MAX } else { 0 };
                true
            });
        }
        left
    }

    /// The offers that are left, in order.
    fn ordinals(&self) -> impl Iterator<Item = Ordinal> {
        let words = (0..).step_by(BLOCK).zip(&self.offers);
        words.flat_map(|(first, &word)| ones(word).map(move |bit| first + bit))
    }

    fn look(&self, ordinal: Ordinal) -> Option<WorthALook> {
        let (block, bit) = crate::part::split(ordinal);
        let has = |words: &[u64]| words[block] & (1 << bit) != 0;
        has(&self.offers).then(|| WorthALook {
            ordinal,
            inside: has(&self.inside),
            area: has(&self.area),
        })
    }
}

/// Looks at candidates by what rows say of them.
struct Rows<'a> {
    judge: &'a Judge<'a>,
    may_go_on: MayGoOn<'a>,
    /// Whether the rows of services are looked at for all candidates.
    whole: bool,
}

impl Rows<'_> {
    /// Calls `each` for every service of a view with offers worth a look.
    fn of_view(
        &self,
        view: &View,
        each: &mut dyn FnMut(u32, &[WorthALook]),
    ) -> Result<(), IndexError> {
        (self.may_go_on)()?;
        let part = &view.part;
        let Some(candidates) = Candidates::of(self.judge.asked, part) else {
            return Ok(());
        };
        let mut several: Vec<(u32, WorthALook)> = Vec::new();
        let mut batch: Vec<WorthALook> = Vec::with_capacity(BATCH + BLOCK);
        let mut looked = 0;
        let mut stopped = Ok(());
        candidates.each(|word| {
            looked += 1 + word.offers.count_ones() as usize;
            if looked > AT_ONCE {
                looked = 0;
                stopped = (self.may_go_on)();
            }
            batch.extend(of_word(view, word));
            if batch.len() >= BATCH {
                self.flush(part, &mut batch, &mut several, each);
            }
            stopped.is_ok()
        });
        stopped?;
        self.flush(part, &mut batch, &mut several, each);
        several.sort_unstable();
        let offers: Vec<WorthALook> = several.iter().map(|(_, offer)| *offer).collect();
        let mut touched_to = 0;
        let mut at = 0;
        for same in several.chunk_by(|(a, _), (b, _)| a == b) {
            if at >= touched_to {
                touched_to = (at + BATCH).min(several.len());
                touch(part, &offers[at..touched_to], |_| true);
            }
            let to = at + same.len();
            each(same[0].0, &offers[at..to]);
            at = to;
        }
        Ok(())
    }

    /// Looks at a batch. All of its rows are asked for before the first is looked at, so that the processor
    /// waits for many of them at once.
    fn flush(
        &self,
        part: &Part,
        batch: &mut Vec<WorthALook>,
        several: &mut Vec<(u32, WorthALook)>,
        each: &mut dyn FnMut(u32, &[WorthALook]),
    ) {
        // Of most offers the lists say all that is asked; services with several are looked at later.
        touch(part, batch, |offer| match offer.alone {
            Alone::No => false,
            Alone::Odd => true,
            Alone::Plain => self.whole,
        });
        for look in batch.drain(..) {
            let offer = part.offer(look.ordinal);
            if offer.alone == Alone::No {
                several.push((offer.service, look));
            } else {
                each(offer.service, &[look]);
            }
        }
    }
}

/// Asks for the rows of offers, then for those of the services of some of them, without waiting for one before asking
/// for the next.
fn touch(part: &Part, offers: &[WorthALook], service: impl Fn(&Offer) -> bool) {
    let rows = offers
        .iter()
        .fold(0, |rows, offer| rows ^ part.cell(offer.ordinal).stamp());
    let offers = offers.iter().map(|look| part.offer(look.ordinal));
    let services = offers.filter(|offer| service(offer));
    let services = services.fold(0, |services, offer| {
        services ^ part.services[offer.service as usize].codes[0]
    });
    std::hint::black_box((rows, services));
}

/// The same for offers of several views.
fn touch_views(
    generation: &Generation,
    services: &[(usize, Waits)],
    offers: &[WorthALook],
    whole: bool,
) {
    for same in services.chunk_by(|(_, a), (_, b)| a.view == b.view) {
        if let (Some((_, first)), Some((_, last))) = (same.first(), same.last()) {
            let part = &generation.views()[first.view].part;
            touch(part, &offers[first.from..last.to], |offer| {
                whole || offer.alone != Alone::Plain
            });
        }
    }
}

fn of_word(view: &View, word: Word) -> impl Iterator<Item = WorthALook> {
    let alive = word.offers & view.alive.word(word.block);
    ones(alive).filter_map(move |bit| {
        let ordinal = u32::try_from(word.block * BLOCK).ok()? + bit;
        Some(WorthALook {
            ordinal,
            inside: word.inside,
            area: word.area & (1 << bit) != 0,
        })
    })
}
