//! From an agency's own rows to valid records, with a report of every row refused, withheld or repaired.
//!
//! Start at [`convert`]. [`Drafts`] are the rows as text, in the tabular shape of HSDS; readers of files
//! fill them. One bad row never stops the rest; a bad optional field is left out and reported; what its
//! publisher keeps back is kept back; a confidential location becomes a county before anything is
//! stored (`confidential`). Nothing here does I/O or reads a clock.

mod address;
mod area;
mod capacity;
mod clean;
mod contact;
mod context;
mod draft;
mod eligibility;
mod entity;
mod graph;
mod issue;
mod language;
mod location;
mod marks;
mod offers;
mod organization;
mod published_text;
mod reading;
mod records;
mod schedule;
mod seclusion;
mod service;
mod terms;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

pub use draft::{Drafts, Origin, Row, RowIndex};
pub use entity::Entity;
pub use issue::RowIssue;

use crate::capacity as reported;
use crate::catalog::Record;
use crate::id::AgencyId;
use crate::places::Places;
use crate::text::Name;
use context::Context;
use graph::{Graph, Ref};
use issue::{Cause, Ledger};
use location::Site;
use offers::Ties;
use seclusion::Judge;
use service::Workshop;
use terms::Terms;

/// What became of an agency's rows.
#[derive(Clone, Debug, Default)]
pub struct Converted {
    /// Valid records: organizations, then locations, then services, each in the order of the file.
    pub records: Vec<Record>,
    /// Where each record stands in the file, in the order of `records`.
    pub origins: Vec<Origin>,
    /// Capacity that the file states, at most one report per service and location.
    pub reports: Vec<reported::Draft>,
    /// Rows of which nothing was taken.
    pub refused: Vec<RowIssue>,
    /// Rows kept back because their publisher says so, or has to decide.
    pub withheld: Vec<RowIssue>,
    /// Rows that were taken with a field changed or left out.
    pub repaired: Vec<RowIssue>,
}

/// Turns rows into records.
///
/// * `drafts` — the rows of one import.
/// * `agency` — who publishes; terms of its own are named after it.
/// * `map` — where places are.
/// * `now` — the time of the import; a capacity number cannot be younger.
///
/// Every organization, location and service row is either among the records or named in `refused` or
/// `withheld`, but for further copies of a record that say nothing else, which are silent when they are
/// nested in another row and `repaired` when they stand alone.
#[must_use]
pub fn convert(drafts: Drafts, agency: &AgencyId, map: &dyn Places, now: Timestamp) -> Converted {
    let mut ledger = Ledger::default();
    let source = Name::parse(&drafts.source).ok();
    let graph = Graph::join(drafts, &mut ledger);
    let mut context = Context {
        graph: &graph,
        agency,
        map,
        source,
        now,
        withheld: HashSet::new(),
    };
    let ties = Ties::of(&graph);
    let sites = sites(&context, &mut ledger);
    let terms = terms(&context, &mut ledger);
    withhold_marked(&mut context, &ties, &mut ledger);
    let judge = Judge {
        context: &mut context,
        ties: &ties,
        sites: &sites,
        terms: &terms,
        ledger: &mut ledger,
    };
    let seclusion = judge.judge();
    let workshop = Workshop {
        context: &context,
        ties: &ties,
        sites: &sites,
        terms: &terms,
        seclusion: &seclusion,
    };
    let (records, reports) = workshop.records(&mut ledger);
    let (records, origins) = records.into_iter().unzip();
    Converted {
        records,
        origins,
        reports,
        refused: ledger.refused,
        withheld: ledger.withheld,
        repaired: ledger.repaired,
    }
}

fn sites(context: &Context<'_>, ledger: &mut Ledger) -> HashMap<Ref, Site> {
    let locations = context.graph.objects(Entity::Location);
    locations
        .map(|(name, row)| (name.clone(), Site::of(context, name, row, ledger)))
        .collect()
}

fn terms(context: &Context<'_>, ledger: &mut Ledger) -> HashMap<Ref, Terms> {
    let kinds = [Entity::Organization, Entity::Location, Entity::Service];
    let objects = kinds.iter().flat_map(|kind| context.graph.objects(*kind));
    objects
        .map(|(name, _)| {
            let terms = Terms::of(context.graph, name, context.agency, ledger);
            (name.clone(), terms)
        })
        .collect()
}

/// Keeps back what its publisher marks; with an organization, all that it offers.
fn withhold_marked(context: &mut Context<'_>, ties: &Ties, ledger: &mut Ledger) {
    for entity in [Entity::Organization, Entity::Location, Entity::Service] {
        for (object, row) in context.graph.objects(entity) {
            if let Some(mark) = marks::withheld(row)
                && context.withheld.insert(object.clone())
            {
                ledger.withhold(row, &mark.field, Cause::new(mark.code, mark.reason));
            }
        }
    }
    let organizations: Vec<Ref> = context
        .graph
        .objects(Entity::Organization)
        .map(|(name, _)| name.clone())
        .filter(|name| context.withheld.contains(name))
        .collect();
    for organization in organizations {
        let parts = ties.parts_of(&organization);
        for part in parts {
            if let Some(row) = context.graph.row(part)
                && context.withheld.insert(part.clone())
            {
                ledger.withhold(row, "organization_id", organization_withheld());
            }
        }
    }
}

fn organization_withheld() -> Cause {
    Cause::new(
        "organization_withheld",
        "kept back: the organization it belongs to is kept back",
    )
}

#[cfg(test)]
pub(crate) mod tests;
