//! Why an offer that answers a search is there.

use jiff::civil::Date;

use crate::catalog::{LanguageMode, LanguageTag};
use crate::geo::Kilometres;
use crate::search::place::{Why, reach};
use crate::search::{
    Access, Facts, Fit, Need, OfferFacts, Reason, Request, asks, fit_of, is_spoken, judge_service,
};

/// An offer that answers a search, capacity, chosen states and words aside.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Distance from the place searched near; none where it may not be known or has no meaning.
    pub distance: Option<Kilometres>,
    /// True for offers whose reach is only assumed: they come last.
    pub assumed: bool,
    /// How well it fits what is asked and the circumstances.
    pub fit: Fit,
    /// Why it is there.
    pub reasons: Vec<Reason>,
}

/// Why an offer of a service answers `request`; `None` when it does not. Capacity and words are
/// decided elsewhere; for everything else this and [`crate::search::judge`] agree.
#[must_use]
pub fn matches(request: &Request, facts: &Facts, offer: &OfferFacts, today: Date) -> Option<Match> {
    let service = judge_service(request, facts, today);
    let mut why = Why::Kept(Vec::new());
    if let Some(need) = &request.need {
        because_of_need(need, facts, today, &mut why);
    }
    because_of_languages(request, facts, &mut why);
    let given = request.circumstances;
    let reach = reach(request, offer, given, request.neighbours, &mut why);
    let way = Access::of(offer);
    let chosen = request.access.includes(way)
        && request.also.access.includes(way)
        && request
            .also
            .in_state
            .is_none_or(|chosen| offer.site.state() == Some(chosen));
    if !(service.passes() && reach.near && reach.area && chosen) {
        return None;
    }
    if way == Access::Remote {
        why.because(|| Reason::Remote);
    }
    because_of_fee(request, facts, &mut why);
    because_of_rules(request, facts, &mut why);
    let Why::Kept(reasons) = why else {
        return None;
    };
    Some(Match {
        distance: reach.distance,
        assumed: reach.assumed,
        fit: service.fit,
        reasons,
    })
}

fn because_of_need(need: &Need, facts: &Facts, today: Date, why: &mut Why) {
    let asked = need.any_of.iter().chain(&need.all_of);
    for code in asked.filter(|code| facts.has(code, today)) {
        why.because(|| Reason::Offers(code.clone()));
        if facts.qualifies(code, today) == Fit::Decides {
            why.because(|| Reason::CredentialNotStated(code.clone()));
        }
    }
}

fn because_of_languages(request: &Request, facts: &Facts, why: &mut Why) {
    for asked in &request.languages {
        let same = |tag: &LanguageTag| asked.primary() == tag.primary();
        let spoken = facts.languages.iter().filter(|(tag, _)| same(tag));
        let mut found = false;
        for (tag, mode) in spoken {
            let by_phone = *mode == LanguageMode::InterpreterByPhone;
            if is_spoken(*mode) || (by_phone && request.interpreter) {
                found = true;
                why.because(|| Reason::Speaks(tag.clone(), *mode));
            }
        }
        if !found && request.interpreter && facts.any_language_by_phone {
            why.because(|| Reason::ByInterpreter(asked.clone()));
        }
    }
}

fn because_of_fee(request: &Request, facts: &Facts, why: &mut Why) {
    let wanted = request.fee.map_or(&[][..], |fee| fee.codes());
    for code in &facts.codes {
        if wanted.contains(&code.as_str()) {
            why.because(|| Reason::Fee(code.clone()));
        }
    }
}

/// What the rules make of each circumstance given, then what is left to ask.
fn because_of_rules(request: &Request, facts: &Facts, why: &mut Why) {
    for which in request.circumstances.given() {
        let field = which.field();
        match fit_of(&facts.rules, request.circumstances, which) {
            Fit::Fits => why.because(|| Reason::Fits(field)),
            Fit::NotStated => why.because(|| Reason::NotStated(field)),
            Fit::Decides => why.because(|| Reason::ProviderDecides(field)),
            Fit::No => {}
        }
    }
    for field in asks(&facts.rules, request.circumstances) {
        why.because(|| Reason::Ask(field.clone()));
    }
}
