//! Values of the domain with every field filled now and then.

mod capacity;
mod catalog;
mod operation;
mod organization;
mod service;
mod words;

pub(crate) use capacity::report;
pub(crate) use catalog::record;
pub(crate) use operation::{change, epoch};
