//! Which tests an offer fails, told from its rows. `core::search::judge` says what each test is.

use std::cell::RefCell;

use referral_core::search::{
    Access, Circumstance, Facts, Fit, Test, Tests, Verdict, fit, fit_of, judge_offer, judge_service,
};

use crate::live::Seen;
use crate::part::{Languages, Marks, Offer, Part, Service, SiteKind};
use crate::search::asked::Asked;
use crate::search::driving::WorthALook;
use crate::search::place::{Away, Places, Reach, Whose, near};

/// What judging one offer gives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judged {
    /// The tests it fails.
    pub(crate) failed: Tests,
    /// See [`Verdict::missing_terms`].
    pub(crate) missing_terms: u32,
    /// How well it fits.
    pub(crate) fit: Fit,
    /// Its distance.
    pub(crate) away: Away,
    /// True when its reach is only assumed.
    pub(crate) assumed: bool,
}

impl Judged {
    /// True when the offer matches.
    pub(crate) fn passes(&self) -> bool {
        self.failed.is_empty()
    }
}

/// What judging one service gives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OfService {
    failed: Tests,
    missing_terms: u32,
    fit: Fit,
}

impl OfService {
    /// True when no offer of the service fails for what is the same for all.
    pub(crate) fn is_passing(self) -> bool {
        self.failed.is_empty()
    }

    /// True when a change of the search could still help.
    pub(crate) fn may_help(self) -> bool {
        !self.failed.contains(Test::Need) && !self.failed.contains(Test::Also)
    }
}

/// Judges the offers of one search.
pub(crate) struct Judge<'a> {
    pub(crate) asked: &'a Asked<'a>,
    pub(crate) places: Places,
    /// Whether what offers are listed by decides all about a plain service, capacity and distance aside.
    pub(crate) listed: bool,
    rules: RefCell<Vec<(u32, Tests, Fit)>>,
}

/// Sets of rules whose verdicts are kept.
const KEPT: usize = 1_024;

impl<'a> Judge<'a> {
    pub(crate) fn new(asked: &'a Asked<'a>) -> Self {
        let request = asked.request;
        let given = request.circumstances.given().next().is_some();
        let kept = if given { KEPT } else { 0 };
        Self {
            asked,
            places: Places::of(asked),
            listed: !given && !request.near_misses && request.also.in_state.is_none(),
            rules: RefCell::new(vec![(u32::MAX, Tests::NONE, Fit::Fits); kept]),
        }
    }

    /// The verdict on a service, as far as it holds for all of its offers.
    pub(crate) fn service(&self, service: &Service) -> OfService {
        let asked = self.asked;
        let request = asked.request;
        let need_fit = asked.need_fit(service);
        let missing_terms = asked.missing_terms(service);
        let (mut failed, rules_fit) = self.rules(service.rules);
        let mut fail = |failing: bool, test| {
            if failing {
                failed = failed.with(test);
            }
        };
        fail(need_fit == Fit::No, Test::Need);
        fail(missing_terms != 0, Test::Terms);
        let codes = asked
            .also
            .iter()
            .all(|code| code.is_of(service, asked.sets));
        let mut each = asked.also_languages.iter();
        let spoken = each.all(|language| meet(language, &service.spoken));
        fail(!(codes && spoken), Test::Also);
        let speaks = request.languages.is_empty() || self.speaks(service, request.interpreter);
        fail(!speaks, Test::Language);
        let affordable = request.fee.is_none() || asked.fee.any_of(service, asked.sets);
        fail(!affordable, Test::Fee);
        OfService {
            failed,
            missing_terms,
            fit: rules_fit.min(need_fit),
        }
    }

    /// Whether a service is given in one of the languages asked for.
    pub(crate) fn speaks(&self, service: &Service, interpreter: bool) -> bool {
        let asked = &self.asked.languages;
        let by_phone = meet(asked, &service.phone) || service.marks.has(Marks::ANY_BY_PHONE);
        meet(asked, &service.spoken) || (interpreter && by_phone)
    }

