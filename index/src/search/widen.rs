//! How much farther the nearest service is: rings around the circle, each wider than the one before, until
//! one holds a service.

use std::collections::HashMap;

use referral_core::geo::Kilometres;
use referral_core::search::{Near, Request};

use crate::error::IndexError;
use crate::generation::Generation;
use crate::part::Marks;
use crate::search::Around;
use crate::search::asked::Asked;
use crate::search::driving::{WorthALook, each_service};
use crate::search::helps::whole_miles;
use crate::search::judge::{Judge, Judged};
use crate::search::looking::One;
use crate::search::place::{Away, distance};
use crate::search::tally::{Found, Gain, Tally};
use crate::text::Found as Words;

/// The widest radius in whole miles.
const WIDEST: u16 = 310;

/// Adds the smallest widening that lets a service in.
pub(crate) fn widen(
    generation: &Generation,
    judge: &Judge<'_>,
    text: Option<&Words<'_>>,
    around: &Around<'_>,
    tally: &mut Tally,
) -> Result<(), IndexError> {
    let request = judge.asked.request;
    let near = request.near.as_ref();
    let Some(near) = near.filter(|_| judge.asked.circle.is_some()) else {
        return Ok(());
    };
    let Some(mut miles) = whole_miles(near.radius) else {
        return Ok(());
    };
    while miles < WIDEST {
        miles = (miles + miles / 2 + 10).min(WIDEST);
        let Ok(radius) = Kilometres::from_miles(f64::from(miles)) else {
            return Ok(());
        };
        let place = near.place.clone();
        let wider = Request {
            near: Some(Near { place, radius }),
            near_misses: false,
            facets: false,
            ..request.clone()
        };
        let asked = Asked::of(&wider, generation.sets(), around);
        let wider = Judge::new(&asked);
        let mut nearest = Nearest::default();
        each_service(
            generation,
            &wider,
            text,
            (around.may_go_on, true),
            &mut |view, service, offers, fits| {
                if let Some(fit) = fits.fit() {
                    nearest.add(generation, judge, &wider, (view, service, fit), offers);
                }
            },
        )?;
        if let Some(miles) = nearest.miles {
            for found in nearest.found.into_values() {
                tally.gain(Gain::WidenTo(miles), found);
            }
            return Ok(());
        }
    }
    Ok(())
}

/// The nearest services beyond the radius.
#[derive(Default)]
struct Nearest {
    miles: Option<u16>,
    /// Their best offers at that distance, by public id.
    found: HashMap<u128, Found>,
}

impl Nearest {
    fn add(
        &mut self,
        generation: &Generation,
        judge: &Judge<'_>,
        wider: &Judge<'_>,
        (view, number, relevance): (usize, u32, f64),
        offers: &[WorthALook],
    ) {
        let part = &generation.views()[view].part;
        let row = &part.services[number as usize];
        let today = part.on(judge.asked.today, number);
        let one = One::new(view, row, relevance);
        let mut farther = Vec::new();
        for offer in offers {
            let seen = part.cell(offer.ordinal).read(judge.asked.moment);
            let row = part.offer(offer.ordinal);
            let verdict = |judge: &Judge<'_>| -> Option<Judged> {
                if part.services[number as usize].marks.has(Marks::ODD) {
                    return judge
                        .odd(part.facts(number)?, row, seen)
                        .map(|(_, judged)| judged);
                }
                let look = WorthALook {
                    inside: false,
                    area: false,
                    ..*offer
                };
                Some(judge.offer(part, look, judge.service(&today), seen))
            };
            if verdict(judge).is_some_and(|judged| judged.failed.is_empty()) {
                return;
            }
            if let Some(judged) = verdict(wider).filter(|judged| judged.failed.is_empty()) {
                let away = match judged.away {
                    Away::Known(distance) => Some(distance),
                    Away::Position => distance(judge.asked, part.point(offer.ordinal)),
                    Away::Unknown => None,
                };
                if let Some(miles) = away.and_then(whole_miles) {
                    farther.push((miles, offer.ordinal, judged, seen));
                }
            }
        }
        let Some(nearest) = farther.iter().map(|(miles, ..)| *miles).min() else {
            return;
        };
        if self.miles.is_some_and(|miles| miles < nearest) {
            return;
        }
        if self.miles != Some(nearest) {
            self.miles = Some(nearest);
            self.found.clear();
        }
        for (_, ordinal, judged, seen) in farther.iter().filter(|(miles, ..)| *miles == nearest) {
            let found = wider.found(part, &one, *ordinal, judged, *seen);
            let best = self.found.entry(row.id).or_insert(found);
            if found.is_better(best) {
                *best = found;
            }
        }
    }
}
