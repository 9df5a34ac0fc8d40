//! The tests that decide whether an offer answers a search.
//!
//! [`judge`] makes all of them and says which fail: near misses need to know. [`matches`](fn@crate::search::matches)
//! says why an offer that passes is there.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::capacity::State;
use crate::catalog::LanguageMode;
use crate::catalog::LanguageTag;
use crate::search::facets::is_spoken;
use crate::search::place::{Why, reach};
use crate::search::{
    Access, Circumstance, Facts, Fit, OfferFacts, Request, Test, Tests, Verdict, fit, fit_of,
};

/// The day on which credentials are judged: that of `now` in UTC.
#[must_use]
pub fn day(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

/// Which tests of `request` an offer of a service fails, how well it fits and how far it is. Words
/// are decided elsewhere.
///
/// * `state` — of its capacity at the time of the search.
/// * `today` — see [`day`].
#[must_use]
pub fn judge(
    request: &Request,
    facts: &Facts,
    offer: &OfferFacts,
    state: State,
    today: Date,
) -> Verdict {
    judge_offer(request, &judge_service(request, facts, today), offer, state)
}

/// The verdict as far as it holds for all offers of a service: need, terms, language, fee,
/// circumstances and the facets that are about services.
#[must_use]
pub fn judge_service(request: &Request, facts: &Facts, today: Date) -> Verdict {
    let mut failed = Tests::NONE;
    let need = request.need.as_ref();
    let need_fit = need.map_or(Fit::Fits, |need| need.fit(facts, today));
    failed.insert_if(need_fit == Fit::No, Test::Need);
    let missing_terms = need.map_or(0, |need| need.missing_terms(facts, today));
    failed.insert_if(missing_terms != 0, Test::Terms);
    let also = &request.also;
    let codes = also.codes.iter().all(|code| facts.has(code, today));
    let one_each = also
        .languages
        .iter()
        .all(|tag| speaks(std::slice::from_ref(tag), false, facts));
    failed.insert_if(!(codes && one_each), Test::Also);
    let spoken =
        request.languages.is_empty() || speaks(&request.languages, request.interpreter, facts);
    failed.insert_if(!spoken, Test::Language);
    let affordable = request.fee.is_none_or(|fee| {
        let charged = facts.codes.iter();
        charged
            .filter(|code| code.class() == "fee")
            .any(|code| fee.codes().contains(&code.as_str()))
    });
    failed.insert_if(!affordable, Test::Fee);
    for which in Circumstance::ALL {
        let excluded = fit_of(&facts.rules, request.circumstances, which) == Fit::No;
        failed.insert_if(excluded, which.into());
    }
    Verdict {
        failed,
        missing_terms,
        distance: None,
        assumed: false,
        fit: fit(&facts.rules, request.circumstances).min(need_fit),
    }
}

/// The verdict on one offer, from that on its service.
#[must_use]
pub fn judge_offer(
    request: &Request,
    service: &Verdict,
    offer: &OfferFacts,
    state: State,
) -> Verdict {
    let mut failed = service.failed;
    let also = &request.also;
    let way = Access::of(offer);
    let chosen = also.state.is_none_or(|chosen| chosen == state)
        && also
            .in_state
            .is_none_or(|chosen| offer.site.state() == Some(chosen))
        && also.access.includes(way);
    failed.insert_if(!chosen, Test::Also);
    let given = request.circumstances;
    let reach = reach(request, offer, given, request.neighbours, &mut Why::Silent);
    failed.insert_if(!reach.near, Test::Distance);
    failed.insert_if(!reach.area, Test::Area);
    failed.insert_if(!request.access.includes(way), Test::Access);
    failed.insert_if(!request.availability.includes(state), Test::Availability);
    Verdict {
        failed,
        distance: reach.distance,
        assumed: reach.assumed,
        ..*service
    }
}

/// Whether the service is given in any of these languages, with an interpreter by phone where
/// `interpreter` says so. Languages compare by their primary part: who asks for `zh` finds `zh-Hant`.
pub(crate) fn speaks(asked: &[LanguageTag], interpreter: bool, facts: &Facts) -> bool {
    let wanted = |tag: &LanguageTag| asked.iter().any(|asked| asked.primary() == tag.primary());
    let answers =
        |mode| is_spoken(mode) || (interpreter && mode == LanguageMode::InterpreterByPhone);
    (interpreter && facts.any_language_by_phone)
        || facts
            .languages
            .iter()
            .any(|(tag, mode)| answers(*mode) && wanted(tag))
}