    /// The verdict on an offer, from that on its service.
    pub(crate) fn offer(
        &self,
        part: &Part,
        look: WorthALook,
        service: OfService,
        seen: Seen,
    ) -> Judged {
        let WorthALook {
            ordinal,
            inside,
            area,
            ..
        } = look;
        let offer = part.offer(ordinal);
        let request = self.asked.request;
        let mut failed = service.failed;
        let mut fail = |failing: bool, test| {
            if failing {
                failed = failed.with(test);
            }
        };
        fail(!self.chosen(offer, seen), Test::Also);
        fail(
            !request.availability.includes(seen.state),
            Test::Availability,
        );
        fail(!request.access.includes(way(offer)), Test::Access);
        let reach = self.places.reach(self.asked, part, ordinal, inside, area);
        fail(!reach.near, Test::Distance);
        fail(!reach.area, Test::Area);
        Judged {
            failed,
            missing_terms: service.missing_terms,
            fit: service.fit,
            away: reach.away,
            assumed: reach.assumed,
        }
    }

    /// How an offer lies of which the lists say all but that and its capacity; `None` when it does not match.
    pub(crate) fn reach(&self, part: &Part, look: WorthALook, seen: Seen) -> Option<Reach> {
        let request = self.asked.request;
        let chosen = request.also.state.is_none_or(|state| state == seen.state);
        if !chosen || !request.availability.includes(seen.state) {
            return None;
        }
        let reach = near(self.asked, part, look.ordinal, look.inside);
        let offer = || part.offer(look.ordinal);
        let matches = reach.near
            && (look.area
                || self
                    .places
                    .area(self.asked, part, look.ordinal, offer(), Whose::Asked));
        matches.then_some(reach)
    }

    /// The verdict on an offer that matches, of a service about which the lists say everything.
    pub(crate) fn plain(&self, service: &Service, reach: &Reach) -> Judged {
        Judged {
            failed: Tests::NONE,
            missing_terms: 0,
            // Without circumstances given all rules fit.
            fit: self.asked.listed_fit(service),
            away: reach.away,
            assumed: reach.assumed,
        }
    }

    /// The verdict on an offer of a service that rows cannot hold.
    pub(crate) fn odd(
        &self,
        facts: &Facts,
        offer: &Offer,
        seen: Seen,
    ) -> Option<(Verdict, Judged)> {
        let asked = self.asked;
        let service = judge_service(asked.request, facts, asked.today);
        let offer = facts.offers.get(usize::from(offer.nth))?;
        let verdict = judge_offer(asked.request, &service, offer, seen.state);
        let judged = Judged {
            failed: verdict.failed,
            missing_terms: verdict.missing_terms,
            fit: verdict.fit,
            away: verdict.distance.map_or(Away::Unknown, Away::Known),
            assumed: verdict.assumed,
        };
        Some((verdict, judged))
    }

    fn chosen(&self, offer: &Offer, seen: Seen) -> bool {
        let also = &self.asked.request.also;
        also.state.is_none_or(|chosen| chosen == seen.state)
            && also.in_state.is_none_or(|chosen| {
                offer.site != SiteKind::Remote && offer.state.state() == Some(chosen)
            })
            && also.access.includes(way(offer))
    }

    /// The circumstances that a set of rules excludes, and how well it fits the others.
    fn rules(&self, set: u32) -> (Tests, Fit) {
        let mut kept = self.rules.borrow_mut();
        if kept.is_empty() {
            return (Tests::NONE, Fit::Fits);
        }
        let place = set as usize % KEPT;
        if kept[place].0 != set {
            let given = self.asked.request.circumstances;
            let rules = self.asked.sets.rules.at(set as usize);
            let rules = rules.map_or(&[][..], |rules| rules);
            let mut failed = Tests::NONE;
            for which in Circumstance::ALL {
                if fit_of(rules, given, which) == Fit::No {
                    failed = failed.with(which.into());
                }
            }
            kept[place] = (set, failed, fit(rules, given));
        }
        let (_, failed, fit) = kept[place];
        (failed, fit)
    }
}

/// How an offer is reached.
pub(crate) fn way(offer: &Offer) -> Access {
    if offer.site == SiteKind::Remote {
        Access::Remote
    } else {
        Access::InPerson
    }
}

fn meet(asked: &Languages, has: &Languages) -> bool {
    asked.iter().zip(has).any(|(asked, has)| asked & has != 0)
}
