//! Coverage: reports of now and of the past, tables of demand, and how both are asked for.

mod commands;
mod demand;
mod past;
mod wire;

use referral_core::coverage::{Measured, Query};
use referral_core::search;

/// A question about bond hearings.
fn bond(measure: Measured) -> Query {
    Query {
        filter: search::Query {
            need: "lc:bond".to_owned(),
            ..search::Query::default()
        },
        measure,
        ..Query::default()
    }
}
