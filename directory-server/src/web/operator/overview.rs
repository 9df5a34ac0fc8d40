//! Every agency on one page, with what waits for a decision on top.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use referral_runtime::web::Fields;

use super::Overseen;
use super::act::Fault;
use super::words::{self, Moment, SOON, state, troubles};
use crate::operations::{AgencyOverview, Directory};
use crate::web::render;

/// `operator.html`.
#[derive(Template)]
#[template(path = "operator.html")]
pub(super) struct Page {
    token: String,
    troubles: Vec<String>,
    /// Proposals that wait for a second person.
    waiting: Vec<Waiting>,
    /// Grants that end within 30 days.
    lapsing: Vec<Lapsing>,
    /// Agencies with names or services that are held, or with alarms.
    looked_at: Vec<(String, String, Vec<String>)>,
    agencies: Vec<Row>,
    /// What was typed to let an agency in.
    agency: String,
    name: String,
    fault: Option<Fault>,
    invited: Option<String>,
}

struct Waiting {
    agency: String,
    name: String,
    category: String,
    evidence: String,
    by: String,
    until: Moment,
}

struct Lapsing {
    agency: String,
    name: String,
    category: String,
    until: Moment,
}

struct Row {
    agency: String,
    name: String,
    class: &'static str,
    state: String,
    heard: Option<Moment>,
    certificate: Option<Moment>,
    records: u32,
    refused: u32,
}

impl Page {
    pub(super) fn of(directory: &Directory, seen: &Overseen) -> Self {
        let now = directory.now();
        let all = || seen.agencies.iter();
        Self {
            token: seen.token.clone(),
            troubles: troubles(&seen.health),
            waiting: all().flat_map(waiting).collect(),
            lapsing: all().flat_map(|of| lapsing(of, now)).collect(),
            looked_at: all().filter_map(looked_at).collect(),
            agencies: all().map(|of| row(of, now)).collect(),
            agency: String::new(),
            name: String::new(),
            fault: None,
            invited: None,
        }
    }

    /// The page with what came of letting an agency in.
    pub(super) fn with(self, typed: &Fields, token: Result<String, Fault>) -> Self {
        let typed = |name| typed.value(name).to_owned();
        match token {
            Ok(token) => Self {
                invited: Some(token),
                agency: typed("agency"),
                ..self
            },
            Err(fault) => Self {
                fault: Some(fault),
                agency: typed("agency"),
                name: typed("name"),
                ..self
            },
        }
    }

    pub(super) fn response(self) -> Response {
        let status = self
            .fault
            .as_ref()
            .map_or(StatusCode::OK, |fault| fault.status);
        render(status, &self)
    }

    /// What is wrong with a field, for the line beside it.
    fn fault(&self, field: &str) -> Option<&str> {
        let fault = self.fault.as_ref()?;
        (fault.field == field).then_some(fault.text.as_str())
    }
}

fn waiting(of: &AgencyOverview) -> Vec<Waiting> {
    let proposed = of.grants.proposed.iter();
    let waiting = proposed.map(|(category, proposal)| Waiting {
        agency: of.agency.to_string(),
        name: of.name.clone(),
        category: words::category(*category),
        evidence: proposal.evidence.clone(),
        by: proposal.by.to_string(),
        until: Moment::day(proposal.expires_at),
    });
    waiting.collect()
}

fn lapsing(of: &AgencyOverview, now: Timestamp) -> Vec<Lapsing> {
    let granted = of.grants.granted.iter();
    let soon = granted.filter(|(_, grant)| grant.proposal.expires_at.duration_since(now) <= SOON);
    let lapsing = soon.map(|(category, grant)| Lapsing {
        agency: of.agency.to_string(),
        name: of.name.clone(),
        category: words::category(*category),
        until: Moment::day(grant.proposal.expires_at),
    });
    lapsing.collect()
}

/// What a person has to look at.
fn looked_at(of: &AgencyOverview) -> Option<(String, String, Vec<String>)> {
    let mut why = Vec::new();
    for (category, services) in &of.held {
        let values = [
            ("count", (*services).into()),
            ("category", words::category(*category).into()),
        ];
        why.push(crate::tell("operator-held", &values));
    }
    if !of.held_names.is_empty() {
        let values = [("count", of.held_names.len().into())];
        why.push(crate::tell("operator-held-names", &values));
    }
    if let Some(alarm) = of.alarms.last() {
        let values = [
            ("code", alarm.code.as_str().into()),
            ("count", of.alarms.len().into()),
        ];
        why.push(crate::tell("operator-alarms", &values));
    }
    (!why.is_empty()).then(|| (of.agency.to_string(), of.name.clone(), why))
}

fn row(of: &AgencyOverview, now: Timestamp) -> Row {
    let (class, state) = state(of);
    Row {
        agency: of.agency.to_string(),
        name: of.name.clone(),
        class,
        state,
        heard: of.last_heard.map(|at| Moment::past(at, now)),
        certificate: of.certificate_until.map(Moment::day),
        records: of.records,
        refused: of.refused,
    }
}
