//! `directory-server outcomes`: how referrals went, as published. It reads the data directory and asks nobody.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use clap::Args;
use referral_core::feedback::{Outcome, Table};
use referral_core::tally::Week;
use referral_runtime::stdout::print;

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
        print(&text.unwrap_or_else(|| table(&tables)))
    }
}

fn table(tables: &BTreeMap<Week, Arc<Table>>) -> String {
    let mut text = String::new();
    for (week, table) in tables.iter().rev() {
        for (place, numbers) in &table.cells {
            if text.is_empty() {
                let _infallible = write!(text, "{:<9} {:<8} {:<5}", "week", "need", "state");
                for outcome in Outcome::ALL {
                    let _infallible = write!(text, " {:>12}", outcome.as_str());
                }
                text.push('\n');
            }
            let state = place
                .state
                .map_or("-".to_owned(), |state| state.to_string());
            let (week, need) = (week.to_string(), place.topic.to_string());
            let _infallible = write!(text, "{week:<9} {need:<8} {state:<5}");
            for number in numbers {
                let number = number.map_or("-".to_owned(), |number| number.to_string());
                let _infallible = write!(text, " {number:>12}");
            }
            text.push('\n');
        }
    }
    if text.is_empty() {
        text.push_str("no outcomes are published\n");
    }
    text
}
