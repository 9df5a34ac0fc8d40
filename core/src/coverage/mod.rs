//! Coverage: where people can be helped, where not, why, and what would change it.
//!
//! Start at [`report`](fn@report): one [`Question`], the [`Evidence`] of one moment ([`Demand`], [`Supply`], [`Ground`]), one
//! answer. Map, table, exports and the wire show that report and nothing else. Formulas and their
//! sources stand at the functions that compute them.
//!
//! Four rules hold everywhere. *Unknown is never zero*: what nobody knows widens the bounds of a [`Figure`], and is
//! counted apart. *None is its own value*: [`Amount::None`], never infinity. *The same evidence gives the same
//! bytes*: everything is summed in the order of codes and numbers. *Nobody is in it*: what counts searches comes
//! in published cells ([`crate::tally`]).

mod access;
mod alerts;
mod catchment;
mod column;
mod country;
mod cover;
mod dead_ends;
mod demand;
mod demand_rows;
mod evidence;
mod figure;
mod gather;
mod ground;
mod making;
mod measured;
mod method;
mod per_place;
mod placement;
mod pools;
mod query;
mod question;
mod report;
mod rows;
mod sphere;
mod supply;
mod together;
mod tree;
mod unplaced;
mod waiting;
mod ways;
mod weighted;
mod what_if;

#[cfg(test)]
mod tests;

pub use access::{Away, nearest_distances};
pub use alerts::{
    Alert, Lapsing, NOTICE_DAYS, Silence, dead_ends_rising, gone_silent, lapsing, last_open_gone,
};
pub use demand::{Demand, DemandPoint, DemandSource, InvalidDemand, People};
pub use demand_rows::{DemandRow, RefusedRow};
pub use evidence::Evidence;
pub use figure::{Amount, Figure, Quantity};
pub use gather::{Gathering, Reported, Whereabouts, matching};
pub use ground::{County, Ground, Rurality};
pub use making::report;
pub use placement::{Candidate, Placed, place_next};
pub use query::{InvalidMeasure, Measured, Query, RESIDENTS};
pub use question::{InvalidQuestion, Measure, Question, Ring, Rings};
pub use report::{
    Beyond, CountyRow, Dependence, Distances, Equity, Here, LanguageRow, Nearest, Provider, Report,
    SearchLine, StateRow, Summary, SupplyShares,
};
pub use supply::{Area, Areas, Organization, Places, Pool, Reach, Serving, Site, Standing, Supply};
pub use waiting::{Openings, Spell};
pub use what_if::{Addition, Change, what_if};
