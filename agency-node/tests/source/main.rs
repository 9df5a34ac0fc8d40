//! From files to records: the readers of HSDS and of spreadsheets, each rule a claim.

mod support;

mod real_data;
