//! One agency: what is known of it, and what may be decided about it.

use askama::Template;
use axum::http::StatusCode;
use referral_core::catalog::Category;
use referral_core::id::Kind;
use referral_runtime::web::Fields;

use super::act::{Done, Fault};
use super::words::{self, Moment, state};
use crate::ledger::{OutstandingRefusal, Standing};
use crate::operations::{AgencyOverview, Directory};
use crate::web::coverage::words::grouped;

/// What came of the form that led here.
pub(super) enum Told {
    Nothing,
    Done(Done),
    /// A join token, shown this once.
    Invited(String),
    /// Nothing was done; what was typed is kept.
    Fault(Fault, Fields),
}

impl Told {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Fault(fault, _) => fault.status,
            _ => StatusCode::OK,
        }
    }
}

/// `operator_agency.html`.
#[derive(Template)]
#[template(path = "operator_agency.html")]
pub(super) struct Page {
    token: String,
    agency: String,
    name: String,
    class: &'static str,
    state: String,
    joined: bool,
    stands: bool,
    heard: Option<Moment>,
    certificate: Option<Moment>,
    records: u32,
    services: String,
    room: String,
    written: String,
    refused: u32,
    /// The first rows that were refused: what it is, its id, the code of the reason.
    refusals: Vec<(String, String, String)>,
    more_refusals: usize,
    alarms: Vec<(String, Moment)>,
    granted: Vec<Granted>,
    held: Vec<String>,
    /// The names that are held, with the code of what is wrong.
    names: Vec<(String, String)>,
    categories: Vec<(&'static str, String)>,
    /// How it can be stopped.
    ways: [(&'static str, String); 3],
    done: Option<String>,
    invited: Option<String>,
    fault: Option<Fault>,
    typed: Fields,
}

struct Granted {
    category: &'static str,
    /// The category in words.
    name: String,
    evidence: String,
    by: String,
    /// The second person; `None`: it waits for one.
    approved_by: Option<String>,
    /// Whether who looks proposed it: somebody else has to approve it.
    own: bool,
    until: Moment,
}

impl Page {
    /// * `looks` — the name under which the operator who looks decides.
    pub(super) fn of(
        directory: &Directory,
        of: &AgencyOverview,
        (token, looks): (&str, &str),
        told: Told,
    ) -> Self {
        let now = directory.now();
        let (class, state) = state(of);
        let alarms = of.alarms.iter().rev();
        let names = of.held_names.iter();
        let names = names
            .filter_map(|hold| Some((directory.held_name(&of.agency, hold)?, hold.code.clone())));
        let held = of.held.iter().map(|(category, services)| {
            let values = [
                ("count", (*services).into()),
                ("category", words::category(*category).into()),
            ];
            crate::tell("operator-held", &values)
        });
        let page = Self {
            token: token.to_owned(),
            agency: of.agency.to_string(),
            name: of.name.clone(),
            class,
            state,
            joined: of.joined,
            stands: of.standing == Standing::Active && !of.suspended,
            heard: of.last_heard.map(|at| Moment::past(at, now)),
            certificate: of.certificate_until.map(Moment::day),
            records: of.records,
            services: of_most(u64::from(of.services.0), u64::from(of.services.1)),
            room: of_most(of.bytes.0.div_ceil(1 << 10), of.bytes.1 >> 10),
            written: of_most(of.written.0.div_ceil(1 << 20), of.written.1 >> 20),
            refused: of.refused,
            refusals: of.refusals.iter().map(refusal).collect(),
            more_refusals: usize::try_from(of.refused)
                .map_or(0, |all| all.saturating_sub(of.refusals.len())),
            alarms: alarms
                .map(|alarm| (alarm.code.clone(), Moment::past(alarm.at, now)))
                .collect(),
            granted: granted(of, looks),
            held: held.collect(),
            names: names.collect(),
            categories: Category::ALL
                .map(|one| (one.as_str(), words::category(one)))
                .to_vec(),
            ways: [
                (Standing::Suspended.as_str(), crate::say("operator-suspend")),
                (Standing::Evicted.as_str(), crate::say("operator-evict")),
                (Standing::Banned.as_str(), crate::say("operator-ban")),
            ],
            done: None,
            invited: None,
            fault: None,
            typed: Fields::default(),
        };
        match told {
            Told::Nothing => page,
            Told::Done(done) => Self {
                done: Some(crate::say(&format!("operator-done-{}", done.as_str()))),
                ..page
            },
            Told::Invited(token) => Self {
                invited: Some(token),
                ..page
            },
            Told::Fault(fault, typed) => Self {
                fault: Some(fault),
                typed,
                ..page
            },
        }
    }

    /// What was typed into a field of the form that was refused.
    fn typed(&self, act: &str, field: &str) -> &str {
        if self.typed.value("act") == act {
            self.typed.value(field)
        } else {
            ""
        }
    }

    /// What is wrong with a field of the form that was refused.
    fn fault(&self, act: &str, field: &str) -> Option<&str> {
        let fault = self.fault.as_ref()?;
        let here = self.typed.value("act") == act && fault.field == field;
        here.then_some(fault.text.as_str())
    }
}

fn refusal(one: &OutstandingRefusal) -> (String, String, String) {
    let what = match one.kind {
        Some(Kind::Organization) => crate::say("operator-row-organization"),
        Some(Kind::Location) => crate::say("operator-row-location"),
        Some(Kind::Service) => crate::say("operator-row-service"),
        None => crate::say("operator-row-report"),
    };
    (what, one.id.to_string(), one.code.clone())
}

fn granted(of: &AgencyOverview, looks: &str) -> Vec<Granted> {
    let granted = of.grants.granted.iter().map(|(category, grant)| Granted {
        category: category.as_str(),
        name: words::category(*category),
        evidence: grant.proposal.evidence.clone(),
        by: grant.proposal.by.to_string(),
        approved_by: Some(grant.approved_by.to_string()),
        own: false,
        until: Moment::day(grant.proposal.expires_at),
    });
    let proposed = of
        .grants
        .proposed
        .iter()
        .map(|(category, proposal)| Granted {
            category: category.as_str(),
            name: words::category(*category),
            evidence: proposal.evidence.clone(),
            by: proposal.by.to_string(),
            approved_by: None,
            own: proposal.by.as_str() == looks,
            until: Moment::day(proposal.expires_at),
        });
    granted.chain(proposed).collect()
}

/// How much of what was agreed.
fn of_most(used: u64, most: u64) -> String {
    let (used, most) = (grouped(&used.to_string()), grouped(&most.to_string()));
    crate::tell(
        "operator-of-most",
        &[("used", used.into()), ("most", most.into())],
    )
}
