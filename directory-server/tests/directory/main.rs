//! The directory as agencies, caseworkers and operators meet it: real sockets, real certificates, real
//! files. One file for each part of `src/`; what they share is in `support`.

#[cfg(test)]
mod backup;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod enrolment;
#[cfg(test)]
mod federation;
#[cfg(test)]
mod feedback;
#[cfg(test)]
mod freshness;
#[cfg(test)]
mod hardening;
#[cfg(test)]
mod history;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod members;
#[cfg(test)]
mod people;
#[cfg(test)]
mod rebuild;
#[cfg(test)]
mod search;
#[cfg(test)]
mod serve;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod store;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tally;
#[cfg(test)]
mod warm;
#[cfg(test)]
mod watch;
#[cfg(test)]
mod web;
