//! `directory-server searches`: what was counted of searches, for the operator. It reads the data directory
//! and asks nobody; while the directory runs, the last five seconds may be missing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::Args;
use referral_core::geo::CountyFips;
use referral_core::tally::{Counts, Topic, Week};
use referral_gazetteer::gazetteer;
use serde_json::{Map, Value, json};

use super::DataArg;
use crate::tally::{SEARCHES, Sheet, read};

/// How many searches there were by need, county and week, and how they ended. A search that found something
/// open is in the column `open`; one that did not is in the column of what kept it from it. Counts of 1
/// to 10 are shown as <11.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  directory-server searches --data ./directory --week 2026-W47 --json"
)]
pub(super) struct Searches {
    #[command(flatten)]
    data: DataArg,
    /// One week only, such as 2026-W47
    #[arg(long, value_name = "WEEK", value_parser = Week::parse)]
    week: Option<Week>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl Searches {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let mut sheets = read(&self.data.data.join(SEARCHES))?;
        sheets.retain(|week, _| self.week.is_none_or(|only| only == *week));
        if self.json {
            println!("{}", document(&sheets));
        } else {
            print!("{}", table(&sheets));
        }
        Ok(())
    }
}

fn document(sheets: &BTreeMap<Week, Sheet>) -> Value {
    let cells = each(sheets).map(|(week, need, county, counts)| {
        let mut cell = Map::new();
        cell.insert("week".to_owned(), json!(week.to_string()));
        cell.insert("need".to_owned(), json!(need.to_string()));
        cell.insert("county".to_owned(), json!(county.map(|c| c.to_string())));
        for (ending, count) in counts.published() {
            cell.insert(ending.code().to_owned(), json!(count.to_string()));
        }
        Value::Object(cell)
    });
    json!({ "cells": cells.collect::<Vec<_>>() })
}

fn table(sheets: &BTreeMap<Week, Sheet>) -> String {
    let mut text = String::new();
    for (at, (week, need, county, counts)) in each(sheets).enumerate() {
        if at == 0 {
            let _infallible = write!(text, "{:<9} {:<12}", "week", "need");
            for (ending, _) in counts.published() {
                let _infallible = write!(text, " {:>11}", ending.code());
            }
            text.push_str("  county\n");
        }
        let _infallible = write!(text, "{:<9} {:<12}", week.to_string(), need.to_string());
        for (_, count) in counts.published() {
            let _infallible = write!(text, " {count:>11}");
        }
        let _infallible = writeln!(text, "  {}", named(county));
    }
    if text.is_empty() {
        text.push_str("no searches were counted\n");
    }
    text
}

fn each(
    sheets: &BTreeMap<Week, Sheet>,
) -> impl Iterator<Item = (Week, &Topic, Option<CountyFips>, &Counts)> {
    sheets.iter().flat_map(|(week, sheet)| {
        let cells = sheet.cells();
        cells.map(|(topic, county, counts)| (*week, topic, county, counts))
    })
}

fn named(county: Option<CountyFips>) -> String {
    let Some(fips) = county else {
        return "-".to_owned();
    };
    let known = gazetteer().county(fips);
    known.map_or_else(
        || fips.to_string(),
        |county| format!("{fips} {}, {}", county.name, county.state),
    )
}
