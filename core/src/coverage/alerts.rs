//! What the task force and the operator are told without asking.
//!
//! Each rule is a function of what is known, and finds the same alerts in the same order every time. Who is told, and
//! that nobody is told twice, is decided elsewhere: alerts are equal when they are about the same thing.

use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp};

use crate::capacity::Ttl;
use crate::catalog::Category;
use crate::coverage::{Amount, People, Report};
use crate::geo::{CountyFips, StateCode};
use crate::id::{AgencyId, PublicId};
use crate::tally::{Frozen, Told, Topic, Week, Within};
use crate::vocabulary::Code;

/// How long before a credential or grant lapses it is told. Unit: days.
pub const NOTICE_DAYS: i32 = 30;
/// A rate rises when it is so much higher than before.
const RISE: f64 = 0.1;
/// The fewest searches that a rate is compared by.
const SEARCHES: u64 = 30;

/// Something that should be known.
#[derive(Clone, Debug, PartialEq)]
pub enum Alert {
    /// Nobody open is left within the distance for the people of a county.
    LastOpenGone {
        /// What they need.
        need: Code,
        /// The county.
        county: CountyFips,
        /// Its people in the table of demand.
        people: People,
        /// The service that was nearest.
        last: Option<PublicId>,
        /// True when somebody may still be open whose report is out of date or missing: call first.
        unconfirmed: bool,
    },
    /// An agency has not been heard from for more than twice its time to live.
    AgencySilent(Silence),
    /// More searches end with nothing open than in the weeks before.
    DeadEndsRising {
        /// What was searched for.
        topic: Topic,
        /// The state; `None`: the country.
        state: Option<StateCode>,
        /// The week.
        week: Week,
        /// At least this share of its searches.
        least: f64,
        /// At most this share in the weeks before.
        before: f64,
    },
    /// A credential or grant is about to lapse.
    Lapses {
        /// Which.
        what: Lapsing,
        /// The last day it is good for.
        on: Date,
    },
}

/// When an agency was heard from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// The agency.
    pub agency: AgencyId,
    /// When it was last heard from.
    pub last_heard: Timestamp,
    /// The shortest time to live among its current reports.
    pub ttl: Ttl,
}

/// Something that lapses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lapsing {
    /// A credential of a service: after its last day the service no longer matches what needs it.
    Credential {
        /// The service.
        service: PublicId,
        /// The credential.
        code: Code,
    },
    /// Leave to offer services of a category, which two people gave.
    Grant {
        /// Whose.
        agency: AgencyId,
        /// The category.
        category: Category,
    },
}

impl Alert {
    /// A stable name for this kind of alert.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::LastOpenGone { .. } => "last_open_gone",
            Self::AgencySilent(_) => "agency_silent",
            Self::DeadEndsRising { .. } => "dead_ends_rising",
            Self::Lapses { what, .. } => match what {
                Lapsing::Credential { .. } => "credential_lapses",
                Lapsing::Grant { .. } => "grant_lapses",
            },
        }
    }
}

/// Counties whose last open provider of `need` is gone: `before` and `now` answer the same question,
/// [`crate::coverage::Measure::CoverageAt`] a distance, at two moments. Some of a county's people had an open provider
/// within it, and now nobody has.
#[must_use]
pub fn last_open_gone(need: &Code, before: &Report, now: &Report) -> Vec<Alert> {
    let gone = now.counties.iter().filter_map(|row| {
        let earlier = before.county(row.county)?;
        let had = earlier
            .figure
            .value
            .number()
            .is_some_and(|share| share > 0.0);
        let has_none = row.figure.value == Amount::Number(0.0);
        (had && has_none).then(|| Alert::LastOpenGone {
            need: need.clone(),
            county: row.county,
            people: row.people,
            last: earlier.nearest.first().map(|nearest| nearest.service),
            unconfirmed: row.figure.upper != Amount::Number(0.0),
        })
    });
    gone.collect()
}

/// Agencies that were last heard from more than twice their time to live before `now`, in the order given.
#[must_use]
pub fn gone_silent(agencies: &[Silence], now: Timestamp) -> Vec<Alert> {
    let silent = |agency: &&Silence| {
        let twice: SignedDuration = agency.ttl.duration() * 2;
        now.duration_since(agency.last_heard) > twice
    };
    let silent = agencies.iter().filter(silent).cloned();
    silent.map(Alert::AgencySilent).collect()
}

/// Topics whose dead-end rate rises, in the country and in each state: in `week` it is for certain at least 10
/// percentage points above all it can have been in the weeks `before` together, with at least 30 searches told on either
/// side. Only what is published is looked at.
#[must_use]
pub fn dead_ends_rising(week: &Frozen, before: &[Frozen]) -> Vec<Alert> {
    let mut rising = Vec::new();
    for (topic, table) in &week.topics {
        let counties: Vec<CountyFips> = table.cells.keys().copied().flatten().collect();
        let mut states: Vec<StateCode> = counties.iter().filter_map(|of| of.state()).collect();
        states.dedup();
        let places = std::iter::once(None).chain(states.into_iter().map(Some));
        for state in places {
            if let Some((least, before)) = rise(topic, state, week, before) {
                rising.push(Alert::DeadEndsRising {
                    topic: topic.clone(),
                    state,
                    week: week.week,
                    least,
                    before,
                });
            }
        }
    }
    rising
}

/// What lapses within [`NOTICE_DAYS`] after `today` and has not yet, the soonest first; of the same day in the order
/// of [`Lapsing`].
#[must_use]
pub fn lapsing(all: &[(Lapsing, Date)], today: Date) -> Vec<Alert> {
    let last = today
        .checked_add(Span::new().days(NOTICE_DAYS))
        .unwrap_or(Date::MAX);
    let soon = all.iter().filter(|(_, on)| (today..=last).contains(on));
    let mut soon: Vec<&(Lapsing, Date)> = soon.collect();
    soon.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    let alerts = soon.into_iter().map(|(what, on)| Alert::Lapses {
        what: what.clone(),
        on: *on,
    });
    alerts.collect()
}

/// The least rate of the week and the most of those before, where it rose.
fn rise(
    topic: &Topic,
    state: Option<StateCode>,
    week: &Frozen,
    before: &[Frozen],
) -> Option<(f64, f64)> {
    let told = |of: &Frozen| {
        let counties: Vec<CountyFips> = of.topics.get(topic).map_or_else(Vec::new, |table| {
            let counties = table.cells.keys().copied().flatten();
            counties.filter(|county| county.state() == state).collect()
        });
        let within = match state {
            Some(_) => Within::Counties(&counties),
            None => Within::Everywhere,
        };
        of.told(|of| of == topic, within)
    };
    let now = told(week);
    let earlier = before.iter().map(told).fold(Told::default(), Told::and);
    if now.searches() < SEARCHES || earlier.searches() < SEARCHES {
        return None;
    }
    let (least, _) = now.dead_end_rate()?;
    let (_, most) = earlier.dead_end_rate()?;
    (least >= most + RISE).then_some((least, most))
}
