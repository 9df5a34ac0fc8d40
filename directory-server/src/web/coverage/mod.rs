//! Pages of the task force: where people can be helped, where not, why, and what would change it.
//!
//! Start at [`routes`]. [`ask`] reads what is asked and makes the question; [`page`] shows the report with its map
//! and table, [`county`] one county, [`brief`] one page to print, [`trend`] the weeks. [`words`] says amounts.
//! Every page is made of a report and of nothing else.

mod ask;
mod brief;
mod chart;
mod choices;
mod county;
mod page;
#[cfg(test)]
pub(super) mod samples;
#[cfg(test)]
mod tests;
mod trend;
pub(super) mod words;
