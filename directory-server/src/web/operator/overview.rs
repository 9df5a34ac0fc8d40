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

/// How many agencies are listed on one page.
const AT_ONCE: usize = 50;

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
    /// One part of them: those that need somebody first.
    agencies: Vec<Row>,
    part: Part,
    /// How many have such a name.
    all: usize,
    /// There are more after this part.
    more: bool,
    /// What was typed to let an agency in.
    agency: String,
    name: String,
    reviewed: bool,
    fault: Option<Fault>,
    invited: Option<String>,
}

/// Which agencies are listed.
pub(super) struct Part {
    /// Words of their names; empty: all.
    find: String,
    /// From 1.
    page: usize,
}

impl Part {
    /// What the address of the page asks for.
    pub(super) fn asked(query: &Fields) -> Self {
        let page = query.value("page").parse().unwrap_or(1);
        Self {
            find: query.value("find").trim().chars().take(100).collect(),
            page: page.clamp(1, 10_000),
        }
    }

    fn holds(&self, of: &AgencyOverview) -> bool {
        let text = format!("{} {}", of.agency, of.name).to_lowercase();
        let mut words = self.find.split_whitespace();
        words.all(|word| text.contains(&word.to_lowercase()))
    }

    /// Where another part of the same is.
    fn address(&self, page: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.find.is_empty() {
            query.append_pair("find", &self.find);
        }
        query.append_pair("page", &page.to_string());
        format!("/operator?{}#agencies", query.finish())
    }
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
    pub(super) fn of(directory: &Directory, seen: &Overseen, part: Part) -> Self {
        let now = directory.now();
        let all = || seen.agencies.iter();
        let mut named: Vec<&AgencyOverview> = all().filter(|of| part.holds(of)).collect();
        named.sort_by_key(|of| urgency(of));
        let before = (part.page - 1) * AT_ONCE;
        let rows = named.iter().skip(before).take(AT_ONCE);
        Self {
            token: seen.token.clone(),
            troubles: troubles(&seen.health, now),
            waiting: all().flat_map(waiting).collect(),
            lapsing: all().flat_map(|of| lapsing(of, now)).collect(),
            looked_at: all().filter_map(looked_at).collect(),
            agencies: rows.map(|of| row(of, now)).collect(),
            all: named.len(),
            more: named.len() > before + AT_ONCE,
            part,
            agency: String::new(),
            name: String::new(),
            reviewed: false,
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
                reviewed: typed("reviewed") == "yes",
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

/// What needs somebody comes first; the rest stays in the order of ids.
fn urgency(of: &AgencyOverview) -> usize {
    let urgent = [
        !of.alarms.is_empty() || of.suspended,
        !of.grants.proposed.is_empty() || !of.held_names.is_empty(),
        of.silent,
        of.refused > 0,
    ];
    urgent.iter().take_while(|is_so| !**is_so).count()
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
