//! `directory-server outcomes`: how referrals went, as published. It reads the data directory and asks nobody.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::Args;
use referral_core::feedback::{Outcome, Table};
use referral_core::tally::Week;
use referral_runtime::stdout::print;
use referral_runtime::table::{lines, table};

use super::DataArg;
use crate::export::{Form, outcomes};
use crate::operations::read_outcome_tables;

/// How referrals to services shown open went, as caseworkers said it, by kind of need, state and week. Only weeks that are
/// over are published, and only numbers of 11 and more that at least three organizations said of services of at least
/// three agencies; a dash is not told, and may be none.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  directory-server outcomes --data ./directory --week 2026-W47\n  directory-server outcomes --data ./directory --csv > outcomes.csv"
)]
pub(super) struct Outcomes {
    #[command(flatten)]
    data: DataArg,
    /// One week only, such as 2026-W47
    #[arg(long, value_name = "WEEK", value_parser = Week::parse)]
    week: Option<Week>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// Print CSV with HXL tags
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

impl Outcomes {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let mut tables = read_outcome_tables(&self.data.data)?;
        tables.retain(|week, _| self.week.is_none_or(|only| only == *week));
        let form = match (self.json, self.csv) {
            (true, _) => Some(Form::Json),
            (_, true) => Some(Form::Csv),
            _ => None,
        };
        let text = form.and_then(|form| outcomes(form, &tables));
        print(&text.unwrap_or_else(|| printed(&tables)))
    }
}

fn printed(tables: &BTreeMap<Week, Arc<Table>>) -> String {
    if tables.values().all(|table| table.cells.is_empty()) {
        return "no outcomes are published\n".to_owned();
    }
    let headings = ["week", "need", "state"].into_iter();
    let headings: Vec<&str> = headings.chain(Outcome::ALL.map(Outcome::as_str)).collect();
    let mut rows = table(&headings);
    for (week, table) in tables.iter().rev() {
        for (place, numbers) in &table.cells {
            let state = place.state.map(|state| state.to_string());
            let place = [week.to_string(), place.topic.to_string(), dash(state)];
            let numbers = numbers.map(|number| dash(number.map(|number| number.to_string())));
            rows.add_row(place.into_iter().chain(numbers));
        }
    }
    lines(&rows, 0)
}

fn dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".to_owned())
}
